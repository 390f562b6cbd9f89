"""Each position of each plan: with one thing wrong, just the step that stands there speaks."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import Answer, Blocked, Done, Due, Failed, Reached, Recorded, Waiting
from bluegreen.flow.plans import sections
from bluegreen.targets.pair.model.actions import (
    Detach,
    EnterStandby,
    ExitStandby,
    Flip,
    Mark,
    PutPolicies,
    RemovePolicies,
    RemoveReleaseTags,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
    Unmark,
    Unprotect,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.fleet import AUTOSCALER, REBALANCE, TARGET_GROUP, Balancer, Instance, Scaling, Tag
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MARK, MOVE, ROLLBACK, TAKEN_UP, Picture, Release, Side
from bluegreen.targets.pair.plans.plan import PLANS, missing
from bluegreen.targets.pair.release_tags.written import KEYS, tags_of
from tests.support.values import BALANCER, NOW, activity, detached, fleet, group, look, machine, moment, release

TWO, PARKED = ("InService", "InService"), ("Standby", "Standby")
IDS = ("i-old-0", "i-old-1")
V0, V2 = {"tags": {"image": Tag("v0")}}, {"tags": {"image": Tag("v2")}}
RESTS = {"suspended": AUTOSCALER}
SILENT = {"suspended": AUTOSCALER | {REBALANCE}}
MARKED = {i: machine(i, bluegreen_retire="web:1") for i in IDS}
UNMARKED = {i: machine(i) for i in IDS}
PROTECTED = tuple(Instance(f"i-new-{n}", "InService", protected=True) for n in range(2))
KNOWN = release().write("old", min=1).write("old", min=2).write("new", min=1).write("new", min=2, max=0).written


TERMS = (
    "retire",
    "bake",
    "leaving",
    "alarms",
    "way",
    "copied",
    "told_at",
    "picture",
    "well_at",
    "best",
    "healthy_for",
    "launched_at",
    "processes",
)
API = Balancer(TARGET_GROUP, "api")
TWICE = {"balancers": frozenset({BALANCER, API})}
DEAD = {"best": {"old web": 2}, "well_at": NOW - 1.0}


def looked(goal: str, doors: str, old: Any, new: Any, health: Any = None, **more: Any) -> Look:
    """Return a look at a release that has passed ``doors``, with bounds that are all known as ours."""
    of = {key: more.pop(key) for key in TERMS if key in more}
    milestones = dict.fromkeys((*doors.split(), *more.pop("also", ())), NOW)
    made = release(goal=goal, milestones=milestones, written=KNOWN, **of)
    machines, alarms, scaling = more.pop("machines", {}), more.pop("firing", {}), more.pop("scaling", UNSET)
    told = more.pop("told", (goal, doors) in FIRST)
    if told:
        old, new = (attrs.evolve(one, tags={**one.tags, **tags(made, one.name)}) for one in (old, new))
    asked = {"machines": machines, "asked": frozenset(machines), "alarms": alarms, "scaling": scaling, "at": NOW}
    asked["activities"] = more.pop("activities", ())
    return look(fleet(old, new, health, **asked), made)


def old(*states: str, **changes: Any) -> Any:
    """Return the old group."""
    return group("old", *states, **changes)


def new(*states: str, **changes: Any) -> Any:
    """Return the new group."""
    return group("new", *states, **changes)


FIRST = {(DEPLOY, ""), (ROLLBACK, ""), (FINISH, "")}
"""Where the tags of both groups must tell of the release; at the end of a rollback and a finish they must not."""


def tags(of: Release, name: str) -> dict[str, Tag]:
    """Return the tags that tell of a release."""
    return {key: Tag(value, False) for key, value in tags_of(of)[name].items()}


def telling(goal: str) -> WriteReleaseTags:
    """Return what writes the tags of a release with ``goal``."""
    of = tags_of(release(goal=goal, written=KNOWN))
    return WriteReleaseTags(tuple((name, key, value) for name, told in of.items() for key, value in told.items()))


UNTOLD = RemoveReleaseTags(tuple((name, key) for name in ("old", "new") for key in KEYS if key != TAKEN_UP))

ILL = {"i-new-0": "unhealthy"}
UP = new(*TWO, min=2, **SILENT, **V2)
ARMED = new(*TWO, min=2, **V2)
FULL = new(*TWO, **V2)
HELD = old(*TWO, min=2)
EMPTY = old(*PARKED, **SILENT)
IDLE = old(max=0)
BACK_NEW = new(max=0, **RESTS, **V2)
WERE = {"activities": detached("old", *IDS)}
RETIRING = {"retire": IDS, **WERE}
UNPROTECT = Unprotect("new", ("i-new-0", "i-new-1"))
FIRES = {"well_at": NOW, "alarms": ("calm", "web-5xx"), "firing": {"calm": "OK", "web-5xx": "ALARM"}}
MARKING = Mark(IDS, MARK, "web:1")
POLICY = {"PolicyName": "down", "ScalingAdjustment": -1}
SETTINGS, NONE = Scaling(policies=(POLICY,)), Scaling()
UNSET = {"old": NONE, "new": NONE}
HAD = Picture(Side("old", 0, 10, 2, image="v1", policies=(POLICY,)), Side("new", 0, 0, 0, image="v0"))
MOVES = {"way": MOVE, "scaling": {"old": SETTINGS, "new": NONE}, "picture": HAD}
COPIED = {"way": MOVE, "scaling": {"old": SETTINGS, "new": SETTINGS}, "picture": HAD}
ADDED = {"way": MOVE, "copied": True, "told_at": NOW, "scaling": {"old": NONE, "new": SETTINGS}, "also": ("moving",)}
DELETED = MOVES
TAKEN = {"way": MOVE, "scaling": {"old": NONE, "new": SETTINGS}, "picture": HAD, "also": ("retiring",)}
LAUNCHED = {"launched_at": NOW}
NO_LAUNCH = {"suspended": frozenset({"Launch"})}
NEVER = {**LAUNCHED, "activities": (activity("new", "The AMI ID 'ami-0123' does not exist."),)}
SOON = {
    "scaling": {**UNSET, "old": Scaling(schedules=({"ScheduledActionName": "night", "StartTime": moment(NOW + 60)},))}
}

CHECKS = frozenset({"HealthCheck"})
UNCHECKED, SILENT_TOO = {"suspended": CHECKS}, {"suspended": AUTOSCALER | {REBALANCE} | CHECKS}
IDLE_UNCHECKED = {"picture": Picture(Side("old", 0, 10, 2, image="v1"), Side("new", 0, 0, 0, CHECKS, image="v0"))}
APPLIED = {
    "picture": Picture(Side("old", 0, 10, 2, AUTOSCALER, image="v1"), Side("new", 0, 0, 0, AUTOSCALER, image="v0")),
    "processes": dict.fromkeys(AUTOSCALER, False),
    "also": ("moving", "moved"),
}
"""Both autoscalers rested before the release, their owner resumed the one that serves, and an apply took that back."""

# The goal, the doors passed, old, new and what else; then the step that speaks and what it says.
# Each section begins with the look at which nothing is missing.
POSITIONS: list[tuple[Any, ...]] = [
    (DEPLOY, "", HELD, UP, {}, "", Reached),
    (DEPLOY, "", old(*TWO, min=2, max=9), UP, {}, "accept_edits", Recorded),
    (DEPLOY, "", old(*TWO, min=2, **UNCHECKED), UP, {}, "accept_suspensions", Recorded),
    (DEPLOY, "", HELD, UP, {"told": False}, "write_release_tags", telling(DEPLOY)),
    (DEPLOY, "", HELD, new(*TWO, min=2, **V2), {}, "disarm_coming_new", Suspend("new", AUTOSCALER | {REBALANCE})),
    (DEPLOY, "", HELD, UP, MOVES, "copy_settings", PutPolicies("new", (POLICY,))),
    (DEPLOY, "", old(*TWO, min=1), UP, {}, "hold_old", Resize("old", min=2)),
    (DEPLOY, "", HELD, new(**SILENT), {}, "set_image", TagGroup("new", "image", "v2")),
    (DEPLOY, "", HELD, new(**SILENT_TOO, **V2), IDLE_UNCHECKED, "resume_while_empty", Resume("new", CHECKS)),
    (DEPLOY, "", HELD, UP, FIRES, "require_no_alarm", Failed),
    (DEPLOY, "", HELD, new(*TWO, min=1, **SILENT, **V2), {}, "grow_new", Resize("new", min=2, max=10)),
    (DEPLOY, "", HELD, UP, {"health": ILL}, "await_new", Waiting),
    (DEPLOY, "", attrs.evolve(HELD, **TWICE), attrs.evolve(UP, **TWICE), DEAD, "pass_dead_by", Recorded),
    (DEPLOY, "", HELD, UP, {"healthy_for": 60.0}, "await_proof", Waiting),
    (DEPLOY, "moving", EMPTY, ARMED, {}, "", Reached),
    (DEPLOY, "moving", old(*PARKED, max=9, **SILENT), ARMED, {}, "accept_edits", Recorded),
    (DEPLOY, "moving", EMPTY, new(*TWO, min=2, **UNCHECKED, **V2), {}, "accept_suspensions", Recorded),
    (DEPLOY, "moving", EMPTY, new(*TWO, min=2), {}, "keep_new_image", TagGroup("new", "image", "v2")),
    (DEPLOY, "moving", EMPTY, ARMED, FIRES, "require_no_alarm", Failed),
    (DEPLOY, "moving", EMPTY, FULL, {}, "grow_new", Resize("new", min=2, max=10)),
    (DEPLOY, "moving", EMPTY, new("InService", desired=2, min=2, **V2), NEVER, "require_launches", Failed),
    (DEPLOY, "moving", EMPTY, UP, MOVES, "copy_settings", PutPolicies("new", (POLICY,))),
    (DEPLOY, "moving", HELD, UP, SOON, "await_quiet", Waiting),
    (DEPLOY, "moving", EMPTY, UP, {}, "arm_new", Resume("new", AUTOSCALER)),
    (DEPLOY, "moving", old(*PARKED, **RESTS), ARMED, {}, "disarm_old", Suspend("old", {REBALANCE})),
    (DEPLOY, "moving", old(*PARKED, min=2, **SILENT), ARMED, {}, "let_old_go", Resize("old", min=0)),
    (DEPLOY, "moving", old(*TWO, **SILENT), ARMED, {}, "park_old", EnterStandby("old", IDS)),
    (DEPLOY, "moving", EMPTY, ARMED, {"health": ILL}, "await_new", Waiting),
    (DEPLOY, "moving moved", EMPTY, FULL, {}, "", Reached),
    (DEPLOY, "moving moved", old(*PARKED, max=9, **SILENT), FULL, {}, "accept_edits", Recorded),
    (DEPLOY, "moving moved", EMPTY, new(*TWO), {}, "keep_new_image", TagGroup("new", "image", "v2")),
    (DEPLOY, "moving moved", EMPTY, FULL, FIRES, "require_no_alarm", Failed),
    (DEPLOY, "moving moved", EMPTY, FULL, {"picture": HAD}, "follow_demand", Resize("new", min=2, max=10)),
    (DEPLOY, "moving moved", EMPTY, new(*TWO, **RESTS, **V2), {}, "accept_suspensions", Waiting),
    (DEPLOY, "moving moved", EMPTY, new(*TWO, **RESTS, **V2), APPLIED, "arm_new", Resume("new", AUTOSCALER)),
    (DEPLOY, "moving moved", old(*PARKED, **RESTS), FULL, {}, "disarm_old", Suspend("old", {REBALANCE})),
    (DEPLOY, "moving moved", old(*PARKED, min=2, **SILENT), FULL, {}, "let_old_go", Resize("old", min=0)),
    (DEPLOY, "moving moved", old(*TWO, **SILENT), FULL, {}, "park_again", EnterStandby("old", IDS)),
    (DEPLOY, "moving moved", EMPTY, FULL, {"health": ILL}, "await_all", Waiting),
    (DEPLOY, "moving moved", EMPTY, FULL, {"bake": 60.0}, "await_bake", Waiting),
    (DEPLOY, "moving moved", EMPTY, ARMED, {}, "hand_over", Resize("new", min=0, max=10)),
    (ROLLBACK, "", HELD, BACK_NEW, {}, "", Reached),
    (ROLLBACK, "", old(*TWO, min=2, max=9), BACK_NEW, {}, "accept_edits", Recorded),
    (ROLLBACK, "", old("InService", "Standby", min=2, **NO_LAUNCH), BACK_NEW, {}, "require_fit_to_return", Blocked),
    (ROLLBACK, "", old(*TWO, "Standby", min=2), BACK_NEW, {}, "return_old", ExitStandby("old", ("i-old-2",))),
    (ROLLBACK, "", HELD, BACK_NEW, {"leaving": frozenset(IDS)}, "forget_what_stayed", Recorded),
    (ROLLBACK, "", HELD, BACK_NEW, {"told": False, **LAUNCHED}, "write_release_tags", telling(ROLLBACK)),
    (ROLLBACK, "", HELD, BACK_NEW, TAKEN, "return_settings", PutPolicies("old", (POLICY,))),
    (ROLLBACK, "", old(*TWO, min=2, **UNCHECKED), BACK_NEW, {}, "accept_suspensions", Recorded),
    (ROLLBACK, "", old(*TWO, min=2, **RESTS), BACK_NEW, {"also": ("moving",)}, "arm_old", Resume("old", AUTOSCALER)),
    (ROLLBACK, "", HELD, new(max=0, **V2), {}, "disarm_new", Suspend("new", AUTOSCALER)),
    (ROLLBACK, "", HELD, new(instances=PROTECTED, **RESTS), {}, "unprotect_new", UNPROTECT),
    (ROLLBACK, "", HELD, new(*TWO, **RESTS), {}, "shrink_new", Resize("new", min=0, max=0)),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V0), {}, "", Reached),
    (ROLLBACK, "back", old(*TWO, max=9), new(max=0, **V0), {}, "accept_edits", Recorded),
    (ROLLBACK, "back", old(*TWO, **RESTS), new(max=0, **V0), {}, "accept_suspensions", Waiting),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V0), ADDED, "bring_settings", PutPolicies("old", (POLICY,))),
    (ROLLBACK, "back", old(*TWO), new("InService", max=0, **V0), {}, "keep_new_disarmed", Suspend("new", AUTOSCALER)),
    (ROLLBACK, "back", old(*TWO), new(instances=PROTECTED, max=0, **RESTS, **V0), {}, "unprotect_new", UNPROTECT),
    (ROLLBACK, "back", old(*TWO), new("InService", max=0, **RESTS, **V0), {}, "empty_new", Waiting),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V0), {"picture": HAD}, "hold_demand", Resize("old", min=2, max=10)),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V0), {"health": {"i-old-0": "unhealthy"}}, "await_old", Waiting),
    (ROLLBACK, "back", old("InService", desired=1), new(max=0, **V0), {"machines": MARKED, "retire": IDS[1:], **WERE},
     "retire_or_keep", Terminate(IDS[1:])),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V0), {"machines": MARKED}, "unmark_returned", Unmark(IDS, MARK)),
    (ROLLBACK, "back", old(*TWO, **V0), new(max=0, **V0), {}, "keep_old_image", TagGroup("old", "image", "v1")),
    (ROLLBACK, "back", old(*TWO, min=2), new(max=0, **V0), COPIED, "strip_new", RemovePolicies("new", ("down",))),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V2), {}, "restore_tag", TagGroup("new", "image", "v0")),
    (ROLLBACK, "back", old(*TWO), new(max=0, **RESTS, **V0), {}, "restore_new", Resume("new", AUTOSCALER)),
    (ROLLBACK, "back", old(*TWO, min=2), new(max=0, **V0), {}, "restore_old", Resize("old", min=0, max=10)),
    (ROLLBACK, "back", old(*TWO), new(max=0, **V0), {"told": True}, "remove_release_tags", UNTOLD),
    (FINISH, "", EMPTY, FULL, {}, "", Reached),
    (FINISH, "", EMPTY, FULL, {"health": ILL}, "require_new_holds", Waiting),
    (FINISH, "", EMPTY, FULL, FIRES, "require_alarms_at_rest", Waiting),
    (FINISH, "", old(*PARKED, min=2, **SILENT), FULL, {}, "let_old_go", Resize("old", min=0)),
    (FINISH, "", old(*TWO, **SILENT), FULL, {}, "park_again", EnterStandby("old", IDS)),
    (FINISH, "", old("EnteringStandby", **SILENT), FULL, {}, "await_old_parked", Waiting),
    (FINISH, "", EMPTY, FULL, {"told": False}, "write_release_tags", telling(FINISH)),
    (FINISH, "", EMPTY, FULL, DELETED, "follow_deletions", Waiting),
    (FINISH, "retiring", IDLE, FULL, RETIRING, "", Reached),
    (FINISH, "retiring", old("Detaching"), FULL, {"health": ILL}, "require_new_still_holds", Waiting),
    (FINISH, "retiring", IDLE, new(*TWO), {}, "keep_new_image", TagGroup("new", "image", "v2")),
    (FINISH, "retiring", old(min=2), FULL, {}, "let_old_go", Resize("old", min=0)),
    (FINISH, "retiring", old(*TWO), FULL, {}, "park_again", EnterStandby("old", IDS)),
    (FINISH, "retiring", old("EnteringStandby"), FULL, {}, "await_old_parked", Waiting),
    (FINISH, "retiring", old(*PARKED), FULL, {}, "list_parked", Recorded),
    (FINISH, "retiring", old(*PARKED), FULL, {**RETIRING, "machines": UNMARKED}, "mark_parked", MARKING),
    (FINISH, "retiring", old(*PARKED), FULL, {**RETIRING, "machines": MARKED}, "detach_parked", Detach("old", IDS)),
    (FINISH, "retiring", IDLE, FULL, {**RETIRING, "machines": MARKED}, "retire_or_keep", Terminate(IDS)),
    (FINISH, "retiring", IDLE, FULL, {**RETIRING, **DELETED}, "follow_deletions", Waiting),
    (FINISH, "retiring", IDLE, FULL, {**RETIRING, **COPIED}, "strip_old", RemovePolicies("old", ("down",))),
    (FINISH, "retiring", IDLE, new(*TWO, **UNCHECKED, **V2), RETIRING, "accept_suspensions", Recorded),
    (FINISH, "retiring", IDLE, new(*TWO, **RESTS, **V2), RETIRING, "suspend_as_the_service", Resume("new", AUTOSCALER)),
    (FINISH, "retiring", old(), FULL, RETIRING, "leave_old_idle", Resize("old", min=0, max=0)),
    (FINISH, "retiring", IDLE, FULL, {**RETIRING, "told": True}, "remove_release_tags", UNTOLD),
]  # fmt: skip


def seen(goal: str, doors: str, one: Any, other: Any, more: Any) -> Look:
    """Return the look of a row."""
    return looked(goal, doors, one, other, **more)


def says(answer: Answer) -> Any:
    """Return the action that is due, or the kind of answer."""
    return answer.action if isinstance(answer, Due) else type(answer)


def first_to_speak(one: Look) -> str:
    """Return the name of the first step that something is missing for, in the section where the release stands."""
    steps = next(s for s, door in sections(PLANS[one.release.goal]) if not one.release.passed(door.name))
    return next((step.__name__ for step in steps if not isinstance(step(one), Done)), "")


@pytest.mark.parametrize(("goal", "doors", "one", "other", "more", "step", "expected"), POSITIONS)
def test_each_position_speaks_when_its_thing_is_wrong(goal, doors, one, other, more, step, expected) -> None:
    """Nothing else is missing, so that without the step the plan would go on over it."""
    at = seen(goal, doors, one, other, more)
    assert (expected, step) == (says(missing(at)), first_to_speak(at))


@pytest.mark.parametrize(
    ("goal", "doors", "one", "other", "expected"),
    [
        (DEPLOY, "moving", HELD, UP, Flip(Resume("new", AUTOSCALER), Suspend("old", AUTOSCALER | {REBALANCE}))),
        (
            ROLLBACK,
            "moving",
            old(*TWO, min=2, **RESTS),
            new(**V2),
            Flip(Resume("old", AUTOSCALER), Suspend("new", AUTOSCALER)),
        ),
    ],
)
def test_what_arms_one_side_disarms_the_other(goal, doors, one, other, expected) -> None:
    """Both are one action, so that nobody stops between them."""
    assert expected == says(missing(looked(goal, doors, one, other)))


def test_every_position_has_its_row() -> None:
    """A new step without a look at which it alone speaks fails here."""
    found = [(row[0], len(row[1].split()), row[5]) for row in POSITIONS if row[5]]
    wanted = [
        (goal, number, step.__name__)
        for goal, plan in PLANS.items()
        for number, (steps, _) in enumerate(sections(plan))
        for step in steps
    ]
    assert wanted == found

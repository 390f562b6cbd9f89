"""Each guard against its saboteur: an answer that does harm, made careful; and a right one, left as it is."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.flow import guards as of_any_plan
from bluegreen.flow.answers import DONE, Blocked, Due, Failed, Reached, Recorded, Unsure, Waiting
from bluegreen.flow.view import Seen
from bluegreen.targets.pair.model.actions import (
    EnterStandby,
    ExitStandby,
    PutAlarms,
    PutPolicies,
    PutSchedules,
    Register,
    RemoveAlarms,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.fleet import AUTOSCALER, TARGET_GROUP, Balancer, Scaling, Tag
from bluegreen.targets.pair.model.release import FINISH, MARK, MOVE, ROLLBACK
from bluegreen.targets.pair.plans.guards import at_all_times as guards
from bluegreen.targets.pair.plans.guards import claims
from bluegreen.targets.pair.plans.guards.in_charge import disowned, left_to_others
from bluegreen.targets.pair.plans.guards.vouching import agreeing_with_tags
from bluegreen.targets.pair.plans.plan import ALL_GUARDS
from bluegreen.targets.pair.release_tags.written import tags_of
from tests.support.values import BALANCER, NOW, again, detached, fleet, group, look, machine, release

TWO = ("InService", "InService")
SERVING = look(fleet(group("old", *TWO), group("new")), release())
BOTH = look(fleet(group("old", *TWO), group("new", *TWO)), release())
RETIRED = look(
    fleet(
        group("old"),
        group("new", *TWO),
        machines={"i-x": machine("i-x", bluegreen_retire="web:1")},
        asked={"i-x"},
        activities=detached("old", "i-x"),
    ),
    release(retire=("i-x",)),
)
SUNK = look(fleet(group("old", "Standby", "Standby"), group("new", *TWO), {"i-new-0": "unhealthy"}), release())
OURS = "web:19700101-000000-aaaa"
TAKEN = {key: Tag(value, False) for key, value in tags_of(release(id=OURS, take=1))["old"].items()}
ADOPTED = look(fleet(group("old", *TWO, tags=TAKEN), group("new", *TWO), at=NOW), release(id=OURS))
OLD_IDS = ("i-old-0", "i-old-1")
TWICE = frozenset({BALANCER, Balancer(TARGET_GROUP, "api")})
SICK_IN_API = {
    "web": dict.fromkeys((*OLD_IDS, "i-new-0", "i-new-1"), "healthy"),
    "api": dict.fromkeys(OLD_IDS, "healthy") | dict.fromkeys(("i-new-0", "i-new-1"), "unhealthy"),
}
DISAGREED = look(
    attrs.evolve(fleet(group("old", *TWO, balancers=TWICE), group("new", *TWO, balancers=TWICE)), health=SICK_IN_API),
    release(),
)
UNPROVEN = attrs.evolve(BOTH, release=release(healthy_for=60.0))
UNTOLD = look(fleet(group("old", *TWO), group("new", *TWO), {"i-new-0": "unknown"}), release())


PAGED = look(
    fleet(group("old"), group("new", *TWO), scaling={"old": Scaling(), "new": Scaling()}, acting={"pager": ("sns",)}),
    release(goal=FINISH, way=MOVE),
)


UNTOLD_OF = attrs.evolve(RETIRED, fleet=attrs.evolve(RETIRED.fleet, activities=detached("other", "i-x")))
"""Another group had it."""


V2 = {key: Tag(value, False) for key, value in tags_of(release(id=OURS))["new"].items()}
TOLD_OF_V2 = look(fleet(group("old"), group("new", tags=V2), at=NOW), release(id=OURS, image="v9"))
"""The tags say v2, the record v9."""


CAREFUL = {False: Waiting | Failed | Unsure, True: Blocked}
BLOCKING = (disowned, agreeing_with_tags, *claims.CLAIMS)


def due(action: object) -> Due:
    """Return an answer with ``action``."""
    return Due(action, "for a test", None)


SABOTEURS = [
    (of_any_plan.several_looks, Reached("moved", "at first sight"), BOTH),
    (of_any_plan.several_looks, Blocked("at first sight", "call somebody"), BOTH),
    (of_any_plan.several_looks, Recorded(release(), "at first sight", agreeing=3), BOTH),
    (of_any_plan.fresh, due(Resize("old", min=0)), attrs.evolve(BOTH, now=NOW + 9)),
    (of_any_plan.stalled, Waiting("for ever"), attrs.evolve(BOTH, taken=NOW + 9e9, now=NOW + 9e9)),
    (of_any_plan.stalled, due(Resize("old", min=1)), attrs.evolve(BOTH, taken=NOW + 9e9, now=NOW + 9e9)),
    (guards.floor_holds, due(EnterStandby("old", OLD_IDS)), SERVING),
    (guards.floor_holds, due(Resize("old", min=0, max=0)), SERVING),
    (guards.floor_holds, due(Resize("new", min=0, max=1)), look(fleet(group("old"), group("new", *TWO)), release())),
    (guards.floor_holds, due(EnterStandby("old", OLD_IDS)), DISAGREED),
    (guards.floor_holds, due(EnterStandby("old", ("i-old-0",))), DISAGREED),
    (guards.floor_holds, due(Resize("old", max=0)), DISAGREED),
    (guards.proven_first, due(EnterStandby("old", OLD_IDS)), UNPROVEN),
    (guards.proven_first, due(EnterStandby("old", ("i-old-0",))), UNPROVEN),
    (guards.unsure, Waiting("for health"), UNTOLD),
    (guards.only_listed_terminated, due(Terminate(OLD_IDS)), SERVING),
    (guards.only_listed_terminated, due(Terminate(("i-y",))), RETIRED),
    (guards.tag_only_when_empty, due(TagGroup("old", "image", "v9")), SERVING),
    (guards.pinned_before_armed, due(Resume("new", AUTOSCALER)), BOTH),
    (
        guards.one_side_armed,
        due(Suspend("old", AUTOSCALER)),
        look(fleet(group("old", *TWO), group("new", suspended=AUTOSCALER)), release()),
    ),
    (disowned, due(Resize("old", min=0)), ADOPTED),
    (disowned, Failed("it broke", at_once=True), ADOPTED),
    (claims.only_own_alarms_removed, due(RemoveAlarms("old", ("pager",))), again(PAGED)),
    (claims.only_seen_settings_put, due(PutAlarms("old", ({"AlarmName": "pager"},))), again(PAGED)),
    (claims.only_seen_settings_put, due(PutPolicies("old", ({"PolicyName": "odd"},))), again(PAGED)),
    (claims.only_seen_settings_put, due(PutSchedules("old", ({"ScheduledActionName": "odd"},))), again(PAGED)),
    (claims.only_former_members_terminated, due(Terminate(("i-x",))), again(UNTOLD_OF)),
    (agreeing_with_tags, due(TagGroup("new", "image", "v9")), again(TOLD_OF_V2)),
    (agreeing_with_tags, due(WriteReleaseTags((("new", "bluegreen:image", "v9"),))), again(TOLD_OF_V2)),
    (guards.sinking, Waiting("for better times"), again(SUNK)),
    (guards.overdue, Waiting("for ever"), attrs.evolve(SERVING, taken=NOW + 601, now=NOW + 601)),
]


@pytest.mark.parametrize(("guard", "harmful", "seen"), SABOTEURS)
def test_a_harmful_answer_is_made_careful(guard, harmful, seen) -> None:
    """A wrong plan's answer does not get past the guard that is there for it."""
    assert isinstance(guard(harmful, seen), CAREFUL[guard in BLOCKING])


@pytest.mark.parametrize(("guard", "harmful", "seen"), SABOTEURS)
def test_all_guards_together_stop_the_saboteur_too(guard, harmful, seen) -> None:
    """The order of the guards lets none of them be undone by a later one."""
    answer = harmful
    for one in ALL_GUARDS:
        answer = one(answer, seen)
    assert isinstance(answer, CAREFUL[guard in BLOCKING])


def test_every_guard_has_a_saboteur() -> None:
    """A new guard without its saboteur fails here."""
    assert {guard for guard, _, _ in SABOTEURS} == set(ALL_GUARDS)


@pytest.mark.parametrize("guard", ALL_GUARDS)
@pytest.mark.parametrize("answer", [DONE, Waiting("for health"), Failed("it broke", at_once=True)])
def test_careful_answers_pass(guard, answer) -> None:
    """A guard never makes an answer bolder or another one."""
    assert guard(answer, BOTH) == answer


RIGHT = [
    (due(EnterStandby("old", OLD_IDS)), BOTH),
    (
        due(EnterStandby("old", ("i-old-0",))),
        look(fleet(group("old", *TWO), group("new"), {"i-old-0": "unhealthy"}), release()),
    ),
    (due(Terminate(("i-x",))), RETIRED),
    (due(TagGroup("new", "image", "v2")), SERVING),
    (due(Resume("new", AUTOSCALER)), look(fleet(group("old", *TWO), group("new", *TWO, min=2)), release())),
    (due(Suspend("new", AUTOSCALER)), SERVING),
    (due(Resize("old", min=0)), BOTH),
]


BACK = attrs.evolve(ADOPTED, release=attrs.evolve(ADOPTED.release, goal=ROLLBACK))
RETURNING = (
    ExitStandby("old", ("i-old-0",)),
    Register(BALANCER, tuple(sorted(ADOPTED.old.ids))),
    Resize("old", min=ADOPTED.old.min + 2),
    Resize("old", max=ADOPTED.old.max + 2),
)


@pytest.mark.parametrize("action", RETURNING, ids=str)
def test_what_brings_old_back_is_nobody_elses_to_stop(action) -> None:
    """In a rollback, until old is back; unasked only of a deployment that failed, or where too few serve."""
    assert due(action) == disowned(due(action), BACK)
    assert isinstance(disowned(due(action), ADOPTED), Blocked)
    failed = attrs.evolve(BACK, release=attrs.evolve(BACK.release, reason="it broke"))
    ill = {"web": dict.fromkeys((*BACK.old.ids, *BACK.new.ids), "unhealthy")}
    needy = attrs.evolve(BACK.release, best={"old web": 2}, after_wave={"web": 2})
    sunk = attrs.evolve(BACK, fleet=attrs.evolve(BACK.fleet, health=ill), release=needy)
    assert [True, False, False] == [isinstance(left_to_others(due(action), x), Blocked) for x in (BACK, failed, sunk)]
    over = attrs.evolve(BACK, release=BACK.release.reach("back", NOW))
    assert isinstance(disowned(due(action), over), Blocked)


@pytest.mark.parametrize(
    ("doors", "old", "health", "turns"),
    [
        (("moving", "moved"), ("Standby", "Standby"), {}, True),
        (("moving",), ("Standby", "InService"), {"i-new-0": "unhealthy", "i-new-1": "unhealthy"}, True),
        (("moving",), ("Standby", "InService"), {}, False),
        (("moving", "moved"), TWO, {}, False),
    ],
    ids=["behind the switch", "too few serve", "time has passed", "old serves"],
)
def test_no_tag_keeps_a_deployment_that_fails_from_turning_back(doors, old, health, turns) -> None:
    """Where old is parked and may be needed; a deadline before the switch is for who is in charge."""
    tags, of = TAKEN, release(id=OURS, milestones=dict.fromkeys(doors, NOW), best={"old web": 2}, after_wave={"web": 2})
    one = look(fleet(group("old", *old, tags=tags), group("new", *TWO), health, at=NOW), of)
    failed = Failed("it broke", at_once=True)
    assert (failed == disowned(failed, one), isinstance(disowned(failed, one), Blocked)) == (turns, not turns)


@pytest.mark.parametrize(("bake", "waits"), [(600.0, True), (0.0, False)])
def test_what_must_not_be_done_ends_no_watch(bake, waits) -> None:
    """While the bake lasts new may fail, and old have to come back; then who is in charge goes on."""
    of = release(id=OURS, milestones={"moving": NOW, "moved": NOW}, best={"old web": 2}, bake=bake)
    one = look(fleet(group("old", "Standby", "Standby", tags=TAKEN), group("new", *TWO), at=NOW), of)
    assert isinstance(disowned(due(Resize("old", min=0)), one), Waiting if waits else Blocked)


@pytest.mark.parametrize(
    "action", [Resize("new", max=0), Resize("old", min=0, max=0), ExitStandby("new", ("i-new-0",))], ids=str
)
def test_what_takes_away_waits_for_who_is_in_charge(action) -> None:
    """Old comes back, and nothing else is done."""
    low = attrs.evolve(BACK.fleet.groups["old"], min=1)
    seen = attrs.evolve(BACK, fleet=attrs.evolve(BACK.fleet, groups={**BACK.fleet.groups, "old": low}))
    assert isinstance(disowned(due(action), seen), Blocked)


@pytest.mark.parametrize(("answer", "seen"), RIGHT)
def test_right_actions_pass_every_guard(answer, seen) -> None:
    """What a correct plan asks for is not held up."""
    passed = answer
    for guard in ALL_GUARDS:
        passed = guard(passed, seen)
    assert passed == answer


def test_an_instance_in_a_balancer_is_not_terminated() -> None:
    """Even listed, marked and detached, what a balancer knows is left alone."""
    seen = look(
        fleet(
            group("old"),
            group("new", *TWO),
            {"i-x": "draining"},
            machines={"i-x": machine("i-x", bluegreen_retire="web:1")},
        ),
        release(retire=("i-x",)),
    )
    assert isinstance(guards.only_listed_terminated(due(Terminate(("i-x",))), seen), Waiting)
    assert MARK == "bluegreen:retire"


@pytest.mark.parametrize("agreed", [0, 1, 2, 3])
def test_three_equal_looks_make_a_milestone(agreed) -> None:
    """The third equal look in a row is believed, not the first or second."""
    reached = Reached("moved", "no old instance serves")
    answer = of_any_plan.several_looks(reached, again(BOTH, reached, times=agreed))
    assert (answer == reached) == (agreed >= 2)


@pytest.mark.parametrize(
    ("between", "view", "believed"),
    [(Waiting("web to tell"), UNTOLD, True), (Waiting("for health"), BOTH, False), (Blocked("no", ""), UNTOLD, False)],
)
def test_a_look_that_was_not_told_enough_is_no_vote(between, view, believed) -> None:
    """With one read in five lost, three whole looks next to each other hardly ever come."""
    reached = Reached("moved", "no old instance serves")
    past = tuple(Seen(one, said) for one, said in ((view, between), (BOTH, reached), (view, between), (BOTH, reached)))
    assert believed == (reached == of_any_plan.several_looks(reached, attrs.evolve(BOTH, past=past)))


def test_a_planned_wait_is_not_a_lack_of_progress() -> None:
    """A bake may be longer than the progress deadline."""
    late = attrs.evolve(BOTH, now=NOW + 9e9, taken=NOW + 9e9)
    assert of_any_plan.stalled(Waiting("it bakes", until=NOW + 1e10), late) == Waiting("it bakes", until=NOW + 1e10)

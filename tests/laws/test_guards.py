"""Each condition of each guard: what makes it speak, and what it must not hold up."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow import guards as of_any_plan
from bluegreen.flow.answers import DONE, Answer, Blocked, Due, Failed, Reached, Recorded, Unsure, Waiting
from bluegreen.flow.limits import Pace
from bluegreen.flow.view import Seen
from bluegreen.targets.pair.model.actions import (
    Detach,
    EnterStandby,
    Flip,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
)
from bluegreen.targets.pair.model.fleet import ALARMS, AUTOSCALER, ENDING, PROCESSES, SCHEDULES, Tag
from bluegreen.targets.pair.model.proof import Witness
from bluegreen.targets.pair.model.release import FINISH, MARK, ROLLBACK
from bluegreen.targets.pair.plans.guards import at_all_times as guards
from bluegreen.targets.pair.release_tags.written import tags_of
from tests.support.values import NOW, again, fleet, group, look, machine, release

TWO = ("InService", "InService")
BOTH = look(fleet(group("old", *TWO), group("new", *TWO)), release())
OLD_IDS = ("i-old-0", "i-old-1")
STOPPED = (Waiting, Failed)


def due(action: object) -> Due:
    """Return an answer with ``action``."""
    return Due(action, "for a test", None)


def seen(old: Any, new: Any, health: Any = None, **of: Any) -> Any:
    """Return a look at two groups."""
    return look(fleet(old, new, health), release(**of))


def retired(
    old: Any = None, health: Any = None, tags: str = "web:1", retire: Any = ("i-x",), known: bool = True
) -> Any:
    """Return a look at a finish whose one instance was detached, and is in order."""
    marked = machine("i-x", **({"bluegreen_retire": tags} if tags else {}))
    machines = {"i-x": marked} if known else {}
    asked = frozenset({"i-x"})
    one = fleet(old or group("old"), group("new", *TWO), health, machines=machines, asked=asked)
    return look(one, release(goal=FINISH, retire=retire))


SICK_OLD = dict.fromkeys(OLD_IDS, "unhealthy")
PARKED = group("old", "Standby", "Standby")
HALF = {"i-new-1": "unhealthy"}
SUSPENDED = group("old", *TWO, suspended=AUTOSCALER)
DISARMED = group("new", suspended=AUTOSCALER)

UNTOLD = {"i-new-0": "unknown"}
OLD = group("old", *TWO)
HASTE: dict[str, Any] = {"goal": ROLLBACK, "urgent": True}
ALONE = {"new web": 2}
"""What new alone has had where old was never healthy."""


def proving(since: float, health: Any = None, **of: Any) -> Any:
    """Return a look at new instances that were first seen healthy ``since`` now, and need a minute of it."""
    memory = Witness(NOW, {("web", f"i-new-{n}"): NOW + since for n in range(2)})
    both = fleet(group("old", *TWO), group("new", *TWO), health)
    return look(both, release(healthy_for=60.0, **of), memory=memory)


ALLOWED = [
    (guards.floor_holds, EnterStandby("old", OLD_IDS), seen(group("old", *TWO), group("new"), SICK_OLD)),
    (guards.floor_holds, EnterStandby("old", ("i-old-0", "i-gone")), seen(group("old", *TWO), group("new", *TWO))),
    (guards.floor_holds, Resize("old", min=0, max=0), seen(group("old", *TWO), group("new"), SICK_OLD)),
    (guards.floor_holds, Resize("old", min=0, max=9), seen(group("old", *TWO), group("new"))),
    (guards.floor_holds, Resize("old", min=0), seen(group("old", *TWO), group("new"))),
    (guards.floor_holds, EnterStandby("old", ("i-old-0",)), seen(group("old", *TWO), group("new"), pace=Pace(50, 200))),
    (
        guards.floor_holds,
        Resize("new", min=0, max=0),
        seen(group("old", *TWO), group("new", *TWO, *TWO), goal=ROLLBACK, urgent=True, best=4),
    ),
    (guards.floor_holds, Resize("new", max=0), seen(PARKED, group("new", *TWO), best=ALONE, **HASTE)),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(-60.0)),
    (guards.proven_first, EnterStandby("old", ("i-old-0",)), proving(-60.0, {"i-new-1": "initial"})),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(0.0, SICK_OLD)),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(0.0, milestones={"moved": NOW})),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(0.0, goal=ROLLBACK)),
    (guards.proven_first, EnterStandby("new", ("i-new-0",)), proving(0.0)),
    (guards.unsure, EnterStandby("old", OLD_IDS), seen(group("old", *TWO), group("new", *TWO), UNTOLD)),
    (guards.unsure, Resize("new", min=3), seen(group("old", *TWO), group("new", *TWO), UNTOLD)),
    (guards.only_listed_terminated, Terminate(("i-x",)), retired()),
    (guards.tag_only_when_empty, TagGroup("new", "image", "v9"), seen(group("old", *TWO), group("new"))),
    (guards.tag_only_when_empty, TagGroup("new", "owner", "v9"), BOTH),
    (guards.tag_only_when_empty, TagGroup("old", "image", "v1"), BOTH),
    (guards.tag_only_when_empty, TagGroup("new", "image", "v2"), seen(group("old"), group("new", *TWO), launched_at=1)),
    (guards.pinned_before_armed, Resume("new", {SCHEDULES}), BOTH),
    (guards.pinned_before_armed, Resume("new", AUTOSCALER), seen(group("old", *TWO), group("new", *TWO, min=2))),
    (guards.pinned_before_armed, Resume("new", AUTOSCALER), seen(group("old", *TWO), group("new", "InService", min=1))),
    (
        guards.pinned_before_armed,
        Resume("new", AUTOSCALER),
        seen(group("old", *TWO), group("new", *["InService"] * 8, min=2), {f"i-new-{n}": "initial" for n in range(8)}),
    ),
    (guards.floor_holds, Resume("new", PROCESSES - ENDING), seen(PARKED, group("new", *TWO))),
    (guards.floor_holds, Resume("old", ENDING), seen(PARKED, group("new", *TWO))),
    (guards.one_side_armed, Suspend("old", AUTOSCALER), BOTH),
    (guards.one_side_armed, Suspend("new", AUTOSCALER), seen(SUSPENDED, group("new"))),
    (guards.one_side_armed, Suspend("old", {"AZRebalance"}), seen(group("old", *TWO), DISARMED)),
    (guards.one_side_armed, Suspend("old", AUTOSCALER), seen(SUSPENDED, group("new", suspended=AUTOSCALER))),
]  # fmt: skip

STOPS = [
    (guards.floor_holds, EnterStandby("old", OLD_IDS), seen(group("old", *TWO), group("new"))),
    (guards.floor_holds, EnterStandby("old", OLD_IDS), seen(group("old", *TWO), group("new", *TWO), HALF)),
    (guards.floor_holds, Detach("new", ("i-new-0",)), seen(group("old"), group("new", *TWO))),
    (guards.floor_holds, Terminate(("i-new-0",)), seen(group("old"), group("new", *TWO))),
    (guards.floor_holds, Resize("new", max=1), seen(group("old"), group("new", *TWO))),
    (guards.floor_holds, Resize("new", max=1), seen(PARKED, group("new", *TWO), goal=ROLLBACK, urgent=True)),
    (guards.floor_holds, EnterStandby("old", ("i-old-0",)), seen(OLD, group("new", "InService"), UNTOLD)),
    (guards.floor_holds, Resize("new", max=0), seen(group("old"), group("new", *TWO), UNTOLD, best=ALONE)),
    (guards.floor_holds, Resume("new", {"HealthCheck"}), seen(PARKED, group("new", *TWO))),
    (guards.floor_holds, Flip(Resume("new", {"Launch"}), Suspend("old", {ALARMS})), seen(PARKED, group("new", *TWO))),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(-59.9)),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(-60.0, {"i-new-1": "initial"})),
    (guards.proven_first, EnterStandby("old", OLD_IDS), proving(-60.0, UNTOLD)),
    (guards.proven_first, EnterStandby("old", ("i-old-0",)), proving(0.0)),
    (guards.only_listed_terminated, Terminate(("i-x",)), retired(retire=())),
    (guards.only_listed_terminated, Terminate(("i-x",)), retired(tags="")),
    (guards.only_listed_terminated, Terminate(("i-x",)), retired(tags="web:2")),
    (guards.only_listed_terminated, Terminate(("i-x",)), retired(known=False)),
    (guards.only_listed_terminated, Terminate(("i-x",)), retired(health={"i-x": "draining"})),
    (
        guards.only_listed_terminated,
        Terminate(("i-x",)),
        retired(old=attrs.evolve(group("old", "Standby"), instances=(attrs.evolve(PARKED.instances[0], id="i-x"),))),
    ),
    (guards.tag_only_when_empty, TagGroup("new", "image", "v9"), BOTH),
    (guards.tag_only_when_empty, TagGroup("old", "image", "v2"), BOTH),
    (guards.tag_only_when_empty, TagGroup("old", "image", "v9"), seen(PARKED, group("new", *TWO))),
    (guards.tag_only_when_empty, TagGroup("new", "image", "v2"), BOTH),
    (guards.pinned_before_armed, Resume("new", {ALARMS}), BOTH),
    (guards.pinned_before_armed, Resume("new", AUTOSCALER), seen(group("old", *TWO), group("new", *TWO, min=1))),
    (guards.one_side_armed, Suspend("old", {ALARMS}), seen(group("old", *TWO), group("new", suspended=AUTOSCALER))),
    (guards.one_side_armed, Suspend("new", {SCHEDULES}), seen(SUSPENDED, group("new", *TWO))),
    (
        guards.one_side_armed,
        Suspend("new", AUTOSCALER),
        seen(SUSPENDED, group("new", *TWO), {"i-new-0": "unknown", "i-new-1": "unknown"}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "action", "one"), ALLOWED)
def test_what_does_no_harm_is_not_held_up(guard, action, one) -> None:
    """A guard that stopped this would leave a deployment, or a rollback, standing for ever."""
    assert due(action) == guard(due(action), one)


@pytest.mark.parametrize(("guard", "action", "one"), STOPS)
def test_what_does_harm_is_stopped(guard, action, one) -> None:
    """Whatever plan asked for it, this is not done."""
    assert isinstance(guard(due(action), one), Waiting)


def test_what_the_service_itself_has_suspended_is_not_missed_on_the_other_side() -> None:
    """Where schedules rest for good, new with its alarms at work is armed: old may be disarmed."""
    side = attrs.evolve(release().picture.old, suspended=frozenset({SCHEDULES}))
    new = group("new", *TWO, suspended=frozenset({SCHEDULES}))
    of = release(picture=attrs.evolve(release().picture, old=side))
    tags = {key: Tag(value, False) for key, value in tags_of(of)["old"].items()}
    answer = due(Suspend("old", AUTOSCALER))
    told, untold = (look(fleet(group("old", *TWO, tags=one), new), of) for one in (tags, {}))
    assert answer == guards.one_side_armed(answer, told)
    assert isinstance(guards.one_side_armed(answer, untold), Waiting)


SUNK = seen(PARKED, group("new", *TWO), HALF, after_wave=2)


@pytest.mark.parametrize(
    ("one", "times", "sinks"),
    [
        (SUNK, 2, True),
        (SUNK, 1, False),
        (seen(group("old", "EnteringStandby", "EnteringStandby"), group("new", *TWO), HALF, after_wave=2), 2, True),
        (seen(PARKED, group("new", *TWO), HALF, after_wave=1), 2, False),
        (seen(PARKED, group("new", *TWO), HALF, after_wave=2, goal=ROLLBACK), 2, False),
        (seen(PARKED, group("new", *TWO), HALF, after_wave=2, goal=FINISH, milestones={"moved": 1.0}), 2, False),
        (seen(group("old", "InService"), group("new"), best=2, capacity=2, after_wave=2), 2, False),
        (seen(group("old", *TWO, desired=4), group("new"), best=4, after_wave=2), 2, False),
        (seen(PARKED, group("new", *TWO), after_wave=2), 2, False),
        (seen(PARKED, group("new", *TWO), {"i-new-0": "unknown"}, after_wave=2), 2, False),
        (seen(PARKED, group("new", *TWO), {"i-new-0": "unknown", "i-new-1": "unhealthy"}, after_wave=2), 2, True),
        (seen(PARKED, group("new", *TWO), HALF, after_wave=2, best=ALONE), 2, False),
    ],
)
def test_sinking(one, times, sinks) -> None:
    """Below the floor, and what the last wave left, for three looks with parked ones at hand: it goes back at once."""
    answer = guards.sinking(Waiting("for it"), again(one, times=times))
    assert (sinks, sinks) == (isinstance(answer, Failed), getattr(answer, "at_once", False))


@pytest.mark.parametrize(
    ("of", "later", "goes_back"),
    [
        ({}, 601.0, True),
        ({}, 600.0, False),
        ({"milestones": {"moving": 1.0}}, 601.0, True),
        ({"milestones": {"moving": 1.0, "moved": 2.0}}, 601.0, False),
        ({"goal": ROLLBACK}, 601.0, False),
        ({"goal": FINISH}, 601.0, False),
    ],
)
@pytest.mark.parametrize("answer", [Waiting("for it"), due(Resize("new", min=2))])
def test_overdue(of, later, goes_back, answer) -> None:
    """The total deadline ends a deployment before the switch; after it, and in other goals, it does not count."""
    late = look(BOTH.fleet, release(**of), at=NOW + later)
    assert goes_back == isinstance(guards.overdue(answer, late), Failed)


@pytest.mark.parametrize(
    ("answer", "goes_back"),
    [(Waiting("a night", until=NOW + 1e6), False), (Waiting("a drain", grace=9.0), True), (Waiting("for it"), True)],
)
def test_a_planned_wait_is_not_overdue(answer, goes_back) -> None:
    """A wait with an end goes on behind the total deadline; what it waits for has been granted."""
    late = look(BOTH.fleet, release(), at=NOW + 601.0)
    assert goes_back == isinstance(guards.overdue(answer, late), Failed)


def test_what_is_not_known_is_not_overdue() -> None:
    """No deadline runs while AWS does not tell."""
    late = look(fleet(group("old", *TWO), group("new", *TWO), UNTOLD), release(), at=NOW + 601.0)
    assert (WAIT, due(Resize("new", min=2))) == tuple(
        guards.overdue(one, late) for one in (WAIT, due(Resize("new", min=2)))
    )


def test_what_does_not_tell_is_named() -> None:
    """Who waits reads which balancer is silent, what is missing, and how to do without it."""
    answer = guards.unsure(Waiting("for health", agreed=(1, 3)), seen(group("old"), group("new", *TWO), UNTOLD))
    assert isinstance(answer, Unsure)
    assert ("web does not say whether instances are healthy; meanwhile: for health", True) == (
        answer.reason,
        "--without web" in answer.hint,
    )


@pytest.mark.parametrize("answer", [DONE, Reached("moved", "it moved"), Failed("it broke"), Blocked("odd", "look")])
def test_only_waiting_is_unsure(answer: Answer) -> None:
    """What no missing answer has to do with passes."""
    assert answer == guards.unsure(answer, seen(group("old", *TWO), group("new", *TWO), UNTOLD))


def several(answer: Answer, *before: Answer) -> bool:
    """Return whether an answer is believed after these earlier ones, newest first."""
    past = tuple(Seen(BOTH, earlier) for earlier in before)
    return of_any_plan.several_looks(answer, attrs.evolve(BOTH, past=past)) == answer


WAIT, MOVED, BACK = Waiting("for it"), Reached("moved", "it moved"), Reached("back", "it is back")
BROKE, NOW_BROKE, ODD = Failed("it broke"), Failed("too late", at_once=True), Blocked("odd", "look")
WISH, OTHER_WISH = Recorded(release(), "a wish", agreeing=3), Recorded(release(), "another", agreeing=3)


@pytest.mark.parametrize(
    ("answer", "before", "believed"),
    [
        (MOVED, (MOVED, MOVED), True),
        (MOVED, (MOVED,), False),
        (MOVED, (), False),
        (MOVED, (WAIT, MOVED, MOVED), False),
        (MOVED, (MOVED, WAIT, MOVED), False),
        (MOVED, (BACK, BACK), False),
        (BROKE, (BROKE, BROKE), True),
        (BROKE, (BROKE,), False),
        (BROKE, (), False),
        (NOW_BROKE, (), True),
        (ODD, (ODD, ODD), True),
        (ODD, (ODD,), False),
        (ODD, (WAIT, WAIT), False),
        (WISH, (WISH, WISH), True),
        (WISH, (WISH,), False),
        (WISH, (OTHER_WISH, OTHER_WISH), False),
        (attrs.evolve(WISH, agreeing=1), (), True),
        (due(Resize("old", min=0)), (), True),
        (WAIT, (), True),
        (DONE, (), True),
    ],
)
def test_how_many_looks_must_agree(answer, before, believed) -> None:
    """Doors, wishes, failures and blocks need three equal looks in a row; what can be taken back needs one."""
    assert believed == several(answer, *before)


@pytest.mark.parametrize(("age", "acts"), [(5.0, True), (5.1, False)])
def test_an_old_look_is_not_acted_on(age, acts) -> None:
    """A look of more than five seconds may show what is no longer so; it can still be waited on."""
    late = attrs.evolve(BOTH, now=NOW + age)
    assert (acts, True) == (of_any_plan.fresh(due(Resize("old", min=0)), late) == due(Resize("old", min=0)),
                            of_any_plan.fresh(WAIT, late) == WAIT)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "idle", "fails"),
    [
        (WAIT, 300.0, False),
        (WAIT, 300.1, True),
        (due(Resize("old", min=1)), 300.1, True),
        (due(Resize("old", min=1)), 300.0, False),
        (Waiting("for a drain", grace=100.0), 400.0, False),
        (Waiting("for a drain", grace=100.0), 400.1, True),
        (Waiting("it bakes", until=NOW), 1e9, False),
        (MOVED, 1e9, False),
        (WISH, 1e9, False),
    ],
)
def test_stalled(answer, idle, fails) -> None:
    """Waiting and acting in vain both end at the progress deadline; a drain has its grace, a planned wait its plan."""
    late = attrs.evolve(BOTH, taken=NOW + idle, now=NOW + idle)
    assert fails == isinstance(of_any_plan.stalled(answer, late), Failed)


@pytest.mark.parametrize(("rested", "fails"), [(NOW, True), (NOW + 100.0, False)])
def test_a_rest_begins_patience_anew(rested, fails) -> None:
    """After a bake, or a silence of AWS, there is as long as ever to go on."""
    late = attrs.evolve(BOTH, taken=NOW + 400.0, now=NOW + 400.0, rested=rested)
    assert fails == isinstance(of_any_plan.stalled(WAIT, late), Failed)


def test_what_stalled_says_leaves_out_how_many_looks_agreed() -> None:
    """A person reads what is missing, not how often it was seen."""
    late = attrs.evolve(BOTH, taken=NOW + 400.0, now=NOW + 400.0)
    careful = of_any_plan.several_looks(Reached("moved", "it moved"), late)
    assert Failed("no progress for 6 min 40 s, it moved", at_once=True) == of_any_plan.stalled(careful, late)


def test_the_mark_has_its_name() -> None:
    """The table above spells it."""
    assert "bluegreen:retire" == MARK


@pytest.mark.parametrize(("resting", "waits"), [({SCHEDULES}, False), (AUTOSCALER, True)])
def test_what_the_service_itself_has_suspended_makes_neither_side_disarmed(resting, waits) -> None:
    """Where schedules rest for good, the alarms alone are what is armed: on old until they are on new."""
    schedules = frozenset({SCHEDULES})
    side = attrs.evolve(release().picture.old, suspended=schedules)
    picture = attrs.evolve(release().picture, old=side)
    old, new = group("old", *TWO, suspended=schedules), group("new", *TWO, suspended=frozenset(resting))
    answer = guards.one_side_armed(due(Suspend("old", {ALARMS})), seen(old, new, picture=picture))
    assert waits == isinstance(answer, Waiting)


def test_a_process_that_rests_for_good_may_rest_again() -> None:
    """Schedules that somebody resumed on new meanwhile are suspended as they were: that disarms nobody."""
    side = attrs.evolve(release().picture.old, suspended=frozenset({SCHEDULES}))
    one = seen(group("old"), group("new", *TWO), picture=attrs.evolve(release().picture, old=side))
    answer = due(Suspend("new", {SCHEDULES}))
    assert answer == guards.one_side_armed(answer, one)

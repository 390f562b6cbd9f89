"""What the owner takes off the side that serves: when it is believed, and what follows from it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import DONE, Blocked, Done, Due, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair.model.actions import PutPolicies, RemoveAlarms, RemovePolicies, RemoveSchedules
from bluegreen.targets.pair.model.copies import named
from bluegreen.targets.pair.model.fleet import AUTOSCALER, Scaling, Tag
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, TWINS, Release
from bluegreen.targets.pair.model.seal import SEAL
from bluegreen.targets.pair.plans.asking import scaling_of
from bluegreen.targets.pair.plans.bringing import bring_settings
from bluegreen.targets.pair.plans.moving import copy_settings, return_settings, strip_new
from bluegreen.targets.pair.plans.owner import follow_deletions, has_flipped, still_twins
from tests.laws.test_moving import COPIES, NONE, OURS, TWO, kind, made, settings
from tests.support.values import NOW, again, fleet, group, look, moment

LATER = NOW + STALE + 1.0
FEWER = attrs.evolve(OURS, schedules=())
ALARMLESS = attrs.evolve(OURS, policies=({**OURS.policies[0], "Alarms": []},), alarms=())


def silent(old: Scaling, new: Scaling, of: Release, at: float = LATER, times: int = AGREEING - 1, **more: Any) -> Look:
    """Return so many looks and one more at new, which rests, and old, with the settings of both."""
    groups = group("old", *TWO), group("new", *TWO, suspended=more.pop("suspended", AUTOSCALER))
    return again(look(fleet(*groups, scaling={"old": old, "new": new}, at=at, **more), of, at), DONE, times)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (FEWER, COPIES, RemoveSchedules("new", ("s0",))),
        (ALARMLESS, COPIES, RemoveAlarms("new", ("a0-bluegreen",))),
        (attrs.evolve(NONE, schedules=OURS.schedules), COPIES, RemoveAlarms("new", ("a0-bluegreen",))),
        (attrs.evolve(NONE, schedules=OURS.schedules), attrs.evolve(COPIES, alarms=()), RemovePolicies("new", ("p0",))),
        (FEWER, attrs.evolve(COPIES, schedules=()), Recorded),
        (NONE, NONE, Recorded),
        (OURS, COPIES, Done),
    ],
)
def test_the_copies_follow_what_old_has(ours: Scaling, theirs: Scaling, expected: Any) -> None:
    """What old has no more goes from new, the alarms first; then the picture learns it."""
    answer = copy_settings(silent(ours, theirs, made(doors="moving", copied=True)))
    assert expected == kind(answer)
    if isinstance(answer, Recorded):
        assert (named(ours), AGREEING) == (named(scaling_of(answer.release.picture.old)), answer.agreeing)
        assert DONE == copy_settings(silent(ours, theirs, answer.release))


@pytest.mark.parametrize(
    ("at", "times", "of"),
    [(LATER, 1, {}), (NOW + STALE - 1.0, 2, {}), (LATER, 2, {"put_at": LATER - 1.0})],
    ids=["two looks", "a look as old as the release", "something was put just now"],
)
def test_an_absence_is_not_believed_at_once(at: float, times: int, of: dict[str, Any]) -> None:
    """Three looks must agree, and none may be as old as what was there."""
    answer = copy_settings(silent(FEWER, COPIES, made(doors="moving", copied=True, **of), at, times))
    assert isinstance(answer, Waiting)


def test_looks_that_differ_do_not_agree() -> None:
    """One of the last three looks showed it still."""
    now = silent(FEWER, COPIES, made(doors="moving", copied=True), times=0)
    seen = again(silent(OURS, COPIES, now.release, times=0)).past
    assert isinstance(copy_settings(attrs.evolve(now, past=seen)), Waiting)


def test_a_change_is_learned() -> None:
    """Put onto new first, then kept in the picture."""
    ours, theirs = (settings(of, alarm=alarm, Cooldown=9) for of, alarm in (("old", "a{}"), ("new", "a{}-bluegreen")))
    answer = copy_settings(silent(ours, theirs, made(doors="moving", copied=True)))
    assert isinstance(answer, Recorded)
    assert 9 == answer.release.picture.old.policies[0]["Cooldown"]


@pytest.mark.parametrize(
    ("doors", "suspended", "exempt", "expected"),
    [
        ("", frozenset(), frozenset(), False),
        ("moving", AUTOSCALER, frozenset(), False),
        ("moving", frozenset(), frozenset(), True),
        ("moving", AUTOSCALER, AUTOSCALER, False),
        ("moving moved", AUTOSCALER, AUTOSCALER, True),
        ("moving", frozenset({"ScheduledActions"}), frozenset({"ScheduledActions"}), True),
    ],
)
def test_which_side_is_the_owners(doors: str, suspended: Any, exempt: Any, expected: bool) -> None:
    """New's, once new is armed; what the service itself had suspended does not count."""
    of = made(doors=doors)
    of = attrs.evolve(of, picture=attrs.evolve(of.picture, old=attrs.evolve(of.picture.old, suspended=exempt)))
    assert expected == has_flipped(silent(OURS, COPIES, of, suspended=suspended))


def test_nothing_is_put_once_new_is_armed() -> None:
    """What is lacking on new then was taken off by its owner."""
    assert DONE == copy_settings(silent(OURS, NONE, made(doors="moving", copied=True), suspended=frozenset()))


JUST = dict.fromkeys(("moving", "moved"), LATER - 1.0)
"""The switch was a moment ago: what was put onto new before it may not be shown yet, whatever else is on record."""
SERVED = {"doors": "moving moved", "goal": ROLLBACK, "copied": True, "told_at": NOW}


@pytest.mark.parametrize(
    ("theirs", "of", "expected"),
    [
        (attrs.evolve(COPIES, schedules=()), {}, RemoveSchedules("old", ("s0",))),
        (attrs.evolve(COPIES, schedules=()), {"told_at": 0.0}, RemoveSchedules("old", ("s0",))),
        (attrs.evolve(COPIES, schedules=()), {"told_at": 0.0, "doors": "moving"}, Recorded),
        (attrs.evolve(COPIES, schedules=()), {"doors": "moving"}, RemoveSchedules("old", ("s0",))),
        (attrs.evolve(COPIES, schedules=()), {"doors": ""}, RemoveAlarms("new", ("a0-bluegreen",))),
        (attrs.evolve(COPIES, schedules=()), {"copied": False}, RemoveAlarms("new", ("a0-bluegreen",))),
        (attrs.evolve(COPIES, schedules=()), {"put_at": LATER - 1.0}, Waiting),
        (attrs.evolve(COPIES, schedules=()), {"milestones": JUST}, Waiting),
        (COPIES, {}, Recorded),
        (NONE, {}, RemoveAlarms("old", ("a0",))),
    ],
)
def test_a_rollback_follows_what_was_taken_off_new(theirs: Scaling, of: dict[str, Any], expected: Any) -> None:
    """What new had when it served and has no more goes from old; what we take off ourselves is no such thing."""
    assert expected == kind(strip_new(silent(OURS, theirs, made(**{**SERVED, **of}))))


@pytest.mark.parametrize(
    ("of", "expected"),
    [({}, PutPolicies), ({"put_at": LATER - 1.0}, Waiting), ({"milestones": JUST}, Waiting), ({"doors": ""}, Done)],
)
def test_a_rollback_follows_what_was_changed_on_new(of: dict[str, Any], expected: Any) -> None:
    """It is put onto old, once it cannot be what was there before the copies were made."""
    changed = settings("new", alarm="a{}-bluegreen", Cooldown=9)
    answer = bring_settings(silent(OURS, changed, made(**{**SERVED, **of})))
    assert expected is type(answer.action if isinstance(answer, Due) else answer)


@pytest.mark.parametrize(
    ("ours", "theirs", "of", "sealed", "expected"),
    [
        (OURS, COPIES, {}, True, Done),
        (OURS, attrs.evolve(COPIES, schedules=()), {}, True, RemoveSchedules("old", ("s0",))),
        (OURS, attrs.evolve(COPIES, policies=(), alarms=()), {}, True, RemoveAlarms("old", ("a0",))),
        (ALARMLESS, attrs.evolve(COPIES, policies=(), alarms=()), {}, True, RemovePolicies("old", ("p0",))),
        (OURS, NONE, {"put_at": LATER - 1.0}, True, Waiting),
        (OURS, NONE, {"milestones": JUST}, True, Waiting),
        (OURS, NONE, {}, False, Blocked),
        (OURS, NONE, {"copied": False}, True, Blocked),
        (NONE, NONE, {}, False, Done),
        (OURS, NONE, {"way": TWINS}, True, Done),
    ],
)
def test_a_finish_follows_what_was_taken_off_new(ours: Any, theirs: Any, of: Any, sealed: bool, expected: Any) -> None:
    """What new is known to have had goes from old; of what nobody knows that, a person is asked."""
    release = made(**{"doors": "moving moved deployed", "goal": FINISH, "copied": True, **of})
    at = silent(ours, theirs, release)
    tags = {SEAL: Tag("ab" * 16, False)} if sealed else {}
    groups = {name: attrs.evolve(one, tags={**one.tags, **tags}) for name, one in at.fleet.groups.items()}
    assert expected == kind(follow_deletions(attrs.evolve(at, fleet=attrs.evolve(at.fleet, groups=groups))))


def test_an_alarm_that_still_stands_stays_on_old() -> None:
    """Its policy was deleted on new; the alarm, which may do more than scale, was not."""
    at = silent(OURS, NONE, made(**SERVED), alarms={"a0-bluegreen": "OK"})
    assert RemovePolicies("old", ("p0",)) == kind(strip_new(at))


def test_a_finish_taken_back_returns_no_more_than_new_has() -> None:
    """Off old by the finish, off new by its owner: nobody has it, nobody gets it."""
    of = made(doors="moving moved retiring", goal=ROLLBACK)
    theirs = attrs.evolve(COPIES, schedules=())
    assert (Waiting, DONE) == (
        kind(return_settings(silent(FEWER, theirs, of, times=1))),
        return_settings(silent(FEWER, theirs, of)),
    )


@pytest.mark.parametrize(
    ("ours", "of", "more", "expected"),
    [
        (OURS, {}, {}, Done),
        (FEWER, {}, {}, Waiting),
        (settings("old", Cooldown=9), {}, {}, Waiting),
        (FEWER, {"doors": ""}, {}, Done),
        (FEWER, {"first": True}, {}, Done),
        (FEWER, {}, {"suspended": frozenset()}, Done),
    ],
)
def test_twins_must_be_twins_when_new_is_armed(ours: Scaling, of: Any, more: Any, expected: Any) -> None:
    """Until they are, new is not armed; without progress that ends in a rollback."""
    release = made(**{"doors": "moving", "way": TWINS, **of})
    assert expected is kind(still_twins(silent(ours, settings("new"), release, **more)))


def test_a_scheduled_action_that_has_run_makes_no_difference() -> None:
    """One that was for once runs on old and is gone there; on new, where it rested, it may still stand."""
    once = {"ScheduledActionName": "once", "StartTime": moment(NOW), "MinSize": 3}
    theirs = attrs.evolve(settings("new"), schedules=(*settings("new").schedules, once))
    at = silent(settings("old"), theirs, made(doors="moving", way=TWINS))
    assert DONE == still_twins(at)

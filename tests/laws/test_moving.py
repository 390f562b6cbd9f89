"""The steps that move settings, keep clear of scheduled actions, and let a minimum go."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bluegreen.flow.answers import DONE, Answer, Done, Due, Recorded, Unseen, Waiting
from bluegreen.targets.pair.model.actions import (
    PutAlarms,
    PutPolicies,
    PutSchedules,
    RemoveAlarms,
    RemovePolicies,
    RemoveSchedules,
    Resize,
)
from bluegreen.targets.pair.model.copies import named
from bluegreen.targets.pair.model.fleet import AUTOSCALER, Scaling
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.metering import EVALUATED
from bluegreen.targets.pair.model.more import NOTHING, More
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MOVE, ROLLBACK, TWINS, Bounds, Picture, Release, Side
from bluegreen.targets.pair.model.twins import NEAR, Names
from bluegreen.targets.pair.plans.asking import moved_names, moving, scaling_of
from bluegreen.targets.pair.plans.bringing import bring_settings
from bluegreen.targets.pair.plans.deploy import LOUD, await_quiet
from bluegreen.targets.pair.plans.guards.claims import only_seen_settings_put
from bluegreen.targets.pair.plans.moving import copy_settings, return_settings, strip_new, strip_old
from bluegreen.targets.pair.plans.owner import follow_deletions
from bluegreen.targets.pair.plans.steps import let_go
from tests.support.values import NOW, fleet, group, look, moment, release

MANY = hypothesis_settings(deadline=None, max_examples=40)
NONE, TWO = Scaling(), ("InService", "InService")


def arn(of: str, name: str) -> str:
    """Return the ARN of a policy of a group."""
    return f"arn:1:scalingPolicy:1:autoScalingGroupName/{of}:policyName/{name}"


def settings(of: str, count: int = 1, alarm: str = "a", **changes: Any) -> Scaling:
    """Return so many policies, alarms and scheduled actions of a group, each alarm called ``alarm`` and a number."""
    policies = [
        {
            "PolicyName": f"p{n}",
            "PolicyType": "SimpleScaling",
            "PolicyARN": arn(of, f"p{n}"),
            "Alarms": [{"AlarmName": alarm.format(n)}],
            **changes,
        }
        for n in range(count)
    ]
    alarms = [
        {"AlarmName": alarm.format(n), "AlarmActions": [arn(of, f"p{n}")], "StateValue": "OK"} for n in range(count)
    ]
    schedules = [{"ScheduledActionName": f"s{n}", "Recurrence": f"{n} 3 * * *"} for n in range(count)]
    return Scaling(tuple(policies), tuple(schedules), alarms=tuple(alarms))


OURS, COPIES = settings("old", alarm="a{}"), settings("new", alarm="a{}-bluegreen")


def made(ours: Scaling = OURS, doors: str = "", **of: Any) -> Release:
    """Return a release whose settings move."""
    old = Side("old", 0, 10, 2, policies=ours.policies, schedules=ours.schedules, alarms=ours.alarms)
    picture = Picture(old, Side("new", 0, 0, 0))
    milestones = dict.fromkeys(doors.split(), NOW)
    return release(**{"way": MOVE, "picture": picture, "milestones": milestones, **of})


def seen(old: Scaling | None, new: Scaling | None, of: Release | None = None, **more: Any) -> Look:
    """Return a look that shows the settings of both groups, or of one."""
    scaling = {name: one for name, one in (("old", old), ("new", new)) if one is not None}
    return look(
        fleet(group("old", *TWO), group("new", *TWO, suspended=AUTOSCALER), scaling=scaling, at=NOW, **more),
        of or made(),
    )


def kind(answer: Answer) -> Any:
    """Return the action that is due, or what kind of answer it is."""
    return answer.action if isinstance(answer, Due) else type(answer)


# ---- put onto new ----


def applied(action: Any, there: Scaling, group: str = "new") -> Scaling:
    """Return what AWS describes of a group after an action."""
    match action:
        case PutPolicies(of, policies):
            assert group == of
            new = tuple({**one, "PolicyARN": arn(of, str(one["PolicyName"])), "Alarms": []} for one in policies)
            return attrs.evolve(there, policies=(*there.policies, *new))
        case PutAlarms(of, alarms):
            assert group == of
            found = [*there.alarms, *({**one, "StateValue": "OK"} for one in alarms)]
            policies = [
                {**one, "Alarms": [a for a in found if one["PolicyARN"] in a["AlarmActions"]]} for one in there.policies
            ]
            return attrs.evolve(there, policies=tuple(policies), alarms=tuple(found))
        case PutSchedules(of, schedules):
            assert group == of
            return attrs.evolve(there, schedules=(*there.schedules, *schedules))
        case RemovePolicies(of, names):
            assert group == of
            return attrs.evolve(there, policies=tuple(p for p in there.policies if p["PolicyName"] not in names))
        case RemoveAlarms(of, names):
            assert group == of
            return attrs.evolve(there, alarms=tuple(a for a in there.alarms if a["AlarmName"] not in names))
        case RemoveSchedules(of, names):
            assert group == of
            left = tuple(s for s in there.schedules if s["ScheduledActionName"] not in names)
            return attrs.evolve(there, schedules=left)
    raise AssertionError(action)


@MANY
@given(st.integers(1, 60))
def test_all_is_put_in_as_many_calls_as_it_takes(count: int) -> None:
    """Policies first, then the alarms that act through them, then scheduled actions; then it is recorded, once."""
    ours, there, said = settings("old", count, "a{}"), NONE, []
    while isinstance(answer := copy_settings(seen(ours, there, made(ours))), Due):
        said.append(type(answer.action))
        there = applied(answer.action, there)
    assert said == [PutPolicies] * -(-count // 10) + [PutAlarms] * -(-count // 3) + [PutSchedules] * -(-count // 50)
    assert isinstance(answer, Recorded)
    assert answer.release == made(ours, copied=True)  # type: ignore[comparison-overlap]
    assert DONE == copy_settings(seen(ours, there, made(ours, copied=True)))
    assert named(there) == named(ours, Names("old", "new"))


@pytest.mark.parametrize(
    ("ours", "theirs", "of", "expected"),
    [
        (OURS, NONE, {"way": TWINS}, Done),
        (OURS, None, {}, Unseen),
        (None, NONE, {}, Unseen),
        (OURS, None, {"copied": True}, Done),
        (OURS, COPIES, {}, Recorded),
        (OURS, COPIES, {"copied": True}, Done),
        (NONE, NONE, {}, Recorded),
        (settings("old", alarm="a{}", Cooldown=9), COPIES, {"copied": True, "doors": "moving"}, PutPolicies),
        (OURS, attrs.evolve(COPIES, schedules=()), {"copied": True, "doors": "moving"}, PutSchedules),
        (OURS, attrs.evolve(COPIES, schedules=()), {"copied": True}, Done),
        (OURS, attrs.evolve(COPIES, alarms=()), {}, PutAlarms),
    ],
)
def test_what_is_missing_of_the_copies(ours: Any, theirs: Any, of: dict[str, Any], expected: Any) -> None:
    """Nothing is put blindly, what was there once is put again, and a change of old's is followed."""
    answer = copy_settings(seen(ours, theirs, made(**of)))
    assert expected is type(answer.action if isinstance(answer, Due) else answer)


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [
        (NONE, "new: put scaling policy p0 (not there yet)"),
        (settings("new", alarm="a{}-bluegreen", Cooldown=9), "new: put scaling policy p0 (it differs in Cooldown)"),
        (attrs.evolve(COPIES, alarms=()), "new: put alarm a0-bluegreen (not there yet)"),
        (attrs.evolve(COPIES, schedules=()), "new: put scheduled action s0 (not there yet)"),
    ],
)
def test_it_says_what_is_missing(theirs: Scaling, sentence: str) -> None:
    """The first setting that is lacking, and in which field."""
    assert sentence == copy_settings(seen(OURS, theirs)).reason


# ---- put back onto old ----


@pytest.mark.parametrize(
    ("old", "of", "expected"),
    [
        (NONE, {"doors": "retiring"}, PutPolicies),
        (attrs.evolve(OURS, alarms=()), {"doors": "retiring"}, PutAlarms),
        (attrs.evolve(OURS, schedules=()), {"doors": "retiring"}, PutSchedules),
        (OURS, {"doors": "retiring"}, Done),
        (NONE, {}, Done),
        (NONE, {"doors": "retiring", "way": TWINS}, Done),
        (None, {"doors": "retiring"}, Unseen),
    ],
)
def test_old_has_again_what_a_finish_took(old: Any, of: dict[str, Any], expected: Any) -> None:
    """A finish that is taken back puts what new has today of what the record lists, under old's own names."""
    answer = return_settings(seen(old, COPIES, made(goal=ROLLBACK, **of)))
    assert expected is type(answer.action if isinstance(answer, Due) else answer)


def test_what_comes_back_is_what_was() -> None:
    """Put back as new has it, old has what it had, whatever its policies' ARNs are by now."""
    ours, theirs, there = settings("old", 12, "a{}"), settings("new", 12, "a{}-bluegreen"), NONE
    while isinstance(answer := return_settings(seen(there, theirs, made(ours, "retiring", goal=ROLLBACK))), Due):
        there = applied(answer.action, there, "old")
    assert (Done, named(ours)) == (type(answer), named(there))


# ---- taken off ----


@MANY
@given(st.integers(1, 60), st.sampled_from([(strip_old, "old", FINISH), (strip_new, "new", ROLLBACK)]))
def test_all_is_taken_off_in_as_many_calls_as_it_takes(count: int, off: Any) -> None:
    """Alarms first, which fewer and fewer policies would tell of, then policies, then scheduled actions."""
    step, name, goal = off
    ours, theirs = settings("old", count, "a{}"), settings("new", count, "a{}-bluegreen")
    there, said = {"old": ours, "new": theirs}, []
    while isinstance(answer := step(seen(there["old"], there["new"], made(ours, goal=goal))), Due):
        said.append(type(answer.action))
        there[name] = applied(answer.action, there[name], name)
    assert said == [RemoveAlarms] * -(-count // 3) + [RemovePolicies] * -(-count // 10) + [RemoveSchedules] * -(
        -count // 50
    )
    assert (Done, NONE) == (type(answer), there[name])


SOME = st.frozensets(st.integers(0, 5))


def some(of: str, numbers: frozenset[int], alarm: str) -> Scaling:
    """Return the settings of a group with these numbers."""
    whole = settings(of, 6, alarm)
    kinds = {
        kind: tuple(getattr(whole, kind)[n] for n in sorted(numbers)) for kind in ("policies", "schedules", "alarms")
    }
    return Scaling(**kinds)


@MANY
@given(SOME.filter(bool), SOME, SOME, st.booleans())
def test_only_what_moved_is_taken_off(listed: Any, left: Any, others: Any, finishes: bool) -> None:
    """Nothing goes that neither the record lists nor the other side has: it is somebody else's."""
    step, name = (strip_old, "old") if finishes else (strip_new, "new")
    alarms = ("a{}", "a{}-bluegreen") if finishes else ("a{}-bluegreen", "a{}")
    here, there = some(name, left, alarms[0]), some("new" if finishes else "old", others, alarms[1])
    of = made(some("old", listed, "a{}"))
    while True:
        shown = (here, there) if finishes else (there, here)
        if not isinstance(answer := step(seen(*shown, of)), Due):
            break
        here = applied(answer.action, here, name)
    stayed = {policy["PolicyName"] for policy in here.policies}
    assert {f"p{n}" for n in left - (listed | others)} == stayed
    assert {f"s{n}" for n in left - (listed | others)} == {one["ScheduledActionName"] for one in here.schedules}
    assert {alarms[0].format(n) for n in left - (listed | others)} == {one["AlarmName"] for one in here.alarms}


@pytest.mark.parametrize(
    ("step", "old", "new", "of", "expected"),
    [
        (strip_old, OURS, COPIES, {"way": TWINS}, Done),
        (strip_new, OURS, COPIES, {"way": TWINS}, Done),
        (strip_old, None, COPIES, {}, Unseen),
        (strip_old, OURS, None, {}, Unseen),
        (strip_new, OURS, None, {}, Unseen),
        (strip_new, None, COPIES, {}, Unseen),
        (strip_old, NONE, COPIES, {}, Done),
        (strip_new, OURS, NONE, {}, Done),
    ],
)
def test_when_nothing_is_taken_off(step: Any, old: Any, new: Any, of: dict[str, Any], expected: Any) -> None:
    """Not from twins, not without having read both sides, and not what is not there."""
    assert expected == kind(step(seen(old, new, made(**of))))


@pytest.mark.parametrize(
    ("step", "alarms", "expected"),
    [
        (strip_old, {"a0": "OK"}, RemoveAlarms("old", ("a0",))),
        (strip_old, {"a0-bluegreen": "OK", "stranger": "ALARM"}, Done),
        (strip_new, {"a0-bluegreen": "OK"}, RemoveAlarms("new", ("a0-bluegreen",))),
        (strip_new, {"a0": "OK", "stranger": "ALARM"}, Done),
    ],
)
def test_alarms_whose_policies_are_gone_already(step: Any, alarms: dict[str, str], expected: Any) -> None:
    """No policy tells of them any more, so that they are looked up by the names that they had, and no others."""
    old, new = (NONE, COPIES) if step is strip_old else (OURS, NONE)
    assert expected == kind(step(seen(old, new, alarms=alarms)))


def test_what_is_looked_up() -> None:
    """While settings are put or taken off, both sides' are read, and the alarms that may be left over, at once."""
    both = moving(made())
    assert (("old", "new"), ("a0", "a0-bluegreen")) == (both.scaling, both.alarms)
    points: list[tuple[Any, Release, bool]] = [
        (copy_settings, made(), True),
        (copy_settings, made(copied=True), False),
        (copy_settings, made(doors="moving", copied=True), True),
        (copy_settings, made(NONE), False),
        (copy_settings, made(NONE, doors="moving"), True),
        (follow_deletions, made(goal=FINISH), True),
        (follow_deletions, made(NONE, goal=FINISH), False),
        (strip_old, made(goal=FINISH, doors="retiring"), True),
        (strip_new, made(goal=ROLLBACK, doors="back"), True),
        (return_settings, made(goal=ROLLBACK, doors="retiring"), True),
        (return_settings, made(goal=ROLLBACK), False),
        (bring_settings, made(goal=ROLLBACK, doors="moving back", copied=True, told_at=NOW), True),
    ]
    for step, of, asks in points:
        bare = attrs.evolve(seen(None, None, of).fleet, known=NOTHING)
        answer = step(look(bare, of))
        assert (moving(of) if asks else None) == (answer.question if isinstance(answer, Unseen) else None)


def test_no_alarm_is_put_over_one_that_was_not_read() -> None:
    """What its owner gave an alarm since the release began has a name that no look has asked for: it is asked first."""
    of, bare = made(attrs.evolve(OURS, alarms=())), attrs.evolve(COPIES, alarms=())
    whole = seen(OURS, bare, of)
    unread = attrs.evolve(whole, fleet=attrs.evolve(whole.fleet, known=moving(of)))
    due, asked = copy_settings(whole), copy_settings(unread)
    assert isinstance(due, Due)
    assert isinstance(asked, Unseen)
    assert (PutAlarms, More(alarms=("a0-bluegreen",))) == (type(due.action), asked.question)
    assert (due, Waiting) == (only_seen_settings_put(due, whole), type(only_seen_settings_put(due, unread)))


def test_names_on_either_side() -> None:
    """What moves is called as the record says on old, and as its copies on new."""
    assert (named(OURS), named(COPIES)) == (moved_names(made(), "old"), moved_names(made(), "new"))
    assert scaling_of(made().picture.old) == attrs.evolve(OURS, hooks=())


# ---- no flip near a scheduled action ----


@pytest.mark.parametrize(
    ("due", "later", "changes", "waits"),
    [
        (0.0, 0.0, {}, True),
        (NEAR - 1, 0.0, {}, True),
        (1 - NEAR, 0.0, {}, True),
        (NEAR, 0.0, {}, False),
        (-NEAR, 0.0, {}, False),
        (3600.0, 0.0, {}, False),
        (60.0, LOUD - 1.0, {}, True),
        (60.0, LOUD, {}, False),
        (60.0, 0.0, {"first": True}, False),
        (60.0, 0.0, {"health": {"i-old-0": "unhealthy", "i-old-1": "unhealthy"}}, False),
        (60.0, 0.0, {"health": {"i-old-0": "unhealthy"}}, True),
        (60.0, 0.0, {"suspended": frozenset()}, False),
        (60.0, 0.0, {"suspended": frozenset({"AlarmNotification"})}, True),
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_no_flip_near_a_scheduled_action(due: float, later: float, changes: Any, waits: bool, listed: bool) -> None:
    """Two minutes around it, on record or seen, for five minutes at most; not once armed, or with nothing to lose."""
    one = {"ScheduledActionName": "noon", "StartTime": moment(NOW + later + due)}
    action = Scaling(schedules=(one,))
    new = group("new", *TWO, suspended=changes.get("suspended", AUTOSCALER))
    shown = fleet(
        group("old", *TWO), new, changes.get("health"), scaling={"old": NONE if listed else action}, at=NOW + later
    )
    of = made(action if listed else NONE, "moving", first=changes.get("first", False))
    answer = await_quiet(look(shown, of, at=NOW + later))
    assert (Waiting if waits else Done) is type(answer)
    if isinstance(answer, Waiting):
        assert min(NOW + later + due + NEAR, NOW + LOUD) == answer.until


def test_the_last_of_several_is_waited_for() -> None:
    """Two that are due one after the other are waited for together."""
    two = [{"ScheduledActionName": f"{n}", "StartTime": moment(NOW + n)} for n in (10, 100, 3600)]
    shown = fleet(
        group("old", *TWO),
        group("new", *TWO, suspended=AUTOSCALER),
        scaling={"old": Scaling(schedules=tuple(two))},
        at=NOW,
    )
    answer = await_quiet(look(shown, made(doors="moving")))
    assert isinstance(answer, Waiting)
    assert NOW + 100 + NEAR == answer.until


# ---- a minimum is let go ----

SETTLE = 300.0
FIRING = Scaling(
    ({"PolicyName": "p", "TargetTrackingConfiguration": {}, "Alarms": [{"AlarmName": "low"}]},),
    alarms=({"AlarmName": "low", "StateValue": "ALARM", "ComparisonOperator": "LessThanThreshold"},),
)
SEEN = EVALUATED * SETTLE


@pytest.mark.parametrize(
    ("passed", "held", "scaling", "policies", "waits"),
    [
        (0.0, 2, NONE, True, True),
        (SEEN - 1, 2, NONE, True, True),
        (SEEN, 2, NONE, True, False),
        (SEEN, 2, FIRING, True, True),
        (SEEN, 2, None, True, True),
        (SETTLE - 1, 2, FIRING, True, True),
        (SETTLE, 2, FIRING, True, False),
        (SETTLE, 2, None, True, False),
        (0.0, 2, FIRING, False, False),
        (0.0, 1, FIRING, True, False),
        (0.0, 0, None, True, False),
    ],
)
@pytest.mark.parametrize("goal", [DEPLOY, ROLLBACK])
def test_when_a_minimum_is_let_go(
    passed: float, held: int, scaling: Any, policies: bool, waits: bool, goal: str
) -> None:
    """Once the alarms had time to see the load unshared, and none would scale in, or after five minutes."""
    shown = fleet(
        group("old"), group("new", *TWO, min=held), scaling={} if scaling is None else {"new": scaling}, at=NOW
    )
    of = made(FIRING if policies else NONE, goal=goal, stabilization=SETTLE)
    answer = let_go(look(shown, of, at=NOW + passed), shown.groups["new"], Bounds(1, 4), NOW, "why")
    unread = scaling is None and waits
    expected = Unseen if unread else Waiting if waits else Done if (held, 4) == (1, 10) else Resize("new", min=1, max=4)
    assert expected == kind(answer)
    if isinstance(answer, Waiting):
        assert NOW + (SEEN if passed < SEEN else SETTLE) == answer.until


def test_what_the_minimum_does_not_hold_is_let_go_at_once() -> None:
    """A group that wants no more than its own minimum is held up by nothing of ours."""
    shown = fleet(group("old"), group("new", *TWO, min=2), scaling={"new": FIRING}, at=NOW)
    answer = let_go(look(shown, made(FIRING)), shown.groups["new"], Bounds(2, 4), NOW, "why")
    assert Resize("new", min=2, max=4) == kind(answer)

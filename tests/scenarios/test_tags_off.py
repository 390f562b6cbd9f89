"""The tags of a finish that was cut off are taken off: a rollback brings back what is parked, and retires nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import FINISH, ID, SEAL
from bluegreen.targets.pair.release_tags.written import KEYS
from tests.scenarios.test_sealed_again import blocked, current, resting, sicken, told
from tests.support.hands import TYPED, obey, type_in
from tests.support.moments import once
from tests.support.story import Crash
from tests.support.virtual import BLUE, GREEN, Pair, virtual


def half_finished(when: Callable[[Pair], bool] = lambda pair: current(pair).goal == FINISH) -> Pair:
    """Return a pair whose finish was cut off, as early as can be, and of which no tag tells any more."""
    pair = resting()
    pair.service(bake=100.0, stop=lambda: 15 if pair.release and when(pair) else None).finish()
    bare(pair)
    return pair


def bare(pair: Pair) -> None:
    """Take all tags of a release off, as whoever may write them can, or an apply that knows none of them."""
    for group in pair.sim.groups.values():
        for key in KEYS:
            group.tags.pop(key, None)


def ended(pair: Pair, ids: list[str]) -> set[str]:
    """Return those that run no more."""
    found = pair.sim.call("ec2", "DescribeInstances", {"InstanceIds": ids})["Reservations"]
    states = {row["InstanceId"]: row["State"]["Name"] for one in found for row in one["Instances"]}
    return {one for one, state in states.items() if state != "running"}


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("half", [False, True])
def test_what_is_parked_comes_back_though_no_tag_tells_of_the_finish(half: bool, urgent: bool) -> None:
    """Nothing of new is healthy any more: whatever of old is still parked serves, and a person puts the tag."""
    pair = half_finished()
    if half:
        one = sorted(pair.sim.states(BLUE))[:1]
        parameters = {"AutoScalingGroupName": BLUE, "InstanceIds": one, "ShouldDecrementDesiredCapacity": False}
        pair.sim.call("autoscaling", "DetachInstances", parameters)
    sicken(pair)
    pair.run_for(30)
    _, sentence, hint = blocked(told(lambda: pair.service(bake=100.0).rollback(urgent=urgent)))
    assert (True, 1 if half else 2) == ("no tag of web-blue" in sentence, len(pair.sim.healthy(BLUE))), sentence
    obey(pair, hint.split("; otherwise")[0], bake=100.0)
    end = told(lambda: pair.service(bake=100.0).rollback(urgent=urgent))
    assert end is not None
    assert (Status.OK, 1 if half else 2, None) == (end[0], len(pair.sim.healthy(BLUE)), pair.release), end


@pytest.mark.parametrize("what", [SEAL, ID])
def test_a_rollback_retires_nothing_that_is_parked_whatever_tag_comes_back(what: str) -> None:
    """While it looks for the tags of the finish one is put: the parked instances serve, and all of them run."""
    pair = half_finished()
    pair.run_for(60)
    parked, at = list(pair.sim.states(BLUE)), pair.clock.now() + 10

    def put() -> None:
        pair.sim.groups[GREEN].tags[what] = (current(pair).id if what == ID else "x", False)

    once(pair, lambda _: pair.clock.now() > at, put)
    end = told(lambda: pair.service(bake=100.0).rollback())
    assert (set(), 2) == (ended(pair, parked), len(pair.sim.healthy(BLUE))), end


@pytest.mark.parametrize("value", ["", "x", "0" * 32])
def test_a_seal_that_is_nobodys_tells_of_no_release(value: str) -> None:
    """A person's `resume` of a finish that no tag names retires nothing for a seal that is put while it looks."""
    pair = half_finished()
    pair.run_for(60)
    parked, at = list(pair.sim.states(BLUE)), pair.clock.now() + 10

    def put() -> None:
        pair.sim.groups[GREEN].tags[SEAL] = (value, False)

    once(pair, lambda _: pair.clock.now() > at, put)
    blocked(told(lambda: pair.service(bake=100.0).resume()))
    assert (set(), 2) == (ended(pair, parked), len(pair.sim.states(BLUE)))


def test_a_finish_of_which_only_its_end_is_not_on_record_is_ended_by_a_rollback() -> None:
    """Its tags are off, since it took them off itself, and nothing of old is there: the image before is deployed."""
    pair, off = resting(), []

    def stop() -> int | None:
        return 15 if off else None

    def note(call: Call) -> None:
        if call.operation == "DeleteTags" and pair.release is not None and pair.release.passed("retiring"):
            off.append(call)

    pair.sim.faults.before.append(note)
    pair.service(bake=100.0, stop=stop).finish()
    pair.sim.faults.before.remove(note)
    assert (1, True, {}) == (len(off), current(pair).open, pair.sim.states(BLUE))
    end = told(lambda: pair.service(bake=0.0).rollback())
    assert end is not None
    assert (Status.OK, {"v1"}) == (end[0], pair.images(BLUE)), end


def test_a_seal_that_was_left_is_no_dead_end() -> None:
    """A release was closed by hand, its seal was left, and the next deployment is killed before its tags: the hint."""
    pair = virtual(instances=2)
    for group in pair.sim.groups.values():
        group.tags[SEAL] = ("0" * 32, False)
    pair.sim.faults.before.append(killed)
    with pytest.raises(Crash):
        pair.service().deploy("v2")
    pair.sim.faults.before.clear()
    pair.run_for(120)
    _, _, hint = blocked(told(lambda: pair.service().resume()))
    for command in TYPED.findall(hint.partition("; if the tags are")[0]):
        if command.startswith("aws "):
            type_in(pair, command)
    assert (Status.ROLLED_BACK, None) == (pair.service().resume().status, pair.release)
    assert Status.OK == pair.service().deploy("v2").status


def killed(call: Call) -> None:
    """End the process before it writes a tag."""
    if call.operation == "CreateOrUpdateTags":
        raise Crash

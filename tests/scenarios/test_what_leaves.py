"""What leaves, comes back or is changed by others while a release has other things to do."""

from __future__ import annotations

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.targets.seam.finding import REFUSED
from tests.support.hands import COMMAND, edit, in_balancers, type_in
from tests.support.moments import once
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

HOUR = 3600
BAKE = {"bake": 120.0, "progress_deadline": 120.0, "deadline": 900.0}


def reached(pair: Pair, milestone: str) -> bool:
    """Whether the open release has reached ``milestone``."""
    return pair.release is not None and pair.release.passed(milestone)


def slow_to_end(pair: Pair, seconds: int = HOUR) -> None:
    """Let a hook hold whatever ends, as AWS does by default for an hour."""
    for name in (BLUE, GREEN):
        hook = {"AutoScalingGroupName": name, "LifecycleHookName": "backup", "HeartbeatTimeout": seconds}
        transition = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "DefaultResult": "CONTINUE"}
        pair.sim.call("autoscaling", "PutLifecycleHook", {**hook, **transition})


def test_a_hook_of_an_hour_does_not_keep_a_rollback_from_its_end() -> None:
    """Old serves alone, so 3, and its bounds are its own (gitlab-runner PR 1117, terraform 12298)."""
    pair = virtual(instances=3, minimum=1)
    slow_to_end(pair)
    watch, before = Watch(pair, 3), pair.picture()
    ended = pair.service().deploy("bad-2")
    assert (Status.ROLLED_BACK, None) == (ended.status, pair.release)
    assert (3, []) == (len(pair.sim.states(GREEN)), watch.broken)
    assert [] == unlike(before, pair.picture())


def test_what_still_ends_is_not_in_the_way_of_the_next_deployment() -> None:
    """Beside Terminating:Wait the tag may change: it launches nothing (gitlab-runner PR 1117)."""
    pair = virtual(instances=3, minimum=1)
    slow_to_end(pair)
    watch = Watch(pair, 3)
    pair.service().deploy("bad-2")
    assert pair.service().cleanup() is None
    ended = pair.service().deploy("v3")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)
    assert Status.OK == pair.service().finish().status
    pair.run_for(HOUR)
    assert {} == left_over(pair)


@pytest.mark.parametrize("state", ["Terminating:Retained", "Quarantined"])
def test_what_does_not_end_by_itself_is_refused_first_with_the_command(state: str) -> None:
    """A hook that was abandoned leaves it for ever (PrairieLearn PR 15586): no deployment waits for that."""
    pair = virtual(instances=3, minimum=1, idle_maximum=1)
    edit(pair, GREEN, MinSize=1)
    pair.run_for(20)
    (one,) = pair.sim.states(GREEN)
    pair.sim.groups[GREEN].members[one].state = state
    in_balancers(pair, GREEN, [one], registered=False)
    edit(pair, GREEN, MinSize=0, DesiredCapacity=0, MaxSize=0)
    pair.run_for(60)
    told = f"{one} of {GREEN} is {state}, which does not end by itself"
    with pytest.raises(Refused, match=told) as refused:
        pair.service().deploy("v2")
    (found,) = [finding for finding in pair.service().check() if finding.level == REFUSED]
    assert (told, {GREEN: {one: state}}) == (found.sentence, {GREEN: pair.sim.states(GREEN)})
    for command in COMMAND.findall(refused.value.hint):
        type_in(pair, command)
    pair.run_for(60)
    assert ({}, Status.OK) == (pair.sim.states(GREEN), pair.service().deploy("v2").status)


@pytest.mark.parametrize("hook", [0, 600])
def test_a_minimum_of_old_that_is_raised_in_the_bake_costs_no_deployment(hook) -> None:
    """An apply puts blue's minimum back: what it launches is parked, and v2 stays."""
    pair = virtual(instances=4, minimum=4)
    watch = Watch(pair, 4)

    def apply() -> None:
        pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": BLUE, "MinSize": 4})

    once(pair, lambda _: reached(pair, "moved"), lambda: pair.sim.world.later(20.0, lambda world: apply()))
    ended = pair.service(**BAKE).deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)
    assert Status.OK == pair.service().finish().status
    pair.run_for(120)
    assert {} == left_over(pair)


def test_what_is_protected_and_comes_into_service_after_back_goes_too() -> None:
    """New instances that booted on are protected by their group: they must not stay in the balancer for ever."""
    pair = virtual(instances=3, NewInstancesProtectedFromScaleIn=True)
    for name in (GREEN,):
        hook = {"AutoScalingGroupName": name, "LifecycleHookName": "warm", "HeartbeatTimeout": 40}
        transition = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "DefaultResult": "CONTINUE"}
        pair.sim.call("autoscaling", "PutLifecycleHook", {**hook, **transition})
    watch = Watch(pair, 3)
    pair.sim.fail_launches(GREEN, count=0)
    once(pair, lambda _: bool(pair.sim.states(GREEN)), lambda: pair.sim.world.later(30.0, lambda world: None))
    stopped: list[int] = []

    def stop() -> int | None:
        arriving = [state for state in pair.sim.states(GREEN).values() if state == "Pending:Wait"]
        if arriving and not stopped:
            stopped.append(2)
        return stopped[0] if stopped else None

    pair.service(stop=stop).deploy("v2")
    assert Status.OK == pair.service().rollback().status
    pair.run_for(300)
    assert ([BLUE], [], {}) == (colours_serving(pair), watch.broken, left_over(pair))

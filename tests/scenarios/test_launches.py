"""Launches of the new side that can never succeed end a deployment, whichever words AWS has for it."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.flow.limits import Pace
from bluegreen.simulator.ec2.faults import NO_IMAGE
from tests.support.hands import asked
from tests.support.moments import once
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, left_over

PROFILE = "Value (ops) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name."
PATIENT = {"progress_deadline": 3000.0, "deadline": 9000.0, "look_every": 5.0}


def launches(pair: Pair) -> int:
    """Return how many instances of green were launched, or tried to be."""
    found = pair.sim.call("autoscaling", "DescribeScalingActivities", {"AutoScalingGroupName": GREEN})["Activities"]
    return sum(activity["Description"].startswith("Launching") for activity in found)


def taken_back(pair: Pair, words: str, **settings: Any) -> None:
    """Deploy v2, and see that it is taken back with ``words`` long before its deadlines, blue as it was."""
    before, watch, began = pair.picture(), Watch(pair, 2), pair.clock.now()  # fewer than it has: a pace may take some
    ended = pair.service(**{**PATIENT, **settings}).deploy("v2")
    assert (Status.ROLLED_BACK, True) == (ended.status, words in ended.sentence)
    assert (True, []) == (pair.clock.now() - began < 900.0, watch.broken)
    assert ([], {}) == (unlike(before, pair.picture()), left_over(pair))


def test_a_failure_that_nobody_knows_is_waited_for_three_times() -> None:
    """An instance profile that does not exist is refused with each try; AWS would try for a day.

    Source: aec, pull request 411.
    """
    pair = virtual(instances=2)
    pair.sim.fail_launches(GREEN, PROFILE)
    taken_back(pair, f"web-green cannot launch, 3 times in a row: {PROFILE}")


def test_a_failure_that_passes_costs_nothing() -> None:
    """A profile made just now is known everywhere a minute later.

    Source: hashicorp/terraform-provider-aws 29866.
    """
    pair = virtual(instances=2)
    pair.sim.fail_launches(GREEN, PROFILE, count=2)
    assert Status.OK == pair.service(**PATIENT).deploy("v2").status


def test_a_launch_hook_that_lets_go_of_every_instance() -> None:
    """Whatever completes the hook never says CONTINUE: after three rounds it is enough.

    Source: moonshot 7, 43 launches in 25 minutes.
    """
    pair = virtual(instances=2)
    hook = {"LifecycleHookName": "ready", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    for group in (BLUE, GREEN):
        asked(pair, "PutLifecycleHook", group, **hook, HeartbeatTimeout=35, DefaultResult="ABANDON")
    taken_back(pair, "web-green cannot launch, 3 times in a row: Instance failed to complete user's Lifecycle Action")
    assert launches(pair) <= 2 * 4


def test_a_slow_hook_is_no_failure() -> None:
    """Each launch waits in its hook for ten minutes, and comes up."""
    pair = virtual(instances=2)
    hook = {"LifecycleHookName": "warm", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    for group in (BLUE, GREEN):
        asked(pair, "PutLifecycleHook", group, **hook, HeartbeatTimeout=600, DefaultResult="CONTINUE")
    assert Status.OK == pair.service(**PATIENT).deploy("v2").status


@pytest.mark.parametrize("words", [NO_IMAGE, PROFILE])
def test_a_failure_in_a_later_wave(words) -> None:
    """The first wave came up, and the next one cannot: what is parked comes back."""
    pair = virtual(instances=4, maximum=8)
    once(pair, lambda call: call.operation == "EnterStandby", lambda: pair.sim.fail_launches(GREEN, words))
    taken_back(pair, f"{words}", pace=Pace(75, 125))


def test_one_bad_host_turns_no_deployment() -> None:
    """Its group launches another one elsewhere, and that serves."""
    pair = virtual(instances=4)
    watch, struck = Watch(pair, 4), []

    def strike(_: object) -> None:
        if not struck and (serving := [i for i, state in pair.sim.states(GREEN).items() if state == "InService"]):
            struck.append(serving[0])
            pair.sim.impair(serving[0])

    pair.sim.faults.before.append(strike)
    ended = pair.service(**PATIENT).deploy("v2")
    assert (Status.OK, 4, []) == (ended.status, len(pair.sim.healthy(GREEN)), watch.broken)
    assert not set(struck) & set(pair.sim.states(GREEN))

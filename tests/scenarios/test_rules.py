"""The scenarios of docs/rules.md, each by its letter: a pair in virtual time, the tool as users run it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from bluegreen.errors import Refused, Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.ec2.faults import NO_CAPACITY
from tests.support.moments import once
from tests.support.story import Crash, unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

LONG_DRAIN = 300.0


def states(pair: Pair, group: str) -> list[str]:
    """Return the sorted lifecycle states of a group's members."""
    return sorted(pair.sim.states(group).values())


def edit(pair: Pair, group: str, **sizes: int) -> None:
    """Change a group as a person would."""
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": group, **sizes})


def sizes(pair: Pair, group: str) -> tuple[int, int]:
    """Return a group's minimum and maximum."""
    found = pair.sim.groups[group]
    return (found.minimum, found.maximum)


def milestone(pair: Pair, name: str) -> float:
    """Return when a milestone was reached."""
    return next(event.at for event in pair.events if event.milestone == name)


def test_b_new_fails_while_half_of_old_is_entering_standby() -> None:
    """Old instances that are still draining come back, the failed new ones go, and the floor holds."""
    pair = virtual(instances=30, drain=60.0, boot=1.0)
    before, watch = pair.picture(), Watch(pair, 30)

    def fail() -> None:
        for instance in pair.sim.healthy(GREEN)[:20]:
            pair.sim.sicken(instance)

    once(pair, lambda call: "EnteringStandby" in states(pair, BLUE), fail)
    ended = pair.service().deploy("v2")
    assert ended.status == Status.ROLLED_BACK
    assert (watch.broken, unlike(before, pair.picture()), left_over(pair)) == ([], [], {})
    assert (len(pair.sim.healthy(BLUE)), pair.images(BLUE)) == (30, {"v1"})


@pytest.mark.parametrize("bridge", ["completes", "deregisters"])
def test_c_rollback_thirty_seconds_after_the_switch_with_a_drain_of_five_minutes(bridge) -> None:
    """Whatever the group's workflow answers to the bridge, the floor holds and old serves again."""
    pair = virtual(instances=4, drain=LONG_DRAIN, bridge=bridge)
    before, watch = pair.picture(), Watch(pair, 4)
    pair.service().deploy("v2")
    pair.run_for(30)
    began = pair.clock.now()
    ended = pair.service().rollback()
    assert ended.status == Status.OK
    assert (watch.broken, unlike(before, pair.picture()), left_over(pair)) == ([], [], {})
    assert (milestone(pair, "back") - began < 10) == (bridge == "completes")


def test_d_rollback_after_demand_has_doubled() -> None:
    """What comes back is sized to what new serves now: the parked ones first, fresh ones for the rest."""
    pair = virtual(instances=4, maximum=10)
    pair.service().deploy("v2")
    pair.sim.call("autoscaling", "SetDesiredCapacity", {"AutoScalingGroupName": GREEN, "DesiredCapacity": 8})
    pair.run_for(60)
    watch = Watch(pair, 8)
    ended = pair.service().rollback()
    assert (ended.status, watch.broken, len(pair.sim.healthy(BLUE))) == (Status.OK, [], 8)
    assert (pair.images(BLUE), sizes(pair, BLUE)) == ({"v1"}, (1, 10))


def test_d_no_capacity_for_the_top_up() -> None:
    """The parked ones serve again at once; without room for fresh ones nothing that is needed is taken away."""
    pair = virtual(instances=4, maximum=10)
    pair.service().deploy("v2")
    pair.sim.call("autoscaling", "SetDesiredCapacity", {"AutoScalingGroupName": GREEN, "DesiredCapacity": 8})
    pair.run_for(60)
    watch = Watch(pair, 8)
    pair.sim.fail_launches(BLUE, NO_CAPACITY)
    ended = pair.service().rollback()
    assert (ended.status, watch.broken, len(pair.sim.healthy(BLUE))) == (Status.BLOCKED, [], 4)
    pair.sim.launches.failures.clear()
    assert (pair.service().resume().status, watch.broken, colours_serving(pair)) == (Status.OK, [], [BLUE])


@pytest.mark.parametrize("urgent", [False, True])
def test_d_a_parked_instance_that_is_sick_when_it_returns(urgent) -> None:
    """A group that checks EC2 alone never replaces it: a fresh one makes up for it."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    pair.run_for(20)
    pair.sim.sicken(next(iter(pair.sim.states(BLUE))))
    watch = Watch(pair, 3)
    ended = pair.service().rollback(urgent=urgent)
    assert (ended.status, watch.broken, colours_serving(pair)) == (Status.OK, [], [BLUE])
    assert (len(pair.sim.healthy(BLUE)), left_over(pair)) == (3, {})


def _killed_between_detach_and_terminate(pair: Pair) -> None:
    pair.service().deploy("v2")
    pair.run_for(20)
    once(pair, lambda call: call.operation == "TerminateInstances" and not call.reads, _crash)
    with pytest.raises(Crash):
        pair.service().finish()
    pair.sim.faults.before.clear()


def _crash() -> None:
    raise Crash


def test_e_killed_between_detach_and_terminate() -> None:
    """The detached instances are listed and marked, so the next finish terminates just them."""
    pair = virtual(instances=3)
    watch, before = Watch(pair, 3), pair.picture()
    _killed_between_detach_and_terminate(pair)
    assert (len(pair.sim.orphans()), pair.release is not None) == (3, True)
    ended = pair.service().cleanup()
    assert (ended and ended.status, watch.broken, left_over(pair)) == (Status.OK, [], {})
    assert unlike(before, pair.picture()) == []


def test_e_terraform_applies_in_between() -> None:
    """An apply that resets the tag and the sizes meanwhile loses nothing, and the tag names what runs again."""
    pair = virtual(instances=3)
    watch = Watch(pair, 3)
    _killed_between_detach_and_terminate(pair)
    tag = {"Key": "image", "Value": "v1", "ResourceId": GREEN, "ResourceType": "auto-scaling-group"}
    pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**tag, "PropagateAtLaunch": False}]})
    edit(pair, GREEN, MinSize=2)
    ended = pair.service().resume()
    assert (ended.status, watch.broken, left_over(pair)) == (Status.OK, [], {})
    assert (pair.sim.image_of_group(GREEN), sizes(pair, GREEN)) == ("v2", (2, 6))


def test_f_deploy_finish_and_deploy_the_other_way_five_times() -> None:
    """Sizes, processes and tags are the service's, not a colour's: after any number of cycles they are the same."""
    pair = virtual(instances=3, minimum=2, maximum=7, idle_maximum=1)
    before, watch = pair.picture(), Watch(pair, 3)
    for number in range(5):
        statuses = (pair.service().deploy(f"v{number + 2}").status, pair.service().finish().status)
        assert (statuses, colours_serving(pair)) == ((Status.OK, Status.OK), [(GREEN, BLUE)[number % 2]])
        assert (unlike(before, pair.picture()), left_over(pair), watch.broken) == ([], {}, [])


def test_i_first_deployment_onto_an_empty_pair() -> None:
    """Blue comes up with the capacity asked for; there is nothing to park and nothing to go back to."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    with pytest.raises(Refused, match="nothing serves yet"):
        pair.service().deploy("v1")
    ended = pair.service().deploy("v1", capacity=3)
    assert (ended.status, len(pair.sim.healthy(BLUE)), pair.images(BLUE)) == (Status.OK, 3, {"v1"})
    assert (pair.release, colours_serving(pair), left_over(pair)) == (None, [BLUE], {})
    with pytest.raises(Refused, match="nothing to go back to"):
        pair.service().rollback()


def test_i_first_deployment_that_never_serves_goes_back_to_zero() -> None:
    """A bad first image leaves the empty pair as it was, with exit status 3."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    before = pair.picture()
    ended = pair.service().deploy("bad-v1", capacity=3)
    assert (ended.status, colours_serving(pair), unlike(before, pair.picture())) == (Status.ROLLED_BACK, [], [])
    assert (left_over(pair), "back to zero" in ended.sentence) == ({}, True)


def test_i_hotfix_onto_a_live_group_with_no_healthy_instance() -> None:
    """A broken live group is replaced: what is healthy nowhere costs nothing."""
    pair = virtual(instances=40)
    for instance in pair.sim.healthy(BLUE):
        pair.sim.sicken(instance)
    pair.run_for(20)
    ended = pair.service().deploy("v2")
    assert (ended.status, len(pair.sim.healthy(GREEN)), colours_serving(pair)) == (Status.OK, 40, [GREEN])


def test_i_hotfix_that_fails_leaves_the_broken_group_as_it_was() -> None:
    """A failed hotfix is rolled back even though the old side is as broken as before."""
    pair = virtual(instances=4)
    before = pair.picture()
    for instance in pair.sim.healthy(BLUE):
        pair.sim.sicken(instance)
    pair.run_for(20)
    ended = pair.service().deploy("bad-v2")
    assert (ended.status, unlike(before, pair.picture())) == (Status.ROLLED_BACK, [])
    pair.run_for(30)
    assert (len(states(pair, BLUE)), states(pair, GREEN)) == (4, [])


def _hook(pair: Pair, seconds: int) -> None:
    for group in (BLUE, GREEN):
        hook = {"AutoScalingGroupName": group, "LifecycleHookName": "warm", "HeartbeatTimeout": seconds}
        more = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "DefaultResult": "CONTINUE"}
        pair.sim.call("autoscaling", "PutLifecycleHook", {**hook, **more})


def test_l_a_launch_hook_of_ten_minutes_in_a_ramp() -> None:
    """Old grows in the middle, each launch waits ten minutes in its hook; new follows, and nobody gives up early."""
    pair = virtual(instances=4, maximum=10)
    _hook(pair, 600)
    grow = {"AutoScalingGroupName": BLUE, "DesiredCapacity": 6}
    once(pair, lambda _: bool(states(pair, GREEN)), lambda: pair.sim.call("autoscaling", "SetDesiredCapacity", grow))
    watch = Watch(pair, 4)
    ended = pair.service(progress_deadline=None, deadline=None).deploy("v2")
    assert (ended.status, watch.broken, len(pair.sim.healthy(GREEN))) == (Status.OK, [], 6)
    assert (pair.images(GREEN), "InService" in states(pair, BLUE)) == ({"v2"}, False)


def test_l_a_deadline_shorter_than_the_hook_is_refused() -> None:
    """A deadline below what a launch physically takes is refused before anything is written."""
    pair = virtual(instances=2)
    _hook(pair, 600)
    before = pair.picture()
    with pytest.raises(Refused, match="progress deadline"):
        pair.service(progress_deadline=60.0).deploy("v2")
    assert (unlike(before, pair.picture()), pair.release) == ([], None)


@pytest.mark.parametrize("when", ["EnterStandby", "ResumeProcesses"])
def test_m_an_old_instance_dies_and_is_replaced_during_parking(when) -> None:
    """A replacement of an old instance is parked like the rest, or never launched."""
    pair = virtual(instances=30, boot=3.0)
    watch = Watch(pair, 30)
    once(pair, lambda call: call.operation == when, lambda: pair.sim.kill(pair.sim.healthy(BLUE)[0]))
    ended = pair.service().deploy("v2")
    pair.run_for(120)
    assert (ended.status, watch.broken, colours_serving(pair)) == (Status.OK, [], [GREEN])
    assert set(states(pair, BLUE)) == {"Standby"}
    assert (pair.service().finish().status, left_over(pair)) == (Status.OK, {})


def test_m_rebalance_in_flight_during_parking() -> None:
    """Waves leave a zone emptier than the other: with AZRebalance resting no old instance is launched for it."""
    pair = virtual(instances=40, zones=3)
    launched: list[str] = []
    known = set(pair.sim.states(BLUE))
    pair.sim.on_event(lambda: launched.extend(set(pair.sim.states(BLUE)) - known))
    ended = pair.service().deploy("v2")
    pair.run_for(120)
    assert (ended.status, launched) == (Status.OK, [])


def test_m_an_instance_brought_back_by_hand_is_parked_once_and_then_asked_about() -> None:
    """After the switch a person's exit from Standby is undone once; a replacement that follows is a human's."""
    pair = virtual(instances=2)
    service = pair.service(bake=60.0)
    exits: list[str] = []

    def bring_back() -> None:
        instance = next(i for i, state in pair.sim.states(BLUE).items() if state == "Standby" and i not in exits)
        exits.append(instance)
        edit(pair, BLUE, MaxSize=6)
        request = {"AutoScalingGroupName": BLUE, "InstanceIds": [instance]}
        pair.sim.call("autoscaling", "ExitStandby", request)

    ready = [lambda call: states(pair, BLUE) == ["Standby", "Standby"] and call.operation.startswith("Describe")] * 2
    for when in ready:
        once(pair, when, bring_back)
    ended = service.deploy("v2")
    assert (len(exits), ended.status) == (2, Status.BLOCKED)
    assert ("second time" in ended.sentence, GREEN in colours_serving(pair)) == (True, True)


def test_n_maximum_and_desired_capacity_are_both_forty() -> None:
    """A maxed-out group is deployed, rolled back and deployed again without its maximum in the way."""
    pair = virtual(instances=40, maximum=40)
    before, watch = pair.picture(), Watch(pair, 40)
    verbs = [
        pair.service().deploy("v2"),
        pair.service().rollback(),
        pair.service().deploy("v3"),
        pair.service().finish(),
    ]
    assert ([ended.status for ended in verbs], watch.broken) == ([Status.OK] * 4, [])
    assert (unlike(before, pair.picture()), left_over(pair)) == ([], {})


def test_o_thirty_seven_of_forty_launch() -> None:
    """Three that cannot launch keep the switch from happening; everything goes back."""
    pair = virtual(instances=40)
    before, watch = pair.picture(), Watch(pair, 40)
    pair.sim.launches.capacity = lambda _: 77
    ended = pair.service().deploy("v2")
    assert (ended.status, "37 of 40" in ended.sentence) == (Status.ROLLED_BACK, True)
    assert (watch.broken, unlike(before, pair.picture()), left_over(pair)) == ([], [], {})


def test_o_a_live_group_that_was_never_whole_does_not_block_the_switch() -> None:
    """Where only 37 of 40 serve, 37 new ones are as good; the rest comes when there is room."""
    pair = virtual(instances=40)
    for instance in pair.sim.healthy(BLUE)[:3]:
        pair.sim.sicken(instance)
    pair.run_for(10)
    watch, late = Watch(pair, 40), pair.clock.now() + 30
    pair.sim.launches.capacity = lambda now: 77 if now < late else 100
    ended = pair.service().deploy("v2")
    pair.run_for(90)
    assert (ended.status, watch.broken, len(pair.sim.healthy(GREEN))) == (Status.OK, [], 40)


def test_k_a_person_edits_the_minimum_in_the_middle() -> None:
    """The wish is kept for whoever serves at the end; meanwhile the pin holds."""
    pair = virtual(instances=4, minimum=1, maximum=10)
    once(pair, lambda _: len(states(pair, GREEN)) == 4, lambda: edit(pair, BLUE, MinSize=2))
    ended = pair.service().deploy("v2")
    assert (ended.status, sizes(pair, GREEN)) == (Status.OK, (2, 10))


def test_a_failed_call_in_every_place_is_answered_by_a_look() -> None:
    """A lost reply of a relative write has no effect twice."""
    pair = virtual(instances=3)
    watch, before = Watch(pair, 3), pair.picture()
    lost = {"EnterStandby", "ExitStandby", "DetachInstances"}

    def lose(call: Call, _: Any) -> None:
        if call.operation in lost:
            lost.discard(call.operation)
            raise ReadTimeoutError(endpoint_url="https://autoscaling")

    pair.sim.faults.after.append(lose)
    verbs = [
        pair.service().deploy("v2"),
        pair.service().rollback(),
        pair.service().deploy("v3"),
        pair.service().finish(),
    ]
    assert ([ended.status for ended in verbs], lost, watch.broken) == ([Status.OK] * 4, set(), [])
    assert (unlike(before, pair.picture()), left_over(pair)) == ([], {})

"""What a hard reading of the rules found, each as the story in which it was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.flow.answers import Waiting
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import internal_failure, sometimes, throttled
from bluegreen.targets.pair.plans.guards.at_all_times import sinking
from tests.support.hands import asked
from tests.support.moments import once
from tests.support.story import Crash, unlike
from tests.support.values import again, fleet, group, look, release
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over


def passed(pair: Pair, milestone: str) -> bool:
    """Whether the open release has reached ``milestone``."""
    return pair.release is not None and pair.release.passed(milestone)


@pytest.mark.parametrize("progress", [None, 60.0])
def test_a_bake_longer_than_the_progress_deadline_ends_in_a_deployment(progress) -> None:
    """The bake is a planned wait: when it is over, the hand-over is not late."""
    pair = virtual(instances=3)
    ended = pair.service(bake=600.0, progress_deadline=progress).deploy("v2")
    assert (ended.status, colours_serving(pair), pair.sim.image_of_group(GREEN)) == (Status.OK, [GREEN], "v2")


def test_a_silence_of_aws_is_no_lack_of_progress() -> None:
    """What nobody could see for two minutes is not held against a deployment."""
    pair = virtual(instances=3, boot=20.0)

    def silent(call: Call) -> None:
        if pair.clock.now() < late and "AZRebalance" in pair.sim.groups[BLUE].suspended:
            raise internal_failure(call)

    late = pair.clock.now() + 180.0
    pair.sim.faults.before.append(silent)
    ended = pair.service().deploy("v2")
    assert (ended.status, colours_serving(pair)) == (Status.OK, [GREEN])


def edit(pair: Pair, name: str, **sizes: int) -> None:
    """Change a group as a person would."""
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": name, **sizes})


def killed(pair: Pair, when: Callable[[Call], bool], verb: Callable[[], Any]) -> None:
    """Run ``verb`` and kill it before the first call for which ``when`` holds."""

    def crash() -> None:
        raise Crash

    once(pair, when, crash)
    with pytest.raises(Crash):
        verb()
    pair.sim.faults.before.clear()


def test_a_bound_changed_twice_is_accepted_by_the_one_who_resumes() -> None:
    """Blocked once, the release is carried on by the command that the hint names."""
    pair = virtual(instances=4, minimum=1, maximum=10)
    pair.service().deploy("v2")
    edit(pair, GREEN, MinSize=2)
    once(pair, lambda call: call.operation == "ResumeProcesses", lambda: edit(pair, GREEN, MinSize=3))
    assert (pair.service().rollback().status, pair.service().resume().status) == (Status.BLOCKED, Status.OK)
    assert (colours_serving(pair), left_over(pair), pair.sim.groups[BLUE].minimum) == ([BLUE], {}, 3)


def test_a_wish_during_the_deployment_does_not_bar_the_rollback() -> None:
    """Somebody who edits once while it deploys and once while it rests can still go back."""
    pair = virtual(instances=4, minimum=1, maximum=10)
    once(pair, lambda call: call.operation == "EnterStandby", lambda: edit(pair, GREEN, MaxSize=12))
    pair.service().deploy("v2")
    edit(pair, GREEN, MaxSize=14)
    assert (pair.service().rollback().status, colours_serving(pair), pair.sim.groups[BLUE].maximum) == (
        Status.OK,
        [BLUE],
        14,
    )


def test_a_rollback_after_an_interrupted_finish_that_keeps() -> None:
    """What was to be kept running is kept running; the rollback does not ask for a command that it refuses."""
    pair = virtual(instances=3)
    before = pair.picture()
    pair.service().deploy("v2")
    pair.run_for(20)
    kept = sorted(pair.sim.states(BLUE))
    unmarked = lambda call: call.operation == "DescribeAutoScalingGroups" and pair.sim.orphans() != []  # noqa: E731
    killed(pair, unmarked, lambda: pair.service().finish(keep=True))
    assert (pair.service().rollback().status, unlike(before, pair.picture())) == (Status.OK, [])
    assert (sorted(pair.sim.orphans()), len(pair.sim.healthy(BLUE)), pair.service().cleanup()) == (kept, 3, None)


def test_a_finish_arms_the_live_group_that_an_apply_disarmed() -> None:
    """An apply that sets both autoscalers back while the release rests does not block the finish for ever."""
    pair, autoscaler = virtual(instances=3), ["AlarmNotification", "ScheduledActions"]
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=autoscaler)
    before = pair.picture()
    pair.service().deploy("v2")
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=autoscaler)
    asked(pair, "ResumeProcesses", BLUE, ScalingProcesses=autoscaler)
    assert (pair.service().finish().status, unlike(before, pair.picture())) == (Status.OK, [])


def test_a_surplus_is_not_a_loss() -> None:
    """An instance launched beside the full new side, as by zone balancing, does not send the traffic back."""
    blue = group("old", "Standby", "Standby")
    green = group("new", "InService", "InService", "Pending", desired=2)
    seen = again(look(fleet(blue, green), release(milestones={"moving": 1.0, "moved": 2.0})))
    waits = Waiting("it bakes")
    (balancer,) = seen.balancers
    assert (sinking(waits, seen), seen.served(balancer), seen.may_serve(balancer)) == (waits, 1, 2)


def test_a_tag_of_the_old_group_changed_before_the_switch_is_put_back() -> None:
    """After a rollback the old group's next launch runs what its instances run."""
    pair = virtual(instances=3)
    tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Key": "image", "Value": "v9"}
    killed(pair, lambda _: len(pair.sim.healthy(GREEN)) == 3, lambda: pair.service().deploy("v2"))
    pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**tag, "PropagateAtLaunch": False}]})
    assert (pair.service().rollback().status, pair.sim.image_of_group(BLUE)) == (Status.OK, "v1")


def test_a_first_release_killed_before_its_end_is_ended_by_resume() -> None:
    """Nothing of it is parked, so it does not stay open as if something were."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    killed(pair, lambda _: passed(pair, "deployed"), lambda: pair.service().deploy("v1", capacity=3))
    assert (pair.service().resume().status, pair.release) == (Status.OK, None)
    assert pair.service().deploy("v2").status == Status.OK


def test_an_urgent_rollback_waits_for_all_that_were_parked() -> None:
    """``--now`` keeps new until everything on its way back serves, not only the first wave."""
    pair = virtual(instances=40)
    pair.service().deploy("v2")
    pair.run_for(30)
    watch, exits = Watch(pair, 40), []

    def throttle_all_but_the_first(call: Call) -> None:
        if call.operation == "ExitStandby":
            exits.append(call.number)
            if 2 <= len(exits) < 7:
                raise throttled(call)

    pair.sim.faults.before.append(throttle_all_but_the_first)
    assert (pair.service().rollback(urgent=True).status, watch.broken) == (Status.OK, [])


@pytest.mark.parametrize("age", [10.0, 30.0, 60.0])
def test_a_rollback_at_once_on_answers_from_before_the_switch(age) -> None:
    """Looks that still show the old side in service are no reason to take the new one away."""
    pair = virtual(instances=4)
    watch, ages = Watch(pair, 4), [0.0]
    pair.sim.read_stale(lambda _: ages[0])
    pair.service().deploy("v2")
    ages[0] = age
    pair.service(progress_deadline=300.0).rollback()
    ages[0] = 0.0
    if pair.release is not None:
        pair.service().resume()
    assert (watch.broken, colours_serving(pair), left_over(pair)) == ([], [BLUE], {})


@pytest.mark.parametrize("milestone", ["moving", "moved"])
def test_a_minimum_given_to_the_side_that_goes_idle_launches_nothing_in_the_end(milestone) -> None:
    """An idle group has no minimum: a rollback does not launch what it has just emptied, again and again."""
    pair = virtual(instances=4)
    edited = {"moving": GREEN, "moved": BLUE}[milestone]
    once(pair, lambda _: passed(pair, milestone), lambda: edit(pair, edited, MinSize=2))
    pair.service(bake=30.0).deploy("v2")
    pair.run_for(60)
    if pair.release is not None:
        pair.service().rollback()
    pair.run_for(60)
    assert (left_over(pair), colours_serving(pair), pair.sim.states(GREEN)) == ({}, [BLUE], {})


def test_nothing_is_done_on_a_look_from_before_a_pause() -> None:
    """An order that is repeated waits, and then looks again: each order follows a fresh look."""
    pair, looked, ages = virtual(instances=3), [0.0], []

    def note(call: Call) -> None:
        if call.operation == "DescribeAutoScalingGroups":
            looked.append(pair.clock.now())
        if not call.reads:
            ages.append(pair.clock.now() - looked[-1])

    pair.sim.faults.before += [note, sometimes(0.3, throttled, 1, only=lambda call: not call.reads)]
    ended = pair.service(look_every=20.0, progress_deadline=600.0, deadline=6000.0).deploy("v2")
    assert (ended.status, max(ages) < 5.0) == (Status.OK, True)

"""Balancers that disagree, or do not tell: what users of each see is what counts.

Letters in parentheses are the scenarios of docs/rules.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status, Unreachable
from bluegreen.simulator import build
from bluegreen.simulator.core.calls import Call
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

TWO = ("target-group", "target-group")
KINDS = [("target-group", "unavailable"), ("target-group", "Elb.InternalError"), ("classic", "Unknown")]
ALL = [*KINDS, ("target-group", "no answer"), ("classic", "no answer")]
BAKE = {"bake": 60.0, "progress_deadline": 120.0, "deadline": 900.0}


def reached(pair: Pair, milestone: str) -> Callable[[Call], bool]:
    """Return whether the open release has reached ``milestone`` by a call."""
    return lambda _: pair.release is not None and pair.release.passed(milestone)


def after(pair: Pair, milestone: str, act: Callable[[], Any], seconds: float = 0.0) -> None:
    """Let ``act`` happen so many seconds after the open release has reached ``milestone``."""
    once(pair, reached(pair, milestone), lambda: pair.sim.world.later(seconds, lambda world: act()))


def key(pair: Pair, number: int) -> str:
    """Return the key of the pair's balancer of that number."""
    return next(k for k, b in pair.sim.balancers.items() if b.name == f"web-{number}")


def served(pair: Pair, watch: Watch) -> tuple[list[str], list[str], dict[str, Any]]:
    """Return who serves, what users missed, and what is left behind."""
    pair.run_for(120)
    return colours_serving(pair), watch.broken, left_over(pair)


# ---- what is not known ----


@pytest.mark.parametrize(("balancer", "how"), ALL)
@pytest.mark.parametrize("some", [False, True])
def test_five_seconds_without_an_answer_in_the_bake_change_nothing(balancer, how, some) -> None:
    """Of six healthy instances all, or one, are not known for five seconds: the deployment goes on (r)."""
    pair = virtual(instances=6, balancers=(balancer,))
    watch = Watch(pair, 6)

    def blur() -> None:
        ids = pair.sim.healthy(GREEN)[:1] if some else None
        pair.sim.blur("web-0", until=pair.clock.now() + 5, how=how, instances=ids)

    after(pair, "moved", blur, 10)
    ended = pair.service(**BAKE).deploy("v2")
    assert (Status.OK, "v2") == (ended.status, pair.sim.image_of_group(GREEN))
    assert ([GREEN], []) == (colours_serving(pair), watch.broken)


@pytest.mark.parametrize(("balancer", "how"), ALL)
@pytest.mark.parametrize("milestone", ["moving", "moved"])
def test_an_hour_without_an_answer_ends_with_69_and_takes_nothing(balancer, how, milestone) -> None:
    """After five minutes the run ends and names the balancer; resumed when AWS tells again, it goes on (r)."""
    pair = virtual(instances=4, balancers=(balancer,))
    watch = Watch(pair, 4)
    once(pair, reached(pair, milestone), lambda: pair.sim.blur("web-0", until=pair.clock.now() + 3600, how=how))
    with pytest.raises(Unreachable, match="web-0"):
        pair.service(**BAKE).deploy("v2")
    assert [] == watch.broken
    pair.run_for(3600)
    assert Status.OK == pair.service().resume().status
    assert ([GREEN], []) == (colours_serving(pair), watch.broken)


def test_not_known_in_the_boot_stops_the_deadlines() -> None:
    """A balancer that does not tell for four minutes costs no deployment whose deadline is shorter."""
    pair = virtual(instances=3, boot=20.0)
    watch = Watch(pair, 3)
    once(pair, lambda c: c.operation == "UpdateAutoScalingGroup", lambda: pair.sim.blur(
        "web-0", until=pair.clock.now() + 240, how="unavailable"))  # fmt: skip
    ended = pair.service(progress_deadline=60.0, deadline=200.0).deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


@pytest.mark.parametrize("unknown", [1, 12, 23, 24])
def test_what_was_not_known_when_the_release_began_may_have_been_healthy(unknown) -> None:
    """Of 24 healthy instances some are not known from before the deployment on: as many are proven before they go."""
    pair = virtual(instances=24, boot=(1.0, 90.0))
    pair.run_for(100)
    watch = Watch(pair, 24)
    ids = pair.sim.healthy(BLUE)[:unknown]
    pair.sim.blur("web-0", until=pair.clock.now() + 240, how="unavailable", instances=ids)
    ended = pair.service(progress_deadline=300.0, deadline=900.0).deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


def test_a_balancer_that_never_tells_is_done_without() -> None:
    """With ``--without`` its word is not waited for, and the other one is served throughout."""
    pair = virtual(instances=4, balancers=TWO)
    watch = Watch(pair, {key(pair, 0): 4})
    pair.sim.blur("web-1", until=pair.clock.now() + 36000, how="unavailable")
    service = pair.service(**BAKE)
    service.set_aside(["web-1"])
    ended = service.deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


def test_not_known_never_stops_the_way_back() -> None:
    """In a rollback what is parked comes back although one balancer does not tell; new stays until it does."""
    pair = virtual(instances=4, balancers=TWO)
    watch = Watch(pair, 4)
    pair.service().deploy("v2")
    pair.sim.blur("web-1", until=pair.clock.now() + 100, how="no answer")
    ended = pair.service().rollback()
    assert (Status.OK, [BLUE], []) == (ended.status, colours_serving(pair), watch.broken)


# ---- balancers that disagree ----


@pytest.mark.parametrize("fail_open", [True, False])
def test_v2_fails_in_a_second_target_group_in_the_bake(fail_open) -> None:
    """The first carries the traffic: it keeps its six while old comes back."""
    pair = virtual(instances=6, balancers=TWO, fail_open=fail_open)
    watch = Watch(pair, {key(pair, 0): 6})

    def fail() -> None:
        for instance in pair.sim.states(GREEN):
            pair.sim.sicken(instance, "web-1")

    after(pair, "moved", fail, 5)
    ended = pair.service(**BAKE).deploy("v2")
    assert Status.ROLLED_BACK == ended.status
    assert ([BLUE], [], {}) == served(pair, watch)


def test_v2_that_never_passes_in_a_second_target_group_is_taken_back() -> None:
    """It was healthy there with v1: v2 is no success, and neither target group misses anything."""
    pair = virtual(instances=6, balancers=TWO, fails_in={"v2": ("web-1",)})
    watch = Watch(pair, 6)
    ended = pair.service().deploy("v2")
    assert Status.ROLLED_BACK == ended.status
    assert ([BLUE], [], {}) == served(pair, watch)


@pytest.mark.parametrize("listener", [True, False])
def test_a_target_group_attached_in_the_bake_is_no_failure(listener) -> None:
    """An apply attaches one more target group to both groups: six stay six (s)."""
    pair = virtual(instances=6)
    watch = Watch(pair, {key(pair, 0): 6})

    def attach() -> None:
        arn = build.balancer(pair.sim, "target-group", "web-9", build.Check(10.0, 2, 5.0)) if listener else bare(pair)
        for name in (BLUE, GREEN):
            request = {"AutoScalingGroupName": name, "TargetGroupARNs": [arn]}
            pair.sim.call("autoscaling", "AttachLoadBalancerTargetGroups", request)

    after(pair, "moved", attach, 5)
    ended = pair.service(**BAKE).deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


def bare(pair: Pair) -> str:
    """Return a target group to which no listener leads."""
    request = {"Name": "web-9", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-00000000000000001"}
    arn: str = pair.sim.call("elbv2", "CreateTargetGroup", request)["TargetGroups"][0]["TargetGroupArn"]
    return arn


@pytest.mark.parametrize("fail_open", [True, False])
def test_live_is_healthy_in_one_balancer_and_cannot_be_in_the_other(fail_open) -> None:
    """Ten serve in the one: ten new ones prove themselves there first, the dead one is passed by, and said (q)."""
    pair = virtual(instances=10, balancers=TWO, fail_open=fail_open, fails_in={"v": ("web-1",)})
    watch = Watch(pair, {key(pair, 0): 10})
    ended = pair.service().deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)
    assert "web-1" in ended.sentence
    assert Status.OK == pair.service().rollback().status
    assert ([BLUE], [], {}) == served(pair, watch)
    assert 10 == len(pair.sim.states(BLUE))


def test_a_hotfix_that_serves_where_nothing_did_is_not_taken_back_unasked() -> None:
    """v2 is healthy in both, v1 in one only: a rollback is refused with what it costs, and --now does it (q)."""
    pair = virtual(instances=4, balancers=TWO, fails_in={"v1": ("web-1",)})
    watch = Watch(pair, {key(pair, 0): 4})
    assert Status.OK == pair.service().deploy("v2").status
    assert 4 == len(pair.sim.answering(key(pair, 1)))
    ended = pair.service(progress_deadline=120.0).rollback()
    assert (Status.BLOCKED, True) == (ended.status, "--now" in ended.hint)
    assert [4, 8] == [len(pair.sim.states(BLUE)), len(pair.sim.answering(key(pair, 0)))]
    assert 4 == len(pair.sim.answering(key(pair, 1)))
    assert Status.OK == pair.service().rollback(urgent=True).status
    assert ([BLUE], [], {}) == served(pair, watch)


@pytest.mark.parametrize("balancer", ["target-group", "nlb", "classic"])
@pytest.mark.parametrize("fail_open", [True, False])
def test_a_hotfix_onto_a_group_in_which_nothing_is_healthy(balancer, fail_open) -> None:
    """All of old is unhealthy, and gets requests all the same where the balancer fails open (t)."""
    pair = virtual(instances=4, balancers=(balancer,), fail_open=fail_open)
    for instance in pair.sim.states(BLUE):
        pair.sim.sicken(instance)
    pair.run_for(30)
    ended = pair.service().deploy("v2")
    assert (Status.OK, [GREEN], 4) == (ended.status, colours_serving(pair), len(pair.sim.answering(key(pair, 0))))


# ---- one passed check is not health ----

CHECKS = [(1.0, 2), (10.0, 2), (30.0, 2), (30.0, 5)]


@pytest.mark.parametrize(("interval", "threshold"), CHECKS)
@pytest.mark.parametrize("pace", [None, (75, 125)])
def test_a_version_that_dies_after_its_first_check_never_serves_alone(interval, threshold, pace) -> None:
    """Dead 5 s after the first 200 (aws-missing-tools 32): old keeps the floor, and nothing is silent for a second."""
    from bluegreen.flow.limits import Pace

    pair = virtual(instances=4, interval=interval, threshold=threshold)
    watch = Watch(pair, 4 if pace is None else 3)
    settings: dict[str, Any] = {"bake": 60.0, "progress_deadline": None, "deadline": None, "healthy_for": None}
    ended = pair.service(**settings, **({} if pace is None else {"pace": Pace(*pace)})).deploy("crash-2")
    assert Status.ROLLED_BACK == ended.status
    assert {key(pair, 0): 0.0} == watch.users.silent
    assert ([BLUE], [], {}) == served(pair, watch)


def test_an_alarm_counts_from_the_first_healthy_new_instance_on() -> None:
    """An alarm that fires before the traffic has moved takes the deployment back at once."""
    pair = virtual(instances=4, boot=(5.0, 40.0))
    pair.sim.call("cloudwatch", "PutMetricAlarm", ALARM)

    def fire() -> None:
        state = {"AlarmName": "web-5xx", "StateValue": "ALARM", "StateReason": "test"}
        pair.sim.call("cloudwatch", "SetAlarmState", state)

    watch = Watch(pair, 4)
    once(pair, lambda _: bool(pair.sim.healthy(GREEN)), fire)
    ended = pair.service(alarms=("web-5xx",)).deploy("v2")
    assert (Status.ROLLED_BACK, True) == (ended.status, "web-5xx" in ended.sentence)
    assert "moving" not in (ended.release.milestones if ended.release else {})
    assert ([BLUE], [], {}) == served(pair, watch)


ALARM = {
    "AlarmName": "web-5xx",
    "MetricName": "HTTPCode_Target_5XX_Count",
    "Namespace": "AWS/ApplicationELB",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


# ---- desired is not capacity ----


def test_what_was_healthy_is_capacity_and_not_what_was_wanted() -> None:
    """Blue wants twelve, four run, and there is room for four more (escalator 294): v2 serves with four."""
    pair = virtual(instances=4, minimum=1, maximum=12)
    pair.sim.launches.capacity = lambda _: 8
    pair.sim.call("autoscaling", "SetDesiredCapacity", {"AutoScalingGroupName": BLUE, "DesiredCapacity": 12})
    pair.run_for(60)
    while len(pair.sim.states(BLUE)) > 4:
        pair.sim.kill(next(iter(pair.sim.states(BLUE))))
        pair.sim.launches.capacity = lambda _: 4
        pair.run_for(30)
    pair.sim.launches.capacity = lambda _: 8
    pair.sim.fail_launches(BLUE)
    pair.run_for(200)
    watch = Watch(pair, 4)
    settings = {"progress_deadline": None, "deadline": None, "bake": 30.0}
    assert (Status.OK, [GREEN]) == (pair.service(**settings).deploy("v2").status, colours_serving(pair))
    assert Status.OK == pair.service(**settings).rollback().status
    assert ([BLUE], []) == served(pair, watch)[:2]

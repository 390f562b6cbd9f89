"""What is refused because settings could not serve on the other side: with the facts, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.build import tracking
from bluegreen.targets.seam.finding import REFUSED, WARNED
from tests.support.hands import asked
from tests.support.story import unlike
from tests.support.traffic import Alive, alive, writes
from tests.support.virtual import BLUE, GREEN

SIMPLE = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
CPU = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Statistic": "Average", "Period": 60}
RULE = {"EvaluationPeriods": 2, "Threshold": 90.0, "ComparisonOperator": "GreaterThanThreshold"}


def policy(one: Alive, group: str, name: str = "more") -> str:
    """Put a simple policy onto a group, and return its ARN."""
    request = {"AutoScalingGroupName": group, "PolicyName": name, **SIMPLE}
    arn: str = one.pair.sim.call("autoscaling", "PutScalingPolicy", request)["PolicyARN"]
    return arn


def alarm(one: Alive, name: str, *actions: str, **more: Any) -> None:
    """Put an alarm on blue's processors."""
    of_blue = {"Dimensions": [{"Name": "AutoScalingGroupName", "Value": BLUE}]}
    one.pair.sim.call(
        "cloudwatch", "PutMetricAlarm", {"AlarmName": name, **CPU, **RULE, **of_blue, "AlarmActions": actions, **more}
    )


def another_policy(one: Alive) -> None:
    """Idle has a policy that the live side has not."""
    policy(one, GREEN, "other")


def another_target(one: Alive) -> None:
    """Idle's policy has the same name, and another target."""
    one.pair.sim.call("autoscaling", "PutScalingPolicy", {"AutoScalingGroupName": GREEN, **tracking("cpu", 70.0)})


def another_schedule(one: Alive) -> None:
    """Idle has a scheduled action of its own."""
    night = {"ScheduledActionName": "night", "Recurrence": "0 3 * * *", "MinSize": 1}
    asked(one.pair, "PutScheduledUpdateGroupAction", GREEN, **night)
    asked(one.pair, "SuspendProcesses", GREEN, ScalingProcesses=["ScheduledActions"])


def predictive(one: Alive) -> None:
    """Live has a predictive policy that scales."""
    pairs = {"PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"}}
    configuration = {"MetricSpecifications": [{"TargetValue": 50.0, **pairs}], "Mode": "ForecastAndScale"}
    named = {"PolicyName": "forecast", "PolicyType": "PredictiveScaling"}
    asked(one.pair, "PutScalingPolicy", BLUE, **named, PredictiveScalingConfiguration=configuration)


def warm_pool(one: Alive) -> None:
    """Live keeps a warm pool."""
    asked(one.pair, "PutWarmPool", BLUE, MinSize=1)


def shared_alarm(one: Alive) -> None:
    """An alarm acts through policies of two groups."""
    another = {**one.pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"][0]}
    kept = ("MinSize", "MaxSize", "LaunchTemplate", "AvailabilityZones", "VPCZoneIdentifier")
    create = {key: another[key] for key in kept}
    asked(one.pair, "CreateAutoScalingGroup", "batch", **{**create, "MinSize": 0, "MaxSize": 0})
    alarm(one, "shared", policy(one, BLUE), policy(one, "batch"))


def composite(one: Alive) -> None:
    """The rule of a composite alarm names an alarm that would move."""
    alarm(one, "busy", policy(one, BLUE))
    one.pair.sim.call("cloudwatch", "PutCompositeAlarm", {"AlarmName": "page us", "AlarmRule": 'ALARM("busy")'})


def taken(one: Alive) -> None:
    """A copy's name is somebody's already."""
    alarm(one, "busy", policy(one, BLUE))
    alarm(one, "busy-bluegreen")


def own_dimension(group: str) -> dict[str, Any]:
    """Return a metric of one's own, whose dimension has the name of a group."""
    return {"MetricName": "Load", "Namespace": "My/App", "Dimensions": [{"Name": "asg", "Value": group}]}


def unclear_dimension(one: Alive) -> None:
    """An alarm that would be copied follows a dimension of which nobody knows whether it is the group."""
    alarm(one, "busy", policy(one, BLUE), **own_dimension(BLUE))


REASONS = [
    (another_policy, "differ in scaling policies and scheduled actions: other, tracking"),
    (another_target, "differ in scaling policies and scheduled actions: the same names, other values"),
    (another_schedule, "differ in scaling policies and scheduled actions: night, tracking"),
    (predictive, "the predictive policy forecast of web-blue scales"),
    (warm_pool, "web-blue has a warm pool"),
    (shared_alarm, "the alarm shared acts through a policy of another group, too"),
    (composite, "the alarm busy would move to busy-bluegreen, and the rule of page us names it"),
    (taken, "there is an alarm busy-bluegreen already: so the copy of busy would be called"),
    (unclear_dimension, "the alarm busy of web-blue follows asg=web-blue: a copy on web-green is to follow the same"),
]


@pytest.mark.parametrize(("made", "sentence"), REASONS, ids=[made.__name__ for made, _ in REASONS])
def test_refused_before_anything_is_written(made: Callable[[Alive], None], sentence: str) -> None:
    """It says what is in the way and what to do; no call writes, nothing is recorded, and ``check`` says the same."""
    one = alive("move")
    made(one)
    before, called = one.pair.picture(), writes(one.pair)
    with pytest.raises(Refused) as refusal:
        one.service().deploy("v2")
    told = f"{refusal.value.message} {refusal.value.hint}"
    assert ([], None, True) == (called, one.pair.release, sentence in told), told
    assert ([], True) == (
        unlike(before, one.pair.picture()),
        any(sentence in f.sentence for f in one.service().check()),
    )


def nothing(_: Alive) -> None:
    """Live's one policy tracks requests, and idle has none."""


def forecast_only(one: Alive) -> None:
    """A predictive policy that only forecasts."""
    predictive(one)
    (found,) = one.pair.sim.call("autoscaling", "DescribePolicies", {"PolicyNames": ["forecast"]})["ScalingPolicies"]
    configuration = {**found["PredictiveScalingConfiguration"], "Mode": "ForecastOnly"}
    named = {"PolicyName": "forecast", "PolicyType": "PredictiveScaling"}
    asked(one.pair, "PutScalingPolicy", BLUE, **named, PredictiveScalingConfiguration=configuration)


def another_composite(one: Alive) -> None:
    """A composite alarm names an alarm that stays where it is."""
    alarm(one, "busy", policy(one, BLUE))
    alarm(one, "busier")
    one.pair.sim.call("cloudwatch", "PutCompositeAlarm", {"AlarmName": "page us", "AlarmRule": 'ALARM("busier")'})


@pytest.mark.parametrize("made", [nothing, forecast_only, another_composite])
def test_not_refused(made: Callable[[Alive], None]) -> None:
    """What is next to a reason to refuse is none."""
    one = alive("move")
    made(one)
    assert (Status.OK, Status.OK) == (one.service().deploy("v2").status, one.service().finish().status)


def test_twins_whose_alarms_follow_the_one_group_are_none() -> None:
    """Each group has its alarm, and both count blue's processors: green, serving alone, would never scale."""
    one = alive("twins")
    for group in (BLUE, GREEN):
        alarm(one, f"{group}-busy", policy(one, group))
    called = writes(one.pair)
    with pytest.raises(Refused) as refusal:
        one.service().deploy("v2")
    fact = "the alarm web-green-busy of web-green follows the metrics of web-blue: it does nothing for web-green"
    assert (fact, [], None) == (refusal.value.message, called, one.pair.release)
    assert "let it follow AutoScalingGroupName=web-green, or a metric of the load balancer" == refusal.value.hint
    assert [fact] == [finding.sentence for finding in one.service().check() if finding.level == REFUSED]


def test_what_moves_and_follows_the_idle_group_is_told() -> None:
    """Nothing is on the idle group, and the live one's alarm counts its processors: it never fires for what serves."""
    one = alive("move")
    busy = {"AlarmActions": [policy(one, BLUE)], "Dimensions": [{"Name": "AutoScalingGroupName", "Value": GREEN}]}
    one.pair.sim.call("cloudwatch", "PutMetricAlarm", {"AlarmName": "busy", **CPU, **RULE, **busy})
    fact = "the alarm busy of web-blue follows the metrics of web-green: it does nothing for web-blue"
    assert [WARNED] == [finding.level for finding in one.service().check() if finding.sentence == fact]


@pytest.mark.parametrize(
    ("watched", "told"),
    [
        (
            {BLUE: BLUE, GREEN: BLUE},
            ["the alarm web-green-busy of web-green follows asg=web-blue: where that is the group web-blue, "
             "it does nothing for web-green"],
        ),
        ({BLUE: BLUE, GREEN: GREEN}, []),
        ({BLUE: "prod", GREEN: "prod"}, []),
    ],
)  # fmt: skip
def test_twins_that_may_follow_the_one_group_are_told_of(watched: dict[str, str], told: list[str]) -> None:
    """What a dimension with a name of one's own says is not known: a deployment is done, and `check` tells of it."""
    one = alive("twins")
    for group, value in watched.items():
        alarm(one, f"{group}-busy", policy(one, group), **own_dimension(value))
    found = [(each.level, each.sentence) for each in one.service().check() if "asg=" in each.sentence]
    assert [(WARNED, sentence) for sentence in told] == found
    assert Status.OK == one.service().deploy("v2").status

"""An answer of AWS's that lacks a member which is needed: not known, and never a no."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.aws.answers import Incomplete
from bluegreen.errors import Status, Unreachable
from bluegreen.targets.pair.model.fleet import Question
from tests.fuzz.lies import ABSENT, FOR_EVER, Lie, world
from tests.support.virtual import virtual

from .builders import PairOfGroups, aws

PAIR = ("web-blue", "web-green")
EVERYTHING = Question(PAIR, machines=("i-00000000000000001",), alarms=("a",))


def without(*path: str | int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what tells the recorded answer to an operation, the member at ``path`` left out; ``*``: in each row."""
    operation, *members = path

    def answering(parameters: dict[str, Any]) -> dict[str, Any]:
        if operation == "DescribeAlarms":
            rows = [{"AlarmName": "a", "StateValue": "OK"}]
            answer: dict[str, Any] = {"MetricAlarms": rows, "CompositeAlarms": rows}
        else:
            answer = copy.deepcopy(getattr(PairOfGroups(names=("web",)), str(operation))(parameters))
        _leave_out(answer, list(members))
        return answer

    return answering


def _leave_out(holder: Any, path: list[str | int]) -> None:
    if path[0] == "*":
        for one in holder:
            _leave_out(one, path[1:])
    elif len(path) == 1:
        del holder[path[0]]
    else:
        _leave_out(holder[path[0]], path[1:])


@pytest.mark.parametrize(
    "path",
    [
        ("DescribeAutoScalingGroups", "AutoScalingGroups"),
        *(
            ("DescribeAutoScalingGroups", "AutoScalingGroups", "*", name)
            for name in (
                *("AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity", "Instances", "SuspendedProcesses"),
                *("Tags", "LoadBalancerNames", "TargetGroupARNs", "TrafficSources"),
            )
        ),
        *(
            ("DescribeAutoScalingGroups", "AutoScalingGroups", "*", "Instances", "*", name)
            for name in ("InstanceId", "LifecycleState", "ProtectedFromScaleIn")
        ),
        ("DescribeTargetHealth", "TargetHealthDescriptions"),
        ("DescribeTargetHealth", "TargetHealthDescriptions", "*", "Target"),
        ("DescribeTargetHealth", "TargetHealthDescriptions", "*", "Target", "Id"),
        ("DescribeInstanceHealth", "InstanceStates"),
        ("DescribeInstanceHealth", "InstanceStates", "*", "InstanceId"),
        ("DescribeInstances", "Reservations"),
        ("DescribeInstances", "Reservations", "*", "Instances"),
        ("DescribeInstances", "Reservations", "*", "Instances", "*", "InstanceId"),
        ("DescribeAlarms", "MetricAlarms", "*", "AlarmName"),
        ("DescribeAlarms", "MetricAlarms", "*", "StateValue"),
    ],
    ids=" ".join,
)
def test_a_look_that_lacks_what_it_needs_is_no_look(path: tuple[str, ...]) -> None:
    """It ends as if nothing had come, and the sentence names the action and the member."""
    whole = {"DescribeAlarms": lambda _: {"MetricAlarms": [], "CompositeAlarms": []}}
    asked, _ = aws(PairOfGroups(names=("web",), overrides={**whole, path[0]: without(*path)}), parallel=1)
    with pytest.raises(Incomplete, match=rf"^AWS's answer to \w+:{path[0]} has no {path[-1]}$"):
        asked.ask(EVERYTHING)


def test_an_answer_without_any_list_of_alarms_is_none() -> None:
    """What guards a release is not taken for gone."""
    asked, _ = aws(PairOfGroups(overrides={"DescribeAlarms": {}}))
    with pytest.raises(Incomplete, match="neither MetricAlarms nor CompositeAlarms"):
        asked.ask(EVERYTHING)


def test_who_does_not_say_which_group_an_instance_is_in_does_not_say_that_it_is_in_none() -> None:
    """What is in a group is not terminated."""
    asked, _ = aws(PairOfGroups(overrides={"DescribeAutoScalingInstances": {}}))
    with pytest.raises(Incomplete, match="has no AutoScalingInstances"):
        asked.members(["i-1"])


def test_a_balancer_without_what_is_needed_is_silent_where_others_tell() -> None:
    """A patchy look goes on without it, and nothing is known there."""
    asked, _ = aws(PairOfGroups(names=("web",), overrides={"DescribeInstanceHealth": {}}))
    assert frozenset({"web"}) == asked.ask(Question(PAIR, patchy=True)).silent


@pytest.mark.parametrize(
    "path",
    [
        ("DescribeLoadBalancers", "LoadBalancerDescriptions"),
        ("DescribeLoadBalancers", "LoadBalancerDescriptions", "*", "HealthCheck"),
        *(
            ("DescribeLoadBalancers", "LoadBalancerDescriptions", "*", "HealthCheck", name)
            for name in ("Interval", "Timeout", "UnhealthyThreshold", "HealthyThreshold")
        ),
        ("DescribeLoadBalancerAttributes", "LoadBalancerAttributes"),
        ("DescribeLoadBalancerAttributes", "LoadBalancerAttributes", "ConnectionDraining"),
        ("DescribeLoadBalancerAttributes", "LoadBalancerAttributes", "ConnectionDraining", "Enabled"),
        ("DescribeTargetGroups", "TargetGroups"),
        *(
            ("DescribeTargetGroups", "TargetGroups", "*", name)
            for name in (
                *("TargetType", "LoadBalancerArns", "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds"),
                *("HealthyThresholdCount", "UnhealthyThresholdCount"),
            )
        ),
        ("DescribeTargetGroupAttributes", "Attributes"),
        ("DescribePolicies", "ScalingPolicies"),
        ("DescribePolicies", "ScalingPolicies", "*", "PolicyName"),
        ("DescribePolicies", "ScalingPolicies", "*", "PolicyARN"),
        ("DescribePolicies", "ScalingPolicies", "*", "Alarms"),
        ("DescribeScheduledActions", "ScheduledUpdateGroupActions"),
        ("DescribeScheduledActions", "ScheduledUpdateGroupActions", "*", "ScheduledActionName"),
        ("DescribeLifecycleHooks", "LifecycleHooks"),
        ("DescribeInstanceRefreshes", "InstanceRefreshes"),
        ("DescribeInstanceRefreshes", "InstanceRefreshes", "*", "Status"),
    ],
    ids=" ".join,
)
def test_a_survey_that_lacks_what_it_needs_is_none(path: tuple[str, ...]) -> None:
    """It is asked for again, as often as a survey is, and then nothing is begun."""
    asked, recorder = aws(PairOfGroups(names=("web",), overrides={path[0]: without(*path)}), parallel=1)
    with pytest.raises(Incomplete, match=rf"^AWS's answer to \w+:{path[0]} has no {path[-1]}$"):
        asked.survey(PAIR)
    assert recorder.operations.count(path[0]) >= 8


def test_a_survey_looks_again_where_a_member_was_left_out_once() -> None:
    """What is there the next time is taken."""
    lacks = iter([True])

    def once(parameters: dict[str, Any]) -> dict[str, Any]:
        found = PairOfGroups().DescribeTargetGroups(parameters)
        return {} if next(lacks, False) else found

    survey = aws(PairOfGroups(overrides={"DescribeTargetGroups": once}))[0].survey(PAIR)
    assert 10.0 == survey.balancers[0].interval


def test_a_policy_is_what_it_has() -> None:
    """AWS's own example of DescribePolicies names no type (botocore, ``examples-1.json``)."""
    rows = [
        {"PolicyName": "one", "ScalingAdjustment": 1, "AdjustmentType": "ChangeInCapacity"},
        {"PolicyName": "steps", "StepAdjustments": [{"ScalingAdjustment": 1}]},
        {"PolicyName": "track", "TargetTrackingConfiguration": {"TargetValue": 5.0}},
    ]
    answer = {"ScalingPolicies": [{**row, "PolicyARN": "arn:p", "Alarms": []} for row in rows]}
    survey = aws(PairOfGroups(overrides={"DescribePolicies": answer}))[0].survey(PAIR)
    types = [policy["PolicyType"] for policy in survey.scaling["web-blue"].policies]
    assert ["SimpleScaling", "StepScaling", "TargetTrackingScaling"] == types


def test_a_setting_that_could_not_be_written_again_is_not_known() -> None:
    """A tracking policy without its target value would be lost in a copy."""
    row = {"PolicyName": "cpu", "PolicyARN": "arn:p", "Alarms": [], "TargetTrackingConfiguration": {}}
    asked, _ = aws(PairOfGroups(overrides={"DescribePolicies": {"ScalingPolicies": [row]}}))
    with pytest.raises(Incomplete, match="DescribePolicies has no TargetValue"):
        asked.survey(PAIR)


def test_a_balancer_that_does_not_say_how_it_checks_begins_no_release() -> None:
    """69, one sentence with the action and the member, and nothing is written."""
    lie = Lie("DescribeLoadBalancers", ("LoadBalancerDescriptions", "*", "HealthCheck"), ABSENT, None, 0, FOR_EVER)
    one = world(lie, ("classic",))
    with pytest.raises(Unreachable) as caught:
        one.act("deploy")
    told = "AWS's answer to elasticloadbalancing:DescribeLoadBalancers has no HealthCheck"
    assert (Status.UNREACHABLE, told, one.before) == (caught.value.status, caught.value.message, one.pair.picture())


def test_a_group_that_lacks_its_instances_for_a_while_is_looked_at_again() -> None:
    """A run goes on when the member is there again."""
    lie = Lie("DescribeAutoScalingGroups", ("AutoScalingGroups", "*", "Instances"), ABSENT, None, 5, 20)
    one = world(lie, ("target-group",))
    assert "v2 is live" in one.act("deploy")


def test_a_run_without_lies_is_as_it_was() -> None:
    """The world of these tests is an ordinary one."""
    assert "v2 is live" in virtual(instances=1).service().deploy("v2").sentence

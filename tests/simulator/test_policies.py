"""Policies that are refused, notifications, and batches of scheduled actions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.simulator import tracking
from bluegreen.simulator.build import resource_label

from .wire import BLUE, GREEN, wire

SIMPLE = {"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
STEPS = {
    "PolicyType": "StepScaling",
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}
CPU = {key: value for key, value in tracking("cpu", 50).items() if key != "PolicyName"}
SPECIFICATION = {
    "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"},
    "TargetValue": 50.0,
}
FORECAST = {"MetricSpecifications": [SPECIFICATION]}
TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
LAUNCH, TERMINATE = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"
DUE = datetime(2030, 1, 1, tzinfo=UTC)


def predictive(configuration):
    """Return a predictive policy."""
    return {"PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": configuration}


def without(policy, key):
    """Return a policy that lacks a field."""
    return {name: value for name, value in policy.items() if name != key}


# Policies.


@pytest.mark.parametrize("policy", [SIMPLE, STEPS, CPU, predictive(FORECAST)])
def test_a_policy_with_all_it_needs_is_put(policy):
    """Each of the four kinds."""
    aws = wire()
    aws.asg("PutScalingPolicy", PolicyName="p", **policy)
    assert 1 == len(aws.asg("DescribePolicies")["ScalingPolicies"])


@pytest.mark.parametrize(
    "policy",
    [
        without(SIMPLE, "AdjustmentType"),
        without(SIMPLE, "ScalingAdjustment"),
        without(STEPS, "AdjustmentType"),
        without(STEPS, "StepAdjustments"),
        {**STEPS, "StepAdjustments": []},
        without(CPU, "TargetTrackingConfiguration"),
        {"PolicyType": "PredictiveScaling"},
        {**SIMPLE, "PolicyType": "Guesswork"},
        {**STEPS, "Cooldown": 60},
        {**CPU, "Cooldown": 60},
        {**SIMPLE, "EstimatedInstanceWarmup": 60},
        {**CPU, "MetricAggregationType": "Average"},
        {**CPU, "MinAdjustmentMagnitude": 1},
        {**CPU, "TargetTrackingConfiguration": {"TargetValue": 50.0}},
        predictive({"MetricSpecifications": [SPECIFICATION, SPECIFICATION]}),
        predictive({**FORECAST, "MaxCapacityBreachBehavior": "IncreaseMaxCapacity"}),
        predictive({**FORECAST, "MaxCapacityBuffer": 10}),
    ],
)
def test_a_policy_that_cannot_be_is_refused(policy):
    """What a kind needs must be there, what it does not support must not (botocore model)."""
    aws = wire()
    request = {"AutoScalingGroupName": BLUE, "PolicyName": "p", **policy}
    assert "ValidationError" == aws.refusal("autoscaling", "PutScalingPolicy", **request)[0]
    assert [] == aws.asg("DescribePolicies")["ScalingPolicies"]


def test_fifty_policies_and_twenty_steps_and_no_more():
    """The quotas; one of the fifty may be put again."""
    aws = wire()
    for number in range(50):
        aws.asg("PutScalingPolicy", PolicyName=f"p{number}", **SIMPLE)
    aws.asg("PutScalingPolicy", PolicyName="p0", **SIMPLE, Cooldown=1)
    request = {"AutoScalingGroupName": BLUE, "PolicyName": "more"}
    steps = [{"MetricIntervalLowerBound": float(bound), "ScalingAdjustment": 1} for bound in range(21)]
    codes = [
        aws.refusal("autoscaling", "PutScalingPolicy", **request, **SIMPLE)[0],
        wire().refusal("autoscaling", "PutScalingPolicy", **request, **{**STEPS, "StepAdjustments": steps})[0],
    ]
    assert ["LimitExceeded", "LimitExceeded"] == codes


def labelled(label, kind="ALBRequestCountPerTarget"):
    """Return a policy on requests per target; without a label for ``None``."""
    named = {"ResourceLabel": label} if label is not None else {}
    specification = {"PredefinedMetricSpecification": {"PredefinedMetricType": kind, **named}}
    configuration = {**specification, "TargetValue": 50.0}
    return {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": configuration}


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (None, "Resource label should be specified for predefined metric type ALBRequestCountPerTarget"),
        ("app/web-0/1/targetgroup/other/1", "Target group not attached to the Auto Scaling group"),
        ("app/other/1/{}", "The load balancer does not route traffic to the target group."),
    ],
)
def test_requests_are_tracked_on_a_target_group_of_the_groups(label, words):
    """Attached to the group, and behind the balancer that the label names."""
    aws = wire()
    filled = label.format(aws.balancer().rpartition(":")[2]) if label else None
    request = {"AutoScalingGroupName": BLUE, "PolicyName": "p", **labelled(filled)}
    assert ("ValidationError", words) == aws.refusal("autoscaling", "PutScalingPolicy", **request)


def test_a_forecast_on_requests_needs_the_groups_target_group_too():
    """After it is detached the same policy is refused."""
    aws = wire()
    label = resource_label(aws.sim, aws.balancer())
    pair = {"PredefinedMetricType": "ALBRequestCount", "ResourceLabel": label}
    metric = {"PredefinedMetricPairSpecification": pair, "TargetValue": 50.0}
    policy = {"PolicyName": "p", **predictive({"MetricSpecifications": [metric]})}
    aws.asg("PutScalingPolicy", **policy)
    aws.asg("DetachLoadBalancerTargetGroups", TargetGroupARNs=[aws.balancer()])
    refused = aws.refusal("autoscaling", "PutScalingPolicy", AutoScalingGroupName=BLUE, **policy)
    assert ("ValidationError", "Target group not attached to the Auto Scaling group") == refused


def test_two_policies_do_not_track_one_metric():
    """Whatever their targets; another metric, another group and the same policy again are taken (user guide)."""
    aws = wire()
    higher = {**CPU, "TargetTrackingConfiguration": {**CPU["TargetTrackingConfiguration"], "TargetValue": 80.0}}
    aws.asg("PutScalingPolicy", PolicyName="p", **CPU)
    sentence = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    named = {"AutoScalingGroupName": BLUE, "PolicyName": "q"}
    assert ("ValidationError", sentence) == aws.refusal("autoscaling", "PutScalingPolicy", **named, **higher)
    aws.asg("PutScalingPolicy", PolicyName="p", **higher)
    aws.asg("PutScalingPolicy", GREEN, PolicyName="q", **CPU)
    label = {"ResourceLabel": resource_label(aws.sim, aws.balancer())}
    requests = tracking("requests", 600, "r")["TargetTrackingConfiguration"]
    requests["PredefinedMetricSpecification"] |= label
    aws.asg("PutScalingPolicy", PolicyName="r", PolicyType=CPU["PolicyType"], TargetTrackingConfiguration=requests)
    assert ["p", "r"] == [policy["PolicyName"] for policy in aws.asg("DescribePolicies")["ScalingPolicies"]]


def test_a_tracking_policy_says_whether_it_scales_in():
    """Described policies always do, though most are put without a word of it (reports)."""
    aws = wire()
    aws.asg("PutScalingPolicy", PolicyName="p", **CPU)
    (policy,) = aws.asg("DescribePolicies")["ScalingPolicies"]
    assert {**CPU["TargetTrackingConfiguration"], "DisableScaleIn": False} == policy["TargetTrackingConfiguration"]


def test_an_update_drops_what_it_does_not_say():
    """The whole configuration each time, and the alarms of target tracking follow (botocore model)."""
    aws = wire()
    aws.asg("PutScalingPolicy", PolicyName="p", **CPU, EstimatedInstanceWarmup=60, Enabled=False)
    higher = {**CPU["TargetTrackingConfiguration"], "TargetValue": 80.0}
    aws.asg("PutScalingPolicy", PolicyName="p", **{**CPU, "TargetTrackingConfiguration": higher})
    (policy,) = aws.asg("DescribePolicies")["ScalingPolicies"]
    thresholds = [alarm["Threshold"] for alarm in aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]]
    assert (True, False, [80.0, 56.0]) == (policy["Enabled"], "EstimatedInstanceWarmup" in policy, thresholds)


# Notifications.


def notified(aws, *groups, **more):
    """Return the rows of notifications: group, topic, type."""
    named = {"AutoScalingGroupNames": list(groups)} if groups else {}
    found = aws.asg("DescribeNotificationConfigurations", None, **named, **more)["NotificationConfigurations"]
    return [(row["AutoScalingGroupName"], row["TopicARN"], row["NotificationType"]) for row in found]


def test_a_topics_notifications_are_overwritten():
    """A row for each type; another topic and another group keep theirs."""
    aws = wire(twins=True)
    aws.asg("PutNotificationConfiguration", TopicARN=TOPIC, NotificationTypes=[LAUNCH])
    aws.asg("PutNotificationConfiguration", TopicARN=TOPIC + "2", NotificationTypes=[LAUNCH])
    aws.asg("PutNotificationConfiguration", GREEN, TopicARN=TOPIC, NotificationTypes=[LAUNCH, TERMINATE])
    aws.asg("PutNotificationConfiguration", TopicARN=TOPIC, NotificationTypes=[TERMINATE])
    blue = [(BLUE, TOPIC, TERMINATE), (BLUE, TOPIC + "2", LAUNCH)]
    green = [(GREEN, TOPIC, LAUNCH), (GREEN, TOPIC, TERMINATE)]
    every = [notified(aws), notified(aws, BLUE), notified(aws, GREEN, "nobody"), notified(aws, GREEN, MaxRecords=1)]
    assert [blue + green, blue, green, green[:1]] == every


def test_a_deleted_notification_is_gone():
    """And a second time it is refused."""
    aws = wire()
    aws.asg("PutNotificationConfiguration", TopicARN=TOPIC, NotificationTypes=[LAUNCH])
    aws.asg("DeleteNotificationConfiguration", TopicARN=TOPIC)
    again = {"AutoScalingGroupName": BLUE, "TopicARN": TOPIC}
    assert "ValidationError" == aws.refusal("autoscaling", "DeleteNotificationConfiguration", **again)[0]
    assert [] == notified(aws)


def test_ten_topics_and_only_known_types():
    """The eleventh topic is one too many (botocore model)."""
    aws = wire()
    for number in range(10):
        aws.asg("PutNotificationConfiguration", TopicARN=f"{TOPIC}{number}", NotificationTypes=[LAUNCH])
    requests = [{"TopicARN": TOPIC, "NotificationTypes": [kind]} for kind in (LAUNCH, "autoscaling:NEWS")]
    codes = [
        aws.refusal("autoscaling", "PutNotificationConfiguration", AutoScalingGroupName=BLUE, **request)[0]
        for request in requests
    ]
    assert ["LimitExceeded", "ValidationError"] == codes


# Scheduled actions, many at once.


def actions(count, **more):
    """Return so many scheduled actions, an hour apart."""
    return [
        {"ScheduledActionName": f"a{number}", "StartTime": DUE + timedelta(hours=number), "MinSize": 1, **more}
        for number in range(count)
    ]


def put_batch(aws, batch):
    """Put many at once, and return what failed: name and code."""
    found = aws.asg("BatchPutScheduledUpdateGroupAction", ScheduledUpdateGroupActions=batch)
    return [(each["ScheduledActionName"], each["ErrorCode"]) for each in found["FailedScheduledUpdateGroupActions"]]


def test_fifty_in_a_batch_and_no_more():
    """One more, and none is put or deleted."""
    aws = wire()
    named = {"AutoScalingGroupName": BLUE}
    many = {**named, "ScheduledUpdateGroupActions": actions(51)}
    assert "ValidationError" == aws.refusal("autoscaling", "BatchPutScheduledUpdateGroupAction", **many)[0]
    assert [] == put_batch(aws, actions(50))
    names = {**named, "ScheduledActionNames": [f"a{number}" for number in range(51)]}
    assert "ValidationError" == aws.refusal("autoscaling", "BatchDeleteScheduledAction", **names)[0]
    assert 50 == len(aws.asg("DescribeScheduledActions")["ScheduledUpdateGroupActions"])


def test_a_batch_reaches_the_limit_in_its_middle():
    """125 actions a group: what fits is put, the rest is reported."""
    aws = wire()
    batch = actions(130)
    failed = [each for start in (0, 50, 100) for each in put_batch(aws, batch[start : start + 50])]
    assert [(f"a{number}", "LimitExceeded") for number in range(125, 130)] == failed


def test_unknown_names_of_a_batch_are_reported():
    """The others are deleted."""
    aws = wire()
    put_batch(aws, actions(2))
    found = aws.asg("BatchDeleteScheduledAction", ScheduledActionNames=["a0", "nobody"])["FailedScheduledActions"]
    left = [each["ScheduledActionName"] for each in aws.asg("DescribeScheduledActions")["ScheduledUpdateGroupActions"]]
    told = [(each["ScheduledActionName"], each["ErrorCode"]) for each in found]
    assert ([("nobody", "ValidationError")], ["a1"]) == (told, left)

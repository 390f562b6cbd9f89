"""What is put is described, field by field: which fields there are is asked of botocore's service models.

This is what somebody stands on who copies policies, alarms or schedules from one group to another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bluegreen.simulator.build import resource_label

from .wire import BLUE, GREEN, Wire, model, wire

SNS = "arn:aws:sns:us-east-1:123456789012:ops"
DIMENSION = {"Name": "AutoScalingGroupName", "Value": BLUE}
CPU = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": [DIMENSION]}
RULE = {"EvaluationPeriods": 3, "ComparisonOperator": "GreaterThanThreshold"}
DUE = datetime(2030, 1, 1, tzinfo=UTC)

STAT = {
    "Id": "m",
    "MetricStat": {"Metric": CPU, "Period": 300, "Stat": "p90", "Unit": "Percent"},
    "ReturnData": False,
    "AccountId": "123456789012",
}
MATH = [STAT, {"Id": "e", "Expression": "m / 2", "Label": "half", "Period": 300, "ReturnData": True}]
BAND = [{**STAT, "ReturnData": True}, {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}]

ALARMS: dict[str, dict[str, Any]] = {
    "metric": {
        **CPU,
        **RULE,
        "AlarmDescription": "",
        "ActionsEnabled": False,
        "OKActions": [SNS],
        "AlarmActions": [SNS],
        "InsufficientDataActions": [SNS],
        "Statistic": "Average",
        "Period": 60,
        "Unit": "Percent",
        "DatapointsToAlarm": 2,
        "Threshold": 0.0,
        "TreatMissingData": "ignore",
        "EvaluationWindow": {"WallClockWindow": {"Timezone": "Asia/Seoul"}},
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5},
        "ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": True, "IncludedTagKeys": ["team"]}},
    },
    "percentile": {
        **CPU,
        **RULE,
        "ExtendedStatistic": "p99",
        "EvaluateLowSampleCountPercentile": "ignore",
        "Period": 300,
        "Threshold": 9.5,
    },
    "math": {**RULE, "Metrics": MATH, "Threshold": 5.0, "TreatMissingData": "breaching"},
    "anomaly": {
        "Metrics": BAND,
        "ThresholdMetricId": "b",
        "EvaluationPeriods": 2,
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    },
    "promql": {
        "EvaluationCriteria": {"PromQLCriteria": {"Query": "up == 0", "PendingPeriod": 60, "RecoveryPeriod": 30}},
        "EvaluationInterval": 60,
    },
}
COMPOSITES: dict[str, dict[str, Any]] = {
    "all": {
        "AlarmRule": "ALARM(percentile) AND NOT OK(math)",
        "AlarmDescription": "both",
        "ActionsEnabled": False,
        "OKActions": [SNS],
        "AlarmActions": [SNS],
        "InsufficientDataActions": [SNS],
        "ActionsSuppressor": "promql",
        "ActionsSuppressorWaitPeriod": 10,
        "ActionsSuppressorExtensionPeriod": 20,
        "ActionConfiguration": {"AlarmTagsPropagation": {"Enabled": True}},
    }
}
TRACKED = {
    "Id": "q",
    "MetricStat": {"Metric": CPU, "Stat": "Sum", "Unit": "Percent", "Period": 10},
    "Label": "busy",
    "ReturnData": False,
}
FORECAST = [
    {"Id": "l", "MetricStat": {"Metric": CPU, "Stat": "Sum", "Unit": "Percent"}, "ReturnData": False, "Label": "load"},
    {"Id": "s", "Expression": "SUM(SEARCH('{AWS/EC2,AutoScalingGroupName} web-', 'Sum', 300))", "ReturnData": True},
]
CUSTOM = {kind: {"MetricDataQueries": FORECAST} for kind in ("Scaling", "Load", "Capacity")}


def policies(aws: Wire) -> dict[str, dict[str, Any]]:
    """Return a policy of each kind; some name the pair's target group."""
    label = {"ResourceLabel": resource_label(aws.sim, aws.balancer())}
    return {
        "simple": {
            "PolicyType": "SimpleScaling",
            "AdjustmentType": "PercentChangeInCapacity",
            "MinAdjustmentStep": 1,
            "ScalingAdjustment": -10,
            "Cooldown": 0,
            "Enabled": False,
        },
        "steps": {
            "PolicyType": "StepScaling",
            "AdjustmentType": "PercentChangeInCapacity",
            "MinAdjustmentMagnitude": 2,
            "MetricAggregationType": "Maximum",
            "EstimatedInstanceWarmup": 0,
            "StepAdjustments": [
                {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 10},
                {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30},
            ],
        },
        "tracking": tracking(
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget", **label}}
        ),
        "custom": tracking(
            {"CustomizedMetricSpecification": {**CPU, "Statistic": "Sum", "Unit": "None", "Period": 10}}
        ),
        "math": tracking(
            {
                "CustomizedMetricSpecification": {
                    "Metrics": [TRACKED, {"Id": "e", "Expression": "q / 2", "Period": 60, "ReturnData": True}]
                }
            }
        ),
        "forecast": predictive(
            {"PredefinedMetricPairSpecification": {"PredefinedMetricType": "ALBRequestCount", **label}},
            Mode="ForecastAndScale",
            SchedulingBufferTime=0,
            MaxCapacityBreachBehavior="IncreaseMaxCapacity",
            MaxCapacityBuffer=0,
        ),
        "apart": predictive(
            {
                "PredefinedScalingMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "PredefinedLoadMetricSpecification": {"PredefinedMetricType": "ALBTargetGroupRequestCount", **label},
            }
        ),
        "search": predictive({f"Customized{kind}MetricSpecification": CUSTOM[kind] for kind in CUSTOM}),
    }


def tracking(specification: dict[str, Any]) -> dict[str, Any]:
    """Return a target tracking policy."""
    configuration = {**specification, "TargetValue": 50.0, "DisableScaleIn": True}
    kind = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": configuration}
    return {**kind, "EstimatedInstanceWarmup": 60}


def predictive(specification: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a predictive policy."""
    configuration = {"MetricSpecifications": [{"TargetValue": 50.0, **specification}], **more}
    return {"PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": configuration}


SCHEDULES: dict[str, dict[str, Any]] = {
    "recurring": {
        "Recurrence": "0 9 * * mon-fri",
        "TimeZone": "Asia/Seoul",
        "StartTime": DUE,
        "EndTime": DUE.replace(year=2031),
        "MinSize": 0,
        "MaxSize": 0,
        "DesiredCapacity": 0,
    },
    "once": {"StartTime": DUE.replace(hour=1), "DesiredCapacity": 3},
}


def writable(service: str, operation: str, shape: str) -> set[str]:
    """Return the fields that can be put and are described."""
    put = model(service).operation_model(operation).input_shape
    assert put is not None
    return set(put.members) & set(model(service).shape_for(shape).members)


def shown(record: dict[str, Any], sample: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says of a sample's fields."""
    return {key: record.get(key) for key in sample}


# Alarms.


def alarms(aws: Wire) -> dict[str, dict[str, Any]]:
    """Return every alarm by its name."""
    found = aws.call("cloudwatch", "DescribeAlarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {alarm["AlarmName"]: alarm for key in ("MetricAlarms", "CompositeAlarms") for alarm in found[key]}


def put_alarms(aws: Wire) -> dict[str, dict[str, Any]]:
    """Put every sample, and return them by name."""
    for operation, samples in (("PutMetricAlarm", ALARMS), ("PutCompositeAlarm", COMPOSITES)):
        for name, sample in samples.items():
            aws.call("cloudwatch", operation, AlarmName=name, **sample)
    return {**ALARMS, **COMPOSITES}


KINDS = [("PutMetricAlarm", "MetricAlarm", ALARMS), ("PutCompositeAlarm", "CompositeAlarm", COMPOSITES)]


@pytest.mark.parametrize(("operation", "shape", "samples"), KINDS)
def test_every_writable_field_of_an_alarm_is_tried(operation, shape, samples):
    """A field that a later botocore adds makes this fail."""
    tried = {"AlarmName"}.union(*samples.values())
    assert writable("cloudwatch", operation, shape) == tried


def test_an_alarm_is_described_as_it_was_put():
    """Every field of every sample, also what is 0, false or empty."""
    aws = wire()
    samples, found = put_alarms(aws), alarms(aws)
    assert samples == {name: shown(found[name], sample) for name, sample in samples.items()}


@pytest.mark.parametrize(("operation", "shape", "samples"), KINDS)
def test_an_alarm_that_is_put_as_it_is_described_is_the_same(operation, shape, samples):
    """Under another name it differs in nothing else, and writing it again leaves nothing behind."""
    aws = wire()
    put_alarms(aws)
    fields = writable("cloudwatch", operation, shape)
    before = {name: {key: alarms(aws)[name][key] for key in fields & set(alarms(aws)[name])} for name in samples}
    for sample in before.values():
        aws.call("cloudwatch", operation, **{**sample, "AlarmName": "copy"})
        after = {key: value for key, value in alarms(aws)["copy"].items() if key in fields}
        assert {**sample, "AlarmName": "copy"} == after


# Policies.


def described(aws: Wire, group: str = BLUE) -> dict[str, dict[str, Any]]:
    """Return the group's policies by name."""
    return {each["PolicyName"]: each for each in aws.asg("DescribePolicies", group)["ScalingPolicies"]}


def put_policies(aws: Wire) -> dict[str, dict[str, Any]]:
    """Put every sample onto the blue group, and return them by name."""
    for name, sample in policies(aws).items():
        aws.asg("PutScalingPolicy", PolicyName=name, **sample)
    return policies(aws)


def test_every_writable_field_of_a_policy_is_tried():
    """A field that a later botocore adds makes this fail; so for the specifications of metrics in it."""
    samples = policies(wire())
    tried = {"AutoScalingGroupName", "PolicyName"}.union(*samples.values())
    inside = {key: set() for key in ("TargetTrackingConfiguration", "PredictiveScalingConfiguration")}
    for sample in samples.values():
        for key in inside.keys() & sample.keys():
            inside[key] |= set(sample[key])
    shapes = {key: set(model("autoscaling").shape_for(key).members) for key in inside}
    assert (writable("autoscaling", "PutScalingPolicy", "ScalingPolicy"), shapes) == (tried, inside)


def test_every_way_to_forecast_is_tried():
    """Each specification that a predictive policy may have is in a sample."""
    configurations = [sample.get("PredictiveScalingConfiguration", {}) for sample in policies(wire()).values()]
    tried = {key for each in configurations for part in each.get("MetricSpecifications", ()) for key in part}
    assert set(model("autoscaling").shape_for("PredictiveScalingMetricSpecification").members) == tried


def test_a_policy_is_described_as_it_was_put():
    """Every field of every sample, also what is 0, false or empty."""
    aws = wire()
    samples, found = put_policies(aws), described(aws)
    assert samples == {name: shown(found[name], sample) for name, sample in samples.items()}


def test_a_policy_that_is_put_onto_the_other_group_is_the_same():
    """All but its ARN and its alarms, and the first group keeps its own."""
    aws = wire(twins=True)
    put_policies(aws)
    before = described(aws)
    fields = writable("autoscaling", "PutScalingPolicy", "ScalingPolicy") - {"AutoScalingGroupName"}
    for policy in before.values():
        aws.asg("PutScalingPolicy", GREEN, **{key: policy[key] for key in fields & set(policy)})
    views = [
        {name: {key: each[key] for key in fields & set(each)} for name, each in found.items()}
        for found in (before, described(aws, GREEN))
    ]
    assert (views[0], before) == (views[1], described(aws))


# Scheduled actions.


def schedules(aws: Wire, group: str = BLUE) -> dict[str, dict[str, Any]]:
    """Return the group's scheduled actions by name."""
    found = aws.asg("DescribeScheduledActions", group)["ScheduledUpdateGroupActions"]
    return {each["ScheduledActionName"]: each for each in found}


def test_every_writable_field_of_a_scheduled_action_is_tried():
    """All but Time, which is no longer used (botocore model)."""
    tried = {"AutoScalingGroupName", "ScheduledActionName", "Time"}.union(*SCHEDULES.values())
    assert writable("autoscaling", "PutScheduledUpdateGroupAction", "ScheduledUpdateGroupAction") == tried


@pytest.mark.parametrize("batch", [True, False])
def test_a_scheduled_action_is_described_as_it_was_put(batch):
    """Every field, one at a time or many at once; and the same on the other group."""
    aws = wire(twins=True)
    for group in (BLUE, GREEN):
        actions = [{"ScheduledActionName": name, **sample} for name, sample in SCHEDULES.items()]
        if batch:
            aws.asg("BatchPutScheduledUpdateGroupAction", group, ScheduledUpdateGroupActions=actions)
        for action in () if batch else actions:
            aws.asg("PutScheduledUpdateGroupAction", group, **action)
        found = schedules(aws, group)
        assert SCHEDULES == {name: shown(found[name], sample) for name, sample in SCHEDULES.items()}


def test_an_action_that_is_put_again_is_another_with_the_same_name():
    """The whole configuration is replaced, and its ARN stays."""
    aws = wire()
    aws.asg("PutScheduledUpdateGroupAction", ScheduledActionName="a", **SCHEDULES["recurring"])
    before = schedules(aws)["a"]["ScheduledActionARN"]
    aws.asg("PutScheduledUpdateGroupAction", ScheduledActionName="a", **SCHEDULES["once"])
    after = schedules(aws)["a"]
    assert (before, False, 3) == (after["ScheduledActionARN"], "Recurrence" in after, after["DesiredCapacity"])

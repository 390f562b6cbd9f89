"""Scaling settings of every kind, put onto a group, and what a group has of them, with nothing of its own in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bluegreen.simulator.build import BLUE, GREEN, tracking
from bluegreen.simulator.core.operations import find
from bluegreen.simulator.simulator import Simulator

SUFFIX = "-bluegreen"

OF_ITS_OWN = {
    "AutoScalingGroupName",
    "PolicyARN",
    "ScheduledActionARN",
    "Time",
    "AlarmArn",
    "AlarmConfigurationUpdatedTimestamp",
    "ResponseMetadata",
}
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
Named = dict[str, dict[str, Any]]

MORE = [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}]
POLICIES: tuple[dict[str, Any], ...] = (
    tracking("cpu", 70.0, name="processors"),
    {"PolicyName": "more", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": MORE},
    {
        "PolicyName": "fewer of {group}",
        "PolicyType": "SimpleScaling",
        "AdjustmentType": "ChangeInCapacity",
        "ScalingAdjustment": -1,
        "Cooldown": 60,
    },
)
"""One of each kind; both names that tell of the group and names that do not."""

SCHEDULES: tuple[dict[str, Any], ...] = (
    {"ScheduledActionName": "morning", "Recurrence": "0 8 * * *", "MinSize": 2},
    {"ScheduledActionName": "night", "Recurrence": "0 3 * * *", "TimeZone": "Asia/Seoul", "MaxSize": 9},
)
"""Hours away from the time at which a story begins."""


def put_settings(sim: Simulator, group: str = BLUE) -> None:
    """Put policies of all three kinds, two tagged alarms and two scheduled actions onto ``group``."""
    name = {"AutoScalingGroupName": group}
    arns = {}
    for policy in POLICIES:
        called = str(policy["PolicyName"]).format(group=group)
        asked = {**policy, **name, "PolicyName": called}
        arns[policy["PolicyName"]] = sim.call("autoscaling", "PutScalingPolicy", asked)["PolicyARN"]
    put_alarm(sim, group, f"{group} is busy", arns["more"], "GreaterThanThreshold", 80.0)
    put_alarm(sim, group, "little to do", arns["fewer of {group}"], "LessThanThreshold", 1.0)
    for schedule in SCHEDULES:
        sim.call("autoscaling", "PutScheduledUpdateGroupAction", {**name, **schedule})


def put_alarm(sim: Simulator, group: str, name: str, policy: str, comparison: str, threshold: float) -> None:
    """Put an alarm on the group's processors that makes ``policy`` (its ARN) act."""
    alarm = {
        "AlarmName": name,
        "AlarmDescription": "kept as it is",
        "AlarmActions": [policy, "arn:aws:sns:us-east-1:123456789012:people"],
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": threshold,
        "ComparisonOperator": comparison,
        "TreatMissingData": "notBreaching",
        "Tags": [{"Key": "team", "Value": "web"}],
    }
    sim.call("cloudwatch", "PutMetricAlarm", alarm)


# ---- what a group has ----


def settings_of(sim: Simulator, group: str) -> Named:
    """Return what makes ``group`` scale, by kind and name; its own name stands as ``{group}``, ARNs and states not.

    Alarms are those that act through a policy of the group, even one that is not there any more; green's are called
    as blue's are. Nobody notices that it is asked.
    """
    asked = {"AutoScalingGroupName": group}
    policies = _asked(sim, "autoscaling", "DescribePolicies", asked)["ScalingPolicies"]
    schedules = _asked(sim, "autoscaling", "DescribeScheduledActions", asked)["ScheduledUpdateGroupActions"]
    return {
        "policies": {row["PolicyName"]: row for row in (_neutral(row, group) for row in policies)},
        "alarms": {row["AlarmName"]: row for row in _alarms(sim, group)},
        "schedules": {row["ScheduledActionName"]: row for row in (_neutral(row, group) for row in schedules)},
    }


def _asked(sim: Simulator, service: str, operation: str, parameters: dict[str, Any]) -> Any:
    return find(service, operation, parameters).run(sim.world, parameters)


def nothing_of(settings: Named) -> bool:
    """Whether there is no setting at all."""
    return not any(settings.values())


def _alarms(sim: Simulator, group: str) -> Iterator[dict[str, Any]]:
    for row in _asked(sim, "cloudwatch", "DescribeAlarms", {})["MetricAlarms"]:
        if any(_of(action, group) for key in ACTIONS for action in row.get(key) or ()):
            found = _neutral({key: value for key, value in row.items() if not key.startswith("State")}, group)
            tags = _asked(sim, "cloudwatch", "ListTagsForResource", {"ResourceARN": row["AlarmArn"]})["Tags"]
            yield {**found, "AlarmName": _home(found["AlarmName"], group), "Tags": tags}


def _home(name: str, group: str) -> str:
    return name.removesuffix(SUFFIX) if group == GREEN else name


def _of(action: str, group: str) -> bool:
    return f":autoScalingGroupName/{group}:" in action


def _neutral(row: Mapping[str, Any], group: str) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key not in OF_ITS_OWN}
    if "Recurrence" in kept:
        kept.pop("StartTime", None)  # when it is due next
    if "Alarms" in kept:
        kept["Alarms"] = sorted(_home(alarm["AlarmName"], group) for alarm in kept["Alarms"])
    for key in ACTIONS:
        if key in kept:
            kept[key] = [action.rpartition(":policyName/")[2] for action in kept[key]]
    if "Dimensions" in kept:
        kept["Dimensions"] = sorted(kept["Dimensions"], key=lambda one: str(one["Name"]))
    neutral: dict[str, Any] = json.loads(json.dumps(kept, default=str).replace(group, "{group}"))
    return neutral

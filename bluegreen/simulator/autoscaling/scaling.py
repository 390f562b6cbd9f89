"""How large a policy wants its group: pure arithmetic, and what target tracking's own alarms are.

Sources: Auto Scaling user guide ("Step and simple scaling policies": adjustment types, rounding, bounds of steps;
"Target tracking scaling policies"). What target tracking computes is *unknown*: in proportion to its metric.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Policy = Mapping[str, Any]

ROUNDING = 1e-9
LOW = 0.7
PERIODS = {"AlarmHigh": 3, "AlarmLow": 15}
COMPARISONS = {"AlarmHigh": "GreaterThanThreshold", "AlarmLow": "LessThanThreshold"}
REQUESTS = "ALBRequestCountPerTarget"
CPU = {"ASGAverageCPUUtilization": "CPUUtilization"}
OF_A_METRIC = ("MetricName", "Namespace", "Dimensions", "Statistic", "Unit")
NETWORK = {"ASGAverageNetworkIn": "NetworkIn", "ASGAverageNetworkOut": "NetworkOut"}


def adjusted(base: int, policy: Policy, adjustment: int) -> int:
    """Return the size that an adjustment of ``base`` gives, whatever the group's bounds."""
    kind = policy.get("AdjustmentType", "ChangeInCapacity")
    if kind == "ExactCapacity":
        return adjustment
    return base + (_percent(base, policy, adjustment) if kind == "PercentChangeInCapacity" else adjustment)


def _percent(base: int, policy: Policy, percent: int) -> int:
    """Return a change in percent: towards zero, but at least one, or what the policy says (user guide)."""
    change = base * percent / 100
    if not change:
        return 0
    least = policy.get("MinAdjustmentMagnitude", policy.get("MinAdjustmentStep", 1))
    return int(math.copysign(max(abs(math.trunc(change)), least, 1), change))


def step_for(policy: Policy, beyond: float, above: bool) -> int | None:
    """Return the adjustment for a metric that is ``beyond`` its threshold; ``above``: the alarm guards a maximum.

    The bound nearer to the threshold belongs to a step, the farther one does not (botocore model).
    """
    for step in policy["StepAdjustments"]:
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        if (low <= beyond < high) if above else (low < beyond <= high):
            return int(step["ScalingAdjustment"])
    return None


def needed(metric: float, count: int, target: float) -> int:
    """Return how many instances bring ``metric``, which is taken over ``count`` of them, down to ``target``."""
    return math.ceil(metric * count / target - ROUNDING)


def managed_alarm(group: str, side: str, policy: Policy, low_of_requests: float) -> dict[str, Any]:
    """Return the configuration of one of target tracking's own two alarms (public reports: 3 and 15 minutes).

    The low one is at 70 % of the target (reports of 2024: 20 and 14, 50 and 35, 40 and 28, 75 and 52.5), for requests
    per target at ``low_of_requests`` (*unknown*).
    """
    tracking = policy["TargetTrackingConfiguration"]
    target = tracking["TargetValue"]
    low = low_of_requests if _predefined(tracking) == REQUESTS else LOW
    return {
        "AlarmName": f"TargetTracking-{group}-{side}-{policy['PolicyName']}",
        "ComparisonOperator": COMPARISONS[side],
        "EvaluationPeriods": PERIODS[side],
        "Threshold": target if side == "AlarmHigh" else target * low,
        **_metric(group, tracking),
    }


def _metric(group: str, tracking: Mapping[str, Any]) -> dict[str, Any]:
    custom = tracking.get("CustomizedMetricSpecification")
    if custom is not None and custom.get("Metrics"):
        return {"Metrics": [_query(each) for each in custom["Metrics"]]}
    if custom is not None:
        named = {key: custom[key] for key in OF_A_METRIC if key in custom}
        return {"Period": custom.get("Period", 60), **named}
    name = _predefined(tracking)
    if name == REQUESTS:
        return _requests(tracking["PredefinedMetricSpecification"].get("ResourceLabel", ""))
    known = {**CPU, **NETWORK}.get(name)
    if known is None:
        return {}
    dimension = {"Name": "AutoScalingGroupName", "Value": group}
    metric = {"MetricName": known, "Namespace": "AWS/EC2", "Dimensions": [dimension]}
    return {**metric, "Statistic": "Average", "Period": 60}


def _predefined(tracking: Mapping[str, Any]) -> str:
    return str(tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", ""))


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy's metric query as an alarm's, whose MetricStat must say its period: 60 s unless told."""
    stat = query.get("MetricStat")
    return {**query, "MetricStat": {"Period": query.get("Period", 60), **stat}} if stat else dict(query)


def _requests(label: str) -> dict[str, Any]:
    """Return the metric of a label ``app/<name>/<id>/targetgroup/<name>/<id>`` (botocore model)."""
    balancer, _, target_group = label.partition("/targetgroup/")
    dimensions = [
        {"Name": "TargetGroup", "Value": f"targetgroup/{target_group}"},
        {"Name": "LoadBalancer", "Value": balancer},
    ]
    metric = {"MetricName": "RequestCountPerTarget", "Namespace": "AWS/ApplicationELB"}
    return {**metric, "Dimensions": dimensions, "Statistic": "Sum", "Period": 60}

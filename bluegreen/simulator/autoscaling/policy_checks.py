"""What PutScalingPolicy refuses.

Source: botocore model (PutScalingPolicy, PredefinedMetricSpecification, PredictiveScalingConfiguration: "required if",
"valid only if"); quotas: 20 step adjustments a policy; the sentences about resource labels: public reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.errors import AwsError, invalid
from ..core.world import World
from ..elb.routes import used_by
from .state import Group

Policy = Mapping[str, Any]

SIMPLE, STEP, TRACKING = "SimpleScaling", "StepScaling", "TargetTrackingScaling"
NEEDS = {
    SIMPLE: ("AdjustmentType", "ScalingAdjustment"),
    STEP: ("AdjustmentType", "StepAdjustments"),
    TRACKING: ("TargetTrackingConfiguration",),
    "PredictiveScaling": ("PredictiveScalingConfiguration",),
}
VALID_ONLY = {
    "Cooldown": (SIMPLE,),
    "MetricAggregationType": (STEP,),
    "MinAdjustmentMagnitude": (STEP, SIMPLE),
    "EstimatedInstanceWarmup": (TRACKING, STEP),
}
METRICS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
BALANCED = "ALB"
MOST_STEPS = 20


def check(world: World, group: Group, kind: str, policy: Policy) -> None:
    """Refuse a policy of a kind that lacks what the kind needs, or has what the kind does not support."""
    if kind not in NEEDS:
        raise invalid(f"Invalid policy type: {kind}")
    for key in NEEDS[kind]:
        if policy.get(key) in (None, []):
            raise invalid(f"{key} must be specified for policy type {kind}.")
    for key, kinds in VALID_ONLY.items():
        if key in policy and kind not in kinds:
            raise invalid(f"{key} is not supported for policy type {kind}.")
    if len(policy.get("StepAdjustments", ())) > MOST_STEPS:
        raise AwsError("LimitExceeded", f"A policy may have {MOST_STEPS} step adjustments.")
    _check_configurations(policy)
    _check_others(group, policy)
    for specification in _predefined(policy):
        _check_label(world, group, specification)


def _check_configurations(policy: Policy) -> None:
    tracking = policy.get("TargetTrackingConfiguration")
    if tracking is not None and sum(key in tracking for key in METRICS) != 1:
        raise invalid("Either a predefined or a customized metric must be specified.")
    predictive = policy.get("PredictiveScalingConfiguration")
    if predictive is None:
        return
    if len(predictive["MetricSpecifications"]) != 1:
        raise invalid("Exactly one metric specification must be specified.")
    grows = predictive.get("MaxCapacityBreachBehavior") == "IncreaseMaxCapacity"
    if grows != ("MaxCapacityBuffer" in predictive):
        raise invalid("MaxCapacityBuffer is required with IncreaseMaxCapacity, and cannot be used otherwise.")


def _check_others(group: Group, policy: Policy) -> None:
    """Refuse a second target tracking policy on one metric (user guide; the sentence: reports of ECS services)."""
    metric = _tracked(policy)
    others = (other for other in group.policies.values() if other["PolicyName"] != policy["PolicyName"])
    if metric is not None and any(_tracked(other) == metric for other in others):
        raise invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")


def _tracked(policy: Policy) -> Policy | None:
    """Return which metric a policy tracks, without its target."""
    tracking = policy.get("TargetTrackingConfiguration")
    return {key: tracking[key] for key in METRICS if key in tracking} if tracking is not None else None


def _predefined(policy: Policy) -> Iterable[Policy]:
    """Return every specification of a predefined metric, wherever it is."""
    tracking = policy.get("TargetTrackingConfiguration", {})
    predictive = policy.get("PredictiveScalingConfiguration", {}).get("MetricSpecifications", ())
    for part in (tracking, *predictive):
        yield from (each for each in part.values() if isinstance(each, dict) and "PredefinedMetricType" in each)


def _check_label(world: World, group: Group, specification: Policy) -> None:
    """Refuse a label whose target group is not the group's, or not behind the balancer that the label names."""
    kind, label = specification["PredefinedMetricType"], specification.get("ResourceLabel")
    if label is None:
        if kind.startswith(BALANCED):
            raise invalid(f"Resource label should be specified for predefined metric type {kind}")
        return
    balancer, _, target_group = label.partition("/targetgroup/")
    arn = next((key for key in group.balancers if key.endswith(f":targetgroup/{target_group}")), None)
    if arn is None:
        raise invalid("Target group not attached to the Auto Scaling group")
    if not any(user.endswith(f":loadbalancer/{balancer}") for user in used_by(world, arn)):
        raise invalid("The load balancer does not route traffic to the target group.")

"""Scaling policies as records, keyed by group and name; what they do where there is load is in ``autoscaler``.

Source: botocore model: PutScalingPolicy needs the whole configuration each time; 50 policies a group (quotas).
"""

from __future__ import annotations

from typing import Any

from ..cloudwatch.alarms import write_metric_alarm
from ..cloudwatch.records import ACTIONS, forget
from ..cloudwatch.state import CLOUDWATCH
from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.paging import page
from ..core.world import World
from .lookup import group_of, living_group_of
from .policy_checks import check
from .scaling import managed_alarm
from .signals import POLICY_PUT
from .state import AUTOSCALING, LOW_OF_REQUESTS, Group

CONFIGURATION = (
    "PolicyType AdjustmentType MinAdjustmentStep MinAdjustmentMagnitude ScalingAdjustment Cooldown "
    "MetricAggregationType StepAdjustments EstimatedInstanceWarmup TargetTrackingConfiguration Enabled "
    "PredictiveScalingConfiguration"
)
MOST = 50


@operation("autoscaling", "PutScalingPolicy", f"AutoScalingGroupName PolicyName {CONFIGURATION}")
def put(world: World, request: Request) -> Result:
    """Put a policy; its ARN names the group, so a copy on another group is another policy."""
    group = living_group_of(world, request)
    name = request["PolicyName"]
    known = group.policies.get(name)
    if known is None and len(group.policies) >= MOST:
        raise AwsError("LimitExceeded", f"A group may have {MOST} scaling policies.")
    kind = request.get("PolicyType", "SimpleScaling")
    if known is not None and known["PolicyType"] != kind:
        raise invalid("The policy type cannot be changed.")
    check(world, group, kind, request)
    policy = {key: value for key, value in request.items() if key != "AutoScalingGroupName"}
    if "TargetTrackingConfiguration" in policy:  # described in full (reports)
        policy["TargetTrackingConfiguration"] = {"DisableScaleIn": False, **policy["TargetTrackingConfiguration"]}
    defaults = {"PolicyType": kind, "Enabled": True, "StepAdjustments": []}
    arn = known["PolicyARN"] if known is not None else _arn(world, group, name)
    alarms = _alarms(world, group, policy, arn) if kind == "TargetTrackingScaling" else []
    group.policies[name] = {**defaults, **policy, "PolicyARN": arn, "Alarms": alarms}
    POLICY_PUT.send(world, group, group.policies[name])
    return {"PolicyARN": arn, "Alarms": alarms}


def _arn(world: World, group: Group, name: str) -> str:
    rest = f"scalingPolicy:{world.uuid()}:autoScalingGroupName/{group.name}:policyName/{name}"
    return world.arn("autoscaling", rest)


def _alarms(world: World, group: Group, policy: dict[str, Any], arn: str) -> list[dict[str, str]]:
    """Create the alarms that target tracking manages by itself (user guide: target tracking)."""
    found = []
    for side in ("AlarmHigh", "AlarmLow"):
        alarm = managed_alarm(group.name, side, policy, world.options[LOW_OF_REQUESTS])
        write_metric_alarm(world, {**alarm, "AlarmActions": [arn]})
        alarm_arn = world.arn("cloudwatch", f"alarm:{alarm['AlarmName']}")
        found.append({"AlarmName": alarm["AlarmName"], "AlarmARN": alarm_arn})
    return found


def _with_alarms(world: World, group: Group, policy: dict[str, Any]) -> dict[str, Any]:
    """Return the policy with every alarm whose actions name it."""
    alarms = [
        {"AlarmName": name, "AlarmARN": alarm["AlarmArn"]}
        for name, alarm in world[CLOUDWATCH].alarms.items()
        if any(policy["PolicyARN"] in alarm[key] for key in ACTIONS)
    ]
    return {**policy, "Alarms": alarms, "AutoScalingGroupName": group.name}


@operation("autoscaling", "DescribePolicies", "AutoScalingGroupName PolicyNames PolicyTypes NextToken MaxRecords")
def describe(world: World, request: Request) -> Result:
    """Answer policies of one group, or of all."""
    groups = (
        [group_of(world, request)] if "AutoScalingGroupName" in request else list(world[AUTOSCALING].groups.values())
    )
    names, kinds = request.get("PolicyNames"), request.get("PolicyTypes")
    found = [
        _with_alarms(world, group, policy)
        for group in groups
        for policy in group.policies.values()
        if (not names or {policy["PolicyName"], policy["PolicyARN"]} & set(names))
        and (not kinds or policy["PolicyType"] in kinds)
    ]
    chunk, following = page(found, request, most=100)
    return {"ScalingPolicies": list(chunk), **following}


@operation("autoscaling", "DeletePolicy", "AutoScalingGroupName PolicyName")
def delete(world: World, request: Request) -> Result:
    """Delete a policy; alarms of target tracking go with it, others lose the action only (botocore model)."""
    group = living_group_of(world, request)
    name = request["PolicyName"]
    for policy in list(group.policies.values()):
        if name in (policy["PolicyName"], policy["PolicyARN"]):
            del group.policies[policy["PolicyName"]]
            _forget_actions(world, policy)
            return {}
    raise invalid(f"Policy name not found: {name}")


def _forget_actions(world: World, policy: dict[str, Any]) -> None:
    for alarm in policy["Alarms"]:
        forget(world, alarm["AlarmName"])
    for record in world[CLOUDWATCH].alarms.values():
        for key in ACTIONS:
            if policy["PolicyARN"] in record[key]:
                record[key] = [arn for arn in record[key] if arn != policy["PolicyARN"]]

"""What each action asks of AWS. Pure: data in, data out.

Limits are those of the botocore 1.44.5 service models and the Auto Scaling user guide (quotas page).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import cast

from attrs import frozen

from bluegreen.targets.pair.model import actions
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP

AUTOSCALING = "autoscaling"
CLOUDWATCH = "cloudwatch"
ELB = "elb"
ELBV2 = "elbv2"
EC2 = "ec2"

PROTECTION_BATCH = 50
"""Ids per SetInstanceProtection; more are a LimitExceededFault (botocore model)."""
INSTANCE_BATCH = 100
"""Ids per EC2 or Register call: AWS takes more and recommends smaller batches (botocore model, TerminateInstances)."""


PUT_SCHEDULES, DELETE_SCHEDULES = "BatchPutScheduledUpdateGroupAction", "BatchDeleteScheduledAction"


@frozen
class Call:
    """One AWS call: boto3's name of the service, AWS's name of the operation, and its parameters."""

    service: str
    operation: str
    parameters: Mapping[str, object]


def request(action: actions.Action) -> tuple[Call, ...]:
    """Return the calls that carry out ``action``, in order; a relative action is exactly one.

    Raises ``ValueError`` for what AWS would read otherwise than it is meant (no processes at all are *all* processes),
    and for a relative action that does not fit into one call: both are our own bugs.
    """
    calls = _request(action)
    if action.relative and len(calls) != 1:
        raise ValueError(f"{action} is {len(calls)} calls")
    return calls


def rehearsals(action: actions.Action) -> tuple[Call, ...]:
    """Return the EC2 calls that ``action`` makes sense with only if AWS permits them: to be dry-run before it.

    Only EC2 knows a dry run. The recommended policy lets marked instances alone be terminated, so that termination can
    be rehearsed once they are marked, and must be before they leave their group.
    """
    match action:
        case actions.Detach(_, ids, terminated=True):
            return (terminate(list(ids)),)
    return ()


@singledispatch
def _request(action: actions.Action) -> tuple[Call, ...]:
    raise TypeError(f"{action!r} is no action")


@_request.register
def _suspend(action: actions.Suspend) -> tuple[Call, ...]:
    return (Call(AUTOSCALING, "SuspendProcesses", _processes(action)),)


@_request.register
def _resume(action: actions.Resume) -> tuple[Call, ...]:
    return (Call(AUTOSCALING, "ResumeProcesses", _processes(action)),)


@_request.register
def _flip(action: actions.Flip) -> tuple[Call, ...]:
    return (*_request(action.on), *_request(action.off))


def _processes(action: actions.Suspend | actions.Resume) -> dict[str, object]:
    if not action.processes:
        raise ValueError(f"{action}: without names AWS takes every process")
    return {"AutoScalingGroupName": action.group, "ScalingProcesses": list(action.processes)}


@_request.register
def _resize(action: actions.Resize) -> tuple[Call, ...]:
    sizes = {name: size for name, size in (("MinSize", action.min), ("MaxSize", action.max)) if size is not None}
    if not sizes:
        raise ValueError(f"{action}: no size to set")
    return (Call(AUTOSCALING, "UpdateAutoScalingGroup", {"AutoScalingGroupName": action.group, **sizes}),)


@_request.register
def _tag_group(action: actions.TagGroup) -> tuple[Call, ...]:
    tag = {**_group_tag(action.group, action.key), "Value": action.value, "PropagateAtLaunch": action.propagate}
    return (Call(AUTOSCALING, "CreateOrUpdateTags", {"Tags": [tag]}),)


@_request.register
def _untag_group(action: actions.UntagGroup) -> tuple[Call, ...]:
    return (Call(AUTOSCALING, "DeleteTags", {"Tags": [_group_tag(action.group, action.key)]}),)


@_request.register
def _write_release_tags(action: actions.WriteReleaseTags) -> tuple[Call, ...]:
    tags = [{**_group_tag(group, key), "Value": value, "PropagateAtLaunch": False} for group, key, value in action.tags]
    return (Call(AUTOSCALING, "CreateOrUpdateTags", {"Tags": tags}),)


@_request.register
def _remove_release_tags(action: actions.RemoveReleaseTags) -> tuple[Call, ...]:
    return (Call(AUTOSCALING, "DeleteTags", {"Tags": [_group_tag(group, key) for group, key in action.tags]}),)


def _group_tag(group: str, key: str) -> dict[str, object]:
    return {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key}


@_request.register
def _enter_standby(action: actions.EnterStandby) -> tuple[Call, ...]:
    return _each(action, "EnterStandby", actions.BATCH, ShouldDecrementDesiredCapacity=True)


@_request.register
def _exit_standby(action: actions.ExitStandby) -> tuple[Call, ...]:
    return _each(action, "ExitStandby", actions.BATCH)


@_request.register
def _detach(action: actions.Detach) -> tuple[Call, ...]:
    return _each(action, "DetachInstances", actions.BATCH, ShouldDecrementDesiredCapacity=False)


@_request.register
def _unprotect(action: actions.Unprotect) -> tuple[Call, ...]:
    return _each(action, "SetInstanceProtection", PROTECTION_BATCH, ProtectedFromScaleIn=False)


def _each(
    action: actions.EnterStandby | actions.ExitStandby | actions.Detach | actions.Unprotect,
    operation: str,
    size: int,
    **flags: bool,
) -> tuple[Call, ...]:
    return tuple(
        Call(AUTOSCALING, operation, {"AutoScalingGroupName": action.group, "InstanceIds": ids, **flags})
        for ids in chunks(action.ids, size)
    )


@_request.register
def _terminate(action: actions.Terminate) -> tuple[Call, ...]:
    return tuple(terminate(ids) for ids in chunks(action.ids, INSTANCE_BATCH))


def terminate(ids: list[str]) -> Call:
    """Return the call that terminates ``ids``."""
    return Call(EC2, "TerminateInstances", {"InstanceIds": ids})


@_request.register
def _mark(action: actions.Mark) -> tuple[Call, ...]:
    tag = {"Key": action.key, "Value": action.value}
    return tuple(
        Call(EC2, "CreateTags", {"Resources": ids, "Tags": [tag]}) for ids in chunks(action.ids, INSTANCE_BATCH)
    )


@_request.register
def _unmark(action: actions.Unmark) -> tuple[Call, ...]:
    tag = {"Key": action.key}  # without a value the tag goes whatever it says; without a tag, all of them would go
    return tuple(
        Call(EC2, "DeleteTags", {"Resources": ids, "Tags": [tag]}) for ids in chunks(action.ids, INSTANCE_BATCH)
    )


@_request.register
def _register(action: actions.Register) -> tuple[Call, ...]:
    return tuple(_registration(action, ids) for ids in chunks(action.ids, INSTANCE_BATCH))


def _registration(action: actions.Register, ids: list[str]) -> Call:
    if action.balancer.kind == TARGET_GROUP:
        targets = [{"Id": i} for i in ids]  # without a port: the target group's own (botocore model)
        return Call(ELBV2, "RegisterTargets", {"TargetGroupArn": action.balancer.id, "Targets": targets})
    if action.balancer.kind == CLASSIC:
        instances = [{"InstanceId": i} for i in ids]
        parameters = {"LoadBalancerName": action.balancer.id, "Instances": instances}
        return Call(ELB, "RegisterInstancesWithLoadBalancer", parameters)
    raise ValueError(f"{action}: a {action.balancer.kind} cannot be registered in")


def each_alone(call: Call) -> tuple[Call, ...]:
    """Return a registration of several as one call for each; of one, nothing."""
    key = "Targets" if "Targets" in call.parameters else "Instances"
    rows = cast("list[object]", call.parameters[key])
    several = rows if len(rows) > 1 else []
    return tuple(Call(call.service, call.operation, {**call.parameters, key: [row]}) for row in several)


@_request.register
def _put_policies(action: actions.PutPolicies) -> tuple[Call, ...]:
    group = {"AutoScalingGroupName": action.group}
    return tuple(Call(AUTOSCALING, "PutScalingPolicy", {**policy, **group}) for policy in action.policies)


@_request.register
def _put_alarms(action: actions.PutAlarms) -> tuple[Call, ...]:
    return tuple(Call(CLOUDWATCH, "PutMetricAlarm", alarm) for alarm in action.alarms)


@_request.register
def _put_schedules(action: actions.PutSchedules) -> tuple[Call, ...]:
    parameters = {"ScheduledUpdateGroupActions": list(action.schedules)}
    return (Call(AUTOSCALING, PUT_SCHEDULES, {"AutoScalingGroupName": action.group, **parameters}),)


@_request.register
def _remove_policies(action: actions.RemovePolicies) -> tuple[Call, ...]:
    group = {"AutoScalingGroupName": action.group}
    return tuple(Call(AUTOSCALING, "DeletePolicy", {**group, "PolicyName": name}) for name in action.names)


@_request.register
def _remove_alarms(action: actions.RemoveAlarms) -> tuple[Call, ...]:
    return tuple(Call(CLOUDWATCH, "DeleteAlarms", {"AlarmNames": [name]}) for name in action.names)


@_request.register
def _remove_schedules(action: actions.RemoveSchedules) -> tuple[Call, ...]:
    names = {"ScheduledActionNames": list(action.names)}
    return (Call(AUTOSCALING, DELETE_SCHEDULES, {"AutoScalingGroupName": action.group, **names}),)


def chunks(ids: tuple[str, ...], size: int) -> Iterator[list[str]]:
    """Yield ``ids`` in lists of at most ``size``."""
    return (list(ids[start : start + size]) for start in range(0, len(ids), size))

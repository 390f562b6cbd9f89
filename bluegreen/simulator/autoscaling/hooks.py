"""Lifecycle hooks: what holds an instance on its way in or out.

Sources: botocore model; Auto Scaling user guide ("Lifecycle hooks"). Not run for Standby, attach and detach.
"""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.paging import subset
from ..core.world import World
from .launching import HOOK_TIMEOUT, complete_hook
from .lookup import group_of, living_group_of
from .state import Group

FIELDS = (
    "LifecycleHookName LifecycleTransition RoleARN NotificationTargetARN NotificationMetadata HeartbeatTimeout "
    "DefaultResult"
)
TRANSITIONS = ("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING")
MOST = 50


def put_hook(_: World, group: Group, request: Request) -> None:
    """Put a hook, or change the one of this name."""
    name = request["LifecycleHookName"]
    known = group.hooks.get(name, {"HeartbeatTimeout": HOOK_TIMEOUT, "DefaultResult": "ABANDON"})
    if name not in group.hooks and len(group.hooks) >= MOST:
        raise AwsError("LimitExceeded", f"A group may have {MOST} lifecycle hooks.")
    hook = {**known, **{key: request[key] for key in FIELDS.split() if key in request}}
    if hook.get("LifecycleTransition") not in TRANSITIONS:
        raise invalid("LifecycleTransition must be specified.")
    group.hooks[name] = {**hook, "GlobalTimeout": min(100 * hook["HeartbeatTimeout"], 172800)}


@operation("autoscaling", "PutLifecycleHook", f"AutoScalingGroupName {FIELDS}")
def put(world: World, request: Request) -> Result:
    """Put a hook; it holds instances that launch or end from now on."""
    put_hook(world, living_group_of(world, request), request)
    return {}


@operation("autoscaling", "DescribeLifecycleHooks", "AutoScalingGroupName LifecycleHookNames")
def describe(world: World, request: Request) -> Result:
    """Answer the group's hooks."""
    group = group_of(world, request)
    found = subset(request.get("LifecycleHookNames"), group.hooks)
    return {"LifecycleHooks": [{**hook, "AutoScalingGroupName": group.name} for hook in found]}


@operation("autoscaling", "DeleteLifecycleHook", "AutoScalingGroupName LifecycleHookName")
def delete(world: World, request: Request) -> Result:
    """Delete a hook; what it holds is abandoned when launching and let go when ending (botocore model)."""
    group = living_group_of(world, request)
    name = request["LifecycleHookName"]
    if group.hooks.pop(name, None) is None:
        raise invalid(f"No Lifecycle Hook found with name: {name}")
    for member in list(group.members.values()):
        if name in member.hooks:
            result = "ABANDON" if member.pending else "CONTINUE"
            complete_hook(world, member.id, name, member.token, result)
    return {}


@operation(
    "autoscaling",
    "CompleteLifecycleAction",
    "LifecycleHookName AutoScalingGroupName LifecycleActionToken LifecycleActionResult InstanceId",
)
def complete(world: World, request: Request) -> Result:
    """Say that a hook's work is done, by instance or by token."""
    group = living_group_of(world, request)
    hook, token = request["LifecycleHookName"], request.get("LifecycleActionToken")
    for member in list(group.members.values()):
        if hook in member.hooks and (member.id == request.get("InstanceId") or token == member.token):
            complete_hook(world, member.id, hook, member.token, request["LifecycleActionResult"])
            return {}
    raise invalid(f"No active Lifecycle Action found with instance ID {request.get('InstanceId')}")

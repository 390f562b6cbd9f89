"""Creating, changing and deleting groups, and their desired capacity.

Sources: botocore model; the sentences are public reports'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.world import World
from ..ec2.subnets import placed
from .attachments import attach_all
from .capacity import resize
from .hooks import put_hook
from .leaving import terminate
from .lookup import group_of, living_group_of
from .settings import SOURCES, checked
from .signals import CHECKS_CHANGED, EMPTIED
from .state import AUTOSCALING, Group
from .tags import write_tags

RECORDED = (
    "LaunchConfigurationName LaunchTemplate MixedInstancesPolicy DefaultCooldown HealthCheckType "
    "HealthCheckGracePeriod PlacementGroup VPCZoneIdentifier TerminationPolicies NewInstancesProtectedFromScaleIn "
    "CapacityRebalance ServiceLinkedRoleARN MaxInstanceLifetime Context DesiredCapacityType DefaultInstanceWarmup "
    "InstanceMaintenancePolicy AvailabilityZoneDistribution DeletionProtection CapacityReservationSpecification "
    "InstanceLifecyclePolicy"
)
CHANGEABLE = f"AutoScalingGroupName MinSize MaxSize DesiredCapacity AvailabilityZones {RECORDED}"
CREATABLE = f"{CHANGEABLE} LoadBalancerNames TargetGroupARNs TrafficSources LifecycleHookSpecificationList Tags"
DEFAULTS: Mapping[str, Any] = {
    "DefaultCooldown": 300,
    "HealthCheckType": "EC2",
    "HealthCheckGracePeriod": 0,
    "NewInstancesProtectedFromScaleIn": False,
    "TerminationPolicies": ["Default"],
    "CapacityReservationSpecification": {"CapacityReservationPreference": "default"},
    "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
    "ServiceLinkedRoleARN": "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/"
    "AWSServiceRoleForAutoScaling",
}


def check_sizes(minimum: int, maximum: int, desired: int) -> None:
    """Refuse sizes that contradict each other, in the sentences that public reports quote."""
    if minimum < 0 or maximum < 0:
        raise invalid("The size of an AutoScalingGroup must not be negative.")
    if maximum < minimum:
        raise invalid(f"Max bound, {maximum}, must be greater than or equal to min bound, {minimum}")
    if not minimum <= desired <= maximum:
        raise invalid(
            f"Desired capacity:{desired} must be between the specified min size:{minimum} and max size:{maximum}"
        )


@operation("autoscaling", "CreateAutoScalingGroup", CREATABLE)
def create(world: World, request: Request) -> Result:
    """Create a group; it begins to pursue its desired capacity."""
    name = request["AutoScalingGroupName"]
    if name in world[AUTOSCALING].groups:
        raise AwsError(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )
    zones = _zones_of(world, request)
    if not zones:
        raise invalid("At least one Availability Zone or VPC Subnet is required.")
    desired = request.get("DesiredCapacity", request["MinSize"])
    check_sizes(request["MinSize"], request["MaxSize"], desired)
    arn = world.arn("autoscaling", f"autoScalingGroup:{world.uuid()}:autoScalingGroupName/{name}")
    group = Group(name, arn, request["MinSize"], request["MaxSize"], 0, list(zones), world.time)
    group.settings = {**DEFAULTS, **checked(world, _recorded(request))}
    attach_all(world, group, request)
    world[AUTOSCALING].groups[name] = group
    try:
        write_tags(world, [{**tag, "ResourceId": name} for tag in request.get("Tags", [])])
        for hook in request.get("LifecycleHookSpecificationList", []):
            put_hook(world, group, hook)
    except AwsError:  # a group is created whole or not at all
        del world[AUTOSCALING].groups[name]
        raise
    sizes = f"min: {group.minimum}, max: {group.maximum}, desired: {desired}"
    resize(world, group, desired, f"a user request created an AutoScalingGroup {sizes}")
    return {}


def _zones_of(world: World, request: Request) -> list[str]:
    """Return the zones that a request names, itself or by its subnets."""
    zones = request.get("AvailabilityZones") or []
    subnets = [name for name in request.get("VPCZoneIdentifier", "").split(",") if name]
    there = placed(world, subnets, zones)
    return list(zones or dict.fromkeys(there))


def _recorded(request: Request) -> dict[str, Any]:
    return {key: value for key, value in request.items() if key in RECORDED.split()}


@operation("autoscaling", "UpdateAutoScalingGroup", CHANGEABLE)
def update(world: World, request: Request) -> Result:
    """Change a group; a minimum above desired raises it, a maximum below lowers it (botocore model)."""
    group = living_group_of(world, request)
    minimum = request.get("MinSize", group.minimum)
    maximum = request.get("MaxSize", group.maximum)
    desired = request.get("DesiredCapacity")
    if desired is None:
        desired = min(max(group.desired, minimum if "MinSize" in request else 0), max(maximum, minimum))
    check_sizes(minimum, maximum, desired)
    settings = checked(world, _recorded(request))
    group.minimum, group.maximum = minimum, maximum
    if any(key in settings for key in SOURCES):
        for key in SOURCES:
            group.settings.pop(key, None)
    group.settings.update(settings)
    if "HealthCheckType" in settings:
        CHECKS_CHANGED.send(world, group)
    group.zones = _zones_of(world, request) or group.zones
    sizes = f"min: {minimum}, max: {maximum}, desired: {desired}"
    resize(world, group, desired, f"a user request update of AutoScalingGroup constraints to {sizes}")
    return {}


@operation("autoscaling", "SetDesiredCapacity", "AutoScalingGroupName DesiredCapacity HonorCooldown")
def set_desired(world: World, request: Request) -> Result:
    """Set the desired capacity within the bounds; the cooldown counts only when asked for (botocore model)."""
    group = living_group_of(world, request)
    desired = request["DesiredCapacity"]
    if desired > group.maximum:
        raise invalid(
            f"New SetDesiredCapacity value {desired} is above max value {group.maximum} for the AutoScalingGroup."
        )
    if desired < group.minimum:
        raise invalid(
            f"New SetDesiredCapacity value {desired} is below min value {group.minimum} for the AutoScalingGroup."
        )
    cools_until = (group.last_scaled or -1e18) + group.settings["DefaultCooldown"]
    if request.get("HonorCooldown") and world.time < cools_until:
        raise in_progress(group)
    resize(world, group, desired, "a user request explicitly set group desired capacity")
    return {}


def in_progress(group: Group) -> AwsError:
    """Return the error of a group that is busy (the sentence: a public report)."""
    identifier = next(reversed(group.activities), "unknown")
    return AwsError("ScalingActivityInProgress", f"Scaling activity {identifier} is in progress and blocks this action")


@operation("autoscaling", "DeleteAutoScalingGroup", "AutoScalingGroupName ForceDelete")
def delete(world: World, request: Request) -> Result:
    """Delete an empty group; with ForceDelete end its instances first (botocore model)."""
    group = group_of(world, request)
    force = request.get("ForceDelete", False)
    protection = group.settings.get("DeletionProtection", "none")
    if protection == "prevent-all-deletion" or (force and protection == "prevent-force-deletion"):
        raise invalid(f"AutoScalingGroup {group.name} is protected from deletion ({protection}).")
    if group.members and not force:
        raise AwsError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still "
            "in the group.",
        )
    if not force and any(activity.end is None for activity in group.activities.values()):
        raise AwsError(
            "ScalingActivityInProgress",
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
        )
    group.deleting = True
    group.minimum = group.maximum = group.desired = 0
    for member in list(group.members.values()):
        if not member.state.startswith("Terminating"):
            terminate(world, group, member, "an instance was taken out of service in response to a group deletion.")
    remove_when_empty(world, group)
    return {}


@EMPTIED.reaction
def remove_when_empty(world: World, group: Group) -> None:
    """Let a group that is being deleted be gone once its last instance is."""
    if not group.members and group.name in world[AUTOSCALING].groups:
        del world[AUTOSCALING].groups[group.name]
        world[AUTOSCALING].deleted_activities.extend(group.activities.values())

"""Finding what a request names, or AWS's error for what is not there."""

from __future__ import annotations

from collections.abc import Sequence

from .dispatch import Request
from .errors import AwsError, invalid
from .state import Balancer, Group, Machine, Member
from .world import World


def group_named(world: World, name: str) -> Group:
    """Return the group, or Auto Scaling's untyped error (public code matches on its beginning)."""
    group = world.state.groups.get(name)
    if group is None:
        raise invalid(f"AutoScalingGroup name not found - AutoScalingGroup: {name} not found")
    return group


def group_of(world: World, request: Request) -> Group:
    """Return the group that the request names."""
    return group_named(world, request["AutoScalingGroupName"])


def living_group_of(world: World, request: Request) -> Group:
    """Return the group that the request names; one that is being deleted takes no more changes."""
    group = group_of(world, request)
    if group.deleting:
        raise AwsError("ScalingActivityInProgress", f"AutoScalingGroup {group.name} is pending delete.")
    return group


def named_or_all(names: Sequence[str] | None, known: Sequence[str], what: str) -> list[str]:
    """Return the names that a request gives, all that are known where it gives none; refuse an unknown one."""
    for name in names or ():
        if name not in known:
            raise invalid(f"Invalid {what}: {name}")
    return list(names or known)


def members_of(group: Group, ids: Sequence[str]) -> list[Member]:
    """Return the memberships, or refuse the whole batch for one stranger (public reports)."""
    for instance in ids:
        if instance not in group.members:
            raise invalid(f"The instance {instance} is not part of Auto Scaling group {group.name}.")
    return [group.members[instance] for instance in dict.fromkeys(ids)]


def machines_of(world: World, ids: Sequence[str]) -> list[Machine]:
    """Return the EC2 instances, or EC2's error naming all that are unknown."""
    strange = [instance for instance in ids if instance not in world.state.machines]
    if strange:
        plural = "s" if len(strange) > 1 else ""
        exist = "do not exist" if len(strange) > 1 else "does not exist"
        raise AwsError("InvalidInstanceID.NotFound", f"The instance ID{plural} '{', '.join(strange)}' {exist}")
    return [world.state.machines[instance] for instance in dict.fromkeys(ids)]


def classic_balancer(world: World, name: str) -> Balancer:
    """Return the classic load balancer, or its error (botocore model: AccessPointNotFoundException)."""
    found = world.state.balancers.get(name)
    if found is None or found.kind != "classic":
        raise AwsError("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")
    return found


def target_group(world: World, arn: str) -> Balancer:
    """Return the target group, or its error (botocore model: TargetGroupNotFoundException)."""
    found = world.state.balancers.get(arn)
    if found is None or found.kind == "classic":
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    return found

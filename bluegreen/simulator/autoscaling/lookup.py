"""Finding what a request names, or AWS's error for what is not there."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.calls import Request
from ..core.errors import AwsError, invalid
from ..core.world import World
from ..ec2.state import EC2
from .state import AUTOSCALING, Group, Member


def group_named(world: World, name: str) -> Group:
    """Return the group, or Auto Scaling's untyped error (public code matches on its beginning)."""
    group = world[AUTOSCALING].groups.get(name)
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


def member_of(world: World, instance: str) -> tuple[Group, Member] | None:
    """Return the group and the membership of ``instance``, if it has one."""
    name = world[EC2].owners.get(instance)
    if name is None:
        return None
    group = world[AUTOSCALING].groups[name]
    return group, group.members[instance]

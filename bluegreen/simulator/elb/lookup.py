"""Finding the balancers that a request names, or AWS's error for what is not there."""

from __future__ import annotations

from ..core.errors import AwsError
from ..core.world import World
from .state import ELB, Balancer


def classic_balancer(world: World, name: str) -> Balancer:
    """Return the classic load balancer, or its error (botocore model: AccessPointNotFoundException)."""
    found = world[ELB].balancers.get(name)
    if found is None or found.kind != "classic":
        raise AwsError("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")
    return found


def target_group(world: World, arn: str) -> Balancer:
    """Return the target group, or its error (botocore model: TargetGroupNotFoundException)."""
    found = world[ELB].balancers.get(arn)
    if found is None or found.kind == "classic":
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    return found

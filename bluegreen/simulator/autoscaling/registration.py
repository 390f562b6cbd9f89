"""A group registers its members with its balancers, and drains them there."""

from __future__ import annotations

from ..core.world import World
from ..elb.balancing import deregister, register
from ..elb.state import ELB, Balancer
from .state import Group


def attached(world: World, group: Group) -> list[Balancer]:
    """Return the balancers that the group registers its instances with; a deleted one is skipped."""
    known = world[ELB].balancers
    return [known[key] for key in group.balancers if key in known]


def register_everywhere(world: World, group: Group, instance: str) -> None:
    """Register with all of the group's balancers, unless AddToLoadBalancer is suspended (Auto Scaling user guide)."""
    if not group.suspends("AddToLoadBalancer"):
        for balancer in attached(world, group):
            register(world, balancer, instance)


def deregister_everywhere(world: World, group: Group, instance: str) -> None:
    """Drain from all of the group's balancers."""
    for balancer in attached(world, group):
        deregister(world, balancer, instance)


def draining(world: World, group: Group, instance: str) -> bool:
    """Whether any of the group's balancers still drains the instance."""
    return any(target.draining for balancer in attached(world, group) for target in balancer.of(instance))

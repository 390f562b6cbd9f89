"""Where requests can go: listeners, the target groups that they send to, and the zones that are enabled.

Sources: botocore model; ELB user guides ("Target groups": a target in a zone that is not enabled for the load balancer
gets no requests), Classic Load Balancer user guide ("Add or remove Availability Zones").
"""

from __future__ import annotations

from typing import Any

from ..core.signals import Signal, signal
from ..core.world import World
from ..ec2.state import EC2
from ..ec2.subnets import placed
from .state import ELB, Balancer

ROUTES_CHANGED: Signal[[World]] = signal("routes changed")
"""Who sends requests to a target group, or in which zones, may be another."""


def used_by(world: World, arn: str) -> list[str]:
    """Return the ARNs of the load balancers whose listeners send to the target group."""
    found = [one["LoadBalancerArn"] for one in world[ELB].listeners.values() if arn in forwards(one)]
    return list(dict.fromkeys(found))


def forwards(listener: dict[str, Any]) -> list[str]:
    """Return the target groups that a listener's default actions send to."""
    found = []
    for action in listener["DefaultActions"]:
        if "TargetGroupArn" in action:
            found.append(action["TargetGroupArn"])
        if "ForwardConfig" in action:
            found += [item["TargetGroupArn"] for item in action["ForwardConfig"].get("TargetGroups", [])]
    return found


def enabled_zones(world: World, balancer: Balancer) -> set[str]:
    """Return the zones in which a balancer sends requests; none where it is told none, or is not used: all of them."""
    if balancer.kind == "classic":
        named = balancer.settings.get("AvailabilityZones", [])
        return {*named, *placed(world, balancer.settings.get("Subnets", []))}
    known = world[ELB].load_balancers
    users = [known[arn] for arn in used_by(world, balancer.key) if arn in known]
    return {zone["ZoneName"] for user in users for zone in user["AvailabilityZones"]}


def outside(world: World, balancer: Balancer, instance: str) -> bool:
    """Whether an instance is in a zone that is not enabled for a balancer."""
    machine, zones = world[EC2].machines.get(instance), enabled_zones(world, balancer)
    return machine is not None and bool(zones) and machine.zone not in zones

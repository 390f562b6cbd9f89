"""Where requests can go: listeners, the target groups that they send to, and the zones that are enabled.

Sources: botocore model; ELB user guides ("Target groups": a target in a zone that is not enabled for the load balancer
gets no requests), Classic Load Balancer user guide ("Add or remove Availability Zones").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .state import Balancer
from .world import World


def used_by(world: World, arn: str) -> list[str]:
    """Return the ARNs of the load balancers whose listeners send to the target group."""
    listeners = [listener for listener in world.state.listeners.values() if arn in forwards(listener)]
    return list(dict.fromkeys(listener["LoadBalancerArn"] for listener in listeners))


def forwards(listener: dict[str, Any]) -> list[str]:
    """Return the target groups that a listener's default actions send to."""
    found = []
    for action in listener["DefaultActions"]:
        found += [action["TargetGroupArn"]] if "TargetGroupArn" in action else []
        found += [item["TargetGroupArn"] for item in action.get("ForwardConfig", {}).get("TargetGroups", [])]
    return found


def placed(world: World, subnets: Sequence[str], zones: Sequence[str] = ()) -> list[str]:
    """Return the zone of each subnet; one that was never seen is in the zone given at its place, or in the next letter.

    The model knows no networks: the first to name a subnet says where it is.
    """
    for index, subnet in enumerate(subnets):
        zone = zones[index] if index < len(zones) else f"{world.options.region}{chr(ord('a') + index)}"
        world.state.subnets.setdefault(subnet, zone)
    return [world.state.subnets[subnet] for subnet in subnets]


def enabled_zones(world: World, balancer: Balancer) -> set[str]:
    """Return the zones in which a balancer sends requests; none where it is told none, or is not used: all of them."""
    if balancer.kind == "classic":
        named = balancer.settings.get("AvailabilityZones", [])
        return {*named, *placed(world, balancer.settings.get("Subnets", []))}
    known = world.state.load_balancers
    users = [known[arn] for arn in used_by(world, balancer.key) if arn in known]
    return {zone["ZoneName"] for user in users for zone in user["AvailabilityZones"]}


def outside(world: World, balancer: Balancer, instance: str) -> bool:
    """Whether an instance is in a zone that is not enabled for a balancer."""
    machine, zones = world.state.machines.get(instance), enabled_zones(world, balancer)
    return machine is not None and bool(zones) and machine.zone not in zones

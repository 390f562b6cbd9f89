"""A group pursues its desired capacity: launches, scale-in, and the balance of its zones.

Sources: Auto Scaling user guide ("Default termination policy", "Suspend and resume processes", "Rebalancing
activities").
"""

from __future__ import annotations

from collections import Counter

from ..core.world import World, iso
from .launching import launch_one
from .leaving import terminate
from .signals import CAPACITY, EMPTIED
from .state import AUTOSCALING, REACTION, REBALANCE, Group
from .victims import victims


def resize(world: World, group: Group, desired: int, why: str) -> None:
    """Set the desired capacity and remember why, for the activities that follow."""
    if desired != group.desired:
        changed = f"changing the desired capacity from {group.desired} to {desired}."
        group.last_cause = f"At {iso(world.time)} {why} {changed}  "
        group.desired = desired
        group.warmup = None
        group.last_scaled = world.time
    CAPACITY.send(world, group.name)


@CAPACITY.reaction
def soon(world: World, name: str) -> None:
    """Let the group look at its capacity in a moment, once for all that happens until then."""
    group = world[AUTOSCALING].groups.get(name)
    if group is not None and group.reconciling is None:
        group.reconciling = world.time + world.options[REACTION]
        world.later(world.options[REACTION], reconcile, name)


def reconcile(world: World, name: str) -> None:
    """Launch what is missing, end what is too many, and see whether the zones are balanced."""
    group = world[AUTOSCALING].groups.get(name)
    if group is None:
        return
    group.reconciling = None
    if group.deleting:
        EMPTIED.send(world, group)
        return
    _launch_missing(world, group)
    _end_surplus(world, group)
    if len(group.counted()) == group.desired:  # what happens from now on has another cause
        group.last_cause, group.unhealthy = "", 0
    _consider_balance(world, group)


def _launch_missing(world: World, group: Group) -> None:
    counted = len(group.counted())
    if group.suspends("Launch") or world.time < group.backoff_until:
        return
    sizes = zone_sizes(group)
    for _ in range(group.desired - counted):
        zone = min(group.zones, key=sizes.__getitem__)
        cause, because = _why_launched(group, counted)
        if not launch_one(world, group, zone, cause, because=because):
            return
        group.unhealthy = max(0, group.unhealthy - 1)
        sizes[zone] += 1


def _why_launched(group: Group, counted: int) -> tuple[str, str]:
    """Return the cause of a launch, and what led to it: what was ended as unhealthy is replaced first (reports)."""
    if group.unhealthy:
        return "an instance was launched in response to an unhealthy instance needing to be replaced.", ""
    sizes = f"increasing the capacity from {counted} to {group.desired}."
    cause = f"an instance was started in response to a difference between desired and actual capacity, {sizes}"
    return cause, group.last_cause


def _end_surplus(world: World, group: Group) -> None:
    serving = len(group.in_service())
    if group.suspends("Terminate"):
        return
    cause = (
        "an instance was taken out of service in response to a difference between desired and actual capacity, "
        f"shrinking the capacity from {serving} to {group.desired}.  At {iso(world.time)} instance"
    )
    for member in victims(world, group, serving - group.desired):
        selected = f"{cause} {member.id} was selected for termination."
        terminate(world, group, member, selected, because=group.last_cause)


def zone_sizes(group: Group) -> Counter[str]:
    """Return how many members that count each zone has."""
    return Counter(member.zone for member in group.counted())


def emptiest_zone(group: Group) -> str:
    """Return the zone with the fewest members that count; the first listed of equals."""
    return min(group.zones, key=zone_sizes(group).__getitem__)


def unbalanced(group: Group) -> bool:
    """Whether two zones differ by more than one instance."""
    sizes = zone_sizes(group)
    counts = [sizes[zone] for zone in group.zones]
    return max(counts) - min(counts) > 1


def _consider_balance(world: World, group: Group) -> None:
    idle = group.suspends("AZRebalance", "Launch") or group.rebalancing is not None
    if not idle and unbalanced(group):
        group.rebalancing = world.time + world.options[REBALANCE]
        world.later(world.options[REBALANCE], _rebalance, group.name)


def _rebalance(world: World, name: str) -> None:
    """Launch in the emptier zone first; the scale-in that follows takes from the fuller one (user guide: benefits)."""
    group = world[AUTOSCALING].groups.get(name)
    if group is None:
        return
    group.rebalancing = None
    steady = len(group.in_service()) == len(group.counted()) == group.desired
    room = len(group.counted()) < group.maximum + max(group.maximum // 10, 1)
    if steady and room and unbalanced(group) and not group.suspends("AZRebalance", "Launch") and not group.deleting:
        zone = emptiest_zone(group)
        cause = f"instances were launched to balance instances in zones {zone} with other zones"
        more = "resulting in more than desired number of instances in the group."
        group.last_cause = f"At {iso(world.time)} {cause} {more}  "
        launch_one(world, group, zone, f"{cause} {more}")

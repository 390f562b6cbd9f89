"""A group pursues its desired capacity: launches, scale-in, and the balance of its zones.

Sources: Auto Scaling user guide ("Default termination policy", "Suspend and resume processes", "Rebalancing
activities").
"""

from __future__ import annotations

from collections import Counter, deque

from .dispatch import reaction
from .launching import launch_one
from .leaving import terminate
from .state import Group, Member
from .world import World, iso


def resize(world: World, group: Group, desired: int, why: str) -> None:
    """Set the desired capacity and remember why, for the activities that follow."""
    if desired != group.desired:
        group.last_cause = (
            f"{why} changing the desired capacity from {group.desired} to {desired}.  At {iso(world.time)} "
        )
        group.desired = desired
        group.warmup = None
        group.last_scaled = world.time
    world.signal("capacity", group.name)


@reaction("capacity")
def soon(world: World, name: str) -> None:
    """Let the group look at its capacity in a moment, once for all that happens until then."""
    group = world.state.groups.get(name)
    if group is not None and group.reconciling is None:
        group.reconciling = world.time + world.options.settle
        world.later(world.options.settle, reconcile, name)


def reconcile(world: World, name: str) -> None:
    """Launch what is missing, end what is too many, and see whether the zones are balanced."""
    group = world.state.groups.get(name)
    if group is None:
        return
    group.reconciling = None
    if group.deleting:
        world.signal("emptied", group)
        return
    _launch_missing(world, group)
    _end_surplus(world, group)
    _consider_balance(world, group)


def _launch_missing(world: World, group: Group) -> None:
    counted = len(group.counted())
    if group.suspends("Launch") or world.time < group.backoff_until:
        return
    cause = (
        f"{group.last_cause}an instance was started in response to a difference between desired and actual "
        f"capacity, increasing the capacity from {counted} to {group.desired}."
    )
    sizes = zone_sizes(group)
    for _ in range(group.desired - counted):
        zone = min(group.zones, key=sizes.__getitem__)
        if not launch_one(world, group, zone, cause):
            return
        sizes[zone] += 1


def _end_surplus(world: World, group: Group) -> None:
    serving = len(group.in_service())
    if group.suspends("Terminate"):
        return
    cause = (
        f"{group.last_cause}an instance was taken out of service in response to a difference between desired and "
        f"actual capacity, shrinking the capacity from {serving} to {group.desired}."
    )
    for member in victims(group, serving - group.desired):
        terminate(world, group, member, cause)


def victims(group: Group, count: int) -> list[Member]:
    """Choose whom a scale-in ends: from the fullest zone, the oldest first; never the protected, never Standby.

    The fullest zone is the one with the most instances, protected ones among them, of those where one is not
    (user guide: default termination policy).
    """
    serving = group.in_service()
    sizes = Counter(member.zone for member in serving)
    free: dict[str, deque[Member]] = {}
    for member in serving:
        if not member.protected:
            free.setdefault(member.zone, deque()).append(member)
    chosen: list[Member] = []
    while free and len(chosen) < count:
        zone = max(free, key=lambda zone: (sizes[zone], -group.zones.index(zone) if zone in group.zones else 0))
        chosen.append(free[zone].popleft())
        sizes[zone] -= 1
        if not free[zone]:
            del free[zone]
    return chosen


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
        group.rebalancing = world.time + world.options.rebalance
        world.later(world.options.rebalance, _rebalance, group.name)


def _rebalance(world: World, name: str) -> None:
    """Launch in the emptier zone first; the scale-in that follows takes from the fuller one (user guide: benefits)."""
    group = world.state.groups.get(name)
    if group is None:
        return
    group.rebalancing = None
    steady = len(group.in_service()) == len(group.counted()) == group.desired
    room = len(group.counted()) < group.maximum + max(group.maximum // 10, 1)
    if steady and room and unbalanced(group) and not group.suspends("AZRebalance", "Launch") and not group.deleting:
        zone = emptiest_zone(group)
        launch_one(world, group, zone, f"instances were launched to balance instances in zone {zone} with other zones.")

"""Whom a scale-in ends.

Source: Auto Scaling user guide ("Termination policies": the zone first, then the policies in their order; "Default
termination policy"). What is not said there, such as which of equals goes, is *unknown*: the oldest.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from ..core.errors import AwsError
from ..core.world import World
from .sources import resolved
from .state import Group, Member

HOUR = 3600
Key = Callable[[Member], Any]


def victims(world: World, group: Group, count: int) -> list[Member]:
    """Choose ``count`` members in service: from the fullest zone, by the group's policies; never the protected.

    The fullest zone is the one with the most instances, protected ones among them, of those where one is not.
    """
    serving = group.in_service()
    sizes = Counter(member.zone for member in serving)
    free: dict[str, deque[Member]] = {}
    for member in in_order(world, group, serving) if count > 0 else ():
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


def in_order(world: World, group: Group, members: list[Member]) -> list[Member]:
    """Return members in the order in which the group's termination policies end them."""
    places = {member.id: place for place, member in enumerate(members)}
    known = _keys(world, group, places)
    keys = [known[policy] for policy in group.settings["TerminationPolicies"]]
    return sorted(members, key=lambda member: [key(member) for key in keys])


def _keys(world: World, group: Group, places: dict[str, int]) -> dict[str, Key]:
    """Return what each policy sorts by; of instances that were launched at once, the first of the group is older."""
    current = _current(world, group)

    def age_of_source(member: Member) -> tuple[bool, int]:
        """What is not of the current template or configuration goes first, then the lowest version."""
        template = member.template.get("LaunchTemplate", {})
        same = (template.get("LaunchTemplateId"), member.template.get("LaunchConfigurationName")) == current
        return same, int(template.get("Version", 0))

    return {
        "Default": age_of_source,
        "OldestLaunchTemplate": age_of_source,
        "OldestLaunchConfiguration": age_of_source,
        "OldestInstance": lambda member: (member.launched, places[member.id]),
        "NewestInstance": lambda member: (-member.launched, -places[member.id]),
        "ClosestToNextInstanceHour": lambda member: -((world.time - member.launched) % HOUR),
        "AllocationStrategy": lambda _: 0,
    }


def _current(world: World, group: Group) -> tuple[str | None, str | None]:
    try:
        source = resolved(world, group)
    except AwsError:
        return None, None
    return source.get("LaunchTemplate", {}).get("LaunchTemplateId"), source.get("LaunchConfigurationName")

"""Where subnets are: the model knows no networks, the first to name a subnet says where it is."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.options import REGION
from ..core.world import World
from .state import EC2


def placed(world: World, subnets: Sequence[str], zones: Sequence[str] = ()) -> list[str]:
    """Return each subnet's zone; one never seen before is in the zone given at its place, or in the next letter."""
    for index, subnet in enumerate(subnets):
        zone = zones[index] if index < len(zones) else f"{world.options[REGION]}{chr(ord('a') + index)}"
        world[EC2].subnets.setdefault(subnet, zone)
    return [world[EC2].subnets[subnet] for subnet in subnets]

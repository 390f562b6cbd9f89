"""Finding the instances that a request names, or EC2's error for what is not there."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import AwsError
from ..core.world import World
from .state import EC2, Machine


def machines_of(world: World, ids: Sequence[str]) -> list[Machine]:
    """Return the EC2 instances, or EC2's error naming all that are unknown."""
    strange = [instance for instance in ids if instance not in world[EC2].machines]
    if strange:
        plural = "s" if len(strange) > 1 else ""
        exist = "do not exist" if len(strange) > 1 else "does not exist"
        raise AwsError("InvalidInstanceID.NotFound", f"The instance ID{plural} '{', '.join(strange)}' {exist}")
    return [world[EC2].machines[instance] for instance in dict.fromkeys(ids)]

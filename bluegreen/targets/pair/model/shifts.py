"""From whom a zonal shift keeps requests, as sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.targets.pair.model.fleet import SHIFTED, Fleet, Group, called
from bluegreen.words import plural


def shifts(fleet: Fleet, group: Group) -> Iterator[str]:
    """Yield each balancer that a zonal shift keeps from members of a group, and what follows from it."""
    for balancer in sorted(one.id for one in group.balancers):
        if count := sum(fleet.state(balancer, i.id) == SHIFTED for i in group.in_service):
            whom = f"{plural(count, 'instance')} of {group.name}"
            yield f"a zonal shift keeps the requests of {called(balancer)} from {whom}: as many fewer must be healthy"

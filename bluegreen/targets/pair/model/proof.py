"""Since when this run has seen each instance healthy, without a gap: one passed check is not health. Pure.

A version that dies five seconds after its first passed check is called healthy until its balancer has noticed. So an
old instance goes on a new one's account only once that one has stayed healthy for as long as its balancer needs to
call a dead one unhealthy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from bluegreen.targets.pair.model.demand import Counted
from bluegreen.targets.pair.model.fleet import HEALTHY, Group

GAP = 30.0
"""Seconds without a look after which what was seen before proves nothing."""


@frozen
class Witness:
    """What the looks of one run have seen until ``at`` (POSIX seconds).

    ``since`` has the POSIX second at which each (balancer, instance) was first seen healthy, never otherwise since,
    ``heard`` the one at which each balancer has answered last.
    """

    at: float
    since: Mapping[tuple[str, str], float] = field(factory=dict)
    heard: Mapping[str, float] = field(factory=dict)


class Watched(Counted, Protocol):
    """What the proof reads of a look: when it was begun, what was seen before, and who is known to be healthy."""

    @property
    def taken(self) -> float:
        """When it was begun, in POSIX seconds."""

    @property
    def memory(self) -> Witness | None:
        """What the looks before it have seen."""

    def well(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids that are known to be healthy in a balancer."""

    def serving(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids that can be counted on in a balancer."""


def remember(before: Witness | None, look: Watched) -> Witness:
    """Return what this run has seen with ``look``: whatever is not told to be healthy now begins anew.

    A balancer that did not answer this once has told nothing: that is a look without it, and half a minute is a gap.
    """
    past = before if before is not None and look.now - before.at <= GAP else Witness(look.now)
    heard = {one: look.now for one in look.balancers if one not in look.fleet.silent}
    unheard = {one: at for one, at in past.heard.items() if one not in heard and look.now - at <= GAP}
    kept = {key: since for key, since in past.since.items() if key[0] in unheard}
    return Witness(look.now, {**kept, **_healthy(look, past)}, {**unheard, **heard})


def _healthy(look: Watched, past: Witness) -> dict[tuple[str, str], float]:
    members = [i.id for group in (look.old, look.new) for i in group.in_service]
    healthy = [
        (balancer, instance)
        for balancer in look.balancers
        for instance, state in look.fleet.told_in(balancer, members)
        if state == HEALTHY
    ]
    return {key: past.since.get(key, look.now) for key in healthy}


def healthy_for(look: Watched, balancer: str) -> tuple[float, ...]:
    """Return for how many seconds each new instance that serves in a balancer is known to be healthy, longest first."""
    since: Mapping[tuple[str, str], float] = {} if look.memory is None else look.memory.since
    ages = (look.taken - since.get((balancer, i), look.now) for i in look.well(look.new, balancer))
    return tuple(sorted((max(0.0, age) for age in ages), reverse=True))[: len(look.serving(look.new, balancer))]


def proven(look: Watched, balancer: str) -> int:
    """Return how many new instances that serve in a balancer have stayed healthy for long enough."""
    serving = look.serving(look.new, balancer)
    needed = look.release.terms.healthy_for
    if needed <= 0:
        return len(serving)
    return sum(age >= needed for age in healthy_for(look, balancer))

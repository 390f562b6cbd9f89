"""Demand, floor, ceiling, target: the most dangerous lines of the tool, with laws of their own.

All figures are counts of instances. What they are read from is a look, as far as it is :class:`Counted`.
"""

from __future__ import annotations

from typing import Protocol

from bluegreen.targets.pair.model.fleet import Fleet, Group
from bluegreen.targets.pair.model.metering import counted, metered, meters
from bluegreen.targets.pair.model.more import More, NotAsked
from bluegreen.targets.pair.model.release import ROLLBACK, Release


class Counted(Protocol):
    """What demand reads of a look: both sides, who may be healthy in which balancer, and what was before."""

    @property
    def release(self) -> Release:
        """The release on record."""

    @property
    def now(self) -> float:
        """When the look was over, in POSIX seconds."""

    @property
    def fleet(self) -> Fleet:
        """What AWS has shown."""

    @property
    def old(self) -> Group:
        """The side that served when the release began."""

    @property
    def new(self) -> Group:
        """The side that the release brings up."""

    @property
    def balancers(self) -> tuple[str, ...]:
        """Those through which either side may get requests."""

    @property
    def demand(self) -> int:
        """What :func:`demand_of` says of this look."""

    def most_healthy(self, balancer: str, group: Group | None = None) -> int:
        """Return the most that were healthy at once in a balancer."""

    def never_known(self, balancer: str) -> bool:
        """Whether a balancer has never told of all of its instances."""

    def hoped(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids that may be healthy in a balancer."""

    def shifted(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids from which a zonal shift keeps the requests of a balancer."""


def demand_of(look: Counted) -> int:
    """Return what the traffic needs now, at least 1.

    It is the larger desired capacity of the groups that are not sick. While both groups share the load each one's
    own metric is diluted, and one alone would understate it. A sick group's desired capacity is not demand, but a
    minimum is, ours or the owner's: it keeps demand from sinking with the side that is being taken away. What was
    parked counts until the switch, and in a rollback until old serves again, with what old still wants beside it: what
    is in Standby later was put there by somebody else, and a minimum raised for it would raise demand again. When both
    are sick, what served when the release began is demand. While they share the load, the metrics of target tracking
    are asked, too.
    """
    sides = (look.old, look.new)
    old_is_sick, new_is_sick = unwell = tuple(sick(look, group) for group in sides)
    known = [group.min if is_sick else group.desired for group, is_sick in zip(sides, unwell, strict=True)]
    if look.release.phase.is_shared:
        known.append(coming(look.old) + _still_wanted(look.old, old_is_sick))
    if old_is_sick and new_is_sick:
        known.append(look.release.capacity)
    return max(1, *known, _metered(look, old_is_sick and new_is_sick))


def demand_told(look: Counted) -> int:
    """Return the demand for people, of a look that need not have asked for metrics: then desired capacities tell it."""
    try:
        return demand_of(look)
    except NotAsked:
        return max(1, look.old.desired, look.new.desired)


def _metered(look: Counted, both_sick: bool) -> int:
    """Return what the metrics of a look say is needed; the service's maximum bounds it, as it bounds its autoscaler."""
    if unasked := look.fleet.lacks(More(metrics=counted(look.release, look.now))):
        raise NotAsked(str(unasked))
    if not look.fleet.metrics:
        return 0
    return 0 if both_sick else min(metered(meters(look.release), look.fleet), look.release.bounds.max)


def _still_wanted(old: Group, is_sick: bool) -> int:
    """What old wants beside what was parked; emptied by that it looks sick, but what somebody asked for since is not.

    Of a sick group that was parked, the sick members are left out, and what it has been asked for and lacks counts.
    """
    if not is_sick:
        return old.desired
    return max(0, old.desired - len(old.in_service)) if coming(old) else 0


def is_under_way(fleet: Fleet) -> bool:
    """Whether a pair looks as in the middle of a release: something is parked, or both groups want instances."""
    groups = fleet.groups.values()
    return any(map(coming, groups)) or all(one.in_service or one.arriving or one.desired for one in groups)


def coming(old: Group) -> int:
    """How many members of ``old`` are parked, or on their way to it, and can come back."""
    return len(old.parked) + len(old.parking)


def sick(look: Counted, group: Group) -> bool:
    """Whether fewer than half of what the group should serve with is healthy, or none is, wherever it ever was.

    A balancer in which none of the group was healthy yet says nothing of it. What is not known is no sickness, nor is a
    zonal shift.
    """
    own = [balancer for balancer in look.balancers if look.most_healthy(balancer, group) or look.hoped(group, balancer)]
    return all(_sick_in(look, group, balancer) for balancer in own)


def _sick_in(look: Counted, group: Group, balancer: str) -> bool:
    healthy = len(look.hoped(group, balancer)) + len(look.shifted(group, balancer))
    return healthy == 0 or 2 * healthy < min(group.desired, look.most_healthy(balancer))


def floor_of(look: Counted, balancer: str) -> int:
    """Return what the limits ask for of demand, no more than one side has had healthy in ``balancer`` at once.

    A first release that is taken back has never served: nothing is to be kept. Where nothing was known so far, all may
    have been healthy.
    """
    if look.release.first and look.release.goal == ROLLBACK:
        return 0
    least = look.release.terms.limits.least(look.demand)
    return lowered(look, balancer, least if look.never_known(balancer) else min(least, look.most_healthy(balancer)))


def lowered(look: Counted, balancer: str, needed: int) -> int:
    """Return how many of ``needed`` must be healthy in a balancer from which a zonal shift keeps some.

    Fewer by what it takes from the side that loses more; no fewer than one side has had healthy alone, at once, since
    it began. What is not healthy for another reason lowers nothing.
    """
    taken = max(len(look.shifted(group, balancer)) for group in (look.old, look.new))
    return max(needed - taken, min(needed, look.release.under_shift.get(balancer, 0))) if taken else needed


def ceiling_of(look: Counted) -> int:
    """Return how many instances both sides may have together."""
    return look.release.terms.limits.most(look.demand)


def target_of(look: Counted) -> int:
    """Return how many instances the new group should have while the old one still runs ``old.desired``."""
    return max(0, min(look.demand, ceiling_of(look) - look.old.desired))

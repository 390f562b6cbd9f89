"""One look at a pair: the fleet, the release and the time, and the figures that every step asks for.

Capacity is counted for each balancer alone: an instance that is healthy in one and not in another serves the one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property

from attrs import frozen

from bluegreen.flow.answers import Unseen
from bluegreen.flow.sound import stamp
from bluegreen.flow.view import Seen, View
from bluegreen.targets.pair.model.demand import demand_of, floor_of, lowered, target_of
from bluegreen.targets.pair.model.fleet import AUTOSCALER, FIRING, HEALTHY, SHIFTED, UNKNOWN, Fleet, Group
from bluegreen.targets.pair.model.more import NOTHING, More, NotAsked
from bluegreen.targets.pair.model.proof import Witness
from bluegreen.targets.pair.model.release import Release

Ids = tuple[str, ...]
NOBODY: tuple[Ids, Ids, Ids] = ((), (), ())


@frozen(kw_only=True)
class Look(View):
    """A :class:`~bluegreen.flow.view.View` of a pair. All counts are in instances, balancers are named by their ids.

    ``memory`` is what the looks of this run have seen by now.
    """

    fleet: Fleet
    release: Release
    past: tuple[Seen[Look], ...] = ()
    memory: Witness | None = None

    @property
    def old(self) -> Group:
        """The group that served when the release began (for a first release: the other one)."""
        return self.fleet.groups[self.release.old]

    @property
    def new(self) -> Group:
        """The group that the release brings up."""
        return self.fleet.groups[self.release.new]

    # ---- balancers ----

    @cached_property
    def balancers(self) -> tuple[str, ...]:
        """Those through which either group may get requests."""
        attached = {*self.old.balancer_ids, *self.new.balancer_ids}
        return tuple(sorted(attached - self.fleet.out_of_use))

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """Those in which an instance of either side was healthy in this release, or of which nobody could know that."""
        return tuple(one for one in self.balancers if self.most_healthy(one) > 0 or self.never_known(one))

    def never_known(self, balancer: str) -> bool:
        """Whether ``balancer`` does not tell of each instance whether it is healthy, and never has in this release."""
        return self.most_healthy(balancer) == 0 and balancer in self.unclear and balancer not in self.release.passed_by

    @property
    def dead(self) -> tuple[str, ...]:
        """Those in which no instance of either side was healthy since the release began."""
        return tuple(one for one in self.balancers if self.most_healthy(one) == 0 and not self.well(self.old, one))

    @cached_property
    def unclear(self) -> tuple[str, ...]:
        """Those that do not tell of every instance in service whether it is healthy."""
        told = self._told.values()
        return tuple(one for one in self.balancers if any(len(by[one][0]) < len(by[one][1]) for by in told))

    @property
    def unsure(self) -> bool:
        """Whether a balancer does not tell of all that is in service."""
        return bool(self.unclear)

    # ---- who serves ----

    def well(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids that are known to be healthy in ``balancer``: in service, and not told to leave."""
        return self._told[group.name].get(balancer, NOBODY)[0]

    def hoped(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids that may be healthy in ``balancer``: those, and what is not known."""
        return self._told[group.name].get(balancer, NOBODY)[1]

    def shifted(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids in service from which a zonal shift keeps the requests of ``balancer``."""
        return self._told[group.name].get(balancer, NOBODY)[2]

    @cached_property
    def _told(self) -> Mapping[str, Mapping[str, tuple[Ids, Ids, Ids]]]:
        """By group and balancer: who is healthy there, who may be, and whom a zonal shift keeps from it."""
        old, new, release = self.old, self.new, self.release
        told = frozenset[str]() if release.passed("back") else release.leaving
        members = ((old, [i.id for i in old.in_service if i.id not in told]), (new, [i.id for i in new.in_service]))
        return {group.name: {one: self._healthy(group, one, ids) for one in self.balancers} for group, ids in members}

    def _healthy(self, group: Group, balancer: str, members: list[str]) -> tuple[Ids, Ids, Ids]:
        if balancer not in group.balancer_ids:
            return NOBODY
        states = self.fleet.told_in(balancer, members)
        known = tuple([i for i, state in states if state == HEALTHY])
        hoped = tuple([i for i, state in states if state in (HEALTHY, UNKNOWN)])
        return known, hoped, tuple([i for i, state in states if state == SHIFTED])

    def serving(self, group: Group, balancer: str) -> tuple[str, ...]:
        """Return the ids that can be counted on in ``balancer``.

        A group with more members than it wants is about to take some out of service, and it is not known which: as
        many are left out. Desired capacity changes at once, members and balancers follow seconds later.
        """
        well = self.well(group, balancer)
        return well[: max(0, len(well) - self.surplus(group))]

    @staticmethod
    def surplus(group: Group) -> int:
        """Return how many members ``group`` has beyond those that it wants."""
        return max(0, len(group.in_service) + len(group.arriving) - group.desired)

    def serves(self, group: Group) -> bool:
        """Whether any instance of ``group`` may be healthy in any balancer."""
        return any(self.hoped(group, balancer) for balancer in self.balancers)

    def served(self, balancer: str) -> int:
        """Return how many instances of both sides can be counted on in ``balancer``."""
        return len(self.serving(self.old, balancer)) + len(self.serving(self.new, balancer))

    def may_serve(self, balancer: str) -> int:
        """Return how many instances of both sides may serve in ``balancer`` just now, a surplus included."""
        return len(self.hoped(self.old, balancer)) + len(self.hoped(self.new, balancer))

    # ---- what is needed ----

    def most_healthy(self, balancer: str, group: Group | None = None) -> int:
        """Return the most that were healthy at once in ``balancer``: of ``group`` alone, or of whichever had more."""
        most, release = self.release.most_healthy, self.release
        if group is not None:
            return most(group.name, balancer)
        return max(most(release.old, balancer), most(release.new, balancer))

    @cached_property
    def demand(self) -> int:
        """Instances that the traffic needs now."""
        return demand_of(self)

    def floor(self, balancer: str) -> int:
        """Return the count of healthy instances in ``balancer`` that no action may go below."""
        return floor_of(self, balancer)

    def lowered(self, balancer: str, needed: int) -> int:
        """Return how many of ``needed`` must be healthy in ``balancer`` while a zonal shift takes some from it."""
        return lowered(self, balancer, needed)

    def spare(self, balancer: str) -> int:
        """Return how many serving instances may leave ``balancer`` now; negative when some are lacking."""
        return self.served(balancer) - self.floor(balancer)

    @cached_property
    def target(self) -> int:
        """How many instances the new group should have now."""
        return target_of(self)

    @property
    def firing(self) -> tuple[str, ...]:
        """Which of the alarms that guard the release fire, and began to while it lasted; they must have been asked."""
        if unasked := self.fleet.lacks(More(alarms=self.release.terms.alarms)):
            raise NotAsked(str(unasked))
        names = (name for name in self.release.terms.alarms if self.fleet.alarms.get(name) == FIRING)
        return tuple(name for name in names if not self._fired_before(name))

    def _fired_before(self, alarm: str) -> bool:
        """Whether AWS tells that an alarm has fired since before the release: whoever counts it in, new is not why.

        It was begun by the date of a machine, which may be ahead, and launched its first instance by AWS's.
        """
        begun = min(stamp(self.release.id) or 0.0, self.release.launched_at or math.inf)
        return self.fleet.turned.get(alarm, math.inf) < begun

    # ---- what is not known yet ----

    def unseen(self, more: More) -> Unseen[More] | None:
        """Return the answer of a step that needs ``more``, ``None`` where that was asked for, whatever was found."""
        lacking = self.fleet.lacks(more)
        return Unseen(lacking, f"{lacking} are not read yet") if lacking else None

    # ---- looks in a row ----

    def steady(self, looks: int, holds: Callable[[Look], bool], known: More = NOTHING) -> bool:
        """Whether ``holds`` is true of the last ``looks`` looks, this one included.

        What it reads beyond groups and balancers is ``known``: of a look that was not asked for that nothing is true.
        """
        if len(self.past) < looks - 1:
            return False
        views = (self, *[seen.view for seen in self.past[: looks - 1]])
        return all(not view.fleet.lacks(known) and holds(view) for view in views)

    def steadily(self, looks: int, group: str, ids: tuple[str, ...], state: str) -> bool:
        """Whether the last ``looks`` looks, this one included, all show ``ids`` of ``group`` in ``state``."""
        return self.steady(looks, lambda view: _all_in(view.fleet.groups[group], ids, state))


def _all_in(group: Group, ids: tuple[str, ...], state: str) -> bool:
    return set(ids) <= {i.id for i in group.instances if i.state == state}


def armed(group: Group, exempt: frozenset[str] = frozenset()) -> bool:
    """Whether the group's policies and schedules are at work, but for those the service itself has suspended."""
    return not (AUTOSCALER - exempt) & group.suspended

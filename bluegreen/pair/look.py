"""One look at a pair: the fleet, the release and the time, and the figures that every step asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from bluegreen.flow.view import View
from bluegreen.pair.demand import demand_of, floor_of, target_of
from bluegreen.pair.fleet import AUTOSCALER, FIRING, Fleet, Group
from bluegreen.pair.release import Release


@frozen(kw_only=True)
class Look(View):
    """A :class:`~bluegreen.flow.view.View` of a pair. All counts are in instances."""

    fleet: Fleet
    release: Release

    @property
    def old(self) -> Group:
        """The group that served when the release began (for a first release: the other one)."""
        return self.fleet.groups[self.release.old]

    @property
    def new(self) -> Group:
        """The group that the release brings up."""
        return self.fleet.groups[self.release.new]

    def serving(self, group: Group) -> tuple[str, ...]:
        """Return the ids that can be counted on: in service, healthy in every balancer, not told to leave.

        A group with more members than it wants is about to take some out of service, and it is not known which: as
        many are left out. Desired capacity changes at once, members and balancers follow seconds later.
        """
        well = self._well(group)
        surplus = len(group.in_service) + len(group.arriving) - group.desired
        return well[: max(0, len(well) - max(0, surplus))]

    def _well(self, group: Group) -> tuple[str, ...]:
        fleet, leaving = self.fleet, self.release.leaving
        return tuple(i.id for i in group.in_service if i.id not in leaving and fleet.healthy(group, i.id))

    @property
    def served(self) -> int:
        """How many instances of both sides can be counted on."""
        return len(self.serving(self.old)) + len(self.serving(self.new))

    @property
    def healthy(self) -> int:
        """How many serve just now, those included that a group with a surplus may take away in a moment."""
        return sum(len(self._well(group)) for group in (self.old, self.new))

    @property
    def demand(self) -> int:
        """Instances that the traffic needs now."""
        return demand_of(self)

    @property
    def floor(self) -> int:
        """The count of healthy instances that no action may go below."""
        return floor_of(self)

    @property
    def spare(self) -> int:
        """How many serving instances may be taken away now; negative when some are lacking."""
        return self.served - self.floor

    @property
    def target(self) -> int:
        """How many instances the new group should have now."""
        return target_of(self)

    @property
    def firing(self) -> tuple[str, ...]:
        """Which of the alarms that guard the release fire."""
        return tuple(name for name in self.release.alarms if self.fleet.alarms.get(name) == FIRING)

    def steady(self, looks: int, holds: Callable[[Look], bool]) -> bool:
        """Whether ``holds`` is true of the last ``looks`` looks, this one included."""
        views = [self, *(seen.view for seen in self.past[: looks - 1])]
        return len(views) == looks and all(holds(view) for view in views)

    def steadily(self, looks: int, group: str, ids: tuple[str, ...], state: str) -> bool:
        """Whether the last ``looks`` looks, this one included, all show ``ids`` of ``group`` in ``state``."""
        return self.steady(looks, lambda view: _all_in(view.fleet.groups[group], ids, state))


def _all_in(group: Group, ids: tuple[str, ...], state: str) -> bool:
    return set(ids) <= {i.id for i in group.instances if i.state == state}


def armed(group: Group, exempt: frozenset[str] = frozenset()) -> bool:
    """Whether the group's policies and schedules are at work, but for those the service itself has suspended."""
    return not (AUTOSCALER - exempt) & group.suspended


def summary(look: Look) -> dict[str, Any]:
    """Return what listeners are told of a look: both groups, and the figures behind the decision."""
    live = look.new if len(look.serving(look.new)) > len(look.serving(look.old)) else look.old
    return {
        "old": _group(look, look.old),
        "new": _group(look, look.new),
        "demand": look.demand,
        "floor": look.floor,
        "serving": look.served,
        "live": live.name,
    }


def _group(look: Look, group: Group) -> dict[str, Any]:
    serving = set(look.serving(group))
    return {
        "name": group.name,
        "min": group.min,
        "max": group.max,
        "desired": group.desired,
        "tag": group.tag(look.release.tag_key),
        "armed": armed(group),
        "instances": [
            {"id": i.id, "state": i.state, "health": _worst(look, group, i.id), "serves": i.id in serving}
            for i in group.instances
        ],
    }


def _worst(look: Look, group: Group, instance: str) -> str:
    states = look.fleet.states(group, instance)
    return next((state for state in states if state != "healthy"), "healthy" if states else "unused")

"""What each milestone promises, looked up in the simulator at the moment in which the record says that it was reached.

A plan holds most things twice: what one step forgot, a later one does. The promise of the door between them tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from bluegreen.simulator.autoscaling.state import Group
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.model.fleet import AUTOSCALER, REBALANCE
from bluegreen.targets.pair.model.release import MOVE, ROLLBACK, Release
from bluegreen.targets.pair.plans.steps import service_suspends
from bluegreen.targets.pair.release_tags.written import KEYS, unsealed
from tests.support.scaling import nothing_of, settings_of


@frozen
class Door:
    """A release that has just reached a milestone, and the truth behind it; ``due`` must answer, by balancer."""

    sim: Simulator
    release: Release
    due: Mapping[str, int]

    @property
    def old(self) -> Group:
        """The old group."""
        return self.sim.groups[self.release.old]

    @property
    def new(self) -> Group:
        """The new group."""
        return self.sim.groups[self.release.new]

    def healthy(self, group: Group) -> int:
        """How many members of a group serve."""
        return len(self.sim.healthy(group.name))

    def lacking(self, group: Group, most: int) -> Iterator[str]:
        """Say in which balancers fewer of a group answer than must, of at most so many."""
        for key, due in self.due.items():
            count = len(group.members.keys() & set(self.sim.answering(key)))
            if count < min(due, most):
                name = self.sim.balancers[key].name
                yield f"{count} of {group.name} answer in {name}, {min(due, most)} must"


Promise = Callable[[Door], Iterator[str]]


def broken(sim: Simulator, release: Release, milestone: str, due: Mapping[str, int]) -> list[str]:
    """Return what ``milestone`` promises and is not so; ``due`` is how many must answer, by balancer."""
    return [f"{milestone}: {sentence}" for sentence in PROMISES[milestone](Door(sim, release, due))]


def _moving(door: Door) -> Iterator[str]:
    yield from _told(door)
    yield from _resting(door.new)
    yield from _copied(door)
    yield from _runs(door)
    serving = len(door.old.in_service())
    held = min(serving, door.old.desired)  # what its own autoscaler asks for behind the last look is not there yet
    if door.healthy(door.old) == serving and door.old.minimum < held:
        yield f"{door.old.name} may shrink below {held}"
    yield from _holds(door, door.new)


def _moved(door: Door) -> Iterator[str]:
    yield from _runs(door)
    if not door.release.first:
        yield from _resting(door.old, REBALANCE)
    yield from _at_work(door.new, door)
    yield from _copied(door)
    yield from _out(door, door.old)
    if door.old.minimum:
        yield f"the minimum of {door.old.name} is {door.old.minimum}"
    yield from _holds(door, door.new)


def _deployed(door: Door) -> Iterator[str]:
    release = door.release
    yield from _runs(door)
    yield from _out(door, door.old)
    yield from _holds(door, door.new)
    yield from _calm(door)
    yield from _at_work(door.new, door)
    if release.milestones["deployed"] < release.milestones["moved"] + release.terms.bake:
        yield "the bake was cut short"
    yield from door.lacking(door.new, min(door.new.desired, release.capacity))
    if door.new.minimum != release.bounds.min:
        yield f"{door.new.name} is still held up at {door.new.minimum}"


def _back(door: Door) -> Iterator[str]:
    yield from _told(door)
    yield from _listed(door)
    yield from _at_work(door.old, door)
    yield from _resting(door.new)
    yield from _out(door, door.new)
    yield from _holds(door, door.old)


def _restored(door: Door) -> Iterator[str]:
    yield from _out(door, door.new)
    yield from _holds(door, door.old)
    yield from _listed(door)
    yield from _bare(door, door.new)
    if staying := [m.state for m in door.new.members.values() if not m.state.startswith("Terminating")]:
        yield f"{door.new.name} still has {staying}"
    if door.sim.image_of_group(door.old.name) != door.release.picture.old.image:
        yield f"the tag of {door.old.name} is not what it was"
    if door.sim.image_of_group(door.new.name) != door.release.picture.new.image:
        yield f"the tag of {door.new.name} is not what it was"


def _retiring(door: Door) -> Iterator[str]:
    yield from _told(door)
    yield from _out(door, door.old)
    yield from _holds(door, door.new)
    yield from _calm(door)
    if door.old.minimum:
        yield f"the minimum of {door.old.name} is {door.old.minimum}"
    if odd := [m.state for m in door.old.members.values() if m.state == "EnteringStandby"]:
        yield f"{len(odd)} of {door.old.name} still on the way to Standby"


def _finished(door: Door) -> Iterator[str]:
    yield from _runs(door)
    yield from _holds(door, door.new)
    yield from _bare(door, door.old)
    wanted = service_suspends(door.release)
    if frozenset(door.new.suspended) != wanted:
        yield f"{', '.join(sorted(door.new.suspended))} of {door.new.name} suspended, not {', '.join(sorted(wanted))}"
    if door.old.members:
        yield f"{door.old.name} still has members"


PROMISES: dict[str, Promise] = {
    "moving": _moving,
    "moved": _moved,
    "deployed": _deployed,
    "back": _back,
    "restored": _restored,
    "retiring": _retiring,
    "finished": _finished,
}


def _told(door: Door) -> Iterator[str]:
    bare = not any(set(KEYS) & door.sim.groups[name].tags.keys() for name in (door.old.name, door.new.name))
    if bare and door.release.goal == ROLLBACK and not door.release.launched_at:
        return  # it is taken back before it had any
    for name, wanted in unsealed(door.release).items():
        tags = {key: value for key, (value, _) in door.sim.groups[name].tags.items()}
        if any(tags.get(key) != value for key, value in wanted.items()):
            yield f"the tags of {name} do not tell of the {door.release.goal}"


def _resting(group: Group, *more: str) -> Iterator[str]:
    if awake := (AUTOSCALER | set(more)) - set(group.suspended):
        yield f"{', '.join(sorted(awake))} of {group.name} at work"


def _at_work(group: Group, door: Door) -> Iterator[str]:
    if resting := (AUTOSCALER & set(group.suspended)) - service_suspends(door.release):
        yield f"{', '.join(sorted(resting))} of {group.name} at rest"


def _runs(door: Door) -> Iterator[str]:
    if door.sim.image_of_group(door.new.name) != door.release.image:
        yield f"the tag of {door.new.name} is not {door.release.image}"


def _holds(door: Door, group: Group) -> Iterator[str]:
    yield from door.lacking(group, door.release.capacity)


def _out(door: Door, group: Group) -> Iterator[str]:
    if busy := door.sim.serving(group.name):
        yield f"{len(busy)} of {group.name} still get requests"
    if staying := [m.state for m in group.members.values() if m.state in ("InService", "Pending")]:
        yield f"{len(staying)} of {group.name} in service or about to be"


def _copied(door: Door) -> Iterator[str]:
    """New scales as old does, field for field, where settings move."""
    if door.release.way == MOVE and settings_of(door.sim, door.new.name) != settings_of(door.sim, door.old.name):
        yield f"the scaling settings of {door.old.name} are not on {door.new.name}"


def _listed(door: Door) -> Iterator[str]:
    """Old has the policies and schedules that the picture lists."""
    listed, there = door.release.picture.old, settings_of(door.sim, door.old.name)
    for key, kind, rows in (
        ("PolicyName", "policies", listed.policies),
        ("ScheduledActionName", "schedules", listed.schedules),
    ):
        names = {str(row[key]).replace(door.old.name, "{group}") for row in rows}
        if lacking := names - there[kind].keys():
            yield f"{', '.join(sorted(lacking))} of {door.old.name} is not there"


def _bare(door: Door, group: Group) -> Iterator[str]:
    """A group that does not serve has nothing left of settings that move."""
    if door.release.way == MOVE and not nothing_of(found := settings_of(door.sim, group.name)):
        yield f"{group.name} still has {', '.join(name for kind in found.values() for name in kind)}"


def _calm(door: Door) -> Iterator[str]:
    states = door.sim.alarms
    for name in door.release.terms.alarms:
        if states.get(name, {}).get("StateValue") == "ALARM":
            yield f"the alarm {name} fires"

"""What must hold after every event of the simulator, and what must hold at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from bluegreen.simulator.autoscaling.lookup import member_of
from bluegreen.targets.pair.model.release import MARK
from tests.support.virtual import BLUE, GREEN, Pair

ENDING = ("Terminating", "Terminating:Wait", "Terminating:Proceed")
FORGIVEN = 150.0
"""Seconds for which an injected death is forgiven: boot and checks of a replacement in these worlds."""


@define
class Users:
    """What users of each balancer with a listener see, at each look; the keys are the balancers'.

    ``answering`` is how many instances answer now, ``most`` and ``least`` over all looks. ``silent`` counts the seconds
    in which nothing answered where something had, ``mute`` those in which some that are sent requests did not answer.
    ``had`` is the most that answered at once when the watch began, or while one side served alone; ``alone`` is that
    by balancer and side, until the side is empty.
    """

    pair: Pair
    answering: dict[str, int] = field(factory=dict)
    most: dict[str, int] = field(factory=dict)
    least: dict[str, int] = field(factory=dict)
    had: dict[str, int] = field(factory=dict)
    alone: dict[tuple[str, str], int] = field(factory=dict)
    silent: dict[str, float] = field(factory=dict)
    mute: dict[str, float] = field(factory=dict)
    at: float = field(init=False)
    wanted: str = ""
    _deaf: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.at = self.pair.sim.world.time
        self.look()
        self.had = dict(self.answering)

    def watch(self) -> Users:
        """Look after every event from now on."""
        self.pair.sim.on_event(self.look)
        return self

    def begin(self) -> None:
        """Forget what was: what answers now is what is to be kept."""
        self.look()
        self.had = dict(self.answering)

    def bear(self) -> None:
        """A release begins: where fewer answer than had, since some have died for good, those are what it must keep."""
        self.look()
        self.had = {key: min(count, self.answering.get(key, 0)) for key, count in self.had.items()}

    def balancers(self) -> list[str]:
        """Return the balancers that carry requests for either side."""
        groups = (self.pair.sim.groups.get(name) for name in (BLUE, GREEN))
        attached = {key for group in groups if group is not None for key in group.balancers}
        return [key for key in self.pair.sim.listening() if key in attached]

    def look(self) -> None:
        """Count what answers now, and the seconds since the last look as it was then."""
        sim = self.pair.sim
        passed, self.at = sim.world.time - self.at, sim.world.time
        for key, count in self.answering.items():
            self.silent[key] = self.silent.get(key, 0.0) + (passed if count == 0 < self.most[key] else 0.0)
            self.mute[key] = self.mute.get(key, 0.0) + (passed if key in self._deaf else 0.0)
        receiving = {key: sim.receiving(key) for key in self.balancers()}
        answering = {key: sim.answering(key) for key in receiving}
        self.answering = {key: len(found) for key, found in answering.items()}
        self._deaf = {key for key, found in answering.items() if len(found) < len(receiving[key])}
        self._keep({i for found in receiving.values() for i in found})
        self._give_up({key: set(found) for key, found in receiving.items() if not answering[key]})

    def _give_up(self, silent: Mapping[str, set[str]]) -> None:
        """Where all of a side that answered fell sick at once, nobody can keep more than the other side ever had."""
        membership = self.pair.sim.owners
        for key, receiving in silent.items():
            well = {membership.get(i, "") for i in receiving - self.pair.sim.sick_since(key, 0.0)}
            if struck := {membership.get(i, "") for i in receiving} - well:
                others = [n for (known, side), n in self.alone.items() if known == key and side not in struck]
                self.had[key] = min(self.had.get(key, 0), max(others, default=0))

    def _keep(self, serving: set[str]) -> None:
        """Note what is to be kept: never what a version had that dies by itself."""
        owners = self.pair.sim.owners
        sides = {owners.get(i, "") for i in serving}
        alone = len(sides) == 1 and self.wanted in ("", *sides)
        doomed = alone and any((self.pair.sim.image_of(i) or "").startswith("crash-") for i in serving)
        for name in (BLUE, GREEN):
            if (group := self.pair.sim.groups.get(name)) is not None and not group.members:
                self.alone = {known: count for known, count in self.alone.items() if known[1] != name}
        for key, count in self.answering.items():
            self.most[key] = max(self.most.get(key, 0), count)
            self.least[key] = min(self.least.get(key, count), count)
            if alone and not doomed:
                (side,), self.wanted = sides, ""
                self.had[key] = max(self.had.get(key, 0), count)
                self.alone[key, side] = max(self.alone.get((key, side), 0), count)


@define
class Watch:
    """Looks at the simulator after each of its events, with what users see and not with our adapter.

    ``floor`` is how many must answer at every moment, in every balancer with a listener or by balancer key; but never
    more than what had answered there, and less the deaths that were injected in the last :data:`FORGIVEN` seconds, the
    sick that nobody replaces, and what ``excused`` says. ``broken`` lists what did not hold, ``lowest`` is the smallest
    count seen in any balancer.
    """

    pair: Pair
    floor: int | Mapping[str, int]
    broken: list[str] = field(factory=list)
    lowest: int = 10**9
    excused: Callable[[Pair], int] = lambda _: 0
    harmed: int = 0
    users: Users = field(init=False)
    began: float = field(init=False)
    _said: dict[str, str] = field(factory=dict)
    _stuck: tuple[float, float] | None = None

    def __attrs_post_init__(self) -> None:
        self.users, self.began = Users(self.pair), self.pair.sim.world.time
        self.pair.sim.on_event(self.look)

    def begin(self) -> None:
        """Forget what was: from here on nothing must get worse than it is, and no earlier death is forgiven."""
        self.users.begin()
        self.began, self.harmed = self.pair.sim.world.time, len(self.pair.sim.terminated_while_serving)
        self.broken.clear()

    @property
    def healthy(self) -> int:
        """How many instances answer in the balancer in which the fewest do."""
        return min((len(self.pair.sim.answering(key)) for key in self.users.balancers()), default=0)

    def dues(self) -> dict[str, int]:
        """Return how many must answer now, by balancer."""
        return {key: self._due(key) for key in self.users.balancers()}

    def urgent(self, side: str) -> None:
        """Somebody wants ``side`` back at once: it is to serve with what is well of it, where it ever was well.

        What the other one serves with until then is not to be kept.
        """
        self.users.wanted = side
        parked = [i for i, state in self.pair.sim.states(side).items() if state in ("Standby", "EnteringStandby")]
        for key in self.users.balancers():
            balancer = self.pair.sim.balancers[key]
            well = sum(self.pair.sim.world.body.answers(key, instance, balancer.port) for instance in parked)
            self.users.had[key] = min(well, self.users.alone.get((key, side), 0))

    def _due(self, key: str) -> int:
        floor = self.floor if isinstance(self.floor, int) else self.floor.get(key, 0)
        return min(floor, self.users.had.get(key, 0)) - len(self.forgiven(key)) - self.excused(self.pair)

    def forgiven(self, key: str) -> set[str]:
        """Return the instances whose death a balancer's users are to bear: it was injected a while ago, or lasts.

        It lasts where the group holds the instance for well, so that nobody replaces it, and while a group can launch
        nothing: a balancer of it was deleted, and its owner has not detached it.
        """
        sim = self.pair.sim
        recent = sim.sick_since(key, max(self.began, self._unreplaced())) | self._replaced()
        earlier = sim.sick_since(key, self.began) - recent
        if not earlier:
            return recent
        held = {i for name in (BLUE, GREEN) for i, state in sim.states(name).items() if state == "InService"}
        return recent | (earlier & held) - set(sim.answering(key))

    def _replaced(self) -> set[str]:
        """Return those that their group ends everywhere, since it goes by the word of the one balancer that finds them
        sick; it waits for the grace period with that."""
        sim, found = self.pair.sim, set[str]()
        if not sim.sicknesses or not self._asks_balancers():
            return found
        for at, instance, _ in sim.sicknesses:
            member = member_of(sim.world, instance)
            machine = sim.machines.get(instance)
            leaves = member is None or member[1].state.startswith("Terminating")
            by_group = machine is None or not machine.running or leaves
            grace = FORGIVEN + max(group.settings.get("HealthCheckGracePeriod", 0) for group in sim.groups.values())
            if by_group and self.began <= at > sim.world.time - grace:
                found.add(instance)
        return found

    def _asks_balancers(self) -> bool:
        groups = (self.pair.sim.groups.get(name) for name in (BLUE, GREEN))
        return any(group is not None and group.settings.get("HealthCheckType") == "ELB" for group in groups)

    def short(self) -> list[str]:
        """Return in which balancers fewer answer than must."""
        self.users.look()
        return [sentence for key, count in self.users.answering.items() if (sentence := self._short(key, count))]

    def _short(self, key: str, count: int) -> str:
        due = self._due(key)
        name = self.pair.sim.balancers[key].name
        return f"{count} answer in {name}, {due} must ({len(self.forgiven(key))} died)" if count < due else ""

    def _unreplaced(self) -> float:
        """Return since when a death has not had the time to be made up for."""
        passed = self.pair.sim.world.time - FORGIVEN
        return self._stuck[0] - FORGIVEN if self._stuck and self._stuck[1] >= passed else passed

    def _see_stuck(self) -> None:
        """Note from when to when a group could launch nothing."""
        now = self.pair.sim.world.time
        if any(lost_balancers(self.pair, name) for name in (BLUE, GREEN)):
            self._stuck = (min(now, self._unreplaced() + FORGIVEN), now)

    def look(self) -> None:
        """Note what does not hold now: the floor, a member on either side, and nothing ended before it was drained."""
        self.users.look()
        self._see_stuck()
        self.lowest = min([self.lowest, *self.users.answering.values()])
        for key, count in self.users.answering.items():
            sentence = self._short(key, count)
            if sentence and self._said.get(key) != sentence:
                self.note(sentence)
            self._said[key] = sentence
        if not any(self.pair.sim.groups[name].members for name in (BLUE, GREEN)) and any(
            due > 0 for due in self.dues().values()
        ):
            self.note("both groups are empty")
        harm = self.pair.sim.terminated_while_serving
        for one in harm[self.harmed :]:
            self.note(f"{one.instance} was ended by {one.by} before it was drained")
        self.harmed = len(harm)

    def note(self, sentence: str) -> None:
        """Note ``sentence``, with the time, unless it was the last one already."""
        at = self.pair.clock.now() - 1.7e9
        if not self.broken or not self.broken[-1].endswith(sentence):
            self.broken.append(f"{at:.2f}: {sentence}")


def lost_balancers(pair: Pair, name: str) -> list[str]:
    """Return the balancers that the group ``name`` is attached to and that were deleted: it launches nothing."""
    group, known = pair.sim.groups.get(name), pair.sim.balancers
    return [] if group is None else [key for key in group.balancers if key not in known]


def colours_serving(pair: Pair) -> list[str]:
    """Return the groups with anything in a balancer."""
    return [name for name in (BLUE, GREEN) if pair.sim.serving(name)]


def left_over(pair: Pair) -> dict[str, Any]:
    """Return everything that should not be there when no release is open: empty when all is clean.

    What a group has told to end may still drain, or be held by a hook: it ends by itself.
    """
    states = {name: set(pair.sim.states(name).values()) - {"InService", *ENDING} for name in (BLUE, GREEN)}
    machines = pair.sim.machines.values()
    found = {
        "orphans": pair.sim.orphans(),
        "marked": [machine.id for machine in machines if machine.running and MARK in machine.tags],
        "harm": [str(harm) for harm in pair.sim.terminated_while_serving],
        "states": {name: sorted(odd) for name, odd in states.items() if odd},
        "release": None if pair.release is None else pair.release.id,
    }
    return {key: value for key, value in found.items() if value}

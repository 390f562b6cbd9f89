"""What must hold after every event of the simulator, and what must hold at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from bluegreen.pair.release import MARK
from tests.building.virtual import BLUE, GREEN, Pair


@define
class Watch:
    """Looks at the simulator after each of its events, with the truth of the balancers and not with our adapter.

    ``floor`` is how many must be healthy at every moment, less the deaths that were injected and what ``excused``
    says. ``broken`` lists what did not hold, ``lowest`` is the smallest count seen.
    """

    pair: Pair
    floor: int
    broken: list[str] = field(factory=list)
    lowest: int = 10**9
    excused: Callable[[Pair], int] = lambda _: 0
    harmed: int = 0

    def __attrs_post_init__(self) -> None:
        self.pair.sim.on_event(self.look)

    @property
    def healthy(self) -> int:
        """How many instances every balancer sends requests to, on both sides."""
        return len(self.pair.sim.healthy(BLUE)) + len(self.pair.sim.healthy(GREEN))

    @property
    def due(self) -> int:
        """How many must be healthy now."""
        return self.floor - len(self.pair.sim.deaths) - self.excused(self.pair)

    def look(self) -> None:
        """Note what does not hold now: the floor, a member on either side, and nothing ended before it was drained."""
        healthy, due = self.healthy, self.due
        self.lowest = min(self.lowest, healthy)
        if healthy < due:
            self.note(f"{healthy} healthy of {self.floor}, {self.floor - due} died")
        if due > 0 and not any(self.pair.sim.groups[name].members for name in (BLUE, GREEN)):
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


def colours_serving(pair: Pair) -> list[str]:
    """Return the groups with anything in a balancer."""
    return [name for name in (BLUE, GREEN) if pair.sim.serving(name)]


def left_over(pair: Pair) -> dict[str, Any]:
    """Return everything that should not be there when no release is open: empty when all is clean."""
    states = {name: set(pair.sim.states(name).values()) - {"InService"} for name in (BLUE, GREEN)}
    machines = pair.sim.world.state.machines.values()
    found = {
        "orphans": pair.sim.orphans(),
        "marked": [machine.id for machine in machines if machine.running and MARK in machine.tags],
        "harm": [str(harm) for harm in pair.sim.terminated_while_serving],
        "states": {name: sorted(odd) for name, odd in states.items() if odd},
        "release": None if pair.release is None else pair.release.id,
    }
    return {key: value for key, value in found.items() if value}

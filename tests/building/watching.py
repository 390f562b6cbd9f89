"""What must hold after every event of the simulator, and what must hold at the end."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from tests.building.virtual import BLUE, GREEN, Pair


@define
class Watch:
    """Looks at the simulator after each of its events, with the truth of the balancers and not with our adapter.

    ``floor`` is how many must be healthy at every moment, less the deaths that were injected. ``broken`` lists what
    did not hold, ``lowest`` is the smallest count seen.
    """

    pair: Pair
    floor: int
    broken: list[str] = field(factory=list)
    lowest: int = 10**9

    def __attrs_post_init__(self) -> None:
        self.pair.sim.on_event(self.look)

    @property
    def healthy(self) -> int:
        """How many instances every balancer sends requests to, on both sides."""
        return len(self.pair.sim.healthy(BLUE)) + len(self.pair.sim.healthy(GREEN))

    def look(self) -> None:
        """Note what does not hold now."""
        healthy, died = self.healthy, len(self.pair.sim.deaths)
        self.lowest = min(self.lowest, healthy)
        if healthy < self.floor - died:
            self._note(f"{healthy} healthy of {self.floor}, {died} died")

    def _note(self, sentence: str) -> None:
        at = self.pair.clock.now() - 1.7e9
        if not self.broken or not self.broken[-1].endswith(sentence):
            self.broken.append(f"{at:.2f}: {sentence}")


def colours_serving(pair: Pair) -> list[str]:
    """Return the groups with anything in a balancer."""
    return [name for name in (BLUE, GREEN) if pair.sim.serving(name)]


def left_over(pair: Pair) -> dict[str, Any]:
    """Return everything that should not be there when no release is open: empty when all is clean."""
    states = {name: set(pair.sim.states(name).values()) - {"InService"} for name in (BLUE, GREEN)}
    found = {
        "orphans": pair.sim.orphans(),
        "harm": [str(harm) for harm in pair.sim.terminated_while_serving],
        "states": {name: sorted(odd) for name, odd in states.items() if odd},
        "release": None if pair.release is None else pair.release.id,
    }
    return {key: value for key, value in found.items() if value}

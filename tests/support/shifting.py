"""A zonal shift beside the simulator, which knows none: targets of one zone get no request, and say so."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from tests.support.virtual import Pair

ACTIVE = "zonal_shift_active"


@define
class Shift:
    """Keeps the requests from everything in the first zone while ``on`` says so; ``least`` is what users have had.

    That is how many outside the zone answer, both sides together, at least since the watch began.
    """

    pair: Pair
    on: Callable[[], bool] = lambda: True
    state: str = ACTIVE
    least: int = 10_000
    zone: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.zone = min(machine.zone for machine in self._machines.values())
        self.pair.sim.faults.after.append(self._override)
        self.pair.sim.on_event(self._look)

    @property
    def _machines(self) -> dict[str, object]:
        return self.pair.sim.machines

    def inside(self, group: str) -> list[str]:
        """Return the members of a group that are in the zone."""
        return [i for i in self.pair.sim.states(group) if self._machines[i].zone == self.zone]

    def outside(self, group: str) -> list[str]:
        """Return the members of a group that are in another zone."""
        return [i for i in self.pair.sim.states(group) if self._machines[i].zone != self.zone]

    def _override(self, _, answer) -> None:
        for row in answer.get("TargetHealthDescriptions", []) if self.on() else []:
            if self._machines[row["Target"]["Id"]].zone == self.zone:
                row["AdministrativeOverride"] = {"State": self.state}

    def _look(self) -> None:
        sim = self.pair.sim
        for key in sim.listening():
            answering = [i for i in sim.answering(key) if self._machines[i].zone != self.zone]
            self.least = min(self.least, len(answering))

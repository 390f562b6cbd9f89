"""Copies of the state by time, for answers that are out of date."""

from __future__ import annotations

import pickle
from bisect import bisect_right

from attrs import Factory, define

from .state import State
from .world import World


@define
class Past:
    """Copies of the state by time, for answers that are out of date."""

    times: list[float] = Factory(list)
    copies: list[bytes] = Factory(list)

    def keep(self, world: World) -> None:
        """Keep the state as it is now; of one moment only the last."""
        if self.times and self.times[-1] == world.time:
            self.times.pop()
            self.copies.pop()
        self.times.append(world.time)
        self.copies.append(pickle.dumps(world.state))

    def at(self, time: float) -> State | None:
        """Return the state as it was at ``time``; the oldest that is known, if it is older."""
        if not self.times:
            return None
        state: State = pickle.loads(self.copies[max(0, bisect_right(self.times, time) - 1)])
        return state

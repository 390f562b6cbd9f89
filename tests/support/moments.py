"""Something that happens once, in the middle of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bluegreen.simulator.core.calls import Call
from tests.support.virtual import Pair


def once(pair: Pair, when: Callable[[Call], bool], do: Callable[[], Any]) -> list[float]:
    """Let ``do`` happen just before the first call for which ``when`` holds; the list gets the time of it."""
    done: list[float] = []

    def hook(call: Call) -> None:
        if not done and when(call):
            done.append(pair.clock.now())
            do()

    pair.sim.faults.before.append(hook)
    return done

"""Stories that went well, or did not, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bluegreen.demo.ledger import ENOUGH, Played
from bluegreen.demo.story import STORY, Act, Times
from bluegreen.sandbox.traffic import Sent

TIMES = Times(boot=2.0, checks=0.5, drain=2.0, bake=1.0)
BEGAN = 1_700_000_000.0
EACH = 10.0


def played(acts: Iterable[Act] = STORY, statuses: Mapping[str, int | None] = {}) -> list[Played]:
    """Return the acts, ten seconds each; each ended as it should, but for ``statuses`` by name."""
    return [
        Played(act, BEGAN + n * EACH, BEGAN + (n + 1) * EACH, statuses.get(act.name, act.status))
        for n, act in enumerate(acts)
    ]


def sent(count: int = ENOUGH, longest: float = 1.2, lost: int = 0) -> list[Sent]:
    """Return as many requests, evenly over the story; one is long, the last ``lost`` fail."""
    step = len(STORY) * EACH / count
    found = [Sent(BEGAN + number * step, 0.01, "v1") for number in range(count)]
    found[0] = Sent(BEGAN, longest, "v1")
    found[count - lost :] = [Sent(request.at, 0.1, "", "503 gone") for request in found[count - lost :]]
    return found

"""Stories that went well, or did not, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bluegreen.demo.ledger import ENOUGH, Played
from bluegreen.demo.story import STORY, Act, Times
from bluegreen.sandbox.traffic import Sent

TIMES = Times(boot=2.0, checks=0.5, proof=1.5, drain=2.0, bake=1.0)
BEGAN = 1_700_000_000.0
EACH = 10.0
CRASH = "deploy crash-v5"
CUT = 7


def played(acts: Iterable[Act] = STORY, statuses: Mapping[str, int | None] = {}) -> list[Played]:
    """Return the acts, ten seconds each; each ended as it should, but for ``statuses`` by name."""
    return [
        Played(act, BEGAN + n * EACH, BEGAN + (n + 1) * EACH, statuses.get(act.name, act.status))
        for n, act in enumerate(acts)
    ]


def sent(count: int = ENOUGH, longest: float = 1.2, lost: int = 0, cut: int = CUT, during: str = CRASH) -> list[Sent]:
    """Return as many requests, evenly over the story; one is long, the last ``lost`` fail.

    The first ``cut`` of the act ``during`` fail with an instance that died.
    """
    step = len(STORY) * EACH / count
    found = [Sent(BEGAN + number * step, 0.01, "v1") for number in range(count)]
    found[0] = Sent(BEGAN, longest, "v1")
    number = [act.name for act in STORY].index(during)
    begin = next(n for n, request in enumerate(found) if request.at >= BEGAN + number * EACH)
    found[begin : begin + cut] = [
        Sent(request.at, 0.1, "", "503 gone", "127.0.1.1:8080", cut=True) for request in found[begin : begin + cut]
    ]
    found[count - lost :] = [Sent(request.at, 0.1, "", "503 gone") for request in found[count - lost :]]
    return found

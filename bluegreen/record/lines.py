"""Lines as bytes: how every place for records keeps the events of a release."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST = 20_000
"""Lines of one release that are read: a release of a day, with an event each five seconds, has fewer."""
CUT = f'{{"kind": "warned", "reason": "only the first {MOST} events are read, the others are left out"}}'
"""The event that stands for those beyond."""


def line_bytes(line: str) -> bytes:
    """Return ``line`` with its newline; raise ``ValueError`` when it is more than one."""
    if "\n" in line:
        raise ValueError(f"an event is one line: {line!r:.80}")
    return line.encode() + b"\n"


def lines_in(body: bytes) -> tuple[str, ...]:
    """Return the whole lines in ``body``, :data:`MOST` at most; what follows the last newline was torn by a crash."""
    return bounded(line.decode(errors="replace") for line in body.split(b"\n", MOST + 1)[:-1])


def bounded(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the first :data:`MOST` of ``lines``; where there are more, one behind them says that they are left out."""
    first = tuple(islice(lines, MOST + 1))
    return first if len(first) <= MOST else (*first[:MOST], CUT)

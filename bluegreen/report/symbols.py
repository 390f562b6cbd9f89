"""One mark for each member: what it does for the traffic, told apart without colours too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from bluegreen.flow.snapshot import Member, Symbol


@frozen
class Mark:
    """How one condition of a member is shown; ``plain`` is the sign for terminals without Unicode."""

    word: str
    sign: str
    plain: str
    style: str


MARKS = {
    Symbol.SERVING: Mark("serving", "●", "O", "bold green"),
    Symbol.UNHEALTHY: Mark("unhealthy", "✗", "x", "bold red"),
    Symbol.SHIFTED: Mark("shifted", "◍", "s", "yellow"),
    Symbol.JOINING: Mark("joining", "◐", "o", "yellow"),
    Symbol.STARTING: Mark("starting", "◌", ".", "yellow"),
    Symbol.PARKING: Mark("parking", "◒", "v", "cyan"),
    Symbol.PARKED: Mark("parked", "◇", "-", "cyan"),
    Symbol.LEAVING: Mark("leaving", "·", ",", "dim"),
}
"""In the order in which they are counted."""


def marks(members: Iterable[Member]) -> list[Mark]:
    """Return the mark of each member, in the order of their ids: each keeps its place from one picture to the next."""
    return [MARKS[member.symbol] for member in sorted(members, key=lambda one: one.id)]


def counted(found: Iterable[Mark]) -> str:
    """Return how many members are in which condition: ``4 serving, 2 parked``."""
    counts = Counter(one.word for one in found)
    return ", ".join(f"{counts[one.word]} {one.word}" for one in MARKS.values() if counts[one.word]) or "empty"

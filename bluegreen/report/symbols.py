"""One mark for each instance: what it does for the traffic, told apart without colours too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from bluegreen.flow.snapshot import Member


@frozen
class Symbol:
    """How one condition of an instance is shown; ``plain`` is the sign for terminals without Unicode."""

    word: str
    sign: str
    plain: str
    style: str


SERVES = Symbol("serving", "●", "O", "bold green")
SICK = Symbol("unhealthy", "✗", "x", "bold red")
SHIFTED = Symbol("shifted", "◍", "s", "yellow")
JOINING = Symbol("joining", "◐", "o", "yellow")
STARTING = Symbol("starting", "◌", ".", "yellow")
PARKING = Symbol("parking", "◒", "v", "cyan")
PARKED = Symbol("parked", "◇", "-", "cyan")
LEAVING = Symbol("leaving", "·", ",", "dim")
SYMBOLS = (SERVES, SICK, SHIFTED, JOINING, STARTING, PARKING, PARKED, LEAVING)

_STATES = (("Pending", STARTING), ("Warmed", STARTING), ("EnteringStandby", PARKING), ("Standby", PARKED))


def mark(instance: Member, *, fresh: bool = False) -> Symbol:
    """Return the mark for an instance; a fresh one has never served yet."""
    state = instance.state
    if instance.serves:
        return SERVES
    if state == "InService" and not instance.leaves:
        if instance.health == "shifted":
            return SHIFTED
        return SICK if instance.health == "unhealthy" and not fresh else JOINING
    return next((found for begin, found in _STATES if state.startswith(begin)), LEAVING)


def counted(marks: Iterable[Symbol]) -> str:
    """Return how many instances are in which condition: ``4 serving, 2 parked``."""
    counts = Counter(found.word for found in marks)
    return ", ".join(f"{counts[m.word]} {m.word}" for m in SYMBOLS if counts[m.word]) or "empty"

"""One mark for each instance: what it does for the traffic, told apart without colours too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen


@frozen
class Mark:
    """How one condition of an instance is shown; ``plain`` is the sign for terminals without Unicode."""

    word: str
    sign: str
    plain: str
    style: str


SERVES = Mark("serving", "●", "O", "bold green")
SICK = Mark("unhealthy", "✗", "x", "bold red")
SHIFTED = Mark("shifted", "◍", "s", "yellow")
JOINING = Mark("joining", "◐", "o", "yellow")
STARTING = Mark("starting", "◌", ".", "yellow")
PARKING = Mark("parking", "◒", "v", "cyan")
PARKED = Mark("parked", "◇", "-", "cyan")
LEAVING = Mark("leaving", "·", ",", "dim")
MARKS = (SERVES, SICK, SHIFTED, JOINING, STARTING, PARKING, PARKED, LEAVING)

_STATES = (("Pending", STARTING), ("Warmed", STARTING), ("EnteringStandby", PARKING), ("Standby", PARKED))


def mark(instance: Mapping[str, Any], *, fresh: bool = False) -> Mark:
    """Return the mark for an instance as an event's ``fleet`` describes it; a fresh one has never served yet."""
    state = str(instance.get("state", ""))
    if instance.get("serves"):
        return SERVES
    if state == "InService":
        if instance.get("health") == "shifted":
            return SHIFTED
        return SICK if instance.get("health") == "unhealthy" and not fresh else JOINING
    return next((found for begin, found in _STATES if state.startswith(begin)), LEAVING)


def counted(marks: Iterable[Mark]) -> str:
    """Return how many instances are in which condition: ``4 serving, 2 parked``."""
    counts = Counter(found.word for found in marks)
    return ", ".join(f"{counts[m.word]} {m.word}" for m in MARKS if counts[m.word]) or "empty"

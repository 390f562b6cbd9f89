"""The figures that CloudWatch keeps of what was measured: plain data, minute by minute."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum
from typing import Any

from attrs import Factory, define, frozen

from ..core.options import option
from ..core.state import beside

MINUTE = 60
LENGTH = option("minute", float(MINUTE))
"""Seconds that a minute of CloudWatch's lasts, where AWS's own is too slow to watch: nothing else changes its pace."""
KEPT = 1440
ROUNDING = 1e-6

Key = tuple[str, str]


@frozen
class Samples:
    """What was measured in some time, in the four figures that CloudWatch keeps (botocore model: StatisticSet)."""

    count: int
    total: float
    least: float
    most: float

    def __deepcopy__(self, _: dict[int, Any]) -> Samples:
        """A value is its own copy."""
        return self

    @property
    def average(self) -> float:
        """The sum of the samples by their number (botocore model: Average)."""
        return self.total / self.count


def samples(values: Iterable[float]) -> Samples:
    """Return what was measured, a sample for each value; there must be one."""
    found = list(values)
    return Samples(len(found), fsum(found), min(found), max(found))


def together(parts: Iterable[Samples]) -> Samples:
    """Return several times' samples as those of one longer time; there must be one."""
    found = list(parts)
    count, total = sum(part.count for part in found), fsum(part.total for part in found)
    return Samples(count, total, min(part.least for part in found), max(part.most for part in found))


@define
class Figures:
    """Metrics by name and subject, the samples of each minute; a minute without samples has no data."""

    values: dict[Key, dict[int, Samples]] = Factory(dict)

    def keep(self, key: Key, minute: int, *values: float) -> None:
        """Keep what was measured in a minute, one value or several; what is older than a day is dropped."""
        minutes = self.values.setdefault(key, {})
        minutes[minute] = samples(values)
        if len(minutes) > KEPT:
            del minutes[next(iter(minutes))]

    def window(self, key: Key, last: int, minutes: int) -> Samples | None:
        """Return what was measured in so many minutes, of which ``last`` is the last; ``None``: nothing."""
        values = self.values.get(key, {})
        found = [values[minute] for minute in range(last - minutes + 1, last + 1) if minute in values]
        return together(found) if found else None


def minute_of(time: float, length: float = MINUTE) -> int:
    """Return the number of the last minute that is over at ``time``, where a minute lasts ``length`` seconds."""
    return int((time + ROUNDING) // length)


FIGURES = beside("figures", Figures)

"""The load on balancers, and the figures that CloudWatch keeps of it: plain data, minute by minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import fsum
from typing import Any

from attrs import Factory, define, frozen

MINUTE = 60
KEPT = 1440
ROUNDING = 1e-6

Rate = Callable[[float], float]
Key = tuple[str, str]


@frozen
class Load:
    """What arrives at one balancer: ``rate(now)`` requests per second at a POSIX time.

    An instance that is sent ``capacity`` requests per second has its processor at 100 percent. The model asks for
    the rate in the middle of each minute; a function of measured traffic serves as well as one of the time.
    """

    rate: Rate
    capacity: float = 100.0


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


def constant(rate: float | Rate) -> Rate:
    """Return a number as a rate that never changes; a rate as it is."""
    return rate if callable(rate) else lambda _: rate

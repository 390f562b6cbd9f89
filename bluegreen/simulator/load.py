"""The load on balancers, and the figures that CloudWatch keeps of it: plain data, minute by minute."""

from __future__ import annotations

from collections.abc import Callable

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


@define
class Figures:
    """Metrics by name and subject, one value a minute; a minute without a value has no data."""

    values: dict[Key, dict[int, float]] = Factory(dict)

    def keep(self, key: Key, minute: int, value: float) -> None:
        """Keep the value of a minute; what is older than a day is dropped."""
        values = self.values.setdefault(key, {})
        values[minute] = value
        if len(values) > KEPT:
            del values[next(iter(values))]

    def window(self, key: Key, last: int, minutes: int) -> list[float]:
        """Return the values of so many minutes, of which ``last`` is the last."""
        values = self.values.get(key, {})
        return [values[minute] for minute in range(last - minutes + 1, last + 1) if minute in values]


def minute_of(time: float, length: float = MINUTE) -> int:
    """Return the number of the last minute that is over at ``time``, where a minute lasts ``length`` seconds."""
    return int((time + ROUNDING) // length)


def constant(rate: float | Rate) -> Rate:
    """Return a number as a rate that never changes; a rate as it is."""
    return rate if callable(rate) else lambda _: rate

"""What a balancer really forwards: Envoy's own counts of requests, as a rate at any recent time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from attrs import define, field

LATE = 0.25
"""Seconds by which what Envoy counted arrives late, so that a minute is measured when all of it has been read."""


@define(eq=False)
class Meter:
    """The requests that one balancer has forwarded; times are POSIX seconds.

    A request counts once a target is chosen for it: health checks do not, and what nobody could answer does not.
    """

    minute: float
    _counts: dict[str, int] = field(factory=dict, init=False)
    _times: list[float] = field(factory=list, init=False)
    _totals: list[int] = field(factory=list, init=False)

    def see(self, counts: Mapping[str, int], now: float) -> None:
        """Take in what Envoy has counted by ``now`` for each target; for one that was away it begins anew."""
        more = sum(_since(self._counts.get(name, 0), count) for name, count in counts.items())
        self._counts = dict(counts)
        self._times.append(now)
        self._totals.append(more + (self._totals[-1] if self._totals else 0))
        self._forget(now - 2 * self.minute - LATE)

    def rate(self, middle: float) -> float:
        """Return the requests a second of the minute around ``middle``."""
        begin = middle - self.minute / 2 - LATE
        return (self._total(begin + self.minute) - self._total(begin)) / self.minute

    def _total(self, at: float) -> float:
        """Return how many were forwarded by a time: in proportion between two looks, as at the nearest otherwise."""
        after = bisect_right(self._times, at)
        if after in (0, len(self._times)):
            return float(self._totals[after - 1 if after else 0]) if self._totals else 0.0
        begin, end = self._times[after - 1], self._times[after]
        low, high = self._totals[after - 1], self._totals[after]
        return low + (high - low) * (at - begin) / (end - begin)

    def _forget(self, before: float) -> None:
        gone = bisect_right(self._times, before) - 1
        if gone > len(self._times) // 2:
            del self._times[:gone], self._totals[:gone]


def _since(before: int, count: int) -> int:
    return count - before if count >= before else count

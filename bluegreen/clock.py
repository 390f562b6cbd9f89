"""The only place that reads the time or sleeps.

Times are POSIX seconds in UTC (``float``), durations are seconds. Everything else is handed a :class:`Clock`.
"""

from __future__ import annotations

import time
from typing import Protocol

from attrs import define


class Clock(Protocol):
    """Reads the time and sleeps."""

    def now(self) -> float:
        """Return POSIX seconds, UTC; may jump when the machine's clock is set."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow; their zero means nothing."""

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""


BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return POSIX seconds, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return the seconds since the machine started, those of a suspended laptop included where they are known."""
        return time.clock_gettime(BOOT_TIME)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for ``seconds``."""
        time.sleep(max(0.0, seconds))


@define
class VirtualClock:
    """A clock that moves only when somebody sleeps on it; steps cost nothing."""

    time: float = 1_700_000_000.0

    def now(self) -> float:
        """Return the virtual POSIX seconds."""
        return self.time

    def monotonic(self) -> float:
        """Return the same figure: virtual time never jumps back."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move the time forward by ``seconds`` at once."""
        self.time += max(0.0, seconds)

"""When ``cleanup`` has run, kept beside the record: so that a dead cron is seen. Nothing is decided by it.

It is no part of the record: what is sealed, and what a run writes under its lease, stays as it is. Whoever may write
there may also say that it ran.
"""

from __future__ import annotations

import json
import math
from statistics import median

from attrs import frozen

from bluegreen.record.store import Store

TOPIC = "cleanup"
KEPT = 6
"""Runs that are kept, the newest last."""
LATE = 3.0
"""Times the usual distance of two runs after which the next one is missed."""


@frozen
class Sweeps:
    """When it ran (POSIX seconds, the newest last), as far as is known."""

    times: tuple[float, ...] = ()

    @property
    def last(self) -> float | None:
        """When it ran last."""
        return self.times[-1] if self.times else None

    def is_late(self, now: float) -> bool:
        """Whether it has not run for several times its usual distance; without one nobody can say."""
        gaps = [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]
        return bool(gaps) and now - self.times[-1] > LATE * median(gaps)

    def with_one_at(self, now: float) -> Sweeps:
        """Return what is known after a run."""
        return Sweeps((*(at for at in self.times if at < now), now)[-KEPT:])


def sweeps(store: Store, service: str, now: float) -> Sweeps:
    """Return when it ran; what is not a few times of the past is not known. Raises as the store does."""
    return read(store.noted(service, TOPIC), now)


def read(text: str | None, now: float) -> Sweeps:
    """Return what a note says, if it is one."""
    try:
        told = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return Sweeps()
    if not isinstance(told, list) or len(told) > KEPT:
        return Sweeps()
    times = [float(at) for at in told if isinstance(at, int | float) and not isinstance(at, bool) and _is_past(at, now)]
    return Sweeps(tuple(sorted(times))) if len(times) == len(told) else Sweeps()


def _is_past(at: float, now: float) -> bool:
    return math.isfinite(at) and 0 < at <= now


def swept(store: Store, service: str, now: float) -> None:
    """Keep that it runs now. Raises as the store does."""
    known = sweeps(store, service, now).with_one_at(now)
    store.note(service, TOPIC, json.dumps(list(known.times)))

"""The forms that sentences are made of: act and why, values that change, ids, times."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from bluegreen.words import as_word, plural

LONGEST = 160
"""Characters of a sentence at most, with names as long as they usually are."""
FEW = 3
"""Ids, or names, that are told; of others there is only how many."""


def because(act: str, why: str) -> str:
    """Return what is done, and why in brackets behind it."""
    return f"{act} ({why})" if why else act


def of(name: str, act: str) -> str:
    """Return what is done to, or true of, what is called ``name``."""
    return f"{name}: {act}"


def change(what: str, was: object, now: object) -> str:
    """Return ``"minimum 0 → 2"``, or ``"minimum 2"`` where it is not known what it was, or it was the same."""
    new = as_word(f"{now}")
    return f"{what} {new}" if was is None or was == now else f"{what} {as_word(f'{was}')} → {new}"


def few(names: Iterable[str]) -> str:
    """Return three names at most: ``"a, b, c and 4 more"``."""
    told = tuple(map(as_word, names))
    more = f" and {len(told) - FEW} more" if len(told) > FEW else ""
    return ", ".join(told[:FEW]) + more


def counted(ids: Collection[str], what: str, rest: str = "") -> str:
    """Return how many there are, what becomes of them, and which they are: ``"2 instances to Standby: i-1, i-2"``."""
    return f"{plural(len(ids), what)}{' ' * bool(rest)}{rest}: {few(ids)}"


def duration(seconds: float) -> str:
    """Return ``seconds`` as people say it: ``45 s``, ``2 min 5 s``, ``3 h 10 min``."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"


def clock(at: float) -> str:
    """Return the POSIX second ``at`` as a time of day: ``21:58 UTC``."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")


def seconds_of_day(at: float) -> str:
    """Return the POSIX second ``at`` to the second: ``21:14:03``, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def head_and_tail(name: str, most: int = 14) -> str:
    """Return an id that keeps its head and its tail: ``i-0b71…2e64``."""
    return name if len(name) <= most else f"{name[:6]}…{name[-4:]}"


DAY = 72_000.0
"""Seconds within which a time of day says which day is meant."""


def at_distance(at: float, now: float) -> str:
    """Return a moment with how far it is from ``now``: ``21:58 UTC (in 44 min)``; of another day with its date."""
    far = abs(at - now)
    whole = duration(far if far < 60 else far - far % 60)
    return f"{day_and_clock(at, now)} ({f'in {whole}' if at > now else f'{whole} ago'})"


def day_and_clock(at: float, now: float) -> str:
    """Return a moment as a time of day, with its date where another day is meant than today's."""
    day = "" if abs(at - now) < DAY else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d ")
    return f"{day}{clock(at)}"


def in_balancer(balancer: str) -> str:
    """Return in which of several load balancers, as the end of what is true there; nothing where there is one."""
    return f" in {balancer}" if balancer else ""


def both(names: Collection[str]) -> str:
    """Return names of which each counts: ``"web-blue and web-green"``."""
    return " and ".join(sorted(names))

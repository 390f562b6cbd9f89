"""What a record or a configuration may say: the range of a number, the grammar of a text, the length of a list. Pure.

Each function yields a sentence for what is not so, and nothing where all is well. The bounds are far beyond what is
ever needed: they keep arithmetic, dates and AWS's parameters from failing later. Quick to import.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sized

from bluegreen.words import is_plain, shown

LATEST = 32_503_680_000.0
"""The year 3000 in POSIX seconds."""
LONGEST = 3_200_000_000.0
"""A century in seconds."""
MOST = 100_000
"""Instances of a group; AWS's quotas are far lower."""
MANY = 1000
"""Members of a list that has nothing to do with instances."""
WORDS = 4000
"""Characters of a sentence."""

Faults = Iterator[str]


def printable(text: object, most: int = 255) -> bool:
    """Whether this is a text of 1 to ``most`` characters, none of which controls a terminal or is half of one."""
    return isinstance(text, str) and 0 < len(text) <= most and is_plain(text)


def sentence(name: str, text: str) -> Faults:
    """Yield what is wrong with a text that people read; it may be empty."""
    if len(text) > WORDS or not is_plain(text):
        yield f"{name} is no plain text of at most {WORDS} characters"


def moment(name: str, at: float) -> Faults:
    """Yield what is wrong with POSIX seconds."""
    if not 0 <= at <= LATEST:
        yield f"{name} is no moment between 1970 and 3000: {at:g}"


def lasting(name: str, seconds: float) -> Faults:
    """Yield what is wrong with a duration."""
    if not 0 <= seconds <= LONGEST:
        yield f"{name} is no duration of at most a century: {seconds:g}"


def lasting_or_endless(name: str, seconds: float) -> Faults:
    """Yield what is wrong with a duration that may have no end."""
    if seconds != math.inf:
        yield from lasting(name, seconds)


def count(name: str, number: int, most: int = MOST) -> Faults:
    """Yield what is wrong with a number of something."""
    if not 0 <= number <= most:
        yield f"{name} is not within 0 and {most}: {shown(number)}"


def few(name: str, items: Sized, most: int) -> Faults:
    """Yield that a list is too long."""
    if len(items) > most:
        yield f"{name} has more than {most} members"


def each(name: str, items: Iterable[object], is_one: Callable[[object], bool], what: str) -> Faults:
    """Yield the first of ``items`` that is not ``what``."""
    for item in items:
        if not is_one(item):
            yield f"{name} has {shown(item)}, which is no {what}"
            return


def among(name: str, item: object, known: Iterable[object]) -> Faults:
    """Yield that ``item`` is none of those that are known."""
    if item not in (known := tuple(known)):
        yield f"{name} is {shown(item)}, not one of {', '.join(map(str, known))}"

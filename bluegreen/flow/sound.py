"""What a release on record may say, whatever its target: the range of each number, the grammar of each text. Pure.

Whoever can write the record can write anything there; what is not so is refused, never repaired. The bounds are far
beyond what is ever needed: they keep arithmetic, dates and AWS's parameters from failing later.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import datetime

from bluegreen.flow.release import GOALS, Hold, Pace, Release
from bluegreen.image import valid
from bluegreen.words import is_plain, shown

LATEST = 32_503_680_000.0
"""The year 3000 in POSIX seconds."""
LONGEST = 3_200_000_000.0
"""A century in seconds."""
MOST = 100_000
"""Instances of a service; AWS's quotas are far lower."""
MANY = 1000
"""Members of a list that has nothing to do with instances."""
WORDS = 4000
"""Characters of a sentence."""

_ID = re.compile(r"(?P<service>.{1,100}):(?P<stamp>\d{8}-\d{6})-[0-9a-f]{4,32}", re.A)

Faults = Iterator[str]


# ---- grammars ----


def printable(text: object, most: int = 255) -> bool:
    """Whether this is a text of 1 to ``most`` characters, none of which controls a terminal or is half of one."""
    return isinstance(text, str) and 0 < len(text) <= most and is_plain(text)


def is_release_id(text: object, service: str) -> bool:
    """Whether this is an id as releases of ``service`` have: ``SERVICE:YYYYMMDD-HHMMSS-xxxx``."""
    found = _ID.fullmatch(text) if isinstance(text, str) else None
    return found is not None and found["service"] == service and stamp(str(text)) is not None


def stamp(release_id: str) -> float | None:
    """Return when a release was begun, by its id, in POSIX seconds; ``None`` for what is no such id."""
    found = _ID.fullmatch(release_id)
    try:
        return None if found is None else datetime.fromisoformat(f"{found['stamp'].replace('-', 'T')}Z").timestamp()
    except ValueError:
        return None


# ---- ranges ----


def sentence(name: str, text: str) -> Faults:
    """Yield what is wrong with a text that people read; it may be empty."""
    if len(text) > WORDS or not is_plain(text):
        yield f"{name} is no plain text of at most {WORDS} characters"


def tag_value(name: str, image: str | None) -> Faults:
    """Yield what is wrong with an image; a tag, from which it may come, can hold almost anything."""
    if image and not printable(image, 256):
        yield f"{name} is no value of a tag: {shown(image)}"


def moment(name: str, at: float) -> Faults:
    """Yield what is wrong with POSIX seconds."""
    if not 0 <= at <= LATEST:
        yield f"{name} is no moment between 1970 and 3000: {at:g}"


def lasting(name: str, seconds: float) -> Faults:
    """Yield what is wrong with a duration."""
    if not 0 <= seconds <= LONGEST:
        yield f"{name} is no duration of at most a century: {seconds:g}"


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


# ---- a release ----


def release_faults(release: Release) -> Faults:
    """Yield what keeps a release from being believed, but for what its target has beside it."""
    for part in (_names, _terms, _times, _texts, _progress):
        yield from part(release)


def _names(release: Release) -> Faults:
    if not is_release_id(release.id, release.service):
        yield f"id is no id of a release of {shown(release.service)}: {shown(release.id)}"
    yield from among("goal", release.goal, GOALS)
    if not valid(release.image):
        yield f"image is no image version: {shown(release.image)}"
    yield from count("take", release.take)


def _terms(release: Release) -> Faults:
    yield from _pace(release.pace)
    for name in ("bake", "progress_deadline"):
        yield from lasting(name, getattr(release, name))
    if release.allowed != math.inf:
        yield from lasting("allowed", release.allowed)
    yield from few("alarms", release.alarms, MANY)
    yield from each("alarms", release.alarms, printable, "name of an alarm")


def _pace(pace: Pace) -> Faults:
    if not 0 <= pace.least <= 100 <= pace.most <= 1000:
        yield f"pace is no pace: {shown(pace.least)}/{shown(pace.most)}"


def _times(release: Release) -> Faults:
    for name in release.moments:
        yield from moment(name, getattr(release, name))
    if release.deadline_at != math.inf:
        yield from moment("deadline_at", release.deadline_at)


def _texts(release: Release) -> Faults:
    yield from sentence("by", release.by)
    yield from sentence("reason", release.reason)
    yield from tag_value("instead_of", release.instead_of)
    if release.hold is not None:
        yield from _hold(release.hold)


def _hold(hold: Hold) -> Faults:
    yield from sentence("hold", f"{hold.who} {hold.why} {hold.gate}")
    yield from moment("hold", hold.since)


def _progress(release: Release) -> Faults:
    for at in release.milestones.values():
        yield from moment("milestones", at)
    yield from each("progress", release.progress, lambda one: abs(int(str(one))) <= MANY * MOST, "figure")

"""What a release on record may say, whatever its target: the range of each number, the grammar of each text. Pure.

Whoever can write the record can write anything there; what is not so is refused, never repaired. The bounds are far
beyond what is ever needed: they keep arithmetic, dates and AWS's parameters from failing later.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from functools import lru_cache

from bluegreen.declared import faults_of
from bluegreen.flow.release import GOALS, Hold, Release
from bluegreen.image import valid
from bluegreen.ranges import MANY, MOST, Faults, among, count, each, moment, printable, sentence
from bluegreen.words import shown

_ID = re.compile(r"(?P<service>.{1,100}):(?P<stamp>\d{8}-\d{6})-[0-9a-f]{4,32}", re.A)

# ---- grammars ----


def is_release_id(text: object, service: str) -> bool:
    """Whether this is an id as releases of ``service`` have: ``SERVICE:YYYYMMDD-HHMMSS-xxxx``."""
    found = _ID.fullmatch(text) if isinstance(text, str) else None
    return found is not None and found["service"] == service and stamp(str(text)) is not None


@lru_cache(maxsize=64)
def stamp(release_id: str) -> float | None:
    """Return when a release was begun, by its id, in POSIX seconds; ``None`` for what is no such id."""
    found = _ID.fullmatch(release_id)
    try:
        return None if found is None else datetime.fromisoformat(f"{found['stamp'].replace('-', 'T')}Z").timestamp()
    except ValueError:
        return None


def tag_value(name: str, image: str | None) -> Faults:
    """Yield what is wrong with an image; a tag, from which it may come, can hold almost anything."""
    if image and not printable(image, 256):
        yield f"{name} is no value of a tag: {shown(image)}"


# ---- a release ----


def release_faults(release: Release) -> Faults:
    """Yield what keeps a release from being believed, but for what its target has beside it."""
    for part in (_names, _times, _texts, _progress):
        yield from part(release)
    yield from faults_of(release.terms)


def _names(release: Release) -> Faults:
    if not is_release_id(release.id, release.service):
        yield f"id is no id of a release of {shown(release.service)}: {shown(release.id)}"
    yield from among("goal", release.goal, GOALS)
    if not valid(release.image):
        yield f"image is no image version: {shown(release.image)}"
    yield from count("take", release.take)


def _times(release: Release) -> Faults:
    for name in release.moments:
        yield from moment(name, getattr(release, name))
    if release.deadline_at != math.inf:
        yield from moment("deadline_at", release.deadline_at)


def _texts(release: Release) -> Faults:
    yield from sentence("by", release.by)
    yield from sentence("reason", release.reason)
    yield from sentence("asked_by", release.asked_by)
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

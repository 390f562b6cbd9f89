"""A seal of what a record decides, as a tag of both groups: what somebody else has written does not fit it. Pure.

Whoever may write a record may not always write the groups' tags, and the other way round. The seal is put beside the
other tags that tell of a release, and put anew, with the old one, before the record changes: so that a run that is cut
off in between leaves a record which fits. What only tells how far things are, and what any look shows, is not sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

import attrs

from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Release

SEAL = "bluegreen:seal"

SEALED = (
    *("id", "service", "image", "old", "new", "picture", "tag_key", "first", "goal", "instead_of", "take"),
    *("bounds", "idle", "capacity", "pace", "begun_at", "bake", "keep_parked", "progress_deadline", "drain", "allowed"),
    *("healthy_for", "check_time", "lingers", "stabilization", "alarms", "without", "way", "urgent", "keep"),
    *("unserved", "milestones", "retire", "processes"),
)
"""What a release decides by."""

LONG = 32


def seal(release: Release) -> str:
    """Return the seal of a release: 32 hexadecimal digits."""
    plain = json.dumps([_plain(getattr(release, name)) for name in SEALED], sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:LONG]


def either(*releases: Release) -> str:
    """Return what the tag says while a record may be any of several."""
    return " ".join(dict.fromkeys(map(seal, releases)))


def seals_told(fleet: Fleet, release: Release, key: str) -> frozenset[str]:
    """Return the seals that the groups' tags tell of a release; ``key`` is the tag that names it.

    Those of another one count as well where this one has changed anything: its own tags come first.
    """
    ours = (group for group in fleet.groups.values() if release.begun or group.tag(key) == release.id)
    return frozenset(one for group in ours for one in (group.tag(SEAL) or "").split())


def is_tagged(fleet: Fleet, release: Release, key: str) -> bool:
    """Whether the groups' tags tell of a release, or of any seal: then a seal has its place there."""
    return any(group.tag(key) == release.id or SEAL in group.tags for group in fleet.groups.values())


def fits_seal(release: Release, seals: Iterable[str]) -> bool:
    """Whether a record's release is what one of ``seals`` was put on; where there is none, nothing speaks against it.

    That it is to be rolled back is written at once, whatever AWS answers: a rollback of what was sealed fits as well.
    """
    known = frozenset(seals)
    if not known or seal(release) in known:
        return True
    if release.goal != ROLLBACK:
        return False
    before = (attrs.evolve(release, goal=goal, urgent=urgent) for goal in (DEPLOY, FINISH) for urgent in (False, True))
    return any(seal(one) in known for one in before)


def opens_a_door(before: Release, after: Release) -> bool:
    """Whether a release is further than before, or is to be finished."""
    turned = after.goal != before.goal and after.goal != ROLLBACK
    return turned or (after.milestones, after.retire) != (before.milestones, before.retire)


def sealed_as(release: Release, known: Release, **changes: Any) -> Release:
    """Return a release that decides as the ``known`` one, but for ``changes``, and is as it is in all else."""
    return attrs.evolve(release, **{**{name: getattr(known, name) for name in SEALED}, **changes})


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, alike before it is written and after it was read."""
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return repr(float(value))
        case datetime():
            return value.timestamp()
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case Set():
            return sorted(map(str, value))
        case list() | tuple():
            return [_plain(one) for one in value]
    return [_plain(getattr(value, field.name)) for field in attrs.fields(type(value))]

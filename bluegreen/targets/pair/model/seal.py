"""A seal of what a record decides, as a tag of both groups: what somebody else has written does not fit it. Pure.

Whoever may write a record may not always write the groups' tags, and the other way round. The seal is put beside the
other tags that tell of a release, and put anew, with the old one, before the record changes: so that a run that is cut
off in between leaves a record which fits. What only tells how far things are, and what any look shows, is not sealed.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import datetime
from itertools import product
from typing import Any

import attrs

from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ID, ROLLBACK, SEAL, Hold, Release

UNSEALED = frozenset(
    {
        *(
            "reason",
            "asked_by",
            "hold",
            "plan_version",
            "unsealed",
            "progress",
            "progressed_at",
            "deadline_at",
            "unsure_since",
        ),
        *("best", "after_wave", "under_shift", "well_at", "launched_at", "members", "needed", "returns", "named"),
        *("leaving", "returning", "told_at", "put_at", "reparked", "reparked_at"),
    }
)
"""What is learned in each look, or has to be on record before an action, whatever AWS answers to a tag."""
MEMBERS = frozenset(one.name for one in attrs.fields(Release))
SEALED = tuple(sorted(MEMBERS - UNSEALED))
"""What a release decides by: all else, whether every target's has it or a pair's alone."""

IN_FORMAT_5 = (
    *("id", "service", "image", "old", "new", "picture", "bounds", "idle", "capacity", "begun_at", "by", "tag_key"),
    *("first", "goal", "pace", "bake", "keep_parked", "progress_deadline", "drain", "allowed", "urgent", "keep"),
    *("instead_of", "milestones", "written", "edits", "retire", "alarms", "take", "way", "copied", "stabilization"),
    *("healthy_for", "check_time", "lingers", "without", "passed_by", "unserved", "processes"),
)
"""What was sealed, in this order, by whoever wrote a record in format 5: such a release is carried on."""
RENAMED_SINCE = {"tag_key": "image_tag_key", "allowed": "deadline"}
"""Terms that had another name in format 5."""

UNKNOWN_IN_FORMAT_5 = frozenset({"template"})
"""What a part of a release has beside what it had then."""

LONG = 32

CLOSED = "closed"
"""What the tag says in place of a seal once a person has closed the release on record: no record fits it."""

HELD = Hold("", "", 0.0)
"""Of a hold is sealed that there is one: then nobody but the one who may write the tags as well takes it off."""


def seal(release: Release) -> str:
    """Return the seal of a release: 32 hexadecimal digits."""
    return _digest(release, _by_name(release, SEALED))


def _in_format_5(release: Release) -> str:
    return _digest(release, *(_plain(_member(release, name), _in_order) for name in IN_FORMAT_5))


def _digest(release: Release, *decided: object) -> str:
    plain = json.dumps([*decided, *(["held"] if release.hold else [])], sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:LONG]


def decide_alike(one: Release, other: Release) -> bool:
    """Whether two releases have the same seal, but for a hold, without making one."""
    return all(getattr(one, name) == getattr(other, name) for name in SEALED)


def held_as_before(before: Release, after: Release) -> bool:
    """Whether a hold was not taken off: where one was put on, the seal of before fits as well."""
    return after.hold is not None or before.hold is None


def _member(release: Release, name: str) -> object:
    """Return what a release has under a name, also under one of format 5, in which the terms stood among all else."""
    if name in MEMBERS:
        return getattr(release, name)
    return getattr(release.terms, RENAMED_SINCE.get(name, name))


def either(*releases: Release) -> str:
    """Return what the tag says while a record may be any of several."""
    return " ".join(dict.fromkeys(map(seal, releases)))


def seals_told(fleet: Fleet) -> frozenset[str]:
    """Return the seals that the groups' tags tell, of whatever release: its own tags come before all that it does."""
    return frozenset(one for group in fleet.groups.values() for one in (group.tag(SEAL) or "").split())


def is_named(fleet: Fleet, release: Release) -> bool:
    """Whether a group's tags name a release."""
    return any(group.tag(ID) == release.id for group in fleet.groups.values())


def told_of(fleet: Fleet, release: Release) -> bool:
    """Whether a group's tags name a release, or have its seal."""
    seals = seals_told(fleet)
    return is_named(fleet, release) or (bool(seals) and fits_seal(release, seals))


def is_tagged(fleet: Fleet, release: Release) -> bool:
    """Whether the groups' tags name a release, or tell of any seal: then a seal has its place there."""
    return is_named(fleet, release) or any(SEAL in group.tags for group in fleet.groups.values())


def fits_seal(release: Release, seals: Iterable[str]) -> bool:
    """Whether a record's release is what one of ``seals`` was put on; where there is none, nothing speaks against it.

    That it is to be rolled back, or is held, is written at once, whatever AWS answers: a rollback of what was sealed
    fits as well, and so does what was sealed before it was held.
    """
    known = frozenset(seals)
    return not known or any(_is_among(known, one) for one in _as_sealed(release))


def is_of_a_held_one(release: Release, seals: Iterable[str]) -> bool:
    """Whether a rollback on record fits as one of a release that a person has stopped, and as nothing else.

    Whoever typed it while AWS was silent has asked for it; whoever may write the record can write that, too.
    """
    known, ways = frozenset(seals), list(_as_sealed(release))
    if release.goal != ROLLBACK or release.hold is not None or not known:
        return False
    fits = [one for one in ways if _is_among(known, one)]
    return bool(fits) and all(one.hold is not None for one in fits)


def turned(release: Release, seals: Iterable[str], at: float) -> Release | None:
    """Return a release as it goes back since ``at``, where a run has sealed that already; ``None`` where none has.

    It was cut off before that was on record, or somebody has written the record of before again.
    """
    ways = () if release.goal == ROLLBACK else (_turned(release, at, urgent) for urgent in (False, True))
    return next((one for one in ways if seal(one) in seals), None)


def fits_as_it_is(release: Release, seals: frozenset[str]) -> bool:
    """Whether a record's release fits, and no seal tells that it goes back by now."""
    return fits_seal(release, seals) and turned(release, seals, release.begun_at) is None


def turns(before: Release, after: Release) -> bool:
    """Whether a release goes back by now, and did not before."""
    return before.goal != after.goal == ROLLBACK


def between(before: Release, after: Release) -> tuple[Release, ...]:
    """Return what :func:`turned` makes of the record of before, where a release turns: that is sealed with it.

    What it goes back with may be more than its record tells: balancers that a person has set aside, corrected dates.
    """
    return (_turned(before, after.progressed_at, after.urgent),) if turns(before, after) else ()


def _turned(release: Release, at: float, urgent: bool) -> Release:
    return release.toward(ROLLBACK, at, urgent=urgent)


def _as_sealed(release: Release) -> Iterator[Release]:
    """Return what a release may have been when its seal was put: as it is, before it was held, before it went back."""
    yield release
    if release.hold:
        yield attrs.evolve(release, hold=None)
    if release.goal == ROLLBACK:
        for goal, urgent, hold in product((DEPLOY, FINISH), (False, True), (None, HELD)):
            yield attrs.evolve(release, goal=goal, urgent=urgent, hold=hold)


def _is_among(seals: frozenset[str], release: Release) -> bool:
    return not seals.isdisjoint({seal(release), _in_format_5(release)})


def opens_a_door(before: Release, after: Release) -> bool:
    """Whether a release is further than before, or is to be finished: nothing is done of that before it is sealed.

    So it is with what is done next on its account alone: copies go from new, and what is detached is kept, or not.
    """
    turned = after.goal != before.goal and after.goal != ROLLBACK
    further = (after.milestones, after.retire, after.keep) != (before.milestones, before.retire, before.keep)
    return turned or further or _lets_copies_go(before, after)


def is_left_behind(before: Release, after: Release) -> bool:
    """Whether the record of before is not to be carried on any more.

    It goes back since, or a person has stopped it, or said that what it detaches is kept. Or what is done next would be
    read as somebody else's doing: the copies on new are taken off by us from then on.
    """
    return bool(leaves_behind(after) - leaves_behind(before)) or _lets_copies_go(before, after)


def leaves_behind(release: Release) -> frozenset[str]:
    """Return what of a release no record without it may undo: it goes back, is held, or keeps what it detaches."""
    said = {"back": release.goal == ROLLBACK, "held": release.hold is not None, "kept": release.keep}
    return frozenset(one for one, holds in said.items() if holds)


def _lets_copies_go(before: Release, after: Release) -> bool:
    return before.copied and not after.copied


def sealed_as(release: Release, known: Release, **changes: Any) -> Release:
    """Return a release that decides as the ``known`` one, but for ``changes``, and is as it is in all else.

    What we have written, or are about to, stays known beside what is sealed: it explains what AWS will show.
    """
    beside = dict(release.unsealed)
    for key, values in release.written.items():
        if added := tuple(value for value in values if value not in known.written.get(key, ())):
            beside[key] = (*beside.get(key, ()), *added)
    kept = {name: getattr(known, name) for name in (*SEALED, "hold")}
    return attrs.evolve(release, **{**kept, "unsealed": beside, **changes})


def _plain(value: Any, members: Callable[[Any], object]) -> Any:
    """Return a value as JSON has it, alike before it is written and after it was read; ``members`` those it has."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return repr(float(value))
    match value:
        case datetime():
            return value.timestamp()
        case Mapping():
            return {str(key): _plain(one, members) for key, one in value.items()}
        case Set():
            return sorted(map(str, value))
        case list() | tuple():
            return [_plain(one, members) for one in value]
    return members(value)


def _by_name(value: Any, names: Iterable[str] = ()) -> dict[str, object]:
    """Return the members of a value, those of ``names`` or all, but for what is as where nobody says it.

    A version that knows one more, which has a default, so finds the seals of before as they were.
    """
    of: type = type(value)
    plain = {name: _plain(getattr(value, name), _by_name) for name in names or (one.name for one in attrs.fields(of))}
    unsaid = _unsaid(of)
    return {name: one for name, one in plain.items() if name not in unsaid or one != unsaid[name]}


@functools.cache
def _unsaid(kind: type) -> Mapping[str, object]:
    """Return the members that have a default, each as JSON has that."""
    known = ((one.name, one.default) for one in attrs.fields(kind) if one.default is not attrs.NOTHING)
    made = ((name, one.factory() if isinstance(one, attrs.Factory) else one) for name, one in known)  # type: ignore[arg-type]
    return {name: _plain(one, _by_name) for name, one in made}


def _in_order(value: Any) -> list[object]:
    """Return all members of a value in the order in which they are declared, as format 5 has them."""
    names = (one.name for one in attrs.fields(type(value)) if one.name not in UNKNOWN_IN_FORMAT_5)
    return [_plain(getattr(value, name), _in_order) for name in names]

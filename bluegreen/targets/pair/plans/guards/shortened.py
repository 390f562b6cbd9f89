"""What a record may not shorten: how long new must prove itself and bake, and which alarms guard it. Pure.

Where another run has begun a release, each duration counts as the longest that the record, the groups' tags and the
configuration tell. Of the guarding alarms the tags tell how many there were: those that fired when the release was
begun are none of them. Where the record has fewer of the configuration's, all of those guard it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bluegreen.declared import declared
from bluegreen.ranges import LONGEST
from bluegreen.targets.pair.model.asleep import edited_meanwhile
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, ID, ROLLBACK, Release
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.pair.plans.guards.vouching import terms_of
from bluegreen.targets.pair.release_tags.written import TERMS
from bluegreen.values import changed

Told = tuple[Mapping[str, str], ...]

MEASURED = {"check_time": "check", "lingers": "linger"}
"""What else of a release says how long is waited, and what it is called in the tag of its terms."""


def learn_carefully(look: Look, learn: Callable[[Look], Release] | None, configured: Asked | None) -> Release:
    """Return the release with what ``learn`` makes of a look: nothing shortened, no more to lose than was wished."""
    look = changed(look, release=edited_meanwhile(not_shortened(look, configured), look.fleet))
    return look.release if learn is None else learn(look)


def not_shortened(look: Look, configured: Asked | None) -> Release:
    """Return the release with no duration shorter, and no alarm fewer, than the tags and the configuration tell.

    A rollback waits for none of them; what is finished was deployed with what was asked for then, whatever is
    ``configured`` now, which is ``None`` where nobody's configuration counts.
    """
    release, told = look.release, tuple(terms_told(look))
    if release.goal == ROLLBACK:
        return release
    wanted = configured if release.goal == DEPLOY else None
    longest = {
        name: _longest(getattr(release.terms, name), getattr(wanted, name, None), one.tag, told)
        for name, one in declared(type(release.terms)).items()
        if one.lasts
    }
    measured: dict[str, Any] = {
        name: _longest(getattr(release, name), None, key, told) for name, key in MEASURED.items()
    }
    guarding = _guarding(release, told, () if configured is None else configured.alarms)
    return changed(release.with_terms(**longest, alarms=guarding), **measured)


def _longest(kept: float, configured: float | None, tag: str, told: Told) -> float:
    return max(kept, configured or 0.0, *(_seconds(terms.get(tag)) for terms in told))


def _guarding(release: Release, told: Told, configured: tuple[str, ...]) -> tuple[str, ...]:
    known = [one for one in configured if one in release.terms.alarms]
    counts = [terms.get("alarms", "") for terms in told]
    if all(count.isdecimal() and int(count[:9]) <= len(known) for count in counts):
        return release.terms.alarms
    return tuple(dict.fromkeys((*release.terms.alarms, *configured)))


def _seconds(text: str | None) -> float:
    """Return the seconds that a tag tells; none where it tells what no release has."""
    try:
        seconds = float(text or "")
    except ValueError:
        return 0.0
    return seconds if 0.0 <= seconds <= LONGEST else 0.0


def terms_told(look: Look) -> Iterator[Mapping[str, str]]:
    """Yield the terms that each group's tags tell of this release."""
    ours: Iterable[str | None] = (g.tag(TERMS) for g in look.fleet.groups.values() if g.tag(ID) == look.release.id)
    return (terms_of(text or "") for text in ours)

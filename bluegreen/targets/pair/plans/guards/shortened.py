"""What a record may not shorten: how long new must prove itself and bake, and which alarms guard it. Pure.

Where another run has begun a release, each duration counts as the longest that the record, the groups' tags and the
configuration tell. Of the guarding alarms the tags tell how many there were: those that fired when the release was
begun are none of them. Where the record has fewer of the configuration's, all of those guard it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs
from attrs import frozen

from bluegreen.flow.sound import LONGEST
from bluegreen.targets.pair.model.asleep import edited_meanwhile
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, ID, ROLLBACK, Release
from bluegreen.targets.pair.plans.guards.vouching import terms_of
from bluegreen.targets.pair.plans.release_tags import TERMS

DURATIONS = {
    "bake": "bake",
    "healthy_for": "healthy",
    "check_time": "check",
    "stabilization": "stabilize",
    "lingers": "linger",
}
"""What of a release says how long is waited, and what it is called in the tag of its terms."""


@frozen
class Least:
    """What the configuration says of a release: durations in seconds, and the alarms that guard it."""

    bake: float = 0.0
    healthy_for: float = 0.0
    stabilization: float = 0.0
    alarms: tuple[str, ...] = ()


def learn_carefully(look: Look, learn: Callable[[Look], Release], least: Least) -> Release:
    """Return the release with what ``learn`` makes of a look: nothing shortened, no more to lose than was wished."""
    return learn(attrs.evolve(look, release=edited_meanwhile(not_shortened(look, least), look.fleet)))


def not_shortened(look: Look, least: Least) -> Release:
    """Return the release with no duration shorter, and no alarm fewer, than the tags and the configuration tell.

    A rollback waits for none of them; what is finished was deployed with what was asked for then, whatever is
    configured now.
    """
    release, told = look.release, tuple(terms_told(look))
    if release.goal == ROLLBACK:
        return release
    configured = least if release.goal == DEPLOY else Least()
    longest = {
        name: max(getattr(release, name), getattr(configured, name, 0.0), *(_seconds(terms.get(key)) for terms in told))
        for name, key in DURATIONS.items()
    }
    return attrs.evolve(release, **longest, alarms=_guarding(release, told, least))


def _guarding(release: Release, told: tuple[Mapping[str, str], ...], least: Least) -> tuple[str, ...]:
    known = [one for one in least.alarms if one in release.alarms]
    counts = [terms.get("alarms", "") for terms in told]
    if all(count.isdecimal() and int(count[:9]) <= len(known) for count in counts):
        return release.alarms
    return tuple(dict.fromkeys((*release.alarms, *least.alarms)))


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

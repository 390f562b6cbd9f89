"""What the tags of a pair tell, whoever wrote them: which release it is in, and whose tags cannot be the service's."""

from __future__ import annotations

import re

from attrs import frozen

from bluegreen.flow.sound import is_release_id, stamp
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import Fleet, Group
from bluegreen.targets.pair.model.release import ID, Release
from bluegreen.targets.pair.release_tags.written import BY, GOAL, IMAGE, TERMS, tidy

AHEAD = 86_400.0
"""Seconds that the clock of the machine that began a release may be ahead of AWS's."""


@frozen
class Shown:
    """What the tags of a pair say: which release it is in, whose, and how often that was taken into another record."""

    id: str
    by: str
    goal: str
    image: str
    take: int = 0

    def later_than(self, release: Release) -> bool:
        """Whether ``release`` is not in charge any more: it was adopted, or another one was begun after it."""
        if self.id == release.id:
            return self.take > release.take
        return _stamp(self.id) > _stamp(release.id)


def shown(fleet: Fleet, service: str) -> Shown | None:
    """Return what the groups' tags say, or ``None`` without such tags; of two, the later release.

    Only a tag counts that a release of ``service`` can have written: others are :func:`foreign`.
    """
    told = [group for group in fleet.groups.values() if _may_be_ours(group.tag(ID), service, fleet.at)]
    return _shown(max(told, key=lambda one: (_stamp(one.tag(ID) or ""), _take(one)))) if told else None


def in_charge_instead(fleet: Fleet, release: Release) -> Shown | None:
    """Return what the groups' tags say where another record has adopted the release, or a later one is in charge."""
    told = shown(fleet, release.service)
    return told if told is not None and told.later_than(release) else None


def foreign(fleet: Fleet, service: str) -> tuple[tuple[str, str], ...]:
    """Return the tags, by group and value, that name no release that ``service`` can have: of the form that our ids
    have, and not of a time to come.
    """
    told = ((name, group.tag(ID)) for name, group in fleet.groups.items())
    return tuple((name, tag) for name, tag in told if tag is not None and not _may_be_ours(tag, service, fleet.at))


def unclaimed(fleet: Fleet, told: Shown) -> str:
    """Return how the tags go that say that a release is in charge, whoever wrote them."""
    groups = (name for name, group in fleet.groups.items() if group.tag(ID) == told.id)
    return ", ".join(f"{hints.untagged(name, ID)} takes that tag off {name}" for name in groups)


def _may_be_ours(tag: str | None, service: str, at: float) -> bool:
    return is_release_id(tag, service) and (not at or (stamp(str(tag)) or 0.0) <= at + AHEAD)


_TAKE = re.compile(r"\btake=(\d{1,3})(?!\d)", re.A)
"""How often a release was adopted: none is a thousand times, so that more of it is nobody's."""


def _take(group: Group) -> int:
    found = _TAKE.search(group.tag(TERMS) or "")
    return int(found[1]) if found else 0


def _shown(group: Group) -> Shown:
    by, goal, image = (tidy(group.tag(key) or "unknown") for key in (BY, GOAL, IMAGE))
    return Shown(group.tag(ID) or "", by, goal, image, _take(group))


def _stamp(release_id: str) -> str:
    return release_id.rpartition(":")[2]

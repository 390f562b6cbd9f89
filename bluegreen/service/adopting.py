"""A pair whose tags tell of a release that the record does not know: refused, or taken into the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs
from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.service.cloud import Cloud
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import Fleet, Machine
from bluegreen.targets.pair.model.release import ID, MARK, Release
from bluegreen.targets.pair.plans.release_tags import Adoption, Tags, foreign, rebuild, shown, unclaimed
from bluegreen.targets.pair.records import Document
from bluegreen.words import shown as quoted
from bluegreen.words import they

GROUP = "aws:autoscaling:groupName"
"""The tag by which Auto Scaling says whose an instance is; nobody else can write it (user guide: tags)."""


@frozen
class Adoptable:
    """A release that can be adopted, the instances with its mark that it would retire, and those of other groups."""

    release: Release
    marked: tuple[Machine, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """What a person is asked about."""
        return frozenset(machine.id for machine in self.marked)

    def listed(self, now: float) -> str:
        """Return the marked instances with owner and age, at ``now`` (POSIX seconds)."""
        return ", ".join(f"{machine.id} ({_owner(machine)}, {_age(machine, now)})" for machine in self.marked)


def _owner(machine: Machine) -> str:
    if group := machine.tags.get(GROUP):
        return f"of the group {group}"
    return f"called {quoted(machine.tags['Name'])}" if "Name" in machine.tags else "of no group"


def _age(machine: Machine, now: float) -> str:
    return f"{max(0.0, now - machine.launched) / 3600:.1f} h old" if machine.launched else "of unknown age"


def adopted(cloud: Cloud, groups: tuple[str, str], adoption: Adoption, pause: Callable[[float], None]) -> Adoptable:
    """Return the release that the tags of ``groups`` tell of; raise ``Refused`` when they tell of none.

    Anybody may have put the mark onto an instance: only one with this very release's is listed, and none that is in
    any group but the old one.
    """
    survey = cloud.survey(groups, pause=pause, service=adoption.service)
    fleet, told = survey.fleet, shown(survey.fleet, adoption.service)
    if told is None:
        raise Refused(
            f"{adoption.service}: the tags of {' and '.join(groups)} tell of no release, there is nothing to adopt",
            "; ".join((*strangers(fleet, adoption.service), f"`bluegreen status {adoption.service}` shows the pair")),
        )
    found = [one for one in cloud.machines_marked(MARK, told.id) if not one.gone and one.tags.get(MARK) == told.id]
    old = rebuild(fleet, attrs.evolve(adoption, scaling=survey.scaling)).old
    members = cloud.members(sorted(one.id for one in found)) - fleet.groups[old].ids
    marked = tuple(one for one in found if one.id not in members)
    ids = tuple(one.id for one in marked)
    release = rebuild(fleet, attrs.evolve(adoption, marked=ids, scaling=survey.scaling))
    return Adoptable(release, marked, tuple(sorted(members)))


def strangers(fleet: Fleet, service: str) -> Iterator[str]:
    """Yield a warning for each tag that names no release that ``service`` can have, and how it goes."""
    for name, tag in foreign(fleet, service):
        yield f"the tag {ID}={quoted(tag)} of {name} names no release of {service}: {hints.untagged(name, ID)}"


def refuse_unasked(service: str, found: Adoptable, answered: Iterable[str] | None) -> None:
    """Raise ``Refused`` when more instances are marked than a person was asked about."""
    if answered is not None and (more := sorted(found.ids - set(answered))):
        raise Refused(
            f"{service}: {they(more, 'was', 'were')} marked since you were asked: nothing was changed",
            f"`bluegreen adopt {service}` asks again",
        )


def listed(tags_of: Mapping[str, Tags]) -> tuple[tuple[str, str, str], ...]:
    """Return the tags of all groups as an action takes them."""
    return tuple((group, key, value) for group, tags in tags_of.items() for key, value in tags.items())


def refuse_stranger(document: Document, fleet: Fleet) -> None:
    """Raise ``Refused``, naming release and owner, when the tags tell of a release that the record does not know."""
    told = shown(fleet, document.service)
    known = {past.id for past in document.history} | {document.release.id if document.release else ""}
    if told is None or told.id in known:
        return
    raise Refused(
        f"{document.service}: {' and '.join(fleet.groups)} are in a release that this record does not know: "
        f"the {told.goal} of {told.image} by {told.by} ({told.id})",
        f"use the record that knows it (`state`, --state); `bluegreen adopt {document.service}` rebuilds a lost one; "
        f"where there is no such release, {unclaimed(fleet, told)}",
    )

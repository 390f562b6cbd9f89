"""A pair whose tags tell of a release that the record does not know: refused, or taken into the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.sentences.forms import of
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.demand import is_under_way
from bluegreen.targets.pair.model.fleet import Fleet, Machine
from bluegreen.targets.pair.model.release import MARK, Hold, Release
from bluegreen.targets.pair.records import Document, ServiceBook
from bluegreen.targets.pair.release_tags.rebuilt import Adoption, rebuild
from bluegreen.targets.pair.release_tags.told import shown
from bluegreen.targets.pair.release_tags.written import Tags, tags_of
from bluegreen.targets.pair.sentences import told as sentences
from bluegreen.targets.pair.telling.leftovers import other_sizes
from bluegreen.targets.pair.telling.strangers import strangers
from bluegreen.targets.seam.target import Adoptable
from bluegreen.words import shown as quoted

GROUP = "aws:autoscaling:groupName"
"""The tag by which Auto Scaling says whose an instance is; nobody else can write it (user guide: tags)."""


@frozen(kw_only=True)
class AdoptablePair(Adoptable[Release]):
    """A release that can be adopted; of the instances that carry its mark, ``elsewhere`` are in other groups."""

    elsewhere: tuple[str, ...] = ()


@frozen
class Adopting:
    """Takes a release that the groups' tags tell of into a record that has none open."""

    looks: Looks

    def found(self, document: Document) -> AdoptablePair:
        """Return the release that can be taken in; raise ``Refused`` where there is none."""
        session = self.looks.session
        found = adopted(self.looks, self._adoption())
        if found.release.id in {past.id for past in document.history} and self.seen_under_way() is None:
            raise Refused(
                of(session.name, sentences.has_ended(found.release.id)),
                f"`bluegreen cleanup {session.name}` takes them off",
            )
        hold = Hold(session.who, "adopted", session.clock.now())
        release = attrs.evolve(found.release.with_terms(alarms=self.looks.settings.alarms), hold=hold)
        return attrs.evolve(found, release=release)

    def adopt(self, book: ServiceBook, found: AdoptablePair) -> tuple[str, ...]:
        """Write the tags of the release; return what a person is to know of it."""
        release, others = found.release, found.elsewhere
        self.looks.cloud.act(WriteReleaseTags(listed(tags_of(release))), book.assure)
        if not others:
            return other_sizes(release)
        whose = sentences.marked_elsewhere(others)
        return (f"{whose}; {hints.unmarked(others, MARK)} takes the mark off", *other_sizes(release))

    def seen_under_way(self) -> Fleet | None:
        """Return a look at a pair in the middle of a release, as several show that are no older than a minute.

        Whatever the record says of when the newest release has ended: that is another machine's clock.
        """
        session = self.looks.session
        end, over = session.clock.monotonic() + STALE, 0
        while True:
            fleet = self.looks.groups()
            over = 0 if is_under_way(fleet) and shown(fleet, session.name) is not None else over + 1
            if over >= AGREEING:
                return None
            if not over and session.clock.monotonic() >= end:
                return fleet
            session.tell(EventKind.WAITING, sentences.over_on_record())
            session.pause_between_looks()

    def _adoption(self) -> Adoption:
        session, key = self.looks.session, self.looks.settings.image_tag_key
        return Adoption(service=session.name, by=session.who, now=session.clock.now(), image_tag_key=key)


def _question(marked: Iterable[Machine], now: float) -> str:
    """Ask about the marked instances, with owner and age of each at ``now`` (POSIX seconds); nothing without any."""
    listed = ", ".join(f"{machine.id} ({_owner(machine)}, {_age(machine, now)})" for machine in marked)
    return sentences.may_they_go(listed) if listed else ""


def _owner(machine: Machine) -> str:
    if group := machine.tags.get(GROUP):
        return f"of the group {group}"
    return f"called {quoted(machine.tags['Name'])}" if "Name" in machine.tags else "of no group"


def _age(machine: Machine, now: float) -> str:
    return f"{max(0.0, now - machine.launched) / 3600:.1f} h old" if machine.launched else "of unknown age"


def adopted(looks: Looks, adoption: Adoption) -> AdoptablePair:
    """Return the release that the tags of ``groups`` tell of; raise ``Refused`` when they tell of none.

    Anybody may have put the mark onto an instance: only one with this very release's is listed, and none that is in
    any group but the old one.
    """
    cloud, groups = looks.cloud, looks.names
    survey = cloud.survey(groups, pause=looks.session.pause, service=adoption.service)
    fleet, told = survey.fleet, shown(survey.fleet, adoption.service)
    if told is None:
        raise Refused(
            of(adoption.service, sentences.nothing_to_adopt(groups)),
            "; ".join((*strangers(fleet, adoption.service), f"`bluegreen status {adoption.service}` shows the pair")),
        )
    found = [one for one in cloud.machines_marked(MARK, told.id) if not one.gone and one.tags.get(MARK) == told.id]
    old = rebuild(fleet, attrs.evolve(adoption, scaling=survey.scaling)).old
    members = cloud.members(sorted(one.id for one in found)) - fleet.groups[old].ids
    marked = tuple(one for one in found if one.id not in members)
    ids = tuple(one.id for one in marked)
    release = rebuild(fleet, attrs.evolve(adoption, marked=ids, scaling=survey.scaling))
    return AdoptablePair(
        release=release, ids=frozenset(ids), question=_question(marked, adoption.now), elsewhere=tuple(sorted(members))
    )


def listed(tags_of: Mapping[str, Tags]) -> tuple[tuple[str, str, str], ...]:
    """Return the tags of all groups as an action takes them."""
    return tuple((group, key, value) for group, tags in tags_of.items() for key, value in tags.items())

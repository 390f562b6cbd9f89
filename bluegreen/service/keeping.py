"""What can be done to a service's record by hand: lock it, unlock it, take a release into it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from attrs import define

from bluegreen.errors import Held, Refused, Status
from bluegreen.flow.events import Kind
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.record.book import in_force, moment
from bluegreen.record.document import of_kind
from bluegreen.service.adopting import Adoptable, adopted, listed, refuse_unasked
from bluegreen.service.ending import Ended, ways_on
from bluegreen.service.ground import refuse_other_service
from bluegreen.service.views import Views
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.leftovers import not_configured, other_sizes, remains
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.demand import is_under_way
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.release import MARK, Hold, Release
from bluegreen.targets.pair.model.sound import PAIR
from bluegreen.targets.pair.plans.release_tags import Adoption, shown, tags_of
from bluegreen.targets.pair.records import Document
from bluegreen.words import fits


@define(kw_only=True)
class Keeping(Views):
    """A service whose record can be seen to by hand."""

    def lock(self, why: str) -> Ended:
        """Lock the service by hand: nothing is begun, by people or by cron, until somebody unlocks it."""
        if (before := self._book().lock(why)) is not None:
            sentence = f"{self.name}: locked already, by {before.who} since {moment(before.since)}: {before.why}"
            raise Held(sentence, f"`bluegreen unlock {self.name}` takes that lock off")
        at_work = in_force(self._document().lease, self.clock.now())
        hint = f"what {at_work.who} has begun ({at_work.why}) goes on to its end" if at_work else ""
        return Ended(Status.OK, f"{self.name}: locked: {why}", hint)

    def unlock(self) -> Ended:
        """Take the lock by hand off, whoever put it on."""
        if (before := self._book().unlock()) is None:
            return Ended(Status.OK, f"{self.name}: was not locked")
        return Ended(Status.OK, f"{self.name}: unlocked; it was locked by {before.who}: {before.why}")

    def adoptable(self) -> Adoptable:
        """Return what `adopt` would take into the record; raise ``Refused`` when it would."""
        return self._found(self._document())

    def adopt(self, *, answered: Iterable[str] | None = None) -> Ended:
        """Take the release that the tags of both groups tell of into this record, which has none open.

        Where a person was asked about the instances that carry its mark, no others are listed than ``answered``.

        It is held until a person decides what becomes of it. The tags are written first: should that be all that is
        done, they still tell of the release, and whoever worked on it stops all the same.
        """
        with self._leased("adopt") as book:
            found = self._found(book.document)
            refuse_unasked(self.name, found, answered)
            release = found.release
            self.aws.act(WriteReleaseTags(listed(tags_of(release))), book.assure)
            book.save(release)
        sentence = f"{self.name}: the {release.goal} of {release.image} ({release.id}) is in this record now"
        told: tuple[str, ...] = (ways_on(self.name, release),)
        if others := found.elsewhere:
            have, left = fits(others, "has", "have"), fits(others, "is in a group: it is", "are in a group: they are")
            whose = f"{', '.join(others)} {have} its mark too, and {left} left alone"
            told = (*told, f"{whose}; {hints.unmarked(others, MARK)} takes the mark off")
        return Ended(Status.OK, sentence, (*told, *other_sizes(release)), release)

    def closable(self) -> Release | None:
        """Return the release that the record has open, whatever has become of its groups: what `close` would end."""
        found, _ = self.store.read(self.name)
        if found is None:
            return None
        document = of_kind(found, PAIR)
        refuse_other_service(document, self.settings)
        return document.release

    def close(self, why: str, *, answered: Release | None = None) -> Ended:
        """End the open release on record alone, for the reason ``why``: nothing in AWS is asked or changed.

        Where a person was asked, it is the release that was ``answered`` for, as it stood.
        """
        with self._leased("close", lambda document: refuse_other_service(document, self.settings)) as book:
            release = book.document.release
            if release is None:
                return Ended(Status.OK, f"{self.name}: no release is open on record, there is nothing to close")
            if answered is not None and (answered.id, answered.milestones) != (release.id, release.milestones):
                raise Refused(
                    f"{self.name}: {release.id} has moved on since it was asked about: nothing was changed",
                    f"`bluegreen close {self.name} --reason TEXT` asks again",
                )
            before = book.document.history
            self._tell(Kind.RECORDED, f"closed on record alone by {self.who}: {why}", release)
            book.disown(release, why)
            self._history.prune(before, book.document.history)
        sentence = f"{self.name}: the {release.goal} of {release.image} ({release.id}) is closed on record alone: {why}"
        look = f"look at {release.old} and {release.new} before any of these, in their order:"
        whose = () if {release.old, release.new} == set(self._names) else (not_configured(release, self._names),)
        return Ended(Status.OK, sentence, (f"nothing in AWS was changed; {look}", *whose, *remains(release)), release)

    def _found(self, document: Document) -> Adoptable:
        if (release := document.release) is not None:
            sentence = f"{self.name}: the {release.goal} of {release.image} is open in this record"
            raise Refused(sentence, f"`bluegreen status {self.name}` shows how it stands")
        found = adopted(self.aws, self._names, self._adoption(), self._pause)
        if found.release.id in {past.id for past in document.history} and self._seen_under_way() is None:
            raise Refused(
                f"{self.name}: {found.release.id} has ended, says this record; only its tags were left",
                f"`bluegreen cleanup {self.name}` takes them off",
            )
        hold = Hold(self.who, "adopted", self.clock.now())
        return attrs.evolve(found, release=attrs.evolve(found.release, hold=hold, alarms=self.settings.alarms))

    def _seen_under_way(self) -> Fleet | None:
        """Return a look at a pair in the middle of a release, as several show that are no older than a minute.

        Whatever the record says of when the newest release has ended: that is another machine's clock.
        """
        end, over = self.clock.monotonic() + STALE, 0
        while True:
            fleet = self._patiently(Question(self._names))
            over = 0 if is_under_way(fleet) and shown(fleet, self.name) is not None else over + 1
            if over >= AGREEING:
                return None
            if not over and self.clock.monotonic() >= end:
                return fleet
            self._tell(
                Kind.WAITING, "the tags tell of a release that is over on record: it is looked again, for a minute"
            )
            self._pause(self.settings.look_every)

    def _adoption(self) -> Adoption:
        return Adoption(service=self.name, by=self.who, now=self.clock.now(), tag_key=self.settings.image_tag_key)

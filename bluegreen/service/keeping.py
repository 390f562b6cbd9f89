"""What can be done to a service's record by hand: lock it, unlock it, take a release into it."""

from __future__ import annotations

import attrs
from attrs import define

from bluegreen.errors import Held, Refused, Status
from bluegreen.pair.actions import Mirror
from bluegreen.pair.mirror import Adoption, mirror
from bluegreen.pair.release import Hold, Release
from bluegreen.service.adopting import adopted, listed
from bluegreen.service.ending import Ended, ways_on
from bluegreen.service.views import Views
from bluegreen.state.book import ServiceBook, in_force, moment


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

    def adopt(self) -> Ended:
        """Take the release that the tags of both groups tell of into this record, which has none open.

        It is held until a person decides what becomes of it. The tags are written first: should that be all that is
        done, they still tell of the release, and whoever worked on it stops all the same.
        """
        with self._leased("adopt") as book:
            if (release := book.document.release) is not None:
                sentence = f"{self.name}: the {release.goal} of {release.image} is open in this record"
                raise Refused(sentence, f"`bluegreen status {self.name}` shows how it stands")
            release = self._found(book)
            self.aws.act(Mirror(listed(mirror(release))), book.assure)
            book.save(release)
        sentence = f"{self.name}: the {release.goal} of {release.image} ({release.id}) is in this record now"
        return Ended(Status.OK, sentence, ways_on(self.name, release), release)

    def _found(self, book: ServiceBook) -> Release:
        found = adopted(self.aws, self._names, self._adoption(), self._pause)
        if found.id in {past.id for past in book.document.history}:
            raise Refused(
                f"{self.name}: {found.id} has ended, says this record; only its tags were left",
                f"`bluegreen cleanup {self.name}` takes them off",
            )
        held = Hold(self.who, "adopted", self.clock.now())
        return attrs.evolve(found, held=held, alarms=self.settings.alarms)

    def _adoption(self) -> Adoption:
        return Adoption(service=self.name, by=self.who, now=self.clock.now(), tag_key=self.settings.image_tag_key)

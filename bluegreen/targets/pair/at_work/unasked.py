"""What cron does with a pair, whom nobody asks: carry on, retire what is past its time, tidy up, spare what serves."""

from __future__ import annotations

import attrs
from attrs import frozen

from bluegreen.errors import Status
from bluegreen.flow.guards import AGREEING
from bluegreen.sentences.forms import of
from bluegreen.targets.pair.at_work.beginning import Beginning
from bluegreen.targets.pair.at_work.believing import Belief
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.at_work.proving import Proof
from bluegreen.targets.pair.at_work.sealing import SealedBook
from bluegreen.targets.pair.at_work.tidying import leftovers, marked
from bluegreen.targets.pair.model.asleep import wakes, wants_none
from bluegreen.targets.pair.model.release import FINISH, Release
from bluegreen.targets.pair.plans.guards.shortened import not_shortened
from bluegreen.targets.pair.plans.guards.switch import begun_at, deployed_at
from bluegreen.targets.pair.plans.release_tags import telling
from bluegreen.targets.pair.plans.steps import shifted_away
from bluegreen.targets.pair.records import Document, ServiceBook
from bluegreen.targets.pair.sentences import told as sentences
from bluegreen.targets.seam.ended import Ended


@frozen
class Unasked:
    """Says what a clean-up does, and does what is left to tidy: nobody retires unasked what alone can serve."""

    looks: Looks
    belief: Belief
    proof: Proof
    beginning: Beginning

    def is_due(self, document: Document) -> bool:
        """Whether a clean-up has anything to do, found out without the lease; whose tags those are is decided under it.

        Between reading the record and looking at the groups, somebody may have begun a release.
        """
        if (release := document.release) is None:
            told = telling(self.looks.groups())
            return told is not None or bool(marked(self.looks.cloud, self.looks.session.name))
        if release.hold is not None:
            return not self.belief.is_left_alone(release)
        if not self.belief.fits(release):
            return True
        if self._retires(release):
            return not self._asleep(release)
        return not release.rests or self._is_ahead(release) or self._is_baking(release)

    def unasked(self, book: ServiceBook, release: Release) -> Release | Ended | None:
        """Return an open release as it is carried on; why it is not; ``None`` where nothing is due."""
        if self.belief.is_of_a_held_one:
            return self.belief.rescued(book, release, self.looks.patchy(), back=False)
        if self._is_baking(release):
            release = release.unreached("deployed")
        if self._is_ahead(release):
            self.belief.take_up(book)
            sealed = SealedBook(book, self.looks.cloud, lambda: self.belief.tagged, self.belief.fitting)
            sealed.save(release.not_after(self._now()))
            return None
        if self._retires(release) and (spared := self._spared(release)) is not None:
            return spared
        if not release.rests:
            return attrs.evolve(release, progressed_at=self._now())
        if not self._outlived(release):
            return None
        if (needed := self.proof.needed_yet(release)) is not None:
            return needed
        return release.toward(FINISH, self._now())

    def tidy(self, book: ServiceBook) -> Ended | None:
        """Take off tags that a past release has left, and tell of its instances; ``None`` where there are none."""
        session = self.looks.session
        fleet = self.beginning.of_ours(book.document)
        if (action := telling(fleet)) is not None:
            if (over := self.beginning.over_with_parked()) is not None:
                return over
            self.looks.cloud.act(action, book.assure)
            return Ended(Status.OK, of(session.name, sentences.tags_removed()))
        return leftovers(self.looks.cloud, session.name, self.looks.names, session.pause_between_looks)

    def _asleep(self, release: Release) -> bool:
        """Whether the owner wants no instance of the side that serves, or those that were woken are on their way."""
        look = self.looks.seen(release)
        return wants_none(look) or (not look.serves(look.new) and wakes(self.looks.seen(release, launches=True)))

    def _spared(self, release: Release) -> Ended | None:
        """Return that no instance of the side that serves may be healthy, once several looks say so; else ``None``."""
        for _ in range(AGREEING):
            look = self.looks.seen(release)
            if wants_none(look) or look.serves(look.new):
                return None
            self.looks.session.pause_between_looks()
        none = sentences.stay_parked(release.new, shifted_away(look, look.new))
        name = self.looks.session.name
        back = f"`bluegreen rollback {name}` goes back to {release.old}"
        return Ended(Status.BLOCKED, of(name, none), back, release)

    def _retires(self, release: Release) -> bool:
        """Whether to carry a release on means to retire what is parked."""
        return release.goal == FINISH or (release.rests and self._outlived(release))

    def _outlived(self, release: Release) -> bool:
        """Whether what a release that rests keeps was kept for as long as it is to be."""
        now = self._now()
        return now >= deployed_at(release, now, self.looks.settings.bake) + release.terms.keep_parked

    def _is_ahead(self, release: Release) -> bool:
        """Whether a release that rests was deployed in a time to come, by its record: it was now, at the latest."""
        return release.rests and release.milestones["deployed"] > self._now()

    def _is_baking(self, release: Release) -> bool:
        """Whether a release that rests, by its record, cannot have baked yet, as the groups' tags or the record tell.

        Then it is watched as one that bakes. The tags are looked at only while it may be so.
        """
        now, bake = self._now(), max(release.terms.bake, self.looks.settings.bake)
        if not release.rests or now >= begun_at(release, now) + bake:
            return False
        told = not_shortened(self.looks.seen(release), None)
        return now < begun_at(release, now) + told.terms.bake

    def _now(self) -> float:
        return self.looks.session.clock.now()

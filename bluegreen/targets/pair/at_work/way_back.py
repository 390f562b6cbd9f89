"""Whether the way back is still there: told when a rollback begins, and by cron while a release rests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import attrs
from attrs import frozen

from bluegreen.errors import Denied, Interrupted, Refused, Status, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import AGREEING
from bluegreen.record.book import in_force
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import ID, Release
from bluegreen.targets.pair.plans.guards.vouching import terms_of
from bluegreen.targets.pair.plans.readiness import Back, Lack, Readiness, awaited_of_new, readiness
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.written import TERMS
from bluegreen.targets.pair.sentences.told import not_whole
from bluegreen.targets.pair.sentences.ways_back import slower
from bluegreen.targets.pair.telling.status import beside
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session


@frozen
class WayBack:
    """Tells in time what a rollback would meet."""

    looks: Looks

    @property
    def _session(self) -> Session:
        return self.looks.session

    def warn_of_lacks(self, release: Release) -> None:
        """Say what a rollback on record is about to meet; that it cannot be read, whatever the reason, stops nothing.

        Nor does a signal that comes meanwhile: the engine stops for that, and says what was written.
        """
        with contextlib.suppress(Denied, Interrupted, Refused, Unreachable):
            fleet = self.looks.kept_alive(release)
            for lack in (*self.ready(release, fleet).lacks, *awaited_of_new(self.looks.at(fleet, release))):
                self._session.tell(EventKind.WARNED, lack.told, release)

    def with_what_is_parked(self, release: Release) -> Release:
        """Return the release that is to go back to what is parked, whatever the record says of how far it was.

        That there was nothing before, or that it is back, cannot be where old has parked instances and its tags tell
        of this very release.
        """
        if not release.first and not release.passed("back"):
            return release
        old = self.looks.groups().groups[release.old]
        if not coming(old) or old.tag(ID) != release.id:
            return release
        doors = {name: at for name, at in release.milestones.items() if name not in ("back", "restored")}
        first = release.first and terms_of(old.tag(TERMS) or "").get("first") != "0"
        return attrs.evolve(release, first=first, milestones=doors)

    def rotten(self, document: Document) -> Ended | None:
        """Say what has become of what is kept for a rollback, once several looks agree; ``None`` while all is well.

        That it serves beside new is told, too: nothing is parked unasked. While somebody is at work it is theirs to
        say, and AWS's silence says nothing.
        """
        release = document.release
        if release is None or not release.rests or in_force(document.lease, self._session.clock.now()):
            return None
        with contextlib.suppress(Denied, Unreachable):
            serving = self._lasting(lambda: self.beside(release))
            seen: list[Readiness] = []
            lacks = self._lasting(lambda: self._ready(release, seen).rotten)
            return self._told_of(release, serving, lacks, seen[-1].back) if self._rests_still(release) else None
        return None

    def _rests_still(self, release: Release) -> bool:
        """Whether nobody has taken the release up since the record was read: what that does is theirs to say."""
        document = self._session.read()
        return document.release == release and not in_force(document.lease, self._session.clock.now())

    def _lasting(self, look: Callable[[], tuple[Lack, ...]]) -> tuple[Lack, ...]:
        """Return what several looks in a row show."""
        found = look()
        for _ in range(AGREEING - 1):
            if not found:
                break
            self._session.pause_between_looks()
            seen = look()
            found = tuple(lack for lack in found if lack in seen)
        return found

    def _ready(self, release: Release, seen: list[Readiness]) -> Readiness:
        seen.append(self.readiness(release))
        return seen[-1]

    def _told_of(
        self, release: Release, serving: tuple[Lack, ...], lacks: tuple[Lack, ...], back: Back
    ) -> Ended | None:
        """Tell that both serve, and what no rollback puts right by itself, with what that costs."""
        told = [lack.sentence for lack in serving]
        if lacks:
            rotten = "; ".join(lack.sentence for lack in lacks)
            told.append(not_whole(release.image, rotten, slower(back.first_s, back.all_s)))
        if not told:
            return None
        ways = tuple(lack.hint for lack in (*serving, *lacks) if lack.hint)
        status = Status.BLOCKED if ways else Status.OK
        return Ended(status, f"{self._session.name}: {'; '.join(told)}", "\n".join(ways), release)

    # ---- what a rollback would meet now ----

    def readiness(self, release: Release) -> Readiness:
        """Return what a rollback of an open release would meet, as a look of its own shows it."""
        return self.ready(release, self.looks.kept_alive(release)) if release.leaving else Readiness()

    def ready(self, release: Release, fleet: Fleet) -> Readiness:
        """Return what a rollback of an open release would meet, as a look that was taken shows it."""
        return readiness(self.looks.at(fleet, release)) if release.leaving else Readiness()

    def beside(self, release: Release) -> tuple[Lack, ...]:
        """Return that old serves beside new, though the release rests."""
        return beside(self.looks.at(self.looks.patchy(), release)) if release.rests else ()

"""Whether the way back is still there: told when a rollback begins, and by cron while a release rests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import attrs
from attrs import define

from bluegreen.errors import Denied, Interrupted, Refused, Status, Unreachable
from bluegreen.flow.events import Kind
from bluegreen.flow.guards import AGREEING
from bluegreen.record.book import in_force
from bluegreen.service.ending import Ended, resting
from bluegreen.service.rescuing import Rescuing
from bluegreen.service.status import two_before
from bluegreen.targets.pair.fitness.check import live_group
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.release import ID, Release
from bluegreen.targets.pair.plans.guards.vouching import terms_of
from bluegreen.targets.pair.plans.readiness import Lack, awaited_of_new
from bluegreen.targets.pair.plans.release_tags import TERMS
from bluegreen.targets.pair.records import Document


@define(kw_only=True)
class WayBack(Rescuing):
    """A service of which it is told in time what a rollback would meet."""

    def _warn_of_lacks(self, release: Release) -> None:
        """Say what a rollback on record is about to meet; that it cannot be read, whatever the reason, stops nothing.

        Nor does a signal that comes meanwhile: the engine stops for that, and says what was written.
        """
        with contextlib.suppress(Denied, Interrupted, Refused, Unreachable):
            fleet = self._kept_alive(release)
            for lack in (*self._ready(release, fleet).lacks, *awaited_of_new(self._look(fleet, release))):
                self._tell(Kind.WARNED, lack.told, release)

    def _with_what_is_parked(self, release: Release) -> Release:
        """Return the release that is to go back to what is parked, whatever the record says of how far it was.

        That there was nothing before, or that it is back, cannot be where old has parked instances and its tags tell
        of this very release.
        """
        if not release.first and not release.passed("back"):
            return release
        old = self._patiently(Question(self._names)).groups[release.old]
        if not coming(old) or old.tag(ID) != release.id:
            return release
        doors = {name: at for name, at in release.milestones.items() if name not in ("back", "restored")}
        first = release.first and terms_of(old.tag(TERMS) or "").get("first") != "0"
        return attrs.evolve(release, first=first, milestones=doors)

    def _refuse_untold(self, document: Document, fleet: Fleet) -> None:
        """Raise ``Refused`` where AWS says that the idle group ran something else than the record has before.

        What a rollback deploys with nothing parked is the record's word; the idle group's tag is where it was read.
        """
        live = live_group(fleet, self._names)
        two = two_before(document, fleet, None if live is None else live.name, self.settings.image_tag_key)
        if two is not None:
            raise Refused(f"{self.name}: {two.sentence}", f"nothing was changed; {two.ways}")

    def _rotten(self) -> Ended | None:
        """Say what has become of what is kept for a rollback, once several looks agree; ``None`` while all is well.

        That it serves beside new is told, too: nothing is parked unasked. While somebody is at work it is theirs to
        say, and AWS's silence says nothing.
        """
        document = self._document()
        release = document.release
        if release is None or not resting(release) or in_force(document.lease, self.clock.now()):
            return None
        with contextlib.suppress(Denied, Unreachable):
            serving = self._lasting(lambda: self._beside(release))
            lacks = self._lasting(lambda: self._readiness(release).rotten)
            return self._told_of(release, serving, lacks) if self._rests_still(release) else None
        return None

    def _rests_still(self, release: Release) -> bool:
        """Whether nobody has taken the release up since the record was read: what that does is theirs to say."""
        document = self._document()
        return document.release == release and not in_force(document.lease, self.clock.now())

    def _lasting(self, look: Callable[[], tuple[Lack, ...]]) -> tuple[Lack, ...]:
        """Return what several looks in a row show."""
        found = look()
        for _ in range(AGREEING - 1):
            if not found:
                break
            self._pause(self.settings.look_every)
            seen = look()
            found = tuple(lack for lack in found if lack in seen)
        return found

    def _told_of(self, release: Release, serving: tuple[Lack, ...], lacks: tuple[Lack, ...]) -> Ended | None:
        """Tell that both serve, and what no rollback puts right by itself."""
        told = [lack.sentence for lack in serving]
        if lacks:
            rotten = "; ".join(lack.sentence for lack in lacks)
            told.append(f"the way back from {release.image} is not whole: {rotten}")
        if not told:
            return None
        ways = tuple(lack.hint for lack in (*serving, *lacks) if lack.hint)
        status = Status.BLOCKED if ways else Status.OK
        return Ended(status, f"{self.name}: {'; '.join(told)}", "\n".join(ways), release)

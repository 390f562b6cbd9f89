"""Whether the way back is still there: told when a rollback begins, and by cron while a release rests."""

from __future__ import annotations

import contextlib

from attrs import define

from bluegreen.errors import Denied, Interrupted, Refused, Status, Unreachable
from bluegreen.flow.doubts import AGREEING
from bluegreen.flow.events import Kind
from bluegreen.pair.readiness import Lack
from bluegreen.pair.release import Release
from bluegreen.service.ending import Ended, resting
from bluegreen.service.sparing import Sparing
from bluegreen.state.book import in_force


@define(kw_only=True)
class WayBack(Sparing):
    """A service of which it is told in time what a rollback would meet."""

    def _warn_of_lacks(self, release: Release) -> None:
        """Say what a rollback on record is about to meet; that it cannot be read, whatever the reason, stops nothing.

        Nor does a signal that comes meanwhile: the engine stops for that, and says what was written.
        """
        with contextlib.suppress(Denied, Interrupted, Refused, Unreachable):
            for lack in self._readiness(release).lacks:
                self._tell(Kind.WARNED, lack.told, release)

    def _rotten(self) -> Ended | None:
        """Say what has become of what is kept for a rollback, once several looks agree; ``None`` while all is well.

        While somebody is at work it is theirs to say, and AWS's silence says nothing.
        """
        document = self._document()
        release = document.release
        if release is None or not resting(release) or in_force(document.lease, self.clock.now()):
            return None
        with contextlib.suppress(Denied, Unreachable):
            return self._told_of(release, self._lasting(release))
        return None

    def _lasting(self, release: Release) -> tuple[Lack, ...]:
        """Return what several looks in a row show, and no rollback puts right by itself."""
        found = self._readiness(release).rotten
        for _ in range(AGREEING - 1):
            if not found:
                break
            self._pause(self.settings.look_every)
            seen = self._readiness(release).rotten
            found = tuple(lack for lack in found if lack in seen)
        return found

    def _told_of(self, release: Release, lacks: tuple[Lack, ...]) -> Ended | None:
        if not lacks:
            return None
        ways = tuple(lack.hint for lack in lacks if lack.hint)
        sentence = f"{self.name}: the way back from {release.image} is not whole: "
        status = Status.BLOCKED if ways else Status.OK
        return Ended(status, sentence + "; ".join(lack.sentence for lack in lacks), "\n".join(ways), release)

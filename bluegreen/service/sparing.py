"""Why a clean-up spares what is parked: nothing else serves."""

from __future__ import annotations

from attrs import define

from bluegreen.errors import Status, Unreachable
from bluegreen.flow.doubts import AGREEING
from bluegreen.pair.finish import wants_none
from bluegreen.pair.fleet import Question
from bluegreen.pair.look import Look
from bluegreen.pair.release import Release
from bluegreen.service.ending import Ended
from bluegreen.service.proving import Proving


@define(kw_only=True)
class Sparing(Proving):
    """A service whose parked instances nobody retires unasked while they are the only ones that can serve."""

    def _asleep(self, release: Release) -> bool:
        """Whether the owner wants no instance of the side that serves."""
        look = self._seen(release)
        return look is not None and wants_none(look)

    def _kept(self, release: Release) -> Ended | None:
        """Return that no instance of the side that serves may be healthy, once several looks say so; else ``None``."""
        for _ in range(AGREEING):
            look = self._seen(release)
            if look is None or wants_none(look) or look.serves(look.new):
                return None
            self._pause(self.settings.look_every)
        sentence = f"no instance of {release.new} is healthy: the parked instances stay"
        back = f"`bluegreen rollback {self.name}` goes back to {release.old}"
        return Ended(Status.BLOCKED, f"{self.name}: {sentence}", back, release)

    def _seen(self, release: Release) -> Look | None:
        """Return one look, ``None`` where AWS does not answer: then the engine waits for it."""
        try:
            fleet = self.aws.ask(Question(self._names, patchy=True))
        except Unreachable:
            return None
        return self._look(fleet.without(self.without), release)

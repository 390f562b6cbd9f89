"""What a clean-up spares: parked instances while nothing else serves, and a pair for which there is only a record."""

from __future__ import annotations

import attrs
from attrs import define

from bluegreen.errors import Status
from bluegreen.flow.guards import AGREEING
from bluegreen.service.ending import Ended
from bluegreen.service.proving import Proving
from bluegreen.targets.pair.model.asleep import wakes, wants_none
from bluegreen.targets.pair.model.fleet import Question
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.plans.steps import shifted_away
from bluegreen.targets.pair.records import ServiceBook


@define(kw_only=True)
class Sparing(Proving):
    """A service whose parked instances nobody retires unasked while they are the only ones that can serve."""

    def _asleep(self, release: Release) -> bool:
        """Whether the owner wants no instance of the side that serves, or those that were woken are on their way."""
        look = self._seen(release)
        return wants_none(look) or (not look.serves(look.new) and wakes(self._seen(release, launches=True)))

    def _kept(self, release: Release) -> Ended | None:
        """Return that no instance of the side that serves may be healthy, once several looks say so; else ``None``."""
        for _ in range(AGREEING):
            look = self._seen(release)
            if wants_none(look) or look.serves(look.new):
                return None
            self._pause(self.settings.look_every)
        none = f"no instance of {release.new} is healthy{shifted_away(look, look.new)}"
        sentence = f"{none}: the parked instances stay"
        back = f"`bluegreen rollback {self.name}` goes back to {release.old}"
        return Ended(Status.BLOCKED, f"{self.name}: {sentence}", back, release)

    def _seen(self, release: Release, *, launches: bool = False) -> Look:
        """Return one look; raise ``Unreachable`` where AWS does not answer: nothing is retired on what is not known.

        With ``launches`` it has those of new in twice the progress deadline.
        """
        asked = Question(self._names, patchy=True)
        if launches:
            since = max(0.0, self.clock.now() - 2 * release.progress_deadline)
            asked = attrs.evolve(asked, activities_of=release.new, since=since)
        fleet = self._patiently(asked)
        return self._look(fleet.without(self.without), release)

    def _dropped(self, book: ServiceBook, release: Release) -> Ended:
        """Close a release of which there is a record and nothing else.

        Nothing is done on a record's word alone: whoever wants the image asks for it again.
        """
        book.close(release, "restored")
        sentence = f"{release.image}, begun by {release.by or 'somebody'}, had changed nothing yet, and is over"
        again = f"`bluegreen deploy {self.name} {release.image}` begins it anew"
        return Ended(Status.ROLLED_BACK, f"{self.name}: {sentence}", again, release)

"""A record that does not fit its seal: whatever it says, what is parked can come back; the rest is a person's."""

from __future__ import annotations

from attrs import define, field

from bluegreen.errors import NoGroup, Unreachable
from bluegreen.flow.engine import Engine
from bluegreen.flow.events import Kind
from bluegreen.flow.guards import STALE
from bluegreen.record.book import ServiceBook
from bluegreen.service.cloud import Cloud
from bluegreen.service.ending import Ended, asked_for, ended
from bluegreen.service.sparing import Sparing
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.model.seal import fits_seal, is_tagged, seals_told
from bluegreen.targets.pair.plans.release_tags import ID
from bluegreen.targets.pair.plans.rescue import for_rescue, rescue_plan

SILENCE = 300.0
"""Seconds for which AWS may be silent, as in a run."""


@define
class RowsAlone:
    """A cloud of which nothing is asked that a record decides; ``book`` is asked before each write."""

    cloud: Cloud
    groups: tuple[str, str]
    book: ServiceBook

    def observe(self, _: Release) -> Fleet:
        """Take one look at both groups."""
        return self.cloud.ask(Question(self.groups, patchy=True))

    def act(self, action: Action) -> None:
        """Do one action, once."""
        self.cloud.act(action, self.book.assure)


@define(kw_only=True)
class Rescuing(Sparing):
    """A service that carries on no record which its seal does not fit.

    ``_tagged`` says whether the last look for a seal showed tags that tell of the record's release.
    """

    _tagged: bool = field(default=False, init=False)

    def _unsealed(self, book: ServiceBook, *, back: bool = False) -> Ended | None:
        """Return how it ended where the record does not fit its seal; ``None`` where it does, or has none.

        What is parked comes back where a person asks for that (``back``), or where it is needed. A rollback goes on
        where AWS does not answer: it is put on record.
        """
        release = book.document.release
        if release is None or (fleet := self._no_seal_fits(release, back=back)) is None:
            return None
        engine = Engine(
            world=RowsAlone(self._ground, self._names, book),
            book=book,
            plan=rescue_plan(asked=back, since=self.clock.now()),
            clock=self.clock,
            interval=self.settings.look_every,
            listeners=self._listeners,
            stop=self.stop,
        )
        return ended(self.name, asked_for(release), engine.run(for_rescue(release, fleet)))

    def _no_seal_fits(self, release: Release, *, back: bool = False) -> Fleet | None:
        """Return a look in which no tag has the record's seal, once none can be an older one; else ``None``."""
        until = self.clock.monotonic() + STALE
        while True:
            if (fleet := self._shown(at_once=back)) is None:
                return None
            self._tagged = is_tagged(fleet, release, ID)
            if fits_seal(release, seals_told(fleet, release, ID)):
                return None
            if self.clock.monotonic() >= until:
                return fleet
            self._pause(self.settings.look_every)

    def _shown(self, *, at_once: bool) -> Fleet | None:
        """Return a look, or ``None`` where AWS does not give one ``at_once``; else it is waited for, as in a run."""
        question, until = Question(self._names, patchy=True), self.clock.monotonic() + SILENCE
        if at_once:
            try:
                return self._ground.ask(question)
            except (Unreachable, NoGroup):
                return None
        while True:
            try:
                return self._patiently(question)
            except Unreachable as error:
                if self.clock.monotonic() > until:
                    raise
                self._tell(Kind.UNREACHABLE, error.message)
                self._pause(max(1.0, self.settings.look_every))

    def _fits(self, release: Release) -> bool:
        """Whether one look shows the seal of the record, or none."""
        fleet = self._patiently(Question(self._names, patchy=True))
        return fits_seal(release, seals_told(fleet, release, ID))

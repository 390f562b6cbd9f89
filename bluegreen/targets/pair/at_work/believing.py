"""A record that does not fit its seal: whatever it says, what is parked can come back; the rest is a person's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

from attrs import define, field

from bluegreen.errors import Denied, Interrupted, NoGroup, Unreachable
from bluegreen.flow.engine import Engine
from bluegreen.flow.events import Kind
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair.at_work.cloud import Cloud, at_once
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.ending import ended, ways_on
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import ROLLBACK, Release
from bluegreen.targets.pair.model.seal import fits_seal, is_named, is_tagged, sealed_as, seals_told
from bluegreen.targets.pair.plans.rescue import for_rescue, rescue_plan
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.standing import asked_for, cut_off_on_the_way_back

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

    def more(self, fleet: Fleet, question: More) -> Fleet:
        """Return the look as it is: no step of a rescue asks for more."""
        return fleet

    def act(self, action: Action) -> None:
        """Do one action, once."""
        self.cloud.act(action, self.book.assure)


@define
class Belief:
    """Whether a record fits its seal: one that does not is carried on by nobody.

    ``fitting`` is the release that was found to fit, ``tagged`` whether the groups' tags told of it, or of any seal.
    """

    looks: Looks
    fitting: Release | None = field(default=None, init=False)
    tagged: bool = field(default=False, init=False)

    @property
    def _session(self) -> Session:
        return self.looks.session

    def unsealed(self, book: ServiceBook, *, back: bool = False, urgent: bool = False) -> Ended | None:
        """Return how it ended where the record does not fit its seal; ``None`` where it does, or has none.

        What is parked comes back where a person asks for that (``back``), or where it is needed. That it was asked for
        is put on record while AWS does not answer, and waits for that all the same.
        """
        self.fitting = release = book.document.release
        silent = partial(self._put_back_on_record, book, release, urgent) if back and release else at_once
        if release is None:
            return None
        try:
            fleet = self._no_seal_fits(release, silent)
        except Denied:
            silent()
            raise
        except Interrupted as stopped:
            if self.fitting is release:
                raise
            sentence = f"stopped; that {release.image} is taken back is on record, and nothing was done yet"
            name = self._session.name
            return Ended(stopped.status, f"{name}: {sentence}", ways_on(name, release), release)
        if fleet is None:
            return None
        engine = Engine(
            world=RowsAlone(self.looks.ground, self.looks.names, book),
            book=book,
            plan=rescue_plan(asked=back, since=self._session.clock.now()),
            clock=self._session.clock,
            interval=self._session.settings.look_every,
            listeners=self._session.all_listeners,
            stop=self._session.stop,
        )
        return ended(self._session.name, asked_for(release), engine.run(for_rescue(release, fleet)))

    def _put_back_on_record(self, book: ServiceBook, release: Release, urgent: bool) -> None:
        """Let the record say that the release goes back: that fits a seal as the release did, and is no word for it."""
        if release.begun and not release.first and not cut_off_on_the_way_back(release):
            back = release.toward(ROLLBACK, self._session.clock.now(), urgent=urgent)
            self.fitting = sealed_as(back, release, goal=back.goal, urgent=urgent)
            book.save(self.fitting)

    def is_unbegun(self, release: Release) -> bool:
        """Whether no tag tells of a release that has changed nothing: tags come first, and without them it is nobody's.

        It is asked behind :meth:`unsealed`.
        """
        return not (self.tagged or release.begun)

    def _no_seal_fits(self, release: Release, silent: Callable[[], None]) -> Fleet | None:
        """Return a look in which no tag has the record's seal, once none can be an older one; else ``None``.

        Nor may a look in which no tag tells of anything be an older one, where the release is young.
        """
        end, untold = self._session.clock.monotonic() + STALE, 0
        while True:
            fleet = self._shown(silent)
            seals, self.tagged = seals_told(fleet), is_tagged(fleet, release)
            if fits_seal(release, seals) if seals else is_named(fleet, release):
                return None
            untold = 0 if seals else untold + 1
            if self._session.clock.monotonic() >= end or (untold >= AGREEING and not self._is_young(release)):
                return fleet if seals else None
            if not seals:
                untold_of = f"no tag of the groups tells of the {release.goal} of {release.image} yet"
                self._session.tell(Kind.WAITING, f"{untold_of}: it is looked again, for a minute at most")
            self._session.pause_between_looks()

    def _is_young(self, release: Release) -> bool:
        """Whether the release may have changed something that AWS does not show yet."""
        latest = max(release.begun_at, release.progressed_at, *release.milestones.values())
        return abs(self._session.clock.now() - latest) < STALE

    def _shown(self, silent: Callable[[], None]) -> Fleet:
        """Return a look; a silent AWS is waited for, as in a run, and ``silent`` is called once."""
        question = Question(self.looks.names, patchy=True)
        if silent is not at_once:
            with contextlib.suppress(NoGroup, Unreachable):
                return self.looks.ground.ask(question)
            silent()
        until = self._session.clock.monotonic() + SILENCE
        while True:
            try:
                return self.looks.patiently(question)
            except Unreachable as error:
                if self._session.clock.monotonic() > until:
                    raise
                self._session.tell(Kind.UNREACHABLE, error.message)
                self._session.pause(max(1.0, self._session.settings.look_every))

    def fits(self, release: Release) -> bool:
        """Whether one look shows the seal of the record, or none."""
        fleet = self.looks.patchy()
        return fits_seal(release, seals_told(fleet))

"""The engine at work on one release, and why cron leaves a release alone afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import attrs
from attrs import define, frozen

from bluegreen.clock import Clock
from bluegreen.errors import INT, BluegreenError, Denied, Misconfigured, Refused, Unreachable, Unrecorded
from bluegreen.flow.answers import Paused
from bluegreen.flow.engine import Engine, Outcome, Stopped
from bluegreen.flow.ports import ActionRefused, Listener, Plan
from bluegreen.service.cloud import Cloud, at_once
from bluegreen.service.ending import ways_on
from bluegreen.service.sealing import SealedBook
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.asleep import asked_of_the_owner
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import Hold, Release
from bluegreen.targets.pair.model.seal import is_tagged
from bluegreen.targets.pair.plans.plan import question
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.words import sentences

CUT_OFF = (Denied, Misconfigured, Refused, Unreachable, Unrecorded)
"""What ends a run in the middle of its release: a login that ended, a silence, a full disk."""

PATIENCE = 30.0
"""Seconds for which a record that does not answer is written again, before a run and behind it."""


@define
class PairWorld:
    """A cloud as the engine sees it: asked what the release's point in its plan needs; ``sure`` before each write.

    ``seen_at`` is when a release that another run has begun was last seen to progress (POSIX seconds): the first look
    asks for what happened since. ``tagged`` says whether the groups' tags tell of the release.
    """

    cloud: Cloud
    clock: Clock
    sure: Callable[[], None] = at_once
    seen_at: float | None = None
    tagged: bool = False

    def observe(self, release: Release) -> Fleet:
        """Take one look for ``release``."""
        asked = question(release, self.clock.now())
        if self.seen_at is not None:
            asked = asked_of_the_owner(asked, release, self.seen_at)
        fleet = self.cloud.ask(asked)
        self.seen_at = None
        self.tagged = is_tagged(fleet, release)
        return fleet

    def act(self, action: Action) -> None:
        """Do one action, once."""
        self.cloud.act(action, self.sure)


@frozen(kw_only=True)
class Runner:
    """Carries releases on under the lease of ``book``; ``interval`` in seconds.

    A cancelled job of continuous integration sends SIGINT, too (actions/runner 1309): so that where it is not
    ``attended`` by a person, it is like SIGTERM. ``seen_at`` and ``tagged`` are as in :class:`PairWorld`,
    ``known`` as in :class:`SealedBook`.
    """

    cloud: Cloud
    book: ServiceBook
    plan: Plan
    clock: Clock
    interval: float
    listeners: tuple[Listener, ...]
    stop: Callable[[], int | None]
    attended: bool = True
    seen_at: float | None = None
    tagged: bool = False
    known: Release | None = None

    def run(self, release: Release, recorded: Callable[[], None] = at_once) -> Outcome:
        """Record ``release`` and carry it on to an end, or until a signal; what a person stops is held.

        ``recorded`` is called once it is on record, before anything is done for it. What its record says of the time
        after now (a machine's date that is ahead, a forgery) is not believed.
        """
        release = release.not_after(self.clock.now())
        world = PairWorld(self.cloud, self.clock, self.book.assure, self.seen_at, self.tagged)
        book = SealedBook(self.book, self.cloud, lambda: world.tagged, self.known)
        engine = Engine(
            world=world,
            book=book,
            plan=self.plan,
            clock=self.clock,
            interval=self.interval,
            listeners=self.listeners,
            stop=self.stop,
        )
        outcome = None
        try:
            self.keep(lambda: book.save(release))
            recorded()
            outcome = engine.run(release)
        except ActionRefused as error:
            refused = Refused(f"{release.service}: {error.message}", "put right what AWS says")
            self._add_a_way_on(refused)
            raise refused from error
        except CUT_OFF as error:
            self._add_a_way_on(error)
            raise
        finally:
            self._hold(outcome)
        return outcome

    def _add_a_way_on(self, error: BluegreenError) -> None:
        """Let the hint of ``error`` also say how a release is carried on that stands in the middle."""
        if (kept := self.book.document.release) is not None:
            error.hint = sentences(filter(None, (*error.hint.split("\n"), f"then {ways_on(kept.service, kept)}")))

    def keep(self, write: Callable[[], None]) -> None:
        """Write the record, again for some seconds where it does not answer: what was kept already is kept once."""
        end = self.clock.monotonic() + PATIENCE
        while True:
            try:
                return write()
            except Unreachable:
                if self.stop() or self.clock.monotonic() > end:
                    raise
                self.clock.sleep(1.0)

    def _hold(self, outcome: Outcome | None) -> None:
        """Keep cron from carrying on what a person stopped, at a safe point or at once, or what waits at a gate."""
        answer = None if outcome is None else outcome.answer
        if isinstance(answer, Paused):
            self._save(Hold(self.book.who, answer.reason, self.clock.now(), answer.gate))
        elif (outcome is None or isinstance(answer, Stopped)) and self.attended and self.stop() == INT:
            self._insist(Hold(self.book.who, "stopped with Ctrl-C", self.clock.now()))

    def _insist(self, hold: Hold) -> None:
        """Save ``hold`` if that can be done, though a second signal comes meanwhile; a third one ends the process."""
        try:
            self._save(hold)
        except BluegreenError:
            return
        except BaseException:
            with contextlib.suppress(BluegreenError):
                self._save(hold)
            raise

    def _save(self, hold: Hold) -> None:
        if (release := self.book.document.release) is not None:
            self.book.save(attrs.evolve(release, hold=hold))

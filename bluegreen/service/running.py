"""The engine at work on one release, and why cron leaves a release alone afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from attrs import frozen

from bluegreen.errors import INT, BluegreenError, Denied, Held, Misconfigured, Refused, Unreachable, Unrecorded
from bluegreen.flow.answers import Paused
from bluegreen.flow.engine import Halted, Outcome, Stopped
from bluegreen.flow.events import EventKind
from bluegreen.flow.ports import ActionRefused, F, HoldingBook
from bluegreen.flow.release import BY_HAND, PAUSED, Hold, Release
from bluegreen.record.book import ServiceBook
from bluegreen.sentences.verbs import is_on_record, stop_not_on_record
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.target import Course, R
from bluegreen.words import sentences

CUT_OFF = (Denied, Misconfigured, Refused, Unreachable, Unrecorded)
"""What ends a run in the middle of its release: a login that ended, a silence, a full disk."""

INSISTING = 15.0
"""Seconds for which it is tried again to put on record that a person has stopped a run."""

PATIENCE = 30.0
"""Seconds for which a record that does not answer is written again, before a run and behind it."""


@frozen(kw_only=True)
class Runner:
    """Carries releases on under the lease of ``book``; ``ways_on`` says what a person can do with one that is not over,
    ``beginning`` is told of one that was on record, once it is on record as it goes on now.

    A cancelled job of continuous integration sends SIGINT, too (actions/runner 1309): so that where no person is at the
    session, it is like SIGTERM.
    """

    session: Session
    book: ServiceBook[Release]
    ways_on: Callable[[Release], str]
    beginning: str = ""

    def run(self, course: Course[R, F]) -> Outcome[R, F]:
        """Record the release of ``course`` and carry it on to an end, or until a signal; what a person stops is held.

        What its record says of the time after now (a machine's date that is ahead, a forgery) is not believed.
        """
        release = course.release.not_after(self.session.clock.now())
        outcome = None
        try:
            self.keep(lambda: course.book.save(release))
            course.recorded()
            if self.beginning:
                self.session.tell(EventKind.BEGUN, self.beginning, release)
            outcome = course.engine.run(release)
        except ActionRefused as error:
            refused = Refused(f"{release.service}: {error.message}", "put right what AWS says")
            self._add_a_way_on(refused)
            raise refused from error
        except CUT_OFF as error:
            self._add_a_way_on(error)
            raise
        finally:
            self._hold(outcome, course.book)
        return outcome

    def _add_a_way_on(self, error: BluegreenError) -> None:
        """Let ``error`` also say what is on record, and how that is carried on: cron does it, too."""
        if (kept := self.book.document.release) is not None:
            error.message = is_on_record(error.message, kept.goal, kept.image)
            error.hint = sentences(filter(None, (*error.hint.split("\n"), f"then {self.ways_on(kept)}")))

    def keep(self, write: Callable[[], None]) -> None:
        """Write the record, again for some seconds where it does not answer: what was kept already is kept once."""
        self._again(write, PATIENCE, lambda error: isinstance(error, Unreachable) and not self.session.stop())

    def _again(self, write: Callable[[], None], seconds: float, worth_it: Callable[[BluegreenError], bool]) -> None:
        """Write the record, once a second for so many ``seconds`` while what went wrong is worth another try."""
        end = self.session.clock.monotonic() + seconds
        while True:
            try:
                return write()
            except BluegreenError as error:
                if self.session.clock.monotonic() > end or not worth_it(error):
                    raise
                self.session.clock.sleep(1.0)

    def _hold(self, outcome: Outcome[R, F] | None, book: HoldingBook[R]) -> None:
        """Keep cron from carrying on what a person stopped, at a safe point or at once, or what waits at a gate."""
        answer, now = None if outcome is None else outcome.answer, self.session.clock.now()
        if isinstance(answer, Paused):
            book.hold(Hold(self.book.who, answer.reason, now, answer.gate))
        elif isinstance(answer, Halted):
            self._insist(lambda: book.hold(Hold(answer.request.by, answer.request.why or PAUSED, now)))
        elif (outcome is None or isinstance(answer, Stopped)) and self.session.attended and self.session.stop() == INT:
            self._insist(lambda: book.hold(Hold(self.book.who, BY_HAND, now)))

    def _insist(self, hold: Callable[[], None]) -> None:
        """Hold it if that can be done, though a second signal comes meanwhile; a third one ends the process."""
        try:
            self._held_at_last(hold)
        except BaseException:
            with contextlib.suppress(BluegreenError):
                hold()
            raise

    def _held_at_last(self, hold: Callable[[], None]) -> None:
        """Put on record that a person has stopped it, for some seconds again and again; say so where that fails."""
        try:
            self._again(hold, INSISTING, lambda error: not isinstance(error, Held))
        except BluegreenError as error:
            self._not_held(error)

    def _not_held(self, error: BluegreenError) -> None:
        name = self.session.name
        with contextlib.suppress(BluegreenError):
            self.session.tell(
                EventKind.WARNED,
                f"{stop_not_on_record(error.message)}: `bluegreen cleanup` carries it on, "
                f"`bluegreen lock {name} --reason TEXT` keeps it from that",
            )

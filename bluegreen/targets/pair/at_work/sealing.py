"""The record as a run writes it, with its seal in the groups' tags."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from attrs import define

from bluegreen.errors import BluegreenError, Denied, Unreachable
from bluegreen.flow.ports import ActionRefused
from bluegreen.targets.pair.at_work.cloud import Cloud
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, SEAL, Hold, Release
from bluegreen.targets.pair.model.seal import (
    between,
    decide_alike,
    either,
    fits_seal,
    held_as_before,
    is_left_behind,
    opens_a_door,
    seal,
    sealed_as,
    turned,
    turns,
)
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.pair.sentences import told as sentences

MOST = 7
"""Seals that a tag has room for: 33 characters each, of 256 (Auto Scaling API reference, Tag)."""

STOPPING = 5.0
"""Seconds in which a run that a person stops tries again to seal that."""

RARELY = 60.0
"""Seconds between two tries at most, where AWS takes no tag for long; the first one comes at once."""


@define
class SealedBook:
    """A book whose release is sealed in the tags before it changes.

    ``known`` is the release that this run has saved, or has found to fit its seal: what somebody else writes meanwhile
    is never sealed. ``tagged`` says whether the groups' tags tell of the release by now. A write whose answer is lost
    may be the one that was kept: its seal stays beside the next ones. ``owed`` says that the tag may fit a record of
    before, too, that must not be carried on any more: until AWS has taken the seal alone, it is tried before each look
    and each action.
    """

    book: ServiceBook
    cloud: Cloud
    tagged: Callable[[], bool]
    known: Release | None = None
    owed: bool = False
    _pending: tuple[Release, ...] = ()
    _unanswered: bool = False
    _put: frozenset[str] = frozenset()
    _try_at: float = float("-inf")
    _rest: float = 0.0

    def save(self, release: Release) -> None:
        """Make ``release`` what the record says, durably; raise ``Held`` when the lease is not ours any more.

        While AWS takes no tag, no door is passed, and raised is what it said. What was only learned, and that it goes
        back, holds up nothing: on record stays what is sealed, and the rest. Where AWS did not answer, it is looked
        again, once, before another write is sent. That a person has stopped it is on record before it is sealed.
        """
        known = self.known if self.known is not None and self.known.id == release.id and self.tagged() else None
        if known is not None and not (decide_alike(known, release) and held_as_before(known, release)):
            release = self._sealed(known, release)
        try:
            self.book.save(release)
        except Unreachable as error:
            if self.known is not None and turns(self.known, release):
                error.message = self._promise(error.message, self.known, release)
            raise
        if self.known is not None and is_left_behind(self.known, release):
            self.owed, self._try_at = True, float("-inf")
        self.known, self._pending = release, ()
        self._pay()

    def hold(self, hold: Hold) -> None:
        """Let the record say that what this run has saved last is held, and then seal that where AWS takes the tag."""
        if self.known is None:
            return self.book.hold(hold)
        clock = self.book.clock
        until = clock.monotonic() + STOPPING
        self.save(attrs.evolve(self.known, hold=hold))
        while self.owed and clock.monotonic() < until:
            clock.sleep(1.0)
            self.put_alone()
        return None

    def renew(self) -> float:
        """Renew the lease when that is due and return the seconds it still lasts; raise ``Held`` if it is lost.

        What is owed is put first: this is called before each look, and before each action.
        """
        self._pay()
        return self.book.renew()

    def put_alone(self) -> None:
        """Put the seal alone of what is on record, where that is known; it stays owed until AWS has taken it."""
        if self.known is None or self._pending or not self.tagged():
            return
        begun = self.book.clock.monotonic()
        try:
            self._tag(self.known, seal(self.known))
        except (ActionRefused, Denied, Unreachable):
            now = self.book.clock.monotonic()
            self._try_at = now + self._rest
            self._rest = min(RARELY, 2 * max(1.0, self._rest, now - begun))
        else:
            self.owed, self._rest = False, 0.0

    def _pay(self) -> None:
        """Put the seal alone where it is owed, and was not tried a moment ago."""
        if self.owed and self.book.clock.monotonic() >= self._try_at:
            self.put_alone()

    def _promise(self, why: str, known: Release, release: Release) -> str:
        """Return what is said of a release that turns, where the record does not answer."""
        kept = (known, *self._pending)
        if all(one.goal == ROLLBACK or turned(one, self._put, release.progressed_at) is not None for one in kept):
            return sentences.back_in_the_tags(why, release.image)
        return sentences.back_nowhere(why, release.image)

    def _sealed(self, known: Release, release: Release) -> Release:
        """Return the release as it may be on record now."""
        try:
            self._tag(release, either(known, *self._pending, *between(known, release), release))
        except (ActionRefused, Denied, Unreachable) as error:
            unanswered, self._unanswered = self._unanswered, isinstance(error, Unreachable)
            first = self._unanswered and not unanswered
            if opens_a_door(known, release) or (first and release.written != known.written):
                _tell_of_what_is_kept(error, known, release)
                raise
            back = sealed_as(release, known, goal=release.goal, urgent=release.urgent, hold=release.hold)
            return back if fits_seal(back, {seal(known)}) else sealed_as(release, known)
        self._unanswered = False
        self.owed = any(is_left_behind(one, release) for one in (known, *self._pending))
        self._pending = (*self._pending[: MOST - 4], release)
        return release

    def _tag(self, release: Release, value: str) -> None:
        """Write the seal's tag of both groups."""
        self._put = frozenset()
        tags = tuple((group, SEAL, value) for group in (release.old, release.new))
        self.cloud.act(WriteReleaseTags(tags), self.book.assure)
        self._put = frozenset(value.split())


def _tell_of_what_is_kept(error: BluegreenError, known: Release, release: Release) -> None:
    """Let ``error`` say that a finish on record terminates, though a person wants what it detaches kept."""
    if known.goal == release.goal == FINISH and release.keep and not known.keep:
        error.message = sentences.keep_not_on_record(error.message)
        error.hint = f"`bluegreen finish --keep {release.service}` once AWS takes it"

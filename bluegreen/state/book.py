"""The record of one service as a run writes it: under a lease, and by compare-and-set only.

The lease says who works on a service. Its length counts from our own last successful write, on the monotonic clock;
others' leases are judged by the wall clock, and by looking their process up when it ran on this machine.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import attrs
from attrs import define, field

from bluegreen.clock import Clock
from bluegreen.errors import BluegreenError, Held, Unreachable
from bluegreen.pair.release import Release
from bluegreen.state.document import Document, Lease, past_of
from bluegreen.state.process import Process, known_dead, this_process
from bluegreen.state.store import Conflict, Store, Version

LENGTH = 60.0
"""Seconds that a lease lasts after each renewal."""

_TRIES = 5
Change = Callable[[Document], Document]


@define(kw_only=True)
class ServiceBook:
    """The book of ``service`` in ``store``; ``who`` is ``user@host``. Use it as ``with book.acquire(why):``.

    ``process`` is who holds the lease, ``dead`` tells whether the process behind another lease is known to be gone.
    """

    store: Store
    service: str
    clock: Clock
    who: str
    length: float = LENGTH
    process: Process = field(factory=this_process)
    dead: Callable[[Process], bool] = known_dead
    _lease: Lease | None = None
    _document: Document | None = None
    _version: Version = None
    _renewed: float = 0.0

    @property
    def document(self) -> Document:
        """The record as it was last read or written by us."""
        return self._document or Document(service=self.service)

    def acquire(self, why: str) -> Self:
        """Take the lease, for the reason ``why``; raise ``Held`` when somebody else has it."""
        for _ in range(_TRIES):
            self._reread()
            if standing := in_force(self.document.lease, self.clock.now(), self.dead):
                raise self._held(standing)
            lease = self._fresh_lease(why)
            with contextlib.suppress(Conflict):
                self._put(attrs.evolve(self.document, lease=lease, epoch=self.document.epoch + 1), lease)
                return self
        raise Held(f"{self.service}: somebody else keeps taking the lease", "try again in a minute")

    def renew(self) -> float:
        """Renew the lease when a third of it has passed and return the seconds it still lasts.

        A store that cannot be reached is not an error here: the lease only grows shorter.
        """
        if self._left() <= self.length * 2 / 3:
            with contextlib.suppress(Unreachable):
                self._change(lambda document: document)
        return self._left()

    def save(self, release: Release) -> None:
        """Make ``release`` the release under way, durably; raise ``Held`` when the lease is not ours any more."""
        self._change(lambda document: attrs.evolve(document, release=release))

    def close(self, release: Release, outcome: str, left: Mapping[str, str] | None = None) -> None:
        """Move ``release`` into the history with its ``outcome`` and what it ``left``; nothing is under way then."""
        past = past_of(release, outcome, self.clock.now(), left)
        self._change(lambda document: document.closed(past))

    def release(self) -> None:
        """Give the lease back; when that fails it runs out by itself."""
        if self._lease is None:
            return
        with contextlib.suppress(BluegreenError):
            self._change(lambda document: document, free=True)
        self._lease = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _change(self, change: Change, *, free: bool = False) -> None:
        """Write the changed record; a stranger's write is read again, and kept unless it took the lease."""
        for _ in range(_TRIES):
            lease = attrs.evolve(self._ours(), renewed_at=self.clock.now())
            document = change(self.document)
            with contextlib.suppress(Conflict):
                self._put(attrs.evolve(document, lease=None if free else lease), lease)
                return
            self._reread()
        raise Unreachable(f"{self.service}: the record changes faster than it can be written", "try again")

    def _put(self, document: Document, lease: Lease) -> None:
        began = self.clock.monotonic()
        self._version = self.store.write(self.service, document, self._version)
        self._document, self._lease, self._renewed = document, lease, began

    def _reread(self) -> None:
        self._document, self._version = self.store.read(self.service)

    def _ours(self) -> Lease:
        standing = self.document.lease
        if self._lease is None or standing is None or standing.holder != self._lease.holder:
            raise self._lost(standing)
        return standing

    def _left(self) -> float:
        return self.length - (self.clock.monotonic() - self._renewed)

    def _fresh_lease(self, why: str) -> Lease:
        now = self.clock.now()
        return Lease(
            holder=uuid.uuid4().hex,
            who=self.who,
            host=self.process.host,
            pid=self.process.pid,
            started=self.process.started,
            why=why,
            taken_at=now,
            renewed_at=now,
            length=self.length,
        )

    def _held(self, lease: Lease) -> Held:
        held, left = self.clock.now() - lease.taken_at, lease.ends_at - self.clock.now()
        return Held(
            f"{self.service} is held by {lease.who} (process {lease.pid}) for {held:.0f} s: {lease.why}",
            f"wait until it has ended; if it is dead, its lease runs out in {left:.0f} s",
        )

    def _lost(self, lease: Lease | None) -> Held:
        by = "somebody" if lease is None else f"{lease.who} (process {lease.pid}, {lease.why})"
        return Held(
            f"{self.service}: the lease was lost to {by}; nothing more was written",
            f"`bluegreen status {self.service}` shows what happens now",
        )


def in_force(lease: Lease | None, now: float, dead: Callable[[Process], bool] = known_dead) -> Lease | None:
    """Return ``lease`` if it must be respected at ``now`` (POSIX seconds): not run out, its process not known dead."""
    if lease is None or lease.ends_at <= now:
        return None
    return None if dead(Process(lease.host, lease.pid, lease.started)) else lease

"""The record of one service as a run writes it: under a lease, and by compare-and-set only.

The lease says who works on a service. Its length counts from our own last successful write, on the monotonic clock.
Somebody else's lease is dead when its process is known to be, or when the same version of the record was seen for as
long as the lease lasts: on our own monotonic clock, so that no machine's date matters. Dates only tell whether somebody
is plainly at work, or whether it is worth watching for signs of life.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Generic, Self

import attrs
from attrs import define, field

from bluegreen.calls import LONGEST_CALL
from bluegreen.clock import Clock
from bluegreen.errors import BluegreenError, Held, Refused, Unreachable
from bluegreen.flow.kinds import Kinds, RecordKind
from bluegreen.flow.release import Hold, Past, Release
from bluegreen.flow.requests import Request, first_of
from bluegreen.record.codec import told
from bluegreen.record.document import CLOSED, Document, Freeze, Lease, R, of_kind
from bluegreen.record.process import Process, known_dead, this_process
from bluegreen.record.sound import document_faults, fitting
from bluegreen.record.store import Conflict, Store, Version
from bluegreen.sentences.ends import is_at_it
from bluegreen.words import as_word

LENGTH = 40.0
"""Seconds that a lease lasts after each renewal."""

SURE = 3.0
"""Seconds since our last write of the record in which it needs no look whether the lease is still ours."""

WATCH = 1.0
"""Seconds between two looks at somebody else's lease."""

TURN = 10**9
"""Takings of the lease after which they are counted anew: more than once a second for thirty years."""

_TRIES = 5
Change = Callable[[Document[R]], Document[R]]
Told = Callable[[str], None]


@define
class Vigil:
    """How long, in seconds of our own clock, a record has stood still; ``versions`` counts what was seen of it."""

    clock: Clock
    versions: int = 0
    _version: Version = None
    _since: float = 0.0

    def see(self, version: Version) -> None:
        """Note which version there is now."""
        if self.versions == 0 or version != self._version:
            self.versions, self._version, self._since = self.versions + 1, version, self.clock.monotonic()

    @property
    def seconds(self) -> float:
        """How long the last version has been there at least."""
        return self.clock.monotonic() - self._since


def _nobody(_: str) -> None:
    """Tell nobody."""


def _anybodys(_: Document[Release]) -> None:
    """Recognise any record."""


def _nowhere() -> tuple[str, str]:
    """Nobody has seen where the groups are."""
    return "", ""


@define(kw_only=True)
class ServiceBook(Generic[R]):
    """The book of ``service`` in ``store``; ``who`` is ``user@host``. Use it as ``with book.acquire(why):``.

    ``kind`` is that of the releases that are written here: one of another kind that is open is ``Refused``.

    ``process`` is who holds the lease, ``dead`` tells whether the process behind another lease is known to be gone.
    ``recognise`` is handed each record that was read, and raises for somebody else's; ``place`` returns the account and
    region in which the groups were seen, which a record that does not tell them gains.
    """

    store: Store
    kind: RecordKind[R]
    service: str
    clock: Clock
    who: str
    length: float = LENGTH
    process: Process = field(factory=this_process)
    dead: Callable[[Process], bool] = known_dead
    recognise: Callable[[Document[R]], None] = _anybodys
    place: Callable[[], tuple[str, str]] = _nowhere
    _lease: Lease | None = None
    _document: Document[R] | None = None
    _version: Version = None
    _renewed: float = 0.0
    _came: int | None = None
    _known: frozenset[str] = frozenset()
    _taken: frozenset[str] = frozenset()

    @property
    def document(self) -> Document[R]:
        """The record as it was last read or written by us."""
        return self._document or Document(service=self.service)

    def acquire(self, why: str, patience: float = 0.0, told: Told = _nobody) -> Self:
        """Take the lease, for the reason ``why``; raise ``Held`` when somebody else has it, or the service is locked.

        It is waited for ``patience`` seconds, and besides for as long as it takes to see that a silent holder is dead.
        ``told`` is called with a sentence before each wait; what it raises ends the wait.
        """
        vigil, end = Vigil(self.clock), self.clock.monotonic() + patience
        obstacle: BluegreenError | None
        while True:
            try:
                obstacle = self._seen(vigil)
                if obstacle is None and self._take(why):
                    return self
            except Unreachable as error:
                obstacle = error
            if obstacle is not None:
                if self.clock.monotonic() >= end and not self._worth_watching(vigil, obstacle):
                    raise obstacle
                told(obstacle.message)
                self.clock.sleep(WATCH)

    def overtaken_by(self) -> R | Past | None:
        """Return the newest release that was begun by somebody who took the lease after we had begun to wait for it."""
        every = (*self.document.history, self.document.release)
        strange = [one for one in every if one is not None and one.id not in self._known]
        return strange[-1] if strange else None

    def renew(self) -> float:
        """Renew the lease when a third of it has passed and return the seconds it still lasts.

        A store that cannot be reached is not an error here: the lease only grows shorter. One that was given back is
        left alone.
        """
        if self._lease is not None and self._left() <= self.length * 2 / 3:
            with contextlib.suppress(Unreachable):
                self._change(lambda document: document)
        return self._left()

    def assure(self) -> None:
        """Raise ``Held``, or ``Unreachable``, unless the lease is ours and outlasts the longest call.

        Asked right before each write to AWS: the record itself is written when that was not done a moment ago.
        """
        if self.length - self._left() > SURE:
            self._change(lambda document: document)
        if self._left() <= LONGEST_CALL:
            raise Unreachable("the lease cannot be renewed: the record is out of reach", "look at the network")

    def save(self, release: R) -> None:
        """Make ``release`` the release under way, durably; raise ``Held`` when the lease is not ours any more.

        What could not be read again is ``Refused``, before anything was done that it explains.
        """
        self._change(lambda document: attrs.evolve(document, release=release))

    def hold(self, hold: Hold) -> None:
        """Let cron leave the release under way alone, for the reason that ``hold`` says."""
        if (release := self.document.release) is not None:
            self.save(attrs.evolve(release, hold=hold))

    def close(self, release: R, outcome: str, left: Mapping[str, str] | None = None) -> None:
        """Move ``release`` into the history with its ``outcome`` and what it ``left``; nothing is under way then."""
        past = release.as_past(outcome, self.clock.now(), left)
        self._change(lambda document: document.closed(past))

    def disown(self, release: R, why: str) -> None:
        """Close ``release`` for the reason ``why``, whatever has become of its groups: none of it counts any more.

        Where its groups were is to be seen anew.
        """
        past = attrs.evolve(release.as_past(CLOSED, self.clock.now()), reason=why)
        self._change(lambda document: attrs.evolve(document.closed(past), account="", region=""))

    def release(self) -> None:
        """Give the lease back; when that fails it runs out by itself."""
        if self._lease is None:
            return
        with contextlib.suppress(BluegreenError):
            self._change(lambda document: document, free=True)
        self._lease = None

    # ---- what people ask of the run that is at work, which needs no lease ----

    def ask(self, request: Request) -> bool:
        """Put a request onto the record; whether it lies there now, or something like it did already.

        It does not once the release that it is about is no longer the open one.
        """

        def put(document: Document[R]) -> Document[R]:
            release = document.release
            if release is None or release.id != request.release or _lies(document, request):
                return document
            return attrs.evolve(document, requests=(*document.requests, request))

        self._amend(put)
        return _lies(self.document, request)

    def asked(self, release: R) -> Request | None:
        """Return what is asked of a release, as the record was read last."""
        return first_of((one for one in self.document.requests if one.id not in self._taken), release)

    def take(self, request: Request) -> None:
        """Let the next write take a request off the record."""
        self._taken |= {request.id}

    # ---- the lock by hand, which needs no lease ----

    def lock(self, why: str) -> Freeze | None:
        """Lock the service for the reason ``why``; return the lock that was there already, which stays."""
        freeze = Freeze(self.who, why, self.clock.now())
        change = lambda document: document if document.freeze else attrs.evolve(document, freeze=freeze)  # noqa: E731
        return self._amend(change).freeze

    def unlock(self) -> Freeze | None:
        """Take the lock off, whoever put it on; return it, or nothing when there was none."""
        return self._amend(lambda document: attrs.evolve(document, freeze=None)).freeze

    def _amend(self, change: Change[R]) -> Document[R]:
        """Change the record without the lease; return it as it was before."""
        for _ in range(_TRIES):
            self._reread()
            before, after = self.document, change(self.document)
            if after == before:
                return before
            with contextlib.suppress(Conflict):
                self._write(after)
                return before
        raise Unreachable(f"{self.service}: the record changes faster than it can be written", "try again")

    # ---- how it works ----

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lease back; whoever leaves at once (``at_once``) does not wait for that, and is found to be gone."""
        if not getattr(error, "at_once", False):
            self.release()

    def _change(self, change: Change[R], *, free: bool = False) -> None:
        """Write the changed record; a stranger's write is read again, and kept unless it took the lease."""
        for _ in range(_TRIES):
            lease = attrs.evolve(self._ours(), renewed_at=self.clock.now())
            document = self._without_taken(change(self.document))
            with contextlib.suppress(Conflict):
                self._put(attrs.evolve(document, lease=None if free else lease), lease)
                return
            self._reread()
        raise Unreachable(f"{self.service}: the record changes faster than it can be written", "try again")

    def _without_taken(self, document: Document[R]) -> Document[R]:
        left = tuple(one for one in document.requests if one.id not in self._taken)
        return document if left == document.requests else attrs.evolve(document, requests=left)

    def _put(self, document: Document[R], lease: Lease) -> None:
        began = self.clock.monotonic()
        if not document.account:
            account, region = self.place()
            document = attrs.evolve(document, account=account, region=region)
        self._write(document)
        self._lease, self._renewed = lease, began

    def _write(self, document: Document[R]) -> None:
        """Write a document, the one way there is: names and reasons made fit, the rest held against what is read.

        What every verb would refuse from then on is ``Refused`` here, and what is on record stays.
        """
        document = fitting(document)
        if faults := tuple(document_faults(document, Kinds((self.kind,)))):
            hint = "put that right first: what is on record stays as it is, and can be carried on"
            raise Refused(f"{self.service}: this cannot be kept on record: {told(faults)}", hint)
        self._version = self.store.write(self.service, document, self._version)
        self._document = document

    def _reread(self) -> None:
        document, self._version = self.store.read(self.service)
        self._document = None if document is None else of_kind(document, self.kind)
        self.recognise(self.document)

    def _remember(self) -> None:
        """Know the releases that were begun for as long as nobody has taken the lease since we came."""
        self._came = self.document.epoch if self._came is None else self._came
        if self._came == self.document.epoch:
            every = (*self.document.history, self.document.release)
            self._known = frozenset(one.id for one in every if one is not None)

    def _ours(self) -> Lease:
        standing = self.document.lease
        if self._lease is None or standing is None or standing.holder != self._lease.holder:
            raise self._lost(standing)
        return standing

    def _left(self) -> float:
        return self.length - (self.clock.monotonic() - self._renewed)

    def _seen(self, vigil: Vigil) -> Held | None:
        """Read the record, and return why the lease cannot be taken now, if so."""
        self._reread()
        self._remember()
        vigil.see(self._version)
        return self._obstacle(vigil)

    def _obstacle(self, vigil: Vigil) -> Held | None:
        """Why the lease cannot be taken now, if so."""
        if (freeze := self.document.freeze) is not None:
            return self._locked(freeze)
        lease = self.document.lease
        if lease is None or self.dead(lease.process) or vigil.seconds >= lease.length:
            return None
        return self._held(lease)

    def _worth_watching(self, vigil: Vigil, obstacle: BluegreenError) -> bool:
        """Whether the holder has not stirred since we look, and its date does not say either that it is at work."""
        lease = self.document.lease
        frozen = self.document.freeze is not None or isinstance(obstacle, Unreachable)
        return lease is not None and not frozen and vigil.versions == 1 and not lease.fresh(self.clock.now())

    def _take(self, why: str) -> bool:
        lease = self._fresh_lease(why)
        with contextlib.suppress(Conflict):
            epoch = self.document.epoch + 1 if self.document.epoch < TURN else 1
            self._put(attrs.evolve(self.document, lease=lease, epoch=epoch), lease)
            return True
        return False

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
        """The ages are by the holder's own dates, which need not agree with ours."""
        held = max(0.0, lease.renewed_at - lease.taken_at)
        return Held(
            f"{self.service}: {is_at_it(lease.who, lease.pid, lease.why, held)}",
            f"wait until it has ended, as --wait-lock 10m does; a dead run is found out in {lease.length:.0f} s",
        )

    def _locked(self, freeze: Freeze) -> Held:
        return Held(
            f"{self.service} is locked by {as_word(freeze.who)} since {moment(freeze.since)}: {as_word(freeze.why)}",
            f"ask them; `bluegreen unlock {self.service}` takes the lock off",
        )

    def _lost(self, lease: Lease | None) -> Held:
        by = "somebody" if lease is None else f"{lease.who} (process {lease.pid}, {lease.why})"
        return Held(
            f"{self.service}: the lease was lost to {by}; nothing more was written",
            f"`bluegreen status {self.service}` shows what happens now",
        )


def _lies(document: Document[Release], request: Request) -> bool:
    """Whether a request like this lies on a record."""
    return any((one.what, one.release) == (request.what, request.release) for one in document.requests)


def moment(at: float) -> str:
    """Return POSIX seconds as a date that people read, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def in_force(lease: Lease | None, now: float, dead: Callable[[Process], bool] = known_dead) -> Lease | None:
    """Return ``lease`` if its holder seems to be at work at ``now`` (POSIX seconds): for people to read only."""
    return None if lease is None or not lease.fresh(now) or dead(lease.process) else lease

"""What is kept of a service: the release under way, the releases before it, and the lease.

:mod:`bluegreen.record.codec` makes bytes of it, and reads them.
"""

from __future__ import annotations

from typing import Generic, TypeGuard, TypeVar

import attrs
from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.flow.kinds import RecordKind
from bluegreen.flow.release import Past, Release
from bluegreen.flow.requests import Request
from bluegreen.record.formats import FORMAT
from bluegreen.record.process import Process

CLOSED = "closed"
"""The outcome of a release that was ended on record alone, by hand."""

KEPT = 50
"""Past releases that a document remembers."""

R = TypeVar("R", bound=Release)
R_co = TypeVar("R_co", bound=Release, covariant=True)


@frozen(kw_only=True)
class Lease:
    """Who may write, and for how long: ``length`` seconds from ``renewed_at`` (POSIX seconds of the holder's clock).

    ``holder`` is random and different for every run; ``who`` is ``user@host``; ``host`` names the machine, its boot
    and its process namespace, where ``pid``, begun at ``started`` (an opaque text), can be looked up.
    """

    holder: str
    who: str
    host: str
    pid: int
    started: str
    why: str
    taken_at: float
    renewed_at: float
    length: float

    @property
    def process(self) -> Process:
        """Who holds it."""
        return Process(self.host, self.pid, self.started)

    def fresh(self, now: float) -> bool:
        """Whether its last renewal is so near to ``now``, by the machines' dates, that its holder is at work."""
        return abs(now - self.renewed_at) < self.length


@frozen
class Freeze:
    """A lock by hand: ``who`` locked the service, ``why``, since when (POSIX seconds)."""

    who: str
    why: str
    since: float


@frozen(kw_only=True)
class Document(Generic[R_co]):
    """The record of one service; ``epoch`` is another one with each taking of the lease.

    ``freeze`` says that nobody may begin anything: somebody has locked the service by hand. ``requests`` are what
    people ask of the run that is at work. ``account`` and ``region``
    are where its groups are, empty until a look has shown it.
    """

    service: str
    format: int = FORMAT
    release: R_co | None = None
    history: tuple[Past, ...] = ()
    lease: Lease | None = None
    epoch: int = 0
    freeze: Freeze | None = None
    requests: tuple[Request, ...] = ()
    account: str = ""
    region: str = ""

    def closed(self, past: Past) -> Document[R_co]:
        """Return the document with no release under way and ``past`` as the newest of the history's last 50.

        A release that is in the history already (its closing was kept, and the answer lost) does not stand there twice.
        """
        before = (one for one in self.history if one.id != past.id)
        return attrs.evolve(self, release=None, history=(*before, past)[-KEPT:], requests=())

    @property
    def finished(self) -> tuple[Past, ...]:
        """The past releases that were not taken back, oldest first."""
        return tuple(past for past in self.history if past.outcome == "finished")

    def previous(self) -> tuple[str | None, str]:
        """Return the image that ran before the newest finished release, and that release's own.

        A release that was itself a rollback is passed over, together with all since the release that first brought up
        what it went back to: a second rollback goes further back, and not forward again to what the first one undid.
        One that brought up the same image again is passed over, too: there was nothing else before it.
        """
        came_back: str | None = None
        for past in reversed(self.finished):
            if past.instead_of:
                came_back = came_back or past.image
            elif past.image != past.previous_image and came_back in (None, past.image):
                return past.previous_image, past.image
        return None, ""

    @property
    def served(self) -> tuple[str, ...]:
        """The images that have served by this record, the newest first."""
        known = (image for past in reversed(self.finished) for image in (past.image, past.previous_image))
        return tuple(dict.fromkeys(image for image in known if image))


def is_of(document: Document[Release], kind: RecordKind[R]) -> TypeGuard[Document[R]]:
    """Whether what is open is of this ``kind``; so is nothing."""
    return document.release is None or isinstance(document.release, kind.release)


def of_kind(document: Document[Release], kind: RecordKind[R]) -> Document[R]:
    """Return a document whose open release is of ``kind``; raise ``Refused`` for that of another kind."""
    if is_of(document, kind):
        return document
    is_open = "a release" if document.release is None else f"{document.release.id}, of the kind {document.release.kind}"
    raise Refused(
        f"{document.service}: {is_open}, is open, and the configuration names a {kind.name}",
        "put the configuration of before back and end that release first",
    )

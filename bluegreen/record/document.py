"""What is kept of a service: the release under way, the releases before it, and the lease.

Bytes are JSON. A document of a newer or an unknown format is refused, never guessed at.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import field, frozen
from cattrs import BaseValidationError

from bluegreen.errors import Refused
from bluegreen.record.formats import FORMAT, current, is_known
from bluegreen.record.plain import LARGEST, converter, too_deep
from bluegreen.record.process import Process
from bluegreen.targets.pair.model.release import Release
from bluegreen.words import shown

CLOSED = "closed"
"""The outcome of a release that was ended on record alone, by hand."""

KEPT = 50
"""Past releases that a document remembers."""

NAMED = 5
"""Faults of a record that are told at once."""

_NONCE = "nonce"
_WRONG = (BaseValidationError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)


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
class Past:
    """A release that has come to its end.

    ``previous_image`` is what the old group ran; ``left`` tells, by group, how the pair was left.
    """

    id: str
    image: str
    previous_image: str | None
    old: str
    new: str
    goal: str
    outcome: str
    begun_at: float
    ended_at: float
    by: str = ""
    reason: str = ""
    instead_of: str = ""
    retired: tuple[str, ...] = ()
    left: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Document:
    """The record of one service; ``epoch`` is another one with each taking of the lease.

    ``freeze`` says that nobody may begin anything: somebody has locked the service by hand. ``account`` and ``region``
    are where its groups are, empty until a look has shown it.
    """

    service: str
    format: int = FORMAT
    release: Release | None = None
    history: tuple[Past, ...] = ()
    lease: Lease | None = None
    epoch: int = 0
    freeze: Freeze | None = None
    account: str = ""
    region: str = ""

    def closed(self, past: Past) -> Document:
        """Return the document with no release under way and ``past`` as the newest of the history's last 50.

        A release that is in the history already (its closing was kept, and the answer lost) does not stand there twice.
        """
        before = (one for one in self.history if one.id != past.id)
        return attrs.evolve(self, release=None, history=(*before, past)[-KEPT:])

    @property
    def finished(self) -> tuple[Past, ...]:
        """The past releases that were not taken back, oldest first."""
        return tuple(past for past in self.history if past.outcome == "finished")

    def previous(self) -> tuple[str | None, str]:
        """Return the image that ran before the newest finished release, and that release's own.

        A release that was itself a rollback is passed over, together with what it undid: a second rollback goes
        further back, and not forward again to what the first one undid.
        """
        undone = 0
        for past in reversed(self.finished):
            if past.instead_of:
                undone += 1
            elif undone:
                undone -= 1
            else:
                return past.previous_image, past.image
        return None, ""


def past_of(release: Release, outcome: str, ended_at: float, left: Mapping[str, str] | None = None) -> Past:
    """Return what is remembered of ``release`` when it has ended; what a person keeps running was not retired."""
    return Past(
        id=release.id,
        image=release.image,
        previous_image=None if release.first else release.picture.old.image,
        old=release.old,
        new=release.new,
        goal=release.goal,
        outcome=outcome,
        begun_at=release.begun_at,
        ended_at=ended_at,
        by=release.by,
        reason=release.reason,
        instead_of=release.instead_of,
        retired=() if release.keep else release.retire,
        left=left or {},
    )


def to_bytes(document: Document) -> bytes:
    """Return ``document`` as JSON, with a nonce, so that no two writes of the same document are the same bytes."""
    plain = converter().unstructure(document)
    plain[_NONCE] = uuid.uuid4().hex
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def from_bytes(body: bytes, where: str) -> Document:
    """Return the document in ``body``; raise ``Refused``, naming ``where``, when it is not one that is understood.

    Neither its size nor what stands in it is believed: it takes bounded time and memory to find out.
    """
    if len(body) > LARGEST:
        raise Refused(f"the record {where} has more than {LARGEST:,} bytes, which no record has", PUT_BACK)
    plain = _parsed(body, where)
    try:
        document = converter().structure(current(plain), Document)
    except _WRONG as error:
        raise _unreadable(where, error) from error
    refuse_unsound(document, where)
    return document


def refuse_unsound(document: Document, where: str) -> None:
    """Raise ``Refused`` with what is wrong in a document, its first faults at once."""
    from bluegreen.record.sound import document_faults

    if faults := tuple(document_faults(document)):
        raise Refused(f"the record {where} is none that bluegreen writes: {told(faults)}", PUT_BACK)


def told(faults: Iterable[str]) -> str:
    """Return faults in one line, the first few of them by name."""
    faults = tuple(dict.fromkeys(faults))
    more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    return "; ".join(faults[:NAMED]) + more


def _parsed(body: bytes, where: str) -> dict[str, Any]:
    """Return the JSON object in ``body`` without its nonce, of a format that is read here."""
    try:
        plain = json.loads(body, parse_constant=_no_number)
        found = plain["format"]
        plain.pop(_NONCE, None)
    except _WRONG as error:
        raise _unreadable(where, error) from error
    if not is_known(found):
        raise _other_format(where, found)
    if too_deep(plain):
        raise Refused(f"the record {where} is nested more deeply than any record", PUT_BACK)
    return dict(plain)


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


PUT_BACK = "put back a copy of it; without the record the tool cannot know what it has changed"


def _unreadable(where: str, error: Exception) -> Refused:
    return Refused(f"the record {where} cannot be read ({type(error).__name__})", PUT_BACK)


def _other_format(where: str, found: object) -> Refused:
    newer = isinstance(found, int) and found > FORMAT
    by = "a newer version of bluegreen" if newer else "something else"
    return Refused(
        f"the record {where} was written by {by}: it has format {shown(found)}, and this version reads {FORMAT}",
        "upgrade bluegreen here" if newer else "put back a copy of it",
    )

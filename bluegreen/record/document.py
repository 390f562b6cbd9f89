"""What is kept of a service: the release under way, the releases before it, and the lease.

Bytes are JSON. A document of a newer or an unknown format is refused, never guessed at.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any, Generic, TypeGuard, TypeVar

import attrs
from attrs import frozen
from cattrs import BaseValidationError

from bluegreen.errors import Refused
from bluegreen.flow.kinds import Kinds, RecordKind
from bluegreen.flow.release import Past, Release
from bluegreen.record.formats import FORMAT, current, is_known
from bluegreen.record.plain import LARGEST, checked, converter, too_deep
from bluegreen.record.process import Process
from bluegreen.words import shown

CLOSED = "closed"
"""The outcome of a release that was ended on record alone, by hand."""

KEPT = 50
"""Past releases that a document remembers."""

NAMED = 5
"""Faults of a record that are told at once."""

R = TypeVar("R", bound=Release)
Value = TypeVar("Value")
R_co = TypeVar("R_co", bound=Release, covariant=True)
Plain = dict[str, Any]

_KIND = "kind"
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
class Document(Generic[R_co]):
    """The record of one service; ``epoch`` is another one with each taking of the lease.

    ``freeze`` says that nobody may begin anything: somebody has locked the service by hand. ``account`` and ``region``
    are where its groups are, empty until a look has shown it.
    """

    service: str
    format: int = FORMAT
    release: R_co | None = None
    history: tuple[Past, ...] = ()
    lease: Lease | None = None
    epoch: int = 0
    freeze: Freeze | None = None
    account: str = ""
    region: str = ""

    def closed(self, past: Past) -> Document[R_co]:
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


def to_bytes(document: Document[Release]) -> bytes:
    """Return ``document`` as JSON, with a nonce, so that no two writes of the same document are the same bytes."""
    plain: Plain = converter().unstructure(attrs.evolve(document, release=None, history=()))
    plain["release"] = None if document.release is None else _of_its_kind(document.release)
    plain["history"] = [_of_its_kind(past) for past in document.history]
    plain[_NONCE] = uuid.uuid4().hex
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def _of_its_kind(one: Release | Past) -> Plain:
    return {_KIND: one.kind, **converter().unstructure(one, unstructure_as=type(one))}


def from_bytes(body: bytes, where: str, kinds: Kinds) -> Document[Release]:
    """Return the document in ``body``; raise ``Refused``, naming ``where``, when it is not one that is understood.

    What it tells of has to be of one of the ``kinds``. Neither its size nor what stands in it is believed: it takes
    bounded time and memory to find out.
    """
    if len(body) > LARGEST:
        raise Refused(f"the record {where} has more than {LARGEST:,} bytes, which no record has", PUT_BACK)
    plain = _parsed(body, where)
    try:
        document = _document(current(plain), kinds, where)
    except _WRONG as error:
        raise _unreadable(where, error) from error
    refuse_unsound(document, where, kinds)
    return document


def _document(plain: Plain, kinds: Kinds, where: str) -> Document[Release]:
    """Return the document of a JSON object; what it raises, but for ``Refused``, says that it is none."""
    release, history = plain.pop("release", None), plain.pop("history", [])
    document = converter().structure(plain, Document[Release])
    return attrs.evolve(
        document,
        release=None if release is None else _read(release, _kind(release, kinds, where).release),
        history=tuple(_read(past, _kind(past, kinds, where).past) for past in checked(history, list)),
    )


def _kind(plain: Plain, kinds: Kinds, where: str) -> RecordKind[Release]:
    if (kind := kinds.named(plain[_KIND])) is None:
        raise Refused(
            f"the record {where} tells of a release of the kind {shown(plain[_KIND])}, which is not known here",
            "upgrade bluegreen here",
        )
    return kind


def _read(plain: Plain, kind: type[Value]) -> Value:
    return converter().structure({key: value for key, value in plain.items() if key != _KIND}, kind)


def refuse_unsound(document: Document[Release], where: str, kinds: Kinds) -> None:
    """Raise ``Refused`` with what is wrong in a document, its first faults at once."""
    from bluegreen.record.sound import document_faults

    if faults := tuple(document_faults(document, kinds)):
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

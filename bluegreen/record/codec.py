"""A document as bytes and back: JSON, of a format that is known, of which nothing is believed unlooked at.

A document of a newer or an unknown format is refused, never guessed at.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

import attrs
from cattrs import BaseValidationError

from bluegreen.errors import Refused
from bluegreen.flow.kinds import Kinds, RecordKind
from bluegreen.flow.release import Past, Release
from bluegreen.record.document import Document
from bluegreen.record.formats import FORMAT, current, is_known
from bluegreen.record.plain import LARGEST, checked, converter, too_deep
from bluegreen.record.sound import document_faults
from bluegreen.words import shown

NAMED = 5
"""Faults of a record that are told at once."""

Value = TypeVar("Value")
Plain = dict[str, Any]

_KIND = "kind"
_NONCE = "nonce"
_WRONG = (BaseValidationError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)


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
            f"the record {where} has a release of the kind {shown(plain[_KIND])}, which is not known here",
            f"where a newer bluegreen has written it, upgrade bluegreen here; otherwise {PUT_BACK}",
        )
    return kind


def _read(plain: Plain, kind: type[Value]) -> Value:
    return converter().structure({key: value for key, value in plain.items() if key != _KIND}, kind)


def refuse_unsound(document: Document[Release], where: str, kinds: Kinds) -> None:
    """Raise ``Refused`` with what is wrong in a document, its first faults at once."""
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

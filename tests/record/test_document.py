"""The record's bytes: nothing is lost, and nothing foreign is believed."""

from __future__ import annotations

import json
import math

import attrs
import pytest
from hypothesis import given, settings

from bluegreen.errors import Refused
from bluegreen.record.book import LENGTH
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import KEPT, Document, Lease
from bluegreen.record.sound import LONGEST_LEASE
from tests.record.values import DOCUMENTS, release
from tests.support.records import from_bytes

EMPTY = Document(service="web")


@settings(max_examples=120)
@given(DOCUMENTS)
def test_round_trip(document: Document) -> None:
    """Whatever a run may write is read back equal, field by field."""
    assert document == from_bytes(to_bytes(document), "web.json")


def test_strict_json() -> None:
    """The bytes are strict JSON, though a deadline may be infinite."""
    body = to_bytes(attrs.evolve(EMPTY, release=release(deadline_at=math.inf)))

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert "inf" == json.loads(body, parse_constant=refuse)["release"]["deadline_at"]


def test_no_two_writes_alike() -> None:
    """The same document written twice is two different texts, so that no version comes back."""
    assert to_bytes(EMPTY) != to_bytes(EMPTY)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the record web.json cannot be read (JSONDecodeError)"),
        (b"[]", "the record web.json cannot be read (TypeError)"),
        (b"{}", "the record web.json cannot be read (KeyError)"),
        (b'{"format": 1}', "the record web.json cannot be read (ClassValidationError)"),
        (b'{"format": 1, "service": "web", "more": 1}', "the record web.json cannot be read (ClassValidationError)"),
        (
            b'{"format": 3, "service": "web", "release": {"best": 4}}',
            "the record web.json cannot be read (KeyError)",
        ),
        (b"\xff", "the record web.json cannot be read (UnicodeDecodeError)"),
        (
            b'{"format": 9}',
            "the record web.json was written by a newer version of bluegreen: "
            "it has format 9, and this version reads 8",
        ),
        (
            b'{"format": "x"}',
            "the record web.json was written by something else: it has format 'x', and this version reads 8",
        ),
    ],
)
def test_foreign_bytes_are_refused(body: bytes, sentence: str) -> None:
    """Bytes that this version did not write are refused with a sentence, never guessed at."""
    with pytest.raises(Refused) as caught:
        from_bytes(body, "web.json")
    assert sentence == caught.value.message


def test_every_cut_is_refused() -> None:
    """A record that lost its end is refused, wherever it was cut."""
    body = to_bytes(attrs.evolve(EMPTY, release=release())).rstrip()
    for end in range(len(body)):
        with pytest.raises(Refused):
            from_bytes(body[:end], "web.json")


def test_history_is_bounded() -> None:
    """The history keeps the newest releases only."""
    document = EMPTY
    for number in range(KEPT + 3):
        document = document.closed(release(id=str(number)).as_past("finished", 1.0))
    assert [str(number) for number in range(3, KEPT + 3)] == [past.id for past in document.history]


def test_a_release_closed_twice_stands_in_the_history_once() -> None:
    """The answer to the first closing may be lost, and the release closed again."""
    document = EMPTY
    for name, outcome in (("a", "finished"), ("b", "restored"), ("a", "finished")):
        document = document.closed(release(id=name).as_past(outcome, 1.0))
    assert [("b", "restored"), ("a", "finished")] == [(past.id, past.outcome) for past in document.history]


def test_what_is_remembered() -> None:
    """A past release names the image that ran before it, but not for a first release."""
    assert ["v1", None] == [release(first=first).as_past("finished", 1.0).previous_image for first in (False, True)]


@pytest.mark.parametrize(("length", "believed"), [(LENGTH, True), (LONGEST_LEASE, True), (121.0, False), (0.0, False)])
def test_a_lease_lasts_no_longer_than_ours_may(length: float, believed: bool) -> None:
    """A record whose lease would keep people out for an hour is refused, and says why."""
    lease = Lease(
        holder="h", who="root@prod", host="there", pid=1, started="1", why="deploy v3", taken_at=1, renewed_at=1,
        length=length,
    )  # fmt: skip
    body = to_bytes(attrs.evolve(EMPTY, lease=lease))
    if believed:
        assert lease == from_bytes(body, "web.json").lease
        return
    with pytest.raises(Refused, match=f"the lease lasts for {length:g} s"):
        from_bytes(body, "web.json")


@pytest.mark.parametrize(("seconds", "believed"), [(3600.0, True), (3601.0, False)])
def test_no_balancer_lingers_for_ever(seconds: float, believed: bool) -> None:
    """A finish waits for so long before it terminates anything: for an hour at most, whatever a record says."""
    body = to_bytes(attrs.evolve(EMPTY, release=release(lingers=seconds)))
    if believed:
        assert from_bytes(body, "web.json").release == release(lingers=seconds)
        return
    with pytest.raises(Refused, match="lingers is no duration of at most an hour"):
        from_bytes(body, "web.json")

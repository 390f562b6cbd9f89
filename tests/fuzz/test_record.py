"""A record that somebody has changed: every verb takes it as it is, or refuses it with 4; nothing else ever happens."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import BluegreenError, Refused, Status
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.plain import DEEPEST, LARGEST
from bluegreen.record.store import Version
from bluegreen.report.history import history_text, history_value
from bluegreen.report.json import history_line, status_line
from bluegreen.report.status import status_text
from bluegreen.report.status_json import service_value
from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from tests.fuzz.inputs import changed, exchanged, renamed, said_badly, tried
from tests.support.hands import neighbour
from tests.support.records import from_bytes
from tests.support.virtual import BLUE, GREEN, Pair, virtual

RECORDS = Path(__file__).parents[1] / "record" / "records"
KEPT = sorted(RECORDS.glob("*/*.json"))
FOREIGN = "billing"
"""A group that is there, and in no configuration."""


@define
class Forged(MemoryStore):
    """A store whose record is bytes that somebody else wrote; no write is made."""

    body: bytes = b""
    written: list[str] = field(factory=list)

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Read the bytes, as a file is read."""
        return from_bytes(self.body, "web.json"), "1"

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Note the write; what is written can be read again."""
        self.written.append(service)
        self.body = to_bytes(document)
        from_bytes(self.body, "web.json")
        return expected


@functools.cache
def resting() -> Pair:
    """Return a pair at rest with another group beside it, which nothing here changes."""
    pair = virtual(instances=2)
    neighbour(pair, FOREIGN)
    return pair


@functools.cache
def written() -> bytes:
    """Return a record as it is written today: of a release that is open, with another one in its history."""
    pair = virtual(instances=1)
    for image in ("v2", "v3"):
        assert Status.OK == pair.service().finish().status if pair.release else True
        pair.service().deploy(image)
    document, _ = pair.store.read("web")
    assert document is not None
    return to_bytes(document)


@pytest.fixture(autouse=True, scope="module")
def made() -> None:
    """Make what all share before hypothesis draws."""
    resting(), written()


def looked_at(service: Service) -> str:
    """Return all that is shown of a service by the verbs that only look."""
    report, entries = service.status(), service.history()
    service.check()
    service.previous_image()
    service.parked()
    shown = [status_text(report), history_text("web", entries), status_line([service_value(report)], 0.0)]
    return "\n".join([*shown, history_line("web", map(history_value, entries))])


def trouble(body: bytes) -> str:
    """Return what is wrong with how the looking verbs take ``body``, or nothing."""
    pair, store = resting(), Forged(body=body)
    pair.store = store
    asked: list[str] = []

    def note(call: Call) -> None:
        asked.append(f"{call.operation} {call.parameters}")

    pair.sim.faults.before[:] = [note]
    try:
        shown = looked_at(pair.service())
    except BluegreenError as error:
        shown = f"{error.message}\n{error.hint}"
        if error.status is not Status.BLOCKED:
            return f"{error.status}: {shown}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if store.written or any("Describe" not in one and "Get" not in one and "CreateTags" not in one for one in asked):
        return f"wrote {store.written} {asked}"
    return said_badly(shown, 200_000)


@functools.cache
def plain(body: bytes) -> Any:
    """Return a record as plain values."""
    return json.loads(body)


def encoded(value: Any) -> bytes:
    """Return plain values as bytes, however wrong they are."""
    return json.dumps(value).encode()


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_kept_is_believed(path: Path) -> None:
    """The records that the changes begin with are good."""
    assert "" == trouble(path.read_bytes())
    assert from_bytes(path.read_bytes(), "web.json").service == "web"


def records() -> st.SearchStrategy[Any]:
    """Return what draws one of the records that are kept, or the one that is written today."""
    return st.sampled_from([plain(path.read_bytes()) for path in KEPT]) | st.builds(lambda: plain(written()))


@st.composite
def renames(draw: st.DrawFn) -> bytes:
    """Draw a record in which one name is another one throughout, or one of the two groups a third one."""
    record = draw(records())
    if draw(st.booleans()):
        return encoded(exchanged(record, draw(st.sampled_from([BLUE, GREEN])), FOREIGN))
    return encoded(draw(renamed(record, (FOREIGN, BLUE, GREEN))))


@st.composite
def changes(draw: st.DrawFn) -> bytes:
    """Draw a record of which one member is another one, or several are."""
    return encoded(draw(changed(draw(records()), (FOREIGN, BLUE, GREEN))))


def forgeries() -> st.SearchStrategy[bytes]:
    """Return what draws either, the changes twice as often."""
    return st.one_of(renames(), changes(), changes())


@given(forgeries())
@tried(200)
def test_a_changed_record_is_taken_or_refused(body: bytes) -> None:
    """One sentence and 4, or all is well: no bug of ours, nothing written, no character that a terminal obeys."""
    assert "" == trouble(body)


@pytest.mark.parametrize(
    "made",
    [
        lambda: b"[" * 100_000,
        lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        lambda: b'{"format": 4, "service": ' + b"[" * 900 + b"]" * 900 + b"}",
        lambda: b'{"format": 4, "epoch": ' + b"9" * 5000 + b"}",
        lambda: b'{"format": 4, "epoch": ' + b"9" * 4000 + b', "service": "web"}',
        lambda: b" " * (LARGEST + 1),
        lambda: b'{"format": 1e999}',
        lambda: b'{"format": {"a": "\\u001b"}}',
        lambda: b'{"format": 4, "service": "\\ud800"}',
    ],
    ids=[
        *("lists", "objects", "below the parser's depth", "5000 digits", "4000 digits", "large", "infinite"),
        *("a mapping for a format", "a surrogate"),
    ],
)
def test_what_would_cost_much_is_refused(made: Callable[[], bytes]) -> None:
    """Depth, length and size are bounded before anything is done with them."""
    with pytest.raises(Refused) as caught:
        from_bytes(made(), "web.json")
    assert (True, True) == (caught.value.message.isprintable(), len(caught.value.message) < 400)


def test_depth_is_counted_exactly() -> None:
    """A document may be as deep as the bound and no deeper."""
    from bluegreen.record.plain import too_deep

    def nested(depth: int) -> Any:
        return [nested(depth - 1)] if depth > 1 else []

    assert [False, True] == [too_deep(nested(DEEPEST)), too_deep(nested(DEEPEST + 1))]


ACTING: dict[str, Callable[[Service], Any]] = {
    "resume": lambda service: service.resume(),
    "rollback": lambda service: service.rollback(),
    "finish": lambda service: service.finish(),
    "cleanup": lambda service: service.cleanup(),
}


@given(st.sampled_from(sorted(ACTING)), forgeries())
@tried(50)
def test_verbs_that_act_on_a_changed_record_end_with_a_sentence(verb: str, body: bytes) -> None:
    """Whatever is believed, a run over it ends in a status; it never ends with a bug."""
    assert "" == acted(verb, body)


def acted(verb: str, body: bytes) -> str:
    """Return what is wrong with how ``verb`` acts on ``body`` in its first looks."""
    pair = virtual(instances=2)
    pair.store = Forged(body=body)
    looks = iter(range(60))
    service = pair.service(stop=lambda: None if next(looks, None) is not None else 15)
    try:
        ACTING[verb](service)
    except BluegreenError as error:
        return "" if error.status is not Status.BUG else error.message
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""

"""The library's five names: what a caller hands in is looked at before anything is done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen import BluegreenError, Ended, Service, ServiceSettings, Status
from bluegreen.clock import VirtualClock
from bluegreen.declared import declared
from bluegreen.flow.limits import Pace
from bluegreen.record.document import Document, Freeze
from bluegreen.record.memory import MemoryStore
from bluegreen.record.sound import NAME, fitting
from bluegreen.service import Session
from bluegreen.targets.pair.at_work.pair import Pair as OnPair
from bluegreen.words import is_plain
from tests.support.virtual import Pair, virtual

PAIR = {"name": "web", "blue": "web-blue", "green": "web-green"}
GOOD_SETTINGS: dict[str, Any] = {
    "region": "eu-west-1",
    "bake": 5,
    "deadline": 90.5,
    "pace": Pace(75, 125),
    "alarms": ("web-5xx",),
    "repository": "ghcr.io/ana/web",
    "require_image": True,
    "healthy_for": None,
}
BAD_SETTINGS: list[tuple[str, Any]] = [
    *(("name", value) for value in ("", "a b", "a\n", "../x", "x" * 101, None, 5, b"web", "\ud800")),
    *(("blue", value) for value in ("", "a:b", "x" * 256, "a\x1b[m", None, 5)),
    ("green", "web-blue"),
    *(("region", value) for value in ("", "EU", "eu-west-1\n", 5)),
    *(("image_tag_key", value) for value in ("", "aws:x", "k" * 129, None)),
    *(("bake", value) for value in (-1, float("nan"), float("inf"), 10**400, "10m", None, True, 1j)),
    *(("keep_parked", value) for value in (-1.0, float("-inf"), "1h", [])),
    *((key, value) for key in ("deadline", "progress_deadline") for value in (0, -5, float("nan"), "5m", True)),
    *(("look_every", value) for value in (0, None, "1s", float("inf"))),
    *(("stabilization", value) for value in (-1, None, "5m")),
    *(("healthy_for", value) for value in (-1, float("nan"), "5m", False)),
    *(("pace", value) for value in (None, (100, 200), "100/200", Pace(101, 200), Pace(0, 99), Pace(-1, 100))),
    *(("pace", value) for value in (Pace(100, 10**9), Pace(100.0, 200), Pace(True, 200))),  # type: ignore[arg-type]
    *(("alarms", value) for value in (["a"], ("",), ("a\n",), (5,), ("a",) * 21, None, "a,b")),
    *(("repository", value) for value in ("", "UPPER", "a b", "web:v1", 5)),
    *(("require_image", value) for value in (None, 1, "yes")),
    ("require_image", True),
]


class Mute:
    """Cannot be shown."""

    def __repr__(self) -> str:
        """Fail."""
        raise LookupError


BAD_SETTINGS.extend((key, Mute()) for key in ("name", *declared(ServiceSettings)))


def said(act: Callable[[], object]) -> str:
    """Return the sentence of the tool's own error that ``act`` raises: one line that a terminal can show."""
    with pytest.raises(BluegreenError) as caught:
        act()
    error = caught.value
    assert Status.USAGE == error.status
    assert error.message.isprintable()
    return error.message


def test_good_settings_stay_as_they_are() -> None:
    """What is right is kept as it was given."""
    settings = ServiceSettings(**PAIR, **GOOD_SETTINGS)
    assert GOOD_SETTINGS == {key: getattr(settings, key) for key in GOOD_SETTINGS}


@pytest.mark.parametrize(("key", "value"), BAD_SETTINGS)
def test_settings_that_no_configuration_may_say(key: str, value: object) -> None:
    """Each wrong value is named with its key, when settings are made and when they are changed."""
    assert key in said(lambda: ServiceSettings(**{**PAIR, key: value}))  # type: ignore[arg-type]
    assert key in said(lambda: attrs.evolve(ServiceSettings(**PAIR), **{key: value}))


IMAGES = [
    "v 2;rm -rf /",
    "",
    "v1\n",
    "-x",
    "a" * 129,
    "\x1b[31m",
    "sha256:00",
    "\ud800",
    None,
    5,
    b"v1",
    ["v1"],
    Mute(),
    10**5000,
]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return a pair that must be left as it was, without a record."""
    made = virtual(instances=2)
    before = made.picture()
    yield made
    assert (before, None) == (made.picture(), made.store.read("web")[0])


@pytest.mark.parametrize("image", IMAGES, ids=range(len(IMAGES)))
def test_only_an_image_is_deployed(pair: Pair, image: Any) -> None:
    """What is no image version never reaches a tag, though nobody typed it on a command line."""
    assert "is not an image version" in said(lambda: pair.service().deploy(image))


CALLS: dict[str, Callable[[Service], object]] = {
    "capacity 0": lambda service: service.deploy("v2", capacity=0),
    "capacity -1": lambda service: service.deploy("v2", capacity=-1),
    "capacity True": lambda service: service.deploy("v2", capacity=True),
    "capacity 2.5": lambda service: service.deploy("v2", capacity=2.5),  # type: ignore[arg-type]
    "capacity 10**9": lambda service: service.deploy("v2", capacity=10**9),
    "finish_first yes": lambda service: service.deploy("v2", finish_first="yes"),  # type: ignore[arg-type]
    "answered 3": lambda service: service.deploy("v2", answered=3),  # type: ignore[arg-type]
    "urgent 1": lambda service: service.rollback(urgent=1),  # type: ignore[arg-type]
    "keep 1": lambda service: service.finish(keep=1),  # type: ignore[arg-type]
    "answered yes": lambda service: service.finish(answered="yes"),  # type: ignore[arg-type]
    "why None": lambda service: service.lock(None),  # type: ignore[arg-type]
    "why long": lambda service: service.lock("x" * 1001),
    "why 5": lambda service: service.close(5),  # type: ignore[arg-type]
    "answered web": lambda service: service.close("gone", answered="web:1"),  # type: ignore[arg-type]
    "answered 5": lambda service: service.adopt(answered=5),  # type: ignore[arg-type]
    "answered i-0": lambda service: service.adopt(answered="i-0"),
    "answered list": lambda service: service.adopt(answered=[["i-0"]]),  # type: ignore[list-item]
    "answered dict": lambda service: service.adopt(answered=[{}]),  # type: ignore[list-item]
    "answered iterator": lambda service: service.adopt(answered=iter(("i-0",))),
    "names web": lambda service: service.set_aside("web"),
    "names 5": lambda service: service.set_aside([5]),  # type: ignore[list-item]
    "names 6": lambda service: service.set_aside(6),  # type: ignore[arg-type]
    "entry web:1": lambda service: service.events("web:1"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("call", CALLS)
def test_a_verb_looks_at_its_arguments(pair: Pair, call: str) -> None:
    """The sentence names the argument; nothing is read, nothing written."""
    assert call.split()[0] in said(lambda: CALLS[call](pair.service()))


PARTS: list[tuple[str, Any]] = [
    ("settings", None),
    ("settings", PAIR),
    ("store", None),
    ("store", "file:x"),
    ("aws", None),
    ("clock", 5),
    ("who", None),
    ("who", 5),
    ("listeners", (5,)),
    ("listeners", None),
    ("stop", None),
    ("identify", "x"),
    ("plan", ()),
    ("kind", None),
    ("kind", "pair"),
    ("session", None),
    ("images", "ghcr.io"),
    ("patience", -1),
    ("patience", float("nan")),
    ("patience", "5m"),
    ("without", "web"),
    ("without", (5,)),
]


@pytest.mark.parametrize(("part", "value"), PARTS)
def test_a_service_is_made_of_what_it_needs(pair: Pair, part: str, value: object) -> None:
    """A part that cannot do its work is named when the service is made, not in the middle of a release."""
    good = pair.service()
    made_of = {
        Session: {"settings": good.session.settings, "store": good.session.store, "clock": good.session.clock},
        Service: {"session": good.session, "kind": good.kind},
        OnPair: {"session": good.session, "aws": pair.aws},
    }
    room = next(room for room in made_of if part in {one.name for one in attrs.fields(room)})
    assert part in said(lambda: room(**{**made_of[room], part: value}))


NAMES = {"long": "x" * 201, "lines": "ana\n@host", "format": "ana\u200b@host", "half": "\ud800", "longer": "\n" * 1000}


@pytest.mark.parametrize("who", NAMES.values(), ids=NAMES)
def test_a_name_is_sealed_as_the_record_keeps_it(who: str) -> None:
    """Whoever deployed by whatever name: any later process takes it back, and the record fits its seal."""
    made = virtual(instances=1)
    session = attrs.evolve(made.service().session, who=who)
    assert Status.OK == Service(session, made.service().kind).deploy("v2").status
    assert Status.OK == made.service().rollback().status


@given(st.text(max_size=1000))
def test_a_name_stays_as_it_is_kept(who: str) -> None:
    """It is one line that nobody obeys, and a record that is written again keeps it."""
    session = Session(settings=ServiceSettings(**PAIR), store=MemoryStore(), clock=VirtualClock(), who=who)
    kept = fitting(Document(service="web", freeze=Freeze(session.who, "", 0.0))).freeze
    assert (session.who, True) == (kept.who if kept else None, is_plain(session.who) and len(session.who) <= NAME)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Ended(0, "x"),  # type: ignore[arg-type]
        lambda: Ended("OK", "x"),  # type: ignore[arg-type]
        lambda: Ended(Status.OK, None),  # type: ignore[arg-type]
        lambda: Ended(Status.OK, "x", 5),  # type: ignore[arg-type]
        lambda: Ended(Status.OK, "x", "", "web:1"),  # type: ignore[arg-type]
        lambda: Status(99),
        lambda: Status("OK"),
        lambda: Status(None),
        lambda: BluegreenError(5),  # type: ignore[arg-type]
        lambda: BluegreenError("x", None),  # type: ignore[arg-type]
    ],
)
def test_what_comes_back_cannot_be_made_wrongly(wrong: Callable[[], object]) -> None:
    """An end, a status and an error have their types."""
    said(wrong)

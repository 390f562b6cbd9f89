"""That the fuzzers find what they are for: with each guard taken out one of them does, with all in place none.

Each hunt ends with its first find. In the suite it tries a few hundred inputs; by hand 5,000 (``BLUEGREEN_FUZZ=5000``).
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import define, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError, Status
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.telling import tell
from bluegreen.report.screen import Screen
from bluegreen.report.streams import SafeStream
from bluegreen.service import Service
from bluegreen.targets.pair.at_work.home_ground import NOWHERE
from tests.fuzz import test_configuration, test_record
from tests.fuzz.inputs import TRIED
from tests.support.records import from_bytes
from tests.support.virtual import BLUE, GREEN, Pair, configured, virtual

MOST = 5000


@frozen
class Guard:
    """A function of ours that is taken out: ``instead`` stands where ``name`` of the module or class ``where`` did."""

    where: str
    name: str
    instead: Any


@frozen
class Hunt:
    """A fuzzer: what it draws, and what it says is wrong with that."""

    draws: st.SearchStrategy[Any]
    trouble: Callable[[Any], str]


@contextmanager
def without(guards: tuple[Guard, ...]) -> Iterator[None]:
    """Take guards out for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for guard in guards:
            patch.setattr(f"{guard.where}.{guard.name}", guard.instead)
        yield


@define
class Found(Exception):
    """What a hunt was for."""

    what: str
    after: int


def hunted(hunt: Hunt, most: int) -> Found | None:
    """Return the first thing that a fuzzer finds within ``most`` inputs."""
    tried = [0]

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(hunt.draws)
    def one(drawn: Any) -> None:
        tried[0] += 1
        if wrong := hunt.trouble(drawn):
            raise Found(wrong, tried[0])

    try:
        one()
    except Found as found:
        return found
    return None


# ---- the record ----


def believed(body: bytes) -> str:
    """Return what is wrong with a record that is believed: of another service, of other groups, of another place."""
    found = test_record.trouble(body)
    if found or not _accepted(body):
        return found
    document = from_bytes(body, "web.json")
    release = document.release
    if document.service != "web":
        return f"believed of the service {document.service}"
    if release is not None and {release.old, release.new} != {BLUE, GREEN}:
        return f"believed of {release.old} and {release.new}"
    place = (document.account, document.region)
    return "" if place in (HERE, NOWHERE) else f"believed in {place}"


HERE = ("123456789012", "us-east-1")


def _accepted(body: bytes) -> bool:
    pair = test_record.resting()
    pair.store = test_record.Forged(body=body)
    try:
        pair.service().status()
    except BluegreenError:
        return False
    return True


# ---- the command line and the configuration, while a release is open ----


@functools.cache
def under_way() -> Pair:
    """Return a pair with an open release, and a third group whose name is nearly one of its two."""
    pair = virtual(instances=1)
    group = {
        "AutoScalingGroupName": "web-bleu",
        "MinSize": 0,
        "MaxSize": 1,
        "AvailabilityZones": ["us-east-1a"],
        "LaunchTemplate": {"LaunchTemplateName": "web"},
    }
    pair.sim.call("autoscaling", "CreateAutoScalingGroup", group)
    pair.service().deploy("v2")
    return pair


def misnamed(names: tuple[str, str]) -> str:
    """Return what is wrong with how verbs that look take two names, one of which may be another group's."""

    pair = under_way()
    service = pair.service()
    service = configured(service, blue=names[0], green=names[1])
    return next(filter(None, (_looked(service, verb) for verb in ("status", "history", "check", "diff"))), "")


def _looked(service: Service, verb: str) -> str:
    try:
        getattr(service, verb)()
    except BluegreenError as error:
        return "" if error.status is Status.BLOCKED else f"{verb}: {error.status} {error.message}"
    except Exception as error:
        return f"{verb}: {type(error).__name__}: {error}"
    return ""


names = st.sampled_from(["web-blue", "web-green", "web-bleu", "web-gren", "x", ""])
pairs = st.tuples(names, names).filter(lambda pair: pair[0] != pair[1] and all(pair))


# ---- what is shown ----


def happened(kind: EventKind, reason: str) -> Event:
    """Return an event of a release."""
    return Event(at=0.0, kind=kind, reason=reason, service="web", release="web:1", goal="deploy")


def shown(reason: str) -> str:
    """Return what is wrong with how an event looks on a terminal."""
    stream = io.StringIO()
    screen = Screen(SafeStream(stream), VirtualClock(), "web")
    event = happened(EventKind.REFUSED, reason)
    try:
        screen(event)
        screen.close()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    written = stream.getvalue()
    return "" if "\x1b]8" not in written and "\x1b[31m" not in written else f"obeyed {reason!r}"


reasons = st.text(st.sampled_from("[]/abc =:\x1b31m\n"), max_size=12) | st.sampled_from(["plain", "[/]", "\x1b[31mred"])


def told(error: type[BaseException] | None) -> str:
    """Return what is wrong with how a listener that fails is told."""

    def listener(_: Event) -> None:
        if error is not None:
            raise error

    heard: list[Event] = []
    try:
        tell((listener, heard.append), happened(EventKind.WAITING, "because"))
    except BaseException as raised:
        return f"{type(raised).__name__} ended a run"
    return "" if heard else "the others heard nothing"


errors = st.sampled_from([None, None, ValueError, OSError, BrokenPipeError, SystemExit, RecursionError, MemoryError])

RECORDS, FILES = Hunt(test_record.forgeries(), believed), Hunt(test_configuration.files(), test_configuration.trouble)
RENAMED = Hunt(test_record.renames(), believed)
"""A third of what is drawn for records."""
NAMES, SCREENS, LISTENERS = Hunt(pairs, misnamed), Hunt(reasons, shown), Hunt(errors, told)


def nothing(*_: Any, **__: Any) -> tuple[()]:
    """Object to nothing."""
    return ()


def unknown(*_: Any) -> None:
    """Know nothing."""


def as_it_is(value: Any, *_: Any) -> Any:
    """Take a value for what it says it is."""
    return value


def raised(listener: Any, event: Event) -> None:
    """Tell a listener, and let what it raises through."""
    listener(event)


def marked_up(text: str, style: str = "") -> Any:
    """Let Rich read a text as markup."""
    from rich.text import Text

    return Text.from_markup(text, style=style)


GROUPS = Guard("bluegreen.targets.pair.at_work.pair", "refuse_foreign", nothing)
GROUND = "bluegreen.targets.pair.at_work.home_ground"
MENDS: dict[str, tuple[Hunt, tuple[Guard, ...]]] = {
    "1 the record's groups": (RENAMED, (Guard(GROUND, "_groups", unknown),)),
    "1 the record's service": (RENAMED, (Guard("bluegreen.service.service", "refuse_other_service", nothing),)),
    "1 the record's account and region": (RENAMED, (Guard(f"{GROUND}.HomeGround", "_compare", nothing),)),
    "2 the record's numbers and texts": (RECORDS, (Guard("bluegreen.record.codec", "document_faults", nothing),)),
    "2 the configuration's values": (FILES, (Guard("bluegreen.declared.Setting", "read", lambda _, value: value),)),
    "3 names that the record does not know": (NAMES, (GROUPS,)),
    "9 no markup": (SCREENS, (Guard("bluegreen.report.screen", "words", marked_up),)),
    "9 a listener ends no run": (LISTENERS, (Guard("bluegreen.flow.telling", "_failure", raised),)),
}


@pytest.fixture(autouse=True, scope="module")
def made() -> None:
    """Make what all share before hypothesis draws."""
    under_way(), test_record.resting(), test_record.written()


@pytest.mark.parametrize("mend", MENDS)
def test_without_the_mend_the_fuzzer_finds_the_fault(mend: str) -> None:
    """Within 5,000 inputs, always the same ones."""
    hunt, guards = MENDS[mend]
    with without(guards):
        found = hunted(hunt, MOST)
    assert (True, True) == (found is not None, found is None or 0 < found.after <= MOST)


@pytest.mark.parametrize("hunt", [NAMES, SCREENS, LISTENERS, RECORDS], ids=["names", "screens", "listeners", "records"])
def test_with_all_mends_it_finds_nothing(hunt: Hunt) -> None:
    """Whatever is found above is the guard's doing."""
    assert None is hunted(hunt, max(60, TRIED // 6))

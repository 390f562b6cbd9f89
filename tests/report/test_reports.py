"""Lines, JSON and the screen: what is said, how often, and never anything that a terminal obeys."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.snapshot import Figures, Member, Role, Side, Snapshot, Stage, State, Symbol
from bluegreen.report.json import JsonLines
from bluegreen.report.lines import Lines
from bluegreen.report.repeats import Repeats
from bluegreen.report.screen import Screen
from bluegreen.report.streams import SafeStream
from bluegreen.report.symbols import MARKS, counted, marks
from bluegreen.report.text import clean, clean_lines, duration
from bluegreen.report.words import sentence

START = 1_700_000_000.0
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def event(kind: EventKind = EventKind.WAITING, reason: str = "1 of 2", at: float = 0.0, **more: Any) -> Event:
    """Return an event ``at`` seconds after the start."""
    return Event(at=START + at, kind=kind, reason=reason, service="web", **more)


def instances(*states: str) -> tuple[Member, ...]:
    """Return instances in ``states``; what is in service is healthy."""
    symbols = {"InService": Symbol.SERVING, "Standby": Symbol.PARKED, "Pending": Symbol.STARTING}
    health = {"InService": "healthy"}
    return tuple(
        Member(id=f"i-{n}", state=state, health=health.get(state, "unused"), symbol=symbols[state])
        for n, state in enumerate(states)
    )


def fleet(old: tuple[Member, ...] = (), new: tuple[Member, ...] = ()) -> Snapshot:
    """Return what the engine tells of a look."""
    sizes = {"min": 0, "max": 9, "desired": 2}
    blue = Side(name="web-blue", **sizes, image="v1", scales=True, live=True, role=Role.OLD, members=old)
    green = Side(name="web-green", **sizes, image="v2", scales=False, role=Role.NEW, members=new)
    figures = Figures(demand=2, needed=2, healthy=2)
    return Snapshot(service="web", at=START, state=State.DEPLOYING, sides=(blue, green), figures=figures)


class Terminal(io.StringIO):
    """A terminal of 100 columns that keeps what is written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Say that a person reads along."""
        return True


def test_repeated_reasons_are_told_now_and_then() -> None:
    """What only repeats itself, but for a time that passes or the number of looks, is told every half minute."""
    said = [
        event(reason="bake: 0 s of 30 s", gist="bake", at=0),
        event(reason="bake: 1 s of 30 s", gist="bake", at=1),
        event(reason="1 of 2", at=2),
        event(reason="1 of 2", agreed=(2, 3), at=3),
        event(reason="2 of 2", at=4),
        event(reason="bake: 29 s of 30 s", gist="bake", at=29.9),
        event(reason="bake: 30 s of 30 s", gist="bake", at=30),
    ]
    repeats = Repeats()
    assert [True, False, True, False, True, False, True] == [repeats.passes(each) for each in said]


def test_a_milestone_makes_everything_new() -> None:
    """After a milestone, or a turn, the same reason is news again."""
    repeats = Repeats()
    kinds = [EventKind.WAITING, EventKind.REACHED, EventKind.WAITING, EventKind.TURNED, EventKind.WAITING]
    assert [True] * 5 == [repeats.passes(event(kind)) for kind in kinds]


def test_looks_that_agree_are_no_news() -> None:
    """That something was seen for the first time is worth a line only when it stays so."""
    said = [event(reason="all is well", agreed=(number, 3), at=at) for number, at in ((1, 0), (2, 1), (1, 2), (1, 3))]
    repeats = Repeats()
    assert [False, False, True, False] == [repeats.passes(each) for each in said]


def test_a_turn_is_told_once() -> None:
    """That a turn was recorded, for the same reason, is not said again."""
    repeats = Repeats()
    said = [event(EventKind.TURNED, "late"), event(EventKind.RECORDED, "late"), event(EventKind.RECORDED, "a wish")]
    assert [True, False, True] == [repeats.passes(each) for each in said]


def test_lines() -> None:
    """A line has the time, the service, its kind, the stage and the sentence; how it ended is said by the command."""
    stream = io.StringIO()
    lines = Lines(SafeStream(stream))
    for each in (
        event(),
        event(at=1),
        event(EventKind.ACTING, "move i-1 (1 old)", action="move i-1", stage=Stage(name="move", index=6, of=8)),
        event(EventKind.DONE),
        event(EventKind.STOPPED, "by Ctrl-C: `bluegreen resume web`"),
    ):
        lines(each)
    said = ["wait     1 of 2", "do       6/8 move i-1 (1 old)", "stopped  by Ctrl-C: `bluegreen resume web`"]
    assert [f"2023-11-14T22:13:20Z web {one}" for one in said] == stream.getvalue().splitlines()


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_a_sentence(kind: EventKind) -> None:
    """Every kind of event can be said, with its reason in it."""
    assert "1 of 2" in sentence(event(kind, action="move i-1"))


def test_json_lines() -> None:
    """Each event is one object with the schema, its own time and everything else."""
    group = {"min": 0, "max": 9, "desired": 2}
    member = {"id": "i-0", "state": "InService", "health": "healthy", "serves": True, "leaves": False}
    member["symbol"] = "serving"
    stream = io.StringIO()
    JsonLines(SafeStream(stream), SafeStream(io.StringIO()))(
        event(fleet=fleet(instances("InService")), release="r", goal="deploy")
    )
    assert {
        "schema": "bluegreen.event/1",
        "at": START,
        "kind": "waiting",
        "service": "web",
        "release": "r",
        "goal": "deploy",
        "reason": "1 of 2",
        "action": "",
        "milestone": "",
        "agreed": None,
        "stage": None,
        "cause": None,
        "fleet": {
            "old": {**group, "name": "web-blue", "tag": "v1", "armed": True, "instances": [member]},
            "new": {**group, "name": "web-green", "tag": "v2", "armed": False, "instances": []},
            "demand": 2,
            "floor": 2,
            "serving": 2,
            "live": "web-blue",
        },
    } == json.loads(stream.getvalue())


@given(st.text())
def test_nothing_is_obeyed(text: str) -> None:
    """Whatever AWS, a tag or an instance's name says, no terminal is told anything by it."""
    stream = io.StringIO()
    Lines(SafeStream(stream))(event(reason=text))
    assert [] == _CONTROL.findall(stream.getvalue()[:-1])


def test_written_out() -> None:
    """What is not printed raw is written out; breaks between lines stay where they are meant."""
    assert ("a\\x1b[31m\\x0a\\u202eb é●", "a\nb\\x07") == (clean("a\x1b[31m\n\u202eb é●"), clean_lines("a\nb\x07"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (45.4, "45 s"), (60, "1 min"), (125, "2 min 5 s"), (3600, "1 h"), (11_400, "3 h 10 min")],
)
def test_durations(seconds: float, text: str) -> None:
    """Durations are said as people say them."""
    assert text == duration(seconds)


def test_marks_differ() -> None:
    """Every condition has a mark of its own, without colours and without Unicode too."""
    assert set(Symbol) == set(MARKS)
    found = [len({getattr(each, name) for each in MARKS.values()}) for name in ("word", "sign", "plain")]
    assert [len(Symbol)] * 3 == found


def test_counted() -> None:
    """Counts follow the same words; a group without instances is empty."""
    assert ("1 serving, 2 parked", "empty") == (
        counted(marks(instances("Standby", "InService", "Standby"))),
        counted([]),
    )


def screen(stream: io.StringIO, clock: VirtualClock) -> Screen:
    """Return a screen with two coloured groups."""
    return Screen(SafeStream(stream), clock, "web: deploying v2", {"web-blue": "blue", "web-green": "green"})


def shown(stream: io.StringIO) -> str:
    """Return what was written, without the terminal's commands."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", stream.getvalue())


def test_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture has both groups, each instance's mark, which group is live, and what is waited for."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm-256color")
    stream, clock = Terminal(), VirtualClock()
    live = screen(stream, clock)
    live(event(EventKind.ACTING, "move i-1 (1 old)", action="move i-1"))
    clock.sleep(65)
    live(event(fleet=fleet(instances("InService", "InService", "Standby"), instances("Pending")), goal="deploy"))
    live.close()
    text = [line.rstrip() for line in shown(stream).splitlines()]
    for line in (
        "do       move i-1 (1 old)",
        "▶ web-blue   v1     0 of 2   0-9      resumed    ●●◇  2 serving, 1 parked",
        "  web-green  v2     0 of 2   0-9      suspended  ◌  1 starting",
        "  2 healthy, 2 needed",
    ):
        assert line in text, text
    assert ("◌ 1 of 2", False) == (text[-1], "\x1b[2J" in stream.getvalue())


def test_screen_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR no colour is sent."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    live = screen(stream, VirtualClock())
    live(event(EventKind.TURNED, fleet=fleet(instances("InService"), instances("Pending"))))
    live.close()
    assert [] == re.findall(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d)m", stream.getvalue())


def test_screen_outlives_its_terminal() -> None:
    """A terminal that is gone in the middle changes nothing."""

    class Gone(Terminal):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    stream = SafeStream(Gone())
    live = Screen(stream, VirtualClock(), "web: deploying v2")
    for _ in range(3):
        live(event(fleet=fleet(instances("InService"))))
    live.close()
    assert stream.silence()


def test_a_stream_that_is_gone_is_left_alone() -> None:
    """After the first failure nothing more is written, and nothing is raised."""
    stream = io.StringIO()
    safe = SafeStream(stream)
    safe.line("a")
    stream.close()
    safe.line("b")
    assert (False, True) == (safe.isatty(), safe.silence())


def test_characters_that_an_encoding_lacks() -> None:
    """What the reader's encoding lacks is written out, the signs of our own sentences as plain ones."""
    raw = io.BytesIO()
    stream = SafeStream(io.TextIOWrapper(raw, encoding="ascii"))
    stream.line("é 0 → 2 ≈ 5 s")
    assert b"\\xe9 0 -> 2 ~ 5 s\n" == raw.getvalue()


def test_a_screen_that_is_left_in_the_middle_shows_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second signal while the last picture is drawn: the terminal is given back all the same."""
    monkeypatch.setenv("TERM", "xterm-256color")

    class Left(BaseException):
        pass

    class Impatient(Terminal):
        strikes = False

        def write(self, text: str) -> int:
            if self.strikes:
                self.strikes = False
                raise Left
            return super().write(text)

    stream = Impatient()
    live = screen(stream, VirtualClock())
    live(event())
    stream.strikes = True
    with pytest.raises(Left):
        live.close()
    assert "\x1b[?25h" in stream.getvalue()

"""The screens of ``status``, line by line: of each state at 80 columns, at 40, in plain signs, in colours.

What stands in ``screens/`` was read over; ``python -m tests.report.test_status_screens`` writes it anew.
"""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from typing import Any

import attrs
import pytest

from bluegreen.flow.snapshot import (
    AtWork,
    Cleanup,
    Figures,
    Interruption,
    Lock,
    Role,
    Snapshot,
    State,
    Symbol,
    Way,
    WayBack,
)
from bluegreen.report.glance import glance_text
from bluegreen.report.ink import Ink, ink_of, is_coloured
from bluegreen.report.status import HEADS, status_text
from bluegreen.report.streams import SafeStream
from tests.report.test_reports import Terminal
from tests.support.snapshots import NEW, NOW, OLD, members, opened, side, snapshot

SCREENS = Path(__file__).with_name("screens")
COLD = WayBack(kind="cold", sentence="cold: deploys v1", to="v1")
STILL = WayBack(kind="serves", sentence="at once: 3 instances of v1 still serve", to="v1", first_s=0.0)
ONGOING = AtWork(who="ana@laptop", pid=4711, why="deploy v2", taken_at=NOW - 102, renewed_at=NOW - 2, in_force=True)
GONE = attrs.evolve(ONGOING, renewed_at=NOW - 120, in_force=False, gone=True)
BOTH = (
    side(OLD, "v1", "sss", scales=False, live=True, role=Role.OLD),
    side(NEW, "v2", "sss", min=3, live=True, role=Role.NEW),
)
COMING = (
    side(OLD, "v1", "ssssss", min=6, live=True, role=Role.OLD),
    side(NEW, "v2", "sssjjb", 6, min=6, scales=False, role=Role.NEW),
)
MOVED = (side(NEW, "v2", "ssssss", min=2, live=True), side(OLD, "v1", "", scales=False))
RESUME = (Way("bluegreen resume web", "carries on"), Way("bluegreen rollback web", "takes it back"))


def one_dead() -> Snapshot:
    """Return a service of whose parked instances one does not run any more."""
    dead = attrs.evolve(members("pppppp")[0], id="i-0af3c0ffee81c9", symbol=Symbol.UNHEALTHY)
    old = side(OLD, "v1", scales=False, role=Role.OLD)
    way = WayBack(
        kind="partly",
        sentence="≈ 12 s to 5 instances of v1, ≈ 2 min 40 s to all 6",
        to="v1",
        ready=5,
        of=6,
        first_s=12.0,
        all_s=160.0,
        details=(
            "5 parked instances run and pass EC2's status checks (12:02:00)",
            "✗ i-0af3…81c9 is stopped since 11:50 UTC (12 min ago): one must be launched",
        ),
    )
    sides = (snapshot().sides[0], attrs.evolve(old, members=(*members("pppppp")[1:], dead)))
    return snapshot(sides=sides, rollback=way)


def open_one(state: State, sentence: str, sides: Any = BOTH, **more: Any) -> Snapshot:
    """Return a service with a release that is not over."""
    plain: dict[str, Any] = {
        "state": state,
        "sentence": sentence,
        "sides": sides,
        "release": opened(phase="moving"),
        "rollback": STILL,
        "cleanup": None,
        "next": (),
    }
    return snapshot(**{**plain, **more})


def cut() -> Snapshot:
    """Return a service of which both groups serve, and nobody works on it."""
    return open_one(
        State.INTERRUPTED,
        "the deploy of v2 was cut off 2 min ago in stage 5 of 7 (move)",
        beside="both groups serve: some requests are answered by v1, some by v2",
        missing="web-blue: 3 instances to Standby: i-1, i-2, i-3",
        release=opened(phase="moving", interrupted=Interruption(kind="cut-off", since=NOW - 120)),
        lease=GONE,
        cleanup=Cleanup(does="carries it on", last_run_at=NOW - 240),
        next=RESUME,
    )


def held(gate: str = "", why: str = "the night is over") -> dict[str, Any]:
    """Return what is said of a release that a person has stopped, or that waits at a gate."""
    kind, by = ("gate", "") if gate else ("stopped", "ana@laptop")
    found = Interruption(kind=kind, since=NOW - 240, by=by, why=why, gate=gate)
    return {
        "release": opened(phase="moving", interrupted=found),
        "cleanup": Cleanup(does="leaves it alone", acts=False),
    }


def alone(state: State, sentence: str, *sides: Any, **more: Any) -> Snapshot:
    """Return a service with no release open."""
    plain = {"release": None, "rollback": COLD, "cleanup": None, "next": ()}
    return snapshot(**{"state": state, "sentence": sentence, "sides": sides or MOVED, **plain, **more})


STATES: dict[str, Snapshot] = {
    "idle": alone(State.IDLE, "v2 is live on web-green, 6 of 6 healthy"),
    "parked": snapshot(),
    "parked-one-dead": one_dead(),
    "deploying": open_one(
        State.DEPLOYING,
        "deploy v1 → v2 in stage 4 of 7 (healthy), 1 min 42 s",
        COMING,
        lease=ONGOING,
        figures=Figures(demand=6, needed=6, healthy=9),
        missing="web-green: 3 of 6 healthy",
    ),
    "gate": open_one(
        State.GATE, 'the deploy of v2 waits at gate "switch" since 11:58 UTC', COMING, next=RESUME, **held("switch")
    ),
    "cut-off": cut(),
    "stopped": open_one(
        State.INTERRUPTED,
        "the deploy of v2 was stopped by ana@laptop 4 min ago in stage 3 of 7 (launch)",
        next=RESUME,
        **held(),
    ),
    "down": alone(
        State.DOWN,
        "0 of 3 instances of web-blue are healthy",
        side(OLD, "v1", "uuu", 3, live=True),
        side(NEW, "v2"),
        next=(Way("bluegreen rollback web", "back to v0"),),
    ),
    "unclear-tag": alone(
        State.UNCLEAR,
        "web-green runs v2 but its tag says v1: the next instance would run v1",
        next=(Way("bluegreen check web"),),
    ),
    "unclear-both": alone(
        State.UNCLEAR, "web-blue and web-green both serve and no release explains it", *BOTH, rollback=COLD
    ),
    "empty": alone(
        State.EMPTY, "both groups are empty: never deployed", side(OLD, None), side(NEW, None), rollback=None
    ),
    "cron-dead": snapshot(
        cleanup=Cleanup(does="terminates the parked instances", due_at=NOW - 600, last_run_at=NOW - 11_000, late=True)
    ),
    "locked": alone(
        State.IDLE,
        "v2 is live on web-green, 40 of 40 healthy",
        side(NEW, "v2", "s" * 40, min=2, max=80, live=True),
        side(OLD, "v1"),
        lock=Lock(who="bob@ops", why="the database moves", since=NOW - 86_400),
        troubles=("the target group web-1, to which web-blue is attached, does not exist",),
    ),
}
COLOURS = {OLD: "blue", NEW: "green"}
FORMS = {
    "80": (80, Ink()),
    "40": (40, Ink()),
    "plain": (80, Ink(plain=True)),
    "colours": (80, Ink(colours=True, names=COLOURS)),
}


def screen(shown: Snapshot) -> str:
    """Return a state in all its forms; what a terminal is told begins with ``^``."""
    told = ((name, status_text(shown, width, ink=ink)) for name, (width, ink) in FORMS.items())
    return "\n".join(f"---- {name}\n{text}".replace("\x1b", "^") for name, text in told) + "\n"


@pytest.mark.parametrize("name", STATES)
def test_each_state_is_shown_as_it_was_read_over(name: str) -> None:
    """How it is, both groups, what is open, how fast a rollback would be, and what to type."""
    assert (SCREENS / f"{name}.txt").read_text(encoding="utf-8") == screen(STATES[name])


def test_no_other_screen_is_kept() -> None:
    """Each is of a state above."""
    assert {f"{name}.txt" for name in STATES} == {path.name for path in SCREENS.iterdir()}


GLANCE = """\
  SERVICE  LIVE       IMAGE   HEALTHY  RELEASE               ROLLBACK
? shop     -          -       -        -                     -
! mail     both       v1, v2  3 + 3    deploy of v2 cut off  at once
✓ web      web-green  v2      6 of 6   v1 parked             ≈ 12 s
1 not known, 1 cut off or stopped, 1 fine
next: bluegreen status shop"""
PLAIN = """\
   SERVICE  LIVE       IMAGE   HEALTHY  RELEASE               ROLLBACK
?? shop     -          -       -        -                     -
!! mail     both       v1, v2  3 + 3    deploy of v2 cut off  at once
OK web      web-green  v2      6 of 6   v1 parked             ~ 12 s
1 not known, 1 cut off or stopped, 1 fine
next: bluegreen status shop"""


@pytest.mark.parametrize(("ink", "expected"), [(Ink(), GLANCE), (Ink(plain=True), PLAIN)])
def test_several_at_a_glance(ink: Ink, expected: str) -> None:
    """The worst first; of what could not be seen it says so."""
    assert expected == glance_text([snapshot(), attrs.evolve(cut(), service="mail")], ["shop"], 80, ink=ink)


@pytest.mark.parametrize("width", range(34, 101, 3))
def test_no_line_reaches_the_last_column(width: int) -> None:
    """Columns fall away, words are never cut; what may be typed alone is not broken."""
    lines = [line for shown in STATES.values() for line in status_text(shown, width).splitlines()]
    typed = ("bluegreen ", "`")
    assert [] == [line for line in lines if len(line) >= width and not any(word in line for word in typed)]


def test_signs_that_some_terminals_show_in_two_columns_move_no_column() -> None:
    """East-Asian ambiguous ones stand first in a line, or behind the last column that others are aligned to."""
    for shown in STATES.values():
        head, *rows = status_text(shown, 100).splitlines()[1 + bool(shown.beside) :][: 1 + len(shown.sides)]
        last = head.find(HEADS[-1])
        wide = [[at for at, one in enumerate(row) if unicodedata.east_asian_width(one) == "A"] for row in rows]
        assert [] == [at for row in wide for at in row if 0 < at < last]


def test_plain_signs_are_ascii() -> None:
    """Each has a form of its own."""
    told = "".join(status_text(shown, 80, ink=Ink(plain=True)) for shown in STATES.values())
    assert told.isascii()


def stream(encoding: str) -> SafeStream:
    """Return a stream of an encoding."""
    return SafeStream(io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def test_what_lacks_the_signs_gets_plain_ones() -> None:
    """By its encoding, or because that is wanted."""
    wanted = stream("utf-8")
    wanted.wants_plain = True
    assert [False, True, True] == [ink_of(one).plain for one in (stream("utf-8"), stream("ascii"), wanted)]


@pytest.mark.parametrize(
    ("reader", "environment", "coloured"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {}, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (io.StringIO(), {"TERM": "xterm"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "0"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_who_gets_colours(
    reader: Any, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that has some; what is asked for goes before that."""
    for name in ("TERM", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert coloured == is_coloured(SafeStream(reader))


if __name__ == "__main__":
    SCREENS.mkdir(exist_ok=True)
    for name, shown in STATES.items():
        (SCREENS / f"{name}.txt").write_text(screen(shown), encoding="utf-8")

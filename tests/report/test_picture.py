"""The picture of a run: each screen as people see it, in any terminal."""

from __future__ import annotations

import itertools
import re

import attrs
import pytest

from bluegreen.flow.causes import Ailment, Cause, Link
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.plans import stages
from bluegreen.flow.release import DEPLOY, ROLLBACK
from bluegreen.flow.snapshot import (
    Figures,
    Member,
    OpenRelease,
    Role,
    Side,
    Snapshot,
    State,
    Symbol,
)
from bluegreen.flow.stages import stage_of
from bluegreen.flow.usual import Span, Timing, Usual
from bluegreen.report.ink import WITHOUT, Ink
from bluegreen.report.picture import frame
from bluegreen.report.streams import SafeStream
from bluegreen.report.view import View
from bluegreen.report.watching import Follower
from bluegreen.targets.pair.plans.plan import PLANS
from tests.report.test_reports import Terminal
from tests.support.virtual import Pair, virtual

NOW = 1_795_953_720.0
MISMATCH = Ailment(
    cause=Cause(link=Link.BALANCER, sentence="the application answers health checks with 503"),
    instance="i-0b7130fd5c2c12e64",
    code="Target.ResponseCodeMismatch",
)


def members(count: int, symbol: Symbol, *reasons: Ailment, first: int = 0) -> tuple[Member, ...]:
    """Return members with ids as long as AWS's."""
    return tuple(
        Member(id=f"i-{number:017x}", state="InService", symbol=symbol, reasons=reasons)
        for number in range(first, first + count)
    )


def seen(stage: str = "healthy", goal: str = DEPLOY, reason: str = "", ill: int = 2) -> Snapshot:
    """Return a look in the middle of a run."""
    new = (*members(4, Symbol.SERVING, first=20), *members(ill, Symbol.UNHEALTHY, MISMATCH, first=40))
    release = OpenRelease(
        id="web:1",
        goal=goal,
        before="v1",
        to="v2",
        by="ana@laptop",
        begun_at=NOW - 102,
        phase="coming",
        reason=reason,
        stage=stage_of(stages(PLANS[goal]), stage),
    )
    sizes = {"min": 6, "max": 12, "desired": 6}
    blue = {"image": "v1", "scales": True, "healthy": 6, "live": True, "role": Role.OLD}
    green = {"image": "v2", "scales": False, "healthy": 4, "role": Role.NEW}
    return Snapshot(
        service="web",
        at=NOW,
        state=State.DEPLOYING if goal == DEPLOY else State.ROLLING_BACK,
        sides=(
            Side(name="web-blue", **sizes, **blue, members=members(6, Symbol.SERVING)),
            Side(name="web-green", **sizes, **green, members=new),
        ),
        figures=Figures(demand=6, needed=6, healthy=10),
        release=release,
        missing="web-green: 4 of 6 healthy: 2 × Target.ResponseCodeMismatch [503]",
    )


DEPLOYING = """\
web  deploy v1 → v2  by ana@laptop                                   1 min 42 s
✓ check ✓ prepare ✓ launch ◌ HEALTHY · prove · move · bake · handover    4 of 8
  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING    INSTANCES
▶ web-blue   v1     6 of 6   6-12     resumed    ●●●●●●
  web-green  v2     4 of 6   6-12     suspended  ●●●●✗✗  4 serving, 2 unhealthy
  10 healthy, 6 needed
◌ web-green: 4 of 6 healthy: 2 × Target.ResponseCodeMismatch [503]
  i-0000…0028  InService: the application answers health checks with 503
  i-0000…0029  InService: the application answers health checks with 503"""
BACK = """\
web  deploy v1 → v2  ROLLING BACK to v1                              1 min 42 s
✗ no progress for 5 min, 4 of 6 healthy: 2 × Target.ResponseCodeMismatch [503]
✓ return  ✓ healthy  ✓ take over  ◌ EMPTY  · restore                     4 of 5"""
NARROW = """\
web  deploy v1 → v2          1 min 42 s
◌ HEALTHY  4 of 8
▶ web-blue   v1  6 of 6  ●●●●●●
  web-green  v2  4 of 6  ●●●●✗✗
  10 healthy, 6 needed"""


def test_a_deployment() -> None:
    """In 80 columns: who, for how long, which stage, both sides, what is waited for, and what ails."""
    assert DEPLOYING.splitlines() == frame(seen(), NOW - 102)


def test_on_the_way_back() -> None:
    """The head says so, and why; its stages are the rollback's."""
    reason = "no progress for 5 min, 4 of 6 healthy: 2 × Target.ResponseCodeMismatch [503]"
    assert BACK.splitlines() == frame(seen("empty", ROLLBACK, reason), NOW - 102)[:3]


def test_in_a_narrow_terminal() -> None:
    """The stage alone, and the columns that matter most."""
    assert NARROW.splitlines() == frame(seen(), NOW - 102, 40)[:5]


def test_without_unicode() -> None:
    """Each sign has one that every encoding has; colours take no room."""
    plain = frame(seen(), NOW - 102, 100, ink=Ink(plain=True))
    assert [] == [line for line in plain if not line.isascii()]
    coloured = frame(seen(), NOW - 102, ink=Ink(colours=True, names={"web-blue": "blue"}))
    assert (len(frame(seen(), NOW - 102)), True) == (len(coloured), "\x1b[34mweb-blue\x1b[0m" in "".join(coloured))


@pytest.mark.parametrize("width", range(24, 121, 3))
@pytest.mark.parametrize("stage", ["check", "healthy", "handover"])
def test_no_line_reaches_the_last_column(width: int, stage: str) -> None:
    """A terminal would wrap it, and the next picture would stand one line too low."""
    for ink in (WITHOUT, Ink(plain=True)):
        assert [] == [line for line in frame(seen(stage), NOW - 102, width, ink=ink) if len(line) >= max(width, 32)]


@pytest.mark.parametrize("height", [5, 10, 12, 24, 50])
def test_a_picture_fits_with_two_lines_to_spare(height: int) -> None:
    """Of a thousand that ail, as many are told as there is room for, and how many more there are."""
    lines = frame(seen(ill=1000), NOW - 102, 80, height)
    assert height - 2 >= len(lines)
    if height > 12:
        told = sum("InService" in line for line in lines)
        assert f"  … and {1000 - told} more instances" == lines[-1]


def test_at_the_end_all_stages_are_behind() -> None:
    """Nothing is waited for any more."""
    lines = frame(seen("handover"), NOW - 102, 80, over=True)
    assert ([], True) == ([line for line in lines if line.startswith("◌")], "✓ handover" in lines[1])
    assert "✓ handover  8 of 8" == frame(seen("handover"), NOW - 102, 40, over=True)[1]


def usually(worst: float, since: float = NOW - 58) -> Timing:
    """Return the times of a run that is healthy after 1 min 30 s usually, at the worst after ``worst`` seconds."""
    known = Usual(whole=Span(220.0, 300.0), stages={"healthy": Span(90.0, worst)}, basis="history")
    return Timing(since={"launch": since - 2, "healthy": since}, usual=known)


def test_what_is_usual_stands_beside_the_time_that_has_passed() -> None:
    """Of the run in its head, of the stage behind what is waited for, where nothing is late."""
    look = attrs.evolve(seen(), missing="web-green: 4 of 6 healthy")
    lines = frame(look, NOW - 102, timing=usually(120.0))
    assert f"web  deploy v1 → v2  by ana@laptop{'1 min 42 s of ≈ 3 min 40 s':>45}" == lines[0]
    assert "◌ web-green: 4 of 6 healthy, 58 s of ≈ 1 min 30 s" == lines[6]
    assert lines[1:6] == frame(look, NOW - 102)[1:6]


@pytest.mark.parametrize("colours", [False, True])
def test_what_has_never_taken_so_long_is_late(colours: bool) -> None:
    """At the end of its line, or on one of its own where there is no room; a line that no history knows is not."""
    look, ink = attrs.evolve(seen(), missing="web-green: 4 of 6 healthy"), Ink(colours=colours)
    late = frame(look, NOW - 300, ink=ink, timing=usually(120.0, NOW - 252))[6]
    assert f"web-green: 4 of 6 healthy, 4 min 12 s of ≈ 1 min 30 s{'LATE':>24}" == late[-77:]
    narrow = frame(look, NOW - 300, 58, ink=ink, timing=usually(120.0, NOW - 252))
    assert [f"{'LATE':>57}"] == [line for line in narrow if "LATE" in line]
    bake = attrs.evolve(look, missing="bake: 2 min of 10 min, no alarm")
    assert frame(bake, NOW)[1:] == frame(bake, NOW, timing=usually(1.0, NOW - 99))[1:]
    assert [] == [line for line in frame(look, NOW - 300) if "LATE" in line or "≈" in line]


def test_the_last_picture_says_how_long_it_took() -> None:
    """And each stage that took any time; where no history is known, the run alone."""
    timing = usually(120.0, NOW - 90)
    lines = frame(seen("handover"), NOW - 102, over=True, timing=timing)
    assert ["✓ web  deploy v1 → v2 took 1 min 42 s (usually 3 min 40 s)", "  launch 2 s   healthy 1 min 30 s"] == lines[
        :2
    ]
    assert "✓ web  deploy v1 → v2 took 1 min 42 s" == frame(seen("handover"), NOW - 102, over=True)[0]


@pytest.mark.parametrize("width", range(24, 121, 3))
def test_no_line_with_times_reaches_the_last_column(width: int) -> None:
    """Neither while it runs, on time and late, nor at the end."""
    for over in (False, True):
        for since in (NOW - 10, NOW - 4000):
            lines = frame(seen(), since, width, over=over, timing=usually(120.0, since))
            assert [] == [line for line in lines if len(line) >= max(width, 32)]


def test_each_stage_of_a_run_has_its_picture() -> None:
    """From the events of a run."""
    pair = virtual(instances=3)
    pair.service(bake=5.0).deploy("v2")
    looks = [attrs.evolve(one.fleet, missing=one.reason) for one in pair.events if one.fleet and one.fleet.release]
    lines = [frame(look, look.at)[1] for look in looks]
    shown = [
        word for word, _ in itertools.groupby(next(word for word in line.split() if word.isupper()) for line in lines)
    ]
    assert ["PREPARE", "LAUNCH", "HEALTHY", "PROVE", "MOVE", "BAKE", "HANDOVER"] == shown


def test_who_watches_sees_it_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest lines take the place of those before, no more of them than there are; nothing else is erased."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "10")
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    view = View(SafeStream(stream))
    for since in (NOW - 102, NOW - 101):
        view.show(lambda width, height, since=since: frame(seen(ill=1000), since, width, height))
    view.close()
    written = stream.getvalue()
    assert (False, False, True) == ("\x1b[2J" in written, "\x1b[?1049h" in written, "1 min 41 s" in written)
    assert {"\x1b[1A"} == set(re.findall(r"\x1b\[\d*A", written))


class Beside(list[Event]):
    """Follows a run from outside, at each moment at which it tells of a look."""

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair, self.follower, self.both = pair, Follower(), list[tuple[Snapshot, Snapshot]]()

    def append(self, event: Event) -> None:
        """Look, too."""
        super().append(event)
        if event.fleet is not None and event.kind is EventKind.WAITING:
            self.both.append((event.fleet, self._look()))

    def _look(self) -> Snapshot:
        service = self.pair.service()
        seen = service.status()
        return self.follower.see(seen, service.told(seen.release.id) if seen.release else ())


def _framed(seen: Snapshot) -> list[str]:
    return frame(attrs.evolve(seen, missing="", at=NOW), NOW)


@pytest.mark.parametrize("instances", [1, 3])
def test_who_watches_sees_what_the_run_itself_shows(instances: int) -> None:
    """The same picture from the record and a look as from the run's events, where its looks before and behind agree."""
    pair = virtual(instances=instances)
    beside = pair.events = Beside(pair)
    pair.service(bake=5.0).deploy("v2")
    pair.service().rollback()
    shown, seen = ([_framed(both[one]) for both in beside.both] for one in (0, 1))
    assert [lines[:2] for lines in shown] == [lines[:2] for lines in seen]
    still = [number for number, lines in enumerate(shown[:-1]) if lines == shown[number + 1]]
    assert ([shown[one] for one in still], True) == ([seen[one] for one in still], len(still) > 5)

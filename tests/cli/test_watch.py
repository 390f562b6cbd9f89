"""A run that is followed from outside: what is shown of it, when that ends, and with which exit status."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import pytest

from bluegreen.clock import VirtualClock
from bluegreen.flow.release import DEPLOY, ROLLBACK
from bluegreen.flow.snapshot import Interruption, Snapshot, Stage, State
from bluegreen.record.history import Entry
from tests.cli.fakes import FakeService, FakeWiring, report, run
from tests.support.snapshots import opened

Capture = pytest.CaptureFixture[str]
NAMES = ("check", "launch", "move")
ENTRY = Entry(
    id="r", image="v2", previous_image="v1", goal=DEPLOY, outcome="open", by="ana", reason="", begun_at=0, ended_at=None
)


def under_way(stage: int = 2, goal: str = DEPLOY, reason: str = "") -> Snapshot:
    """Return a look at a run."""
    where = Stage(name=NAMES[stage - 1], index=stage, of=3, names=NAMES)
    release = opened(id="r", goal=goal, reason=reason, stage=where, milestones={})
    state = State.DEPLOYING if goal == DEPLOY else State.ROLLING_BACK
    return report(state=state, sentence="deploy v1", missing="web-green: 1 of 2 healthy", release=release)


def left(state: State, **more: Any) -> Snapshot:
    """Return a look at what a run has left."""
    return report(state=state, sentence=f"it is {state}", missing="", release=opened(id="r", **more))


OVER = report(state=State.IDLE, sentence="v1 is live", release=None)
BACK = under_way(1, ROLLBACK, "no progress")


def looks(*seen: Snapshot) -> Callable[[FakeService], Snapshot]:
    """Return one look after the other, the last one again and again."""
    left = list(seen)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def watched(seen: Iterable[Snapshot], *words: str, **answers: Any) -> int:
    """Return how a view ends that sees these."""
    return run(FakeWiring({"status": looks(*seen), **answers}, clock=VirtualClock()), "watch", "web", *words)


@pytest.mark.parametrize(
    ("seen", "answers", "status"),
    [
        ([OVER], {}, 0),
        ([under_way(), under_way(3), left(State.PARKED)], {}, 0),
        ([under_way(), BACK, OVER], {}, 3),
        ([under_way(), OVER], {"history": (attrs.evolve(ENTRY, goal=ROLLBACK, reason="late"),)}, 3),
        ([under_way(1, ROLLBACK), OVER], {}, 0),
        ([under_way(), left(State.GATE)], {}, 5),
        ([under_way(), left(State.INTERRUPTED)], {}, 6),
        ([left(State.INTERRUPTED, interrupted=Interruption(kind="stopped", since=0.0))], {}, 6),
        ([under_way(), left(State.INTERRUPTED)], {"history": (ENTRY,), "events": ({"kind": "blocked"},)}, 4),
        ([under_way(), left(State.DOWN)], {}, 4),
    ],
)
def test_how_a_view_ends(seen: list[Snapshot], answers: dict[str, Any], status: int) -> None:
    """As what it has followed, and at once where nothing is under way."""
    assert status == watched(seen, **answers)


def test_a_gate_need_not_end_it() -> None:
    """It goes on once somebody has promoted it."""
    seen = [under_way(), left(State.GATE), under_way(3), left(State.PARKED)]
    assert 0 == watched(seen, "--through-gates")


def test_each_change_has_a_line(capsys: Capture) -> None:
    """With the furthest stage, as a run's own lines have it; what is as before has none."""
    assert 0 == watched([under_way(), under_way(), under_way(3), under_way(2), left(State.PARKED)])
    lines = [line.split(" ", 1)[1] for line in capsys.readouterr().out.splitlines()]
    waits = [f"web wait     {number}/3 web-green: 1 of 2 healthy" for number in (2, 3)]
    assert [*waits, "web done     it is parked"] == lines


def test_each_change_has_its_json(capsys: Capture) -> None:
    """One status for each."""
    assert 0 == watched([under_way(), under_way(), under_way(3), left(State.PARKED)], "--output", "json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [("bluegreen.status/2", state) for state in ("deploying", "deploying", "parked")] == [
        (line["schema"], line["services"][0]["state"]) for line in lines
    ]


def test_ctrl_c_ends_the_view_alone(capsys: Capture) -> None:
    """And says that what was watched goes on."""

    def interrupted(_: FakeService) -> Snapshot:
        os.kill(os.getpid(), signal.SIGINT)
        return under_way()

    wiring = FakeWiring({"status": interrupted}, clock=VirtualClock())
    assert 130 == run(wiring, "status", "web", "--watch")
    assert "the view of web ended, the deploy of v2 goes on: `bluegreen watch web`" in capsys.readouterr().err


def test_several_are_shown_until_ctrl_c(capsys: Capture) -> None:
    """Each that has changed has a line."""
    asked = iter(range(100))

    def answer(service: FakeService) -> Snapshot:
        if next(asked) >= 4:
            os.kill(os.getpid(), signal.SIGINT)
        return report(service.name, state=State.IDLE, sentence="v1 is live", release=None)

    assert 130 == run(FakeWiring({"status": answer}, clock=VirtualClock()), "watch")
    assert ["api done     v1 is live", "web done     v1 is live"] == sorted(
        line.split(" ", 1)[1] for line in capsys.readouterr().out.splitlines()
    )


def test_the_run_s_own_words_go_before_what_one_look_shows(capsys: Capture) -> None:
    """With how long ago it said so; where it says the same, the look's figures are newer."""
    seen = under_way(3)
    said = {"goal": DEPLOY, "kind": "waiting", "reason": "bake: 0 s of 10 min", "stage": "move", "at": seen.at - 190}
    assert 0 == watched([seen, OVER], told=(said,))
    assert 0 == watched([seen, OVER], told=({**said, "reason": "web-green: 0 of 2 healthy"},))
    waits = [line.split(" ", 1)[1] for line in capsys.readouterr().out.splitlines() if " wait " in line]
    assert [
        "web wait     3/3 bake: 0 s of 10 min (3 min 10 s ago)",
        "web wait     3/3 web-green: 1 of 2 healthy",
    ] == waits

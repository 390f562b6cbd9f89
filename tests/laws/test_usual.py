"""What is usual: by the histories of the last releases that ended well, whatever else those hold."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.events import EventKind
from bluegreen.flow.release import DEPLOY, ROLLBACK
from bluegreen.flow.usual import RELEASES, Span, Timing, Usual, since, usual
from bluegreen.record.history import read
from bluegreen.report.picture import frame
from tests.support.virtual import virtual

NAMES = ("check", "launch", "healthy", "bake")
SECONDS = st.lists(st.integers(0, 3000), min_size=len(NAMES), max_size=len(NAMES))
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers())
KINDS = st.sampled_from([*map(str, EventKind), "other"])
FORGED = st.fixed_dictionaries(
    {},
    optional={
        "at": ANYTHING | st.floats(1.0, 1e9),
        "kind": ANYTHING | KINDS,
        "goal": ANYTHING | st.just(DEPLOY),
        "stage": ANYTHING | st.sampled_from(NAMES),
    },
)


def run(seconds: list[int]) -> list[dict[str, Any]]:
    """Return the events of a run whose stages took so long."""
    at, told = 1_000.0, []
    for number, (name, took) in enumerate(zip(NAMES, seconds, strict=True)):
        told.append({"at": at, "kind": "waiting" if number else "begun", "goal": DEPLOY, "stage": name})
        at += took
    return [*told, {"at": at, "kind": "done", "goal": DEPLOY, "stage": NAMES[-1]}]


@given(st.lists(SECONDS, min_size=1, max_size=RELEASES))
def test_the_median_and_the_worst_of_each_stage(runs: list[list[int]]) -> None:
    """Of the whole run as well; the median is one of them, or between two."""
    found = usual(map(run, runs), DEPLOY)
    assert found.whole is not None
    assert (max(map(sum, runs)), "history") == (found.whole.worst, found.basis)
    for number, name in enumerate(NAMES):
        ordered, half = sorted(one[number] for one in runs), len(runs) // 2
        middle = ordered[half] if len(runs) % 2 else (ordered[half - 1] + ordered[half]) / 2
        assert Span(middle, ordered[-1]) == found.stages[name]


@given(SECONDS, st.integers(0, len(NAMES)))
def test_a_cut_history_counts_for_nothing(seconds: list[int], kept: int) -> None:
    """From either end, and one of another goal."""
    whole = run(seconds)
    for events in (whole[:kept], whole[kept + 1 :]):
        assert Usual() == usual([events], DEPLOY)
        assert usual([whole], DEPLOY) == usual([whole, events], DEPLOY)
    assert Usual() == usual([whole], ROLLBACK)


@pytest.mark.parametrize("kind", ["stopped", "paused", "blocked", "begun", "turned"])
def test_a_run_that_did_not_go_through_counts_for_nothing(kind: str) -> None:
    """Somebody stopped it, it waited for a person, or another process carried it on: that time is not the run's."""
    events = run([1, 2, 3, 4])
    assert Usual() == usual([[*events[:2], {**events[1], "kind": kind}, *events[2:]]], DEPLOY)


def test_a_clock_that_went_back_tells_no_times() -> None:
    """Between two machines that carried a run, or on one whose clock was put right: nor does one that leapt a year."""
    events = run([1, 2, 3, 4])
    for at in (900.0, 1e9):
        assert Usual() == usual([[*events[:2], {**events[2], "at": at}, *events[3:]]], DEPLOY)


@given(st.lists(st.lists(FORGED, max_size=8), max_size=3), st.lists(FORGED, max_size=3))
def test_a_forged_history_breaks_nothing(runs: list[list[dict[str, Any]]], more: list[dict[str, Any]]) -> None:
    """Whatever stands there, times are finite and not negative."""
    found = usual([*runs, [*run([1, 1, 1, 1])[:-1], *more]], DEPLOY)
    spans = [*found.stages.values(), *filter(None, [found.whole])]
    assert [] == [one for one in spans if not 0 <= one.median <= one.worst < float("inf")]
    assert set() == {at for events in runs for at in since(events, DEPLOY).values() if not 0 < at < 1e11}


def test_the_fourth_deployment_knows_what_is_usual() -> None:
    """By the three before it: in the picture's head, and behind what is waited for."""
    pair = virtual(instances=2)
    for image in ("v2", "v3", "v4"):
        pair.service(bake=5.0).deploy(image, finish_first=True)
    known = pair.service().usual(DEPLOY)
    assert ("history", Usual()) == (known.basis, pair.service().usual(ROLLBACK))
    before = len(pair.events)
    pair.service(bake=5.0).deploy("v5", finish_first=True)
    looks = [one for one in pair.events[before:] if one.goal == DEPLOY]
    wait = next(one for one in looks if "0 of 2 healthy" in one.reason and one.fleet is not None)
    assert wait.fleet is not None
    assert known.whole is not None
    told = read(pair.store.events("web", wait.release))
    timing = Timing(since=since(told, DEPLOY), usual=known)
    seen = attrs.evolve(wait.fleet, missing=wait.reason, at=wait.at + 2)
    lines = frame(seen, looks[0].at, timing=timing)
    usually, healthy = round(known.whole.median), round(known.stages["healthy"].median)
    assert (True, True) == (
        lines[0].endswith(f"  2 s of ≈ {usually} s"),
        any(line.endswith(f"0 of 2 healthy, 2 s of ≈ {healthy} s") for line in lines),
    )
    assert lines[0].startswith("web  deploy v4 → v5")


def test_a_record_that_cannot_be_read_tells_nothing() -> None:
    """It is for people alone."""
    pair = virtual(instances=1)
    pair.service().deploy("v2")
    pair.store.forget("web", pair.release.id if pair.release else "")
    assert Usual() == pair.service().usual(DEPLOY)

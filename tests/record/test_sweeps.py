"""When a clean-up has run, and whether it is missed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.record.memory import MemoryStore
from bluegreen.record.sweeps import KEPT, Sweeps, read, sweeps, swept

NOW = 1_700_000_000.0
EVERY = 300.0


def ran(times: int) -> MemoryStore:
    """Return a store in which it was kept that it ran so often, every five minutes until now."""
    store = MemoryStore()
    for number in range(times):
        swept(store, "web", NOW - EVERY * (times - 1 - number))
    return store


def test_the_last_runs_are_kept() -> None:
    """And no more of them than are needed."""
    found = sweeps(ran(20), "web", NOW)
    assert (NOW, KEPT) == (found.last, len(found.times))


@pytest.mark.parametrize(
    ("times", "later", "late"),
    [
        (6, 0.0, False),
        (6, 3 * EVERY, False),
        (6, 3 * EVERY + 1, True),
        (2, 1e6, True),
        (1, 1e6, False),
        (0, 0.0, False),
    ],
)
def test_who_does_not_come_any_more_is_missed(times: int, later: float, late: bool) -> None:
    """After three times the usual distance; of one that came once nobody knows when it is to come."""
    now = NOW + later
    assert late == sweeps(ran(times), "web", now).is_late(now)


def test_a_run_by_hand_in_between_makes_nobody_late() -> None:
    """The usual distance is the median one."""
    found = sweeps(ran(6), "web", NOW).with_one_at(NOW + 1).with_one_at(NOW + 2)
    assert not found.is_late(NOW + EVERY)


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.integers(), st.lists).map(json.dumps))
def test_nothing_is_believed_that_is_no_time_of_the_past(text: str) -> None:
    """Whoever wrote it: then it is not known when it ran."""
    found = read(text, NOW)
    assert len(found.times) <= KEPT
    assert all(0 < at <= NOW for at in found.times)
    assert found.is_late(NOW) in (True, False)


NONE = ["[1, 2e9]", "[true]", "{}", '["a"]', "[1, 2, 3, 4, 5, 6, 7]", "[" * 100_000, "x", None]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_note_says_nothing(text: str | None) -> None:
    """Neither that it ran nor that it is late."""
    assert Sweeps() == read(text, NOW)

"""What must be healthy while a zonal shift keeps requests from some: fewer by what it takes, and by nothing else."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.targets.pair.model.demand import lowered, sick
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ROLLBACK
from bluegreen.targets.pair.model.shifts import shifts
from bluegreen.targets.pair.plans.plan import learn
from tests.support.values import NOW, fleet, group, look, release

WORDS = ("healthy", "healthy", "shifted", "shifted", "unhealthy", "initial", "unknown")
FIRST = ("initial", "initial")
MOVED = {"moving": NOW, "moved": NOW}


def sides(old: list[str], new: list[str]) -> Fleet:
    """Return a fleet in service of which the balancer says these words."""
    told = {f"i-{name}-{n}": word for name, words in (("old", old), ("new", new)) for n, word in enumerate(words)}
    return fleet(*(group(name, *("InService" for _ in words)) for name, words in (("old", old), ("new", new))), told)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=5),
    st.lists(st.sampled_from(WORDS), max_size=5),
    st.integers(0, 9),
    st.dictionaries(st.just("web"), st.integers(0, 9)),
)
def test_only_what_is_shifted_lowers_a_count(old: list[str], new: list[str], needed: int, most: dict[str, int]) -> None:
    """By as many as the shift takes from one side at most, whatever the record says; never up."""
    one = look(sides(old, new), release(under_shift=most))
    taken = max(old.count("shifted"), new.count("shifted"))
    assert needed - taken <= lowered(one, "web", needed) <= needed
    assert not taken or lowered(one, "web", needed) >= min(needed, most.get("web", 0))


def at(old: list[str], new: list[str], **of: Any) -> Look:
    """Return a look at a release whose old side had four healthy, and that has learned from it."""
    first = look(sides(old, new), release(4, **{"milestones": MOVED, **of}))
    return attrs.evolve(first, release=learn(first))


FLOORS = {
    "nothing is shifted": (at([], ["healthy"] * 4), 4, {}),
    "half of each side": (at(["healthy", "shifted"] * 2, ["healthy", "shifted"] * 2, goal=ROLLBACK), 2, {"web": 2}),
    "new alone, half of it": (at([], ["healthy", "shifted"] * 2), 2, {"web": 2}),
    "and one is sick": (at([], ["healthy", "unhealthy", "shifted", "shifted"]), 2, {"web": 1}),
    "less of new than of old": (at(["healthy"] + ["shifted"] * 3, ["healthy"] * 3 + ["shifted"]), 3, {"web": 3}),
    "all of new": (at([], ["shifted"] * 4), 0, {"web": 0}),
    "new had more since it began": (at(["healthy", "shifted"] * 2, ["shifted"], under_shift={"web": 3}), 3, {"web": 3}),
    "it is over": (at([], ["healthy"] * 4, under_shift={"web": 2}), 4, {}),
    "before the switch new is no measure": (
        at(["healthy", "shifted", *FIRST], ["healthy"] * 3, milestones={}),
        3,
        {"web": 1},
    ),
}


@pytest.mark.parametrize(("one", "floor", "most"), FLOORS.values(), ids=FLOORS)
def test_the_floor_under_a_shift(one: Look, floor: int, most: dict[str, int]) -> None:
    """As many as the shift lets the better side serve with; the mark of what was before stays for its end."""
    assert (floor, most) == (one.floor("web"), dict(one.release.under_shift))
    assert 4 == one.most_healthy("web")


def test_a_balancer_that_does_not_answer_ends_no_shift() -> None:
    """What was learned of it stays until it says something else."""
    silent = attrs.evolve(sides([], ["healthy"]), health={}, silent=frozenset({"web"}))
    assert {"web": 2} == learn(look(silent, release(4, milestones=MOVED, under_shift={"web": 2}))).under_shift


@pytest.mark.parametrize(("words", "is_sick"), [(["shifted"], False), (["unhealthy"], True)])
def test_what_is_shifted_is_not_sick(words: list[str], is_sick: bool) -> None:
    """Its desired capacity is still what the traffic needs."""
    one = at(words * 3 + ["healthy"], [])
    assert is_sick == sick(one, one.old)


def test_a_shift_is_told() -> None:
    """Whom it concerns, and what follows from it."""
    seen = sides(["healthy", "shifted"], ["healthy"])
    told = "a zonal shift keeps the requests of web from 1 instance of old: as many fewer must be healthy"
    assert [[told], []] == [list(shifts(seen, one)) for one in seen.groups.values()]

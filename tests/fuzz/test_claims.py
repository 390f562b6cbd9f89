"""A record forged member by member, valid in form: what is none of the service's stays as it is, whatever is run."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import BluegreenError, Status
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Release
from tests.fuzz.inputs import tried
from tests.scenarios.test_claims import DUE, PAGER, claimed, resting, sides, strangers
from tests.scenarios.test_strange_records import FOREIGN, forge
from tests.support.hands import lone, marked
from tests.support.virtual import BLUE, GREEN, Pair

VERBS = ("cleanup", "resume", "rollback", "finish")
MOVED = {"moving": 1.0, "moved": 2.0}
DEPLOYED = {**MOVED, "deployed": 3.0}
DOORS: tuple[dict[str, float], ...] = ({}, MOVED, DEPLOYED, {**DEPLOYED, "retiring": 4.0})


@functools.cache
def parked() -> tuple[Pair, str]:
    """Return a pair whose old instances are past their time, and an instance of nobody's that bears its mark."""
    pair = resting()
    free, release = lone(pair), pair.release
    assert release is not None
    marked(pair, [free], release.id)
    pair.run_for(DUE)
    return pair, free


@pytest.fixture(autouse=True, scope="module")
def made() -> None:
    """Make it before hypothesis draws."""
    parked()


@st.composite
def forgeries(draw: st.DrawFn, release: Release, ids: tuple[str, ...]) -> dict[str, Any]:
    """Draw changes of a record that its reader takes: one, as often as two."""
    alarm = draw(st.sampled_from([PAGER, *(f"{group} is busy" for group in (FOREIGN, GREEN, BLUE))]))
    retired = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True).map(tuple))
    known: list[dict[str, Any]] = [
        claimed(release, alarm, AlarmActions=["arn:aws:sns:us-east-1:123456789012:x"]),
        {"retire": retired},
        {"retire": retired, "goal": FINISH, "milestones": DOORS[3]},
        {"leaving": frozenset(retired)},
        {"returning": frozenset(retired), "goal": ROLLBACK, "progress": ()},
        {"goal": draw(st.sampled_from([DEPLOY, FINISH, ROLLBACK])), "milestones": DOORS[3], "progress": ()},
        {"milestones": draw(st.sampled_from(DOORS)), "progress": ()},
        {"image": "v9"},
        sides(release, draw(st.sampled_from(["old", "new"])), image=draw(st.sampled_from(["v9", None]))),
        {"way": draw(st.sampled_from(["twins", "move"]))},
        {"copied": draw(st.booleans())},
    ]
    several = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2))
    return functools.reduce(lambda one, other: {**one, **other}, several)


@given(st.sampled_from(VERBS), st.data())
@tried(24)
def test_what_is_not_the_service_s_is_left_alone(verb: str, data: st.DataObject) -> None:
    """Other groups, their alarms, and instances of nobody, marked by whoever may tag; as many serve as before."""
    shared, free = parked()
    pair = shared.branch()
    release = pair.release
    assert release is not None
    change = data.draw(forgeries(release, (free, *pair.sim.states(FOREIGN), *pair.sim.states(GREEN))))
    forge(pair, **change)
    before, many = strangers(pair), serving(pair)
    assert Status.BUG != ended(pair, verb)
    assert (before, True) == (strangers(pair), free in pair.sim.orphans())
    assert many <= serving(pair)


def ended(pair: Pair, verb: str) -> Status:
    """Run a verb, and return how it ends."""
    try:
        told = getattr(pair.service(), verb)()
    except BluegreenError as error:
        return error.status
    return Status.OK if told is None else told.status


def serving(pair: Pair) -> int:
    """Return how many instances of the pair are in service."""
    states = (*pair.sim.states(BLUE).values(), *pair.sim.states(GREEN).values())
    return states.count("InService")

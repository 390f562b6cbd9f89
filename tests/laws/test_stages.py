"""Stages: each step of a plan belongs to one, they come in order, and people are told of the furthest."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

from bluegreen.flow.answers import DONE, Answer, Reached, Waiting
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.plans import Milestone, Stage, first_missing, staged, stages
from bluegreen.flow.snapshot import Stage as Shown
from bluegreen.flow.stages import Furthest, Section, stage_of
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.plans.giving_way import HEALTHY_AGAIN
from bluegreen.targets.pair.plans.plan import PLANS, missing, stage
from tests.support.values import fleet, group, look, release
from tests.support.virtual import virtual

STAGES = {
    "deploy": "check prepare launch healthy prove move bake handover",
    "rollback": "return healthy take-over empty restore",
    "finish": "guard tag detach terminate restore",
}
WITHOUT_STEPS = {"deploy": {"check"}, "rollback": {HEALTHY_AGAIN}}
"""What comes before the plan is asked, and what a step that spans two stages says itself."""


@pytest.mark.parametrize("goal", PLANS)
def test_the_stages_of_each_plan(goal: str) -> None:
    """In the order in which people read them."""
    assert STAGES[goal].split() == [name.replace(" ", "-") for name in stages(PLANS[goal])]


@pytest.mark.parametrize("goal", PLANS)
def test_every_step_has_a_stage_and_none_comes_back(goal: str) -> None:
    """Through all sections."""
    each = [name for steps, _ in staged(PLANS[goal]) for name, _ in steps]
    names = [name for name in stages(PLANS[goal]) if name not in WITHOUT_STEPS.get(goal, ())]
    assert names == [name for name, _ in itertools.groupby(each)]


def _never(_: Look) -> Answer:
    return Waiting("never")


def _in_another(_: Look) -> Answer:
    return Waiting("never", stage="first")


@pytest.mark.parametrize(("step", "expected"), [(_never, "second"), (_in_another, "first"), (lambda _: DONE, "second")])
def test_an_answer_says_its_stage(step, expected) -> None:
    """That of the marker before its step, but where the step says another one; a door has that of its last step."""
    plan = (Stage("first"), lambda _: DONE, Stage("second"), step, Milestone("one", "so"))
    assert expected == first_missing(plan, look(fleet(group("old"), group("new")), release())).stage


def test_a_stage_is_no_part_of_what_an_answer_means() -> None:
    """Nothing is decided by it: guards compare answers of several looks."""
    assert (Reached("one", "so"), Waiting("never")) == (Reached("one", "so", stage="x"), Waiting("never", stage="y"))


def test_one_asked_again_stays_behind_the_furthest_of_its_section() -> None:
    """In the next section it is the newest that counts, and what is not known changes nothing."""
    names, furthest = ("a", "b", "c"), Furthest()
    one, two = Section("web:1", "deploy", 0), Section("web:1", "deploy", 1)
    seen = [(one, "a"), (one, "c"), (one, "b"), (one, ""), (two, ""), (two, "b"), (two, "a")]
    assert ["a", "c", "c", "c", None, "b", "b"] == [
        found and found.name for section, name in seen for found in [furthest.of(section, stage_of(names, name))]
    ]


def _stages_of(told: Iterable[Event]) -> list[str]:
    return [name for name, _ in itertools.groupby(one.stage.name.replace(" ", "-") for one in told if one.stage)]


def test_events_of_a_run_carry_the_stage() -> None:
    """They never go back; the first is the check, the last the end, and so does the picture behind each event."""
    pair = virtual(instances=3)
    pair.service(bake=10.0).deploy("v2")
    told = [event for event in pair.events if event.release]
    assert (STAGES["deploy"].split(), EventKind.BEGUN) == (_stages_of(told), told[0].kind)
    pictures = [(one.fleet.release.stage, one.stage) for one in told if one.fleet and one.fleet.release]
    assert ([shown for _, shown in pictures], True) == ([shown for shown, _ in pictures], len(pictures) > 8)


@pytest.mark.parametrize("last", ["rollback", "finish"])
def test_the_way_back_and_the_end_go_through_their_own_stages(last: str) -> None:
    """All of them, in order."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    before = len(pair.events)
    getattr(pair.service(), last)()
    assert STAGES[last].split() == _stages_of(pair.events[before:])


def test_where_what_counts_is_not_read_yet_it_is_the_first_of_the_section() -> None:
    """A status may have asked for less."""
    seen = look(fleet(group("old"), group("new")), release(milestones={"moving": 1.0}))
    assert Shown(name="move", index=6, of=8, names=stages(PLANS["deploy"])) == stage(seen, Waiting("it is not read"))
    assert "move" == missing(seen).stage

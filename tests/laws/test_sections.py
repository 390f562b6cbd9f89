"""The law of sections: all steps between two milestones can hold at once, and none undoes an earlier one."""

from __future__ import annotations

import itertools
from typing import get_args

import attrs
import pytest
from attrs import define, field

from bluegreen.flow.answers import DONE, Answer, Blocked, Done, Reached, Unseen, Waiting
from bluegreen.flow.engine import Engine
from bluegreen.flow.plans import Milestone, first_missing, sections
from bluegreen.targets.pair.at_work.world import PairWorld
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.plans.plan import PLANS, build_plan
from tests.support.values import fleet, group, look, release
from tests.support.virtual import Pair, virtual


@define
class Notebook:
    """A book in memory whose lease never ends."""

    releases: list[Release] = field(factory=list)

    def save(self, release: Release) -> None:
        """Keep the release."""
        self.releases.append(release)

    def renew(self) -> float:
        """Return that the lease lasts for ever."""
        return float("inf")


@define
class Positions:
    """Asks the plans, and notes where each look stands."""

    seen: list[tuple[str, int, int]] = field(factory=list)

    def missing(self, one: Look) -> Answer:
        """Return the plan's answer; a position is the goal, the section and the step."""
        plan = PLANS[one.release.goal]
        for number, (steps, milestone) in enumerate(sections(plan)):
            if not one.release.passed(milestone.name):
                answers = [step(one) for step in steps]
                at = next((n for n, answer in enumerate(answers) if not isinstance(answer, Done)), len(steps))
                if at == len(steps) or not isinstance(answers[at], Unseen):  # then it is asked once more
                    self.seen.append((one.release.goal, number, at))
                break
        return first_missing(plan, one)


def _carry_on(pair: Pair, positions: Positions, release: Release) -> Release:
    plan = attrs.evolve(build_plan(), missing=positions.missing)
    engine = Engine(PairWorld(pair.aws, pair.clock), Notebook(), plan, pair.clock)
    return engine.run(release).release


@pytest.mark.parametrize("last", ["finish", "rollback"])
@pytest.mark.parametrize("instances", [1, 3, 45])
def test_in_a_quiet_run_the_position_never_goes_back(instances, last) -> None:
    """No action makes an earlier step of its section missing again."""
    pair, positions = virtual(instances=instances), Positions()
    asked = itertools.count()
    begun = pair.service(stop=lambda: 15 if next(asked) else None).deploy("v2").release
    deployed = _carry_on(pair, positions, begun)
    if last == "finish":
        pair.run_for(30)
    _carry_on(pair, positions, deployed.toward(last, pair.clock.now()))
    for goal in ("deploy", last):
        of_goal = [seen[1:] for seen in positions.seen if seen[0] == goal]
        assert (of_goal, len(of_goal) > 8) == (sorted(of_goal), True)


def _never(_: Look) -> Answer:
    return Waiting("never")


def test_steps_before_a_reached_milestone_are_not_asked() -> None:
    """A milestone is a one-way door."""
    plan = (_never, Milestone("one", "first"), lambda _: DONE, Milestone("two", "second"))
    seen = look(fleet(group("old"), group("new")), release(milestones={"one": 1.0}))
    assert first_missing(plan, seen) == Reached("two", "second")


def test_the_first_missing_step_answers() -> None:
    """What comes later is not asked before it holds."""
    plan = (lambda _: DONE, _never, lambda _: Blocked("later", ""), Milestone("one", "first"))
    assert first_missing(plan, look(fleet(group("old"), group("new")), release())) == Waiting("never")


def test_a_plan_with_all_milestones_reached_is_done() -> None:
    """After the last milestone nothing is missing, whatever the fleet looks like."""
    seen = look(fleet(group("old"), group("new")), release(milestones={"moving": 1.0, "moved": 2.0, "deployed": 3.0}))
    assert first_missing(PLANS["deploy"], seen) == DONE


def test_no_action_writes_desired_capacity() -> None:
    """Desired capacity belongs to the autoscaler: no action has a field for it."""
    names = {field.name for action in get_args(Action) for field in attrs.fields(action)}
    assert [name for name in names if "desired" in name] == []

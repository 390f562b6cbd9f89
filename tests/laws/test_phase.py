"""Where a release stands, from its goal and its milestones."""

from __future__ import annotations

from itertools import accumulate

import pytest

from bluegreen.flow.plans import sections
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.targets.pair.plans.plan import PLANS
from tests.support.values import NOW, release

STORIES = {
    DEPLOY: [Phase.COMING, Phase.MOVING, Phase.BAKING, Phase.DEPLOYED],
    FINISH: [Phase.FINISHING, Phase.RETIRING, Phase.FINISHED],
    ROLLBACK: [Phase.RETURNING, Phase.RESTORING, Phase.RESTORED],
}
BEFORE = {FINISH: ("moving", "moved", "deployed"), DEPLOY: ()}
SWITCHED = {Phase.BAKING, Phase.DEPLOYED, *STORIES[FINISH]}
SHARED = {Phase.COMING, Phase.MOVING, Phase.RETURNING}


def doors_of(goal: str) -> list[tuple[str, ...]]:
    """Return the milestones of a plan as they are passed, one after the other."""
    return list(accumulate(((door.name,) for _, door in sections(PLANS[goal])), initial=()))


@pytest.mark.parametrize("begun", [(), ("moving",), ("moving", "moved"), ("moving", "moved", "deployed")])
def test_a_rollback_stands_where_its_own_doors_say(begun: tuple[str, ...]) -> None:
    """However far the deployment was, or the finish."""
    stood = [
        release(goal=ROLLBACK, milestones=dict.fromkeys((*begun, *doors), NOW)).phase for doors in doors_of(ROLLBACK)
    ]
    assert STORIES[ROLLBACK] == stood


@pytest.mark.parametrize("goal", [DEPLOY, FINISH])
def test_each_section_of_a_plan_is_a_phase(goal: str) -> None:
    """And behind its last door is one more: a plan with another section fails here."""
    stood = [
        release(goal=goal, milestones=dict.fromkeys((*BEFORE[goal], *doors), NOW)).phase for doors in doors_of(goal)
    ]
    assert STORIES[goal] == stood


@pytest.mark.parametrize("phase", Phase)
def test_who_serves(phase: Phase) -> None:
    """Before the switch of a deployment and in a rollback both may; behind it new alone, and to stay."""
    expected = (phase in SHARED - {Phase.RETURNING}, phase in SWITCHED, phase in SHARED)
    assert expected == (phase.is_before_switch, phase.is_behind_switch, phase.is_shared)
    assert phase in SHARED | SWITCHED | {Phase.RESTORING, Phase.RESTORED}


@pytest.mark.parametrize(
    ("goal", "doors", "since", "switched"),
    [
        (DEPLOY, {"moving": NOW}, None, False),
        (DEPLOY, {"moving": NOW, "moved": NOW + 1}, NOW + 1, True),
        (ROLLBACK, {"moving": NOW, "moved": NOW + 1}, None, True),
        (ROLLBACK, {"moving": NOW, "moved": NOW + 1, "back": NOW + 2}, NOW + 2, False),
        (FINISH, {"moving": NOW, "moved": NOW + 1, "deployed": NOW + 2}, None, True),
    ],
)
def test_since_when_one_side_serves_alone(
    goal: str, doors: dict[str, float], since: float | None, switched: bool
) -> None:
    """The door behind which it does, of this goal; that the switch has been is so whatever is wanted since."""
    of = release(goal=goal, milestones=doors)
    assert (since, switched) == (of.alone_since, of.has_switched)

"""A single answer of AWS's that lacks a group which is there: nobody is refused on its account (clouddriver PR 315)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import NoGroup, Status
from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from tests.support.virtual import GREEN, Pair, virtual

VERBS: dict[str, Callable[[Service], Any]] = {
    "cleanup": lambda service: service.cleanup().status,
    "resume": lambda service: service.resume().status,
    "finish": lambda service: service.finish().status,
    "rollback": lambda service: service.rollback().status,
    "deploy what serves": lambda service: service.deploy("v2").status,
    "finish first": lambda service: service.deploy("v3", finish_first=True).status,
    "parked": lambda service: service.parked().count,
    "status": lambda service: (service.status().sides, service.status().troubles),
    "check": lambda service: [finding.level for finding in service.check()],
    "diff": lambda service: service.diff() is not None,
}


def lose(pair: Pair, *numbers: int) -> list[int]:
    """Let the answers of these numbers lack green; the list gets a number for each answer that tells of groups."""
    asked: list[int] = []

    def strike(call: Call, answer: Any) -> None:
        if call.operation == "DescribeAutoScalingGroups" and not call.dry:
            asked.append(len(asked) + 1)
            if asked[-1] in numbers:
                groups = answer["AutoScalingGroups"]
                answer["AutoScalingGroups"] = [one for one in groups if one["AutoScalingGroupName"] != GREEN]

    pair.sim.faults.after.append(strike)
    return asked


def rested() -> Pair:
    """Return a pair whose release is past its time in Standby."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.run_for(700)
    return pair


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_one_answer_without_a_group_changes_nothing(verb: str, number: int) -> None:
    """Whichever of the verb's looks it is, the verb ends as it would have."""
    pair, other = rested(), rested()
    lose(other, number)
    assert VERBS[verb](pair.service()) == VERBS[verb](other.service())


@pytest.mark.parametrize("verb", VERBS)
def test_three_in_a_row_are_believed(verb: str) -> None:
    """A group that is gone is told in seconds."""
    pair = rested()
    asked, begun = lose(pair, *range(1, 99)), pair.clock.now()
    with pytest.raises(NoGroup, match="There is no Auto Scaling group web-green in us-east-1"):
        VERBS[verb](pair.service())
    looks = 4 if verb == "rollback" else 3  # that it was asked for is on record after the first
    assert (looks, True) == (len(asked), pair.clock.now() - begun <= 10.0)


def test_they_do_not_add_up() -> None:
    """Two, one that has it, and two more."""
    pair = rested()
    lose(pair, 1, 2, 4, 5)
    assert Status.OK == pair.service().resume().status

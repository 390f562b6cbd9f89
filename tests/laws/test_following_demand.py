"""The autoscaler never sleeps: laws over random releases under a load that moves, beside the same world without one.

To replay one: ``python -c "from tests.support.following import followed; print(followed(SEED))"``.
"""

from __future__ import annotations

import functools
import os

import pytest

from tests.support.following import Verdict, followed

SEEDS = int(os.environ.get("BLUEGREEN_SEEDS", "80"))
AT_A_TIME = 10

BATCHES = pytest.mark.parametrize(
    "first",
    [pytest.param(n, marks=pytest.mark.xdist_group(f"following {n}")) for n in range(0, SEEDS, AT_A_TIME)],
)
"""What is asked of the same stories is asked by the same worker, which tells them once."""


@functools.cache
def verdicts(first: int) -> list[Verdict]:
    """Return what did not hold in some stories."""
    return [followed(seed).verdict for seed in range(first, first + AT_A_TIME)]


@BATCHES
def test_one_side_is_armed_at_every_moment(first) -> None:
    """From before a deployment to after its end, rolled back, broken off or finished, no moment has neither armed."""
    assert [sentence for one in verdicts(first) for sentence in one.asleep] == []


@BATCHES
def test_both_sides_are_armed_only_in_the_moment_between(first) -> None:
    """What arms one side and what disarms the other are seconds apart, whenever a person leaves."""
    assert [sentence for one in verdicts(first) for sentence in one.twice] == []


@BATCHES
def test_capacity_follows_demand_as_without_a_release(first) -> None:
    """At each minute as many are healthy as without a release and as the load needs, but for what a scale-out takes."""
    assert [one.late[0] for one in verdicts(first) if one.late] == []

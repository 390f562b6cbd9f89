"""What is at nothing by its owner's wish, and what was woken: each judged from one look."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.targets.pair.model.asleep import edited_meanwhile, put_to_nothing, wakes
from tests.support.values import NOW, activity, detached, fleet, group, look, release

TWO = ("InService", "InService")


def launched(*ago: float) -> tuple[Any, ...]:
    """Return launches of new, each begun so many seconds ago."""
    return tuple(activity("new", status="Successful", at=NOW - one) for one in ago)


@pytest.mark.parametrize(
    ("new", "activities", "expected"),
    [
        (group("new", *TWO), launched(10, 20), True),
        (group("new", *TWO), launched(99, 99), True),
        (group("new", *TWO), launched(10, 100), False),
        (group("new", *TWO), launched(10), False),
        (group("new", *TWO), (), False),
        (group("new", desired=2), (), True),
        (group("new", desired=2), launched(10), True),
        (group("new", desired=2, suspended=frozenset({"Launch"})), (), False),
        (group("new", *TWO), (activity("old", at=NOW), *launched(10)), False),
        (group("new", *TWO), (*detached("new", "i-1", at=NOW - 150), *launched(9, 9)), True),
    ],
)
def test_what_was_woken_is_on_its_way_for_as_long_as_a_launch_may_take(new, activities, expected) -> None:
    """Only what was launched of late, with nothing before it, is coming; what dies again and again is not."""
    one = look(fleet(group("old", "Standby"), new, activities=activities, at=NOW), release(progress_deadline=100.0))
    assert expected is wakes(one)


@pytest.mark.parametrize(
    ("one", "expected"),
    [(group("new"), True), (group("new", desired=1), False), (group("new", "Standby"), False)],
)
def test_what_was_parked_was_not_put_to_nothing(one, expected) -> None:
    """Parking takes desired capacity, too."""
    assert expected is put_to_nothing(one)


AT = "At 2026-11-30T06:00:00Z "
CAUSES = {
    f"{AT}a scheduled action update of AutoScalingGroup constraints to min: 1, max: 6, desired: 1 changing the desired "
    f"capacity from 4 to 1.  {AT}an instance was taken out of service in response to a difference between desired and "
    "actual capacity, shrinking the capacity from 4 to 1.": 1,
    f"{AT}a user request explicitly set group desired capacity changing the desired capacity from 2 to 3.": 3,
    f"{AT}a monitor alarm low in state ALARM triggered policy in changing the desired capacity from 4 to 2.": 2,
    f"{AT}an instance was taken out of service in response to an ELB system health check failure.": 4,
    f"{AT}an instance was launched in response to an unhealthy instance needing to be replaced.": 4,
    f"{AT}a user request update of AutoScalingGroup constraints to min: 1, max: 9, desired: 9 changing the desired "
    "capacity from 4 to 9.": 4,
}


@pytest.mark.parametrize("name", ["new", "old"])
@given(causes=st.lists(st.sampled_from(sorted(CAUSES))))
def test_what_was_wished_less_of_meanwhile_is_no_loss(name: str, causes: list[str]) -> None:
    """The least that new was asked for is all that it can lose; what was ended as unhealthy was not wished (guide)."""
    told = tuple(activity(name, cause=cause) for cause in causes)
    seen = fleet(group("old"), group("new"), activities=told)
    least = min((4, *map(CAUSES.__getitem__, causes))) if name == "new" else 4
    assert {"lb": least, "nlb": min(1, least)} == edited_meanwhile(
        release(after_wave={"lb": 4, "nlb": 1}), seen
    ).after_wave

"""What is at nothing by its owner's wish, and what was woken: each judged from one look."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.pair.asleep import put_to_nothing, wakes
from tests.building.values import NOW, activity, detached, fleet, group, look, release

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

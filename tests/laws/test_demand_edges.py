"""Demand at its edges: who is sick, what is parked, what is left when nothing is healthy, and the roundings."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.flow.limits import Pace
from bluegreen.targets.pair.model.demand import sick
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK
from tests.support.values import BALANCER, NOW, fleet, group, look, release

MOVED = {"milestones": {"moving": NOW, "moved": NOW}}
BACK = {"milestones": {"moving": NOW, "moved": NOW, "back": NOW}}


def seen(old: str, new: str = "", desired: int | None = None, low: int = 0, **of: Any) -> Look:
    """Return a look: ``h`` is a healthy instance, ``s`` a sick one, ``p`` a parked one, ``e`` one entering Standby."""
    states = {"h": "InService", "s": "InService", "p": "Standby", "e": "EnteringStandby"}
    more = {} if desired is None else {"desired": desired}
    blue = group("old", *[states[letter] for letter in old], min=low, **more)
    green = group("new", *[states[letter] for letter in new])
    ill = {
        f"i-{name}-{n}": "unhealthy"
        for name, all_ in (("old", old), ("new", new))
        for n, x in enumerate(all_)
        if x == "s"
    }
    return look(fleet(blue, green, ill), release(**of))


@pytest.mark.parametrize(
    ("old", "desired", "best", "expected"),
    [
        ("hh", 2, 2, False),
        ("", 0, 2, True),
        ("ss", 2, 2, True),
        ("ss", 2, 0, True),
        ("hhss", 4, 4, False),
        ("hsss", 4, 4, True),
        ("hh", 20, 2, False),
        ("hh", 20, 5, True),
        ("hh", 3, 20, False),
    ],
)
def test_sick_is_less_than_half_of_what_it_should_serve_with(old, desired, best, expected) -> None:
    """Half is not sick; a ramp that has just begun is not sick; nothing healthy always is."""
    one = seen(old, desired=desired, best=best)
    assert expected == sick(one, one.old)


@pytest.mark.parametrize(
    ("one", "demand"),
    [
        (seen("hhpp", "hh", goal=DEPLOY), 4),
        (seen("hhpp", "hh", goal=ROLLBACK, **MOVED), 4),
        (seen("hhpp", "hh", goal=DEPLOY, **MOVED), 2),
        (seen("hhpp", "hh", goal=FINISH, **MOVED), 2),
        (seen("ee", "h"), 2),
        (seen("sspp", "h", best=4), 2),
        (seen("sspp", "h", best=4, goal=ROLLBACK, **MOVED), 2),
        (seen("hh", desired=20, best=2), 20),
        (seen("ppp", "hhh", desired=1, best=3), 4),
        (seen("sppp", "hhh", desired=1, best=4), 3),
        (seen("s", "h", desired=5, best=1), 1),
    ],
)
def test_what_is_parked_is_demand_until_the_switch_and_in_a_rollback(one, demand) -> None:
    """It served a moment ago, or is to serve again; a sick group's wishes are not added to it."""
    assert demand == one.demand


@pytest.mark.parametrize("parked", [0, 1, 3])
def test_a_minimum_raised_to_demand_does_not_raise_demand(parked: int) -> None:
    """Somebody puts an instance to Standby while old serves again: four became a hundred, one look after the other."""
    needed = []
    desired = 4
    for _ in range(3):
        needed.append(seen("h" * 4 + "p" * parked, goal=ROLLBACK, best=4, desired=desired, **BACK).demand)
        desired = max(desired, needed[-1])
    assert [4, 4, 4] == needed


@pytest.mark.parametrize(
    ("one", "demand"),
    [
        (seen("sss", capacity=7, best=0), 7),
        (seen("sss", low=1, capacity=7, best=0), 7),
        (seen("sss", "sss", low=1, capacity=7, best=7), 7),
        (seen("", capacity=7, best=7), 7),
        (seen("", capacity=0, best=0), 1),
        (seen("sss", "hh", low=3, best=3), 3),
    ],
)
def test_what_is_needed_when_a_side_is_sick(one, demand) -> None:
    """What served when the release began when nothing is healthy, at least one; a minimum counts even then."""
    assert demand == one.demand


@pytest.mark.parametrize(("least", "floor"), [(100, 3), (67, 3), (66, 2), (50, 2), (34, 2), (33, 1), (1, 1)])
def test_the_floor_is_rounded_up(least, floor) -> None:
    """Of three instances a half is two: a share of an instance serves nobody."""
    assert floor == seen("hhh", best=3, pace=Pace(least, 200)).floor(BALANCER.id)


@pytest.mark.parametrize(
    ("old", "most", "target"), [("hhh", 200, 3), ("hhh", 150, 1), ("hhh", 133, 0), ("hhh", 134, 1), ("hhh", 100, 0)]
)
def test_the_ceiling_is_rounded_down(old, most, target) -> None:
    """Of three instances one and a half more are one: the room that is not there holds nothing."""
    assert target == seen(old, best=3, pace=Pace(50, most)).target


def test_the_target_is_never_negative() -> None:
    """A sick group that has scaled itself beyond the ceiling leaves no room; less than none is no size."""
    assert 0 == seen("h" + "s" * 9, low=1, best=4).target

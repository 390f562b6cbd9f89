"""The most dangerous lines: demand, floor, ceiling, target and spare."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.limits import Pace
from bluegreen.targets.pair.model.release import ROLLBACK
from tests.support.values import BALANCER, fleet, group, look, release

counts = st.integers(0, 12)
WEB = BALANCER.id


def seen(old: int, new: int, sick_old: int = 0, sick_new: int = 0, parked: int = 0, **of: object) -> object:
    """Return a look at ``old`` and ``new`` instances in service, some of them unhealthy, and ``parked`` old ones."""
    blue = group("old", *["InService"] * old, *["Standby"] * parked)
    green = group("new", *["InService"] * new)
    health = {f"i-old-{n}": "unhealthy" for n in range(min(sick_old, old))}
    health |= {f"i-new-{n}": "unhealthy" for n in range(min(sick_new, new))}
    return look(fleet(blue, green, health), release(**of))


@given(counts, counts, counts, counts, counts, st.integers(0, 12))
def test_floor_is_never_above_demand_nor_above_what_was_healthy(old, new, sick_old, sick_new, parked, best) -> None:
    """The floor is min(demand, the most healthy at once), whatever the fleet."""
    one = seen(old, new, sick_old, sick_new, parked, best=best)
    assert one.floor(WEB) == min(one.demand, best)


@given(counts, counts, counts, counts)
def test_demand_is_at_least_one(old, new, sick_old, sick_new) -> None:
    """Emptiness is never success: something is always demanded."""
    assert max(1, seen(old, new, sick_old, sick_new).demand) == seen(old, new, sick_old, sick_new).demand


@given(counts, counts)
def test_demand_is_the_larger_desired_while_both_are_healthy(old, new) -> None:
    """Sharing the load dilutes each side's metric, so the larger desired capacity counts."""
    one = seen(old, new, best=max(old, 1), capacity=1)
    assert one.demand == max(1, old, new)


@given(st.integers(1, 12), counts)
def test_a_sick_groups_desired_capacity_is_not_demand(old, new) -> None:
    """A group without a healthy instance does not raise demand by what it asks for."""
    assert seen(old, new + 20, sick_new=new + 20, best=old).demand == old


def test_demand_falls_back_to_what_served_before_when_nothing_is_healthy() -> None:
    """With both sides sick the capacity at the beginning is what is needed."""
    assert seen(3, 3, 3, 3, capacity=7, best=7).demand == 7


def test_a_minimum_keeps_demand_while_its_group_is_taken_away() -> None:
    """A rollback that shrinks new must not see demand shrink with it."""
    blue = group("old", *["InService"] * 8, min=8)
    green = group("new", *["InService"] * 3)
    health = {f"i-old-{n}": "initial" for n in range(6)}
    one = look(fleet(blue, green, health), release(capacity=8, best=8, goal=ROLLBACK))
    assert (one.demand, one.floor(WEB), one.spare(WEB)) == (8, 8, -3)


def test_what_is_parked_counts_in_a_rollback() -> None:
    """Old's capacity is what it has and what comes back."""
    assert seen(0, 2, sick_new=2, parked=5, goal=ROLLBACK, best=5).demand == 5


@given(st.integers(1, 40), st.integers(0, 40), st.integers(50, 100), st.integers(100, 200))
def test_pace_limits_hold(old, new, least, most) -> None:
    """The target never lifts the total above the ceiling, and spare never cuts below the floor."""
    one = seen(old, new, best=max(old, new), pace=Pace(least, most))
    assert one.target == max(0, min(one.demand, one.demand * most // 100 - old))
    assert one.served(WEB) - max(0, one.spare(WEB)) == min(one.served(WEB), one.floor(WEB))


def test_blue_green_is_a_pace() -> None:
    """At 100/200 the whole demand comes up beside old, and nothing may leave before."""
    one = seen(4, 0, best=4)
    assert (one.target, one.floor(WEB), one.spare(WEB)) == (4, 4, 0)


def test_rolling_is_a_pace() -> None:
    """At 75/100 one of four leaves before its successor comes."""
    one = seen(4, 0, best=4, pace=Pace(75, 100))
    assert (one.target, one.floor(WEB), one.spare(WEB)) == (0, 3, 1)


def test_only_old_instances_are_told_to_leave() -> None:
    """A record that says so of new makes nobody sick who serves."""
    one = seen(2, 2, leaving=frozenset({"i-old-0", "i-new-0"}))
    assert (("i-old-1",), ("i-new-0", "i-new-1")) == (one.well(one.old, WEB), one.well(one.new, WEB))


def test_behind_a_way_back_nobody_is_told_to_leave() -> None:
    """Old serves alone by then, whatever the record says of its instances."""
    one = seen(2, 0, leaving=frozenset({"i-old-0"}), goal=ROLLBACK, milestones={"back": 1.0})
    assert ("i-old-0", "i-old-1") == one.well(one.old, WEB)

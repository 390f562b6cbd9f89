"""What one look says of the way back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.targets.pair.model.fleet import CLASSIC, Balancer, Machine, Tag
from bluegreen.targets.pair.plans.readiness import Readiness, readiness
from tests.support.values import BALANCER, NOW, fleet, group, look, machine, release

IDS = ("i-old-0", "i-old-1")
OTHER = Balancer(CLASSIC, "api")
BOTH = frozenset({BALANCER, OTHER})


def found(more: dict[str, Any] | None = None, of: dict[str, Any] | None = None, **old: Any) -> Readiness:
    """Return what a look shows at two parked instances, but for what is said of the fleet, the release and old."""
    states, new = old.pop("states", ("Standby", "EnteringStandby")), old.pop("new", {})
    pair = fleet(group("old", *states, **old), group("new", "InService", "InService", **new), **(more or {}))
    return readiness(look(pair, release(leaving=frozenset(IDS), **(of or {}))))


CASES: dict[str, tuple[Readiness, tuple[str, ...], tuple[str, ...]]] = {
    "whole": (found(), IDS, ()),
    "first": (found(of={"first": True}), (), ()),
    "both run": (found({"asked": {*IDS}, "machines": {i: machine(i) for i in IDS}}), IDS, ()),
    "not told whether they run": (found({"machines": {}}), IDS, ()),
    "one not known to EC2": (found({"asked": {*IDS}, "machines": {IDS[0]: machine(IDS[0])}}), IDS[:1], ("rotten",)),
    "one stopped": (found({"asked": {IDS[1]}, "machines": {IDS[1]: machine(IDS[1], "stopped")}}), IDS[:1], ("rotten",)),
    "one has left": (found(states=("Standby",)), IDS[:1], ("rotten",)),
    "launches rest": (found(suspended=frozenset({"Launch"})), (), ("blocked", "rotten")),
    "registration rests": (found(suspended=frozenset({"AddToLoadBalancer"})), (), ("blocked", "rotten")),
    "alarms rest": (found(suspended=frozenset({"AlarmNotification"})), IDS, ()),
    "new cannot go": (found(new={"suspended": frozenset({"Terminate"})}), IDS, ("rotten",)),
    "what new needs no more": (found(new={"suspended": frozenset({"Launch", "AddToLoadBalancer"})}), IDS, ()),
    "old needs no end": (found(suspended=frozenset({"Terminate"})), IDS, ()),
    "being deleted": (found(deleting=True), (), ("blocked", "rotten")),
    "another tag": (found(tags={"image": Tag("v9")}), IDS, ("mended",)),
    "no tag": (found(tags={}), IDS, ("mended",)),
    "no room": (found(max=1), IDS, ("mended",)),
    "no room, and that is ours": (found(max=1, of={"written": {"old max": (10, 1)}}), IDS, ()),
    "cut off": (found(balancers=frozenset()), (), ("blocked", "rotten")),
    "attached to more": (found(balancers=BOTH), IDS, ()),
    "another one instead": (found(balancers=frozenset({OTHER})), IDS, ("rotten",)),
    "one of two is gone": (found({"gone": {"api"}}, balancers=BOTH), IDS, ("rotten",)),
    "all are gone": (found({"gone": {"api", "web"}}, balancers=BOTH), (), ("blocked", "blocked", "rotten", "rotten")),
}


@pytest.mark.parametrize(("found", "ready", "kinds"), CASES.values(), ids=CASES)
def test_what_a_look_says(found: Readiness, ready: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    """Who can come back, and whether the rest blocks, rots, or is put right by a rollback; not known is no lack."""
    mended = [lack for lack in found.lacks if lack.mended]
    told = [*("blocked" for _ in found.blocked), *("rotten" for _ in found.rotten), *("mended" for _ in mended)]
    assert (ready, list(kinds)) == (found.ready, told)


TIMES = {"launched_at": NOW, "well_at": NOW + 160.0, "check_time": 7.0}


@pytest.mark.parametrize(
    ("seen", "of", "states", "told"),
    [
        ({}, TIMES, ("Standby",) * 2, (12.0, 12.0)),
        ({"health": {IDS[1]: "draining"}}, TIMES, ("Standby", "EnteringStandby"), (7.0, 12.0)),
        ({"health": {IDS[1]: "draining"}}, TIMES, ("Terminating", "EnteringStandby"), (7.0, 160.0)),
        ({"machines": {IDS[0]: machine(IDS[0])}}, TIMES, ("Standby",) * 2, (12.0, 160.0)),
        ({"machines": {IDS[0]: machine(IDS[0])}}, {"check_time": 7.0}, ("Standby",) * 2, (12.0, None)),
        ({"machines": {}}, TIMES, ("Standby",) * 2, (160.0, 160.0)),
        ({"machines": {}}, {}, ("Standby",) * 2, (None, None)),
        ({}, {**TIMES, "leaving": frozenset(IDS[1:])}, ("InService", "Standby"), (0.0, 12.0)),
    ],
)
def test_how_fast_a_rollback_would_be(seen: Any, of: Any, states: Any, told: Any) -> None:
    """The first that serves, and all that are needed: what drains, what is parked, what is to be launched."""
    asked = {"asked": set(IDS)} if "machines" in seen else {}
    pair = fleet(group("old", *states), group("new", "InService", "InService"), **asked, **seen)
    back = readiness(look(pair, release(**{"leaving": frozenset(IDS), **of}))).back
    assert told == (back.first_s, back.all_s)


@given(
    st.lists(st.sampled_from(["Standby", "EnteringStandby", "InService", "Terminating"]), max_size=5),
    st.lists(st.sampled_from(["ok", "impaired", "stopped", "gone"]), min_size=5, max_size=5),
    st.floats(1, 100),
    st.floats(1, 1000),
)
def test_the_first_serves_no_later_than_all(states: list[str], lives: list[str], check: float, launch: float) -> None:
    """And each term says on what it rests."""
    ids = [f"i-old-{n}" for n in range(len(states))]
    there = {
        i: Machine(i, "stopped" if how == "stopped" else "running", checks=how)
        for i, how in zip(ids, lives, strict=False)
    }
    found = {i: one for i, one in there.items() if one.checks != "gone"}
    pair = fleet(group("old", *states), group("new", "InService", "InService"), asked=set(ids), machines=found)
    of = release(leaving=frozenset(ids), check_time=check, launched_at=NOW, well_at=NOW + launch)
    kept = readiness(look(pair, of))
    first, every = kept.back.first_s, kept.back.all_s
    assert first is None or every is None or first <= every or first == 0.0
    assert set(kept.alive) <= set(kept.ready) <= set(kept.kept)
    assert bool(kept.back.basis) == bool(first or every)

"""What one look says of the way back."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.targets.pair.model.fleet import CLASSIC, Balancer, Tag
from bluegreen.targets.pair.plans.readiness import Readiness, readiness
from tests.support.values import BALANCER, fleet, group, look, machine, release

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

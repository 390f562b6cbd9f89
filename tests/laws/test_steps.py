"""The steps, each by itself: a look, and the one thing that is missing.

``expected`` is the action that is due, or the kind of answer.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import DONE, Answer, Blocked, Done, Due, Failed, Recorded, Waiting
from bluegreen.flow.limits import Pace
from bluegreen.flow.snapshot import Symbol
from bluegreen.flow.view import Seen
from bluegreen.targets.pair.model.actions import (
    BATCH,
    Detach,
    EnterStandby,
    ExitStandby,
    Flip,
    Mark,
    Register,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
    Unmark,
    Unprotect,
    UntagGroup,
)
from bluegreen.targets.pair.model.fleet import AUTOSCALER, REBALANCE, SCHEDULES, Instance, Tag
from bluegreen.targets.pair.model.look import Look, armed
from bluegreen.targets.pair.model.release import FINISH, MARK, ROLLBACK, Bounds, Picture, Side
from bluegreen.targets.pair.model.showing import summary
from bluegreen.targets.pair.plans import deploy, finish, giving_way, parking, retiring, rollback, steps
from tests.support.values import BALANCER, NOW, activity, detached, fleet, group, look, machine, release

ONE, TWO = ("InService",), ("InService", "InService")
OURS = {"bluegreen_retire": "web:1"}
IDS = ("i-old-0", "i-old-1")
OLD, NEW, NO_NEW = group("old", *TWO), group("new", *TWO), group("new")
PARKED = group("old", "Standby", "Standby")
GONE = group("old")
RESTING = AUTOSCALER | {REBALANCE}
SICK_OLD = dict.fromkeys(IDS, "unhealthy")
UNTOLD_OLD = dict.fromkeys(IDS, "unknown")
SICK_NEW = {"i-new-0": "unhealthy", "i-new-1": "unhealthy"}
SERVICE_RESTS = Picture(Side("old", 0, 10, 2, frozenset({SCHEDULES}), "v1"), Side("new", 0, 0, 0, AUTOSCALER, "v0"))
HID_TAG = Picture(Side("old", 0, 10, 2, image="v1"), Side("new", 0, 0, 0, image="v0", propagate=False))
MOVED = {"milestones": {"moving": NOW, "moved": NOW}}
BACK = {"goal": ROLLBACK}


def seen(old: Any = OLD, new: Any = NEW, health: Any = None, fleets: Any = None, **of: Any) -> Look:
    """Return a look at both groups."""
    return look(fleet(old, new, health, **(fleets or {})), release(**of))


ENDED = {i: machine(i, "terminated") for i in IDS}


def retires(machines: Any) -> Look:
    """Return a look at a finish whose new side is too small, and what EC2 tells of the parked instances."""
    asked = {"machines": machines, "asked": frozenset(IDS)}
    return seen(PARKED, health={"i-new-0": "unhealthy"}, fleets=asked, goal=FINISH, retire=IDS, **MOVED)


def steadily(one: Look, times: int = 2) -> Look:
    """Return the look with ``times`` earlier ones that show the same."""
    return attrs.evolve(one, past=tuple(Seen(attrs.evolve(one, past=()), DONE) for _ in range(times)))


def machines(*ids: str, state: str = "running", **tags: str) -> dict[str, Any]:
    """Return what a look knows of these EC2 instances."""
    return {"machines": {i: machine(i, state, **tags) for i in ids}, "asked": frozenset(ids)}


def many(name: str, count: int, state: str = "InService", **changes: Any) -> Any:
    """Return a group of ``count`` instances in one state."""
    return group(name, *[state] * count, **{"max": 100, **changes})


def kind(answer: Answer) -> Any:
    """Return the action that is due, or what kind of answer it is."""
    return answer.action if isinstance(answer, Due) else type(answer)


AT_WORK = seen(many("old", 45), many("new", 45), capacity=45, best=45)
FORTY_FIVE = tuple(f"i-old-{n}" for n in range(45))
REPARKED = {"reparked": frozenset({"i-old-0"}), **MOVED}
LATER = group("old", "Pending", "InService")
"""The one that appeared first comes into service again, and another one is there already."""
UNLAUNCHABLE = {"activities": (activity("new", "The AMI ID 'ami-0123' does not exist."),)}
CAUSED = {"activities": (activity("old", cause="a person did it", status="Successful"),)}
GUARDED = {"alarms": ("web-5xx",), "well_at": NOW}
FIRING_ALARM = {"alarms": {"web-5xx": "ALARM"}}

DEPLOY = [
    (deploy.disarm_coming_new, seen(new=NO_NEW), Suspend("new", RESTING)),
    (
        deploy.disarm_coming_new,
        seen(new=group("new", suspended=frozenset({SCHEDULES}))),
        Suspend("new", {"AlarmNotification", REBALANCE}),
    ),
    (deploy.disarm_coming_new, seen(new=group("new", suspended=RESTING)), Done),
    (deploy.hold_old, seen(), Resize("old", min=2)),
    (deploy.hold_old, seen(group("old", *TWO, min=2)), Done),
    (deploy.hold_old, seen(health=SICK_OLD), Done),
    (deploy.hold_old, seen(first=True), Done),
    (deploy.set_image, seen(new=NO_NEW), TagGroup("new", "image", "v2", True)),
    (deploy.set_image, seen(new=group("new", tags={"image": Tag("v2")})), Done),
    (deploy.set_image, seen(new=NO_NEW, picture=HID_TAG), TagGroup("new", "image", "v2", False)),
    (deploy.set_image, seen(new=NEW), Resize("new", min=0, max=0)),
    (deploy.set_image, seen(new=group("new", "Terminating:Wait", max=0)), TagGroup("new", "image", "v2", True)),
    (deploy.set_image, seen(new=group("new", "Detaching", max=0)), Waiting),
    (deploy.set_image, seen(new=group("new", "Warmed:Stopped", max=0)), Blocked),
    (deploy.set_image, seen(new=group("new", "Warmed:Terminating", max=0)), Waiting),
    (deploy.set_image, seen(new=group("new", "a state of next year", max=0)), Waiting),
    (deploy.grow_new, seen(new=NO_NEW), Resize("new", min=2, max=10)),
    (deploy.grow_new, seen(new=group("new", min=2)), Done),
    (deploy.grow_new, seen(new=group("new", min=3, max=9)), Resize("new", min=3, max=10)),
    (deploy.grow_new, seen(new=group("new", min=1, max=12)), Resize("new", min=2, max=12)),
    (deploy.grow_new, seen(many("old", 12), NO_NEW, best=12), Resize("new", min=12, max=12)),
    (deploy.grow_new, seen(new=group("new", min=2, max=10), bounds=Bounds(1, 11)), Resize("new", min=2, max=11)),
    (deploy.await_new, seen(), Done),
    (deploy.await_new, seen(health={"i-new-0": "initial"}), Waiting),
    (deploy.await_new, seen(GONE, NO_NEW, best=0), Waiting),
    (deploy.await_new, seen(new=group("new", *ONE), best=1, capacity=2), Waiting),
    (deploy.await_new, seen(new=group("new", *TWO, "Pending"), best=2), Done),
    (deploy.await_new, seen(many("old", 3), group("new", *TWO, desired=3), best=2), Done),
    (deploy.await_new, seen(many("old", 3), group("new", *TWO), best=2), Waiting),
    (deploy.await_new, seen(health=SICK_OLD | SICK_NEW, best=0), Waiting),
    (deploy.await_new, seen(GONE, group("new", *ONE, desired=3), first=True, best=0), Waiting),
    (deploy.await_new, seen(GONE, many("new", 3), first=True, best=0), Done),
    (deploy.await_new, seen(pace=Pace(50, 100), new=NO_NEW), Done),
    (
        deploy.await_new,
        seen(new=NO_NEW, fleets={"activities": (activity("new", "The AMI ID 'x' does not exist"),)}, launched_at=NOW),
        Failed,
    ),
    (
        deploy.arm_new,
        seen(new=group("new", *TWO, suspended=AUTOSCALER)),
        Flip(Resume("new", AUTOSCALER), Suspend("old", RESTING)),
    ),
    (
        deploy.arm_new,
        seen(group("old", *TWO, suspended=RESTING), group("new", *TWO, suspended=AUTOSCALER)),
        Resume("new", AUTOSCALER),
    ),
    (
        deploy.arm_new,
        seen(new=group("new", *TWO, suspended=AUTOSCALER), picture=SERVICE_RESTS),
        Flip(Resume("new", {"AlarmNotification"}), Suspend("old", RESTING)),
    ),
    (deploy.arm_new, seen(new=group("new", *TWO, suspended=frozenset({SCHEDULES})), picture=SERVICE_RESTS), Done),
    (deploy.arm_new, seen(), Done),
    (deploy.disarm_old, seen(), Suspend("old", AUTOSCALER | {"AZRebalance"})),
    (deploy.disarm_old, seen(group("old", *TWO, suspended=AUTOSCALER)), Suspend("old", {"AZRebalance"})),
    (deploy.disarm_old, seen(GONE, first=True), Done),
    (parking.let_old_go, seen(group("old", *TWO, min=2)), Resize("old", min=0)),
    (parking.let_old_go, seen(), Done),
    (parking.let_old_go, seen(group("old", min=2), first=True), Done),
    (parking.park_old, seen(), EnterStandby("old", IDS)),
    (parking.park_old, seen(new=NO_NEW), Waiting),
    (parking.park_old, seen(new=group("new", *ONE)), EnterStandby("old", ("i-old-0",))),
    (parking.park_old, seen(health=SICK_NEW), Waiting),
    (parking.park_old, seen(new=NO_NEW, health={"i-old-1": "unhealthy"}, best=1), EnterStandby("old", ("i-old-1",))),
    (parking.park_old, seen(new=NO_NEW, health={"i-old-1": "unhealthy"}, best=2), EnterStandby("old", ("i-old-1",))),
    (parking.park_old, seen(new=NO_NEW, health={"i-old-1": "unknown"}, best=2), Waiting),
    (parking.park_old, seen(new=NO_NEW, health={"i-old-1": "unknown"}, best=1), EnterStandby("old", ("i-old-1",))),
    (parking.park_old, seen(new=NO_NEW, health=SICK_OLD, best=2), Waiting),
    (parking.park_old, seen(new=NO_NEW, health=SICK_OLD, best=0), Waiting),
    (parking.park_old, seen(new=NO_NEW, health=SICK_OLD, best=0, pace=Pace(50, 100)), EnterStandby("old", IDS)),
    (parking.park_old, seen(new=group("new", *ONE), health=SICK_OLD, best=2), EnterStandby("old", IDS)),
    (parking.park_old, seen(healthy_for=60.0), Waiting),
    (parking.park_old, AT_WORK, EnterStandby("old", FORTY_FIVE[:BATCH])),
    (parking.park_old, seen(leaving=frozenset({"i-old-0"})), EnterStandby("old", ("i-old-1",))),
    (parking.park_old, seen(leaving=frozenset(IDS)), Waiting),
    (parking.park_old, seen(leaving=frozenset(IDS), health=SICK_OLD), Waiting),
    (parking.park_old, steadily(seen(leaving=frozenset(IDS)), 1), Waiting),
    (parking.park_old, steadily(seen(leaving=frozenset(IDS))), EnterStandby("old", IDS)),
    (parking.park_old, seen(group("old", "Standby", "Pending")), Waiting),
    (parking.park_old, seen(PARKED, health={"i-old-0": "healthy"}), Waiting),
    (parking.park_old, seen(PARKED, health={"i-old-0": "draining"}), Done),
    (parking.park_old, seen(PARKED), Done),
    (parking.park_old, seen(group("old", "EnteringStandby", "Standby")), Done),
    (parking.park_old, seen(group("old", "Standby", "Terminating", desired=1)), Resize("old", min=0, max=0)),
    (parking.park_old, seen(GONE), Done),
    (parking.want_no_old, seen(group("old", "Standby", desired=1)), Resize("old", min=0, max=0)),
    (parking.want_no_old, seen(OLD), Done),
    (parking.want_no_old, seen(group("old", "Pending")), Done),
    (parking.park_again, seen(PARKED, **MOVED), Done),
    (parking.park_again, seen(OLD, **MOVED), EnterStandby("old", IDS)),
    (parking.park_again, seen(group("old", "Pending", "Standby"), **MOVED), Waiting),
    (deploy.require_launches, seen(new=group("new", *ONE, desired=2), fleets=UNLAUNCHABLE, launched_at=NOW), Failed),
    (deploy.require_launches, seen(new=group("new", *TWO), fleets=UNLAUNCHABLE, launched_at=NOW), Done),
    (deploy.require_launches, seen(new=group("new", *ONE, desired=2)), Done),
    (parking.park_again, seen(group("old", "Standby", desired=1), **MOVED), Resize("old", min=0, max=0)),
    (parking.park_again, seen(OLD, **REPARKED), Blocked),
    (parking.park_again, seen(LATER, reparked_at=NOW - 59.9, **REPARKED), Waiting),
    (parking.park_again, steadily(seen(LATER, reparked_at=NOW - 59.9, **REPARKED)), EnterStandby("old", ("i-old-1",))),
    (parking.park_again, seen(LATER, reparked_at=NOW - 60.0, **REPARKED), Blocked),
    (parking.park_again, seen(group("old", "Standby", "InService"), reparked_at=NOW - 1.0, **REPARKED), Blocked),
    (parking.park_again, seen(group("old", *ONE), **REPARKED), Waiting),
    (parking.park_again, steadily(seen(group("old", *ONE), **REPARKED)), EnterStandby("old", ("i-old-0",))),
    (parking.park_again, steadily(seen(group("old", *ONE), **REPARKED), 1), Waiting),
    (deploy.await_all, seen(), Done),
    (deploy.await_all, seen(new=group("new", *ONE, desired=2)), Waiting),
    (deploy.await_all, seen(new=group("new", *TWO, desired=5)), Done),
    (deploy.await_all, seen(new=group("new", *ONE), capacity=5), Done),
    (deploy.await_all, seen(PARKED, group("new", desired=2)), Waiting),
    (deploy.await_all, seen(PARKED, NO_NEW), Done),
    (deploy.require_no_alarm, seen(PARKED, NO_NEW, fleets=FIRING_ALARM, **GUARDED), Failed),
    (deploy.require_no_alarm, seen(PARKED, NO_NEW, fleets=FIRING_ALARM, **GUARDED, **MOVED), Done),
    (deploy.require_no_alarm, seen(PARKED, NEW, fleets=FIRING_ALARM, after_wave=0, **GUARDED, **MOVED), Done),
    (deploy.require_no_alarm, seen(PARKED, NEW, fleets=FIRING_ALARM, after_wave=1, **GUARDED, **MOVED), Failed),
    (deploy.await_bake, look(fleet(PARKED, NEW), release(bake=60.0, **MOVED), at=NOW + 59.9), Waiting),
    (deploy.await_bake, look(fleet(PARKED, NEW), release(bake=60.0, **MOVED), at=NOW + 60.0), Done),
    (deploy.hand_over, seen(new=group("new", *TWO, min=2), bounds=Bounds(1, 4)), Resize("new", min=1, max=4)),
    (deploy.hand_over, seen(new=group("new", *TWO, min=1, max=4), bounds=Bounds(1, 4)), Done),
    (deploy.hand_over, seen(new=many("new", 5), bounds=Bounds(1, 4)), Resize("new", min=1, max=5)),
]

ASKED_BACK = {"returning": frozenset(IDS), **BACK}
HELD = group("old", *TWO, min=2)
BUSY = {"i-new-0": "healthy"}
LEAVING_NEW = group("new", "Terminating:Wait", max=0)
STAYING_NEW = group("new", "InService", max=0)
NO_TAG = Picture(Side("old", 0, 10, 2, image="v1"), Side("new", 0, 0, 0, image=None))
NEW_RESTS = Picture(Side("old", 0, 10, 2, frozenset({"AZRebalance"}), "v1"), Side("new", 0, 0, 0, AUTOSCALER, "v0"))
V9 = {"image": Tag("v9")}
LAUNCHES_REST = {"suspended": frozenset({"Launch"})}
OLD_ROLLBACK = [
    (rollback.require_fit_to_return, seen(**BACK), Done),
    (rollback.require_fit_to_return, seen(group("old", suspended=frozenset({"Launch"})), **BACK), Blocked),
    (rollback.require_fit_to_return, seen(group("old", suspended=frozenset({"AddToLoadBalancer"})), **BACK), Blocked),
    (rollback.require_fit_to_return, seen(group("old", suspended=frozenset({"Terminate"})), **BACK), Done),
    (rollback.require_fit_to_return, seen(group("old", *TWO, suspended=frozenset({"Launch"})), **BACK), Done),
    (
        rollback.require_fit_to_return,
        seen(group("old", "EnteringStandby", **LAUNCHES_REST), health={"i-old-0": "draining"}, **BACK),
        Register(BALANCER, ("i-old-0",)),
    ),
    (rollback.require_fit_to_return, seen(group("old", "Standby", balancers=frozenset()), **BACK), Blocked),
    (rollback.require_fit_to_return, seen(group("old", "Standby", deleting=True), **BACK), Blocked),
    (rollback.require_fit_to_return, seen(group("old", suspended=frozenset({"Launch"})), first=True, **BACK), Done),
    (rollback.forget_what_stayed, seen(**BACK), Done),
    (rollback.forget_what_stayed, seen(leaving=frozenset(IDS), **BACK), Recorded),
    (rollback.forget_what_stayed, seen(leaving=frozenset(IDS), told_at=NOW - 59.9, **BACK), Waiting),
    (rollback.forget_what_stayed, seen(leaving=frozenset(IDS), told_at=NOW - 60.0, **BACK), Recorded),
    (rollback.return_old, seen(HELD, **BACK), Done),
    (rollback.return_old, seen(PARKED, first=True, **BACK), Done),
    (rollback.return_old, seen(group("old", "Standby", "Standby", max=1), **BACK), Resize("old", max=2)),
    (rollback.return_old, seen(group("old", *TWO, "Standby", max=2), **BACK), Resize("old", max=3)),
    (rollback.return_old, seen(group("old", *TWO, "Standby", max=2), health=SICK_OLD, **BACK), Resize("old", max=3)),
    (rollback.return_old, seen(group("old", "Standby", max=2), many("new", 5), **BACK), Resize("old", max=5)),
    (
        rollback.return_old,
        seen(group("old", "EnteringStandby"), health={"i-old-0": "draining"}, **BACK),
        Register(BALANCER, ("i-old-0",)),
    ),
    (rollback._bridge, seen(group("old", "EnteringStandby"), **BACK), Done),
    (rollback._bridge, seen(group("old", "EnteringStandby"), health={"i-old-0": "initial"}, **BACK), Done),
    (rollback._bridge, seen(group("old", "Standby"), health={"i-old-0": "draining"}, **BACK), Done),
    (rollback.return_old, seen(PARKED, **BACK), ExitStandby("old", IDS)),
    (rollback.return_old, seen(many("old", 45, "Standby"), **BACK), ExitStandby("old", FORTY_FIVE[:BATCH])),
    (rollback.return_old, seen(group("old", "Standby", "Standby", min=2), **ASKED_BACK), Waiting),
    (rollback._unpark, seen(PARKED, **ASKED_BACK), Done),
    (rollback._unpark, steadily(seen(PARKED, **ASKED_BACK), 1), Done),
    (rollback._unpark, steadily(seen(PARKED, **ASKED_BACK)), ExitStandby("old", IDS)),
    (rollback.return_old, seen(OLD, **BACK), Resize("old", min=2)),
    (
        rollback.return_old,
        seen(group("old", *TWO, min=2, tags=V9), many("new", 5), **BACK),
        TagGroup("old", "image", "v1"),
    ),
    (rollback.return_old, seen(group("old", *TWO, min=2), many("new", 5), **BACK), Resize("old", min=5)),
    (rollback._top_up, seen(PARKED, NO_NEW, **BACK), Done),
    (rollback._top_up, seen(PARKED, many("new", 5), **BACK), Resize("old", min=3)),
    (rollback.return_old, seen(group("old", "EnteringStandby", *ONE, min=1), NO_NEW, **BACK), Waiting),
    (
        rollback.arm_old,
        seen(group("old", *TWO, suspended=AUTOSCALER), **BACK),
        Flip(Resume("old", AUTOSCALER), Suspend("new", AUTOSCALER)),
    ),
    (rollback.arm_old, seen(group("old", suspended=AUTOSCALER), first=True, **BACK), Done),
    (rollback.disarm_new, seen(**BACK), Suspend("new", AUTOSCALER)),
    (rollback.unprotect_new, seen(**BACK), Done),
    (
        rollback.unprotect_new,
        seen(
            new=group("new", instances=(Instance("i-1", "InService", protected=True), Instance("i-2", "InService"))),
            **BACK,
        ),
        Unprotect("new", ("i-1",)),
    ),
    (
        rollback.unprotect_new,
        seen(
            new=group("new", instances=tuple(Instance(f"i-{n}", "InService", protected=True) for n in range(60))),
            **BACK,
        ),
        Unprotect("new", tuple(f"i-{n}" for n in range(50))),
    ),
    (rollback.shrink_new, seen(HELD, **BACK), Resize("new", min=0, max=0)),
    (rollback.shrink_new, seen(HELD, NO_NEW, **BACK), Resize("new", min=0, max=0)),
    (rollback.shrink_new, seen(HELD, group("new", max=0), **BACK), Done),
    (rollback.shrink_new, seen(HELD, LEAVING_NEW, BUSY, **BACK), Waiting),
    (rollback.shrink_new, seen(HELD, LEAVING_NEW, {"i-new-0": "draining"}, **BACK), Done),
    (rollback.shrink_new, seen(group("old", *ONE, min=2), NEW, **BACK), Resize("new", min=0, max=1)),
    (rollback.shrink_new, seen(group("old", *ONE, min=2, desired=2), group("new", *ONE, max=1), **BACK), Waiting),
    (rollback.shrink_new, seen(group("old", min=2), NEW, **BACK), Waiting),
    (
        rollback.shrink_new,
        seen(group("old", *ONE, min=2, desired=2), group("new", *ONE, min=3), **BACK),
        Resize("new", min=0, max=1),
    ),
    (
        rollback.shrink_new,
        seen(group("old", *ONE, min=2, desired=2), group("new", *ONE, max=1), {"i-new-0": "initial"}, **BACK),
        Waiting,
    ),
    (rollback.shrink_new, seen(group("old", min=4, desired=4), many("new", 2), best=4, **BACK), Waiting),
    (
        rollback.shrink_new,
        seen(group("old", *ONE, min=2), group("new", *ONE, min=2, desired=1), **BACK),
        Resize("new", min=0, max=0),
    ),
    (rollback.shrink_new, seen(HELD, NEW, UNTOLD_OLD, best=0, progressed_at=NOW - 50.0, **BACK), Waiting),
    (rollback.empty_new, seen(new=NEW, **BACK), Resize("new", min=0, max=0)),
    (rollback.empty_new, seen(new=STAYING_NEW, **BACK), Waiting),
    (rollback.empty_new, seen(new=LEAVING_NEW, **BACK), Done),
    (rollback.keep_new_disarmed, seen(new=STAYING_NEW, **BACK), Suspend("new", AUTOSCALER)),
    (rollback.keep_new_disarmed, seen(new=LEAVING_NEW, **BACK), Done),
    (rollback.empty_new, seen(new=group("new", max=0), **BACK), Done),
    (rollback.empty_new, seen(new=group("new", "Standby", max=0), **BACK), Blocked),
    (rollback.empty_new, seen(new=group("new", "Standby", "Terminating", max=0), **BACK), Blocked),
    (rollback.empty_new, seen(new=group("new", "Terminating:Retained", max=0), launched_at=NOW, **BACK), Blocked),
    (rollback.empty_new, seen(new=group("new", "Terminating:Retained", max=0), launched_at=0.0, **BACK), Done),
    (rollback.empty_new, seen(new=group("new", "Quarantined", "InService", max=0), launched_at=0.0, **BACK), Waiting),
    (rollback.empty_new, seen(new=group("new", "Standby", "InService", max=0), **BACK), Waiting),
    (rollback.await_old, seen(**BACK), Done),
    (rollback.await_old, seen(group("old", *ONE, min=2), **BACK), Waiting),
    (rollback.await_old, seen(GONE, first=True, **BACK), Done),
    (rollback.unmark_returned, seen(fleets=machines(*IDS, **OURS), **BACK), Unmark(IDS, MARK)),
    (rollback.unmark_returned, seen(fleets=machines(*IDS), **BACK), Done),
    (rollback.unmark_returned, seen(GONE, fleets=machines(*IDS, **OURS), **BACK), Done),
    (rollback.restore_tag, seen(**BACK), TagGroup("new", "image", "v0", True)),
    (rollback.restore_tag, seen(picture=HID_TAG, **BACK), TagGroup("new", "image", "v0", False)),
    (rollback.restore_tag, seen(new=group("new", tags={"image": Tag("v0")}), **BACK), Done),
    (rollback.restore_tag, seen(picture=NO_TAG, **BACK), UntagGroup("new", "image")),
    (rollback.restore_tag, seen(new=group("new", tags={}), picture=NO_TAG, **BACK), Done),
    (rollback.restore_new, seen(new=NO_NEW, idle=Bounds(0, 3), **BACK), Resize("new", min=0, max=3)),
    (rollback.restore_new, seen(new=NO_NEW, first=True, bounds=Bounds(0, 4), **BACK), Resize("new", min=0, max=4)),
    (rollback.restore_new, seen(new=group("new", max=0), idle=Bounds(2, 3), **BACK), Resize("new", min=0, max=3)),
    (rollback.restore_new, seen(new=group("new", max=0), picture=NEW_RESTS, **BACK), Suspend("new", AUTOSCALER)),
    (rollback.restore_new, seen(new=group("new", max=0, suspended=AUTOSCALER), **BACK), Resume("new", AUTOSCALER)),
    (rollback.restore_new, seen(new=group("new", max=0), **BACK), Done),
    (rollback.restore_old, seen(HELD, bounds=Bounds(1, 4), **BACK), Resize("old", min=1, max=4)),
    (rollback.restore_old, seen(HELD, first=True, idle=Bounds(0, 1), **BACK), Resize("old", min=0, max=2)),
    (rollback.restore_old, seen(OLD, picture=NEW_RESTS, **BACK), Suspend("old", {"AZRebalance"})),
    (
        rollback.restore_old,
        seen(group("old", *TWO, suspended=frozenset({"AZRebalance"})), **BACK),
        Resume("old", {"AZRebalance"}),
    ),
    (rollback.restore_old, seen(**BACK), Done),
]

RETIRING = {"goal": FINISH, "retire": IDS}
FOREIGN = {"bluegreen_retire": "web:0"}
BOTH_PARKED = seen(PARKED, fleets=machines(*IDS), **RETIRING)
UNTOLD_OF = machines(*IDS, **OURS)
ALIVE = {**UNTOLD_OF, "activities": detached("old", *IDS)}
DEAD = machines(*IDS, state="terminated")
ONE_DEAD = {**ALIVE, "machines": {**ALIVE["machines"], "i-old-0": DEAD["machines"]["i-old-0"]}}
UNKNOWN = {"asked": frozenset(IDS)}
FINISHING = [
    (finish.require_new_holds, seen(PARKED, goal=FINISH), Done),
    (finish.require_new_holds, seen(PARKED, health={"i-new-0": "unhealthy"}, goal=FINISH, **MOVED), Waiting),
    (finish.require_new_holds, seen(PARKED, attrs.evolve(NO_NEW, desired=1), goal=FINISH, best=0, **MOVED), Waiting),
    (finish.require_new_holds, seen(PARKED, NO_NEW, goal=FINISH, best=0, **MOVED), Blocked),
    (finish.require_new_holds, seen(PARKED, NO_NEW, goal=FINISH, best=0, unserved=True, **MOVED), Done),
    (finish.require_new_still_holds, seen(PARKED, health={"i-new-0": "unhealthy"}, goal=FINISH, **MOVED), Waiting),
    (finish.require_new_still_holds, seen(GONE, health={"i-new-0": "unhealthy"}, goal=FINISH, **MOVED), Done),
    (finish.require_new_still_holds, retires(ENDED), Done),
    (finish.require_new_still_holds, retires({}), Waiting),
    (finish.require_new_still_holds, steadily(retires({})), Done),
    (finish.await_old_parked, seen(PARKED), Done),
    (finish.await_old_parked, seen(group("old", "EnteringStandby", "Standby")), Waiting),
    (retiring.list_parked, seen(PARKED, goal=FINISH), Recorded),
    (retiring.list_parked, seen(PARKED, goal=FINISH, retire=("i-old-0",)), Recorded),
    (retiring.list_parked, seen(PARKED, **RETIRING), Done),
    (retiring.list_parked, seen(OLD, goal=FINISH), Done),
    (retiring.mark_parked, BOTH_PARKED, Mark(IDS, MARK, "web:1")),
    (retiring.mark_parked, seen(PARKED, fleets=machines(*IDS, **FOREIGN), **RETIRING), Mark(IDS, MARK, "web:1")),
    (retiring.mark_parked, seen(PARKED, fleets=machines(*IDS, **OURS), **RETIRING), Done),
    (retiring.mark_parked, seen(PARKED, fleets=machines(*IDS, state="terminated"), **RETIRING), Done),
    (retiring.mark_parked, seen(GONE, fleets=machines(*IDS), **RETIRING), Done),
    (
        retiring.mark_parked,
        seen(PARKED, fleets=machines(*IDS), goal=FINISH, retire=("i-old-1",)),
        Mark(("i-old-1",), MARK, "web:1"),
    ),
    (retiring.mark_parked, seen(PARKED, **RETIRING), Waiting),
    (retiring.mark_parked, seen(PARKED, fleets=UNKNOWN, **RETIRING), Waiting),
    (retiring.mark_parked, steadily(seen(PARKED, fleets=UNKNOWN, **RETIRING)), Done),
    (retiring.mark_parked, steadily(seen(PARKED, **RETIRING)), Waiting),
    (retiring.detach_parked, seen(PARKED, fleets=ALIVE, **RETIRING), Detach("old", IDS)),
    (retiring.detach_parked, seen(PARKED, fleets=ALIVE, keep=True, **RETIRING), Detach("old", IDS, terminated=False)),
    (retiring.detach_parked, seen(PARKED, fleets=ONE_DEAD, **RETIRING), Detach("old", ("i-old-1",))),
    (retiring.detach_parked, seen(PARKED, fleets=UNKNOWN, **RETIRING), Detach("old", IDS, terminated=False)),
    (retiring.detach_parked, seen(PARKED, fleets=DEAD, **RETIRING), Detach("old", IDS, terminated=False)),
    (
        retiring.detach_parked,
        seen(PARKED, fleets=ALIVE, goal=FINISH, retire=("i-old-1",)),
        Detach("old", ("i-old-1",)),
    ),
    (retiring.detach_parked, seen(PARKED, goal=FINISH), Done),
    (
        retiring.detach_parked,
        seen(many("old", 45, "Standby"), fleets=machines(*FORTY_FIVE, **OURS), goal=FINISH, retire=FORTY_FIVE),
        Detach("old", FORTY_FIVE[:BATCH]),
    ),
    (retiring.detach_parked, seen(group("old", "Detaching"), **RETIRING), Waiting),
    (retiring.detach_parked, seen(GONE, **RETIRING), Done),
    (retiring.reap, seen(GONE, fleets=ALIVE, **RETIRING), Terminate(IDS)),
    (retiring.reap, seen(group("old", "Detaching"), fleets=ALIVE, **RETIRING), Terminate(("i-old-1",))),
    (retiring.reap, seen(PARKED, fleets=ALIVE, **RETIRING), Done),
    (retiring.reap, seen(GONE, fleets=machines(*IDS, state="shutting-down", **OURS), **RETIRING), Done),
    (retiring.reap, seen(GONE, **RETIRING), Done),
    (retiring.reap, seen(GONE, health={"i-old-0": "draining"}, fleets=ALIVE, **RETIRING), Waiting),
    (retiring.reap, seen(GONE, fleets=machines(*IDS), **RETIRING), Blocked),
    (retiring.reap, seen(GONE, fleets=UNTOLD_OF, **RETIRING), Blocked),
    (retiring.reap, seen(GONE, fleets=UNTOLD_OF, told_at=NOW, **RETIRING), Waiting),
    (
        retiring.reap,
        seen(GONE, fleets={**ALIVE, "activities": detached("old", "i-old-1")}, **RETIRING),
        Terminate(("i-old-1",)),
    ),
    (retiring.reap, seen(GONE, fleets=machines(*IDS, bluegreen_retire="web:2"), **RETIRING), Blocked),
    (retiring.reap, seen(GONE, fleets=ALIVE, goal=FINISH, retire=("i-old-0",)), Terminate(("i-old-0",))),
    (retiring.retire_or_keep, seen(GONE, fleets=ALIVE, **RETIRING), Terminate(IDS)),
    (retiring.retire_or_keep, seen(GONE, fleets=ALIVE, keep=True, **RETIRING), Unmark(IDS, MARK)),
    (retiring.retire_or_keep, seen(GONE, fleets=machines(*IDS), keep=True, **RETIRING), Done),
    (
        retiring.retire_or_keep,
        seen(GONE, fleets=machines(*IDS, state="terminated", **OURS), keep=True, **RETIRING),
        Done,
    ),
    (finish.suspend_as_the_service, seen(PARKED, picture=SERVICE_RESTS), Suspend("new", {SCHEDULES})),
    (finish.suspend_as_the_service, seen(PARKED, group("new", *TWO, suspended=AUTOSCALER)), Resume("new", AUTOSCALER)),
    (finish.suspend_as_the_service, seen(PARKED), Done),
    (finish.suspend_as_the_service, seen(GONE, picture=SERVICE_RESTS, first=True), Suspend("new", AUTOSCALER)),
    (finish.leave_old_idle, seen(GONE, idle=Bounds(0, 3)), Resize("old", min=0, max=3)),
    (finish.leave_old_idle, seen(GONE, idle=Bounds(2, 3)), Resize("old", min=0, max=3)),
    (finish.leave_old_idle, seen(group("old", max=0), picture=SERVICE_RESTS), Suspend("old", AUTOSCALER)),
    (
        finish.leave_old_idle,
        seen(group("old", max=0, suspended=frozenset({"AZRebalance"}))),
        Resume("old", {"AZRebalance"}),
    ),
    (
        finish.leave_old_idle,
        seen(group("old", max=0, suspended=frozenset({SCHEDULES})), picture=SERVICE_RESTS, first=True),
        Done,
    ),
]

CHANGED = group("old", *TWO, min=1)
KEEPING = [
    (steps.accept_edits, seen(), Done),
    (steps.accept_edits, seen(CHANGED), Recorded),
    (steps.accept_edits, seen(group("old", *TWO, max=11)), Recorded),
    (steps.accept_edits, seen(new=group("new", *TWO, min=1)), Recorded),
    (steps.accept_edits, seen(new=group("new", *TWO, max=11)), Recorded),
    (steps.accept_edits, seen(CHANGED, edits={"old min": 2}), Blocked),
    (steps.accept_edits, seen(CHANGED, edits={"old max": 2}), Recorded),
    (steps.keep_new_image, seen(), TagGroup("new", "image", "v2")),
    (steps.keep_new_image, seen(picture=HID_TAG), TagGroup("new", "image", "v2", False)),
    (steps.keep_new_image, seen(new=group("new", tags={"image": Tag("v2")})), Done),
    (steps.keep_old_image, seen(), Done),
    (steps.keep_old_image, seen(group("old", tags={})), TagGroup("old", "image", "v1")),
    (steps.keep_old_image, seen(picture=attrs.evolve(NO_TAG, old=Side("old", 0, 10, 2))), Done),
]


@pytest.mark.parametrize(("step", "one", "expected"), [*DEPLOY, *OLD_ROLLBACK, *FINISHING, *KEEPING])
def test_a_step_says_what_is_missing(step, one, expected) -> None:
    """A step asks for the one action that is due, waits, or has nothing to say."""
    assert expected == kind(step(one))


def test_what_comes_a_second_time_is_explained() -> None:
    """Who is asked for help reads which instances came back, and why, in AWS's own words."""
    one = seen(OLD, fleets=CAUSED, **REPARKED)
    assert "the second time since the switch (a person did it)" in parking.park_again(one).reason


def test_what_the_next_wave_waits_for_is_said() -> None:
    """Who waits for a wave reads how many are lacking and how many are left to move."""
    one = seen(new=group("new", *ONE), health={"i-new-0": "initial"})
    assert "old: the next 2 to Standby wait for 1 more healthy on new" == parking.park_old(one).reason


def test_a_second_change_is_explained() -> None:
    """Who is asked for help reads what was changed, and why, in AWS's own words."""
    answer = steps.accept_edits(seen(CHANGED, fleets=CAUSED, edits={"old min": 2}))
    told = "old: somebody else changed the minimum to 1, the second time in this release (a person did it)"
    assert told == answer.reason


def stay(old: Any, new: Any, past: int = 0, health: Any = None, **of: Any) -> int:
    """Return how many new instances must stay in a rollback."""
    return giving_way.allowed_to_stay(steadily(seen(old, new, health, **BACK, **of), past))


NO_ROOM = activity("old", "We currently do not have sufficient t3.small capacity")


@pytest.mark.parametrize(
    ("expected", "args", "of"),
    [
        (0, (OLD, NEW), {}),
        (1, (group("old", *ONE, min=2), NEW), {}),
        (2, (group("old", min=2), NEW), {}),
        (2, (group("old", min=4, desired=4), NEW), {"best": 4}),
        (1, (group("old", min=4, desired=4), group("new", *TWO, max=1)), {"best": 4}),
        (10, (group("old", *ONE, min=2), NEW, 1, SICK_NEW), {}),
        (0, (group("old", *ONE, min=2), NEW, 2, SICK_NEW), {}),
        (10, (group("old", min=2), NEW, 2, SICK_NEW), {}),
        (0, (group("old", min=2), NEW, 2, SICK_NEW), {"fleets": {"activities": (NO_ROOM,)}}),
        (2, (group("old", *ONE, min=2, desired=2), NEW, 2, {"i-new-0": "unknown", "i-new-1": "unknown"}), {}),
        (2, (group("old", *ONE, min=2, desired=2), NEW, 2, {"i-new-1": "unknown"}), {}),
        (10, (group("old", *TWO, min=2), many("new", 5, max=10), 2, SICK_OLD), {"best": {"new web": 2}}),
        (10, (group("old", *TWO, min=2), many("new", 5, max=10), 2, UNTOLD_OLD), {"best": 0}),
        (0, (group("old", *TWO, min=2), many("new", 5, max=10), 2, SICK_OLD), {"best": {"new web": 2}, "urgent": True}),
        (0, (GONE, NEW), {"best": {"new web": 2}, "first": True}),
        (1, (group("old", *ONE, min=2), NEW, 0), {"urgent": False}),
        (0, (group("old", *ONE, min=2), NEW, 0), {"urgent": True}),
        (2, (group("old", min=2), NEW, 0), {"urgent": True}),
        (0, (group("old", *ONE, "Standby"), NEW, 2, SICK_NEW), {}),
    ],
)
def test_how_many_new_must_stay(expected, args, of) -> None:
    """New goes as far as the rest holds the floor; all of it when old holds it alone.

    Known to serve nothing it may go once old serves, or to make room for old; not known is not nothing.
    """
    assert expected == stay(*args, **of)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (seen(**BACK), 2),
        (seen(group("old", *ONE, min=2), **BACK), 2),
        (seen(group("old", *ONE, min=2), urgent=True, **BACK), 1),
        (seen(group("old", *ONE, "Pending"), urgent=True, **BACK), 1),
        (seen(group("old", *ONE, "Pending"), urgent=True, returning=frozenset(IDS), **BACK), 2),
        (seen(group("old", "Pending", "Pending"), urgent=True, **BACK), 2),
        (seen(many("old", 5, desired=2), urgent=True, **BACK), 2),
        (seen(group("old", min=2), urgent=True, **BACK), 2),
        (seen(best={"new web": 2}, **BACK), 2),
        (seen(best=0, **BACK), 1),
        (seen(GONE, best={"new web": 2}, first=True, **BACK), 0),
        (seen(best={"new web": 2}, urgent=True, **BACK), 0),
    ],
)
def test_how_many_old_must_serve(one, expected) -> None:
    """``--now`` waits for those that are back, and for no fresh one; with none back it waits all the same.

    Where old was never healthy, ``--now`` waits for nothing.
    """
    assert expected == giving_way.needed_of_old(one, BALANCER.id)


def wish(group_name: str, attribute: str, value: int, **of: Any) -> Any:
    """Return the release after somebody set a bound to ``value``."""
    sides = {name: group(name, *TWO, **({attribute: value} if name == group_name else {})) for name in ("old", "new")}
    answer = steps.accept_edits(seen(sides["old"], sides["new"], **of))
    assert isinstance(answer, Recorded)
    assert 3 == answer.agreeing
    return answer.release


THREE_DOORS = {"milestones": {"moving": NOW, "moved": NOW, "back": NOW}}


@pytest.mark.parametrize(
    ("side", "of", "whose"),
    [
        ("old", {}, "bounds"),
        ("new", {}, "idle"),
        ("old", {"milestones": {"moving": NOW}}, "bounds"),
        ("new", MOVED, "bounds"),
        ("old", MOVED, "idle"),
        ("new", {"first": True}, "bounds"),
        ("old", {"first": True}, "idle"),
        ("new", {"goal": ROLLBACK, **MOVED}, "bounds"),
        ("old", {"goal": ROLLBACK, **MOVED}, "idle"),
        ("old", {"goal": ROLLBACK, "returns": True, **MOVED}, "bounds"),
        ("old", {"goal": ROLLBACK, **THREE_DOORS}, "bounds"),
        ("new", {"goal": ROLLBACK, **THREE_DOORS}, "idle"),
    ],
)
def test_a_wish_is_kept_for_the_side_that_it_was_made_of(side, of, whose) -> None:
    """Who serves, or comes back, has the service's bounds, the other side those of an idle group."""
    made = wish(side, "max", 8, bounds=Bounds(1, 7), idle=Bounds(0, 6), **of)
    other = "idle" if whose == "bounds" else "bounds"
    assert (8, getattr(release(bounds=Bounds(1, 7), idle=Bounds(0, 6)), other)) == (
        getattr(made, whose).max,
        getattr(made, other),
    )
    assert (True, 8) == (8 in made.known(side, "max"), made.edits[f"{side} max"])


def test_a_minimum_of_the_idle_side_is_not_kept() -> None:
    """It would launch what was just emptied; it is ours to take away, though, and known as a wish."""
    made = wish("new", "min", 3, bounds=Bounds(1, 7), idle=Bounds(0, 6))
    assert (Bounds(1, 7), Bounds(0, 6), 3) == (made.bounds, made.idle, made.edits["new min"])
    assert 3 in made.known("new", "min")


@pytest.mark.parametrize(
    ("attribute", "value", "bounds"),
    [("min", 3, Bounds(3, 7)), ("min", 9, Bounds(9, 9)), ("max", 8, Bounds(1, 8)), ("max", 0, Bounds(0, 0))],
)
def test_a_wish_keeps_the_minimum_below_the_maximum(attribute, value, bounds) -> None:
    """AWS refuses bounds that cross; the newer wish moves the other bound."""
    assert bounds == wish("old", attribute, value, bounds=Bounds(1, 7)).bounds


def test_what_never_left_is_believed_after_three_looks() -> None:
    """Only what several looks show in service is taken to have stayed, and just that."""
    answer = rollback.forget_what_stayed(seen(group("old", *ONE), leaving=frozenset({*IDS}), **BACK))
    assert isinstance(answer, Recorded)
    assert (3, frozenset({"i-old-1"})) == (answer.agreeing, answer.release.leaving)


def test_the_list_of_what_goes_only_grows() -> None:
    """What is on the list already, parked or not, stays on it."""
    answer = retiring.list_parked(seen(group("old", "Standby"), goal=FINISH, retire=("i-x",)))
    assert isinstance(answer, Recorded)
    assert ("i-x", "i-old-0") == answer.release.retire


@pytest.mark.parametrize(
    ("step", "one"),
    [
        (steps.empty, (STAYING_NEW,)),
        (finish.await_old_parked, (group("old", "EnteringStandby"),)),
        (retiring.detach_parked, (group("old", "Detaching"),)),
        (rollback._await_return, (group("old", "EnteringStandby"),)),
    ],
)
def test_a_wait_for_a_drain_has_its_grace(step, one) -> None:
    """What drains may take as long as the balancers let it, beyond the progress deadline."""
    (side,) = one
    at = seen(side if side.name == "old" else OLD, side if side.name == "new" else NEW, drain=77.0, **RETIRING)
    answer = step(at, side) if step is steps.empty else step(at)
    assert (Waiting, 77.0) == (type(answer), answer.grace)


def test_steadily_is_in_that_state_each_time() -> None:
    """A member that was on its way at an earlier look has not been in service all along."""
    one, before = seen(OLD), seen(group("old", "InService", "EnteringStandby"))
    past = (Seen(one, DONE), Seen(before, DONE))
    assert (False, True) == (
        attrs.evolve(one, past=past).steadily(3, "old", IDS, "InService"),
        attrs.evolve(one, past=past).steadily(2, "old", IDS, "InService"),
    )


@pytest.mark.parametrize(
    ("states", "desired", "health", "leaving", "counted"),
    [
        (TWO, 2, {}, (), 2),
        (TWO, 1, {}, (), 1),
        (TWO, 0, {}, (), 0),
        ((*TWO, "Pending"), 2, {}, (), 1),
        ((*TWO, "Standby"), 2, {}, (), 2),
        (TWO, 5, {}, (), 2),
        (TWO, 2, {"i-old-0": "unhealthy"}, (), 1),
        (TWO, 2, {"i-old-0": "unused"}, (), 1),
        (TWO, 2, {}, ("i-old-0",), 1),
        (("EnteringStandby", *ONE), 1, {"i-old-0": "healthy"}, (), 1),
        (("Terminating", *ONE), 1, {"i-old-0": "healthy"}, (), 1),
    ],
)
def test_what_can_be_counted_on(states, desired, health, leaving, counted) -> None:
    """In service, healthy, not told to leave, and not more than the group wants: any one of the others may go next."""
    one = seen(group("old", *states, desired=desired), NO_NEW, health, leaving=frozenset(leaving))
    assert counted == len(one.serving(one.old, BALANCER.id))


@pytest.mark.parametrize(
    ("states", "desired", "health", "leaving", "leaves"),
    [
        (TWO, 2, {}, (), []),
        (TWO, 0, {}, (), ["i-old-0", "i-old-1"]),
        (TWO, 0, {"i-old-0": "initial"}, (), ["i-old-0", "i-old-1"]),
        (TWO, 1, {}, (), ["i-old-1"]),
        (TWO, 1, {"i-old-0": "initial"}, (), ["i-old-1"]),
        (TWO, 2, {"i-old-0": "initial"}, (), []),
        (TWO, 2, {}, ("i-old-0",), ["i-old-0"]),
        ((*ONE, "Pending", "Standby", "Terminating"), 0, {}, (), ["i-old-0"]),
    ],
)
def test_what_is_shown_to_leave(states, desired, health, leaving, leaves) -> None:
    """Told to, or one that the group has too many; the same as is not counted on, and as many as go."""
    one = seen(group("old", *states, desired=desired), NO_NEW, health, leaving=frozenset(leaving))
    old, _ = summary(one).sides
    assert leaves == [row.id for row in old.members if row.state == "InService" and row.symbol is Symbol.LEAVING]


@pytest.mark.parametrize(
    ("suspended", "exempt", "expected"),
    [
        ((), (), True),
        ({SCHEDULES}, (), False),
        (AUTOSCALER, (), False),
        ({SCHEDULES}, {SCHEDULES}, True),
        (AUTOSCALER, {SCHEDULES}, False),
        ({"AZRebalance"}, (), True),
    ],
)
def test_armed(suspended, exempt, expected) -> None:
    """A group is armed when all of its autoscaler works, but for what rests for good."""
    assert expected == armed(group("old", suspended=frozenset(suspended)), frozenset(exempt))


def test_a_call_takes_nineteen_at_most() -> None:
    """AWS's own figures differ between 19 and 20."""
    assert (19, FORTY_FIVE[:19]) == (BATCH, steps.batch(FORTY_FIVE))

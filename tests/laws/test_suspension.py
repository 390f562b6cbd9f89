"""Whatever is waited for says which suspended process of its group it is in vain for, and the command that helps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import Answer, Waiting
from bluegreen.pair import deploy, giving_way, rollback
from bluegreen.pair.fleet import Group
from bluegreen.pair.look import Look
from bluegreen.pair.release import ROLLBACK
from tests.building.values import fleet, group, look, release

TWO = ("InService", "InService")
BACK = {"goal": ROLLBACK}


def few(name: str, **more: Any) -> Group:
    """Return a group with one of two instances that it wants."""
    return group(name, "InService", **{"min": 2, "desired": 2, **more})


STAYING: dict[str, Any] = {"max": 0, "desired": 0}
CASES: dict[str, tuple[Callable[[Look], Answer], Group, Group, dict[str, Any], str, str]] = {
    "new serves on": (rollback.shrink_new, group("old", *TWO), group("new", *TWO, **STAYING), BACK, "new", "Terminate"),
    "new stays": (rollback.empty_new, group("old", *TWO), group("new", *TWO, **STAYING), BACK, "new", "Terminate"),
    "old is few": (rollback.await_old, few("old"), group("new"), BACK, "old", "AddToLoadBalancer, Launch"),
    "old is few, and new waits": (giving_way.shrink_new, few("old"), few("new", min=0, max=1), BACK, "old", "Launch"),
    "new is few": (deploy.await_new, group("old", *TWO), few("new"), {}, "new", "Launch"),
}


@pytest.mark.parametrize(("step", "old", "new", "of", "whose", "asleep"), CASES.values(), ids=CASES)
def test_a_wait_names_what_is_suspended(step, old, new, of, whose, asleep) -> None:
    """The reason grows by the fact, and the hint is the command for that group; without it neither is there."""
    awake, names = step(look(fleet(old, new), release(**of))), asleep.split(", ")
    resting = {"suspended": frozenset({*names, "AlarmNotification"})}
    pair = (attrs.evolve(one, **resting) if one.name == whose else one for one in (old, new))
    answer = step(look(fleet(*pair), release(**of)))
    are = "are" if len(names) > 1 else "is"
    command = (
        f"aws autoscaling resume-processes --auto-scaling-group-name {whose} --scaling-processes {' '.join(names)}"
    )
    told = f"{awake.reason}; {asleep} of {whose} {are} suspended"
    assert Waiting(told, hint=f"`{command}`, then `bluegreen resume web`", grace=awake.grace) == answer

"""What is waited for says what it is in vain for, and what helps: a suspended process, a deleted balancer, a hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import Answer, Waiting
from bluegreen.targets.pair.model.fleet import TARGET_GROUP, Balancer, Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK
from bluegreen.targets.pair.plans import deploy, giving_way, parking, retiring, rollback
from tests.support.values import again, fleet, group, look, release

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
    "old comes back": (
        rollback.return_old,
        group("old", "InService", "EnteringStandby", min=2, desired=1),
        group("new"),
        BACK,
        "old",
        "AddToLoadBalancer, Launch",
    ),
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


@pytest.mark.parametrize(("step", "old", "new", "of", "whose", "asleep"), CASES.values(), ids=CASES)
def test_a_wait_names_what_is_deleted(step, old, new, of, whose, asleep) -> None:
    """Nothing launches behind a deleted target group; what is to go, goes all the same."""
    seen = attrs.evolve(fleet(old, new), gone=frozenset({"tg-2"}))
    second = frozenset({Balancer(TARGET_GROUP, "tg-2")})
    pair = {one.name: attrs.evolve(one, balancers=one.balancers | second) for one in (old, new)}
    answer = step(look(attrs.evolve(seen, groups=pair), release(**of)))
    told = f"the target group tg-2, to which {whose} is attached, does not exist"
    way = f"`aws autoscaling detach-load-balancer-target-groups --auto-scaling-group-name {whose} "
    assert ["Launch" in asleep] * 2 == [told in answer.reason, way in answer.hint]


@pytest.mark.parametrize(("step", "old", "new", "of", "whose", "asleep"), CASES.values(), ids=CASES)
def test_a_wait_names_what_the_group_was_taken_off(step, old, new, of, whose, asleep) -> None:
    """Where it served, or new is to: the command attaches it. What is to go, goes all the same."""
    second = frozenset({Balancer(TARGET_GROUP, "tg-2")})
    pair = {one.name: attrs.evolve(one, balancers=one.balancers | second) for one in (old, new)}
    pair[whose] = old if whose == "old" else new
    answer = step(look(attrs.evolve(fleet(old, new), groups=pair), release(**of)))
    told = (
        "old is not attached to tg-2 any more, and new is"
        if whose == "old"
        else "new is not attached to tg-2, and old is"
    )
    way = f"`aws autoscaling attach-load-balancer-target-groups --auto-scaling-group-name {whose} "
    named = "Launch" in asleep
    assert [named] * 2 == [told in answer.reason, way in answer.hint]


LOOKS = (3, 2)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("state", ["unused", "unhealthy", "unknown"])
def test_a_wait_names_what_nothing_registers_any_more(looks, state) -> None:
    """Seen in service and not listed in three looks in a row; sick, or not known, is another thing."""
    states = {"i-old-0": "healthy", "i-old-1": state} if state != "unused" else {"i-old-0": "healthy"}
    pair = fleet(group("old", *TWO, min=2), group("new"))
    pair = attrs.evolve(pair, health={"web": states})
    one = look(pair, release(members=frozenset({"i-old-0", "i-old-1"}), **BACK))
    answer = rollback.await_old(again(one, times=looks - 1))
    told = "; 1 instance of old is in service and not registered in web"
    command = "`aws elbv2 register-targets --target-group-arn web --targets Id=i-old-1`, then `bluegreen resume web`"
    named = looks == 3 and state == "unused"
    assert (named, named) == (answer.reason.endswith(told), answer.hint == command)


HOOKS = (
    {"LifecycleHookName": "boot", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"},
    {"LifecycleHookName": "save", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"},
)
ENDS = "in Terminating:Wait for the terminating hook save"
HELD: dict[str, tuple[Callable[[Look], Answer], Group, Group, dict[str, Any], str, str]] = {
    "new ends and serves on": (
        rollback.shrink_new,
        group("old", *TWO),
        group("new", "Terminating:Wait", **STAYING),
        BACK,
        "new",
        f"new: 1 instance is draining; 1 instance of new waits {ENDS}",
    ),
    "old ends and serves on": (
        parking.park_old,
        group("old", "Terminating:Wait"),
        group("new", *TWO),
        {},
        "old",
        f"old: 1 instance is draining; 1 instance of old waits {ENDS}",
    ),
    "what is retired ends": (
        retiring.detach_parked,
        group("old", "Terminating:Wait"),
        group("new", *TWO),
        {"goal": FINISH, "retire": ("i-old-0",)},
        "old",
        f"old: 1 instance is leaving; 1 instance of old waits {ENDS}",
    ),
    "new launches": (
        rollback.empty_new,
        group("old", *TWO),
        group("new", "Pending:Wait", "Pending", "Pending:Proceed", "InService", "Terminating:Wait", **STAYING),
        {"launched_at": 1.0, **BACK},
        "new",
        "new is not empty: 2 instances are still launching and 1 instance is still leaving; "
        "1 instance of new waits in Pending:Wait for the launch hook boot",
    ),
}


@pytest.mark.parametrize(("step", "old", "new", "of", "whose", "told"), HELD.values(), ids=HELD)
def test_a_wait_names_the_hook_that_holds_what_is_to_leave(step, old, new, of, whose, told) -> None:
    """A launch is abandoned; what ends is let go on, since abandoned it may be retained."""
    seen = fleet(old, new, {f"i-{whose}-0": "healthy"}, hooks={"old": HOOKS, "new": HOOKS})
    answer = step(look(seen, release(**of)))
    name, result = ("boot", "ABANDON") if "boot" in told else ("save", "CONTINUE")
    way = (
        f"`aws autoscaling complete-lifecycle-action --auto-scaling-group-name {whose} --lifecycle-hook-name {name} "
        f"--lifecycle-action-result {result} --instance-id i-{whose}-0`, then `bluegreen resume web`"
    )
    assert (told, way) == (answer.reason, answer.hint)


def test_a_wait_names_the_hook_that_holds_what_is_to_come_and_leaves_the_ways_as_they_are() -> None:
    """The owner's own work completes it: no command of ours says that it is done."""
    seen = fleet(group("old", "InService", "Pending:Wait", min=2), group("new"), hooks={"old": HOOKS})
    answer = rollback.await_old(look(seen, release(**BACK)))
    held = "1 instance of old waits in Pending:Wait for the launch hook boot"
    ways = "put right what is reported above, then `bluegreen resume web`; or `bluegreen rollback --now web` ends the"
    assert (f"old: 1 of 2 healthy; {held}", ways) == (
        answer.reason,
        answer.hint[: len(ways)],
    )

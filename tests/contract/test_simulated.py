"""The adapter that users run, in front of the simulator: in memory and over HTTP, the same cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Denied, Refused, Unreachable
from bluegreen.flow.ports import ActionRefused
from bluegreen.simulator.core.faults import internal_failure, throttled
from bluegreen.targets.pair.aws.errors import Busy
from bluegreen.targets.pair.model.actions import (
    Action,
    Detach,
    EnterStandby,
    ExitStandby,
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
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Fleet, Group, Question
from bluegreen.targets.pair.model.release import MARK

from .conftest import Simulated

BLUE, GREEN = "web-blue", "web-green"
PAIR = (BLUE, GREEN)
DRAIN = 5.0
Build = Callable[..., Simulated]


def blue(world: Simulated) -> Group:
    return world.aws.ask(Question(PAIR)).groups[BLUE]


def states(world: Simulated, instance: str) -> tuple[str, ...]:
    fleet: Fleet = world.aws.ask(Question(PAIR))
    return fleet.states(fleet.groups[BLUE], instance)


def ids(world: Simulated) -> tuple[str, ...]:
    return tuple(instance.id for instance in blue(world).instances)


def fault(error: Any) -> Callable[..., None]:
    def strike(call: Any, *_: Any) -> None:
        raise error(call)

    return strike


@pytest.mark.parametrize("balancers", [("target-group",), ("classic",), ("classic", "target-group", "nlb")])
def test_a_settled_pair_is_healthy(simulated: Build, balancers: tuple[str, ...]) -> None:
    """Each live instance is healthy in every balancer, and the idle group is empty."""
    world = simulated(balancers=balancers, instances=3)
    fleet = world.aws.ask(Question(PAIR))
    expected = [("healthy",) * len(balancers)] * 3
    assert expected == [fleet.states(fleet.groups[BLUE], i.id) for i in fleet.groups[BLUE].instances]
    assert () == fleet.groups[GREEN].instances


@pytest.mark.parametrize("more", [{"machines": ("i-1",)}, {"activities": ((GREEN, 1.0),)}, {}])
def test_a_look_is_three_calls_at_most(simulated: Build, more: dict[str, Any]) -> None:
    """A hundred instances in one group cost what one does."""
    world = simulated(instances=100)
    before = world.sim.calls
    world.aws.ask(Question(PAIR, **more))
    assert world.sim.calls - before == 2 + bool(more)


def test_a_group_that_is_not_there_is_named(simulated: Build) -> None:
    """The simulator leaves it out, as AWS does."""
    world = simulated()
    with pytest.raises(Refused, match="web-red"):
        world.aws.ask(Question((BLUE, "web-red")))


def test_standby_and_back(simulated: Build) -> None:
    """Draining, parked, and healthy again; desired capacity goes along."""
    world = simulated(instances=3, minimum=0)
    one = ids(world)[0]
    world.aws.act(EnterStandby(BLUE, (one,)))
    world.wait(1.0)
    entering = (states(world, one), blue(world).desired, [i.id for i in blue(world).parking])
    world.wait(DRAIN + 2)
    parked = (states(world, one), [i.id for i in blue(world).parked])
    world.aws.act(ExitStandby(BLUE, (one,)))
    world.wait(20)
    back = (states(world, one), blue(world).desired)
    assert ((("draining",), 2, [one]), (("unused",), [one]), (("healthy",), 3)) == (entering, parked, back)


def test_standby_below_the_minimum_is_refused_in_awss_words(simulated: Build) -> None:
    """The sentence of AWS reaches the user."""
    world = simulated(instances=2, minimum=2)
    with pytest.raises(ActionRefused, match="min-size"):
        world.aws.act(EnterStandby(BLUE, ids(world)[:1]))


def test_register_brings_a_draining_instance_back(simulated: Build) -> None:
    """In a target group and in a classic balancer alike."""
    world = simulated(instances=3, minimum=0, balancers=("classic", "target-group"))
    one = ids(world)[0]
    world.aws.act(EnterStandby(BLUE, (one,)))
    world.wait(1.0)
    draining = states(world, one)
    for balancer in sorted(blue(world).balancers, key=str):
        world.aws.act(Register(balancer, (one,)))
    world.wait(4.0)
    assert (("draining", "draining"), ("healthy", "healthy")) == (draining, states(world, one))


def test_retire(simulated: Build) -> None:
    """Parked, marked, detached, in no group, terminated; and marks can be taken off again."""
    world = simulated(instances=2, minimum=0)
    one, two = ids(world)
    world.aws.act(EnterStandby(BLUE, (one, two)))
    world.wait(DRAIN + 5)
    world.aws.act(Mark((one, two), MARK, "web:1"))
    world.aws.act(Unmark((two,), MARK))
    world.aws.act(Detach(BLUE, (one,)))
    world.wait(5)
    marked = [machine.id for machine in world.aws.machines_marked(MARK, "web:")]
    members = world.aws.members((one, two, "i-0000000000000dead"))
    world.aws.act(Terminate((one,)))
    found = world.aws.ask(Question(PAIR, machines=(one, "i-0000000000000dead"))).machines
    assert ([one], frozenset({two}), {one: True}) == (marked, members, {i: m.gone for i, m in found.items()})


@pytest.mark.parametrize(
    ("action", "read", "expected"),
    [
        (Resize(GREEN, 1, 4), lambda group: (group.min, group.max), (1, 4)),
        (Suspend(GREEN, ("AZRebalance",)), lambda group: group.suspended, frozenset({"AZRebalance"})),
        (Resume(GREEN, ("AZRebalance",)), lambda group: group.suspended, frozenset()),
        (TagGroup(GREEN, "image", "v2"), lambda group: group.tag("image"), "v2"),
        (UntagGroup(GREEN, "image"), lambda group: group.tag("image"), None),
    ],
    ids=lambda value: str(value) if isinstance(value, Action) else "",
)
def test_a_write_is_read_back(simulated: Build, action: Action, read: Callable[[Group], Any], expected: Any) -> None:
    """What was written is seen by the next look, and writing it again changes nothing."""
    world = simulated()
    world.aws.act(action)
    world.aws.act(action)
    assert expected == read(world.aws.ask(Question(PAIR)).groups[GREEN])


def test_protection_is_taken_off(simulated: Build) -> None:
    """Members launched protected lose it."""
    world = simulated(instances=2, NewInstancesProtectedFromScaleIn=True)
    before = [instance.protected for instance in blue(world).instances]
    world.aws.act(Unprotect(BLUE, ids(world)))
    assert ([True, True], [False, False]) == (before, [instance.protected for instance in blue(world).instances])


def test_survey(simulated: Build) -> None:
    """How both kinds of balancer check and drain, and how long a launch took."""
    world = simulated(balancers=("classic", "target-group"), boot=3.0, interval=5.0, threshold=2, drain=30.0)
    survey = world.aws.survey(PAIR)
    facts = [(f.balancer.kind, f.interval, f.healthy_threshold, f.drain, f.in_use) for f in survey.balancers]
    expected = [(CLASSIC, 5.0, 2, 30.0, True), (TARGET_GROUP, 5.0, 2, 30.0, True)]
    assert (expected, True) == (facts, survey.boot is not None and survey.boot > 0)


def test_failed_launches_are_told(simulated: Build) -> None:
    """The activities since the growth say what is wrong, and older ones are left out."""
    world = simulated()
    since = world.aws.clock.now()
    world.sim.fail_launches(GREEN)
    world.aws.act(Resize(GREEN, 1, 4))
    world.wait(5)
    told = world.aws.ask(Question(PAIR, activities=((GREEN, since),))).activities
    later = world.aws.ask(Question(PAIR, activities=((GREEN, since + 3600),))).activities
    assert ("Failed", True, ()) == (told[-1].status, "capacity" in told[-1].message, later)


@pytest.mark.parametrize("error", [throttled, internal_failure])
def test_a_busy_aws(simulated: Build, error: Any) -> None:
    """A read is unanswered, a write refused for now; each was sent once."""
    world = simulated()
    world.sim.faults.before.append(fault(error))
    before = world.sim.calls
    with pytest.raises(Unreachable):
        world.aws.ask(Question(PAIR))
    with pytest.raises(Busy):
        world.aws.act(Resize(GREEN, 1, 4))
    assert world.sim.calls - before == 2


def test_a_lost_reply_is_not_repeated(simulated: Build) -> None:
    """The effect is there, the answer is not: the next look shows it, and no second call was made."""
    world = simulated(instances=3, minimum=0)
    one, before = ids(world)[0], world.sim.calls
    world.sim.faults.after.append(fault(internal_failure))
    with pytest.raises(Busy):
        world.aws.act(EnterStandby(BLUE, (one,)))
    world.sim.faults.after.clear()
    assert (1, [one]) == (world.sim.calls - before, [i.id for i in blue(world).parking])


@pytest.mark.parametrize(
    "permission", ["autoscaling:DescribeAutoScalingGroups", "elasticloadbalancing:DescribeTargetHealth"]
)
def test_a_missing_permission_is_named(simulated: Build, permission: str) -> None:
    """The sentence holds the IAM action."""
    world = simulated()
    world.sim.faults.denied.add(permission)
    with pytest.raises(Denied, match=permission):
        world.aws.ask(Question(PAIR))


def test_what_nobody_knows_is_loud(simulated: Build) -> None:
    """NotImplemented ends the run with its name, rather than being waited out."""
    world = simulated()
    with pytest.raises(Refused, match="does not know"):
        world.aws._sender.read(_unknown())


def _unknown() -> Any:
    from bluegreen.targets.pair.aws.requests import Call

    return Call("autoscaling", "DescribeTerminationPolicyTypes", {})

"""A lifecycle hook that nobody completes holds what is to leave: it is named, and so is the command that ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bluegreen.errors import Status
from bluegreen.flow.events import EventKind
from bluegreen.flow.snapshot import Way
from bluegreen.service import Ended
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.seam.finding import WARNED
from tests.support.hands import COMMAND, asked, obey, type_in
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
HELD = f"3 instances of {GREEN} wait in Pending:Wait for the launch hook scan"
STUCK = f"{GREEN} is not empty; {HELD}"
SOON = {"progress_deadline": 30.0}
NOW = "`bluegreen rollback --now web`"


def hooked(pair: Pair, *names: str) -> None:
    """Put hooks of an hour right before new launches: a security scanner, or a new agent, in the middle."""

    def grows(call: Call) -> bool:
        asks = call.operation == "UpdateAutoScalingGroup" and call.parameters["AutoScalingGroupName"] == GREEN
        return asks and bool(call.parameters.get("MinSize"))

    def put() -> None:
        for name in names:
            hook = {"LifecycleHookName": name, "LifecycleTransition": LAUNCHING}
            asked(pair, "PutLifecycleHook", GREEN, **hook, HeartbeatTimeout=3600, DefaultResult="CONTINUE")

    once(pair, grows, put)


def stopped(*names: str) -> Pair:
    """Return a pair whose deployment was stopped while everything of new is held."""
    pair = virtual(instances=3)
    hooked(pair, *names)
    pair.service(stop=lambda: 2 if "Pending:Wait" in pair.sim.states(GREEN).values() else None).deploy("v2")
    return pair


def by_itself() -> tuple[Pair, Ended]:
    """Let a deployment fail by itself."""
    pair = virtual(instances=3)
    hooked(pair, "scan")
    return pair, pair.service(**SOON).deploy("v2")


def taken_back(*names: str, urgent: bool = False) -> tuple[Pair, Ended]:
    """Take a deployment back by hand."""
    pair = stopped(*names or ("scan",))
    return pair, pair.service(**SOON).rollback(urgent=urgent)


def again(verb: str) -> tuple[Pair, Ended]:
    """Carry a rollback on that was blocked before."""
    pair, _ = taken_back()
    ended = getattr(pair.service(**SOON), verb)()
    assert ended is not None
    return pair, ended


WAYS: dict[str, tuple[Callable[[], tuple[Pair, Ended]], Status]] = {
    "a deployment fails": (by_itself, Status.ROLLED_BACK),
    "rollback": (taken_back, Status.OK),
    "rollback --now": (lambda: taken_back(urgent=True), Status.OK),
    "resume": (lambda: again("resume"), Status.OK),
    "cleanup": (lambda: again("cleanup"), Status.OK),
}


@pytest.mark.parametrize(("way", "over"), WAYS.values(), ids=WAYS)
def test_what_a_launch_hook_holds_is_named_with_the_command_that_ends_it(way, over) -> None:
    """It launches, and does not leave: each id is abandoned, and the rollback ends."""
    pair, ended = way()
    assert (Status.BLOCKED, True, False) == (ended.status, ended.sentence.endswith(STUCK), NOW in ended.hint)
    watch = Watch(pair, 3)
    done = obey(pair, ended.hint, **SOON)
    assert done is not None
    assert (over, None, [BLUE], []) == (done.status, pair.release, colours_serving(pair), watch.broken)
    pair.run_for(60)
    assert {} == left_over(pair)


def test_a_status_and_a_check_name_what_a_hook_holds_and_no_command_that_is_in_vain() -> None:
    """While new is held ``rollback --now`` ends nothing; once it is empty, that does."""
    pair, _ = taken_back()
    told = f"{HELD}, and the rollback waits until they are gone"
    report = pair.service().status()
    assert (STUCK, [told], False) == (
        report.missing,
        [one.partition(": `")[0] for one in report.troubles],
        NOW in [f"`{way.command}`" for way in report.next],
    )
    warned = [one.sentence for one in pair.service().check() if one.level == WARNED]
    assert [told] == warned
    for command in COMMAND.findall(report.troubles[0]):
        type_in(pair, command)
    pair.run_for(60)
    report = pair.service().status()
    assert ((), True) == (report.troubles, Way(NOW.strip("`"), f"ends it with what {BLUE} has") in report.next)
    assert Status.OK == pair.service().rollback(urgent=True).status


def test_a_rollback_says_so_when_it_begins() -> None:
    """A hook of an hour, and a deadline to match: nobody waits for the end to learn what helps."""
    pair, ended = taken_back()
    (told,) = [event.reason for event in pair.events if event.kind is EventKind.WARNED and HELD in event.reason]
    assert COMMAND.findall(told) == COMMAND.findall(ended.hint)


def test_a_hook_that_aws_does_not_tell_is_looked_up_first() -> None:
    """What may not be read holds nothing up: the command asks for it, and leaves room for the name."""
    pair = stopped("scan")
    pair.sim.faults.denied.add("autoscaling:DescribeLifecycleHooks")
    ended = pair.service(**SOON).rollback()
    assert ended.sentence.endswith(f"3 instances of {GREEN} wait in Pending:Wait for a launch hook")
    pair.sim.faults.denied.clear()
    first, *_ = COMMAND.findall(ended.hint)
    assert f"aws autoscaling describe-lifecycle-hooks --auto-scaling-group-name {GREEN}" == first
    done = obey(pair, ended.hint.replace(" NAME ", " scan "))
    assert done is not None
    assert (Status.OK, None) == (done.status, pair.release)


def test_several_hooks_are_all_named() -> None:
    """Which of them still holds an instance is not told: the first is tried, the others are named."""
    pair, ended = taken_back("agent", "scan")
    assert ended.sentence.endswith(f"3 instances of {GREEN} wait in Pending:Wait for the launch hooks agent, scan")
    assert "(where that one holds it no more, with scan)" in ended.hint
    done = obey(pair, ended.hint)
    assert done is not None
    assert (Status.OK, None) == (done.status, pair.release)


def test_a_deployment_says_what_new_waits_for() -> None:
    """Its failure is the hook's: the reason says so on the way, and on record."""
    pair, _ = by_itself()
    told = f"{GREEN}: 0 of 3 healthy; {HELD}"
    assert pair.release is not None
    assert (True, True) == (told in {event.reason for event in pair.events}, pair.release.reason.endswith(told))

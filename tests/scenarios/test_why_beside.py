"""Why instances are not healthy, asked beside a running deployment: each trouble is told as its cause."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from bluegreen.errors import Usage
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.telling import prompt
from bluegreen.service import Service, Why
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import denied
from bluegreen.targets.seam.why import Link
from tests.support.virtual import GREEN, Pair, virtual


@prompt
@attrs.define
class Beside:
    """Asks why, as another command would, with the wait that follows ``after`` seconds of it."""

    ask: Callable[[], Why]
    after: float = 15.0
    began: float = 0.0
    found: Why | None = None

    def __call__(self, event: Event) -> None:
        self.began = self.began or event.at
        if event.kind is EventKind.WAITING and event.at - self.began >= self.after:
            self.found = self.found or self.ask()


def beside(pair: Pair, image: str, ask: Callable[[], Why] | None = None, after: float = 15.0) -> Why:
    """Return why new was not healthy while ``image`` was deployed."""
    service = pair.service()
    asked = Beside(ask or pair.service().why, after)
    Service(attrs.evolve(service.session, listeners=(asked,)), service.kind).deploy(image)
    assert asked.found is not None
    return asked.found


@pytest.mark.parametrize(
    ("image", "cause"),
    [
        ("bad-1", "the application answers health checks with 503"),
        ("slow-1", "the application does not answer health checks in time"),
    ],
)
def test_the_load_balancers_reason_is_told_in_plain_words(image: str, cause: str) -> None:
    """With what the check asks, and what EC2 and the tag say, though nothing is wrong there."""
    found = beside(virtual(instances=2), image)
    facts = {fact.label: fact.text for fact in found.instances[0].facts}
    assert (Link.BALANCER, cause, 2, "running", True) == (
        found.cause.link,
        found.cause.sentence,
        found.count,
        facts["EC2"],
        "asks GET :8080/health every 1 s" in facts["load balancer"],
    )


def test_a_launch_hook_that_nobody_completes_is_told() -> None:
    """By its name, with the command."""
    pair = virtual(instances=2)
    hook = {"LifecycleHookName": "warm-cache", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    pair.sim.call("autoscaling", "PutLifecycleHook", {"AutoScalingGroupName": GREEN, "HeartbeatTimeout": 30, **hook})
    found = beside(pair, "v2")
    assert (Link.HOOK, "nobody has completed the launch hook warm-cache") == (found.cause.link, found.cause.sentence)


@pytest.mark.parametrize(
    ("message", "link", "terminal"),
    [
        ("The AMI ID 'ami-1' does not exist. Launching EC2 instance failed.", Link.LAUNCH, True),
        ("You have requested more vCPU capacity than your current vCPU limit of 32 allows.", Link.ROOM, False),
    ],
)
def test_launches_that_fail_are_told_while_it_runs_and_after_the_rollback(
    message: str, link: Link, terminal: bool
) -> None:
    """In AWS's words, and whether waiting helps."""
    pair = virtual(instances=2)
    pair.sim.fail_launches(GREEN, message=message)
    live, kept = beside(pair, "v2", after=1.0), pair.service().why()
    assert [(link, terminal, False), (link, terminal, True)] == [
        (one.cause.link, one.cause.terminal, one.over) for one in (live, kept)
    ]


def test_with_nothing_wrong_it_says_so() -> None:
    """And of an instance that is asked for, that it is healthy; one that there is not is a slip."""
    pair = virtual(instances=2)
    service = pair.service()
    known = sorted(service.why().known)
    with pytest.raises(Usage, match="there is no instance 'i-0123'"):
        service.why("i-0123")
    assert ("none: 2 of 2 healthy", "none: it is healthy") == (
        service.why().cause.sentence,
        service.why(known[0]).instances[0].cause.sentence,
    )


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeInstanceStatus", "DescribeTargetGroups"])
def test_what_is_denied_is_not_known_and_no_more(operation: str) -> None:
    """The load balancer's reason is still told."""
    pair = virtual(instances=2)

    def refused(call: Call) -> None:
        if call.operation == operation:
            raise denied(call)

    def ask() -> Why:
        pair.sim.faults.before.append(refused)
        try:
            return pair.service().why()
        finally:
            pair.sim.faults.before.remove(refused)

    assert Link.BALANCER == beside(pair, "bad-1", ask).cause.link


def test_the_console_is_shown_when_it_is_asked_for() -> None:
    """Of the instance that is told of; without the option nothing is asked."""
    pair = virtual(instances=2)
    one = sorted(pair.service().why().known)[0]
    asked: list[str] = []
    pair.sim.faults.before.append(lambda call: asked.append(call.operation))
    pair.service().why(one)
    found = pair.service().why(one, console=True).console
    assert found is not None
    assert (1, f"[    1.200000] {one} login:", "") == (
        asked.count("GetConsoleOutput"),
        found.lines[-1],
        found.untold,
    )


@pytest.mark.parametrize("refusal", [denied, lambda call: AwsError("UnsupportedOperation", "not on this type")])
def test_a_console_that_is_not_told_is_no_failure(refusal: Callable[[Call], AwsError]) -> None:
    """Denied, or, with and without the latest, not supported: it says why."""
    pair = virtual(instances=2)
    one = sorted(pair.service().why().known)[0]

    def refused(call: Call) -> None:
        if call.operation == "GetConsoleOutput":
            raise refusal(call)

    pair.sim.faults.before.append(refused)
    found = pair.service().why(one, console=True).console
    assert found is not None
    assert ((), True) == (found.lines, "ec2:GetConsoleOutput" in found.untold)


def test_an_older_type_of_instance_has_no_latest_console() -> None:
    """It is asked for again without, and nothing of it is kept anywhere."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")

    def nitro_alone(call: Call) -> None:
        if call.operation == "GetConsoleOutput" and "Latest" in call.parameters:
            raise AwsError("UnsupportedOperation", "Latest is not supported")

    pair.sim.faults.before.append(nitro_alone)
    live = sorted(pair.service().why().known)[0]
    found = pair.service().why(live, console=True).console
    kept = "".join(line for entry in pair.service().history() for line in pair.store.events("web", entry.id))
    assert found is not None
    assert (2, False) == (len(found.lines), "login:" in kept)

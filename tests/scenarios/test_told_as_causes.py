"""What keeps a deployment from going well is told as its cause within three looks after AWS shows it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.flow.causes import Link
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.telling import prompt
from bluegreen.report.history import events_text, history_text
from bluegreen.report.json import JsonLines, result_line
from bluegreen.report.lines import Lines
from bluegreen.report.screen import Screen
from bluegreen.report.streams import SafeStream
from bluegreen.report.why import why_text
from bluegreen.service import Ended, Service
from bluegreen.simulator.core.calls import Call, Result
from bluegreen.simulator.ec2.faults import NO_QUOTA
from bluegreen.simulator.virtual import VirtualBody
from tests.report.test_reports import Terminal
from tests.support.moments import once
from tests.support.virtual import GREEN, Pair, virtual

SOON = {"progress_deadline": 30.0}
HOOK = {"LifecycleHookName": "warm-cache", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}


def ill(pair: Pair) -> bool:
    """Whether a load balancer has found an instance of new to be unhealthy."""
    assert isinstance(pair.sim.body, VirtualBody)
    told = [row for ports in pair.sim.body.verdicts.values() for row in ports.values()]
    return any(row.get(one) is False for row in told for one in pair.sim.states(GREEN))


def held(pair: Pair) -> bool:
    """Whether a hook holds one."""
    return "Pending:Wait" in pair.sim.states(GREEN).values()


def failed(pair: Pair) -> bool:
    """Whether a launch has failed."""
    return any(one.code == "Failed" for one in pair.sim.groups[GREEN].activities.values())


def mistagged(pair: Pair) -> bool:
    """Whether instances are launched while the tag names another image than the release's."""
    return pair.sim.groups[GREEN].desired > 0 and pair.sim.image_of_group(GREEN) != "v2"


def with_a_hook(pair: Pair) -> None:
    """Nobody completes it."""
    pair.sim.call("autoscaling", "PutLifecycleHook", {"AutoScalingGroupName": GREEN, "HeartbeatTimeout": 20, **HOOK})


def without_room(pair: Pair) -> None:
    """The account's quota is used up."""
    pair.sim.fail_launches(GREEN, message=NO_QUOTA)


def tagged_by_somebody(pair: Pair) -> None:
    """Terraform, say, writes a tag of its own as new launches."""

    def launches(call: Call) -> bool:
        size = call.operation == "UpdateAutoScalingGroup" and call.parameters.get("MinSize")
        return bool(size) and call.parameters["AutoScalingGroupName"] == GREEN

    tag = {"Key": "image", "Value": "bad-9", "PropagateAtLaunch": False}
    tags = [{"ResourceId": GREEN, "ResourceType": "auto-scaling-group", **tag}]
    once(pair, launches, lambda: pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": tags}))


def as_it_is(pair: Pair) -> None:
    """Nothing is prepared: it is the image."""


@prompt
@attrs.define
class Causes:
    """Counts the looks since AWS shows a trouble, and keeps what is told by when."""

    pair: Pair
    shows: Callable[[Pair], bool]
    looks: int = 0
    told: list[tuple[int, Link, str]] = attrs.field(factory=list)

    def look(self, call: Call, _: Result) -> None:
        self.looks += call.operation == "DescribeAutoScalingGroups" and (self.looks > 0 or self.shows(self.pair))

    def __call__(self, event: Event) -> None:
        if event.kind is EventKind.CAUSE and event.cause is not None and event.goal == "deploy":
            self.told.append((self.looks, event.cause.cause.link, event.cause.cause.sentence))


TROUBLES = {
    "bad-1": (as_it_is, ill, Link.BALANCER, "the application answers health checks with 503"),
    "slow-1": (as_it_is, ill, Link.BALANCER, "the application does not answer health checks in time"),
    "port-1": (as_it_is, ill, Link.BALANCER, "the instance refuses the connection, or its answer is malformed"),
    "v2, a hook": (with_a_hook, held, Link.HOOK, "nobody has completed the launch hook warm-cache"),
    "v2, no room": (without_room, failed, Link.ROOM, f"{GREEN}: AWS has no room: You have requested more vCPU"),
    "v2, tag": (
        tagged_by_somebody,
        mistagged,
        Link.IMAGE,
        f"{GREEN}: the tag image is bad-9, and the release is of v2",
    ),
}


def deployed(pair: Pair, image: str, *listeners: Callable[[Event], None]) -> Ended:
    """Deploy, and let others listen, too."""
    service = pair.service(**SOON)
    session = attrs.evolve(service.session, listeners=(*service.session.listeners, *listeners))
    return Service(session, service.kind).deploy(image)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_told_within_three_looks_and_by_why_afterwards(trouble: str) -> None:
    """While it runs, and once its instances are gone."""
    prepare, shows, link, sentence = TROUBLES[trouble]
    pair = virtual(instances=2)
    prepare(pair)
    listener = Causes(pair, shows)
    pair.sim.faults.after.append(listener.look)
    ended = deployed(pair, trouble.partition(",")[0], listener)
    (looks, first, said), *_ = listener.told
    assert (Status.ROLLED_BACK, link, True, True) == (ended.status, first, said.startswith(sentence), 1 <= looks <= 3)
    found = pair.service().why()
    assert (True, link, True) == (found.over, found.cause.link, found.cause.sentence.startswith(sentence))


def test_instances_that_their_group_replaces_are_told_of_though_they_are_gone() -> None:
    """When the release is taken back those that follow are at their first checks: what was seen before still counts."""
    pair = virtual(instances=2, settings={"HealthCheckType": "ELB", "HealthCheckGracePeriod": 0})
    assert Status.ROLLED_BACK == deployed(pair, "bad-1").status
    found = pair.service().why()
    assert (Link.BALANCER, TROUBLES["bad-1"][3]) == (found.cause.link, found.cause.sentence)


@prompt
@attrs.frozen
class Several:
    """Tells each of several."""

    listeners: Iterable[Callable[[Event], None]]

    def __call__(self, event: Event) -> None:
        for one in self.listeners:
            one(event)


def test_what_the_health_check_met_is_on_the_screen_in_the_log_in_json_in_the_history_and_told_by_why() -> None:
    """Nobody has to log in on an instance that is gone: each of the five says 503."""
    pair = virtual(instances=2)
    screen, lines, document = Terminal(), io.StringIO(), io.StringIO()
    live = Screen(SafeStream(screen), pair.clock, "web")
    talk = SafeStream(io.StringIO())
    everywhere = (live, Lines(SafeStream(lines)), JsonLines(SafeStream(document), talk))
    ended = deployed(pair, "bad-1", Several(everywhere))
    live.close()
    service = pair.service()
    (entry,) = service.history()
    events = [json.loads(line) for line in pair.store.events("web", entry.id)]
    said = {
        "screen": screen.getvalue(),
        "log": lines.getvalue(),
        "JSON events": document.getvalue(),
        "JSON result": json.loads(result_line("web", ended.status, ended.sentence, "", ended.release))["cause"],
        "result": ended.sentence,
        "history": history_text("web", [entry], service.causes()),
        "history of the release": events_text("web", entry, events),
        "why": why_text(service.why(), pair.clock.now()),
    }
    assert [] == [place for place, text in said.items() if "503" not in text]

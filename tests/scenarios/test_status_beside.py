"""A status while a command is at work on the same service: nothing of what that does is called somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.flow.snapshot import State
from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from tests.scenarios.test_closing import killed
from tests.scenarios.test_service import begun, cut, rewrite
from tests.support.hands import asked, edit
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual


def beginning() -> Pair:
    """Return a pair whose deployment was cut off at its beginning."""
    pair = virtual(instances=2, minimum=1)
    cut(pair, begun(pair), "deploy", "v2")
    return pair


def test_what_a_command_does_meanwhile_is_not_somebody_elses() -> None:
    """Between the record and the look the deployment goes on to its end: the status is that of its end."""
    pair = beginning()
    once(pair, lambda call: call.reads, lambda: pair.service().resume())
    report = pair.service().status()
    assert ("", [GREEN], ()) == (report.missing, [one.name for one in report.live], report.troubles)
    assert "deployed" in report.release.milestones


def test_a_command_that_never_pauses_does_not_hold_a_status_up() -> None:
    """Each look finds another record and another minimum: after some looks it is under way, and nobody is accused."""
    pair = beginning()
    looks: list[int] = []

    def write(call: Call) -> None:
        if call.operation == "DescribeAutoScalingGroups":
            looks.append(len(looks))
            rewrite(pair, release=pair.release.write(BLUE, min=0, max=20 + len(looks)))
            edit(pair, BLUE, MaxSize=20 + len(looks))

    pair.sim.faults.before.append(write)
    report = pair.service().status()
    assert (5, State.DEPLOYING, "", ()) == (len(looks), report.state, report.missing, report.troubles)


def test_what_somebody_else_does_is_told() -> None:
    """A maximum that no record explains is still called a wish."""
    pair = beginning()
    edit(pair, BLUE, MaxSize=9)
    assert "web-blue: maximum set to 9 by somebody else" in pair.service().status().missing


# ---- beside what takes the old instances out, or brings them back ----

RELEASES: dict[str, Callable[[Pair], Any]] = {
    "finish": lambda pair: pair.service(look_every=5.0).finish(),
    "rollback": lambda pair: pair.service().rollback(),
}


def deployed(**settings: Any) -> Pair:
    """Return a pair whose old instances are parked."""
    pair = virtual(instances=2, **settings)
    pair.service().deploy("v2")
    pair.run_for(30)
    return pair


@pytest.mark.parametrize("goal", RELEASES)
def test_what_a_release_does_is_no_trouble(goal: str) -> None:
    """At its calls, `status` and `check` say nothing against it: a network balancer's drain takes minutes."""
    pair = deployed(balancers=("nlb",), drain=0.0)
    said: set[str] = set()
    busy: list[bool] = []

    def watch(call: Call) -> None:
        if not busy and not call.dry and (goal == "rollback" or not call.reads):
            busy.append(True)
            said.update(pair.service().status().troubles)
            said.update(finding.sentence for finding in pair.service().check()[1:])
            busy.clear()

    pair.sim.faults.before.append(watch)
    assert (Status.OK, set()) == (RELEASES[goal](pair).status, said)


@pytest.mark.parametrize("goal", RELEASES)
@pytest.mark.parametrize("ask", [Service.check, Service.cleanup, Service.status])
def test_a_release_that_ends_between_the_record_and_the_look(goal: str, ask: Callable[[Service], Any]) -> None:
    """What is told is of the record behind the look: no release is open, and nobody is told that the way back rots."""
    pair = deployed()
    once(pair, lambda call: call.reads, lambda: RELEASES[goal](pair))
    found = ask(pair.service())
    assert found in ((), None) or (found.release, found.troubles) == (None, ())


@pytest.mark.parametrize(
    ("goal", "operation", "missing"),
    [
        ("deploy", "EnterStandby", "v2 serves alone; the next steps are not done yet"),
        ("finish", "DetachInstances", "terminate 2 instances"),
        (
            "finish",
            "DeleteTags",
            "no parked instance is left in web-blue; the end is not on record yet",
        ),
    ],
)
def test_an_interrupted_release_says_what_is_missing(goal: str, operation: str, missing: str) -> None:
    """Where all that one section of the plan wants is there, the next section is not yet; it is a sentence."""
    pair = deployed() if goal == "finish" else virtual(instances=2)
    killed(pair, operation, lambda service: service.finish() if goal == "finish" else service.deploy("v2"))
    assert missing == pair.service().status().missing.partition(":")[0]


def test_where_nothing_serves_it_is_a_trouble() -> None:
    """What is parked serves nobody."""
    pair = deployed()
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["Launch"])
    for instance in pair.sim.states(GREEN):
        pair.sim.kill(instance)
    pair.run_for(30)
    assert "no instance of web-green is healthy in the load balancer" in pair.service().status().troubles

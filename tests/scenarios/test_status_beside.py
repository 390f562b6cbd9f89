"""A status while a command is at work on the same service: nothing of what that does is called somebody else's."""

from __future__ import annotations

from bluegreen.simulator.faults import Call
from tests.building.hands import edit
from tests.building.moments import once
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.scenarios.test_service import begun, cut, rewrite


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
    assert ("", GREEN, ()) == (report.missing, report.live, report.troubles)
    assert "deployed" in report.release["milestones"]


def test_a_command_that_never_pauses_does_not_hold_a_status_up() -> None:
    """Each look finds another record and another minimum: after some looks it is told what the newest record says."""
    pair = beginning()
    looks: list[int] = []

    def write(call: Call) -> None:
        if call.operation == "DescribeAutoScalingGroups":
            looks.append(len(looks))
            rewrite(pair, release=pair.release.write(BLUE, min=0, max=20 + len(looks)))
            edit(pair, BLUE, MaxSize=20 + len(looks))

    pair.sim.faults.before.append(write)
    report = pair.service().status()
    assert (5, False) == (len(looks), "somebody" in report.missing)


def test_what_somebody_else_does_is_told() -> None:
    """A maximum that no record explains is still called a wish."""
    pair = beginning()
    edit(pair, BLUE, MaxSize=9)
    assert "somebody set the maximum of web-blue to 9" in pair.service().status().missing

"""Somebody suspends or resumes processes of a group while a release is open: that is an edit, and no end undoes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.build import tracking
from tests.support.hands import asked, edit
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual

HARD = ("ReplaceUnhealthy", "Terminate", "HealthCheck")


def suspended(pair: Pair, group: str) -> set[str]:
    """Return what a group has suspended, but for what a release suspends of its own."""
    return set(pair.sim.groups[group].suspended) & {*HARD, "Launch"}


def fewest(pair: Pair) -> Callable[[], int]:
    """Return what tells how few have answered in a balancer since now, whatever AWS called them."""
    counts = [99]

    def look() -> None:
        counts.extend(len(pair.sim.answering(key)) for key in pair.sim.listening())

    pair.sim.on_event(look)
    return lambda: min(counts)


def fail_status_checks(pair: Pair, group: str) -> None:
    """Let EC2's status checks fail in the zone of a group; the application goes on answering."""
    for instance in sorted(pair.sim.states(group)):
        pair.sim.impair(instance)


@pytest.mark.parametrize("process", HARD)
@pytest.mark.parametrize("verb", ["cleanup", "finish"])
def test_the_end_of_a_release_resumes_nothing_beside_what_serves(process: str, verb: str) -> None:
    """What somebody suspended of the group that serves keeps its instances, and stays so when the release is over."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    pair.run_for(60)
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=[process])
    fail_status_checks(pair, GREEN)
    pair.run_for(700)
    answered = fewest(pair)
    end: Any = getattr(pair.service(), verb)()
    pair.run_for(60)
    assert (Status.OK, 3, {process}, None) == (end.status, answered(), suspended(pair, GREEN), pair.release)


@pytest.mark.parametrize("process", HARD)
def test_a_rollback_resumes_nothing_beside_what_came_back(process: str) -> None:
    """What somebody suspended of the parked group, which fails status checks, is still suspended once it serves."""
    pair = virtual(instances=3, minimum=3)
    pair.service().deploy("v2")
    pair.run_for(60)
    asked(pair, "SuspendProcesses", BLUE, ScalingProcesses=[process])
    fail_status_checks(pair, BLUE)
    pair.run_for(60)
    answered = fewest(pair)
    end = pair.service().rollback()
    pair.run_for(60)
    assert (Status.OK, 3, {process}, 3) == (
        end.status,
        answered(),
        suspended(pair, BLUE),
        len(pair.sim.healthy(BLUE)),
    )


@pytest.mark.parametrize("checks", ["EC2", "ELB"])
def test_a_failed_deployment_resumes_nothing_of_live(checks: str) -> None:
    """New never serves; what somebody suspended of live in the middle outlasts the way back."""
    pair = virtual(instances=3, minimum=3, HealthCheckType=checks, HealthCheckGracePeriod=300)

    def strike() -> None:
        asked(pair, "SuspendProcesses", BLUE, ScalingProcesses=["ReplaceUnhealthy"])
        fail_status_checks(pair, BLUE)

    once(pair, lambda call: bool(pair.sim.states(GREEN)), strike)
    answered = fewest(pair)
    end = pair.service().deploy("bad-1")
    pair.run_for(60)
    assert (Status.ROLLED_BACK, 3, {"ReplaceUnhealthy"}) == (end.status, answered(), suspended(pair, BLUE))


@pytest.mark.parametrize("verb", ["cleanup", "rollback"])
def test_an_autoscaler_that_its_owner_stopped_stays_stopped(verb: str) -> None:
    """AlarmNotification suspended at rest, and ten instances held, are so after the end, whichever side serves."""
    pair = virtual(instances=3, minimum=1, maximum=12, load=60.0, policies=[tracking("cpu", 50.0)])
    pair.service(look_every=5.0).deploy("v2")
    pair.run_for(300)
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["AlarmNotification"])
    edit(pair, GREEN, DesiredCapacity=10)
    pair.run_for(3600)
    end: Any = getattr(pair.service(look_every=5.0), verb)()
    pair.run_for(600)
    serves = GREEN if verb == "cleanup" else BLUE
    group = pair.sim.groups[serves]
    assert (Status.OK, None, {"AlarmNotification"}, 10) == (
        end.status,
        pair.release,
        set(group.suspended),
        pair.sim.groups[serves].desired,
    )


def test_an_autoscaler_that_its_owner_started_follows_the_peak() -> None:
    """AlarmNotification rested before the release, and was resumed at rest: so it is when cron has finished."""
    rate = [60.0]
    policies = [tracking("cpu", 50.0)]
    pair = virtual(instances=3, minimum=1, maximum=12, load=lambda at: rate[0], policies=policies)
    asked(pair, "SuspendProcesses", BLUE, ScalingProcesses=["AlarmNotification"])
    pair.service(look_every=5.0).deploy("v2")
    pair.run_for(300)
    asked(pair, "ResumeProcesses", GREEN, ScalingProcesses=["AlarmNotification"])
    pair.run_for(3600)
    end = pair.service(look_every=5.0).cleanup()
    rate[0] = 600.0
    pair.run_for(900)
    assert end is not None
    assert (Status.OK, set(), 12) == (
        end.status,
        set(pair.sim.groups[GREEN].suspended),
        pair.sim.groups[GREEN].desired,
    )

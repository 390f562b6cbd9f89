"""What is otherwise with a Network Load Balancer: new targets pass the whole threshold, those taken out get more."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.flow.limits import Pace
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.seam.finding import WARNED
from tests.support.virtual import GREEN, Pair, virtual
from tests.support.watching import Watch, left_over

DERIVED: dict[str, Any] = {"progress_deadline": None, "deadline": None, "healthy_for": None}


@pytest.mark.parametrize("kind", ["nlb", "classic"])
def test_a_slow_application_behind_slow_checks_is_deployed(kind: str) -> None:
    """Ten checks of 30 s and an application of 100 s are no failure (aws-load-balancer-controller 1786, 1834)."""
    pair = virtual(instances=2, balancers=(kind,), interval=30.0, threshold=10, boot=100.0)
    watch = Watch(pair, 2)
    assert (Status.OK, []) == (pair.service(**DERIVED, look_every=15.0).deploy("v2").status, watch.broken)


def test_an_application_that_is_called_unhealthy_while_it_boots_is_deployed() -> None:
    """Behind an application balancer's defaults (30 s, five checks) it has the time to recover, in each wave."""
    pair = virtual(instances=2, interval=30.0, threshold=5, boot=300.0)
    ended = pair.service(**DERIVED, look_every=15.0, pace=Pace(100, 150)).deploy("v2")
    assert (Status.OK, 2) == (ended.status, len(pair.sim.healthy(GREEN)))


def moments(pair: Pair, *operations: str) -> dict[str, list[float]]:
    """Return when each of the operations was asked for, from now on."""
    found: dict[str, list[float]] = {operation: [] for operation in operations}

    def note(call: Call) -> None:
        if call.operation in found and not call.dry:
            found[call.operation].append(pair.clock.now())

    pair.sim.faults.before.append(note)
    return found


@pytest.mark.parametrize(("kind", "rests"), [("nlb", 120.0), ("classic", 0.0)])
def test_two_minutes_lie_between_leaving_a_network_balancer_and_the_end(kind: str, rests: float) -> None:
    """With a delay of 0 it sends connections to what was taken out for some 120 s (aws/containers-roadmap 470)."""
    pair = virtual(instances=2, balancers=(kind,), drain=0.0)
    called = moments(pair, "EnterStandby", "TerminateInstances")
    assert Status.OK == pair.service().deploy("v2").status
    assert Status.OK == pair.service(look_every=5.0).finish().status
    apart = min(called["TerminateInstances"]) - max(called["EnterStandby"])
    assert (True, {}) == (rests <= apart < rests + 30, left_over(pair))


def test_what_was_parked_long_ago_is_retired_at_once() -> None:
    """The two minutes are over before anybody asks."""
    pair = virtual(instances=2, balancers=("nlb",), drain=0.0)
    pair.service().deploy("v2")
    pair.run_for(120)
    began = pair.clock.now()
    assert (Status.OK, True) == (pair.service().finish().status, pair.clock.now() - began < 60)


@pytest.mark.parametrize(
    ("drain", "told"),
    [
        (0.0, ["raise its deregistration delay to 120 s"]),
        (119.0, ["", "raise its deregistration delay to 120 s"]),
        (300.0, [""]),
    ],
)
def test_nobody_is_told_to_lower_the_delay_of_a_network_balancer(drain: float, told: list[str]) -> None:
    """What is below two minutes is to be raised; what is above costs time, and that is said."""
    pair = virtual(instances=1, balancers=("nlb",), drain=drain)
    found = [one for one in pair.service().check() if "drains for" in one.sentence]
    assert ([WARNED] * len(told), told) == ([one.level for one in found], [one.hint for one in found])


def test_a_hotfix_onto_targets_that_are_sick_and_draining() -> None:
    """``unhealthy.draining`` is a sick target that stays: the group that has such ones is live, and is replaced."""
    pair = virtual(instances=2, balancers=("nlb",), image="bad-1", ready=False)
    pair.run_for(30)

    def sick(call: Call, answer: Any) -> None:
        for row in answer.get("TargetHealthDescriptions", []):
            if row["TargetHealth"]["State"] == "unhealthy":
                row["TargetHealth"]["State"] = "unhealthy.draining"

    pair.sim.faults.after.append(sick)
    ended = pair.service().deploy("v2")
    assert (Status.OK, 2) == (ended.status, len(pair.sim.healthy(GREEN)))

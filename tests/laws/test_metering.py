"""What metrics say that the traffic needs, however many instances share the load."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.targets.pair.model.demand import demand_of
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.metering import metered, meters, unmetered
from bluegreen.targets.pair.model.more import Metric
from bluegreen.targets.pair.model.release import Bounds, Picture, Side
from tests.support.values import NOW, fleet, group, look, release

LABEL = "app/web/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067"
REQUESTS = Metric(
    "AWS/ApplicationELB",
    "RequestCount",
    (("LoadBalancer", "app/web/50dc6c495c0c9188"), ("TargetGroup", "targetgroup/web/73e2d6bc24d8a067")),
    "Sum",
)
OTHER = attrs.evolve(REQUESTS, dimensions=(("LoadBalancer", "app/b/2"), ("TargetGroup", "targetgroup/b/3")))
MINUTE = NOW - 60.0


def tracking(kind: str, target: float = 100.0, label: str = "", **more: Any) -> dict[str, Any]:
    """Return a target tracking policy on a predefined metric."""
    metric = {"PredefinedMetricType": kind, **({"ResourceLabel": label} if label else {})}
    configuration = {"PredefinedMetricSpecification": metric, "TargetValue": target}
    return {"PolicyName": kind, "TargetTrackingConfiguration": configuration, **more}


BY_REQUESTS = tracking("ALBRequestCountPerTarget", 100.0, LABEL)
BY_OTHERS = tracking("ALBRequestCountPerTarget", 50.0, "app/b/2/targetgroup/b/3")
BY_CPU = tracking("ASGAverageCPUUtilization", 50.0)


def made(*policies: Any, first: bool = False, **more: Any) -> Any:
    """Return a release whose live side has ``policies``."""
    sides = [Side("old", 0, 10, 2), Side("new", 0, 0, 0)]
    sides[first] = attrs.evolve(sides[first], policies=policies)
    return release(picture=Picture(*sides), first=first, **more)


def measured(values: dict[Metric, dict[float, float]]) -> Fleet:
    """Return a fleet with the values of metrics."""
    return fleet(group("old"), group("new"), metrics=values)


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ((BY_REQUESTS,), [(100.0, REQUESTS)]),
        ((BY_CPU,), []),
        ((BY_REQUESTS, BY_OTHERS), [(100.0, REQUESTS), (50.0, OTHER)]),
        (({**BY_REQUESTS, "Enabled": False},), []),
        ((tracking("ASGAverageNetworkIn"),), []),
        ((tracking("ALBRequestCountPerTarget"),), []),
        ((tracking("ALBRequestCountPerTarget", 0.0, LABEL),), []),
        (({"PolicyName": "up", "ScalingAdjustment": 1},), []),
        (({"TargetTrackingConfiguration": {"CustomizedMetricSpecification": {}, "TargetValue": 5.0}},), []),
    ],
)
def test_what_is_measured(policies: tuple[Any, ...], expected: Any) -> None:
    """Requests of the target group alone: a booting instance's processors say nothing of the traffic."""
    for first in (False, True):
        assert expected == [(meter.target, meter.metric) for meter in meters(made(*policies, first=first))]


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (BY_REQUESTS, True),
        (BY_CPU, False),
        (tracking("ALBRequestCountPerTarget"), False),
        (tracking("ASGAverageNetworkIn"), False),
        ({**tracking("ASGAverageNetworkIn"), "Enabled": False}, True),
        ({"PolicyName": "up", "ScalingAdjustment": 1}, False),
        ({"PolicyName": "later", "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"}}, True),
    ],
)
def test_whose_demand_cannot_be_told(policy: dict[str, Any], told: bool) -> None:
    """Of a policy at work that scales, and whose metric is not the requests per target."""
    assert (() if told else (policy["PolicyName"],)) == unmetered([policy])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, 0),
        ({MINUTE: 300.0}, 3),
        ({MINUTE: 301.0}, 4),
        ({MINUTE: 0.0}, 0),
        ({MINUTE: 100.00000001}, 1),
        ({MINUTE - 60: 400.0, MINUTE: 100.0}, 4),
        ({MINUTE - 60: 100.0, MINUTE: 400.0}, 4),
        ({MINUTE - 120: 900.0, MINUTE - 60: 100.0, MINUTE: 200.0}, 2),
    ],
)
def test_the_newest_two_minutes_count(values: dict[float, float], expected: int) -> None:
    """The newest one may not be over yet; older ones are past; without values nothing is known."""
    assert expected == metered(meters(made(BY_REQUESTS)), measured({REQUESTS: values}))


def test_the_largest_of_several_policies_counts() -> None:
    """As the autoscaler takes the largest of what its policies want."""
    seen = measured({REQUESTS: {MINUTE: 300.0}, OTHER: {MINUTE: 200.0}})
    assert 4 == metered(meters(made(BY_REQUESTS, BY_OTHERS)), seen)


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 2000))
def test_what_is_metered_does_not_depend_on_how_many_share_it(sides: list[bool], requests: int) -> None:
    """However many instances of either group there are, healthy or not, the requests of a minute need as many."""
    members = [["InService"] * sides.count(side) for side in (False, True)]
    seen = fleet(group("old", *members[0]), group("new", *members[1]), metrics={REQUESTS: {MINUTE: float(requests)}})
    assert math.ceil(requests / 100) == metered(meters(made(BY_REQUESTS)), seen)


TWO, ILL = ("InService", "InService"), {"i-old-0": "unhealthy", "i-old-1": "unhealthy"}
BOTH_ILL = {**ILL, "i-new-0": "unhealthy", "i-new-1": "unhealthy"}


@pytest.mark.parametrize(
    ("health", "top", "values", "expected"),
    [
        ({}, 10, {}, 2),
        ({}, 10, {REQUESTS: {MINUTE: 150.0}}, 2),
        ({}, 10, {REQUESTS: {MINUTE: 550.0}}, 6),
        ({}, 4, {REQUESTS: {MINUTE: 550.0}}, 4),
        (ILL, 10, {REQUESTS: {MINUTE: 550.0}}, 6),
        (BOTH_ILL, 10, {REQUESTS: {MINUTE: 900.0}}, 2),
    ],
)
def test_demand_while_the_load_is_shared(health: dict[str, str], top: int, values: Any, expected: int) -> None:
    """Metrics raise it, up to the service's maximum; they never lower it; with both groups sick they say nothing."""
    seen = fleet(group("old", *TWO), group("new", *TWO), health, metrics=values)
    of = made(BY_REQUESTS, milestones={"moving": NOW}, bounds=Bounds(0, top))
    assert expected == demand_of(look(seen, of))

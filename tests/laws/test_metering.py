"""What metrics say that the traffic needs, however many instances share the load."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.pair.demand import demand_of
from bluegreen.pair.fleet import Fleet, Metric
from bluegreen.pair.metering import metered, meters, unmetered
from bluegreen.pair.release import Bounds, Picture, Side
from tests.building.values import NOW, fleet, group, look, release

LABEL = "app/web/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067"
REQUESTS = Metric(
    "AWS/ApplicationELB",
    "RequestCount",
    (("LoadBalancer", "app/web/50dc6c495c0c9188"), ("TargetGroup", "targetgroup/web/73e2d6bc24d8a067")),
    "Sum",
)
CPU_OLD, CPU_NEW = (Metric("AWS/EC2", "CPUUtilization", (("AutoScalingGroupName", n),), "Sum") for n in ("old", "new"))
MINUTE = NOW - 60.0


def tracking(kind: str, target: float = 100.0, label: str = "", **more: Any) -> dict[str, Any]:
    """Return a target tracking policy on a predefined metric."""
    metric = {"PredefinedMetricType": kind, **({"ResourceLabel": label} if label else {})}
    configuration = {"PredefinedMetricSpecification": metric, "TargetValue": target}
    return {"PolicyName": kind, "TargetTrackingConfiguration": configuration, **more}


BY_REQUESTS = tracking("ALBRequestCountPerTarget", 100.0, LABEL)
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
        ((BY_REQUESTS,), [(100.0, (REQUESTS,))]),
        ((BY_CPU,), [(50.0, (CPU_OLD, CPU_NEW))]),
        ((BY_REQUESTS, BY_CPU), [(100.0, (REQUESTS,)), (50.0, (CPU_OLD, CPU_NEW))]),
        (({**BY_CPU, "Enabled": False},), []),
        ((tracking("ASGAverageNetworkIn"),), []),
        ((tracking("ALBRequestCountPerTarget"),), []),
        ((tracking("ASGAverageCPUUtilization", 0.0),), []),
        (({"PolicyName": "up", "ScalingAdjustment": 1},), []),
        (({"TargetTrackingConfiguration": {"CustomizedMetricSpecification": {}, "TargetValue": 5.0}},), []),
    ],
)
def test_what_is_measured(policies: tuple[Any, ...], expected: Any) -> None:
    """Requests of the target group, or processors of both groups; of a first release it is new that has policies."""
    for first in (False, True):
        assert expected == [(meter.target, meter.metrics) for meter in meters(made(*policies, first=first))]


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (BY_REQUESTS, True),
        (BY_CPU, True),
        (tracking("ALBRequestCountPerTarget"), False),
        (tracking("ASGAverageNetworkIn"), False),
        ({**tracking("ASGAverageNetworkIn"), "Enabled": False}, True),
        ({"PolicyName": "up", "ScalingAdjustment": 1}, False),
        ({"PolicyName": "later", "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"}}, True),
    ],
)
def test_whose_demand_cannot_be_told(policy: dict[str, Any], told: bool) -> None:
    """Of a policy at work that scales, and whose metric is not one of the two."""
    assert (() if told else (policy["PolicyName"],)) == unmetered([policy])


@given(
    st.integers(1, 10**6),
    st.integers(1, 500),
    st.lists(st.tuples(st.booleans(), st.integers(1, 100)), min_size=1, max_size=40),
)
def test_the_sum_does_not_depend_on_how_many_share_it(load: int, target: int, sharing: list[tuple[bool, int]]) -> None:
    """Processors of a load that is shared unevenly by however many instances of either group add up to the same."""
    weights = sum(weight for _, weight in sharing)
    sums = {CPU_OLD: 0.0, CPU_NEW: 0.0}
    for new, weight in sharing:
        sums[CPU_NEW if new else CPU_OLD] += load * weight / weights
    policy = tracking("ASGAverageCPUUtilization", float(target))
    seen = measured({metric: {MINUTE: value} for metric, value in sums.items()})
    assert math.ceil(load / target - 1e-6) <= metered(meters(made(policy)), seen) <= math.ceil(load / target)


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


def test_minutes_are_added_up_one_by_one() -> None:
    """What the two groups had in different minutes is no sum."""
    seen = measured({CPU_OLD: {MINUTE - 60: 200.0, MINUTE: 50.0}, CPU_NEW: {MINUTE - 60: 50.0, MINUTE: 200.0}})
    late = measured({CPU_OLD: {MINUTE - 60: 200.0}, CPU_NEW: {MINUTE: 100.0}})
    assert (5, 4) == (metered(meters(made(BY_CPU)), seen), metered(meters(made(BY_CPU)), late))


def test_the_largest_of_several_policies_counts() -> None:
    """As the autoscaler takes the largest of what its policies want."""
    seen = measured({REQUESTS: {MINUTE: 300.0}, CPU_OLD: {MINUTE: 200.0}, CPU_NEW: {}})
    assert 4 == metered(meters(made(BY_REQUESTS, BY_CPU)), seen)


def test_a_sick_groups_processors_say_nothing() -> None:
    """Left out are its own metrics, and not the target group's, which are both groups'."""
    seen = measured({REQUESTS: {MINUTE: 300.0}, CPU_OLD: {MINUTE: 900.0}, CPU_NEW: {MINUTE: 50.0}})
    both = meters(made(BY_REQUESTS, BY_CPU))
    assert (3, 18, 3) == (
        metered(both, seen, ["old"]),
        metered(both, seen, ["new"]),
        metered(both, seen, ["old", "new"]),
    )


TWO, ILL = ("InService", "InService"), {"i-old-0": "unhealthy", "i-old-1": "unhealthy"}
BOTH_ILL = {**ILL, "i-new-0": "unhealthy", "i-new-1": "unhealthy"}


@pytest.mark.parametrize(
    ("health", "top", "values", "expected"),
    [
        ({}, 10, {}, 2),
        ({}, 10, {REQUESTS: {MINUTE: 150.0}}, 2),
        ({}, 10, {REQUESTS: {MINUTE: 550.0}}, 6),
        ({}, 4, {REQUESTS: {MINUTE: 550.0}}, 4),
        ({}, 10, {CPU_OLD: {MINUTE: 200.0}, CPU_NEW: {MINUTE: 150.0}}, 7),
        (ILL, 10, {CPU_OLD: {MINUTE: 200.0}, CPU_NEW: {MINUTE: 150.0}}, 3),
        (BOTH_ILL, 10, {REQUESTS: {MINUTE: 900.0}}, 2),
    ],
)
def test_demand_while_the_load_is_shared(health: dict[str, str], top: int, values: Any, expected: int) -> None:
    """The metrics raise it, up to the service's maximum; they never lower it; sick groups' say nothing."""
    seen = fleet(group("old", *TWO), group("new", *TWO), health, metrics=values)
    of = made(BY_REQUESTS, BY_CPU, milestones={"moving": NOW}, bounds=Bounds(0, top))
    assert expected == demand_of(look(seen, of))

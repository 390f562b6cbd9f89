"""What target tracking's metrics say that the traffic needs, while both groups share the load. Pure.

Shared, the load of each instance is diluted, and with it what the autoscaler of each group wants. The whole of it is
not: the requests of a minute, or the processor time of all instances of both groups, divided by the policy's target,
is how many instances it needs, however many share it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from bluegreen.pair.fleet import Fleet, Metric
from bluegreen.pair.release import Release
from bluegreen.pair.twins import POLICY, Setting, name_of

REQUESTS, CPU = "ALBRequestCountPerTarget", "ASGAverageCPUUtilization"
NEWEST = 2
"""Minutes that are looked at: the newest one may not be over yet."""
ROUNDING = 1e-9


@frozen
class Meter:
    """A policy's target, and the metrics whose values of one minute are added up; one per group where it is its own."""

    target: float
    metrics: tuple[Metric, ...]


def meters(release: Release) -> tuple[Meter, ...]:
    """Return what the service's target tracking policies are measured by, where that can be told from here."""
    live = release.picture.new if release.first else release.picture.old
    groups = (release.old, release.new)
    return tuple(meter for policy in live.policies for meter in _meter(policy, groups))


def metrics_of(policies: Iterable[Setting], groups: tuple[str, str]) -> tuple[Metric, ...]:
    """Return the metrics that tell what the policies of either group would want."""
    return tuple(dict.fromkeys(one for policy in policies for meter in _meter(policy, groups) for one in meter.metrics))


def unmetered(policies: Iterable[Setting]) -> tuple[str, ...]:
    """Return the policies at work whose demand cannot be told while both groups share the load."""
    return tuple(
        name_of(policy, POLICY)
        for policy in policies
        if policy.get("Enabled", True) and "PredictiveScalingConfiguration" not in policy
        if not list(_meter(policy, ("", "")))
    )


def _meter(policy: Setting, groups: tuple[str, str]) -> Iterator[Meter]:
    tracking: Any = policy.get("TargetTrackingConfiguration") or {}
    predefined: Mapping[str, str] = tracking.get("PredefinedMetricSpecification") or {}
    kind = predefined.get("PredefinedMetricType")
    if not policy.get("Enabled", True) or not tracking.get("TargetValue"):
        return
    if kind == REQUESTS and "/targetgroup/" in predefined.get("ResourceLabel", ""):
        yield Meter(float(tracking["TargetValue"]), (_requests(predefined["ResourceLabel"]),))
    if kind == CPU:
        yield Meter(float(tracking["TargetValue"]), tuple(map(_processors, groups)))


def _requests(label: str) -> Metric:
    """Return all requests of a target group; ``label`` is ``app/<name>/<id>/targetgroup/<name>/<id>`` (botocore)."""
    balancer, _, target_group = label.partition("/targetgroup/")
    dimensions = (("LoadBalancer", balancer), ("TargetGroup", f"targetgroup/{target_group}"))
    return Metric("AWS/ApplicationELB", "RequestCount", dimensions, "Sum")


def _processors(group: str) -> Metric:
    """Return the processors of a group's instances, added up: one value an instance and minute at most."""
    return Metric("AWS/EC2", "CPUUtilization", (("AutoScalingGroupName", group),), "Sum")


def metered(meters: Iterable[Meter], fleet: Fleet, leave_out: Iterable[str] = ()) -> int:
    """Return how many instances the metrics of a look say are needed, 0 where they say nothing.

    The metrics of the groups ``leave_out`` do not count: a sick group's processors say nothing of the traffic.
    """
    without = set(leave_out)
    return max((_needed(meter, fleet, without) for meter in meters), default=0)


def _needed(meter: Meter, fleet: Fleet, without: set[str]) -> int:
    values = [fleet.metrics.get(m, {}) for m in meter.metrics if not without & {value for _, value in m.dimensions}]
    minutes = sorted({minute for each in values for minute in each})[-NEWEST:]
    largest = max((sum(each.get(minute, 0.0) for each in values) for minute in minutes), default=0.0)
    return math.ceil(largest / meter.target - ROUNDING)

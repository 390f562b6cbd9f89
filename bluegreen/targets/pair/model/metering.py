"""What target tracking's metrics say that the traffic needs, while both groups share the load. Pure.

Shared, the load of each instance is diluted, and with it what the autoscaler of each group wants. The whole of it is
not: the requests of a minute divided by the policy's target are how many instances it needs, however many share it.
Processors cannot be added up like that: an instance that boots has its own use for them, and how many samples a minute
has depends on how closely EC2 monitors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.more import Metric
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.model.twins import POLICY, Setting, name_of

REQUESTS = "ALBRequestCountPerTarget"
NEWEST = 2
"""Minutes that are looked at: the newest one may not be over yet."""
ROUNDING = 1e-9


@frozen
class Meter:
    """A policy's target, and the metric whose value of a minute is divided by it."""

    target: float
    metric: Metric


def meters(release: Release) -> tuple[Meter, ...]:
    """Return what the service's target tracking policies are measured by, where that can be told from here."""
    live = release.picture.new if release.first else release.picture.old
    return tuple(meter for policy in live.policies for meter in _meter(policy))


EVALUATED = 0.6
"""Part of ``stabilization`` in which alarms have surely seen a minute of one side alone: three minutes of five."""


def counted(release: Release, now: float) -> tuple[Metric, ...]:
    """Return the metrics that count in demand at ``now`` (POSIX seconds): no look does without them.

    They do while both sides may share the load, so that what the autoscaler of either wants is diluted, and until the
    alarms of the side that serves have seen what it has alone. Of a release that is over nothing does.
    """
    counts = release.open and (_is_diluted(release) or _stabilizes(release, now))
    return tuple(dict.fromkeys(meter.metric for meter in meters(release))) if counts else ()


def _is_diluted(release: Release) -> bool:
    return release.phase.is_shared and (bool(release.launched_at) or release.phase is Phase.RETURNING)


def _stabilizes(release: Release, now: float) -> bool:
    since = release.alone_since
    return since is not None and now < since + EVALUATED * release.terms.stabilization


def metrics_of(policies: Iterable[Setting]) -> tuple[Metric, ...]:
    """Return the metrics that tell what policies would want."""
    return tuple(dict.fromkeys(meter.metric for policy in policies for meter in _meter(policy)))


def unmetered(policies: Iterable[Setting]) -> tuple[str, ...]:
    """Return the policies at work whose demand cannot be told while both groups share the load."""
    return tuple(
        name_of(policy, POLICY)
        for policy in policies
        if policy.get("Enabled", True) and "PredictiveScalingConfiguration" not in policy
        if not list(_meter(policy))
    )


def _meter(policy: Setting) -> Iterator[Meter]:
    tracking: Any = policy.get("TargetTrackingConfiguration") or {}
    predefined: Mapping[str, str] = tracking.get("PredefinedMetricSpecification") or {}
    label = predefined.get("ResourceLabel", "")
    if not policy.get("Enabled", True) or not tracking.get("TargetValue"):
        return
    if predefined.get("PredefinedMetricType") == REQUESTS and "/targetgroup/" in label:
        yield Meter(float(tracking["TargetValue"]), _requests(label))


def _requests(label: str) -> Metric:
    """Return all requests of a target group; ``label`` is ``app/<name>/<id>/targetgroup/<name>/<id>`` (botocore)."""
    balancer, _, target_group = label.partition("/targetgroup/")
    dimensions = (("LoadBalancer", balancer), ("TargetGroup", f"targetgroup/{target_group}"))
    return Metric("AWS/ApplicationELB", "RequestCount", dimensions, "Sum")


def metered(meters: Iterable[Meter], fleet: Fleet) -> int:
    """Return how many instances the metrics of a look say are needed, 0 where they say nothing."""
    return max((_needed(meter, fleet.metrics.get(meter.metric, {})) for meter in meters), default=0)


def _needed(meter: Meter, values: Mapping[float, float]) -> int:
    newest = [values[minute] for minute in sorted(values)[-NEWEST:]]
    return math.ceil(max(newest, default=0.0) / meter.target - ROUNDING)

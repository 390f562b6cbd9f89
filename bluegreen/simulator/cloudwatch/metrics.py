"""The metrics that the model knows: whoever reports one registers it here.

Source: botocore model (Metric, Dimension, MetricDataQuery).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from attrs import frozen

from ..core.registry import Registry
from ..core.world import World
from .figures import FIGURES, LENGTH, MINUTE, Key, Samples, minute_of

AGGREGATES: Mapping[str, Callable[[Samples], float]] = {
    "Sum": lambda found: found.total,
    "Average": lambda found: found.average,
    "Maximum": lambda found: found.most,
    "Minimum": lambda found: found.least,
    "SampleCount": lambda found: found.count,
}


@frozen
class Metric:
    """A metric of a namespace: ``dimension`` says whose it is, and ``others`` may stand beside that."""

    name: str
    dimension: str
    others: frozenset[str]
    unit: str


METRICS: Registry[str, Metric] = Registry("metric")
"""By namespace and name, with a space between."""


def metric(namespace: str, name: str, dimension: str, *, others: Collection[str] = (), unit: str = "Count") -> Metric:
    """Register a metric that a shelf reports."""
    return METRICS.add(f"{namespace} {name}", Metric(name, dimension, frozenset(others), unit))


def watched(alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one metric that an alarm watches, in PutMetricAlarm's own fields; of metric math nothing is known.

    An alarm on ``Metrics`` of which the only one is a MetricStat is an alarm on that metric (botocore model).
    """
    queries = alarm.get("Metrics") or ()
    if not queries:
        return alarm
    stat = queries[0].get("MetricStat") if len(queries) == 1 else None
    return {**stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]} if stat else {}


def metric_of(alarm: Mapping[str, Any]) -> Key | None:
    """Return which metric an alarm watches, ``None`` where the model does not know it."""
    asked = watched(alarm)
    whole = asked.get("Period", MINUTE) % MINUTE == 0
    return key_of(asked) if whole and asked.get("Statistic") in AGGREGATES else None


def known(asked: Mapping[str, Any]) -> Metric | None:
    """Return the metric that a Metric (Namespace, MetricName) names, where the model knows it."""
    return METRICS.known.get(f"{asked.get('Namespace', '')} {asked.get('MetricName', '')}")


def key_of(asked: Mapping[str, Any]) -> Key | None:
    """Return whose figure a Metric (Namespace, MetricName, Dimensions) is, ``None`` where the model does not know it.

    All dimensions are part of a metric's name: with others it is another metric (botocore model: Dimension).
    """
    found = known(asked)
    dimensions = {each["Name"]: each["Value"] for each in asked.get("Dimensions", ())}
    if found is None or found.dimension not in dimensions or dimensions.keys() - found.others - {found.dimension}:
        return None
    return found.name, dimensions[found.dimension]


def datapoints(world: World, alarm: Mapping[str, Any], key: Key, count: int) -> list[float | None]:
    """Return an alarm's last ``count`` data points, the oldest first; ``None``: no data.

    Its periods end with the last minute that is over (*unknown*: AWS may align longer ones).
    """
    asked = watched(alarm)
    minutes, aggregate = asked.get("Period", MINUTE) // MINUTE, AGGREGATES[asked["Statistic"]]
    last = minute_of(world.time, world.options[LENGTH])
    ends = (last - back * minutes for back in reversed(range(count)))
    windows = (world.beside[FIGURES].window(key, end, minutes) for end in ends)
    return [float(aggregate(found)) if found is not None else None for found in windows]


def latest(world: World, alarm: Mapping[str, Any]) -> float | None:
    """Return an alarm's newest data point, if its metric is known and has one."""
    key = metric_of(alarm)
    return datapoints(world, alarm, key, 1)[0] if key is not None else None

"""Which of its own metrics a group reports; the model records the choice and has no data for them.

Source: botocore model (EnableMetricsCollection, DisableMetricsCollection: without names all metrics are meant).
"""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.errors import invalid
from ..core.operations import operation
from ..core.world import World
from .lookup import living_group_of, named_or_all

GRANULARITY = "1Minute"
OF_INSTANCES = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)
OF_CAPACITY = (
    "GroupInServiceCapacity",
    "GroupPendingCapacity",
    "GroupStandbyCapacity",
    "GroupTerminatingCapacity",
    "GroupTotalCapacity",
)
OF_WARM_POOLS = (
    "WarmPoolDesiredCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
)
METRICS = (*OF_INSTANCES, *OF_CAPACITY, *OF_WARM_POOLS)


@operation("autoscaling", "EnableMetricsCollection", "AutoScalingGroupName Metrics Granularity")
def enable(world: World, request: Request) -> Result:
    """Report metrics of the group from now on, every minute."""
    group = living_group_of(world, request)
    if request["Granularity"] != GRANULARITY:
        raise invalid(f"Granularity must be {GRANULARITY}.")
    group.metrics = list(dict.fromkeys([*group.metrics, *named_or_all(request.get("Metrics"), METRICS, "metric")]))
    return {}


@operation("autoscaling", "DisableMetricsCollection", "AutoScalingGroupName Metrics")
def disable(world: World, request: Request) -> Result:
    """Report metrics no longer."""
    group = living_group_of(world, request)
    named = named_or_all(request.get("Metrics"), METRICS, "metric")
    group.metrics = [name for name in group.metrics if name not in named]
    return {}


@operation("autoscaling", "DescribeMetricCollectionTypes")
def describe(_: World, __: Request) -> Result:
    """Answer which metrics there are."""
    return {"Metrics": [{"Metric": name} for name in METRICS], "Granularities": [{"Granularity": GRANULARITY}]}

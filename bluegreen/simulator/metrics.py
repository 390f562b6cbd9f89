"""The metrics that the model knows: requests of balancers, and the processors of groups.

Sources: Elastic Load Balancing user guides ("CloudWatch metrics": requests per target are one figure for a whole
target group; nothing is reported while no requests flow), Auto Scaling user guide ("Set the default instance
warmup": an instance that is warming up is not counted in the group's metrics).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .launching import default_warmup
from .load import MINUTE, Key, Load, Samples, minute_of
from .state import Balancer, Group, Member
from .world import World

CPU, REQUESTS, PER_TARGET = "CPUUtilization", "RequestCount", "RequestCountPerTarget"
AGGREGATES: Mapping[str, Callable[[Samples], float]] = {
    "Sum": lambda found: found.total,
    "Average": lambda found: found.average,
    "Maximum": lambda found: found.most,
    "Minimum": lambda found: found.least,
    "SampleCount": lambda found: found.count,
}
GROUP, TARGETS, CLASSIC = "AutoScalingGroupName", "TargetGroup", "LoadBalancerName"
SUBJECTS = {
    ("AWS/EC2", CPU): GROUP,
    ("AWS/ApplicationELB", PER_TARGET): TARGETS,
    ("AWS/ApplicationELB", REQUESTS): TARGETS,
    ("AWS/ELB", REQUESTS): CLASSIC,
}
BESIDE = {TARGETS: {"LoadBalancer"}}


def measure(world: World) -> None:
    """Keep the figures of the minute that is over: the fleet as it is now, the load of the minute's middle."""
    minute = minute_of(world.time, world.options.minute)
    busy: dict[str, float] = {}
    for key, load in world.loads.items():
        if key in world.state.balancers:
            _measure_balancer(world, world.state.balancers[key], load, busy)
    for group in world.state.groups.values():
        members = measured(world, group)
        if members:
            least = world.occupied.get(group.name, 0.0)
            percents = (min(100.0, max(least, busy.get(member.id, 0.0))) for member in members)
            world.figures.keep((CPU, group.name), minute, *percents)


def _measure_balancer(world: World, balancer: Balancer, load: Load, busy: dict[str, float]) -> None:
    """Keep what a balancer counts, and add to how ``busy`` (percent) its healthy instances are."""
    length = world.options.minute
    rate = load.rate(world.time - length / 2)
    healthy = sharing(balancer)
    if rate <= 0 or not healthy:
        return
    minute, subject = minute_of(world.time, length), subject_of(balancer)
    world.figures.keep((REQUESTS, subject), minute, rate * length)
    world.figures.keep((PER_TARGET, subject), minute, rate * length / len(healthy))
    for instance in healthy:
        busy[instance] = busy.get(instance, 0.0) + rate / len(healthy) / load.capacity * 100


def sharing(balancer: Balancer) -> set[str]:
    """Return the instances that share a balancer's load, whichever group they are in."""
    return {target.id for target in balancer.targets.values() if target.healthy}


def subject_of(balancer: Balancer) -> str:
    """Return how dimensions name a balancer: the end of a target group's ARN, a classic balancer's name."""
    return balancer.key.rpartition(":")[2]


def measured(world: World, group: Group) -> list[Member]:
    """Return the members that the group's own metrics are taken over: in service, and by the group's default warm."""
    warmup = default_warmup(group)
    return [member for member in group.in_service() if member.arrived + warmup <= world.time]


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
    metric = watched(alarm)
    whole = metric.get("Period", MINUTE) % MINUTE == 0
    return key_of(metric) if whole and metric.get("Statistic") in AGGREGATES else None


def key_of(metric: Mapping[str, Any]) -> Key | None:
    """Return whose figure a Metric (Namespace, MetricName, Dimensions) is, ``None`` where the model does not know it.

    All dimensions are part of a metric's name: with others it is another metric (botocore model: Dimension).
    """
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    name = metric.get("MetricName", "")
    main = SUBJECTS.get((metric.get("Namespace", ""), name), "")
    strange = set(dimensions) - {main} - BESIDE.get(main, set())
    return (name, dimensions[main]) if main in dimensions and not strange else None


def datapoints(world: World, alarm: Mapping[str, Any], key: Key, count: int) -> list[float | None]:
    """Return an alarm's last ``count`` data points, the oldest first; ``None``: no data.

    Its periods end with the last minute that is over (*unknown*: AWS may align longer ones).
    """
    metric = watched(alarm)
    minutes, aggregate = metric.get("Period", MINUTE) // MINUTE, AGGREGATES[metric["Statistic"]]
    last = minute_of(world.time, world.options.minute)
    ends = (last - back * minutes for back in reversed(range(count)))
    windows = (world.figures.window(key, end, minutes) for end in ends)
    return [float(aggregate(found)) if found is not None else None for found in windows]


def latest(world: World, alarm: Mapping[str, Any]) -> float | None:
    """Return an alarm's newest data point, if its metric is known and has one."""
    key = metric_of(alarm)
    return datapoints(world, alarm, key, 1)[0] if key is not None else None


def taken_over(world: World, group: Group, alarm: Mapping[str, Any]) -> int:
    """Return how many of the group's own instances an alarm's metric is taken over, now."""
    subject = metric_of(alarm)
    if subject is not None and subject[0] == CPU:
        return len(measured(world, group))
    return sum(
        len(sharing(balancer) & set(group.members))
        for balancer in world.state.balancers.values()
        if subject is not None and subject_of(balancer) == subject[1]
    )

"""The processors of a group as a metric, and over how many of a group's instances a metric is taken.

Source: Auto Scaling user guide ("Set the default instance warmup": an instance that is warming up is not counted in the
group's metrics).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cloudwatch.figures import FIGURES
from ..cloudwatch.metrics import metric, metric_of
from ..cloudwatch.minutes import MINUTE_OVER
from ..core.world import World
from ..elb.load import LOADS, sharing, subject_of
from ..elb.state import ELB
from .launching import default_warmup
from .state import AUTOSCALING, OCCUPIED, Group, Member

CPU = "CPUUtilization"
metric("AWS/EC2", CPU, "AutoScalingGroupName", unit="Percent")


@MINUTE_OVER.reaction
def measure(world: World, minute: int) -> None:
    """Keep how busy the processors of each group were in the minute that is over: those of the fleet as it is now."""
    busy, occupied = world.beside[LOADS].busy, world.beside[OCCUPIED].percents
    for group in world[AUTOSCALING].groups.values():
        members = measured(world, group)
        if members:
            least = occupied.get(group.name, 0.0)
            percents = (min(100.0, max(least, busy.get(member.id, 0.0))) for member in members)
            world.beside[FIGURES].keep((CPU, group.name), minute, *percents)


def measured(world: World, group: Group) -> list[Member]:
    """Return the members that the group's own metrics are taken over: in service, and by the group's default warm."""
    warmup = default_warmup(group)
    return [member for member in group.in_service() if member.arrived + warmup <= world.time]


def taken_over(world: World, group: Group, alarm: Mapping[str, Any]) -> int:
    """Return how many of the group's own instances an alarm's metric is taken over, now."""
    subject = metric_of(alarm)
    if subject is not None and subject[0] == CPU:
        return len(measured(world, group))
    return sum(
        len(sharing(balancer) & set(group.members))
        for balancer in world[ELB].balancers.values()
        if subject is not None and subject_of(balancer) == subject[1]
    )

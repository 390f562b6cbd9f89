"""Suspending and resuming a group's processes (Auto Scaling user guide: "Suspend and resume processes")."""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.operations import operation
from ..core.world import World, iso
from .lookup import living_group_of, named_or_all
from .signals import ALARMS_RESUMED, CAPACITY, RESUMED

PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)


def _named(request: Request) -> list[str]:
    return named_or_all(request.get("ScalingProcesses"), PROCESSES, "process name")


@operation("autoscaling", "SuspendProcesses", "AutoScalingGroupName ScalingProcesses")
def suspend(world: World, request: Request) -> Result:
    """Suspend the processes named, or all."""
    group = living_group_of(world, request)
    for name in _named(request):
        group.suspended.setdefault(name, f"User suspended at {iso(world.time)}")
    return {}


@operation("autoscaling", "ResumeProcesses", "AutoScalingGroupName ScalingProcesses")
def resume(world: World, request: Request) -> Result:
    """Resume the processes named, or all; unhealthy instances are replaced and capacity is pursued at once."""
    group = living_group_of(world, request)
    resumed = [name for name in _named(request) if group.suspended.pop(name, None) is not None]
    RESUMED.send(world, group)
    if "AlarmNotification" in resumed:
        ALARMS_RESUMED.send(world, group)
    CAPACITY.send(world, group.name)
    return {}

"""Which balancers a group registers its instances with: three lists, six verbs, three views.

Sources: botocore model; "Verify the attachment status of your load balancer" (Auto Scaling user guide).
``DescribeLoadBalancerTargetGroups`` does not show what was attached as a traffic source (botocore model).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.calls import Request, Result
from ..core.errors import invalid
from ..core.operations import operation
from ..core.paging import page
from ..core.world import World
from ..elb.balancing import deregister, register
from ..elb.state import ELB
from .lookup import group_of, living_group_of
from .signals import ATTACHED
from .state import Group


def traffic_sources(group: Group) -> list[tuple[str, str]]:
    """Return all that the group is attached to, as traffic sources (identifier and type), each once."""
    listed = [*((name, "elb") for name in group.classic), *((arn, "elbv2") for arn in group.target_groups)]
    return list(dict.fromkeys([*listed, *group.sources]))


def attach_all(world: World, group: Group, request: Request) -> None:
    """Attach what a new group's request names."""
    _attach(world, group, group.classic, request.get("LoadBalancerNames", []))
    _attach(world, group, group.target_groups, request.get("TargetGroupARNs", []))
    _attach_sources(world, group, request.get("TrafficSources", []))


def _attach(world: World, group: Group, attached: list[str], keys: Iterable[str]) -> None:
    for key in keys:
        _must_exist(world, key)
        if key not in attached:
            attached.append(key)
            _register_members(world, group, key)


def _must_exist(world: World, key: str) -> None:
    if key not in world[ELB].balancers:
        what = (
            "One or more target groups not found"
            if key.startswith("arn:")
            else f"Provided Load Balancers may not be valid. Please ensure they exist and try again: {key}"
        )
        raise invalid(what)


def _register_members(world: World, group: Group, key: str) -> None:
    if not group.suspends("AddToLoadBalancer"):
        for member in group.in_service():
            register(world, world[ELB].balancers[key], member.id)
    ATTACHED.send(world, group, key)


def _attach_sources(world: World, group: Group, sources: Iterable[dict[str, str]]) -> None:
    for source in sources:
        key = source["Identifier"]
        _must_exist(world, key)
        kind = source.get("Type") or ("elbv2" if key.startswith("arn:") else "elb")
        if (key, kind) not in traffic_sources(group):
            group.sources.append((key, kind))
            _register_members(world, group, key)


def _detach(world: World, group: Group, attached: list[str], keys: Iterable[str]) -> None:
    for key in keys:
        if key not in attached:
            raise invalid(f"Trying to remove {key} that is not part of the group {group.name}")
        attached.remove(key)
        _deregister_members(world, group, key)


def _deregister_members(world: World, group: Group, key: str) -> None:
    if key in group.balancers:
        return
    group.passed.discard(key)
    if (balancer := world[ELB].balancers.get(key)) is not None:
        for instance in group.members:
            deregister(world, balancer, instance)


@operation("autoscaling", "AttachLoadBalancers", "AutoScalingGroupName LoadBalancerNames")
def attach_load_balancers(world: World, request: Request) -> Result:
    """Attach classic load balancers; the members in service are registered."""
    group = living_group_of(world, request)
    _attach(world, group, group.classic, request["LoadBalancerNames"])
    return {}


@operation("autoscaling", "DetachLoadBalancers", "AutoScalingGroupName LoadBalancerNames")
def detach_load_balancers(world: World, request: Request) -> Result:
    """Detach classic load balancers; the members are drained."""
    group = living_group_of(world, request)
    _detach(world, group, group.classic, request["LoadBalancerNames"])
    return {}


@operation("autoscaling", "AttachLoadBalancerTargetGroups", "AutoScalingGroupName TargetGroupARNs")
def attach_target_groups(world: World, request: Request) -> Result:
    """Attach target groups; the members in service are registered."""
    group = living_group_of(world, request)
    _attach(world, group, group.target_groups, request["TargetGroupARNs"])
    return {}


@operation("autoscaling", "DetachLoadBalancerTargetGroups", "AutoScalingGroupName TargetGroupARNs")
def detach_target_groups(world: World, request: Request) -> Result:
    """Detach target groups; the members are drained."""
    group = living_group_of(world, request)
    _detach(world, group, group.target_groups, request["TargetGroupARNs"])
    return {}


@operation("autoscaling", "AttachTrafficSources", "AutoScalingGroupName TrafficSources")
def attach_traffic_sources(world: World, request: Request) -> Result:
    """Attach traffic sources; the members in service are registered."""
    _attach_sources(world, living_group_of(world, request), request["TrafficSources"])
    return {}


@operation("autoscaling", "DetachTrafficSources", "AutoScalingGroupName TrafficSources")
def detach_traffic_sources(world: World, request: Request) -> Result:
    """Detach traffic sources, whichever way they were attached; the members are drained."""
    group = living_group_of(world, request)
    for source in request["TrafficSources"]:
        key = source["Identifier"]
        if key not in group.balancers:
            raise invalid(f"Trying to remove {key} that is not part of the group {group.name}")
        group.classic[:] = [name for name in group.classic if name != key]
        group.target_groups[:] = [arn for arn in group.target_groups if arn != key]
        group.sources[:] = [pair for pair in group.sources if pair[0] != key]
        _deregister_members(world, group, key)
    return {}


def _state(world: World, group: Group, key: str) -> str:
    """``InService`` once a member was healthy there since it was attached, ``Added`` before."""
    return "InService" if key in group.passed else "Added" if key in world[ELB].balancers else "Removed"


@operation("autoscaling", "DescribeLoadBalancers", "AutoScalingGroupName NextToken MaxRecords")
def describe_load_balancers(world: World, request: Request) -> Result:
    """Answer the classic load balancers attached."""
    group = group_of(world, request)
    chunk, following = page(group.classic, request, most=100, usual=100)
    shown = [{"LoadBalancerName": name, "State": _state(world, group, name)} for name in chunk]
    return {"LoadBalancers": shown, **following}


@operation("autoscaling", "DescribeLoadBalancerTargetGroups", "AutoScalingGroupName NextToken MaxRecords")
def describe_target_groups(world: World, request: Request) -> Result:
    """Answer the target groups attached, but for those attached as traffic sources."""
    group = group_of(world, request)
    chunk, following = page(group.target_groups, request, most=100, usual=100)
    shown = [{"LoadBalancerTargetGroupARN": arn, "State": _state(world, group, arn)} for arn in chunk]
    return {"LoadBalancerTargetGroups": shown, **following}


@operation("autoscaling", "DescribeTrafficSources", "AutoScalingGroupName TrafficSourceType NextToken MaxRecords")
def describe_traffic_sources(world: World, request: Request) -> Result:
    """Answer everything attached, by whichever verb."""
    group = group_of(world, request)
    wanted = request.get("TrafficSourceType")
    found = [pair for pair in traffic_sources(group) if wanted in (None, "", pair[1])]
    chunk, following = page(found, request, most=50)
    shown = [{"Identifier": key, "Type": kind, "State": _state(world, group, key)} for key, kind in chunk]
    return {"TrafficSources": shown, **following}

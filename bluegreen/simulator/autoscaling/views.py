"""What a reader sees of groups and their instances.

Source: botocore model (shapes, limits, defaults); ``HEALTHY`` in capitals for instances: Auto Scaling user guide.
"""

from __future__ import annotations

from typing import Any

from ..core.calls import Request, Result
from ..core.errors import AwsError, unknown_to_the_model
from ..core.operations import operation
from ..core.paging import limit, page, subset
from ..core.world import World, moment
from ..ec2.state import EC2
from .attachments import traffic_sources
from .lookup import group_of, living_group_of, member_of
from .metrics_collection import GRANULARITY
from .state import AUTOSCALING, Group, Member
from .tags import described_tags


@operation(
    "autoscaling",
    "DescribeAutoScalingGroups",
    "AutoScalingGroupNames IncludeInstances NextToken MaxRecords Filters",
)
def describe_groups(world: World, request: Request) -> Result:
    """Answer the groups asked for; unknown names are left out without an error (botocore model)."""
    names = request.get("AutoScalingGroupNames", [])
    limit(names, 50, "group names")
    groups, filters = subset(names, world[AUTOSCALING].groups), request.get("Filters", [])
    if filters:
        groups = [group for group in groups if _passes(group, filters)]
    chunk, following = page(groups, request, most=100)
    instances = request.get("IncludeInstances", True)
    return {"AutoScalingGroups": [_group(world, group, instances) for group in chunk], **following}


def _passes(group: Group, filters: list[dict[str, Any]]) -> bool:
    return all(_matches(group, item["Name"], item["Values"]) for item in filters)


def _matches(group: Group, name: str, values: list[str]) -> bool:
    if name == "tag-key":
        return any(key in values for key in group.tags)
    if name == "tag-value":
        return any(value in values for value, _ in group.tags.values())
    if name.startswith("tag:"):
        return name[4:] in group.tags and group.tags[name[4:]][0] in values
    raise unknown_to_the_model(f"the filter {name} of DescribeAutoScalingGroups")


def _group(world: World, group: Group, instances: bool) -> dict[str, Any]:
    result = {
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "MinSize": group.minimum,
        "MaxSize": group.maximum,
        "DesiredCapacity": group.desired,
        "AvailabilityZones": list(group.zones),
        "LoadBalancerNames": list(group.classic),
        "TargetGroupARNs": list(group.target_groups),
        "TrafficSources": [{"Identifier": name, "Type": kind} for name, kind in traffic_sources(group)],
        "CreatedTime": moment(group.created),
        "SuspendedProcesses": [
            {"ProcessName": name, "SuspensionReason": reason} for name, reason in group.suspended.items()
        ],
        "EnabledMetrics": [{"Metric": name, "Granularity": GRANULARITY} for name in group.metrics],
        "Tags": described_tags(group),
        **group.settings,
    }
    if instances:
        result["Instances"] = [_member(member) for member in group.members.values()]
    if group.deleting:
        result["Status"] = "Delete in progress"
    if group.warm_pool is not None:
        result |= {"WarmPoolConfiguration": group.warm_pool, "WarmPoolSize": 0}
    return result


def _member(member: Member) -> dict[str, Any]:
    return {
        "InstanceId": member.id,
        "InstanceType": member.type,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.state,
        "HealthStatus": member.health,
        "ProtectedFromScaleIn": member.protected,
        **member.template,
    }


@operation("autoscaling", "DescribeAutoScalingInstances", "InstanceIds MaxRecords NextToken")
def describe_instances(world: World, request: Request) -> Result:
    """Answer the memberships asked for; unknown ids are left out (public reports)."""
    ids = request.get("InstanceIds") or list(world[EC2].owners)
    limit(request.get("InstanceIds", []), 50, "instance ids")
    found = [pair for pair in (member_of(world, instance) for instance in dict.fromkeys(ids)) if pair is not None]
    chunk, following = page(found, request, most=50)
    shown = [
        {**_member(member), "HealthStatus": member.health.upper(), "AutoScalingGroupName": group.name}
        for group, member in chunk
    ]
    return {"AutoScalingInstances": shown, **following}


@operation("autoscaling", "DescribeInstanceRefreshes", "AutoScalingGroupName InstanceRefreshIds NextToken MaxRecords")
def describe_refreshes(world: World, request: Request) -> Result:
    """Answer the instance refreshes that a test has put into the group; the model runs none."""
    wanted = request.get("InstanceRefreshIds")
    known = group_of(world, request).refreshes
    found = [refresh for refresh in known if not wanted or refresh["InstanceRefreshId"] in wanted]
    chunk, following = page(found, request, most=100)
    return {"InstanceRefreshes": list(chunk), **following}


UNDER_WAY = ("Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress")


@operation("autoscaling", "StartInstanceRefresh", "AutoScalingGroupName Strategy DesiredConfiguration Preferences")
def start_refresh(world: World, request: Request) -> Result:
    """Refuse to start one: as AWS does where one is under way, otherwise because the model runs none."""
    if any(refresh["Status"] in UNDER_WAY for refresh in living_group_of(world, request).refreshes):
        sentence = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
        raise AwsError("InstanceRefreshInProgress", sentence)
    raise unknown_to_the_model("how to run an instance refresh")


@operation("autoscaling", "DescribeAccountLimits")
def describe_limits(world: World, _: Request) -> Result:
    """Answer the default quotas (Auto Scaling user guide: quotas)."""
    return {
        "MaxNumberOfAutoScalingGroups": 500,
        "MaxNumberOfLaunchConfigurations": 200,
        "NumberOfAutoScalingGroups": len(world[AUTOSCALING].groups),
        "NumberOfLaunchConfigurations": len(world[AUTOSCALING].launch_configurations),
    }

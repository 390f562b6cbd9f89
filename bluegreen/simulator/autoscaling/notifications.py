"""Notifications of a group's events as records: nothing is sent (botocore model; user guide: quotas, 10 topics)."""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.paging import page, subset
from ..core.world import World
from .lookup import living_group_of
from .state import AUTOSCALING

TYPES = (
    "autoscaling:EC2_INSTANCE_LAUNCH",
    "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
    "autoscaling:EC2_INSTANCE_TERMINATE",
    "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
    "autoscaling:TEST_NOTIFICATION",
)
MOST = 10


@operation("autoscaling", "PutNotificationConfiguration", "AutoScalingGroupName TopicARN NotificationTypes")
def put(world: World, request: Request) -> Result:
    """Put what is told to a topic; what the topic was told before is overwritten."""
    group = living_group_of(world, request)
    topic = request["TopicARN"]
    strange = [name for name in request["NotificationTypes"] if name not in TYPES]
    if strange:
        raise invalid(f"Invalid notification type: {strange[0]}")
    if topic not in group.notifications and len(group.notifications) >= MOST:
        raise AwsError("LimitExceeded", f"A group may notify {MOST} topics.")
    group.notifications[topic] = list(dict.fromkeys(request["NotificationTypes"]))
    return {}


@operation("autoscaling", "DeleteNotificationConfiguration", "AutoScalingGroupName TopicARN")
def delete(world: World, request: Request) -> Result:
    """Tell a topic nothing more; one that is told nothing is refused (*unknown*, the harsher answer)."""
    group = living_group_of(world, request)
    if group.notifications.pop(request["TopicARN"], None) is None:
        raise invalid(f"No notification configuration found for topic {request['TopicARN']}")
    return {}


@operation(
    "autoscaling",
    "DescribeNotificationConfigurations",
    "AutoScalingGroupNames IncludeManagedResources NextToken MaxRecords",
)
def describe(world: World, request: Request) -> Result:
    """Answer a row for each group, topic and type; unknown groups are left out."""
    rows = [
        {"AutoScalingGroupName": group.name, "TopicARN": topic, "NotificationType": kind}
        for group in subset(request.get("AutoScalingGroupNames"), world[AUTOSCALING].groups)
        for topic, kinds in group.notifications.items()
        for kind in kinds
    ]
    chunk, following = page(rows, request, most=100)
    return {"NotificationConfigurations": list(chunk), **following}


@operation("autoscaling", "DescribeAutoScalingNotificationTypes")
def describe_types(_: World, __: Request) -> Result:
    """Answer the types of notifications that there are."""
    return {"AutoScalingNotificationTypes": list(TYPES)}

"""A group's activity feed: what is written into it, and DescribeScalingActivities.

The sentences and codes are those of the Auto Scaling user guide ("Verify a scaling activity", "Temporarily remove
instances") and of the botocore model's examples.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import unknown_to_the_model
from ..core.operations import operation
from ..core.paging import page
from ..core.world import World, iso, moment
from .lookup import group_named
from .state import AUTOSCALING, Activity, Group

MEMORY = 6 * 7 * 24 * 3600.0
KEPT = 2000


def begin(
    world: World,
    group: Group,
    description: str,
    cause: str,
    zone: str = "",
    code: str = "InProgress",
    *,
    because: str = "",
) -> str:
    """Write an activity that has begun, and return its id; ``because`` is what led to its cause, with its own time."""
    progress = 30 if code == "PreInService" else 50
    sentence = f"{because}At {iso(world.time)} {cause}"
    activity = Activity(
        world.uuid(), group.name, description, sentence, world.time, code=code, progress=progress, zone=zone
    )
    group.activities[activity.id] = activity
    if len(group.activities) > KEPT:
        del group.activities[next(iter(group.activities))]
    return activity.id


def end(world: World, group: Group, identifier: str, code: str = "Successful", message: str = "") -> None:
    """Let an activity be over."""
    activity = find(group, identifier)
    if activity is not None and activity.end is None:
        activity.code, activity.progress, activity.end, activity.message = code, 100, world.time, message


def now_is(group: Group, identifier: str, code: str) -> None:
    """Change the code of an activity under way."""
    activity = find(group, identifier)
    if activity is not None and activity.end is None:
        activity.code = code


def find(group: Group, identifier: str) -> Activity | None:
    """Return the activity of this id."""
    return group.activities.get(identifier)


def shown(world: World, activity: Activity) -> dict[str, Any]:
    """Return the activity in AWS's shape."""
    result: dict[str, Any] = {
        "ActivityId": activity.id,
        "AutoScalingGroupName": activity.group,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": moment(activity.start),
        "StatusCode": activity.code,
        "Progress": activity.progress,
        "Details": '{"Availability Zone":"' + activity.zone + '"}' if activity.zone else "{}",
    }
    if activity.end is not None:
        result["EndTime"] = moment(activity.end)
    if activity.message:
        result["StatusMessage"] = activity.message
    group = world[AUTOSCALING].groups.get(activity.group)
    if group is not None:
        result["AutoScalingGroupARN"] = group.arn
    return result


@operation(
    "autoscaling",
    "DescribeScalingActivities",
    "AutoScalingGroupName ActivityIds MaxRecords NextToken IncludeDeletedGroups Filters",
)
def describe(world: World, request: Request) -> Result:
    """Answer newest first, those under way ahead of the rest, for six weeks (botocore model)."""
    wanted, since = request.get("ActivityIds"), world.time - MEMORY
    tests = [_filter(item["Name"], item["Values"]) for item in request.get("Filters", ())]
    found = [one for one in _candidates(world, request) if one.start > since and (not wanted or one.id in wanted)]
    for test in tests:
        found = list(filter(test, found))
    found.sort(key=lambda activity: (activity.end is None, activity.start), reverse=True)
    chunk, following = page(found, request, most=100, usual=100)
    return {"Activities": [shown(world, activity) for activity in chunk], **following}


def _candidates(world: World, request: Request) -> list[Activity]:
    deleted = world[AUTOSCALING].deleted_activities if request.get("IncludeDeletedGroups") else []
    name = request.get("AutoScalingGroupName")
    if name is None:
        groups = list(world[AUTOSCALING].groups.values())
    elif deleted and name not in world[AUTOSCALING].groups:
        groups = []
    else:
        groups = [group_named(world, name)]
    known = [activity for group in groups for activity in reversed(group.activities.values())]
    return known + [activity for activity in reversed(deleted) if name in (None, activity.group)]


def _filter(name: str, values: list[str]) -> Callable[[Activity], bool]:
    if name == "StartTimeLowerBound":
        since = _time(values[0])
        return lambda activity: activity.start >= since
    if name == "StartTimeUpperBound":
        until = _time(values[0])
        return lambda activity: activity.start <= until
    if name == "Status":
        return lambda activity: activity.code in values
    raise unknown_to_the_model(f"the filter {name} of DescribeScalingActivities")


def _time(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

"""Scheduled actions, keyed by group and name; due ones run on the model's clock.

Sources: botocore model; Auto Scaling user guide ("Scheduled scaling"): names and start times are unique in a group;
what was skipped while ScheduledActions was suspended is not replayed.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.paging import limit, page
from ..core.world import World, moment, seconds
from .capacity import resize
from .cron import following
from .groups import check_sizes
from .lookup import group_of, living_group_of
from .state import AUTOSCALING, Group

FIELDS = "ScheduledActionName StartTime EndTime Recurrence MinSize MaxSize DesiredCapacity TimeZone"
SIZES = ("MinSize", "MaxSize", "DesiredCapacity")
MOST = 125


def _put(world: World, group: Group, request: Request) -> None:
    name = request["ScheduledActionName"]
    if name not in group.schedules and len(group.schedules) >= MOST:
        raise AwsError("LimitExceeded", f"A group may have {MOST} scheduled actions.")
    if not any(size in request for size in SIZES):
        raise invalid("At least one of MinSize, MaxSize or DesiredCapacity must be specified.")
    action = {key: request[key] for key in FIELDS.split() if key in request}
    for key in ("StartTime", "EndTime"):
        if key in action:
            action[key] = seconds(action[key])
    _check(world, action)
    due = _due(action, world.time)
    if any(known["due"] == due for other, known in group.schedules.items() if other != name):
        raise AwsError("AlreadyExists", "A scheduled action with the same start time exists already.")
    arn = group.schedules[name]["ScheduledActionARN"] if name in group.schedules else _arn(world, group, name)
    group.schedules[name] = {**action, "ScheduledActionARN": arn, "due": due, "serial": world.number()}
    world.later(due - world.time, _run, group.name, name, world.state.counter)


def _arn(world: World, group: Group, name: str) -> str:
    rest = f"autoScalingGroupName/{group.name}:scheduledActionName/{name}"
    return world.arn("autoscaling", f"scheduledUpdateGroupAction:{world.uuid()}:{rest}")


def _check(world: World, action: dict[str, Any]) -> None:
    if "Recurrence" not in action and "StartTime" not in action:
        raise invalid("A scheduled action needs a StartTime or a Recurrence.")
    if action.get("StartTime", world.time) < world.time:
        raise invalid("Given start time is in the past")
    if "EndTime" in action and action["EndTime"] <= action.get("StartTime", world.time):
        raise invalid("The end time must be later than the start time.")
    try:
        following(action.get("Recurrence", "* * * * *"), world.time, action.get("TimeZone", "UTC"))
    except (ValueError, ZoneInfoNotFoundError) as problem:
        raise invalid(f"Given recurrence is invalid: {problem}") from None


def _due(action: dict[str, Any], after: float) -> float:
    """Return the next time an action is due: the start time, then by the recurrence."""
    start: float | None = action.get("StartTime")
    if start is not None and start >= after:
        return start
    due = following(action["Recurrence"], after, action.get("TimeZone", "UTC")) if "Recurrence" in action else None
    return due if due is not None and due <= action.get("EndTime", due) else float("inf")


def _run(world: World, name: str, action_name: str, serial: int) -> None:
    group = world[AUTOSCALING].groups.get(name)
    action = group.schedules.get(action_name) if group is not None else None
    if group is None or action is None or action["serial"] != serial:
        return
    if not group.suspends("ScheduledActions") and not group.deleting:
        _apply(world, group, action)
    action.pop("StartTime", None)
    action["due"] = _due(action, world.time)
    if action["due"] == float("inf"):
        del group.schedules[action_name]
    else:
        world.later(action["due"] - world.time, _run, name, action_name, serial)


def _apply(world: World, group: Group, action: dict[str, Any]) -> None:
    """Set the sizes; ones that contradict each other change nothing (*unknown*: AWS writes a failed activity)."""
    minimum, maximum = action.get("MinSize", group.minimum), action.get("MaxSize", group.maximum)
    desired = action.get("DesiredCapacity", min(max(group.desired, minimum), maximum))
    try:
        check_sizes(minimum, maximum, desired)
    except AwsError:
        return
    group.minimum, group.maximum = minimum, maximum
    sizes = f"min: {minimum}, max: {maximum}, desired: {desired}"
    why = f"a scheduled action update of AutoScalingGroup constraints to {sizes}"
    resize(world, group, desired, why)


@operation("autoscaling", "PutScheduledUpdateGroupAction", f"AutoScalingGroupName Time {FIELDS}")
def put(world: World, request: Request) -> Result:
    """Put a scheduled action."""
    _put(world, living_group_of(world, request), request)
    return {}


@operation("autoscaling", "BatchPutScheduledUpdateGroupAction", "AutoScalingGroupName ScheduledUpdateGroupActions")
def batch_put(world: World, request: Request) -> Result:
    """Put up to 50; what fails is in the answer, not raised (botocore model)."""
    group = living_group_of(world, request)
    limit(request["ScheduledUpdateGroupActions"], 50, "scheduled actions")
    failed = []
    for action in request["ScheduledUpdateGroupActions"]:
        try:
            _put(world, group, action)
        except AwsError as error:
            failed.append(_failed(action["ScheduledActionName"], error))
    return {"FailedScheduledUpdateGroupActions": failed}


def _failed(name: str, error: AwsError) -> dict[str, str]:
    return {"ScheduledActionName": name, "ErrorCode": error.code, "ErrorMessage": error.message}


@operation("autoscaling", "DeleteScheduledAction", "AutoScalingGroupName ScheduledActionName")
def delete(world: World, request: Request) -> Result:
    """Delete a scheduled action."""
    _delete(living_group_of(world, request), request["ScheduledActionName"])
    return {}


def _delete(group: Group, name: str) -> None:
    if group.schedules.pop(name, None) is None:
        raise invalid(f"Scheduled action name not found - Scheduled Action {name} not found")


@operation("autoscaling", "BatchDeleteScheduledAction", "AutoScalingGroupName ScheduledActionNames")
def batch_delete(world: World, request: Request) -> Result:
    """Delete up to 50; what fails is in the answer, not raised (botocore model)."""
    group = living_group_of(world, request)
    limit(request["ScheduledActionNames"], 50, "scheduled actions")
    failed = []
    for name in request["ScheduledActionNames"]:
        try:
            _delete(group, name)
        except AwsError as error:
            failed.append(_failed(name, error))
    return {"FailedScheduledActions": failed}


@operation(
    "autoscaling",
    "DescribeScheduledActions",
    "AutoScalingGroupName ScheduledActionNames StartTime EndTime NextToken MaxRecords",
)
def describe(world: World, request: Request) -> Result:
    """Answer scheduled actions; of a recurring one the next run is its StartTime (user guide: scheduled scaling)."""
    groups = (
        [group_of(world, request)] if "AutoScalingGroupName" in request else list(world[AUTOSCALING].groups.values())
    )
    names = request.get("ScheduledActionNames")
    low = seconds(request["StartTime"]) if "StartTime" in request else 0.0
    high = seconds(request["EndTime"]) if "EndTime" in request else float("inf")
    found = [
        _shown(group, action)
        for group in groups
        for action in group.schedules.values()
        if (not names or action["ScheduledActionName"] in names) and low <= action["due"] <= high
    ]
    chunk, following_page = page(found, request, most=100)
    return {"ScheduledUpdateGroupActions": list(chunk), **following_page}


def _shown(group: Group, action: dict[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in action.items() if key not in ("due", "serial")}
    if "EndTime" in result:
        result["EndTime"] = moment(result["EndTime"])
    start = moment(action["due"])
    return {**result, "AutoScalingGroupName": group.name, "StartTime": start, "Time": start}

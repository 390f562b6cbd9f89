"""CloudWatch alarms as records (service ``cloudwatch``).

Source: botocore model: PutMetricAlarm overwrites the configuration and keeps the state; a new alarm has
INSUFFICIENT_DATA. Where there is load, ``autoscaler`` evaluates those whose metric the model knows; otherwise
SetAlarmState is what makes an alarm fire.
"""

from __future__ import annotations

from typing import Any

from .dispatch import Request, Result, operation, reaction
from .errors import AwsError
from .paging import limit, page
from .world import World, moment

CONFIGURATION = (
    "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace "
    "Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold "
    "ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics ThresholdMetricId"
)


@operation("cloudwatch", "PutMetricAlarm", f"{CONFIGURATION} Tags")
def put(world: World, request: Request) -> Result:
    """Put an alarm: a new configuration, the old state."""
    write(world, {key: value for key, value in request.items() if key != "Tags"})
    return {}


@reaction("manage alarm")
def write(world: World, configuration: Request) -> None:
    """Write an alarm's record."""
    name = configuration["AlarmName"]
    known = world.state.alarms.get(name)
    if known is not None:
        state = {key: value for key, value in known.items() if key.startswith("State")}
    else:
        state = _state(world, "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    lists: dict[str, Any] = {key: [] for key in ("OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions")}
    world.state.alarms[name] = {
        **lists,
        "ActionsEnabled": True,
        **configuration,
        **state,
        "AlarmArn": world.arn("cloudwatch", f"alarm:{name}"),
        "AlarmConfigurationUpdatedTimestamp": moment(world.time),
    }


def _state(world: World, value: str, reason: str) -> dict[str, Any]:
    now = moment(world.time)
    return {"StateValue": value, "StateReason": reason, "StateUpdatedTimestamp": now, "StateTransitionedTimestamp": now}


@operation("cloudwatch", "SetAlarmState", "AlarmName StateValue StateReason StateReasonData")
def set_state(world: World, request: Request) -> Result:
    """Set an alarm's state, until its next evaluation, if its metric is known."""
    alarm = world.state.alarms.get(request["AlarmName"])
    if alarm is None:
        raise AwsError("ResourceNotFound", f"Unknown alarm: {request['AlarmName']}", 404)
    changed = alarm["StateValue"] != request["StateValue"]
    turn(world, alarm, request["StateValue"], request["StateReason"])
    if changed:
        world.signal("alarm set", alarm)
    return {}


def turn(world: World, alarm: dict[str, Any], value: str, reason: str) -> None:
    """Write an alarm's state; the time of its transition only where it is another."""
    new = _state(world, value, reason)
    if alarm["StateValue"] == value:
        del new["StateTransitionedTimestamp"]
    alarm.update(new)


@operation(
    "cloudwatch",
    "DescribeAlarms",
    "AlarmNames AlarmNamePrefix AlarmTypes StateValue ActionPrefix MaxRecords NextToken",
)
def describe(world: World, request: Request) -> Result:
    """Answer metric alarms; composite ones are unknown to the model, and unknown names are left out."""
    limit(request.get("AlarmNames", []), 100, "alarm names")
    if "MetricAlarm" not in request.get("AlarmTypes", ["MetricAlarm"]):
        return {"MetricAlarms": [], "CompositeAlarms": []}
    found = [alarm for alarm in world.state.alarms.values() if _passes(alarm, request)]
    chunk, following = page(found, request, most=100)
    return {"MetricAlarms": [dict(alarm) for alarm in chunk], "CompositeAlarms": [], **following}


def _passes(alarm: dict[str, Any], request: Request) -> bool:
    names = request.get("AlarmNames")
    actions = [*alarm["AlarmActions"], *alarm["OKActions"], *alarm["InsufficientDataActions"]]
    prefix = request.get("ActionPrefix")
    return (
        (not names or alarm["AlarmName"] in names)
        and alarm["AlarmName"].startswith(request.get("AlarmNamePrefix", ""))
        and request.get("StateValue") in (None, alarm["StateValue"])
        and (prefix is None or any(action.startswith(prefix) for action in actions))
    )


@operation("cloudwatch", "DeleteAlarms", "AlarmNames")
def delete(world: World, request: Request) -> Result:
    """Delete alarms; names that are unknown are an error, and nothing is deleted (botocore model)."""
    limit(request["AlarmNames"], 100, "alarm names")
    unknown = [name for name in request["AlarmNames"] if name not in world.state.alarms]
    if unknown:
        raise AwsError("ResourceNotFound", f"Unknown alarms: {', '.join(unknown)}", 404)
    for name in request["AlarmNames"]:
        world.state.alarms.pop(name, None)
    return {}

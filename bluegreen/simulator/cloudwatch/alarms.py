"""CloudWatch alarms (service ``cloudwatch``): metric alarms are put here, both kinds described, set and deleted.

Source: botocore model: PutMetricAlarm overwrites the configuration and keeps the state; a new alarm has
INSUFFICIENT_DATA. Where anything is measured, :mod:`.minutes` evaluates those whose metric the model knows; otherwise
SetAlarmState is what makes an alarm fire.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.paging import limit, page
from ..core.signals import Signal, signal
from ..core.world import World
from .checks import check
from .composites import children, is_composite, parents
from .records import ACTIONS, Record, forget, put_new_tags, record_of, turn, write
from .state import CLOUDWATCH

ALARM_SET: Signal[[World, Record]] = signal("alarm set")
"""Somebody has set an alarm's state."""
CONFIGURATION = (
    "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace "
    "Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold "
    "ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics ThresholdMetricId "
    "ActionConfiguration EvaluationCriteria EvaluationInterval EvaluationWindow WarmUpConfiguration"
)
PAGES = {"MaxRecords", "NextToken"}
RELATIONS = ("ParentsOfAlarmName", "ChildrenOfAlarmName")
OF_PARENTS = ("AlarmName", "AlarmArn")
OF_CHILDREN = (*OF_PARENTS, "StateValue", "StateUpdatedTimestamp")


@operation("cloudwatch", "PutMetricAlarm", f"{CONFIGURATION} Tags")
def put(world: World, request: Request) -> Result:
    """Put an alarm: a new configuration, the old state."""
    check(request)
    if request["AlarmName"] in world[CLOUDWATCH].composites:
        raise invalid(f"The name {request['AlarmName']} is a composite alarm's.")
    put_new_tags(world, request["AlarmName"] in world[CLOUDWATCH].alarms, request)
    write_metric_alarm(world, {key: value for key, value in request.items() if key != "Tags"})
    return {}


def write_metric_alarm(world: World, configuration: Request) -> None:
    """Write a metric alarm's record."""
    write(world, world[CLOUDWATCH].alarms, {"Dimensions": [], **configuration})


@operation("cloudwatch", "SetAlarmState", "AlarmName StateValue StateReason StateReasonData")
def set_state(world: World, request: Request) -> Result:
    """Set an alarm's state, until its next evaluation, if its metric is known."""
    alarm = record_of(world, request["AlarmName"])
    if alarm is None:
        raise AwsError("ResourceNotFound", f"Unknown alarm: {request['AlarmName']}", 404)
    changed = alarm["StateValue"] != request["StateValue"]
    turn(world, alarm, request["StateValue"], request["StateReason"], request.get("StateReasonData"))
    if changed and not is_composite(alarm):
        ALARM_SET.send(world, alarm)
    return {}


@operation(
    "cloudwatch",
    "DescribeAlarms",
    "AlarmNames AlarmNamePrefix AlarmTypes ParentsOfAlarmName ChildrenOfAlarmName StateValue ActionPrefix MaxRecords "
    "NextToken",
)
def describe(world: World, request: Request) -> Result:
    """Answer alarms; composite ones only where they are asked for, and unknown names are left out."""
    limit(request.get("AlarmNames", []), 100, "alarm names")
    if "AlarmNames" in request and "AlarmNamePrefix" in request:
        raise invalid("AlarmNames and AlarmNamePrefix cannot both be set")
    relation = next((key for key in RELATIONS if key in request), None)
    if relation is not None:
        return _related(world, request, relation)
    kinds = request.get("AlarmTypes") or ["MetricAlarm"]
    metric = world[CLOUDWATCH].alarms.values() if "MetricAlarm" in kinds else ()
    composite = world[CLOUDWATCH].composites.values() if "CompositeAlarm" in kinds else ()
    return _page([alarm for alarm in (*metric, *composite) if _passes(alarm, request)], request)


def _related(world: World, request: Request, relation: str) -> Result:
    """Answer an alarm's parents or children, of which only a few figures are told (botocore model)."""
    if set(request) - PAGES - {relation}:
        raise invalid(f"{relation} cannot be used with other parameters than MaxRecords and NextToken.")
    if relation == "ParentsOfAlarmName":
        return _page(parents(world, request[relation]), request, OF_PARENTS)
    return _page(children(world, request[relation]), request, OF_CHILDREN)


def _page(found: Sequence[Record], request: Request, told: Sequence[str] | None = None) -> Result:
    chunk, following = page(found, request, most=100)
    metric = [_told(alarm, told) for alarm in chunk if not is_composite(alarm)]
    composite = [_told(alarm, told) for alarm in chunk if is_composite(alarm)]
    return {"MetricAlarms": metric, "CompositeAlarms": composite, **following}


def _told(alarm: Record, told: Sequence[str] | None) -> Record:
    return {key: alarm[key] for key in told} if told is not None else dict(alarm)


def _passes(alarm: Record, request: Request) -> bool:
    names, prefix = request.get("AlarmNames"), request.get("ActionPrefix")
    return (
        (not names or alarm["AlarmName"] in names)
        and alarm["AlarmName"].startswith(request.get("AlarmNamePrefix", ""))
        and request.get("StateValue") in (None, alarm["StateValue"])
        and (prefix is None or any(action.startswith(prefix) for key in ACTIONS for action in alarm[key]))
    )


@operation("cloudwatch", "DeleteAlarms", "AlarmNames")
def delete(world: World, request: Request) -> Result:
    """Delete alarms, at most one of them composite; those of a wrong name are an error *after* the others are gone.

    That the others are deleted is the botocore model's; that the call fails then is *unknown*, and the harsher answer.
    """
    names = list(dict.fromkeys(request["AlarmNames"]))
    limit(names, 100, "alarm names")
    if sum(name in world[CLOUDWATCH].composites for name in names) > 1:
        raise invalid("At most one composite alarm can be deleted in one call.")
    _keep_children(world, names)
    unknown = [name for name in names if record_of(world, name) is None]
    for name in names:
        forget(world, name)
    if unknown:
        raise AwsError("ResourceNotFound", f"Unknown alarms: {', '.join(unknown)}", 404)
    return {}


def _keep_children(world: World, names: Sequence[str]) -> None:
    """Refuse to delete what a composite alarm's rule names, and everything else with it (public reports)."""
    needed = [name for name in names if parents(world, name)]
    if needed:
        them = "it" if len(needed) == 1 else "them"
        raise invalid(f"Cannot delete {','.join(needed)} as there are composite alarm(s) depending on {them}.")

"""An alarm's record: its configuration, its state, its tags; of metric alarms and of composite ones.

Source: botocore model: an update overwrites the whole configuration, and keeps the state and the tags; a new alarm
has INSUFFICIENT_DATA, one on PromQL (EvaluationCriteria) has OK. Names are unique in a Region, whatever the kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import AwsError, invalid
from ..core.world import World, moment
from .state import CLOUDWATCH

Record = dict[str, Any]
Tags = Sequence[Mapping[str, str]]

ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
MOST_TAGS = 50


def arn_of(world: World, name: str) -> str:
    """Return an alarm's ARN (botocore model: TagResource)."""
    return world.arn("cloudwatch", f"alarm:{name}")


def name_of(reference: str) -> str:
    """Return the name of an alarm that is given by its name or by its ARN."""
    return reference.partition(":alarm:")[2] if reference.startswith("arn:") else reference


def record_of(world: World, name: str) -> Record | None:
    """Return the alarm of this name, of either kind."""
    return world[CLOUDWATCH].alarms.get(name) or world[CLOUDWATCH].composites.get(name)


def write(world: World, kind: dict[str, Record], configuration: Mapping[str, Any]) -> None:
    """Write a configuration into the alarms of one kind; what it does not say has its default, or is gone."""
    name = configuration["AlarmName"]
    lists: Record = {key: [] for key in ACTIONS}
    kind[name] = {
        **lists,
        "ActionsEnabled": True,
        **configuration,
        **_state(world, kind.get(name), "OK" if "EvaluationCriteria" in configuration else "INSUFFICIENT_DATA"),
        "AlarmArn": arn_of(world, name),
        "AlarmConfigurationUpdatedTimestamp": moment(world.time),
    }


def _state(world: World, known: Record | None, value: str) -> Record:
    if known is None:
        return _turned(world, value, "Unchecked: Initial alarm creation")
    return {key: value for key, value in known.items() if key.startswith("State")}


def _turned(world: World, value: str, reason: str) -> Record:
    now = moment(world.time)
    return {"StateValue": value, "StateReason": reason, "StateUpdatedTimestamp": now, "StateTransitionedTimestamp": now}


def turn(world: World, alarm: Record, value: str, reason: str, data: str | None = None) -> None:
    """Write an alarm's state; the time of its transition only where it is another."""
    new = _turned(world, value, reason)
    if alarm["StateValue"] == value:
        del new["StateTransitionedTimestamp"]
    alarm.pop("StateReasonData", None)
    alarm.update({**new, "StateReasonData": data} if data is not None else new)


def forget(world: World, name: str) -> None:
    """Take an alarm and its tags away, if it is there."""
    world[CLOUDWATCH].alarms.pop(name, None)
    world[CLOUDWATCH].composites.pop(name, None)
    world[CLOUDWATCH].alarm_tags.pop(arn_of(world, name), None)


def put_tags(world: World, arn: str, tags: Tags) -> None:
    """Write tags onto an alarm, all or none; a key that it has already gets the new value (botocore model)."""
    for tag in tags:
        if not 1 <= len(tag["Key"]) <= 128 or len(tag["Value"]) > 256:
            raise invalid_value("A tag key has 1 to 128 characters, a value 0 to 256.")
    new = {**world[CLOUDWATCH].alarm_tags.get(arn, {}), **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(new) > MOST_TAGS:
        raise invalid_value(f"A CloudWatch resource may have {MOST_TAGS} tags.")
    world[CLOUDWATCH].alarm_tags[arn] = new


def put_new_tags(world: World, known: bool, request: Mapping[str, Any]) -> None:
    """Write the tags that come with a new alarm; those of an update are ignored (botocore model)."""
    if not known and request.get("Tags"):
        put_tags(world, arn_of(world, request["AlarmName"]), request["Tags"])


def invalid_value(message: str) -> AwsError:
    """Return the error of the tagging operations (botocore model: InvalidParameterValueException)."""
    return AwsError("InvalidParameterValue", message)


def check_common(request: Mapping[str, Any]) -> None:
    """Refuse what no alarm may have: lengths, and more than five actions a state (botocore model)."""
    within(request["AlarmName"], "alarmName", 255, least=1)
    within(request.get("AlarmDescription", ""), "alarmDescription", 1024)
    for key in ACTIONS:
        within(request.get(key, []), key[0].lower() + key[1:], 5)


def within(value: Sequence[Any], where: str, most: int, *, least: int = 0) -> None:
    """Refuse a value that is too long or too short, in the sentence of public reports."""
    if not least <= len(value) <= most:
        limit = f"less than or equal to {most}" if len(value) > most else f"greater than or equal to {least}"
        said = f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint"
        raise invalid(f"{said}: Member must have length {limit}")

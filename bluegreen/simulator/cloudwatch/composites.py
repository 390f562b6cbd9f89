"""Composite alarms as records: their rules are read for the names in them, and never evaluated.

Sources: botocore model: PutCompositeAlarm, DescribeAlarms; that the alarms of a rule must exist, and cannot be deleted
while they are in it: public reports, whose sentences these are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import invalid, unknown_to_the_model
from ..core.operations import operation
from ..core.world import World
from .records import Record, check_common, name_of, put_new_tags, record_of, within, write
from .state import CLOUDWATCH

FIELDS = (
    "AlarmName AlarmDescription AlarmRule ActionsEnabled OKActions AlarmActions InsufficientDataActions "
    "ActionsSuppressor ActionsSuppressorWaitPeriod ActionsSuppressorExtensionPeriod ActionConfiguration"
)
MOST_CHILDREN = 100
TOKEN = re.compile(
    r"""\s*(?:(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^()"]*[^()"\s]))\s*\)"""
    r"""|(?:AND|OR|NOT|TRUE|FALSE)\b|[()])\s*""",
    re.IGNORECASE,
)


def named_in(rule: str) -> list[str]:
    """Return the names of the alarms in a rule, once each; its grammar is not checked beyond its words."""
    found, at = [], 0
    while at < len(rule):
        token = TOKEN.match(rule, at)
        if token is None:
            raise _unsupported(rule, at)
        found += [name_of(name) for name in token.groups() if name]
        at = token.end()
    return list(dict.fromkeys(found))


def _unsupported(rule: str, at: int) -> Exception:
    word = rule[at:].split("(")[0].split()[:1] or [rule[at:]]
    if word[0].upper() == "AT_LEAST":
        return unknown_to_the_model("the function AT_LEAST in an AlarmRule")
    return invalid(f"Error in AlarmRule [Unsupported token '{word[0]}' at char {at}]")


@operation("cloudwatch", "PutCompositeAlarm", f"{FIELDS} Tags")
def put(world: World, request: Request) -> Result:
    """Put a composite alarm: a new configuration, the old state."""
    _check(world, request)
    put_new_tags(world, request["AlarmName"] in world[CLOUDWATCH].composites, request)
    write(world, world[CLOUDWATCH].composites, {key: value for key, value in request.items() if key != "Tags"})
    return {}


def _check(world: World, request: Request) -> None:
    check_common(request)
    within(request["AlarmRule"], "alarmRule", 10240, least=1)
    if request["AlarmName"] in world[CLOUDWATCH].alarms:
        raise invalid(f"The name {request['AlarmName']} is a metric alarm's.")
    names = named_in(request["AlarmRule"])
    lost = ", ".join(name for name in names if record_of(world, name) is None)
    if lost:
        raise invalid(f"Could not save the composite alarm as alarms [{lost}] in the alarm rule do not exist")
    if len(names) > MOST_CHILDREN:
        raise invalid(f"An alarm rule may have {MOST_CHILDREN} alarms.")
    _check_suppressor(world, request)


def _check_suppressor(world: World, request: Request) -> None:
    suppressor = request.get("ActionsSuppressor")
    if suppressor is None:
        return
    if record_of(world, name_of(suppressor)) is None:
        raise invalid(f"The suppressor alarm {suppressor} does not exist.")
    for key in ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"):
        if key not in request:
            raise invalid(f"{key} must not be null if ActionsSuppressor is set.")


def parents(world: World, name: str) -> list[Record]:
    """Return the composite alarms in whose rules an alarm is."""
    return [record for record in world[CLOUDWATCH].composites.values() if name in named_in(record["AlarmRule"])]


def children(world: World, name: str) -> list[Record]:
    """Return the alarms, of either kind, in a composite alarm's rule."""
    parent = world[CLOUDWATCH].composites.get(name)
    names = named_in(parent["AlarmRule"]) if parent is not None else []
    return [found for found in (record_of(world, each) for each in names) if found is not None]


def is_composite(record: Mapping[str, Any]) -> bool:
    """Whether an alarm's record is a composite one's."""
    return "AlarmRule" in record

"""The sentences of the flow."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.flow.events import Event, Kind
from bluegreen.report.text import clean

ENDINGS = frozenset({Kind.DONE, Kind.PAUSED, Kind.BLOCKED, Kind.STOPPED})
"""Kinds after which the command itself says how it ended."""

_FORMS: Mapping[Kind, str] = {
    Kind.BEGUN: "{reason}",
    Kind.WARNED: "warning: {reason}",
    Kind.WAITING: "waiting: {reason}",
    Kind.ACTING: "{reason}: {action}",
    Kind.REFUSED: "AWS did not: {action}: {reason}",
    Kind.RECORDED: "noted: {reason}",
    Kind.REACHED: "reached: {reason}",
    Kind.TURNED: "rolling back: {reason}",
    Kind.UNREACHABLE: "AWS does not answer, looking again: {reason}",
    Kind.PAUSED: "paused: {reason}",
    Kind.BLOCKED: "blocked: {reason}",
    Kind.STOPPED: "{reason}",
    Kind.DONE: "done: {reason}",
}


def sentence(event: Event) -> str:
    """Return ``event`` as one sentence, without the time and the service."""
    return clean(_FORMS[event.kind].format(reason=event.reason, action=event.action))

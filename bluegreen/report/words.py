"""The sentences of the flow."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.flow.events import Event, EventKind
from bluegreen.report.text import clean

ENDINGS = frozenset({EventKind.DONE, EventKind.PAUSED, EventKind.BLOCKED, EventKind.STOPPED})
"""Kinds after which the command itself says how it ended."""

_FORMS: Mapping[EventKind, str] = {
    EventKind.BEGUN: "{reason}",
    EventKind.WARNED: "warning: {reason}",
    EventKind.WAITING: "waiting: {reason}",
    EventKind.ACTING: "{reason}",
    EventKind.REFUSED: "{reason}",
    EventKind.RECORDED: "noted: {reason}",
    EventKind.REACHED: "reached: {reason}",
    EventKind.TURNED: "rolling back: {reason}",
    EventKind.UNREACHABLE: "AWS does not answer, looking again: {reason}",
    EventKind.PAUSED: "paused: {reason}",
    EventKind.BLOCKED: "blocked: {reason}",
    EventKind.STOPPED: "{reason}",
    EventKind.DONE: "done: {reason}",
}


def sentence(event: Event) -> str:
    """Return ``event`` as one sentence, without the time and the service."""
    return clean(_FORMS[event.kind].format(reason=event.reason))

"""One JSON object per line; each names its schema and the schema's version.

A version grows when a field goes or changes its meaning; new fields may appear at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from bluegreen.flow.events import Event
from bluegreen.plain_json import one_line
from bluegreen.report.repeats import Repeats
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean_lines

EVENT = "bluegreen.event/1"
RESULT = "bluegreen.result/1"
STATUS = "bluegreen.status/1"
CHECK = "bluegreen.check/1"
DIFF = "bluegreen.diff/1"
HISTORY = "bluegreen.history/1"
IMAGE = "bluegreen.image/1"


@frozen
class JsonLines:
    """Writes events to ``stream``, one that only repeats itself every ten seconds; what is for people to ``talk``."""

    stream: SafeStream
    talk: SafeStream
    repeats: Repeats = field(factory=Repeats)

    def __call__(self, event: Event) -> None:
        """Write ``event``, unless it only repeats itself."""
        if self.repeats.passes(event):
            self.stream.line(event_line(event))

    def say(self, text: str) -> None:
        """Write ``text`` where people read."""
        self.talk.line(clean_lines(text))

    def close(self) -> None:
        """Do nothing: every line is written."""


def event_line(event: Event) -> str:
    """Return ``event`` as a JSON object; ``at`` in POSIX seconds."""
    return dumps(
        EVENT,
        at=event.at,
        kind=str(event.kind),
        service=event.service,
        release=event.release,
        goal=event.goal,
        reason=event.reason,
        action=event.action,
        milestone=event.milestone,
        agreed=event.agreed,
        fleet={} if event.fleet is None else attrs.asdict(event.fleet),
    )


def result_line(service: str, status: int, sentence: str, hint: str, release: str | None = None) -> str:
    """Return how a command ended; ``status`` is its exit status."""
    return dumps(RESULT, service=service, status=status, sentence=sentence, hint=hint, release=release)


def status_line(reports: Iterable[Mapping[str, Any]]) -> str:
    """Return the status of services."""
    return dumps(STATUS, services=list(reports))


def check_line(service: str, findings: Iterable[Mapping[str, str]]) -> str:
    """Return what a check found."""
    return dumps(CHECK, service=service, findings=list(findings))


def diff_line(service: str, comparison: Mapping[str, Any]) -> str:
    """Return in what the two groups of a pair differ."""
    return dumps(DIFF, service=service, **comparison)


def history_line(service: str, releases: Iterable[Mapping[str, Any]]) -> str:
    """Return the releases of a service, oldest first; times in POSIX seconds."""
    return dumps(HISTORY, service=service, releases=list(releases))


def events_line(service: str, release: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> str:
    """Return one release with its events, oldest first."""
    return dumps(HISTORY, service=service, releases=[{**release, "events": list(events)}])


def image_line(found: Mapping[str, Any]) -> str:
    """Return which version an instance is to run, and where that was read."""
    return dumps(IMAGE, **found)


def dumps(schema: str, **fields: Any) -> str:
    """Return one line of JSON in plain ASCII, which neither a terminal nor an agent obeys, and every program reads.

    ``##`` stands in texts alone, where it can be written otherwise; so begins a command to an agent.
    """
    return re.sub("#(?=#)", r"\\u0023", one_line({"schema": schema, **fields}, _other))


def _other(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)

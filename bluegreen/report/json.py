"""One JSON object per line; each names its schema and the schema's version.

A version grows when a field goes or changes its meaning; new fields may appear at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from bluegreen.errors import Status
from bluegreen.flow.causes import Ailment
from bluegreen.flow.events import Event
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK, Release
from bluegreen.flow.snapshot import Member, Side, Snapshot, Symbol
from bluegreen.plain_json import one_line
from bluegreen.report.repeats import Repeats
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean_lines

EVENT = "bluegreen.event/1"
RESULT = "bluegreen.result/2"
STATUS = "bluegreen.status/2"
CHECK = "bluegreen.check/1"
DIFF = "bluegreen.diff/1"
HISTORY = "bluegreen.history/1"
IMAGE = "bluegreen.image/1"
WHY = "bluegreen.why/1"


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
        stage=None if event.stage is None else attrs.asdict(event.stage),
        cause=None if event.cause is None else _ailment(event.cause),
        fleet={} if event.fleet is None else _fleet(event.fleet),
    )


def _fleet(seen: Snapshot) -> dict[str, Any]:
    """Return both sides of a release as an event has them."""
    sides = {str(side.role): _side(side) for side in seen.sides if side.role is not None}
    figures = {} if seen.figures is None else attrs.asdict(seen.figures)
    told = {"demand": figures.get("demand"), "floor": figures.get("needed"), "serving": figures.get("healthy")}
    return {**sides, **told, "live": next((side.name for side in seen.live), None)}


def _side(side: Side) -> dict[str, Any]:
    told = {name: getattr(side, name) for name in ("name", "min", "max", "desired")}
    return {**told, "tag": side.image, "armed": side.scales, "instances": list(map(_member, side.members))}


def _member(one: Member) -> dict[str, Any]:
    told = {"id": one.id, "state": one.state, "health": one.health, "serves": one.serves}
    return {**told, "leaves": one.symbol is Symbol.LEAVING, "symbol": str(one.symbol)}


OUTCOMES = {
    Status.ROLLED_BACK: "failed",
    Status.BLOCKED: "blocked",
    Status.PAUSED: "paused",
    Status.HELD: "held",
    Status.UNREACHABLE: "unreachable",
    Status.DENIED: "denied",
    Status.INTERRUPTED: "interrupted",
    Status.TERMINATED: "interrupted",
}
"""How a command ended, in a word; one that did as it was asked says what that was, any other is an error."""
REACHED = {DEPLOY: "deployed", ROLLBACK: "rolled-back", FINISH: "finished"}


def _ailment(one: Ailment) -> dict[str, Any]:
    told = attrs.asdict(one)
    return {**told.pop("cause"), **told}


def result_line(
    service: str, status: int, sentence: str, hint: str, release: Release | None = None, seconds: float = 0.0
) -> str:
    """Return how a command ended after so many ``seconds``; ``status`` is its exit status."""
    reached = "nothing" if release is None else REACHED[release.goal]
    return dumps(
        RESULT,
        service=service,
        status=status,
        outcome=OUTCOMES.get(Status(status), "error") if status else reached,
        sentence=sentence,
        hint=hint,
        release=None if release is None else release.id,
        live=None if release is None else _serves(release, status),
        **{"from": None if release is None else release.previous_image},
        to=None if release is None else release.image,
        cause=None if release is None else release.reason or None,
        seconds=round(seconds, 1),
        report=None,
    )


def _serves(release: Release, status: int) -> str | None:
    """Return the image that serves at the end of a run, where that is known."""
    if status not in (Status.OK, Status.ROLLED_BACK):
        return None
    return release.previous_image if release.goal == ROLLBACK else release.image


def status_line(services: Iterable[Mapping[str, Any]], at: float) -> str:
    """Return the status of services at a moment (POSIX seconds): each as :mod:`bluegreen.report.status_json` has it."""
    return dumps(STATUS, at=at, services=list(services))


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


def why_line(found: Mapping[str, Any]) -> str:
    """Return why instances are not healthy; times in POSIX seconds."""
    return dumps(WHY, **found)


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

"""A service's past releases, and the events of one, as text. Times are in UTC."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from bluegreen.flow.events import EventKind
from bluegreen.flow.release import DEPLOY
from bluegreen.report.tables import table
from bluegreen.report.text import clean
from bluegreen.report.words import WIDEST, WORDS

NONE = "no release is on record"
NO_CAUSES: Mapping[str, str] = {}
UNKEPT = "its events were not kept"


class Entry(Protocol):
    """A release in the history; ``ended_at`` is ``None`` while it is open."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def image(self) -> str:
        """The image that it brought."""

    @property
    def previous_image(self) -> str | None:
        """The image that ran before."""

    @property
    def goal(self) -> str:
        """The plan that ran last."""

    @property
    def outcome(self) -> str:
        """``finished``, ``restored``, ``closed`` or ``open``."""

    @property
    def rests(self) -> bool:
        """Whether it is open, and deployed."""

    @property
    def asked_by(self) -> str:
        """Who had it taken back, where a person did."""

    @property
    def by(self) -> str:
        """Who began it."""

    @property
    def reason(self) -> str:
        """Why it was taken back, if so."""

    @property
    def begun_at(self) -> float:
        """When it began, in POSIX seconds."""

    @property
    def ended_at(self) -> float | None:
        """When it ended, in POSIX seconds."""


def history_value(entry: Entry) -> dict[str, Any]:
    """Return ``entry`` as plain values."""
    names = ("id", "image", "previous_image", "goal", "outcome", "by", "reason", "begun_at", "ended_at", "asked_by")
    return {name: getattr(entry, name) for name in names}


def history_text(service: str, entries: Sequence[Entry], causes: Mapping[str, str] = NO_CAUSES) -> str:
    """Return a line for each release, newest last; below it, why it was taken back, and what kept it from being well.

    ``causes`` are by the ids of releases.
    """
    if not entries:
        return f"{clean(service)}: {NONE}"
    heads, *lines = table(HEADS, [(" ", _row(entry)) for entry in entries], WIDE)
    told = [heads]
    for entry, line in zip(entries, lines, strict=True):
        told.append(line)
        told += [f"    why    {clean(entry.reason)}"] if entry.reason else []
        told += [f"    cause  {clean(causes[entry.id])}"] if entry.id in causes else []
    return "\n".join(told)


HEADS = ("BEGUN", "RELEASE", "VERSION", "OUTCOME", "TOOK", "BY")
WIDE = 10**6
"""Columns of a list that is searched, and so never cut."""


def _row(entry: Entry) -> tuple[str, ...]:
    version = f"{entry.previous_image} → {entry.image}" if entry.previous_image else entry.image
    took = "" if entry.ended_at is None else _took(entry.ended_at - entry.begun_at)
    return tuple(map(clean, (_day(entry.begun_at), entry.id, version, _outcome(entry), took, entry.by)))


def _outcome(entry: Entry) -> str:
    """Return how a release has ended, or how far it has come, in words."""
    if entry.ended_at is None:
        kept = f", {entry.previous_image} parked" if entry.previous_image else ""
        return f"deployed{kept}" if entry.rests else f"open ({entry.goal})"
    if entry.outcome != "restored":
        return entry.outcome
    if entry.goal == DEPLOY:
        return "had changed nothing"
    if entry.asked_by:
        return f"rolled back by {entry.asked_by}"
    return "rolled back by itself" if entry.reason else "rolled back"


def _took(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def events_text(service: str, entry: Entry, events: Iterable[Mapping[str, Any]]) -> str:
    """Return one release's head and a line for each of its events."""
    lines = [_event(event) for event in events] or [f"  {UNKEPT}"]
    why = [f"  why    {clean(entry.reason)}"] if entry.reason else []
    return "\n".join([f"{clean(service)}: {'  '.join(word for word in _row(entry) if word)}", *why, *lines])


def _event(event: Mapping[str, Any]) -> str:
    at, action = event.get("at"), event.get("action")
    moment = _clock(at) if isinstance(at, int | float) else "?"
    whose = f"{event.get('instance') or ''}"
    reason = f"{whose}{': ' if whose else ''}{event.get('reason', '')}"
    words = f"{reason}: {action}" if action and f"{action}" not in reason else reason
    return f"  {moment}  {clean(_word(event.get('kind'))):<{WIDEST}} {clean(words)}"


def _word(kind: object) -> str:
    """Return the word for an event's kind; one that another version may have written as it is."""
    try:
        return WORDS[EventKind(str(kind))]
    except ValueError:
        return str(kind or "?")


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at))


def _clock(at: float) -> str:
    """Return a time of day, or a question mark for what is none: the events may have been damaged."""
    try:
        return time.strftime("%H:%M:%S", time.gmtime(at))
    except (OverflowError, ValueError, OSError):
        return "?"

"""A service's past releases, and the events of one, as text. Times are in UTC."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from bluegreen.flow.events import EventKind
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
        """``finished``, ``restored`` or ``open``."""

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
    names = ("id", "image", "previous_image", "goal", "outcome", "by", "reason", "begun_at", "ended_at")
    return {name: getattr(entry, name) for name in names}


def history_text(service: str, entries: Sequence[Entry], causes: Mapping[str, str] = NO_CAUSES) -> str:
    """Return a line for each release, newest last; below it, by its id, what kept it from being healthy."""
    if not entries:
        return f"{clean(service)}: {NONE}"
    rows = [_row(entry) for entry in entries]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for entry, row in zip(entries, rows, strict=True):
        lines.append("  ".join(map(str.ljust, row, widths)).rstrip())
        if entry.id in causes:
            lines.append(f"  cause: {clean(causes[entry.id])}")
    return "\n".join(lines)


def _row(entry: Entry) -> tuple[str, ...]:
    before = f"from {entry.previous_image}" if entry.previous_image else ""
    words = (_day(entry.begun_at), entry.id, entry.image, before, _outcome(entry), entry.by, entry.reason)
    return tuple(map(clean, words))


def _outcome(entry: Entry) -> str:
    if entry.ended_at is None:
        return f"open ({entry.goal})"
    return f"{entry.outcome} after {_took(entry.ended_at - entry.begun_at)}"


def _took(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def events_text(service: str, entry: Entry, events: Iterable[Mapping[str, Any]]) -> str:
    """Return one release's head and a line for each of its events."""
    lines = [_event(event) for event in events] or [f"  {UNKEPT}"]
    return "\n".join([f"{clean(service)}: {'  '.join(word for word in _row(entry) if word)}", *lines])


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

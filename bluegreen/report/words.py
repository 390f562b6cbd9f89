"""What kind of line it is: one fixed word for each, which stands before the sentence."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.flow.events import Event, EventKind
from bluegreen.report.text import clean

ENDINGS = frozenset({EventKind.DONE, EventKind.PAUSED, EventKind.BLOCKED, EventKind.STOPPED})
"""Kinds after which the command itself says how it ended."""
UNSAID = (ENDINGS - {EventKind.STOPPED}) | {EventKind.CAUSE}
"""Kinds that have no line of their own: why an instance is not healthy, the wait for it says for all of them."""

WORDS: Mapping[EventKind, str] = {
    EventKind.BEGUN: "begin",
    EventKind.WARNED: "warn",
    EventKind.WAITING: "wait",
    EventKind.ACTING: "do",
    EventKind.REFUSED: "refused",
    EventKind.RECORDED: "note",
    EventKind.REACHED: "done",
    EventKind.CAUSE: "cause",
    EventKind.TURNED: "rollback",
    EventKind.UNREACHABLE: "lost",
    EventKind.PAUSED: "gate",
    EventKind.BLOCKED: "blocked",
    EventKind.STOPPED: "stopped",
    EventKind.DONE: "done",
}
WIDEST = max(map(len, WORDS.values()))


def sentence(event: Event) -> str:
    """Return ``event`` as one line, without the time and the service: ``wait     4/8 web-green: 1 of 2 healthy``."""
    stage = "" if event.stage is None else f"{event.stage.index}/{event.stage.of} "
    return clean(f"{WORDS[event.kind]:<{WIDEST}} {stage}{event.reason}")

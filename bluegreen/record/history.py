"""The history of a service: each release's events as JSON lines, written before what they announce.

It is for people. Nothing is decided from it: a service whose history was deleted goes on as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from attrs import define, frozen

from bluegreen.errors import BluegreenError
from bluegreen.flow.causes import Ailment
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.release import Past, Release
from bluegreen.flow.snapshot import Snapshot
from bluegreen.plain_json import one_line
from bluegreen.plain_json import read as parsed
from bluegreen.record.document import Document
from bluegreen.record.store import Store

ANNOUNCING = frozenset({EventKind.BEGUN, EventKind.ACTING, EventKind.RECORDED, EventKind.REACHED, EventKind.TURNED})
"""Kinds of events behind which something is done: these are on the disk before it is."""


@define
class History:
    """Listens to a service and writes its history into ``store``; waiting for the same thing again is left out."""

    binding: ClassVar[bool] = True
    """It belongs to the record: where it cannot be kept, nothing is done that it would announce."""

    store: Store
    service: str
    _waited: str = ""

    def __call__(self, event: Event) -> None:
        """Write ``event``; raise when it announces something and cannot be kept."""
        if not event.release or self._repeats(event):
            return
        durable = event.kind in ANNOUNCING
        with contextlib.nullcontext() if durable else contextlib.suppress(BluegreenError):
            self.store.append(self.service, event.release, line(event), durable=durable)

    def prune(self, before: Iterable[Past], after: Iterable[Past]) -> None:
        """Remove the events of releases that the record has just forgotten."""
        kept = {past.id for past in after}
        with contextlib.suppress(BluegreenError):
            for past in before:
                if past.id not in kept:
                    self.store.forget(self.service, past.id)

    def _repeats(self, event: Event) -> bool:
        if event.kind is EventKind.CAUSE:
            return False
        words = re.sub(r"[\d.]+", "#", event.reason) if event.kind in (EventKind.WAITING, EventKind.UNREACHABLE) else ""
        repeats, self._waited = bool(words) and words == self._waited, words
        return repeats


def line(event: Event) -> str:
    """Return ``event`` as one line of JSON; ``at`` in POSIX seconds, the figures in instances."""
    told = {
        "at": round(event.at, 3),
        "kind": str(event.kind),
        "goal": event.goal,
        "reason": event.reason,
        "action": event.action,
        "milestone": event.milestone,
        "stage": "" if event.stage is None else event.stage.name,
        **_figures(event.fleet),
        **_ailment(event.cause),
    }
    return one_line({key: value for key, value in told.items() if value != ""})


def _ailment(cause: Ailment | None) -> dict[str, Any]:
    if cause is None:
        return {}
    told = {"instance": cause.instance, "link": str(cause.cause.link), "code": cause.code, "text": cause.text}
    return {**told, "terminal": cause.cause.terminal, "since": round(cause.since, 3)}


def _figures(fleet: Snapshot | None) -> dict[str, int | None]:
    figures = None if fleet is None else fleet.figures
    if figures is None:
        return {}
    return {"demand": figures.demand, "floor": figures.needed, "serving": figures.healthy}


@frozen(kw_only=True)
class Entry:
    """One release in the history; ``ended_at`` is ``None`` and ``outcome`` "open" while it is under way.

    ``rests`` says that an open one was deployed, and keeps what ran before; ``asked_by`` who had it taken back.
    """

    id: str
    image: str
    previous_image: str | None
    goal: str
    outcome: str
    by: str
    reason: str
    begun_at: float
    ended_at: float | None
    rests: bool = False
    asked_by: str = ""


def entries(document: Document[Release]) -> tuple[Entry, ...]:
    """Return the releases that the record knows, oldest first, the open one last."""
    past = tuple(_entry(one, one.previous_image, one.outcome, one.ended_at) for one in document.history)
    now = document.release
    return past if now is None else (*past, _entry(now, now.previous_image, "open", None))


def _entry(one: Past | Release, previous: str | None, outcome: str, ended_at: float | None) -> Entry:
    return Entry(
        id=one.id,
        image=one.image,
        previous_image=previous,
        goal=one.goal,
        outcome=outcome,
        by=one.by,
        reason=one.reason,
        begun_at=one.begun_at,
        ended_at=ended_at,
        rests=isinstance(one, Release) and one.rests,
        asked_by=one.asked_by,
    )


def chosen(known: Iterable[Entry], word: str) -> Entry | None:
    """Return the one release that ``word`` names: its id, the end of its id, its image, or "last"."""
    known = tuple(known)
    if word == "last":
        return known[-1] if known else None
    exact = [entry for entry in known if entry.id == word]
    found = exact or [entry for entry in known if entry.id.endswith(word)] or [e for e in known if e.image == word]
    return found[-1] if found else None


def read(lines: Iterable[str]) -> tuple[dict[str, Any], ...]:
    """Return the events in ``lines``; a line that is no JSON object is passed over."""
    return tuple(event for text in lines if (event := _object(text)) is not None)


def _object(text: str) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, RecursionError):
        found = parsed(text)
        return found if isinstance(found, dict) else None
    return None

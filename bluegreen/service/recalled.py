"""Why a release was taken back, from what its history kept: for people, once its instances are gone. Pure.

The events may be damaged, or somebody else's: what is not as it was written is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from bluegreen.flow.causes import MOST, Ailment, Cause, Link
from bluegreen.flow.events import EventKind
from bluegreen.flow.release import DEPLOY, RESTORED, ROLLBACK
from bluegreen.sentences import why as sentences
from bluegreen.targets.seam.why import Fact, Unwell, Why, decisive, meant
from bluegreen.words import clean, fit

LATEST = 253_402_300_799.0
"""The last second that a calendar shows (the year 9999)."""
LONGEST = 300
"""Characters of a text that are shown."""

Events = Iterable[Mapping[str, object]]


class Past(Protocol):
    """A release on record, or the open one."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def image(self) -> str:
        """The image that it brought."""

    @property
    def goal(self) -> str:
        """The plan that ran last."""

    @property
    def outcome(self) -> str:
        """How it ended, or that it is open."""

    @property
    def reason(self) -> str:
        """Why it was taken back, if so by itself."""


def causes(events: Events) -> tuple[Ailment, ...]:
    """Return the last cause of each instance that was kept on the way to a goal, and since when it was so.

    What ailed while a release was carried out goes before what ailed on its way back.
    """
    events = tuple(events)
    came = [number for number, event in enumerate(events) if _has_come(event)]
    return _causes(events[max(came, default=0) :])


def _has_come(event: Mapping[str, object]) -> bool:
    """Whether a milestone was reached on the way: what was waited for came, whatever was ill before."""
    return event.get("kind") == EventKind.REACHED and event.get("goal") == DEPLOY


def _causes(events: Events) -> tuple[Ailment, ...]:
    kept = [(event.get("goal"), one) for event in events if (one := _cause(event)) is not None]
    forth = [one for goal, one in kept if goal == DEPLOY]
    return tuple(_last_of_each(forth or [one for _, one in kept]))[:MOST]


def since(events: Events) -> dict[str, float]:
    """Return since when each instance is as it was told last (POSIX seconds), by its id."""
    return {one.instance: one.since for one in _causes(events) if one.instance}


def was_taken_back(past: Past) -> bool:
    """Whether a release was taken back, or is on its way."""
    return past.outcome == RESTORED or (past.outcome == "open" and past.goal == ROLLBACK)


def recalled(service: str, past: Past, events: Events, word: str = "") -> Why:
    """Return why instances of a release were not healthy, or the one that ``word`` names, as it was kept.

    Of one that was taken back without a cause on record it is what it was taken back for.
    """
    events = tuple(events)
    found = causes(events)
    known = frozenset(one.instance for one in found if one.instance)
    asked = meant(word, known)
    shown = [one for one in found if one.instance == asked] if word else list(found)
    cause = decisive(tuple(one.cause for one in shown)) or _turned(past)
    until = _turned_at(events) if was_taken_back(past) else None
    return Why(
        service=service,
        heads=(_head(past, until),),
        cause=cause,
        count=sum(one.cause == cause and bool(one.instance) for one in shown),
        instances=tuple(_unwell(one) for one in shown if one.instance),
        known=known,
        release=past.id,
        over=True,
        until=until,
    )


def _head(past: Past, until: float | None) -> str:
    if not was_taken_back(past):
        return sentences.is_over(past.image, past.id)
    told = sentences.was_taken_back if past.outcome == RESTORED else sentences.is_taken_back
    return told(past.image, past.id, until)


def _cause(event: Mapping[str, object]) -> Ailment | None:
    if event.get("kind") != EventKind.CAUSE or not isinstance(at := event.get("since"), int | float):
        return None
    told = {name: str(event.get(name) or "") for name in ("instance", "code", "text", "reason", "link")}
    if not told["reason"] or not 0 < at < LATEST or told["link"] not in list(Link):
        return None
    return Ailment(
        cause=Cause(
            link=Link(told["link"]), sentence=fit(told["reason"], LONGEST), terminal=event.get("terminal") is True
        ),
        instance=fit(told["instance"], LONGEST),
        code=fit(told["code"], LONGEST),
        text=fit(told["text"], LONGEST),
        since=float(at),
    )


def _last_of_each(kept: Iterable[Ailment]) -> Iterator[Ailment]:
    """Yield the last one of each instance that is not over; a run that carried on has told the same again, later."""
    found: dict[str, Ailment] = {}
    for one in kept:
        before = found.get(one.whose)
        if before is None or (before.cause, before.code) != (one.cause, one.code):
            found[one.whose] = one
    yield from (one for one in found.values() if one.cause.link is not Link.NOTHING)


def _turned(past: Past) -> Cause:
    if past.reason:
        return Cause(link=Link.TURNED, sentence=clean(past.reason))
    return Cause(link=Link.NOTHING, sentence=sentences.nothing_kept())


def _turned_at(events: Events) -> float | None:
    """Return when a release turned back by itself; a look at that moment showed its trouble for the last time."""
    at = [event.get("at") for event in events if event.get("kind") == EventKind.TURNED]
    return next((float(one) for one in at if isinstance(one, int | float) and 0 < one < LATEST), None)


def _unwell(one: Ailment) -> Unwell:
    quoted = f'\n"{one.text}"' if one.text else ""
    facts = (Fact(label="reason", text=f"{one.code}{quoted}"),) if one.code or one.text else ()
    return Unwell(id=one.instance, state="unhealthy", cause=one.cause, facts=facts, since=one.since)

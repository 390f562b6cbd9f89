"""How long the stages of a release usually take, by what its history kept: for people, nothing decides by it. Pure.

The events may be cut, damaged, or somebody else's: a run that they do not tell from beginning to end does not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from statistics import median

from attrs import field, frozen

from bluegreen.flow.events import EventKind

RELEASES = 5
"""Releases whose history is read: the last ones that ended well."""
EVENTS = 10_000
"""Events of one of them that are read at most."""
LONGEST = 366 * 86_400.0
"""Seconds that a run takes at most; what claims more is damaged."""
_INTERRUPTED = frozenset({EventKind.STOPPED, EventKind.PAUSED, EventKind.BLOCKED})
_AFRESH = frozenset({EventKind.BEGUN, EventKind.TURNED})

Events = Iterable[Mapping[str, object]]


@frozen
class Span:
    """In seconds: the ``median`` of some runs, and the ``worst`` of them."""

    median: float
    worst: float


@frozen(kw_only=True)
class Usual:
    """How long a run takes as a ``whole``, and each of its ``stages`` by name; what is not there is not known.

    ``basis`` is what that rests on: ``history``, or nothing.
    """

    whole: Span | None = None
    stages: Mapping[str, Span] = field(factory=dict)
    basis: str = ""


@frozen(kw_only=True)
class Timing:
    """Where a run is in time: since when it is in which stage (POSIX seconds, by name, in order), and what is usual."""

    since: Mapping[str, float] = field(factory=dict)
    usual: Usual = field(factory=Usual)

    def took(self, until: float) -> dict[str, float]:
        """Return how many seconds each stage has taken, the last one being over at ``until``."""
        return _lengths([*self.since.items(), ("", until)])


def usual(runs: Iterable[Events], goal: str) -> Usual:
    """Return what is usual on the way to ``goal``, by the events of runs, each oldest first."""
    told = [took for events in runs if (took := _took(events, goal))]
    if not told:
        return Usual()
    names = dict.fromkeys(name for took in told for name in took)
    stages = {name: _span([took[name] for took in told if name in took]) for name in names if name}
    return Usual(whole=_span([sum(took.values()) for took in told]), stages=stages, basis="history")


def since(events: Events, goal: str) -> dict[str, float]:
    """Return when the stages on the way to ``goal`` began, by what was told so far: the first time of each."""
    found: dict[str, float] = {}
    for event in islice(events, EVENTS):
        stage, at = event.get("stage"), _at(event)
        if event.get("goal") == goal and isinstance(stage, str) and stage and at is not None:
            found.setdefault(stage, at)
    return found


def _took(events: Events, goal: str) -> dict[str, float]:
    """Return the seconds of each stage, what is before the first under no name; nothing where not all is known."""
    told = [event for event in islice(events, EVENTS) if event.get("goal") == goal]
    kinds = [event.get("kind") for event in told]
    if kinds[-1:] != [EventKind.DONE] or not _INTERRUPTED.isdisjoint(map(str, kinds)):
        return {}
    if kinds[0] not in _AFRESH or not _AFRESH.isdisjoint(map(str, kinds[1:])):
        return {}
    moments = [at for event in told if (at := _at(event)) is not None]
    if len(moments) < len(told) or moments != sorted(moments) or moments[-1] - moments[0] > LONGEST:
        return {}
    began = {"": moments[0], **since(told, goal)}
    return _lengths([*began.items(), ("", moments[-1])])


def _lengths(began: Sequence[tuple[str, float]]) -> dict[str, float]:
    return {name: max(0.0, then - at) for (name, at), (_, then) in pairwise(began)}


def _at(event: Mapping[str, object]) -> float | None:
    at = event.get("at")
    if isinstance(at, bool) or not isinstance(at, int | float):
        return None
    return float(at) if math.isfinite(at) and 0 < at < 1e11 else None


def _span(seconds: Sequence[float]) -> Span:
    return Span(median(seconds), max(seconds))

"""A run as it is followed from outside, from look to look: how far it is, what has changed, and how it ended. Pure."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence

import attrs
from attrs import define, field

from bluegreen.errors import Status
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.release import ROLLBACK
from bluegreen.flow.snapshot import OpenRelease, Snapshot, State
from bluegreen.flow.stages import Furthest, Section, stage_of
from bluegreen.sentences.forms import LONGEST
from bluegreen.sentences.picture import said_ago
from bluegreen.words import fit

UNDER_WAY = frozenset({State.DEPLOYING, State.ROLLING_BACK, State.FINISHING})
_PASSING = re.compile(r"(?:\d+ (?:s|min|h)\b ?)+")
_FIGURES = re.compile(r"[\d.]+")
_KINDS = {
    State.GATE: EventKind.PAUSED,
    State.INTERRUPTED: EventKind.STOPPED,
    State.DOWN: EventKind.WARNED,
    State.UNCLEAR: EventKind.WARNED,
    State.UNKNOWN: EventKind.UNREACHABLE,
}


@define
class Follower:
    """Follows one service; with ``through_gates`` a gate is waited for.

    ``watched`` is the release that was under way when it was seen last.
    """

    through_gates: bool = False
    watched: OpenRelease | None = None
    _looked: bool = False
    _furthest: Furthest = field(factory=Furthest)

    def see(self, seen: Snapshot, events: Sequence[Mapping[str, object]] = ()) -> Snapshot:
        """Return a look with the furthest stage by now; ``events`` are those that the run has kept of its release.

        A run knows more than one look shows (for how long something was healthy), so that its own words go before.
        """
        release = seen.release
        if release is None:
            return seen
        said = next((one for one in reversed(events) if one.get("goal") == release.goal), None)
        names = () if release.stage is None else release.stage.names
        stage = None if said is None else stage_of(names, f"{said.get('stage')}")
        section = Section(release.id, release.goal, len(release.milestones))
        told = attrs.evolve(release, stage=self._furthest.of(section, stage or release.stage))
        missing = seen.missing if said is None else _newer(seen, said)
        return attrs.evolve(seen, release=told, missing=missing)

    def ended(self, seen: Snapshot, *, taken_back: bool, blocked: bool) -> Status | None:
        """Return how what was followed has ended, or ``None`` while it goes on.

        ``taken_back`` says that it was by itself, by its history, ``blocked`` that a person is needed.
        """
        first, self._looked = not self._looked, True
        if seen.state in UNDER_WAY:
            self.watched = seen.release
            return None
        if seen.state is State.GATE:
            return None if self.through_gates else Status.PAUSED
        if seen.state is State.INTERRUPTED:
            return Status.BLOCKED if blocked else Status.UNFINISHED
        if first or self.watched is None:
            return Status.OK
        if seen.state in (State.DOWN, State.UNCLEAR):
            return Status.BLOCKED
        back = self.watched.goal == ROLLBACK and bool(self.watched.reason)
        return Status.ROLLED_BACK if taken_back or back else Status.OK


def _newer(seen: Snapshot, said: Mapping[str, object]) -> str:
    """Return what a look shows to be missing, or, where the run has said something else, that, and how long ago."""
    reason, at = fit(f"{said.get('reason') or ''}", LONGEST), said.get("at")
    if not reason or not isinstance(at, int | float) or _FIGURES.sub("#", reason) == _FIGURES.sub("#", seen.missing):
        return seen.missing
    return said_ago(reason, max(0.0, seen.at - at))


def change(seen: Snapshot) -> Hashable:
    """Return what is news of a look when it is another one than before: no time that only passes."""
    release = seen.release
    stage = None if release is None or release.stage is None else release.stage.name
    sides = tuple(
        (side.name, side.image, side.min, side.max, side.desired, side.live, side.suspended, _conditions(seen, number))
        for number, side in enumerate(seen.sides)
    )
    words = _PASSING.sub("#", seen.missing), seen.troubles
    goal = None if release is None else (release.id, release.goal, tuple(release.milestones))
    return (seen.state, goal, stage, sides, words)


def _conditions(seen: Snapshot, side: int) -> tuple[Hashable, ...]:
    return tuple((one.id, one.symbol, tuple(ill.code for ill in one.reasons)) for one in seen.sides[side].members)


def as_event(seen: Snapshot) -> Event:
    """Return a look as one event, as a line of a log tells it."""
    under_way = seen.state in UNDER_WAY
    kind = EventKind.WAITING if under_way else _KINDS.get(seen.state, EventKind.DONE)
    stage = None if seen.release is None or not under_way else seen.release.stage
    return Event(
        at=seen.at,
        kind=kind,
        reason=seen.missing if under_way and seen.missing else seen.sentence,
        service=seen.service,
        stage=stage,
    )

"""What every look carries, whatever it looks at."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from attrs import frozen

from bluegreen.flow.answers import AnyAnswer
from bluegreen.flow.release import Release

V_co = TypeVar("V_co", bound="View", covariant=True)


class Observed(Protocol):
    """What a world shows of itself."""

    @property
    def known(self) -> object:
        """What was asked for; it grows with each answer, whatever was found."""


@frozen
class Seen(Generic[V_co]):
    """An earlier look of this run, and what the plan alone (no guards) answered to it."""

    view: V_co
    answer: AnyAnswer


@frozen(kw_only=True)
class View:
    """One observation, with the release and the time; a target's own look says of which class each is.

    ``taken`` and ``now`` are POSIX seconds before and after the observation; ``past`` holds the looks before this one
    in this run, newest first; ``rested`` is when this run last waited by plan, or last saw AWS again after a long
    silence: patience begins anew then.
    """

    fleet: Observed
    release: Release
    taken: float
    now: float
    past: tuple[Seen[View], ...] = ()
    rested: float = 0.0

    @property
    def unsure(self) -> bool:
        """Whether something that counts was not told: no time runs against a release meanwhile."""
        return False

"""One deployment from intent to end, as every target has it: what is asked for, and which milestones were passed when.

A release is written before the first mutation and before each write that it explains. What a target has beside this
stands in a class of its own that extends it. Nothing here is derived from what AWS shows later on; what AWS can show is
never stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import attrs
from attrs import field, frozen

from bluegreen.flow.terms import Settled
from bluegreen.values import changed

DEPLOY = "deploy"
ROLLBACK = "rollback"
FINISH = "finish"
GOALS = (DEPLOY, ROLLBACK, FINISH)

RESTORED = "restored"
FINISHED = "finished"
"""The last milestones: of a rollback, and of all else."""

BY_HAND = "stopped with Ctrl-C"
"""Why cron leaves alone what a person has stopped."""
PAUSED = "paused"
"""The same of what a person has paused without saying why."""


@frozen
class Hold:
    """Why cron leaves a release alone: ``who`` stopped it, ``why``, since when (POSIX seconds).

    ``gate`` names the gate at which it waits, when it was not a person that stopped it.
    """

    who: str
    why: str
    since: float
    gate: str = ""


@frozen(kw_only=True)
class Past:
    """A release that has come to its end, as every target has it; times are POSIX seconds.

    ``previous_image`` is what ran before it, where anything did; ``left`` tells how its end is known from the moments
    before, by the name of each part. ``asked_by`` is the person who had it taken back, where one did.
    """

    kind: ClassVar[str]
    """What its target is called on record."""

    id: str
    image: str
    previous_image: str | None
    goal: str
    outcome: str
    begun_at: float
    ended_at: float
    by: str = ""
    reason: str = ""
    instead_of: str = ""
    left: Mapping[str, str] = field(factory=dict)
    asked_by: str = ""


@frozen(kw_only=True)
class Release(ABC):
    """The record of one release. Durations are seconds, times POSIX seconds.

    ``service`` is a name in the configuration, ``by`` is who began it, ``reason`` why it has its goal.
    ``instead_of`` is the image that a rollback, made by deploying an earlier one, takes the place of. ``progress`` are
    the figures that only real progress raises, ``progressed_at`` is when it did last.

    ``asked_by`` is the person who had it taken back, where one did.

    ``terms`` are what was settled when it began; ``deadline_at`` is when its deadline ends for now.

    ``hold`` says that a person, or a gate, stopped it: cron leaves it alone until somebody carries it on. ``take``
    counts how often it was taken into another record, from what AWS has of it. ``unsure_since`` is since when AWS does
    not tell of all that is in service whether it is healthy; no deadline runs meanwhile. ``plan_version`` is that of
    its target's plans.
    """

    kind: ClassVar[str]
    """What its target is called on record."""
    past: ClassVar[type[Past]]
    """What it is once it is over."""
    moments: ClassVar[tuple[str, ...]] = ("begun_at", "progressed_at", "unsure_since")
    """What it says of the past, beside its milestones."""

    id: str
    service: str
    image: str
    begun_at: float
    terms: Settled
    by: str = ""
    goal: str = DEPLOY
    reason: str = ""
    instead_of: str = ""
    deadline_at: float = float("inf")
    milestones: Mapping[str, float] = field(factory=dict)
    progress: tuple[int, ...] = ()
    progressed_at: float = 0.0
    hold: Hold | None = None
    take: int = 0
    unsure_since: float = 0.0
    plan_version: int = 1
    asked_by: str = ""

    def with_terms(self, **changes: Any) -> Self:
        """Return the release with other terms."""
        return changed(self, terms=changed(self.terms, **changes))

    def passed(self, milestone: str) -> bool:
        """Whether ``milestone`` was reached."""
        return milestone in self.milestones

    def reach(self, milestone: str, at: float) -> Self:
        """Return the release with ``milestone`` reached at ``at``."""
        return attrs.evolve(self, milestones={**self.milestones, milestone: at}, progressed_at=at)

    def unreached(self, milestone: str) -> Self:
        """Return the release as if ``milestone`` had not been reached."""
        return attrs.evolve(self, milestones={one: at for one, at in self.milestones.items() if one != milestone})

    def toward(self, goal: str, at: float, reason: str = "", **changes: object) -> Self:
        """Return the release with another goal, its progress and its patience with others' changes beginning anew."""
        return self.awake(at, goal=goal, reason=reason or self.reason, progress=(), **changes)

    def awake(self, at: float, **changes: object) -> Self:
        """Return the release as a person wants it carried on."""
        return attrs.evolve(self, **{"progressed_at": at, "hold": None, **changes})  # type: ignore[arg-type]

    def not_after(self, now: float) -> Self:
        """Return the release with nothing of its past after ``now``: another machine's date may be ahead of ours.

        Whoever waits for some time after such a moment would wait for as long as that date is ahead.
        """
        past = {name: min(getattr(self, name), now) for name in self.moments}
        milestones = {milestone: min(at, now) for milestone, at in self.milestones.items()}
        return attrs.evolve(
            self, milestones=milestones, deadline_at=min(self.deadline_at, now + self.terms.deadline), **past
        )

    @property
    def rests(self) -> bool:
        """Whether it was deployed, and keeps what served before, for a finish or a rollback."""
        return False

    @property
    def may_pause(self) -> bool:
        """Whether it can stand where it is for as long as a person likes, with what served before serving on."""
        return self.goal == DEPLOY and not self.rests

    @property
    def kept(self) -> str:
        """What a release that rests keeps for a rollback, in words."""
        return ""

    @property
    @abstractmethod
    def previous_image(self) -> str | None:
        """What ran before it, where anything did."""

    @property
    def can_go_back(self) -> bool:
        """Whether there is anything to go back to."""
        return self.previous_image is not None

    def as_past(self, outcome: str, ended_at: float, left: Mapping[str, str] | None = None) -> Past:
        """Return what is remembered of the release when it has ended, and what it ``left``."""
        return self.past(**self.remembered(), outcome=outcome, ended_at=ended_at, left=left or {})

    def remembered(self) -> dict[str, Any]:
        """Return what a past release has of this one; a target adds what is its own."""
        names = ("id", "image", "previous_image", "goal", "begun_at", "by", "reason", "instead_of", "asked_by")
        return {name: getattr(self, name) for name in names}

    @property
    def begun(self) -> bool:
        """Whether it may have changed anything but what names it."""
        return self.goal != DEPLOY or bool(self.milestones)

    @property
    def open(self) -> bool:
        """Whether something is still to be decided or done about it."""
        return not self.passed(RESTORED if self.goal == ROLLBACK else FINISHED)

"""A pair as the engine sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attrs import define

from bluegreen.clock import Clock
from bluegreen.flow.guards import FRESH
from bluegreen.flow.ports import NEXT_LOOK, Withheld
from bluegreen.targets.pair.at_work.cloud import Cloud, at_once
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.asleep import asked_of_the_owner
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import ROLLBACK, Release
from bluegreen.targets.pair.model.seal import is_tagged
from bluegreen.targets.pair.plans.asking import standing
from bluegreen.targets.pair.sentences.told import too_old

LONGEST = 2 * FRESH
"""Seconds that may pass between an answer and its action, for what is asked right before it and for the lease."""


@define
class PairWorld:
    """A cloud as the engine sees it: asked what counts at any rate, and what a step needs; ``sure`` before each write.

    ``seen_at`` is when a release that another run has begun was last seen to progress (POSIX seconds): the first look
    asks for what happened since. ``tagged`` says whether the groups' tags tell of the release.
    """

    cloud: Cloud
    clock: Clock
    sure: Callable[[], None] = at_once
    seen_at: float | None = None
    tagged: bool = False
    _goes_back: bool = False

    def observe(self, release: Release) -> Fleet:
        """Take one look for ``release``."""
        self._goes_back = release.goal == ROLLBACK
        asked = standing(release, self.clock.now())
        if self.seen_at is not None:
            asked = asked_of_the_owner(asked, release, self.seen_at)
        fleet = self.cloud.ask(asked)
        self.seen_at = None
        self.tagged = is_tagged(fleet, release)
        return fleet

    def more(self, fleet: Fleet, question: More) -> Fleet:
        """Return the look with what a step asks for beyond it."""
        return self.cloud.more(fleet, question)

    def act(self, action: Action) -> None:
        """Do one action, once."""
        self.cloud.act(action, partial(self._sure, self.clock.now()))

    def _sure(self, begun: float) -> None:
        """Make sure of the lease; raise ``Withheld`` where that took so long that the look is an old one.

        What brings old back is not held up by that.
        """
        self.sure()
        if self.clock.now() - begun > LONGEST and not self._goes_back:
            raise Withheld(too_old(), NEXT_LOOK)

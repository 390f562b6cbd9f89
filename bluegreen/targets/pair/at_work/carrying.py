"""How a release of a pair is carried on: by which guards, over which world, and with which seal."""

from __future__ import annotations

from functools import partial

import attrs
from attrs import define, field

from bluegreen import arguments
from bluegreen.flow import ports
from bluegreen.targets.pair.at_work.believing import Belief
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.at_work.sealing import SealedBook
from bluegreen.targets.pair.at_work.unsaid import refuse_unsaid
from bluegreen.targets.pair.at_work.way_back import WayBack
from bluegreen.targets.pair.at_work.world import PairWorld
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, Release
from bluegreen.targets.pair.plans.answers import Guard, Outcome, Plan
from bluegreen.targets.pair.plans.guards.serving import Said, when_carried_on
from bluegreen.targets.pair.plans.guards.shortened import learn_carefully
from bluegreen.targets.pair.plans.guards.switch import not_before_begun
from bluegreen.targets.pair.plans.guards.vouching import told_by_tags, when_unasked
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.pair.telling.ending import first_is_done
from bluegreen.targets.seam.target import Course, How, nothing_more


@define
class Carrying:
    """Carries on what this command has begun, and more carefully what another one has: its record is a claim."""

    looks: Looks
    belief: Belief
    way_back: WayBack
    plan: Plan
    _plan_in_use: Plan = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._plan_in_use = arguments.kind("plan", self.plan, ports.Plan)

    def course(self, book: ServiceBook, release: Release, how: How, *, urgent: bool = False) -> Course[Release, Fleet]:
        """Return how a release is carried on; raise ``Refused`` where a person has to say something again first."""
        if how is How.ASKED:
            refuse_unsaid(release, self._said(), self.looks.patchy)
        if how is How.BEGUN:
            return self._course(book, release, self.plan)
        said, kept = self._said(urgent=urgent), self.belief.fitting
        if how is not How.BACK:
            self.belief.take_up(book)
        release = attrs.evolve(not_before_begun(release.not_after(said.since), said.since), unsure_since=0.0)
        learn = partial(learn_carefully, learn=self.plan.learn, configured=self.looks.settings)
        plan = attrs.evolve(self.plan, guards=self._guards(how, said), learn=learn)
        seen_at = None if kept is None else min(kept.progressed_at, said.since)
        course = self._course(book, release, plan, seen_at=seen_at, tagged=self.belief.tagged, known=kept)
        warns = how is How.BACK and release.goal == ROLLBACK
        recorded = (lambda: self.way_back.warn_of_lacks(release)) if warns else nothing_more
        return attrs.evolve(course, recorded=recorded)

    def then(self, book: ServiceBook, outcome: Outcome) -> Course[Release, Fleet] | None:
        """Return how a first release is finished, which leaves nothing parked, once it is deployed; else ``None``."""
        if not first_is_done(outcome):
            return None
        finishing = outcome.release.toward(FINISH, self.looks.session.clock.now())
        return self._course(book, finishing, self._plan_in_use, tagged=True, known=outcome.release)

    def _guards(self, how: How, said: Said) -> tuple[Guard, ...]:
        guards = when_unasked(self.plan.guards) if how is How.UNASKED else self.plan.guards
        told = () if self.belief.told else (partial(told_by_tags, known=self.belief.fitting),)
        return when_carried_on((*guards, *told), said)

    def _course(
        self,
        book: ServiceBook,
        release: Release,
        plan: Plan,
        *,
        seen_at: float | None = None,
        tagged: bool = False,
        known: Release | None = None,
    ) -> Course[Release, Fleet]:
        release = attrs.evolve(release, without=tuple(sorted({*release.without, *self.looks.without})))
        world = PairWorld(self.looks.ground, self.looks.session.clock, book.assure, seen_at, tagged)
        owed = known is not None and self.belief.owes_a_seal
        sealed = SealedBook(book, self.looks.ground, lambda: world.tagged, known, owed=owed)
        self._plan_in_use = plan
        return Course(release=release, engine=self.looks.session.engine(world, sealed, plan), book=sealed)

    def _said(self, *, urgent: bool = False) -> Said:
        """Return what is said to this run of how many must serve, beside the record."""
        limits, now = self.looks.settings.limits, self.looks.session.clock.now()
        return Said(limits, frozenset(self.looks.without), urgent, now)

"""One service and everything that may be asked of it: the verbs, over the record, the lease and the engine.

First run, resume, cron and rehearsal all come through here; what differs is only how the release was found.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import attrs
from attrs import define

from bluegreen import arguments
from bluegreen.errors import Refused, Status
from bluegreen.flow.events import Kind
from bluegreen.flow.guards import STALE
from bluegreen.flow.ports import Plan
from bluegreen.image import checked, wanted
from bluegreen.service.answered import Parked, refuse_other, refuse_unsaid
from bluegreen.service.cloud import at_once
from bluegreen.service.door import Door
from bluegreen.service.ending import (
    Ended,
    asked_for,
    cut_off_on_the_way_back,
    ended,
    finishable,
    first_is_done,
    resting,
    taken_back_by,
    ways_on,
)
from bluegreen.service.image_check import warning_of
from bluegreen.service.leftovers import remove_leftovers
from bluegreen.service.running import Runner
from bluegreen.service.sealing import SealedBook
from bluegreen.service.stale import left_by, settled_survey
from bluegreen.targets.pair.fitness.begin import begin, examine, without_parked
from bluegreen.targets.pair.fitness.check import live_group
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MARK, ROLLBACK, Release
from bluegreen.targets.pair.plans.guards.serving import Said, when_carried_on
from bluegreen.targets.pair.plans.guards.shortened import Least, learn_carefully, not_shortened
from bluegreen.targets.pair.plans.guards.switch import begun_at, deployed_at, not_before_begun
from bluegreen.targets.pair.plans.guards.vouching import told_by_tags, when_unasked
from bluegreen.targets.pair.plans.release_tags import shown, telling
from bluegreen.targets.pair.records import Document, ServiceBook


@define(kw_only=True)
class Service(Door):
    """A configured service and everything that may be done with it."""

    # ---- the verbs ----

    def deploy(
        self, image: str, *, capacity: int | None = None, finish_first: bool = False, answered: Parked | None = None
    ) -> Ended:
        """Roll ``image`` out; it rolls itself back when it fails.

        ``capacity`` is for an empty pair; ``finish_first`` retires what an earlier release has parked, once nothing
        speaks against the new one, and no more than was ``answered`` for. The same command again carries on what was
        interrupted.
        """
        image = wanted(image)
        arguments.maybe(arguments.count, "capacity", capacity)
        self._only(answered, finish_first=finish_first)
        with self._leased(f"deploy {image}") as book:
            release = book.document.release
            self._refuse_overtaken(book, image)
            if (unsealed := self._unsealed(book)) is not None:
                return unsealed
            if release is not None and self._is_unbegun(release):
                book.close(release, "restored")
                return self._deploy(book, image, capacity)
            warned: str | None = None
            if release is not None and release.goal == DEPLOY and release.image == image and not resting(release):
                self._refuse_unsaid(release)
                return self._carry_on(book, self._awake(release), DEPLOY)
            if release is not None and taken_back_by(release, image):
                return self._carry_on(book, release.toward(ROLLBACK, self.clock.now()), ROLLBACK)
            if release is not None and finishable(release) and finish_first and release.image != image:
                self._refuse_unanswered(release, answered, f"deploy {self.name} {image} --finish-first")
                warned = self._refuse_unfit(release, image)
                if resting(release) and (needed := self._needed_yet(release)) is not None:
                    return needed
                finished = self._carry_on(book, release.toward(FINISH, self.clock.now()), FINISH)
                if finished.status is not Status.OK:
                    return finished
            return self._deploy(book, image, capacity, warned=warned)

    def rollback(self, *, urgent: bool = False) -> Ended:
        """Let old serve again; without a release under way, deploy the previous image.

        The same command again carries on such a deployment, and takes it back once it rests. ``urgent`` is for
        parked instances.
        """
        self._only(None, urgent=urgent)
        with self._leased("rollback") as book:
            release = book.document.release
            self._refuse_overtaken(book)
            if (unsealed := self._unsealed(book, back=True, urgent=urgent)) is not None:
                return unsealed
            if release is not None and release.goal == FINISH and not self._tagged:
                finished = self._carry_on(book, self._awake(release), FINISH)
                if (release := book.document.release) is not None:
                    return finished
            if release is None:
                self._fleet_of_ours(book.document)
                if (over := self._over_with_parked()) is not None:
                    return over
                image, instead_of = self._previous(book.document)
                return self._deploy(book, image, None, instead_of)
            if self._is_unbegun(release):
                return attrs.evolve(self._dropped(book, release), status=Status.OK)
            if cut_off_on_the_way_back(release):
                return self._carry_on(book, self._awake(release), DEPLOY)
            release = self._with_what_is_parked(release)
            if release.first and release.passed("moving"):
                raise Refused(
                    f"{self.name}: {release.image} is the first release, there is nothing to go back to",
                    f"`bluegreen resume {self.name}`",
                )
            back = release.toward(ROLLBACK, self.clock.now(), urgent=urgent)
            said = self._said(urgent=urgent)
            return self._carry_on(book, back, ROLLBACK, said=said, recorded=lambda: self._warn_of_lacks(back))

    def finish(self, *, keep: bool = False, answered: Parked | None = None) -> Ended:
        """Retire the parked instances; with ``keep`` they are detached and left running.

        Where a person was asked, no more is retired than was ``answered`` for.
        """
        self._only(answered, keep=keep)
        with self._leased("finish") as book:
            release = book.document.release
            self._refuse_overtaken(book)
            if (unsealed := self._unsealed(book)) is not None:
                return unsealed
            if release is None:
                self._fleet_of_ours(book.document)
                return self._nothing(book.document, f"{self.name}: nothing is parked, nothing to finish")
            self._refuse_unfinishable(release)
            found = self._refuse_unanswered(release, answered, f"finish {self.name}{' --keep' if keep else ''}")
            known = found.unserved or release.unserved
            if resting(release) and not known and (needed := self._needed_yet(release)) is not None:
                return needed
            return self._carry_on(book, release.toward(FINISH, self.clock.now(), keep=keep, unserved=known), FINISH)

    def resume(self) -> Ended:
        """Carry on what was interrupted."""
        with self._leased("resume") as book:
            release = book.document.release
            self._refuse_overtaken(book)
            if (unsealed := self._unsealed(book)) is not None:
                return unsealed
            if release is None:
                self._fleet_of_ours(book.document)
                return self._nothing(book.document, f"{self.name}: nothing was interrupted")
            if self._is_unbegun(release):
                return self._dropped(book, release)
            if resting(release):
                sentence = f"{self.name}: {release.image} serves, the old instances are parked"
                return self._resting(release, Ended(Status.OK, sentence, "", release))
            self._refuse_unsaid(release)
            return self._carry_on(book, self._awake(release), asked_for(release))

    def cleanup(self) -> Ended | None:
        """Carry on, finish what is past its time, remove leftovers, never asking; ``None`` when nothing was due.

        A release that a person has stopped, or that waits at a gate, is left alone. Nothing is retired while no new
        instance is healthy; where the owner wants none, that is no fault. Of a release that rests it is told when what
        is kept for a rollback can no longer come back.
        """
        if not self._is_due():
            return self._rotten()
        with self._leased("cleanup") as book:
            release = book.document.release
            if release is None:
                return self._leftovers(book)
            if not release.begun and abs(self.clock.now() - release.begun_at) < STALE:
                return None  # whether it has changed anything, a look does not tell yet
            if (unsealed := self._unsealed(book)) is not None:
                return unsealed
            if release.hold:
                return None
            if self._is_unbegun(release):
                return self._dropped(book, release)
            if self._is_baking(release):
                release = release.unreached("deployed")
            if self._is_ahead(release):
                SealedBook(book, self.aws, lambda: self._tagged, self._fitting).save(
                    release.not_after(self.clock.now())
                )
                return None
            if self._retires(release) and (kept := self._kept(release)) is not None:
                return kept
            if not resting(release):
                awake = attrs.evolve(release, progressed_at=self.clock.now())
                return self._carry_on(book, awake, asked_for(release), unasked=True)
            if not self._outlived(release):
                return None
            if (needed := self._needed_yet(release)) is not None:
                return needed
            return self._carry_on(book, release.toward(FINISH, self.clock.now()), FINISH, unasked=True)

    def _is_due(self) -> bool:
        """Whether a clean-up has anything to do, found out without the lease; whose tags those are is decided under it.

        Between reading the record and looking at the groups, somebody may have begun a release.
        """
        document = self._document()
        release = document.release
        if document.freeze or (release is not None and release.hold):
            return False
        if release is None:
            told = telling(self._patiently(Question(self._names)))
            return told is not None or bool(self.aws.machines_marked(MARK, f"{self.name}:"))
        if not self._fits(release):
            return True
        if self._retires(release):
            return not self._asleep(release)
        return not resting(release) or self._is_ahead(release) or self._is_baking(release)

    def _retires(self, release: Release) -> bool:
        """Whether to carry a release on means to retire what is parked."""
        return release.goal == FINISH or (resting(release) and self._outlived(release))

    def _outlived(self, release: Release) -> bool:
        now = self.clock.now()
        return now >= deployed_at(release, now, self.settings.bake) + release.keep_parked

    def _is_ahead(self, release: Release) -> bool:
        """Whether a release that rests was deployed in a time to come, by its record: it was now, at the latest."""
        return resting(release) and release.milestones["deployed"] > self.clock.now()

    def _is_baking(self, release: Release) -> bool:
        """Whether a release that rests, by its record, cannot have baked yet, as the groups' tags or the record tell.

        Then it is watched as one that bakes. The tags are looked at only while it may be so.
        """
        now = self.clock.now()
        if not resting(release) or now >= begun_at(release, now) + max(release.bake, self.settings.bake):
            return False
        told = not_shortened(self._seen(release), Least())
        return now < begun_at(release, now) + told.bake

    # ---- how they work ----

    def _deploy(
        self,
        book: ServiceBook,
        image: str,
        capacity: int | None,
        instead_of: str = "",
        warned: str | None = None,
    ) -> Ended:
        if book.document.release is not None:
            return self._already_open(book.document.release, image)
        survey = settled_survey(self._survey, self.aws, book.document, self.clock, self._wait_a_second)
        self._refuse_stranger(book.document, survey.fleet)
        if instead_of:
            self._refuse_untold(book.document, survey.fleet)
        if (live := self._runs_already(book.document, survey.fleet, image)) is not None:
            done = Ended(Status.OK, f"{self.name}: {image} serves already, nothing to do")
            other = next(name for name in self._names if name != live)
            return self._serving((live, other), image, done, book.document.history[-1].ended_at)
        asked = self._asked(image, capacity)
        release = attrs.evolve(begin(survey, asked), instead_of=instead_of)
        if warned is None:
            warned = warning_of(self.images, self.settings, image, self._meanwhile, back=bool(instead_of))
        self._heed()
        sentence = f"nothing is parked: the previous image {image} is deployed" if instead_of else f"deploying {image}"
        self._tell(Kind.BEGUN, sentence, release)
        for warning in filter(None, (*(finding.sentence for finding in examine(survey, asked)), warned)):
            self._tell(Kind.WARNED, warning, release)
        return self._carry_on(book, release, DEPLOY, begun=True)

    def _already_open(self, release: Release, image: str) -> Ended:
        if resting(release) and release.image == image:
            done = Ended(Status.OK, f"{self.name}: {image} serves already, nothing to do", "", release)
            return self._resting(release, done)
        if resting(release):
            raise Refused(
                f"{self.name}: {release.image} serves and the instances of {release.old} are still parked",
                f"`bluegreen finish {self.name}` first, or `bluegreen deploy {self.name} {image} --finish-first`",
            )
        raise Refused(
            f"{self.name}: the {release.goal} of {release.image} begun by {release.by or 'somebody'} is not over",
            ways_on(self.name, release, "carries it on"),
        )

    def _runs_already(self, document: Document, fleet: Fleet, image: str) -> str | None:
        """Return the group that serves ``image``, as the record and its tag say."""
        live, served = live_group(fleet, self._names), document.finished
        if live is None or not served or image != live.tag(self.settings.image_tag_key):
            return None
        return live.name if served[-1].image == image else None

    def _refuse_unfit(self, resting_now: Release, image: str) -> str:
        """Raise ``Refused`` when more than the parked instances speaks against ``image``; return a warning about it."""
        survey = without_parked(self._survey(), resting_now.old)
        begin(survey, self._asked(image, None))
        return warning_of(self.images, self.settings, image, self._meanwhile)

    def _refuse_overtaken(self, book: ServiceBook, image: str | None = None) -> None:
        """Raise ``Refused`` when another image was begun while this waited its turn: the older must not land last."""
        other = book.overtaken_by()
        if other is not None and other.image != image:
            raise Refused(
                f"{self.name}: {other.image} by {other.by or 'somebody'} was begun while this waited its turn",
                f"nothing was changed; `bluegreen status {self.name}` shows how it stands, ask again if it is to be",
            )

    def _refuse_unanswered(self, release: Release, answered: Parked | None, again: str) -> Parked:
        found = self._parked(release)
        if answered is not None:
            refuse_other(self.name, answered, found, f"bluegreen {again}")
        return found

    def _refuse_unsaid(self, release: Release) -> None:
        refuse_unsaid(release, self._said(), lambda: self._patiently(Question(self._names, patchy=True)))

    def _refuse_unfinishable(self, release: Release) -> None:
        if finishable(release):
            return
        raise Refused(
            f"{self.name}: the {release.goal} of {release.image} is not over, so nothing can be retired",
            f"`bluegreen resume {self.name}` first",
        )

    def _previous(self, document: Document) -> tuple[str, str]:
        image, instead_of = document.previous()
        if image is None:
            raise Refused(
                f"{self.name}: no earlier version is on record, there is nothing to go back to",
                f"`bluegreen deploy {self.name} IMAGE` with the image you want",
            )
        return checked(image, f"{self.name}: the previous image on record"), instead_of

    def _awake(self, release: Release) -> Release:
        """The release with its deadlines begun anew: a person wants it carried on, however long nobody worked on it."""
        now = self.clock.now()
        return release.awake(now, deadline_at=max(release.deadline_at, now + release.allowed))

    def _carry_on(
        self,
        book: ServiceBook,
        release: Release,
        asked: str,
        *,
        unasked: bool = False,
        begun: bool = False,
        said: Said | None = None,
        recorded: Callable[[], None] = at_once,
    ) -> Ended:
        """Run ``release`` to an end: one that this run has ``begun``, or one on record, for what is ``said``."""
        guards = when_unasked(self.plan.guards) if unasked else self.plan.guards
        said = said or self._said()
        told = () if self._tagged else (told_by_tags,)
        guards = guards if begun else when_carried_on((*guards, *told), said)
        if not begun:  # what this run has not seen to be untold moves no bake and no deadline
            release = attrs.evolve(not_before_begun(release.not_after(said.since), said.since), unsure_since=0.0)
        learn = self.plan.learn if begun else partial(learn_carefully, learn=self.plan.learn, least=self._least())
        runner = self._runner(book, attrs.evolve(self.plan, guards=guards, learn=learn), begun=begun)
        over = not release.open
        outcome = runner.run(attrs.evolve(release, without=tuple(sorted({*release.without, *self.without}))), recorded)
        if first_is_done(outcome):
            outcome = attrs.evolve(runner, tagged=True, known=outcome.release).run(
                outcome.release.toward(FINISH, self.clock.now())
            )
        if not outcome.release.open:
            word = "restored" if outcome.release.goal == ROLLBACK else "finished"
            before = book.document.history
            left = {} if outcome.fleet is None else left_by(outcome.fleet)
            runner.keep(lambda: book.close(outcome.release, word, left))
            self._history.prune(before, book.document.history)
        end = ended(self.name, asked, outcome)
        return self._closed(outcome.release, end) if over and not outcome.release.open else end

    def _said(self, *, urgent: bool = False) -> Said:
        """Return what is said to this run of how many must serve, beside the record."""
        return Said(self.settings.pace.least, frozenset(self.without), urgent, self.clock.now())

    def _least(self) -> Least:
        """Return what the configuration says of how long is waited, and for which alarms, beside the record."""
        settings = self.settings
        return Least(settings.bake, settings.healthy_for or 0.0, settings.stabilization, settings.alarms)

    def _runner(self, book: ServiceBook, plan: Plan, *, begun: bool) -> Runner:
        kept = self._fitting
        return Runner(
            cloud=self._ground,
            book=book,
            plan=plan,
            clock=self.clock,
            interval=self.settings.look_every,
            listeners=self._listeners,
            stop=self.stop,
            attended=self.attended,
            seen_at=None if begun or kept is None else min(kept.progressed_at, self.clock.now()),
            tagged=self._tagged and not begun,
            known=None if begun else kept,
        )

    def _leftovers(self, book: ServiceBook) -> Ended | None:
        fleet = self._fleet_of_ours(book.document)
        if (action := telling(fleet)) is not None:
            if (over := self._over_with_parked()) is not None:
                return over
            self.aws.act(action, book.assure)
            return Ended(Status.OK, f"{self.name}: removed tags left over from an earlier release")
        removed = remove_leftovers(self.aws, book, self._names, lambda: self._pause(self.settings.look_every))
        if removed is None:
            return None
        return Ended(Status.OK if removed.clean else Status.BLOCKED, f"{self.name}: {removed.sentence}", removed.hint)

    def _over_with_parked(self) -> Ended | None:
        """Return that what the tags tell of is over, says the record, and is not, as is seen; else ``None``."""
        if (fleet := self._seen_under_way()) is None or (told := shown(fleet, self.name)) is None:
            return None
        parked = [name for name, group in fleet.groups.items() if coming(group)]
        whose = f"of {told.image} ({told.id})"
        still = f"instances of {', '.join(parked)} are still parked" if parked else "both groups have instances"
        sentence = f"nothing is open on record, and {still}"
        return Ended(
            Status.BLOCKED,
            f"{self.name}: {sentence}; the groups' tags tell {whose}: nothing was changed",
            f"`bluegreen adopt {self.name}` takes that release into the record again; {self._unparked()}",
        )

"""An end with status 0 that no engine has just seen: said only after several looks that agree."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from bluegreen.errors import Status, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.flow.release import Release as AnyRelease
from bluegreen.image import typed, valid
from bluegreen.sentences.forms import of
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.fleet import Fleet, Question, called
from bluegreen.targets.pair.model.release import ROLLBACK, Release
from bluegreen.targets.pair.plans.asking import standing
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.sentences import told as sentences
from bluegreen.targets.pair.telling.status import Fault, Standing, can_do_without, none_parked, serves_alone, supposed
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session

PATIENCE = 300.0
"""Seconds for which a balancer that does not know, and too few healthy instances, are looked at."""

Judge = Callable[[Fleet], Standing]


@frozen
class Proof:
    """Says nothing of a pair before it was seen."""

    looks: Looks

    @property
    def _session(self) -> Session:
        return self.looks.session

    @property
    def _name(self) -> str:
        return self.looks.session.name

    def resting(self, release: Release, ended: Ended) -> Ended:
        """Return ``ended`` when the release serves alone, else what is wrong and what a person can do about it."""
        since = max(release.milestones.values())
        found = self._agreed(lambda fleet: serves_alone(self.looks.at(fleet, release)), since, release)
        return ended if found.stands else self._fault(found, self._way_out(found, release), release)

    def serving(self, sides: tuple[str, str], image: str | None, ended: Ended, since: float) -> Ended:
        """Return ``ended`` when, with no release open, the first of ``sides`` serves ``image`` alone."""
        key = self.looks.settings.image_tag_key
        found = self._agreed(lambda fleet: serves_alone(supposed(fleet, sides, image, key)), since)
        return ended if found.stands else self._fault(found, self._way_on(found, sides, image), ended.release)

    def nothing(self, document: Document, ended: Ended) -> Ended:
        """Return ``ended``, that there is nothing to do; what is parked though no release is open is not nothing."""
        since = document.history[-1].ended_at if document.history else 0.0
        found = self._agreed(none_parked, since)
        return ended if found.stands else self._fault(found, self.unparked(), None)

    def closed(self, release: Release, ended: Ended) -> Ended:
        """Return ``ended``, the end of a release that was over before anybody looked, when the pair shows it."""
        since = max(release.milestones.values())
        if release.goal != ROLLBACK:
            return self.serving((release.new, release.old), release.image, ended, since)
        if release.first:
            return ended
        return self.serving((release.old, release.new), release.picture.old.image, ended, since)

    def needed_yet(self, release: Release) -> Ended | None:
        """Return why what a resting release keeps parked may not go yet; ``None`` once a look says that it can.

        Asked before anything is put on record: what cannot be finished stays a deployment, with its way back.
        """

        def judge(fleet: Fleet) -> Standing:
            return can_do_without(self.looks.at(fleet, release))

        if self._judged(judge, release, release.terms.alarms).stands:
            return None
        found = self._agreed(judge, max(release.milestones.values()), release, release.terms.alarms)
        return None if found.stands else self._fault(found, self._way_out(found, release), release)

    # ---- looks that agree ----

    def _agreed(
        self, judge: Judge, since: float, release: Release | None = None, alarms: tuple[str, ...] = ()
    ) -> Standing:
        """Return what several looks in a row say; what speaks against a change of ``since`` may be a look before it.

        Raise ``Unreachable``, naming the balancer, when it is not known in the end.
        """
        began, until = self._session.clock.now(), self._session.clock.monotonic() + PATIENCE
        before, agreed = Standing(Fault.UNKNOWN), 0
        while True:
            taken, found = self._session.clock.now(), self._judged(judge, release, alarms)
            agreed = agreed + 1 if found.fault is before.fault else 1
            believed = found.stands or (not found.open and taken >= min(since, began) + STALE)
            if agreed >= AGREEING and believed:
                return found
            if self._session.clock.monotonic() >= until:
                return self._at_last(found)
            if not found.stands:
                self._session.tell(EventKind.WAITING, found.fact)
            before = found
            self._session.pause_between_looks()

    def _judged(self, judge: Judge, release: Release | None, alarms: tuple[str, ...] = ()) -> Standing:
        metrics = () if release is None else standing(release, self._session.clock.now()).metrics
        asked = Question(self.looks.names, patchy=True, alarms=alarms, metrics=metrics)
        try:
            return judge(self.looks.cloud.ask(asked).without(self.looks.without))
        except Unreachable as error:
            return Standing(Fault.UNKNOWN, error.message)

    def _at_last(self, found: Standing) -> Standing:
        if found.fault is not Fault.UNKNOWN and not found.stands:
            return found
        who = [called(one) for one in found.balancers]
        raise Unreachable(
            of(self._name, sentences.not_agreed(found.fact, PATIENCE, who)),
            f"look at the load balancer, then ask again; `bluegreen status {self._name}` shows what is known",
        )

    # ---- what a person can do ----

    def _fault(self, found: Standing, hint: str, release: AnyRelease | None) -> Ended:
        return Ended(Status.BLOCKED, of(self._name, sentences.unchanged(found.fact)), hint, release)

    def _way_out(self, found: Standing, release: Release) -> str:
        """Return what helps where a release rests."""
        back, old = f"`bluegreen rollback {self._name}`", release.old
        match found.fault:
            case Fault.TAG:
                return hints.tagged(
                    release.new, release.terms.image_tag_key, release.image, release.picture.new.propagate
                )
            case Fault.OTHER:
                again = f"`bluegreen deploy {self._name} {release.image}` then rolls it out again"
                return f"{back} ends the release of {release.image} with {old} serving; {again}"
            case Fault.BOTH:
                return (
                    f"{back} goes back to {old}, `bluegreen finish {self._name}` retires it and keeps {release.image}"
                )
            case Fault.CUT_OFF:
                return f"{found.ways}; or {back} goes back to {old}"
        return f"{back} goes back to {old}"

    def _way_on(self, found: Standing, sides: tuple[str, str], image: str | None) -> str:
        """Return what helps with no release open."""
        if found.fault is Fault.TAG:
            return hints.tagged(sides[0], self.looks.settings.image_tag_key, image or "", True)
        if found.fault is Fault.BOTH:
            return f"`bluegreen check {self._name}` says how one of both is emptied"
        if found.fault is Fault.OTHER:
            return f"`bluegreen deploy {self._name} {typed(image)}` rolls it out again"
        before = self._session.read().previous()[0]
        back = f"`bluegreen rollback {self._name}` deploys {before}; " if before and valid(before) else ""
        return f"{back}`bluegreen deploy {self._name} IMAGE` rolls out one that gets well"

    def unparked(self) -> str:
        """Return how instances in Standby that no release explains come back, or go."""
        groups = self.looks.groups().groups.values()
        parked = [group for group in groups if group.parked]
        ways = (f"bring them back with {hints.returned(g)}, or end them with {hints.let_go(g)}" for g in parked)
        elsewhere = "if another record has the release, use that one (`state`, --state); otherwise "
        return elsewhere + ("; ".join(ways) or "wait until they are in Standby, and ask again")

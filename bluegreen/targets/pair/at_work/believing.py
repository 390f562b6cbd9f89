"""A record that does not fit its seal: whatever it says, what is parked can come back; the rest is a person's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

import attrs
from attrs import define, field

from bluegreen.errors import BluegreenError, Denied, Interrupted, Misconfigured, Refused, Status, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.flow.release import BY_HAND
from bluegreen.flow.sound import stamp
from bluegreen.sentences.forms import of
from bluegreen.targets.pair.at_work.cloud import Cloud, at_once
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.at_work.sealing import SealedBook
from bluegreen.targets.pair.at_work.taking_up import TakingUp
from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, Hold, Release
from bluegreen.targets.pair.model.seal import (
    fits_as_it_is,
    fits_seal,
    is_of_a_held_one,
    is_tagged,
    leaves_behind,
    seal,
    sealed_as,
    seals_told,
    told_of,
    turned,
)
from bluegreen.targets.pair.plans.rescue import for_rescue, rescue_plan
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.pair.release_tags.told import in_charge_instead
from bluegreen.targets.pair.sentences import told
from bluegreen.targets.pair.telling.ending import ended, ways_on
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.standing import asked_for, cut_off_on_the_way_back
from bluegreen.words import sentences


@define
class RowsAlone:
    """A cloud of which nothing is asked that a record decides; ``book`` is asked before each write."""

    cloud: Cloud
    groups: tuple[str, str]
    book: ServiceBook

    def observe(self, _: Release) -> Fleet:
        """Take one look at both groups."""
        return self.cloud.ask(Question(self.groups, patchy=True))

    def more(self, fleet: Fleet, question: More) -> Fleet:
        """Return the look as it is: no step of a rescue asks for more."""
        return fleet

    def act(self, action: Action) -> None:
        """Do one action, once."""
        self.cloud.act(action, self.book.assure)


@define
class Belief:
    """Whether a record fits its seal: one that does not is carried on by nobody.

    ``fitting`` is the release that was found to fit, ``tagged`` whether the groups' tags told of it, or of any seal,
    ``told`` whether they named it, or had its seal, ``is_anothers`` whether they say that another record has it.
    ``is_over`` says of a finish, also of one that was turned in a silence, that, in all looks, they did not, none was
    parked, and its old group was empty.
    """

    looks: Looks
    fitting: Release | None = field(default=None, init=False)
    tagged: bool = field(default=False, init=False)
    told: bool = field(default=False, init=False)
    is_anothers: bool = field(default=False, init=False)
    is_over: bool = field(default=False, init=False)
    _taken_up: bool = field(default=False, init=False)
    _seals: frozenset[str] = field(default=frozenset(), init=False)

    @property
    def _session(self) -> Session:
        return self.looks.session

    def believed(self, book: ServiceBook, *, back: bool = False, urgent: bool = False) -> Release | Ended | None:
        """Return the open release where it fits its seal, or has none; how it ended where it does not.

        What is parked comes back where a person asks for that (``back``), or where it is needed. That it was asked for
        is put on record while AWS does not answer, and waits for that all the same. Where AWS refuses, or shows no such
        groups, the record is as before.
        """
        self.fitting = release = book.document.release
        if release is None:
            return None
        silent = partial(self._put_back_on_record, book, release, urgent) if back else at_once
        try:
            fleet = self._no_seal_fits(release, silent)
        except (Denied, Misconfigured, Refused) as error:
            self._as_before(book, release, error)
            raise
        except Unreachable as error:
            self._tell_of_the_record(release, error)
            raise
        except Interrupted as stopped:
            if self.fitting is release:
                raise
            return self._stopped(book, release, stopped)
        if fleet is not None:
            return self.rescued(book, release, fleet, back=back)
        if self.is_over:
            self._save(book, self._finishing(release))
        elif (goes_back := turned(release, self._seals, self._session.clock.now())) is not None:
            self._session.tell(EventKind.WARNED, told.goes_back(release.image), goes_back)
            self._save(book, goes_back)
        if self.owes_a_seal and not back and not self.is_of_a_held_one:
            self.take_up(book)
        if back or not self.is_of_a_held_one:
            self._put_what_is_owed(book)
        return self.fitting

    def take_up(self, book: ServiceBook) -> None:
        """Make sure, once a command, that the record fits an answer that is not an old one; raise ``Refused`` if not.

        Where the groups' tags do not name the release, or say that another record has it, nothing is written.
        """
        if self.fitting is not None and self.told and not self.is_anothers and not self._taken_up:
            self._seals, self._taken_up = TakingUp(self.looks).sure(book, self.fitting), True

    def _finishing(self, release: Release) -> Release:
        """Return the finish that a release is: nothing is left to come back, though that was asked for in a silence."""
        return release if release.goal == FINISH else release.toward(FINISH, self._session.clock.now())

    def _put_what_is_owed(self, book: ServiceBook) -> None:
        """Put the seal of what goes back, is held, or keeps, alone, where a run that was cut off did not."""
        if self.fitting is not None and self.owes_a_seal:
            sealed = SealedBook(book, self.looks.ground, lambda: True, self.fitting, owed=True)
            sealed.put_alone()
            self._seals = self._seals if sealed.owed else frozenset({seal(self.fitting)})

    def rescued(self, book: ServiceBook, release: Release, fleet: Fleet, *, back: bool) -> Ended:
        """Bring back what is parked, by AWS's rows alone; return how that ended."""
        world = RowsAlone(self.looks.ground, self.looks.names, book)
        engine = self._session.engine(world, book, rescue_plan(asked=back, since=self._session.clock.now()))
        return ended(self._session.name, asked_for(release), engine.run(for_rescue(release, fleet)))

    # ---- while AWS is silent ----

    def _put_back_on_record(self, book: ServiceBook, release: Release, urgent: bool) -> None:
        """Let the record say that the release goes back: that fits a seal as the release did, and is no word for it."""
        said = self.fitting is not release
        if not said and release.begun and not release.first and not cut_off_on_the_way_back(release):
            back = release.toward(ROLLBACK, self._session.clock.now(), urgent=urgent)
            self._save(book, sealed_as(back, release, goal=back.goal, urgent=urgent, hold=None))

    def _save(self, book: ServiceBook, release: Release) -> None:
        """Let the record say ``release``, where it says something else."""
        if self.fitting is not release:
            book.save(release)
            self.fitting = release

    def _as_before(self, book: ServiceBook, release: Release, error: BluegreenError) -> None:
        """Let the record say what it said before; where it cannot be written, let ``error`` say so."""
        try:
            self._save(book, release)
        except Unreachable:
            self._tell_of_the_record(release, error)

    def _tell_of_the_record(self, release: Release, error: BluegreenError) -> None:
        """Let ``error`` say what was put on record while AWS was silent, and how that is kept from being done."""
        if self.fitting is release:
            return
        name, stopped = self._session.name, release.hold is not None
        error.message = told.back_on_record(error.message, release.image, stopped)
        if stopped:
            return
        stays = f"`bluegreen lock {name} --reason TEXT` keeps everybody from that"
        error.hint = sentences((*error.hint.split("\n"), ways_on(name, self.fitting or release), stays))

    def _stopped(self, book: ServiceBook, release: Release, stopped: Interrupted) -> Ended:
        """Return that a person stopped it; cron leaves it alone then, as it does what was stopped in a run."""
        session, back = self._session, self.fitting or release
        if session.attended and stopped.status is Status.INTERRUPTED:
            self._save(book, attrs.evolve(back, hold=Hold(book.who, BY_HAND, session.clock.now())))
        sentence = of(session.name, told.stopped_on_record(release.image, release.hold is not None))
        return Ended(stopped.status, sentence, ways_on(session.name, back), self.fitting)

    @property
    def is_of_a_held_one(self) -> bool:
        """Whether the record says that a release goes back, and the seal that a person has stopped it."""
        return self.fitting is not None and is_of_a_held_one(self.fitting, self._seals)

    @property
    def owes_a_seal(self) -> bool:
        """Whether the tags have seals of before, and the release goes back, is held, or keeps: a run was cut off.

        So it is where they name the release and have no seal: a person has taken it off, or an older version began it.
        """
        release, unsealed = self.fitting, self.told and not self._seals and not self.is_anothers
        return release is not None and (unsealed or _is_owed(release, self._seals))

    def is_unbegun(self, release: Release) -> bool:
        """Whether no tag tells of a release that has changed nothing: tags come first, and without them it is nobody's.

        It is asked behind :meth:`believed`.
        """
        return not (self.told or release.begun)

    def _no_seal_fits(self, release: Release, silent: Callable[[], None]) -> Fleet | None:
        """Return a look in which no tag has the record's seal, once none can be an older one; else ``None``.

        Nor may a look in which no tag tells of anything be an older one, where the release is young.
        """
        end, untold, self.is_over = self._session.clock.monotonic() + STALE, 0, _was_to_finish(release)
        while True:
            fleet = self.looks.through_silence(silent)
            self._seals = seals = seals_told(fleet)
            self.tagged = is_tagged(fleet, release)
            self.told = told_of(fleet, release)
            self.is_anothers = in_charge_instead(fleet, release) is not None
            self.is_over = self.is_over and not (self.told or _is_left(fleet, release))
            if fits_seal(release, seals) if seals else self.told:
                return None
            untold = 0 if seals else untold + 1
            if self._session.clock.monotonic() >= end or (untold >= AGREEING and not self._is_young(release)):
                return fleet if seals else None
            if not seals:
                self._session.tell(EventKind.WAITING, told.looked_for_again(release.goal, release.image))
            self._session.pause_between_looks()

    def _is_young(self, release: Release) -> bool:
        """Whether the release may have changed something that AWS does not show yet."""
        moments = (release.begun_at, release.progressed_at, *release.milestones.values(), stamp(release.id) or 0.0)
        now = self._session.clock.now()
        return any(abs(now - one) < STALE for one in moments)

    def fits(self, release: Release) -> bool:
        """Whether one look shows the seal of the record, or none, and not that it goes back by now."""
        return fits_as_it_is(release, seals_told(self.looks.patchy()))

    def is_left_alone(self, release: Release) -> bool:
        """Whether nothing is to be done for a release that is held, as one look shows, or as none can.

        Something is where the tags tell another seal beside its own: it goes back by now, or its hold is not sealed.
        """
        with contextlib.suppress(Denied, Misconfigured, Refused, Unreachable):
            seals = seals_told(self.looks.patchy())
            return not (fits_seal(release, seals) and _is_owed(release, seals))
        return True


def _is_owed(release: Release, seals: frozenset[str]) -> bool:
    """Whether the tags have seals of before, and the release goes back, is held, or keeps what it detaches."""
    return bool(leaves_behind(release) and seals - {seal(release)})


def _is_left(fleet: Fleet, release: Release) -> bool:
    """Whether any instance is parked, or the release's old group has one at all."""
    return bool(fleet.groups[release.old].staying or any(map(coming, fleet.groups.values())))


def _was_to_finish(release: Release) -> bool:
    """Whether a release is a finish, or one that was turned and has brought nothing back yet."""
    brings = release.returns or release.passed("back")
    return release.goal == FINISH or (release.passed("retiring") and not brings)

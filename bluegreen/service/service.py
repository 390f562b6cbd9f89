"""One service and everything that may be asked of it: over a session, its record and lease, and what it runs on.

First run, resume, cron and rehearsal all come through here; what differs is only how the release was found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs
from attrs import define, field

from bluegreen import arguments
from bluegreen.errors import BluegreenError, Status, Usage
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import STALE
from bluegreen.flow.release import DEPLOY, FINISH, FINISHED, PAUSED, RESTORED, ROLLBACK, Hold, Release
from bluegreen.flow.requests import may_go_back
from bluegreen.flow.snapshot import Snapshot
from bluegreen.flow.stages import stage_of
from bluegreen.flow.usual import RELEASES, Usual, usual
from bluegreen.image import checked, wanted
from bluegreen.record.book import ServiceBook, in_force
from bluegreen.record.document import Document, of_kind
from bluegreen.record.history import Entry, chosen, entries, read
from bluegreen.sentences import verbs
from bluegreen.sentences.elsewhere import is_paused, nothing_under_way
from bluegreen.sentences.flow import deploys, goes_on
from bluegreen.sentences.forms import of
from bluegreen.service import by_hand
from bluegreen.service.elsewhere import Elsewhere
from bluegreen.service.hearing import apart
from bluegreen.service.image_check import Images, findings, registries, warning_of
from bluegreen.service.recalled import recalled, since, was_taken_back
from bluegreen.service.refusals import (
    not_an_instance,
    not_before_it_is_over,
    not_under_way,
    nothing_before,
    refuse_another,
    refuse_deployed,
    refuse_open,
    refuse_overtaken,
    refuse_unfinishable,
    served,
    too_late_to_pause,
)
from bluegreen.service.running import Runner
from bluegreen.service.sweeping import note_sweep, with_sweeps
from bluegreen.service.unaccused import unaccused
from bluegreen.targets.seam.answered import Parked, refuse_other
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.finding import REFUSED, Finding
from bluegreen.targets.seam.foreign import refuse_other_service
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.standing import asked_for, cut_off_on_the_way_back, finishable, taken_back_by
from bluegreen.targets.seam.target import Adoptable, AnyTarget, How, Kind
from bluegreen.targets.seam.why import Link, Why
from bluegreen.targets.seam.wish import Wish

TRIES = 5
"""Looks of one status at most, while a command writes the record beside it; the last record is newer than its look."""

EXPLAINED = 5
"""Releases that were taken back of which a history says why: each is a read of its events."""

Seen = TypeVar("Seen")


@define
class Service:
    """A configured service and everything that may be done with it; ``kind`` says what it runs on.

    A part that cannot do its work, and a wrong argument of a verb, is ``Usage``, before anything is done.
    """

    session: Session
    kind: Kind
    images: Images = field(factory=registries)
    target: AnyTarget = field(init=False)

    def __attrs_post_init__(self) -> None:
        arguments.kind("session", self.session, Session)
        arguments.kind("kind", self.kind, Kind)
        arguments.able("images", self.images, "holds")
        self.session.listeners = apart(self.session.listeners)
        self.target = self.kind.build(self.session)

    @property
    def name(self) -> str:
        """The service's name in the configuration."""
        return self.session.name

    # ---- the verbs ----

    def deploy(
        self,
        image: str,
        *,
        capacity: int | None = None,
        finish_first: bool = False,
        again: bool = False,
        answered: Parked | None = None,
    ) -> Ended:
        """Roll ``image`` out; it rolls itself back when it fails.

        With ``again`` also where it serves already, as after a new launch template, and with no release open.
        ``capacity`` is for a service of which nothing runs; ``finish_first`` retires what an earlier release has
        parked, once nothing speaks against the new one, and no more than was ``answered`` for. The same command again
        carries on what was interrupted.
        """
        size = arguments.maybe(arguments.count, "capacity", capacity)
        wish = Wish(image=wanted(image), capacity=size, again=arguments.flag("again", again))
        self._look_at(answered, finish_first=finish_first)
        with self._leased(f"deploy {image}") as book:
            refuse_overtaken(book, image)
            if isinstance(release := self.target.believed(book), Ended):
                return release
            if release is None:
                return self._begin(book, wish)
            if self.target.is_unbegun(release):
                book.close(release, "restored")
                return self._begin(book, wish)
            if again and not (finish_first and finishable(release)):
                raise not_before_it_is_over(release, image, self.target.ways_on(release, "carries it on"), again=True)
            if release.goal == DEPLOY and release.image == image and not release.rests:
                return self._carry_on(book, self._awake(release), DEPLOY)
            if taken_back_by(release, image):
                return self._carry_on(book, release.toward(ROLLBACK, self.session.clock.now()), ROLLBACK)
            if not (finish_first and finishable(release) and (again or release.image != image)):
                return self._already_open(release, image)
            self._refuse_unanswered(release, answered, f"deploy {self.name} {image} --finish-first")
            warned = self._refuse_unfit(release, wish)
            if release.rests and (needed := self.target.needs_yet(release)) is not None:
                return needed
            finished = self._carry_on(book, self.target.finishing(release), FINISH)
            return finished if finished.status is not Status.OK else self._begin(book, wish, warned)

    def rollback(self, *, urgent: bool = False, to: str | None = None) -> Ended:
        """Let old serve again; without a release under way, deploy the previous image.

        The same command again carries on such a deployment, and takes it back once it rests. ``urgent`` is for
        parked instances. ``to`` is the image to go back to, or a release that brought it up (its id, or the end of it):
        of those that have served by this record.
        """
        self._look_at(None, urgent=urgent)
        arguments.maybe(arguments.text, "to", to)
        with self._leased("rollback" if to is None else f"rollback to {to}") as book:
            refuse_overtaken(book)
            image = None if to is None else served(book.document, to)
            if image is not None:
                refuse_another(book.document.release, image)
            if isinstance(release := self.target.believed(book, back=True, urgent=urgent), Ended):
                return release
            if release is not None and self.target.is_past_return(release):
                finished = self._carry_on(book, self._awake(release), FINISH)
                if (release := book.document.release) is not None:
                    return finished
            if release is None:
                return self._deploy_previous(book, image)
            if self.target.is_unbegun(release):
                return attrs.evolve(self._dropped(book, release), status=Status.OK)
            if cut_off_on_the_way_back(release):
                return self._carry_on(book, self._awake(release), DEPLOY, How.BACK)
            back = self.target.back(release, urgent=urgent)
            if release.goal != ROLLBACK:
                back = attrs.evolve(back, asked_by=self.session.who)
            return self._carry_on(book, back, ROLLBACK, How.BACK, urgent=urgent)

    def pause(self, why: str = "") -> Ended:
        """Leave a deployment where it stands, the version before serving on, until somebody carries it on.

        A run that is at work on it is asked to, wherever it is, and waited for.
        """
        arguments.text("why", why)
        document = self._document()
        if (release := document.release) is None:
            raise not_under_way(self.name)
        refuse_deployed(release, "pause")
        if release.hold is not None:
            sentence = f"the {release.goal} of {release.image} is stopped already, by {release.hold.who}"
            return Ended(Status.OK, of(self.name, sentence), self.target.ways_on(release), release)
        if not release.may_pause:
            raise too_late_to_pause(release)
        run = self._run_at_work(document)
        if run is not None and (asked := run.pause(release, why)) is not None:
            return asked
        with self._leased("pause") as book:
            refuse_overtaken(book)
            if isinstance(found := self.target.believed(book), Ended):
                return found
            if found is None:
                raise not_under_way(self.name)
            if not found.may_pause:
                raise too_late_to_pause(found)
            book.hold(Hold(self.session.who, why or PAUSED, self.session.clock.now()))
            with contextlib.suppress(BluegreenError):
                self.target.believed(book)  # what AWS is told of the hold is put now, or by whoever looks next
            return Ended(Status.OK, of(self.name, is_paused(found.image)), self.target.ways_on(found), found)

    def abort(self, why: str = "") -> Ended:
        """Take back a deployment that is not over yet: as :meth:`rollback`, which never deploys an older image here.

        A run that is at work on it is asked to, wherever it is, and followed to the end.
        """
        arguments.text("why", why)
        document = self._document()
        if (release := document.release) is None:
            return Ended(Status.OK, of(self.name, nothing_under_way()))
        refuse_deployed(release, "abort")
        run = self._run_at_work(document) if may_go_back(release) else None
        if run is not None and (asked := run.back(release, why)) is not None:
            return asked
        return self.rollback()

    def _run_at_work(self, document: Document[Release]) -> Elsewhere | None:
        """Return the run that holds the lease, by a record; ``None`` where none does."""
        if in_force(document.lease, self.session.clock.now()) is None:
            return None
        return Elsewhere(self.session, self._book(), self._document)

    def finish(self, *, keep: bool = False, answered: Parked | None = None) -> Ended:
        """Retire the parked instances; with ``keep`` they are detached and left running.

        Where a person was asked, no more is retired than was ``answered`` for.
        """
        self._look_at(answered, keep=keep)
        with self._leased("finish") as book:
            refuse_overtaken(book)
            if isinstance(release := self.target.believed(book), Ended):
                return release
            if release is None:
                return self._nothing(book.document, verbs.nothing_to_finish())
            refuse_unfinishable(release)
            found = self._refuse_unanswered(release, answered, f"finish {self.name}{' --keep' if keep else ''}")
            known = found.unserved
            if release.rests and (needed := self.target.needs_yet(release, unserved=known)) is not None:
                return needed
            return self._carry_on(book, self.target.finishing(release, keep=keep, unserved=known), FINISH)

    def resume(self) -> Ended:
        """Carry on what was interrupted."""
        with self._leased("resume") as book:
            refuse_overtaken(book)
            if isinstance(release := self.target.believed(book), Ended):
                return release
            if release is None:
                return self._nothing(book.document, verbs.nothing_to_resume())
            if self.target.is_unbegun(release):
                return self._dropped(book, release)
            if release.rests:
                sentence = of(self.name, verbs.rests(release.image, release.kept))
                return self.target.rests(release, Ended(Status.OK, sentence, "", release))
            return self._carry_on(book, self._awake(release), asked_for(release))

    def cleanup(self) -> Ended | None:
        """Carry on, finish what is past its time, remove leftovers, never asking; ``None`` when nothing was due.

        A release that a person has stopped, or that waits at a gate, is left alone. Nothing is retired while no new
        instance is healthy; where the owner wants none, that is no fault. Of a release that rests it is told when what
        is kept for a rollback can no longer come back.
        """
        document = self._document()
        note_sweep(self.session, document)
        if document.freeze or not self.target.is_due(document):
            return self.target.rotten(self._document())
        with self._leased("cleanup") as book:
            latest = book.document.release
            if latest is not None and not latest.begun and abs(self.session.clock.now() - latest.begun_at) < STALE:
                return None  # whether it has changed anything, a look does not tell yet
            if isinstance(release := self.target.believed(book), Ended):
                return release
            if release is None:
                return self.target.tidy(book)
            if release.hold:
                return None
            if self.target.is_unbegun(release):
                return self._dropped(book, release)
            went = self.target.unasked(book, release)
            if went is None or isinstance(went, Ended):
                return went
            return self._carry_on(book, went, asked_for(went), How.UNASKED)

    # ---- what can be asked without changing anything ----

    def status(self) -> Snapshot:
        """Return what serves, what is parked, what is missing and how fast a rollback would be.

        A command may be at work: what it has written between the record and the look would seem to be somebody else's.
        So the record is read again behind the look, and both once more where it tells of something new. Where it always
        does, it is said who is at work, and nobody is accused.
        """
        document, look, settled = self._with_its_record(self.target.look)
        seen = self.target.snapshot(document, look)
        return with_sweeps(self.session, seen if settled else unaccused(seen))

    def why(self, instance: str = "", *, release: str = "", console: bool = False) -> Why:
        """Return why instances are not healthy, or one ``instance``, by its id or the end of it.

        Where all is well, or the instance is gone, it is what was kept of the last release, if that was taken back;
        with ``release``, an id, its end or an image, what was kept of that one. Raise ``Usage`` for what there is not.
        With ``console`` the end of the serial console is there, of the first instance that is told of.
        """
        found = self._why(instance, release)
        if not arguments.flag("console", console) or not found.instances:
            return found
        return attrs.evolve(found, console=self.target.console(found.instances[0].id))

    def _why(self, instance: str, release: str) -> Why:
        word = arguments.maybe(arguments.text, "instance", instance or None) or ""
        past = self._entry(arguments.text("release", release)) if release else None
        if past is not None and past.ended_at is not None:
            return self._whole(word, self._recalled(past, word))
        found = self._with_its_record(lambda document: self.target.why(document, word, self._since(document)))[1]
        last = next(reversed(self.history()), None)
        if last is None or not was_taken_back(last) or (found.instances or (found.cause.link is not Link.NOTHING)):
            return self._whole(word, found)
        kept = self._recalled(last, word)
        return self._whole(
            word, kept if kept.instances or (kept.cause.link is not Link.NOTHING and not word) else found
        )

    def _entry(self, word: str) -> Entry:
        entry = chosen(self.history(), word)
        if entry is None:
            raise Usage(of(self.name, verbs.no_such_release(word)), f"`bluegreen history {self.name}` lists them")
        return entry

    def _since(self, document: Document[Release]) -> dict[str, float]:
        """Return since when instances of the open release are as they are, as far as its history says so."""
        release = document.release
        return {} if release is None else since(read(self.session.store.events(self.name, release.id)))

    def _recalled(self, past: Entry, word: str) -> Why:
        return recalled(self.name, past, self.events(past), word)

    def _whole(self, word: str, found: Why) -> Why:
        if word and not found.instances:
            raise not_an_instance(self.name, word, found.known)
        return found

    def check(self) -> tuple[Finding, ...]:
        """Return everything that is refused or warned of before a deployment; a command may be at work, as above."""
        document, found, _ = self._with_its_record(self.target.check)
        images = findings(self.images, self.session.settings, found.serves, self.session.heed)
        return (*self._still_open(document), *found.findings, *images)

    def _still_open(self, document: Document[Release]) -> Iterator[Finding]:
        if (release := document.release) is not None:
            sentence = verbs.still_open(release.goal, release.image, release.by)
            yield Finding(REFUSED, sentence, f"`bluegreen status {self.name}` shows how it stands")

    def diff(self) -> Any:
        """Return both sides, side by side; raise ``Refused`` for what this tool cannot serve."""
        return self._with_its_record(self.target.compare)[1]

    def history(self) -> tuple[Entry, ...]:
        """Return the releases on record, oldest first, the open one last."""
        return entries(self._document())

    def causes(self) -> dict[str, str]:
        """Return what was kept of why the last releases that were taken back were not healthy, by their ids."""
        back = [past for past in self.history() if was_taken_back(past) and past.ended_at is not None][-EXPLAINED:]
        found = {past.id: self._recalled(past, "") for past in back}
        told = {key: one.cause for key, one in found.items() if one.cause.link not in (Link.NOTHING, Link.TURNED)}
        return {key: cause.sentence for key, cause in told.items()}

    def events(self, entry: Entry) -> tuple[dict[str, Any], ...]:
        """Return what happened in one release, oldest first; nothing when its events were not kept."""
        return read(self.session.store.events(self.name, arguments.kind("entry", entry, Entry).id))

    def told(self, release: str) -> tuple[Mapping[str, object], ...]:
        """Return what has happened so far in the release of an id, oldest first."""
        return read(self.session.store.events(self.name, arguments.text("release", release)))

    def usual(self, goal: str) -> Usual:
        """Return how long a run with a ``goal`` takes, by the last ones that ended well, as far as they can be read.

        It reads the record, and the events of five releases at most: for people, nothing decides by it.
        """
        well = RESTORED if arguments.text("goal", goal) == ROLLBACK else FINISHED
        with contextlib.suppress(BluegreenError):
            known = entries(self.session.read())  # beside a run: no guard learns of this reading
            ended = [one for one in known if one.outcome == well or (one.rests and goal == DEPLOY)]
            return usual((self.events(one) for one in ended[-RELEASES:]), goal)
        return Usual()

    def previous_image(self) -> str | None:
        """Return the image that a rollback with nothing parked would deploy."""
        return self._document().previous()[0]

    def open_release(self) -> Release | None:
        """Return the release that the record has open, if any."""
        return self._document().release

    def parked(self) -> Parked:
        """Return what the open release keeps parked for a rollback: what a person is asked about before it goes."""
        release = self.open_release()
        return Parked() if release is None else self.target.kept(release)

    def outage(self) -> str:
        """Return for how long nothing would serve in a deployment that begins now; nothing where something does."""
        return "" if self.open_release() is not None else self.target.outage()

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Do without the balancers called ``names``; return how many instances are healthy in each, by its name.

        Raise ``Refused`` for a name that is none of the service's.
        """
        return self.target.set_aside(arguments.texts("names", names))

    # ---- the record, by hand ----

    def lock(self, why: str) -> Ended:
        """Lock the service by hand: nothing is begun, by people or by cron, until somebody unlocks it."""
        return by_hand.lock(self._book(), self._document, arguments.text("why", why))

    def unlock(self) -> Ended:
        """Take the lock by hand off, whoever put it on."""
        return by_hand.unlock(self._book())

    def adoptable(self) -> Adoptable[Release]:
        """Return what `adopt` would take into the record; raise ``Refused`` when it would."""
        document = self._document()
        refuse_open(document)
        return self.target.adoptable(document)

    def adopt(self, *, answered: Iterable[str] | None = None) -> Ended:
        """Take the release that AWS tells of into this record, which has none open.

        Where a person was asked about the instances that carry its mark, no others are listed than ``answered``. It is
        held until a person decides what becomes of it.
        """
        answered = arguments.maybe(arguments.texts, "answered", answered)
        with self._leased("adopt") as book:
            refuse_open(book.document)
            found = self.target.adoptable(book.document)
            return by_hand.adopt(self.target, book, found, answered)

    def closable(self) -> Release | None:
        """Return the release that the record has open, whatever has become of its target: what `close` would end."""
        document = of_kind(self.session.read(), self.kind.record)
        refuse_other_service(document, self.name)
        return document.release

    def close(self, why: str, *, answered: Release | None = None) -> Ended:
        """End the open release on record alone, for the reason ``why``; AWS is only told that it is closed.

        Where a person was asked, it is the release that was ``answered`` for, as it stood.
        """
        arguments.text("why", why)
        arguments.kind("answered", answered, Release | None)
        with self._leased("close", lambda document: refuse_other_service(document, self.name)) as book:
            return by_hand.close(self.session, self.target, book, why, answered)

    # ---- the record, and its lease ----

    def _document(self) -> Document[Release]:
        """Return the record as it is now; an empty one where there is none. One of something else is ``Refused``."""
        document = of_kind(self.session.read(), self.kind.record)
        self._recognise(document)
        return document

    def _recognise(self, document: Document[Release]) -> None:
        refuse_other_service(document, self.name)
        self.target.recognise(document)

    def _book(self, recognise: Callable[[Document[Release]], None] | None = None) -> ServiceBook[Release]:
        return ServiceBook(
            store=self.session.store,
            service=self.name,
            kind=self.kind.record,
            clock=self.session.clock,
            who=self.session.who,
            process=self.session.process,
            recognise=recognise or self._recognise,
            place=lambda: self.target.place,
        )

    def _leased(self, why: str, recognise: Callable[[Document[Release]], None] | None = None) -> ServiceBook[Release]:
        self.session.book = None
        self.session.book = self._book(recognise).acquire(why, self.session.patience, self.session.wait)
        return self.session.book

    def _with_its_record(self, look: Callable[[Document[Release]], Seen]) -> tuple[Document[Release], Seen, bool]:
        """Return the record, a look, and whether the record has told of the same release before it and behind it."""
        document = self._document()
        for _ in range(TRIES):
            release, seen = document.release, look(document)
            document = self._document()
            if document.release == release:
                return document, seen, True
        return document, seen, False

    # ---- how they work ----

    def _begin(self, book: ServiceBook[Release], wish: Wish, warned: str | None = None) -> Ended:
        """Begin a release of ``wish``; what the registry ``warned`` of is asked here where nobody has."""
        survey = self.target.survey(book.document, back=wish.back)
        if not wish.again and (serves := self.target.serves(survey, book.document, wish.image)) is not None:
            return serves
        begun = self.target.begin(survey, wish)
        if warned is None:
            warned = self._warning_of(wish)
        self.session.heed()
        release = begun.release
        told = deploys(release.previous_image, release.image, release.by, release.id, wish.back)
        names = self.target.stages(release)
        stage = stage_of(names, names[0]) if names else None
        self.session.tell(EventKind.BEGUN, told, release, stage)
        for warning in filter(None, (*(finding.sentence for finding in begun.findings), warned)):
            self.session.tell(EventKind.WARNED, warning, release, stage)
        return self._carry_on(book, release, DEPLOY, How.BEGUN)

    def _warning_of(self, wish: Wish) -> str:
        settings, meanwhile = self.session.settings, self.session.meanwhile
        return warning_of(self.images, settings, wish.image, meanwhile, back=wish.back)

    def _deploy_previous(self, book: ServiceBook[Release], to: str | None = None) -> Ended:
        """Deploy the image that ran before, or the one that a person has named."""
        if (over := self.target.nothing(book.document, None)) is not None:
            return over
        image, instead_of = book.document.previous()
        if to is not None:
            image, instead_of = to, book.document.finished[-1].image
        if image is None:
            raise nothing_before(self.name)
        image = checked(image, f"{self.name}: the previous image on record")
        return self._begin(book, Wish(image=image, instead_of=instead_of, named=to is not None))

    def _nothing(self, document: Document[Release], sentence: str) -> Ended:
        done = Ended(Status.OK, f"{self.name}: {sentence}")
        return self.target.nothing(document, done) or done

    def _already_open(self, release: Release, image: str) -> Ended:
        if release.rests and release.image == image:
            done = Ended(Status.OK, of(self.name, verbs.live_already(image)), "", release)
            return self.target.rests(release, done)
        raise not_before_it_is_over(release, image, self.target.ways_on(release, "carries it on"))

    def _dropped(self, book: ServiceBook[Release], release: Release) -> Ended:
        """Close a release of which there is a record and nothing else.

        Nothing is done on a record's word alone: whoever wants the image asks for it again.
        """
        book.close(release, "restored")
        sentence = verbs.had_changed_nothing(release.image, release.by)
        again = f"`bluegreen deploy {self.name} {release.image}` begins it anew"
        return Ended(Status.ROLLED_BACK, f"{self.name}: {sentence}", again, release)

    def _refuse_unfit(self, resting: Release, wish: Wish) -> str:
        """Raise ``Refused`` when more than what is kept speaks against ``wish``; return a warning about its image."""
        self.target.begin(self.target.survey_without(resting), attrs.evolve(wish, capacity=None))
        return self._warning_of(wish)

    def _refuse_unanswered(self, release: Release, answered: Parked | None, again: str) -> Parked:
        found = self.target.kept(release)
        if answered is not None:
            refuse_other(self.name, answered, found, f"bluegreen {again}")
        return found

    @staticmethod
    def _look_at(answered: Parked | None, **flags: bool) -> None:
        """Raise ``Usage`` unless ``answered`` is what a person was asked, and each flag is one."""
        arguments.kind("answered", answered, Parked | None)
        for name, value in flags.items():
            arguments.flag(name, value)

    def _awake(self, release: Release) -> Release:
        """The release with its deadlines begun anew: a person wants it carried on, however long nobody worked on it."""
        now = self.session.clock.now()
        return release.awake(now, deadline_at=max(release.deadline_at, now + release.terms.deadline))

    def _goes_on(self, release: Release) -> str:
        return goes_on(release.goal, release.previous_image, release.image, self.session.who, release.id)

    def _carry_on(
        self, book: ServiceBook[Release], release: Release, asked: str, how: How = How.ASKED, *, urgent: bool = False
    ) -> Ended:
        """Run ``release`` to an end: one that this command has begun, or one on record."""
        course = self.target.course(book, release, how, urgent=urgent)
        runner = Runner(
            session=self.session,
            book=book,
            ways_on=self.target.ways_on,
            beginning="" if how is How.BEGUN else self._goes_on(release),
        )
        over = not release.open
        outcome = runner.run(course)
        if (then := self.target.then(book, outcome)) is not None:
            outcome = attrs.evolve(runner, beginning="").run(then)
        if not outcome.release.open:
            word = "restored" if outcome.release.goal == ROLLBACK else "finished"
            before, left = book.document.history, self.target.left(outcome)
            runner.keep(lambda: book.close(outcome.release, word, left))
            self.session.history.prune(before, book.document.history)
        return self.target.told(asked, outcome, over=over)

"""What a person does with a service's record: lock it, take a release in, end one on record alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bluegreen.errors import Held, Refused, Status
from bluegreen.flow.events import EventKind
from bluegreen.flow.release import Release
from bluegreen.record.book import ServiceBook, in_force, moment
from bluegreen.record.document import Document
from bluegreen.sentences import verbs as sentences
from bluegreen.sentences.forms import of
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.target import Adoptable, AnyTarget


def lock(book: ServiceBook[Release], read: Callable[[], Document[Release]], why: str) -> Ended:
    """Lock a service: nothing is begun, by people or by cron, until somebody unlocks it."""
    name = book.service
    if (before := book.lock(why)) is not None:
        sentence = sentences.locked_already(before.who, moment(before.since), before.why)
        raise Held(of(name, sentence), f"`bluegreen unlock {name}` takes that lock off")
    at_work = in_force(read().lease, book.clock.now())
    hint = f"what {at_work.who} has begun ({at_work.why}) goes on to its end" if at_work else ""
    return Ended(Status.OK, of(name, sentences.locked(why)), hint)


def unlock(book: ServiceBook[Release]) -> Ended:
    """Take the lock by hand off, whoever put it on."""
    if (before := book.unlock()) is None:
        return Ended(Status.OK, of(book.service, sentences.was_not_locked()))
    return Ended(Status.OK, of(book.service, sentences.unlocked(before.who, before.why)))


def adopt(
    target: AnyTarget, book: ServiceBook[Release], found: Adoptable[Release], answered: Iterable[str] | None
) -> Ended:
    """Take a release into the record, if no more instances carry its mark than a person was asked about.

    What AWS is told of it is written first: should that be all that is done, it still tells of the release, and whoever
    worked on it stops all the same.
    """
    release, name = found.release, book.service
    if answered is not None and (more := sorted(found.ids - set(answered))):
        raise Refused(
            of(name, sentences.marked_since(more)),
            f"`bluegreen adopt {name}` asks again",
        )
    told = target.adopt(book, found)
    book.save(release)
    sentence = sentences.taken_in(release.goal, release.image, release.id)
    return Ended(Status.OK, of(name, sentence), (target.ways_on(release), *told), release)


def close(session: Session, target: AnyTarget, book: ServiceBook[Release], why: str, answered: Release | None) -> Ended:
    """End the open release on record alone; where a person was asked, it is the one ``answered`` for, as it stood."""
    release, name = book.document.release, book.service
    if release is None:
        return Ended(Status.OK, of(name, sentences.nothing_to_close()))
    if answered is not None and (answered.id, answered.milestones) != (release.id, release.milestones):
        raise Refused(
            of(name, sentences.moved_on(release.id)),
            f"`bluegreen close {name} --reason TEXT` asks again",
        )
    before = book.document.history
    session.tell(EventKind.RECORDED, sentences.closed_by(session.who, why), release)
    told = target.closed(book, release)
    book.disown(release, why)
    session.history.prune(before, book.document.history)
    sentence = sentences.closed(release.goal, release.image, release.id, why)
    return Ended(Status.OK, of(name, sentence), (*told, *target.remains(release)), release)

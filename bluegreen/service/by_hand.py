"""What a person does with a service's record: lock it, take a release in, end one on record alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bluegreen.errors import Held, Refused, Status
from bluegreen.flow.events import EventKind
from bluegreen.flow.release import Release
from bluegreen.record.book import ServiceBook, in_force, moment
from bluegreen.record.document import Document
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.target import Adoptable, AnyTarget
from bluegreen.words import they


def lock(book: ServiceBook[Release], read: Callable[[], Document[Release]], why: str) -> Ended:
    """Lock a service: nothing is begun, by people or by cron, until somebody unlocks it."""
    name = book.service
    if (before := book.lock(why)) is not None:
        sentence = f"{name}: locked already, by {before.who} since {moment(before.since)}: {before.why}"
        raise Held(sentence, f"`bluegreen unlock {name}` takes that lock off")
    at_work = in_force(read().lease, book.clock.now())
    hint = f"what {at_work.who} has begun ({at_work.why}) goes on to its end" if at_work else ""
    return Ended(Status.OK, f"{name}: locked: {why}", hint)


def unlock(book: ServiceBook[Release]) -> Ended:
    """Take the lock by hand off, whoever put it on."""
    if (before := book.unlock()) is None:
        return Ended(Status.OK, f"{book.service}: was not locked")
    return Ended(Status.OK, f"{book.service}: unlocked; it was locked by {before.who}: {before.why}")


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
            f"{name}: {they(more, 'was', 'were')} marked since you were asked: nothing was changed",
            f"`bluegreen adopt {name}` asks again",
        )
    told = target.adopt(book, found)
    book.save(release)
    sentence = f"{name}: the {release.goal} of {release.image} ({release.id}) is in this record now"
    return Ended(Status.OK, sentence, (target.ways_on(release), *told), release)


def close(session: Session, target: AnyTarget, book: ServiceBook[Release], why: str, answered: Release | None) -> Ended:
    """End the open release on record alone; where a person was asked, it is the one ``answered`` for, as it stood."""
    release, name = book.document.release, book.service
    if release is None:
        return Ended(Status.OK, f"{name}: no release is open on record, there is nothing to close")
    if answered is not None and (answered.id, answered.milestones) != (release.id, release.milestones):
        raise Refused(
            f"{name}: {release.id} has moved on since it was asked about: nothing was changed",
            f"`bluegreen close {name} --reason TEXT` asks again",
        )
    before = book.document.history
    session.tell(EventKind.RECORDED, f"closed on record alone by {session.who}: {why}", release)
    told = target.closed(book, release)
    book.disown(release, why)
    session.history.prune(before, book.document.history)
    sentence = f"{name}: the {release.goal} of {release.image} ({release.id}) is closed on record alone: {why}"
    return Ended(Status.OK, sentence, (*told, *target.remains(release)), release)

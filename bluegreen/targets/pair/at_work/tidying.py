"""Detached instances that carry our mark and are in no group: what a lost finish left running."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from bluegreen.calls import LONGEST_CALL
from bluegreen.flow.guards import AGREEING
from bluegreen.targets.pair.at_work.cloud import Cloud
from bluegreen.targets.pair.hints import ended, unmarked
from bluegreen.targets.pair.model.actions import Terminate
from bluegreen.targets.pair.model.activities import MARGIN, members_told
from bluegreen.targets.pair.model.fleet import Question
from bluegreen.targets.pair.model.release import MARK, Past
from bluegreen.targets.pair.records import Document, ServiceBook
from bluegreen.words import fits

Marked = tuple[str, str]
"""An instance, and the release whose mark it carries."""


@frozen
class Removed:
    """What was found and done; ``clean`` when nothing is left for a human."""

    sentence: str
    clean: bool = True
    hint: str = ""


def remove_leftovers(
    cloud: Cloud, book: ServiceBook, groups: tuple[str, str], pause: Callable[[], None]
) -> Removed | None:
    """Terminate what a past release of the record lists, with its own mark and detached; report what no record lists.

    That it was in the group then retired is AWS's to tell; what only the record says is reported, too.

    Nothing that is in a group or in a balancer is touched, and only what several looks agree on. Returns ``None`` when
    there is nothing. ``pause`` waits between two looks; what it raises ends it all.
    """
    found = _agreed(cloud, book.service, groups, pause)
    if not found:
        return None
    claimed = {(i, past.id) for past in _pasts(book.document) for i in past.retired}
    listed = _witnessed(cloud, book.document, groups, found & claimed)
    ours = tuple(sorted({i for i, _ in listed}))
    if ours and book.renew() <= LONGEST_CALL:
        return Removed(
            f"{', '.join(ours)} left over from an earlier finish, and the lease is too short to act",
            False,
            "the next clean-up tries again",
        )
    if ours:
        cloud.act(Terminate(ours), book.assure)
    done = (f"terminated {', '.join(ours)}, left over from an earlier finish",) if ours else ()
    unknown, unseen = (sorted({i for i, _ in some}) for some in (found - claimed, found & claimed - listed))
    left = sorted({*unknown, *unseen})
    if not left:
        return Removed("; ".join(done))
    told = (*_unlisted(unknown), *_unseen(unseen))
    they_are = fits(left, "it is", "they are")
    hint = f"see whose {they_are}; if nobody's: {ended(left)}, or if {they_are} to stay: {unmarked(left, MARK)}"
    return Removed("; ".join((*done, *told)), False, hint)


def _unlisted(ids: list[str]) -> Iterator[str]:
    if ids:
        yield f"{_marked(ids)} and {fits(ids, 'is', 'are')} in no record"


def _unseen(ids: list[str]) -> Iterator[str]:
    if ids:
        they_were = fits(ids, "it was", "they were")
        yield (
            f"{_marked(ids)} and {fits(ids, 'is', 'are')} in the record, and AWS does not tell (for six weeks) that "
            f"{they_were} in the group that was retired"
        )


def _marked(ids: list[str]) -> str:
    return f"{', '.join(ids)} {fits(ids, 'carries', 'carry')} the mark {MARK}"


def _pasts(document: Document) -> tuple[Past, ...]:
    """Return the past releases that were a pair's."""
    return tuple(past for past in document.history if isinstance(past, Past))


def _witnessed(cloud: Cloud, document: Document, groups: tuple[str, str], claimed: set[Marked]) -> set[Marked]:
    """Return those that AWS tells, too, to have been in the group that the release has retired."""
    told: set[Marked] = set()
    for past in _pasts(document):
        ours = {one for one in claimed if one[1] == past.id}
        if ours and past.old in groups:
            question = Question(groups, activities=((past.old, max(0.0, past.begun_at - MARGIN)),))
            members = members_told(cloud.ask(question).activities, past.old)
            told |= {one for one in ours if one[0] in members}
    return told


def _agreed(cloud: Cloud, service: str, groups: tuple[str, str], pause: Callable[[], None]) -> set[Marked]:
    found: set[Marked] | None = None
    for _ in range(AGREEING):
        seen = _detached(cloud, service, groups)
        found = seen if found is None else found & seen
        if not found:
            return set()
        pause()
    return found or set()


def _detached(cloud: Cloud, service: str, groups: tuple[str, str]) -> set[Marked]:
    machines = [machine for machine in cloud.machines_marked(MARK, f"{service}:") if not machine.gone]
    marked = {(machine.id, machine.tags[MARK]) for machine in machines}
    if not marked:
        return set()
    ids = {machine.id for machine in machines}
    health = cloud.ask(Question(groups)).health
    balanced = {instance for states in health.values() for instance in states}
    kept = cloud.members(sorted(ids)) | balanced
    return {(instance, release) for instance, release in marked if instance not in kept}

"""Which processes of a group were suspended before a release is the groups' tags' to tell, and not the record's. Pure.

``Launch`` or ``HealthCheck`` that a record puts to rest leaves a group that serves without whoever replaces its dead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bluegreen.flow.answers import Blocked, Due, Waiting
from bluegreen.flow.guards import STALE
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import Action, Flip, Resume, Suspend, WriteReleaseTags
from bluegreen.targets.pair.model.fleet import OURS
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.suspension import TO_COME, TO_GO
from bluegreen.targets.pair.release_tags.written import SIDE
from bluegreen.targets.pair.sentences import claimed

_RESTS = re.compile(r"(?:old|new) \d{1,9}/\d{1,9}/\d{1,9} \S+ (\S+)", re.A)


def rested(look: Look, name: str) -> frozenset[str]:
    """Return the processes of a group that were suspended before the release, as far as its tags tell."""
    group = look.fleet.groups[name]
    return _processes(group.tag(SIDE) or "") if group.tag(ID) == look.release.id else frozenset()


def untold(action: Action, look: Look) -> str:
    """Return which processes an action suspends or resumes that are not ours, and of which no tag tells; or nothing."""
    told = tuple(_told(look))
    match action:
        case Suspend(_, processes):
            strange = set(processes) - OURS - _shown(look) - frozenset().union(*told)
            return f"{', '.join(sorted(strange))} suspended" if strange else ""
        case Resume(_, processes):
            strange = {one for one in set(processes) - OURS if all(one in resting for resting in told)}
            return f"{', '.join(sorted(strange))} resumed" if strange else ""
        case Flip(on, off):
            return untold(on, look) or untold(off, look)
    return ""


def suspended_as_told(answer: Answer, look: Look) -> Answer:
    """No process is put to rest on a record's word alone, and no tag is made to say that it rested before.

    What is suspended now may well have been: AWS shows it.
    """
    if not isinstance(answer, Due) or not (found := tuple(_put_to_rest(answer.action, look))):
        return answer
    release = look.release
    told = "; ".join(f"{', '.join(sorted(processes))} of {name}" for name, processes in found)
    sentence = claimed.suspended_on_record_alone(told, (release.old, release.new))
    if look.taken < (until := release.progressed_at + STALE):
        return Waiting(claimed.again(sentence), until)
    right = ", ".join(hints.suspend(name, processes) for name, processes in found)
    service = release.service
    return Blocked(
        sentence,
        f"where that is right: {right}, then `bluegreen resume {service}`; where it is not: "
        f"`bluegreen close --reason TEXT {service}` ends the release as it is",
    )


def _put_to_rest(action: Action, look: Look) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the groups, and processes that are not ours, which an action suspends, or says in a tag to have rested."""
    match action:
        case Suspend(name, processes) | Flip(_, Suspend(name, processes)):
            claimed = {name: frozenset(processes) - _shown(look)}
        case WriteReleaseTags(tags):
            claimed = {name: _processes(value) for name, key, value in tags if key == SIDE}
        case _:
            return
    known = OURS.union(*_told(look))
    for name, resting in claimed.items():
        if strange := resting - known - look.fleet.groups[name].suspended:
            yield name, strange


def _shown(look: Look) -> frozenset[str]:
    """Return what AWS shows to be suspended of either group, and may go over to the other one: somebody did that.

    It is nothing without which a group launches none, or registers none.
    """
    return (look.old.suspended | look.new.suspended) - TO_COME - TO_GO


def _told(look: Look) -> Iterator[frozenset[str]]:
    """Yield what was suspended before, of each group whose tags tell."""
    ours = (group for group in (look.old, look.new) if group.tag(ID) == look.release.id and group.tag(SIDE))
    return (_processes(group.tag(SIDE) or "") for group in ours)


def _processes(told: str) -> frozenset[str]:
    """Return the processes that the tag of a side tells, none where it tells of none."""
    found = _RESTS.fullmatch(told)
    return frozenset() if found is None else frozenset(found[1].split("+")) - {"nothing"}

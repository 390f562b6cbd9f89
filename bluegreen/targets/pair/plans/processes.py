"""Which processes of a group rest: whatever somebody suspends or resumes while a release is open is an edit. Pure.

It is recorded, and left as it is on that group. Of a side that serves it is the service's, too: whoever serves at the
end has it. What ends instances is never resumed beside instances that serve.
"""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import DONE, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import ALARMS, AUTOSCALER, ENDING, OURS, PROCESSES, THEIRS, Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, Release
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.due import resume, suspend
from bluegreen.targets.pair.plans.steps import first_due, has_service_bounds, service_suspends
from bluegreen.targets.pair.plans.suspension import TO_COME, TO_GO
from bluegreen.targets.pair.sentences import edits, whys

OF_ONE_GROUP = TO_COME | TO_GO
"""Without these no group comes or goes, and no release begins: an edit of them goes over to no other group."""


# ---- what somebody else changed ----


def accept_suspensions(look: Look) -> Answer:
    """What somebody suspended, or resumed, is on record, and left as it is."""
    return first_due(*(_accept_theirs(look, group) for group in (look.old, look.new)), _accept_ours(look))


def _accept_theirs(look: Look, group: Group) -> Answer:
    """Of the processes that a release leaves alone until its end, none is otherwise than is known."""
    edited = _known_to_rest(look.release, group.name) ^ group.suspended
    strange = frozenset(one for one in edited & THEIRS if not look.release.known(group.name, one))
    carried = strange - OF_ONE_GROUP if has_service_bounds(look, group) else frozenset()
    return _accept(look, group, carried or strange, bool(carried))


def _accept_ours(look: Look) -> Answer:
    """Of the side that is armed, policies, schedules and zone balancing rest as the service's do."""
    if (armed := _armed(look)) is None:
        return DONE
    if _reset(look):
        return _forget_suspended(look)
    group, since, processes = armed
    other = look.new if group is look.old else look.old
    if other.in_service and not group.in_service:
        return DONE  # the record says that it serves alone
    if not (edited := (service_suspends(look.release) ^ group.suspended) & processes):
        return DONE
    if look.taken < (until := since + STALE):
        return Waiting(edits.processes_changed(group.name, edited), until)
    return _accept(look, group, edited, carried=True)


def _forget_suspended(look: Look) -> Answer:
    """An apply that sets both sides back writes one after the other: what was seen of the first is no edit."""
    processes = look.release.processes
    kept = {key: rests for key, rests in processes.items() if not (rests and key in AUTOSCALER)}
    if kept == processes:
        return DONE
    sentence = edits.processes_set_back(look.old.name, look.new.name)
    return Recorded(attrs.evolve(look.release, processes=kept), sentence, agreeing=AGREEING)


def _accept(look: Look, group: Group, edited: frozenset[str], carried: bool) -> Answer:
    """Record the edits that go the one way, suspended first."""
    if not (processes := (edited & group.suspended) or edited):
        return DONE
    rest = processes <= group.suspended
    keys = [f"{group.name} {one}" for one in processes & THEIRS] + (sorted(processes) if carried else [])
    release = attrs.evolve(look.release, processes={**look.release.processes, **dict.fromkeys(keys, rest)})
    return Recorded(release, edits.processes(group.name, processes, rest, carried), agreeing=AGREEING)


def _known_to_rest(release: Release, group: str) -> frozenset[str]:
    """Return what a group had suspended before the release, or has since somebody's last edit."""
    before = next(side for side in (release.picture.old, release.picture.new) if side.name == group).suspended
    if not release.processes:
        return before
    return frozenset(one for one in before | THEIRS if release.processes.get(f"{group} {one}", one in before))


def _armed(look: Look) -> tuple[Group, float, frozenset[str]] | None:
    """Return the side that has been seen armed, since when, and which processes are at work there.

    There is none while the one is armed for the other. Of an adopted release nobody knows it before the switch.
    """
    release, reached = look.release, look.release.milestones
    if "back" in reached:
        return None if release.first else (look.old, reached["back"], AUTOSCALER)
    if "moving" not in reached:
        known = release.goal != FINISH and not (release.first or release.take)
        return (look.old, release.begun_at, OURS) if known else None
    if "moved" not in reached or (release.goal == ROLLBACK and release.known(release.new, ALARMS)):
        return None
    balanced = "deployed" in reached and release.goal != ROLLBACK
    return look.new, reached["deployed" if balanced else "moved"], OURS if balanced else AUTOSCALER


def _reset(look: Look) -> bool:
    """Whether both autoscalers are as before the release, as an apply of Terraform's sets them: that is no edit."""
    release, groups = look.release, look.fleet.groups
    sides = (release.picture.old, release.picture.new)
    return release.passed("moved") and not any((groups[s.name].suspended ^ s.suspended) & AUTOSCALER for s in sides)


# ---- what a release leaves ----


def resume_while_empty(look: Look) -> Answer:
    """What ends instances, and new alone had suspended, is at work before any are there: it is not resumed later."""
    release, new = look.release, look.new
    if new.staying or release.launched_at:
        return DONE
    still = ((new.suspended - service_suspends(release)) & ENDING) - _edited(release, new)
    return resume(look, new.name, still, whys.while_empty()) if still else DONE


def suspend_exactly(look: Look, group: Group, wanted: frozenset[str], why: str) -> Answer:
    """Of the processes that can be named to AWS ``wanted`` are suspended; what somebody changed of it stays as it is.

    Others that AWS shows stay as well, and so does what would end instances of a group that serves: a person is told.
    """
    nameable = PROCESSES - _edited(look.release, group)
    if lacking := (wanted - group.suspended) & nameable:
        return suspend(look, group.name, lacking, why)
    extra = (group.suspended - wanted) & nameable
    ending = extra & ENDING if group.in_service or group.arriving else frozenset()
    if harmless := extra - ending:
        return resume(look, group.name, harmless, why)
    return _left_suspended(look, group, ending) if ending else DONE


def _left_suspended(look: Look, group: Group, processes: frozenset[str]) -> Answer:
    """A person resumes what ends instances: whether those that serve would be among them is not known."""
    kept = dict.fromkeys((f"{group.name} {one}" for one in processes), True)
    release = attrs.evolve(look.release, processes={**look.release.processes, **kept})
    sentence = edits.stay_suspended(group.name, processes)
    way = f"where none is unhealthy, {hints.resume(group.name, processes)}"
    return Recorded(release, f"{sentence}; {way}", agreeing=AGREEING)


def _edited(release: Release, group: Group) -> frozenset[str]:
    """Return the processes of a group that are left as they are."""
    return frozenset(one for one in THEIRS if f"{group.name} {one}" in release.processes)

"""That the switch has been, and when, is a claim where a record says so that another run has written. Pure.

The milestones stand on record alone. What contradicts them is seen: old instances that serve, more than were parked,
and the time, which was too short for what a release does before it ends.
"""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import Blocked, Due, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.flow.sound import stamp
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import Detach, EnterStandby, Mark, Terminate
from bluegreen.targets.pair.model.fleet import HEALTHY, UNKNOWN
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, MARK, Release
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.parking import unproven_without
from bluegreen.targets.pair.sentences import claimed, guarded


def begun_at(release: Release, now: float) -> float:
    """Return when a release was begun, by its id, which the groups' tags tell as well (POSIX seconds).

    That is 0 for a time after ``now``: it was begun on a machine whose date is ahead, and nobody is held up by that.
    """
    at = stamp(release.id) or 0.0
    return at if at <= now else 0.0


def deployed_at(release: Release, now: float, bake: float = 0.0) -> float:
    """Return when a release was deployed: as recorded, but not before it can have baked for its own time and ``bake``.

    In POSIX seconds.
    """
    return max(release.milestones["deployed"], begun_at(release, now) + max(release.terms.bake, bake))


def not_before_begun(release: Release, now: float) -> Release:
    """Return the release with no milestone before it was begun."""
    milestones = {one: max(at, begun_at(release, now)) for one, at in release.milestones.items()}
    return attrs.evolve(release, milestones=milestones)


def switch_was(answer: Answer, look: Look, since: float) -> Answer:
    """After a switch that this run has not seen, what serves of old goes only where it can have come back since.

    The run began at ``since``. No more than are parked are parked again, once new has proven itself in this run; more
    show that the switch has not been.
    """
    release = look.release
    match answer:
        case Due(EnterStandby(name, ids)) if name == release.old and _is_over(release, since):
            if not set(_serving(look)) & set(ids):
                return answer
            if _never_was(look):
                return _blocked(look)
            if lacking := unproven_without(look, ids):
                return Waiting(guarded.yet_to_prove(look.new.name, lacking), grace=release.terms.healthy_for)
    return answer


def not_too_soon(answer: Answer, look: Look) -> Answer:
    """Nothing is retired of a release that cannot have baked yet since it was begun."""
    release = look.release
    if release.goal != FINISH or not isinstance(answer, Due):
        return answer
    if not isinstance(answer.action, EnterStandby | Mark | Detach | Terminate):
        return answer
    if look.now >= begun_at(release, look.now) + release.terms.bake:
        return answer
    return Blocked(
        claimed.cannot_have_baked(release.image, release.id, release.terms.bake),
        _ways(look),
    )


def _is_over(release: Release, since: float) -> bool:
    """Whether the record says that the switch has been, and this run has not seen it."""
    return release.phase.is_behind_switch and release.milestones.get("moved", 0.0) <= since


def _serving(look: Look) -> tuple[str, ...]:
    """Return the old instances that may serve, by AWS's rows alone."""
    fleet, old = look.fleet.as_shown, look.old
    return tuple(i.id for i in old.in_service if {HEALTHY, UNKNOWN} & set(fleet.states(old, i.id)))


def _never_was(look: Look) -> bool:
    """Whether more of old serve than AWS shows to have left: parked, or with this release's own mark."""
    old, mark = look.old, look.release.id
    marked = {one.id for one in look.fleet.machines.values() if one.tags.get(MARK) == mark and one.id not in old.ids}
    return len(_serving(look)) > len(old.parked) + len(old.parking) + len(marked)


def _blocked(look: Look) -> Answer:
    release = look.release
    sentence = claimed.switch_never_was(release.old, len(_serving(look)))
    if not look.steady(AGREEING, _never_was):
        return Waiting(claimed.again(sentence))
    if look.taken < (until := release.told_at + STALE):
        return Waiting(claimed.again(sentence), until)
    return Blocked(sentence, _ways(look))


def _ways(look: Look) -> str:
    service, old = look.release.service, look.old
    return (
        f"`bluegreen rollback {service}` goes back to {old.name}; where {look.new.name} is to serve alone: "
        f"{hints.emptied(old)}, then `bluegreen resume {service}`"
    )

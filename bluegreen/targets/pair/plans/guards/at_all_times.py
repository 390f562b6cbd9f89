"""The pair's own guards: each makes an answer more careful, whatever plan gave it.

A correct plan never meets one; each has a saboteur in the tests, a wrong plan that does harm without it.
"""

from __future__ import annotations

from functools import partial

from bluegreen.flow.answers import Due, Failed, Unsure, Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair.model.actions import EnterStandby, Flip, Resume, Suspend, TagGroup, Terminate
from bluegreen.targets.pair.model.fleet import ALARMS, AUTOSCALER, Group, called
from bluegreen.targets.pair.model.look import Look, armed
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MARK
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.giving_way import needed_of_old, own_balancers
from bluegreen.targets.pair.plans.guards.serving import taken_away
from bluegreen.targets.pair.plans.guards.suspended import rested
from bluegreen.targets.pair.plans.parking import lacking_without
from bluegreen.targets.pair.plans.steps import live_side, service_suspends, where
from bluegreen.targets.pair.sentences import guarded


def floor_holds(answer: Answer, look: Look) -> Answer:
    """No action takes the healthy count of any balancer below min(its floor, what is healthy there now)."""
    if not isinstance(answer, Due):
        return answer
    for balancer in look.wanted:
        if loss := taken_away(answer.action, look.fleet.groups, partial(look.hoped, balancer=balancer)):
            floor = needed_of_old(look, balancer) if look.release.urgent else look.floor(balancer)
            left = look.served(balancer) - loss
            if left < (needed := min(floor, look.served(balancer))):
                return Waiting(sentences.held_back(answer.act, left, needed, where(look, balancer)))
    return answer


def proven_first(answer: Answer, look: Look) -> Answer:
    """No old instance goes on the account of a new one that has not stayed healthy for long enough."""
    release = look.release
    match answer:
        case Due(EnterStandby(name, ids)) if name == release.old and release.phase.is_before_switch:
            if lacking := lacking_without(look, ids):
                return Waiting(guarded.yet_to_prove(look.new.name, lacking))
    return answer


def only_listed_terminated(answer: Answer, look: Look) -> Answer:
    """Terminate only what the release lists, with its own mark, detached and in no balancer."""
    match answer:
        case Due(Terminate(ids)) if wrong := [i for i in ids if not _may_be_terminated(look, i)]:
            return Waiting(guarded.not_to_be_terminated(wrong))
    return answer


def _may_be_terminated(look: Look, instance: str) -> bool:
    fleet = look.fleet
    machine = fleet.machines.get(instance)
    return (
        instance in look.release.retire
        and machine is not None
        and machine.tags.get(MARK) == look.release.id
        and all(instance not in group.ids for group in fleet.groups.values())
        and not fleet.listed(instance)
    )


def tag_only_when_empty(answer: Answer, look: Look) -> Answer:
    """A group's image tag changes only while it has no instance, but to the image that its instances run."""
    match answer:
        case Due(TagGroup(name, key, value)) if key == look.release.terms.image_tag_key:
            group = look.fleet.groups[name]
            if group.staying and value != _runs(look, group):
                return Waiting(guarded.tag_stays(name, value))
    return answer


def _runs(look: Look, group: Group) -> str | None:
    release = look.release
    if group.name == release.old:
        return release.picture.old.image
    return release.image if release.launched_at else None


def pinned_before_armed(answer: Answer, look: Look) -> Answer:
    """A group's alarms resume only once its minimum holds what it must: they act at once on what is in breach.

    In a finish, and long after the switch, one side has served alone, its metrics are its own, and its bounds may not
    be ours any more.
    """
    if look.release.goal == FINISH or _stabilized(look):
        return answer
    match answer:
        case Due(Resume(name, processes) | Flip(Resume(name, processes))) if ALARMS in processes:
            group = look.fleet.groups[name]
            if group.min < min(group.desired, look.demand):
                return Waiting(guarded.minimum_first(name))
    return answer


def _stabilized(look: Look) -> bool:
    release = look.release
    since = release.alone_since
    return since is not None and look.now >= since + release.terms.stabilization


def one_side_armed(answer: Answer, look: Look) -> Answer:
    """A side that serves is disarmed only while the other one is armed."""
    match answer:
        case Due(Suspend(name, processes)) if AUTOSCALER & set(processes) - (exempt := _resting_before(look, name)):
            group, other = (look.old, look.new) if name == look.release.old else (look.new, look.old)
            if armed(group, exempt) and look.serves(group) and not armed(other, exempt):
                return Waiting(guarded.other_side_first(other.name, name))
    return answer


def _resting_before(look: Look, name: str) -> frozenset[str]:
    """Return what the service itself had suspended, where the tags tell it, or the group ``name`` has it suspended."""
    side = live_side(look.release)
    return service_suspends(look.release) & (rested(look, side.name) | look.fleet.groups[name].suspended)


def sinking(answer: Answer, look: Look) -> Answer:
    """Once old instances were parked, a healthy count below the floor for several looks means to go back at once."""
    if look.release.goal == DEPLOY and look.steady(AGREEING, lambda seen: bool(below_floor(seen))):
        balancer = below_floor(look)
        needed, healthy = standing(look, balancer), look.may_serve(balancer)
        told = sentences.sank(healthy, needed, where(look, balancer), look.old.name)
        return Failed(told, at_once=True)
    return answer


def below_floor(look: Look) -> str:
    """Return a balancer in which fewer instances are healthy than the floor while parked ones could come back.

    What is not known counts as healthy: it turns no goal.
    """
    if not (look.old.parked or look.old.parking):
        return ""
    return next((one for one in own_balancers(look) if look.may_serve(one) < standing(look, one)), "")


def standing(look: Look, balancer: str) -> int:
    """Return how many must be healthy: the floor, but no more than the last wave left, or new has served with since.

    Demand that grows raises the floor at once, and instances need their time to boot: that is no loss.
    """
    return min(look.floor(balancer), look.release.left_serving(balancer))


def unsure(answer: Answer, look: Look) -> Answer:
    """While AWS does not tell whether something in service is healthy, nothing is concluded from waiting."""
    if isinstance(answer, Waiting) and (balancers := look.unclear):
        names = ", ".join(map(called, balancers))
        return Unsure(
            guarded.health_not_known(tuple(map(called, balancers)), answer.reason),
            f"look at {names} in AWS's console; `bluegreen resume {look.release.service}` goes on, and "
            f"`--without {called(balancers[0])}` does without it",
        )
    return answer


def overdue(answer: Answer, look: Look) -> Answer:
    """A deployment whose total deadline passes before the traffic has moved goes back."""
    release = look.release
    planned = isinstance(answer, Waiting) and answer.until is not None
    if (
        release.phase.is_before_switch
        and look.now > release.deadline_at
        and not look.unclear
        and isinstance(answer, Due | Waiting)
        and not planned
    ):
        return Failed(sentences.overdue(answer.reason), at_once=True)
    return answer


GUARDS = (
    floor_holds,
    proven_first,
    only_listed_terminated,
    tag_only_when_empty,
    pinned_before_armed,
    one_side_armed,
    sinking,
    unsure,
    overdue,
)

"""The story of a deployment: bring new up beside old, move the traffic, watch, hand over."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from bluegreen.flow.answers import DONE, Failed, Recorded, Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.flow.plans import Milestone, Stage
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair.model.actions import TagGroup
from bluegreen.targets.pair.model.activities import cannot_launch, launch_failure, newest_failure
from bluegreen.targets.pair.model.asleep import sleeps, wants_none
from bluegreen.targets.pair.model.demand import sick
from bluegreen.targets.pair.model.fleet import REBALANCE, called
from bluegreen.targets.pair.model.look import Look, armed
from bluegreen.targets.pair.model.proof import healthy_for, proven
from bluegreen.targets.pair.model.twins import NEAR, due_times
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import guarding_alarms, launches_of_new, settings_of
from bluegreen.targets.pair.plans.due import plainly, resize, resume
from bluegreen.targets.pair.plans.moving import copy_settings
from bluegreen.targets.pair.plans.parking import let_old_go, park_again, park_old
from bluegreen.targets.pair.plans.processes import accept_suspensions, resume_while_empty
from bluegreen.targets.pair.plans.release_tags import write_release_tags
from bluegreen.targets.pair.plans.steps import (
    Step,
    accept_edits,
    arm,
    being_checked,
    counting,
    disarm,
    empty,
    first_due,
    flipped,
    keep_new_image,
    let_go,
    service_suspends,
    stabilizing,
    too_few,
    where,
)
from bluegreen.targets.pair.plans.suspension import TO_COME, waiting_for
from bluegreen.targets.pair.sentences import stuck, waits, whys

LOUD = 300.0
"""Seconds for which a moment without a scheduled action nearby is waited for."""


def disarm_coming_new(look: Look) -> Answer:
    """New's own autoscaler is suspended until new is pinned, and nothing balances its zones until it is deployed."""
    return disarm(look, look.new, whys.until_it_takes_over(), REBALANCE)


def hold_old(look: Look) -> Answer:
    """Old cannot shrink while both share the load: its minimum follows its desired capacity."""
    old = look.old
    if look.release.first or old.min >= old.desired or sick(look, old):
        return DONE
    return resize(look, old.name, whys.must_not_scale_in(), min=old.desired)


def set_image(look: Look) -> Answer:
    """New's tag names the image; it changes only while new has no instance at all."""
    release, new = look.release, look.new
    if new.tag(release.terms.image_tag_key) == release.image:
        return DONE
    tag = TagGroup(new.name, release.terms.image_tag_key, release.image, release.picture.new.propagate)
    return first_due(empty(look, new), plainly(look, tag))


def grow_new(look: Look) -> Answer:
    """New's minimum holds what the traffic needs, its maximum leaves the room that the service has."""
    new, target = look.new, look.target
    top = max(look.release.bounds.max, target)
    if new.min >= target and new.max >= top:
        return DONE
    why = whys.must_have(target, new.desired) if new.min < target else whys.room_for(top)
    return resize(look, new.name, why, min=max(new.min, target), max=max(new.max, top))


def await_new(look: Look) -> Answer:
    """Enough new instances are healthy in each balancer that counts, and new was asked for all that demand needs."""
    new = look.new
    if unseen := launches_of_new(look):
        return unseen
    if failure := launch_failure(look):
        return Failed(failure)
    if lacking := too_few(look, new, counting(look), needed_of_new):
        return waiting_for(look, new, TO_COME, Waiting(lacking + newest_failure(look, new)))
    if new.desired < look.target:
        return Waiting(sentences.desired_is_short(new.name, new.desired, look.target))
    return DONE


def require_launches(look: Look) -> Answer:
    """What a later wave needs can still be launched."""
    new = look.new
    if len(new.in_service) >= new.desired:
        return DONE
    if unseen := launches_of_new(look):
        return unseen
    failure = cannot_launch(look, new)
    return Failed(failure) if failure else DONE


def needed_of_new(look: Look, balancer: str) -> int:
    """Return how many new instances must be healthy in a balancer before the traffic moves: one at least, if any."""
    target = look.target
    return target if look.release.first else max(min(1, target), min(look.floor(balancer), target))


def pass_dead_by(look: Look) -> Answer:
    """Where no instance of either side was ever healthy, new had the time of its checks to be the first.

    The time begins when new is healthy elsewhere; afterwards the balancer is passed by, and everybody is told.
    """
    release = look.release
    dead = tuple(balancer for balancer in look.dead if balancer not in release.passed_by)
    if not dead or look.target == 0:
        return DONE
    names = tuple(map(called, dead))
    if not release.well_at or set(dead) & set(look.unclear):
        return Waiting(stuck.unknown_whether_any(names))
    coming = stuck.not_yet_the_first(look.new.name, names)
    if look.now < (until := release.well_at + release.check_time):
        return Waiting(coming, until)
    if being_checked(look, look.new, dead):
        return Waiting(coming)
    passed = attrs.evolve(release, passed_by=tuple(sorted({*release.passed_by, *dead})))
    return Recorded(passed, stuck.passed_by(look.old.name, look.new.name, names), agreeing=AGREEING)


def await_proof(look: Look) -> Answer:
    """As many new instances as are needed have stayed healthy for as long as a balancer needs to notice a dead one."""
    release = look.release
    at_stake = [one for one in look.wanted if release.first or look.hoped(look.old, one)]
    return _proven_in(look, at_stake, needed_of_new)


def _proven_in(look: Look, balancers: Iterable[str], needed: Callable[[Look, str], int]) -> Answer:
    """As many new instances as are needed in each balancer have stayed healthy there for long enough."""
    patience = look.release.terms.healthy_for
    for balancer in balancers:
        if proven(look, balancer) < (wanted := needed(look, balancer)):
            return Waiting(_proving(look, balancer, wanted), grace=patience, gist=f"{balancer} {wanted} to be proven")
    return DONE


def _proving(look: Look, balancer: str, wanted: int) -> str:
    """Say for how long as many as are needed have been healthy, and who may go once that is long enough."""
    ages, patience = healthy_for(look, balancer), look.release.terms.healthy_for
    if len(ages) < wanted:
        return sentences.healthy(look.new.name, len(ages), wanted, where(look, balancer))
    then = look.old.name if look.release.phase.is_before_switch and look.old.in_service else ""
    return sentences.proving(look.new.name, wanted, ages[wanted - 1], patience, then)


def await_quiet(look: Look) -> Answer:
    """No scheduled action is due within two minutes of the moment in which the one side is armed for the other.

    One that came between the two calls would be lost, or done twice. It is not waited for while nothing of old serves,
    nor longer than five minutes: some are due every minute.
    """
    release = look.release
    end = release.milestones["moving"] + LOUD
    if release.first or armed(look.new, service_suspends(release)) or not look.serves(look.old) or look.now >= end:
        return DONE
    if unseen := settings_of(look, release.old):
        return unseen
    found = look.fleet.scaling[release.old].schedules
    scheduled = (*found, *release.picture.old.schedules)
    near = [(due, name) for due, name in due_times(*scheduled) if abs(due - look.fleet.at) < NEAR]
    if not near:
        return DONE
    (due, name), ahead = max(near), look.now - look.fleet.at
    until = min(due + NEAR + ahead, end)
    return Waiting(waits.scheduled(until, name, due + ahead), until)


def arm_new(look: Look) -> Answer:
    """New's own autoscaler is in charge, and old's is suspended from then on; new's minimum holds it up meanwhile."""
    on = arm(look, look.new, whys.scales_now(look.new.name))
    return flipped(look, on, disarm_old(look))


def disarm_old(look: Look) -> Answer:
    """Old's autoscaler is suspended, and nothing balances its zones while it empties."""
    if look.release.first:
        return DONE
    return disarm(look, look.old, whys.scales_now(look.new.name), REBALANCE)


def await_all(look: Look) -> Answer:
    """As many new instances are healthy, and have stayed so, as were of old in each balancer, or as new still wants.

    What the owner wants as nothing is not waited for.
    """
    if wants_none(look):
        return DONE
    if lacking := too_few(look, look.new, counting(look), _as_many_as_before):
        return waiting_for(look, look.new, TO_COME, Waiting(lacking))
    if look.new.arriving and not any(look.most_healthy(balancer, look.old) for balancer in look.balancers):
        return Waiting(sentences.launching(look.new.name, len(look.new.arriving)))
    return _proven_in(look, counting(look), _as_many_as_before)


def _as_many_as_before(look: Look, balancer: str) -> int:
    before = look.most_healthy(balancer, look.old) or look.most_healthy(balancer)
    return max(1, look.lowered(balancer, min(look.new.desired, before)))


def require_no_alarm(look: Look) -> Answer:
    """No alarm that guards the release fires, other than one that misses instances while their owner wants none."""
    if not look.release.terms.alarms or not look.release.well_at or sleeps(look):
        return DONE
    if unseen := guarding_alarms(look):
        return unseen
    if not look.firing:
        return DONE
    return Failed(sentences.in_alarm(look.firing))


def await_bake(look: Look) -> Answer:
    """The new image has served alone for the bake time."""
    began, terms = look.release.milestones["moved"], look.release.terms
    if look.now < (until := began + terms.bake):
        return Waiting(sentences.bake(look.now - began, terms.bake, bool(terms.alarms)), until, gist="bake")
    return DONE


def follow_demand(look: Look) -> Answer:
    """New's minimum follows demand until its own alarms have seen the load that it has alone now."""
    if wants_none(look):
        return DONE
    return grow_new(look) if stabilizing(look, look.release.milestones.get("moved", look.now)) else DONE


def hand_over(look: Look) -> Answer:
    """New takes the service's bounds, and its zones are balanced again; from here on they are not ours to write.

    Nor are they where the owner has put new to nothing: it keeps what it was given.
    """
    release, new = look.release, look.new
    sizes = ("minimum",) if new.max == max(release.bounds.max, new.desired) else ("minimum", "maximum")
    own = whys.the_services_own(sizes)
    still = (new.suspended & {REBALANCE}) - service_suspends(release)
    return first_due(
        DONE if wants_none(look) else let_go(look, new, release.bounds, release.milestones.get("moved", look.now), own),
        resume(look, new.name, still, whys.zones_again()) if still else DONE,
    )


DEPLOY_PLAN: tuple[Step | Milestone[Look] | Stage, ...] = (
    Stage("check"),  # what is asked before there is a release
    Stage("prepare"),
    accept_edits,
    accept_suspensions,
    write_release_tags,
    disarm_coming_new,
    copy_settings,
    hold_old,
    set_image,
    resume_while_empty,
    Stage("launch"),
    require_no_alarm,
    grow_new,
    Stage("healthy"),
    await_new,
    pass_dead_by,
    Stage("prove"),
    await_proof,
    Milestone("moving", lambda look: sentences.is_healthy_on(look.release.image, look.release.new)),
    Stage("move"),
    accept_edits,
    accept_suspensions,
    keep_new_image,
    require_no_alarm,
    grow_new,
    require_launches,
    copy_settings,
    await_quiet,
    arm_new,
    disarm_old,
    let_old_go,
    park_old,
    await_new,
    Milestone("moved", lambda look: sentences.serves_alone(look.release.image)),
    Stage("bake"),
    accept_edits,
    keep_new_image,
    require_no_alarm,
    follow_demand,
    accept_suspensions,
    arm_new,
    disarm_old,
    let_old_go,
    park_again,
    await_all,
    await_bake,
    Stage("handover"),
    hand_over,
    Milestone("deployed", lambda look: sentences.is_live(look.release.image, look.release.new)),
)

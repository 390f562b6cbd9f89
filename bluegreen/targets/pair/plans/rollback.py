"""The story of a rollback: old comes back first, then new goes, then everything is as it was."""

from __future__ import annotations

from functools import partial

import attrs

from bluegreen.flow.answers import DONE, Blocked, Done, Due, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.flow.plans import Milestone, Stage
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair.model.actions import Register, TagGroup, Unmark, Unprotect, UntagGroup
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import INITIAL, SHIFTED, UNHEALTHY, Balancer
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import MARK, ROLLBACK
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.bringing import bring_settings
from bluegreen.targets.pair.plans.due import exit_standby, plainly, register, resize
from bluegreen.targets.pair.plans.giving_way import HEALTHY_AGAIN, await_more, needed_of_old, own_balancers, shrink_new
from bluegreen.targets.pair.plans.guards.vouching import undisputed
from bluegreen.targets.pair.plans.moving import return_settings, strip_new
from bluegreen.targets.pair.plans.processes import accept_suspensions, suspend_exactly
from bluegreen.targets.pair.plans.readiness import readiness
from bluegreen.targets.pair.plans.release_tags import remove_release_tags, write_release_tags
from bluegreen.targets.pair.plans.retiring import retire_or_keep
from bluegreen.targets.pair.plans.steps import (
    Step,
    accept_edits,
    arm,
    batch,
    bounded,
    disarm,
    draining,
    empty,
    first_due,
    flipped,
    idle_bounds,
    keep_old_image,
    let_go,
    service_suspends,
    stabilizing,
    too_few,
)
from bluegreen.targets.pair.plans.suspension import TO_COME, unregistered, waiting_for
from bluegreen.targets.pair.sentences import waits, whys


def require_fit_to_return(look: Look) -> Answer:
    """Nothing keeps all from coming back that is parked or has to be launched; what drains serves all the same."""
    if look.release.first or not _must_return(look) or not (found := readiness(look).blocked):
        return DONE
    ways = ", then ".join(filter(None, (*(lack.hint for lack in found), f"`bluegreen resume {look.release.service}`")))
    return first_due(_bridge(look), Blocked("; ".join(lack.sentence for lack in found), ways))


def _must_return(look: Look) -> bool:
    """Whether old is to have more in service than it has."""
    return coming(look.old) > 0 or len(look.old.in_service) < wanted_of_old(look)


def forget_what_stayed(look: Look) -> Answer:
    """What was told to leave and is seen in service again and again did not leave: it counts.

    A look from before it was told shows the same, so that it is believed only when no look can be as old as that.
    """
    told = tuple(i.id for i in look.old.in_service if i.id in look.release.leaving)
    if not told:
        return DONE
    if look.taken < (until := look.release.told_at + STALE):
        return Waiting(waits.standby_not_seen(look.old.name, len(told)), until)
    release = attrs.evolve(look.release, leaving=look.release.leaving - set(told))
    return Recorded(release, waits.standby_had_no_effect(look.old.name, len(told)), agreeing=AGREEING)


def return_old(look: Look) -> Answer:
    """Every old instance that was parked is on its way back, and fresh ones make up for what demand lacks."""
    if look.release.first:
        return DONE
    image, back = keep_old_image(look), _await_return(look)
    fresh = first_due(image, _top_up(look))
    free = isinstance(image, Done) or undisputed(look)  # a write that tags may hold up waits for what comes back
    return first_due(_bridge(look), _widen(look), _unpark(look), *((fresh, back) if free else (back, fresh)))


def _widen(look: Look) -> Answer:
    old = look.old
    room = max(old.desired + coming(old), wanted_of_old(look))
    if old.max >= room:
        return DONE
    return resize(look, old.name, whys.room_for(room), max=room)


def wanted_of_old(look: Look) -> int:
    """Return how many members old must have, the sick ones among them made up for.

    What makes up for them raises what is healthy at once where they fall sick again and again: not what is needed.
    """
    return max(look.demand, _with_the_sick(look))


def _with_the_sick(look: Look) -> int:
    """Return how many members old must have where some are not well, otherwise 0."""
    each = (needed_in(look, one) + sick for one in own_balancers(look) if (sick := len(unwell(look, one))))
    return max(each, default=0)


def needed_in(look: Look, balancer: str) -> int:
    """Return how many of old must serve in a balancer, as when the first of them were found unwell."""
    floor = max(1, look.floor(balancer))
    return min(floor, look.release.needed) if look.release.needed else floor


def needed_when_unwell(look: Look) -> int:
    """Return how many of old must serve, once any is unwell in a rollback: it is found out once."""
    if look.release.needed or look.release.goal != ROLLBACK:
        return look.release.needed
    own = own_balancers(look)
    return max(map(look.floor, own)) if any(unwell(look, one) for one in own) else 0


def _bridge(look: Look) -> Answer:
    """What still drains serves at once, and so does what came back while nothing registered it."""
    old = look.old
    for balancer in sorted(old.balancers):
        states = look.fleet.health.get(balancer.id, {})
        tried = _registered_just_now(look, balancer)
        if draining := tuple(i.id for i in old.parking if states.get(i.id) == "draining" and i.id not in tried):
            return register(look, balancer, draining, whys.still_draining(len(draining)))
    for balancer, ids in unregistered(look, old):
        if "AddToLoadBalancer" not in old.suspended and (back := batch(tuple(filter(partial(_came_back, look), ids)))):
            return register(look, balancer, back, whys.nothing_registered(len(back)))
    return DONE


def _registered_just_now(look: Look, balancer: Balancer) -> frozenset[str]:
    """Return what one of the last two looks has led to be registered: what drains all the same holds nothing else up.

    What does not run any more cannot be registered (botocore model), and drains until its time is over.
    """
    answers = (seen.answer.action for seen in look.past[:2] if isinstance(seen.answer, Due))
    asked = (action.ids for action in answers if isinstance(action, Register) and action.balancer == balancer)
    return frozenset(one for ids in asked for one in ids)


def _came_back(look: Look, instance: str) -> bool:
    """Whether an old instance came into service in this rollback: told to leave Standby, or launched."""
    return instance in look.release.returning or instance not in look.release.members


def _unpark(look: Look) -> Answer:
    old, returning = look.old, look.release.returning
    waiting = tuple(i.id for i in old.parked if i.id not in returning)
    if wave := batch(waiting):
        return exit_standby(look, old.name, wave)
    told = tuple(i.id for i in old.parked)
    if told and look.steadily(AGREEING, old.name, told, "Standby"):
        return exit_standby(look, old.name, batch(told), whys.had_no_effect("ExitStandby"))
    return DONE


def _top_up(look: Look) -> Answer:
    old = look.old
    needed = wanted_of_old(look) - coming(old)
    if old.min >= needed:
        return DONE
    return resize(look, old.name, whys.must_have(needed, old.desired), min=needed)


SLOW = 300.0
"""Seconds after which what came back is not believed to get well any more, however long a launch may take."""


def unwell(look: Look, balancer: str) -> tuple[str, ...]:
    """Return the old instances in service that ``balancer`` has not called healthy for too long, for several looks.

    A group that checks EC2 alone never replaces them, so fresh ones must make up for them. Those are not counted:
    an instance that boots is called unhealthy, too. So may be one that has just left Standby, with all it knew
    forgotten: while both sides together hold what is needed, it has half of the time that may pass without progress,
    and a fresh one the other half. Where it is missed, it has the time of the slowest balancer's checks.
    """
    release, waited = look.release, look.now - look.release.progressed_at
    slow = waited >= max(release.check_time, min(release.terms.progress_deadline / 2, SLOW))
    missed = waited >= release.check_time and look.steady(AGREEING, partial(_is_missed, balancer))
    if not (slow or missed):
        return ()
    shifted = {SHIFTED} if _has_another_zone(look, balancer) else set()
    states = frozenset({UNHEALTHY, *shifted, *([INITIAL] if slow else [])})
    known = (i.id for i in look.old.in_service if i.id in release.members)
    return tuple(i for i in known if look.steady(AGREEING, partial(_is_in, states, balancer, i)))


def _has_another_zone(look: Look, balancer: str) -> bool:
    """Whether old launches in a zone from which no zonal shift is known to keep requests; untold, it may."""
    named = look.old.settings.get("AvailabilityZones")
    zones = set(named) if isinstance(named, list | tuple) else set()
    kept = {i.zone for i in look.old.in_service if look.fleet.state(balancer, i.id) == SHIFTED}
    return not zones or bool(zones - kept)


def _is_missed(balancer: str, look: Look) -> bool:
    return look.served(balancer) < needed_in(look, balancer)


def _is_in(states: frozenset[str], balancer: str, instance: str, look: Look) -> bool:
    return look.fleet.state(balancer, instance) in states


def _await_return(look: Look) -> Answer:
    if count := coming(look.old):
        wait = draining(look, waits.on_the_way_back(look.old.name, count))
        return waiting_for(look, look.old, TO_COME, wait)
    return DONE


def arm_old(look: Look) -> Answer:
    """Old's own autoscaler is in charge again, its minimum holding what it must, and new's rests from then on."""
    if look.release.first:
        return DONE
    on = arm(look, look.old, whys.scales_now(look.old.name))
    return flipped(look, on, disarm_new(look))


def disarm_new(look: Look) -> Answer:
    """New's autoscaler is suspended while new goes."""
    return disarm(look, look.new, whys.while_it_empties())


def keep_new_disarmed(look: Look) -> Answer:
    """New's autoscaler rests as long as new has instances that are to go."""
    return disarm_new(look) if look.new.staying else DONE


def unprotect_new(look: Look) -> Answer:
    """No new instance is protected from its group's own scale-in."""
    if ids := tuple(i.id for i in look.new.in_service if i.protected):
        return plainly(look, Unprotect(look.new.name, ids[:50]), whys.must_scale_in())
    return DONE


def hold_demand(look: Look) -> Answer:
    """Old's minimum follows demand until its own alarms have seen the load that it has alone now.

    What is not well is made up for here, too, unless nobody waits for that.
    """
    old, release = look.old, look.release
    if release.first:
        return DONE
    followed = look.demand if stabilizing(look, release.milestones.get("back", look.now)) else 0
    needed = max(followed, 0 if release.urgent else _lacking_for_the_sick(look))
    if old.min >= needed:
        return DONE
    return resize(look, old.name, whys.must_have(needed, old.desired), min=needed, max=max(old.max, needed))


def _lacking_for_the_sick(look: Look) -> int:
    """Return how many old must have for those that are not well, where it does not want as many: it keeps its own."""
    needed = _with_the_sick(look)
    return needed if look.old.desired < needed else 0


def empty_new(look: Look) -> Answer:
    """New has no instance any more, but such as were there before: nothing of this release was launched beside them."""
    if not look.release.launched_at and all(i.lasting for i in look.new.staying):
        return DONE
    return empty(look, look.new)


def await_old(look: Look) -> Answer:
    """Old holds the floor alone; new has gone, so that who wants the end at once loses nothing by it."""
    if look.release.first or look.release.urgent:
        return DONE
    lacking = too_few(look, look.old, own_balancers(look), needed_of_old)
    return await_more(look, lacking) if lacking else DONE


def unmark_returned(look: Look) -> Answer:
    """What came back carries no mark of an interrupted finish."""
    machines = look.fleet.machines
    marked = tuple(i.id for i in look.old.instances if i.id in machines and MARK in machines[i.id].tags)
    if marked:
        return plainly(look, Unmark(marked, MARK), whys.serves_again())
    return DONE


def restore_tag(look: Look) -> Answer:
    """New's tag says what it said before."""
    key, side = look.release.terms.image_tag_key, look.release.picture.new
    if look.new.tag(key) == side.image:
        return DONE
    if side.image is None:
        return plainly(look, UntagGroup(side.name, key), whys.had_none())
    back = TagGroup(side.name, key, side.image, side.propagate)
    return plainly(look, back, whys.as_before())


def restore_new(look: Look) -> Answer:
    """New is as it was when the release began."""
    release = look.release
    bounds = release.bounds if release.first else idle_bounds(release)
    return first_due(
        bounded(look, look.new, bounds, whys.as_before()),
        suspend_exactly(look, look.new, release.picture.new.suspended, whys.as_before()),
    )


def restore_old(look: Look) -> Answer:
    """Old is as it was when the release began, but for what was wished meanwhile; its zones are balanced again last."""
    release = look.release
    bounds = idle_bounds(release) if release.first else release.bounds
    suspended = release.picture.old.suspended if release.first else service_suspends(release)
    return first_due(
        let_go(look, look.old, bounds, release.milestones.get("back", look.now), whys.as_before()),
        suspend_exactly(look, look.old, suspended, whys.as_before()),
    )


ROLLBACK_PLAN: tuple[Step | Milestone[Look] | Stage, ...] = (
    Stage("return"),
    accept_edits,
    require_fit_to_return,
    return_old,
    forget_what_stayed,
    write_release_tags,
    return_settings,
    accept_suspensions,
    arm_old,
    disarm_new,
    unprotect_new,
    Stage(HEALTHY_AGAIN),  # what keeps new from going
    Stage("take over"),
    shrink_new,
    Milestone("back", lambda look: sentences.serves_alone_again(look.release.previous_image or look.release.old)),
    Stage("empty"),
    accept_edits,
    accept_suspensions,
    bring_settings,
    keep_new_disarmed,
    unprotect_new,
    empty_new,
    Stage("restore"),
    hold_demand,
    await_old,
    retire_or_keep,
    unmark_returned,
    keep_old_image,
    strip_new,
    restore_tag,
    restore_new,
    restore_old,
    remove_release_tags,
    Milestone("restored", lambda look: sentences.nothing_left(look.release.image)),
)

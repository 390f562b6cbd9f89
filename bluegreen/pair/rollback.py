"""The story of a rollback: old comes back first, then new goes, then everything is as it was."""

from __future__ import annotations

from functools import partial

import attrs

from bluegreen.flow.answers import DONE, Answer, Blocked, Due, Recorded, Waiting
from bluegreen.flow.doubts import AGREEING, STALE
from bluegreen.pair.actions import ExitStandby, Register, Resize, TagGroup, Unmark, Unprotect, UntagGroup
from bluegreen.pair.activities import lacking_room
from bluegreen.pair.demand import coming
from bluegreen.pair.finish import retire_or_keep
from bluegreen.pair.fleet import called
from bluegreen.pair.look import Look
from bluegreen.pair.mirror import mirrored, unmirrored
from bluegreen.pair.moving import bare_new, return_settings
from bluegreen.pair.release import MARK
from bluegreen.pair.steps import (
    Milestone,
    adopt_wishes,
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
    plural,
    settling,
    suspend_exactly,
    too_few,
)

NEEDED_TO_RETURN = frozenset({"Launch", "AddToLoadBalancer"})
"""Suspended, they keep an instance from leaving Standby or from being registered (Auto Scaling user guide)."""


def fit_to_return(look: Look) -> Answer:
    """Nothing that a return from Standby needs is suspended on old."""
    if look.release.first or not (resting := NEEDED_TO_RETURN & look.old.suspended):
        return DONE
    names = " ".join(sorted(resting))
    return Blocked(
        f"{names} of {look.old.name} rests, so parked instances cannot come back",
        f"aws autoscaling resume-processes --auto-scaling-group-name {look.old.name} --scaling-processes {names}, "
        f"then `bluegreen resume {look.release.service}`",
    )


def stayed(look: Look) -> Answer:
    """What was told to leave and is seen in service again and again did not leave: it counts.

    A look from before it was told shows the same, so that it is believed only when no look can be as old as that.
    """
    told = tuple(i.id for i in look.old.in_service if i.id in look.release.leaving)
    if not told:
        return DONE
    if look.taken < (until := look.release.told_at + STALE):
        return Waiting(f"{plural(len(told), 'old instance')} told to leave and seen in service", until)
    release = attrs.evolve(look.release, leaving=look.release.leaving - set(told))
    return Recorded(release, f"{plural(len(told), 'old instance')} never left", agreeing=AGREEING)


def return_old(look: Look) -> Answer:
    """Every old instance that was parked is on its way back, and fresh ones make up for what demand lacks."""
    if look.release.first:
        return DONE
    return first_due(_widen(look), _bridge(look), _unpark(look), _top_up(look), _await_return(look))


def _widen(look: Look) -> Answer:
    old = look.old
    room = max(old.desired + coming(old), wanted_of_old(look))
    if old.max >= room:
        return DONE
    return Due(Resize(old.name, max=room), f"{old.name} needs room for {plural(room, 'instance')}")


def wanted_of_old(look: Look) -> int:
    """Return how many members old must have, the sick ones among them made up for."""
    made_up = (look.floor(balancer) + len(unwell(look, balancer)) for balancer in own_balancers(look))
    return max(look.demand, *made_up, 0)


def own_balancers(look: Look) -> tuple[str, ...]:
    """Return the balancers in which old has had a healthy instance: where it can serve again."""
    return tuple(balancer for balancer in look.balancers if look.mark(balancer, look.old))


def _bridge(look: Look) -> Answer:
    old = look.old
    for balancer in sorted(old.balancers):
        states = look.fleet.health.get(balancer.id, {})
        if draining := tuple(i.id for i in old.parking if states.get(i.id) == "draining"):
            return Due(Register(balancer, draining), f"{plural(len(draining), 'old instance')} still draining")
    return DONE


def _unpark(look: Look) -> Answer:
    old, returning = look.old, look.release.returning
    waiting = tuple(i.id for i in old.parked if i.id not in returning)
    if wave := batch(waiting):
        return Due(ExitStandby(old.name, wave), f"{plural(len(waiting), 'old instance')} parked")
    told = tuple(i.id for i in old.parked)
    if told and look.steadily(AGREEING, old.name, told, "Standby"):
        return Due(ExitStandby(old.name, batch(told)), f"{plural(len(told), 'old instance')} did not come back")
    return DONE


def _top_up(look: Look) -> Answer:
    old = look.old
    needed = wanted_of_old(look) - coming(old)
    if old.min >= needed:
        return DONE
    return first_due(
        keep_old_image(look), Due(Resize(old.name, min=needed), f"{old.name} must hold {plural(needed, 'instance')}")
    )


def unwell(look: Look, balancer: str) -> tuple[str, ...]:
    """Return the old instances in service that ``balancer`` has called unhealthy for several looks.

    A group that checks EC2 alone never replaces them, so fresh ones must make up for them. Those are not counted:
    an instance that boots is called unhealthy, too.
    """
    known = (i.id for i in look.old.in_service if i.id in look.release.members)
    return tuple(i for i in known if look.steady(AGREEING, partial(_unhealthy, balancer, i)))


def _unhealthy(balancer: str, instance: str, look: Look) -> bool:
    return look.fleet.state(balancer, instance) == "unhealthy"


def _await_return(look: Look) -> Answer:
    if count := coming(look.old):
        return draining(look, f"{plural(count, 'old instance')} on the way out of Standby")
    return DONE


def arm_old(look: Look) -> Answer:
    """Old's own autoscaler is in charge again, its minimum holding what it must, and new's rests from then on."""
    if look.release.first:
        return DONE
    on = arm(look, look.old, f"the policies and schedules of {look.old.name} take over")
    return flipped(on, disarm_new(look))


def disarm_new(look: Look) -> Answer:
    """New's autoscaler rests while new goes."""
    return disarm(look.new, f"the policies and schedules of {look.new.name} must rest while it goes")


def keep_new_disarmed(look: Look) -> Answer:
    """New's autoscaler rests as long as new has instances that are to go."""
    return disarm_new(look) if look.new.staying else DONE


def unprotect_new(look: Look) -> Answer:
    """No new instance is protected from its group's own scale-in."""
    if ids := tuple(i.id for i in look.new.in_service if i.protected):
        return Due(Unprotect(look.new.name, ids[:50]), f"{plural(len(ids), 'new instance')} protected from scale-in")
    return DONE


def shrink_new(look: Look) -> Answer:
    """No new instance gets requests; each wave leaves by new's own scale-in, drained, old holding the rest."""
    new, remaining = look.new, allowed_to_stay(look)
    if min(new.max, max(new.desired, new.min)) > remaining or (remaining == 0 and new.max > 0):
        return Due(Resize(new.name, min=0, max=remaining), _going(look, remaining))
    if remaining:
        return _await_old_again(look)
    if busy := [i.id for i in new.instances if look.fleet.takes_requests(new, i.id)]:
        return Waiting(f"{plural(len(busy), 'new instance')} still in the load balancer")
    return DONE


def _await_old_again(look: Look) -> Answer:
    """What keeps new from going: old has to hold each balancer that new serves, and may never have served one."""
    old, new, release = look.old, look.new, look.release
    if not _served_by_new(look):
        return Waiting(f"{new.name} serves nothing; it goes once {old.name} is healthy wherever it was before")
    lacking = too_few(look, old, _served_by_new(look), needed_of_old)
    alone = [balancer for balancer in _served_by_new(look) if not look.mark(balancer, old)]
    in_time = look.now <= release.marked_at + release.check_time
    if not alone or in_time or set(alone) & set(look.unclear) or not look.serves(old):
        return Waiting(lacking or f"{old.name} to be healthy where {new.name} serves")
    names = ", ".join(map(called, alone))
    return Blocked(
        f"{old.name} was never healthy in {names}, where {new.name} serves: both serve, nothing is taken away",
        f"`bluegreen rollback --now {release.service}` takes {new.name} away all the same: {names} then has no "
        "healthy instance",
    )


def allowed_to_stay(look: Look) -> int:
    """How many new instances must stay, for the floor to hold whichever of them the group's scale-in picks."""
    serving = _served_by_new(look)
    if not serving:
        may_go = not look.new.instances or (look.steady(AGREEING, serves_nothing) and _may_end(look))
        return 0 if may_go else look.new.max
    if all(len(look.serving(look.old, balancer)) >= needed_of_old(look, balancer) for balancer in serving):
        return 0
    if not look.release.urgent and not all(look.mark(balancer, look.old) for balancer in serving):
        return look.new.max
    spare = min(look.served(balancer) - needed_of_old(look, balancer) for balancer in serving)
    return max(0, min(look.new.max, look.new.desired - max(spare, 0)))


def _served_by_new(look: Look) -> tuple[str, ...]:
    return tuple(balancer for balancer in look.balancers if look.hoped(look.new, balancer))


def _may_end(look: Look) -> bool:
    """Whether new, which serves nothing, may go: a balancer without any healthy instance may still send it requests.

    One healthy old instance in each of old's balancers is enough; none where new's going makes room for old.
    """
    back = all(look.well(look.old, balancer) for balancer in own_balancers(look))
    return back or bool(lacking_room(look, look.old))


def serves_nothing(look: Look) -> bool:
    """Whether it is known that no new instance is healthy anywhere; believed only when several looks agree."""
    return not look.serves(look.new)


def needed_of_old(look: Look, balancer: str) -> int:
    """How many old instances must be healthy in a balancer before the last new one goes.

    One at least, wherever new serves, unless nothing served before. ``--now`` waits for no fresh one, nor where old was
    never healthy.
    """
    old, returning, floor = look.old, look.release.returning, look.floor(balancer)
    if not look.release.urgent:
        return 0 if look.release.first else max(1, floor)
    if not look.mark(balancer, old):
        return 0
    return min(floor, len(old.in_service) + sum(i.id in returning for i in old.arriving)) if old.in_service else floor


def _going(look: Look, remaining: int) -> str:
    leaving = max(look.new.desired - remaining, 0)
    healthy = min((look.served(balancer) for balancer in look.wanted), default=0)
    return f"{plural(leaving, 'instance')} of {look.new.name} can go, {plural(healthy, 'instance')} healthy"


def hold_demand(look: Look) -> Answer:
    """Old's minimum follows demand until its own alarms have seen the load that it has alone now."""
    old, release = look.old, look.release
    if release.first or not settling(look, release.milestones.get("back", look.now)) or old.min >= look.demand:
        return DONE
    wanted = Resize(old.name, min=look.demand, max=max(old.max, look.demand))
    return Due(wanted, f"{old.name} must hold {plural(look.demand, 'instance')}")


def empty_new(look: Look) -> Answer:
    """New has no instance any more."""
    return empty(look, look.new)


def await_old(look: Look) -> Answer:
    """Old holds the floor alone."""
    if look.release.first:
        return DONE
    lacking = too_few(look, look.old, own_balancers(look), needed_of_old)
    return Waiting(lacking) if lacking else DONE


def unmark_returned(look: Look) -> Answer:
    """What came back carries no mark of an interrupted finish."""
    machines = look.fleet.machines
    marked = tuple(i.id for i in look.old.instances if i.id in machines and MARK in machines[i.id].tags)
    if marked:
        return Due(Unmark(marked, MARK), f"{plural(len(marked), 'returned instance')} still marked")
    return DONE


def restore_tag(look: Look) -> Answer:
    """New's tag says what it said before."""
    release, side = look.release, look.release.picture.new
    if look.new.tag(release.tag_key) == side.image:
        return DONE
    if side.image is None:
        return Due(UntagGroup(side.name, release.tag_key), f"{side.name} had no tag {release.tag_key} before")
    back = TagGroup(side.name, release.tag_key, side.image, side.propagate)
    return Due(back, f"{side.name} had {release.tag_key}={side.image} before")


def restore_new(look: Look) -> Answer:
    """New is as it was when the release began."""
    release = look.release
    bounds = release.bounds if release.first else idle_bounds(release)
    return first_due(
        bounded(look.new, bounds, f"{look.new.name} gets its own bounds back"),
        suspend_exactly(look.new, release.picture.new.suspended),
    )


def restore_old(look: Look) -> Answer:
    """Old is as it was when the release began, but for what was wished meanwhile; its zones are balanced again last."""
    release = look.release
    bounds = idle_bounds(release) if release.first else release.bounds
    sentence = f"{look.old.name} gets its own bounds back"
    return first_due(
        let_go(look, look.old, bounds, release.milestones.get("back", look.now), sentence),
        suspend_exactly(look.old, release.picture.old.suspended),
    )


ROLLBACK_PLAN = (
    adopt_wishes,
    fit_to_return,
    return_old,
    stayed,
    mirrored,
    return_settings,
    arm_old,
    disarm_new,
    unprotect_new,
    shrink_new,
    Milestone("back", "the old image serves alone again"),
    adopt_wishes,
    arm_old,
    keep_new_disarmed,
    unprotect_new,
    empty_new,
    hold_demand,
    await_old,
    retire_or_keep,
    unmark_returned,
    keep_old_image,
    bare_new,
    restore_tag,
    restore_new,
    restore_old,
    unmirrored,
    Milestone("restored", "everything is as it was before the release"),
)

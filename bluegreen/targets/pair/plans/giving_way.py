"""How the new side gives way in a rollback: in waves, and only where old holds what new serves. Pure."""

from __future__ import annotations

from functools import partial

import attrs

from bluegreen.flow.answers import DONE, Blocked, Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.activities import cannot_launch, lacking_room, newest_failure
from bluegreen.targets.pair.model.fleet import HEALTHY, UNKNOWN, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import tries_of
from bluegreen.targets.pair.plans.due import resize
from bluegreen.targets.pair.plans.steps import being_checked, shifted_away, too_few
from bluegreen.targets.pair.plans.suspension import TO_COME, TO_GO, cut_off, waiting_for
from bluegreen.targets.pair.sentences import stuck, whys
from bluegreen.words import fits, plural

HEALTHY_AGAIN = "healthy"
"""The stage of a rollback in which new still waits for old."""


def own_balancers(look: Look) -> tuple[str, ...]:
    """Return the balancers in which old has had a healthy instance, and is attached: where it can serve again."""
    attached = {balancer.id for balancer in look.old.balancers}
    return tuple(
        balancer for balancer in look.balancers if balancer in attached and look.most_healthy(balancer, look.old)
    )


def shrink_new(look: Look) -> Answer:
    """No new instance gets requests; each wave leaves by new's own scale-in, drained, old holding the rest."""
    if _asks_for_room(look) and (unseen := tries_of(look, look.old)):
        return unseen
    new, remaining = look.new, allowed_to_stay(look)
    if min(new.max, max(new.desired, new.min)) > remaining or (remaining == 0 and new.max > 0):
        return resize(look, new.name, _going(look, remaining), min=0, max=remaining)
    if remaining:
        return attrs.evolve(_await_old_again(look), stage=HEALTHY_AGAIN)
    if busy := [i for i in new.instances if look.fleet.takes_requests(new, i.id)]:
        wait = Waiting(sentences.draining(new.name, len(busy), look.release.drain))
        return waiting_for(look, new, TO_GO, wait, busy)
    return DONE


def _await_old_again(look: Look) -> Answer:
    """What keeps new from going: old has to hold each balancer that new serves, and may never have served one."""
    old, new, release = look.old, look.new, look.release
    if not _served_by_new(look):
        sick = stuck.nothing_to_lose(new.name, old.name)
        return await_more(look, sick + shifted_away(look, old))
    lacking = too_few(look, old, _served_by_new(look), needed_of_old)
    if (cut := _cut_off(look)) and not too_few(look, old, own_balancers(look), needed_of_old):
        return cut
    alone = [balancer for balancer in _served_by_new(look) if not look.most_healthy(balancer, old)]
    in_time = look.now <= release.progressed_at + release.check_time or being_checked(look, old, alone)
    if not alone or in_time or set(alone) & set(look.unclear) or not look.serves(old):
        return await_more(look, lacking or stuck.not_where_new_serves(old.name, new.name))
    where = tuple(map(called, alone))
    names = ", ".join(where)
    return Blocked(
        stuck.never_where_new_serves(old.name, where, new.name),
        f"`bluegreen rollback --now {release.service}` takes {new.name} away all the same: {names} then "
        f"{fits(alone, 'has', 'have')} no healthy instance",
    )


def await_more(look: Look, lacking: str) -> Answer:
    """Old is too few: what AWS says of its launches, and what a person can do who does not wait for them."""
    old, ways = look.old, _ways(look)
    if unseen := tries_of(look, old):
        return unseen
    failure = cannot_launch(look, old) if len(old.in_service) < old.desired else None
    if failure:
        return Blocked(f"{lacking}; {failure}", ways)
    return waiting_for(look, old, TO_COME, Waiting(lacking + newest_failure(look, old), hint=ways))


def _ways(look: Look) -> str:
    """Return what a person can do while old is too few: ``--now`` only where that makes the release go on."""
    service, new, old = look.release.service, look.new, look.old
    first = "wait until the zonal shift is over" if shifted_away(look, old) else "put right what is reported above"
    ways = f"{first}, then `bluegreen resume {service}`; or"
    left = _left_alone(look)
    if look.release.urgent or left is None:
        return f"{ways} `bluegreen close --reason TEXT {service}` ends the release as it is, on record alone"
    what = f"takes {new.name} away all the same" if new.staying else "ends the rollback all the same"
    serve = f"{plural(left, 'instance')} of {old.name} then {fits(left, 'serves', 'serve')} alone"
    cost = serve if left else f"no instance of {old.name} is healthy then"
    return f"{ways} `bluegreen rollback --now {service}` {what}: {cost}"


def _left_alone(look: Look) -> int | None:
    """Return how many of old serve where new is taken away at once; ``None`` where ``--now`` would not do that."""
    served, old = _served_by_new(look), look.old
    left = min((len(look.well(old, one)) for one in served or own_balancers(look)), default=0)
    return left if left or not look.new.staying or (not served and old.in_service) else None


def _cut_off(look: Look) -> Blocked | None:
    """Old is back wherever it is attached, and somebody took it off a balancer that new serves."""
    served, release = _served_by_new(look), look.release
    cut = [
        balancer
        for balancer in cut_off(look, look.old)
        if balancer.id in served and look.most_healthy(balancer.id, look.old)
    ]
    if not cut:
        return None
    where, ways = tuple(called(one.id) for one in cut), (hints.attached(look.old, one) for one in cut)
    names = ", ".join(where)
    return Blocked(
        stuck.off_where_new_serves(look.old.name, where, look.new.name),
        f"{', then '.join(ways)}, then `bluegreen resume {release.service}`; or `bluegreen rollback --now "
        f"{release.service}`, after which {names} {fits(cut, 'has', 'have')} no healthy instance",
    )


def allowed_to_stay(look: Look) -> int:
    """How many new instances must stay, for the floor to hold whichever of them the group's scale-in picks."""
    serving = _served_by_new(look)
    if not serving:
        may_go = not look.new.instances or (look.steady(AGREEING, serves_nothing) and _may_end(look))
        return 0 if may_go else look.new.max
    if all(len(look.serving(look.old, balancer)) >= needed_of_old(look, balancer) for balancer in serving):
        return 0
    if not look.release.urgent and not all(look.most_healthy(balancer, look.old) for balancer in serving):
        return look.new.max
    spare = min(look.served(balancer) - needed_of_old(look, balancer) for balancer in serving)
    return max(0, min(look.new.max, look.new.desired - max(spare, 0)))


def _served_by_new(look: Look) -> tuple[str, ...]:
    return tuple(balancer for balancer in look.balancers if look.hoped(look.new, balancer))


def _asks_for_room(look: Look) -> bool:
    """Whether new serves nothing and goes only to make room for old: what AWS says of old's launches tells."""
    idle = bool(look.new.instances) and not _served_by_new(look) and look.steady(AGREEING, serves_nothing)
    return idle and not all(look.well(look.old, balancer) for balancer in own_balancers(look))


def _may_end(look: Look) -> bool:
    """Whether new, which serves nothing, may go: a balancer without any healthy instance may still send it requests.

    One healthy old instance in each of old's balancers is enough; none where new's going makes room for old, or where
    it is to go at once and nothing more is known to come.
    """
    old, own = look.old, own_balancers(look)
    if all(look.well(old, balancer) for balancer in own) or lacking_room(look, old):
        return True
    return bool(look.release.urgent and old.in_service) and not any(_awaited_at_once(look, one) for one in own)


def serves_nothing(look: Look) -> bool:
    """Whether it is known that no new instance is healthy anywhere; believed only when several looks agree."""
    return not look.serves(look.new)


def needed_of_old(look: Look, balancer: str) -> int:
    """How many old instances must be healthy in a balancer before the last new one goes.

    One at least, wherever new serves, unless nothing served before. ``--now`` waits for no fresh one, nor where old was
    never healthy, and for what came back no longer than the slowest balancer needs to call it healthy; with nothing
    that serves it waits all the same.
    """
    old, floor = look.old, look.floor(balancer)
    if not look.release.urgent:
        return 0 if look.release.first else max(1, floor)
    if balancer not in own_balancers(look):
        return 0
    awaited = _awaited_at_once(look, balancer) if old.in_service else 0
    return min(floor, awaited) if awaited else floor


def _awaited_at_once(look: Look, balancer: str) -> int:
    """How many of old are back, or told to be, but those known not to serve, for several looks, after their checks."""
    old, release = look.old, look.release
    checked = look.now >= release.progressed_at + release.check_time
    back = [
        i.id for i in old.in_service if not (checked and look.steady(AGREEING, partial(_known_not_to, balancer, i.id)))
    ]
    return len(back) + sum(i.id in release.returning for i in old.arriving)


def _known_not_to(balancer: str, instance: str, look: Look) -> bool:
    return look.fleet.state(balancer, instance) not in (HEALTHY, UNKNOWN)


def _going(look: Look, remaining: int) -> str:
    leaving = max(look.new.desired - remaining, 0)
    healthy = min((look.served(balancer) for balancer in look.wanted), default=0)
    needed = max((needed_of_old(look, balancer) for balancer in look.wanted), default=0)
    return whys.removes(leaving, healthy, needed)

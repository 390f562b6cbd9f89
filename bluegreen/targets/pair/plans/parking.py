"""The old instances go to Standby, each wave so that each balancer keeps what it needs. Pure.

Capacity is counted for each balancer alone. What is not known to be healthy counts as healthy where the question is
whether it may go, and as not healthy where the question is whether there are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bluegreen.flow.answers import DONE, Blocked, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair.model.actions import BATCH
from bluegreen.targets.pair.model.fleet import HEALTHY, UNKNOWN
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.proof import proven
from bluegreen.targets.pair.model.release import DEPLOY
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import returns_of_old
from bluegreen.targets.pair.plans.due import enter_standby, resize
from bluegreen.targets.pair.plans.steps import (
    batch,
)
from bluegreen.targets.pair.plans.suspension import waiting_for
from bluegreen.targets.pair.sentences import stuck, waits, whys

Ids = tuple[str, ...]


def may_leave(look: Look) -> Ids:
    """Return the old instances that may go to Standby now, one call's at most, those that cost nothing first."""
    members = [i.id for i in look.old.in_service if i.id not in look.release.leaving]
    chosen: list[str] = []
    for instance in sorted(members, key=lambda i: len(_costs(look, i))):
        fits = len(chosen) < BATCH and not lacking_without(look, (*chosen, instance))
        if fits and _may_be_missed(look, instance, chosen):
            chosen.append(instance)
    return tuple(chosen)


def lacking_without(look: Look, ids: Iterable[str]) -> Ids:
    """Return the balancers that would have too few without the old instances ``ids``: old ones and new ones.

    In a deployment only those of new count that have proven themselves.
    """
    return _lacking(look, ids, proven if look.release.goal == DEPLOY else _serving)


def unproven_without(look: Look, ids: Iterable[str]) -> Ids:
    """Return the balancers that would have too few without ``ids``, counting what new has proven, whatever the goal."""
    return _lacking(look, ids, proven)


def _serving(look: Look, balancer: str) -> int:
    return len(look.serving(look.new, balancer))


def _lacking(look: Look, ids: Iterable[str], of_new: Callable[[Look, str], int]) -> Ids:
    ids = set(ids)
    taken_from = {balancer for instance in ids for balancer in _costs(look, instance)}
    return tuple(one for one in sorted(taken_from) if _left(look, one, ids, of_new(look, one)) < look.floor(one))


def _left(look: Look, balancer: str, without: set[str], coming: int) -> int:
    """Return how many are left to count on: what stays of old, and what is ``coming`` of new.

    Where it was never known how many of old were healthy, new has to do alone: what goes may be what served.
    """
    if look.never_known(balancer):
        return coming
    well = look.well(look.old, balancer)
    about_to_go = len(well) - len(look.serving(look.old, balancer))
    return coming + max(0, len([i for i in well if i not in without]) - about_to_go)


def _costs(look: Look, instance: str) -> Ids:
    """Return the balancers from which an instance that may be healthy there would be missing."""
    fleet = look.fleet
    return tuple(balancer for balancer in look.wanted if fleet.state(balancer, instance) in (HEALTHY, UNKNOWN))


def _may_be_missed(look: Look, instance: str, chosen: list[str]) -> bool:
    """Whether an instance that is healthy nowhere may go: an ALB or NLB without a healthy one may send it requests.

    It stays until another one is healthy in each of its balancers, unless nothing else makes room for a new one.
    """
    if _costs(look, instance) or look.target == 0:
        return True
    return all(_another(look, balancer, (*chosen, instance)) for balancer in look.balancers if _counts(look, balancer))


def _counts(look: Look, balancer: str) -> bool:
    return balancer not in look.release.passed_by or look.most_healthy(balancer) > 0


def _another(look: Look, balancer: str, without: Iterable[str]) -> bool:
    healthy = {*look.well(look.old, balancer), *look.well(look.new, balancer)}
    return bool(healthy - set(without))


# ---- the steps ----


def let_old_go(look: Look) -> Answer:
    """Old may shrink to nothing: EnterStandby fails below the minimum."""
    if look.release.first or look.old.min == 0:
        return DONE
    return resize(look, look.old.name, whys.standby_needs_it(), min=0)


def park_old(look: Look) -> Answer:
    """No old instance serves or is about to; each wave leaves the rest holding the floor."""
    old, told = look.old, tuple(i.id for i in look.old.in_service if i.id in look.release.leaving)
    if wave := may_leave(look):
        return enter_standby(look, old.name, wave)
    if told and look.steadily(AGREEING, old.name, told, "InService"):
        return enter_standby(look, old.name, batch(told), whys.had_no_effect("EnterStandby"))
    return _await_parking(look)


def _await_parking(look: Look) -> Answer:
    old = look.old
    if staying := [i for i in old.in_service if i.id not in look.release.leaving]:
        return _await_more(look, len(staying))
    if old.in_service or old.arriving:
        return Waiting(_on_the_way(look))
    if busy := [i for i in old.instances if look.fleet.takes_requests(old, i.id)]:
        wait = Waiting(sentences.draining(old.name, len(busy), look.release.drain))
        return waiting_for(look, old, frozenset(), wait, busy)
    return want_no_old(look)


def _await_more(look: Look, staying: int) -> Answer:
    """What is waited for before the next wave: more healthy instances, or that those there are stay healthy."""
    balancer = min(look.wanted or look.balancers, key=look.spare)
    if (lacking := 1 - look.spare(balancer)) > 0:
        return Waiting(waits.next_wait_for_more(look.old.name, staying, lacking, look.new.name))
    proof = look.release.terms.healthy_for
    return Waiting(waits.next_wait_for_proof(look.old.name, staying, look.new.name, proof), grace=proof)


def _on_the_way(look: Look) -> str:
    """Say what of old is yet to be parked: what launches goes to Standby later, what was told to go is on its way."""
    old = look.old
    if old.in_service:
        return waits.on_the_way_to_standby(old.name, len(old.in_service))
    return waits.launching_to_go(old.name, len(old.arriving))


def want_no_old(look: Look) -> Answer:
    """Old wants no instance: one that died on the way would be replaced, with the old image, after the switch."""
    old = look.old
    if old.desired == 0 or old.in_service or old.arriving:
        return DONE
    would = whys.would_launch(old.desired, look.release.picture.old.image or "")
    return resize(look, old.name, would, min=0, max=0)


def park_again(look: Look) -> Answer:
    """After the switch an old instance that appears again is parked once; the second time a human is needed.

    One call parks 19, and more may come one after the other: until the first are parked, all are one time.
    """
    old, release = look.old, look.release
    back = tuple(i.id for i in old.in_service)
    if not back:
        return Waiting(waits.launching_to_go(old.name, len(old.arriving))) if old.arriving else want_no_old(look)
    if release.reparked and not set(back) <= release.reparked and not _still_appearing(look):
        return returns_of_old(look) or Blocked(
            _appeared(look, back), f"see the activities of {old.name}, then `bluegreen resume {release.service}`"
        )
    if release.reparked and not look.steadily(AGREEING, old.name, back, "InService"):
        return Waiting(waits.on_the_way_to_standby(old.name, len(back)))
    return enter_standby(look, old.name, batch(back), whys.came_back(len(back)))


def _still_appearing(look: Look) -> bool:
    """Whether those that appeared first are still on their way back to Standby, within a minute."""
    release = look.release
    parked = {i.id for i in look.old.parked}
    coming = any(i in release.reparked and i not in parked for i in look.old.ids)
    return coming and look.now < release.reparked_at + STALE


def _appeared(look: Look, back: tuple[str, ...]) -> str:
    causes = [a.cause for a in look.fleet.told(look.old.name) if a.cause]
    return stuck.came_back_twice(look.old.name, back, causes[0] if causes else "")

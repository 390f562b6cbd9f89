"""Which old instances may leave the balancers now, so that each balancer keeps what it needs. Pure.

Capacity is counted for each balancer alone. What is not known to be healthy counts as healthy where the question is
whether it may go, and as not healthy where the question is whether there are enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from bluegreen.targets.pair.model.actions import BATCH
from bluegreen.targets.pair.model.fleet import HEALTHY, UNKNOWN
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.proof import proven
from bluegreen.targets.pair.model.release import DEPLOY

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
    """Return the balancers that would have too few without the old instances ``ids``: old ones and proven new ones."""
    ids = set(ids)
    taken_from = {balancer for instance in ids for balancer in _costs(look, instance)}
    return tuple(balancer for balancer in sorted(taken_from) if _left(look, balancer, ids) < look.floor(balancer))


def _left(look: Look, balancer: str, without: set[str]) -> int:
    """Return how many are left to count on: what stays of old, and what new has proven.

    Where it was never known how many of old were healthy, new has to do alone: what goes may be what served.
    """
    coming = proven(look, balancer) if look.release.goal == DEPLOY else len(look.serving(look.new, balancer))
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

"""What keeps a group's instances from coming or going, and what a person can do about it. Pure.

Suspended processes do, and balancers that were deleted: nothing launches, or comes back, behind one. So do lifecycle
hooks, and balancers that a group was taken off; and what was registered nowhere: a group registers what comes into
service, and never again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import attrs

from bluegreen.flow.answers import Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import BATCH
from bluegreen.targets.pair.model.fleet import CLASSIC, UNUSED, Balancer, Group, Instance, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.plans.held import held
from bluegreen.targets.pair.sentences import stuck

TO_COME = frozenset({"Launch", "AddToLoadBalancer"})
"""Suspended, they keep an instance from being launched, leaving Standby or being registered (user guide)."""
TO_GO = frozenset({"Terminate"})
"""Suspended, it keeps a group from scaling in (user guide)."""


def suspended(group: Group, needed: Iterable[str]) -> str:
    """Return as a sentence which of the processes ``needed`` of a group are suspended, or nothing."""
    still = group.suspended & set(needed)
    return stuck.are_suspended(group.name, still) if still else ""


def resumed(group: Group, needed: Iterable[str]) -> str:
    """Return the command that lets those work again."""
    return hints.resume(group.name, group.suspended & set(needed))


def behind_nothing(group: Group, gone: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield as a sentence each balancer of a group that AWS says does not exist, and the command that takes it off."""
    for balancer in sorted(one for one in group.balancers if one.id in gone):
        kind = "load balancer" if balancer.kind == CLASSIC else "target group"
        sentence = stuck.balancer_is_gone(group.name, kind, called(balancer.id))
        yield sentence, f"if it is not to come back: {hints.unattached(group, balancer)}"


def cut_off(look: Look, group: Group) -> tuple[Balancer, ...]:
    """Return the balancers that exist, to which the other side is attached and ``group`` is not."""
    return tuple(b for b in sorted(_other(look, group).balancers - group.balancers) if b.id not in look.fleet.gone)


def _other(look: Look, group: Group) -> Group:
    return look.old if group.name == look.new.name else look.new


def taken_off(look: Look, group: Group) -> Iterator[tuple[str, str]]:
    """Yield as a sentence each balancer in which a group served, or new is to, and that somebody took it off.

    With each comes the command that attaches it.
    """
    for balancer in cut_off(look, group):
        served = look.most_healthy(balancer.id, group)
        if served or (group.name == look.new.name and look.most_healthy(balancer.id)):
            sentence = stuck.not_attached(group.name, called(balancer.id), _other(look, group).name, bool(served))
            yield sentence, hints.attached(group, balancer)


def unregistered(look: Look, group: Group) -> Iterator[tuple[Balancer, tuple[str, ...]]]:
    """Yield each balancer of a group that has not listed some of its members in service for several looks, and those.

    What came into service while AddToLoadBalancer was suspended must be registered by hand (user guide), and so must
    what a person has deregistered.
    """
    for balancer in sorted(one for one in group.balancers if one.id in look.balancers):
        unlisted = partial(_unlisted, balancer.id, group.name)
        if ids := tuple(i.id for i in group.in_service if look.steady(AGREEING, partial(unlisted, i.id))):
            yield balancer, ids


def _unlisted(balancer: str, group: str, instance: str, look: Look) -> bool:
    serving = any(i.id == instance for i in look.fleet.groups[group].in_service)
    return serving and look.fleet.state(balancer, instance) == UNUSED


def _by_hand(look: Look, group: Group) -> Iterator[tuple[str, str]]:
    """Yield as a sentence what is in service and registered nowhere, and the command that registers it."""
    for balancer, ids in unregistered(look, group):
        told = stuck.not_registered(group.name, len(ids), called(balancer.id))
        yield told, hints.registered(balancer, ids[:BATCH])


def waiting_for(
    look: Look, group: Group, needed: frozenset[str], wait: Waiting, leaving: Iterable[Instance] = ()
) -> Waiting:
    """Return a wait for a group that says, too, what it is in vain for, and what helps.

    That are suspended processes of those ``needed``, and hooks that hold some of what is ``leaving``; where instances
    are to come, balancers that were deleted, or that the group was taken off, as well, and what nothing registers any
    more. A hook that holds what is to come is told, and no more: the owner's own work completes it, and that may take
    its time.
    """
    still = [(sentence, resumed(group, needed))] if (sentence := suspended(group, needed)) else []
    to_come = needed == TO_COME
    if booting := [sentence for sentence, _ in held(look, group, group.arriving if to_come else ())]:
        wait = attrs.evolve(wait, reason="; ".join((wait.reason, *booting)))
    nowhere = (*behind_nothing(group, look.fleet.gone), *taken_off(look, group)) if to_come else ()
    if not (found := [*still, *held(look, group, leaving), *nowhere, *(_by_hand(look, group) if to_come else ())]):
        return wait
    told, ways = zip(*found, strict=True)
    hint = ", then ".join((*ways, f"`bluegreen resume {look.release.service}`"))
    return attrs.evolve(wait, reason="; ".join((wait.reason, *told)), hint=hint)

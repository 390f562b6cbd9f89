"""The parked instances go: listed, marked, detached, and terminated, or kept where a person asked for that. Pure."""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import DONE, Blocked, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import Detach, Terminate, Unmark
from bluegreen.targets.pair.model.activities import members_told
from bluegreen.targets.pair.model.fleet import Machine
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import FINISH, MARK
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import members_of_old
from bluegreen.targets.pair.plans.due import mark, plainly
from bluegreen.targets.pair.plans.steps import (
    batch,
    draining,
)
from bluegreen.targets.pair.plans.suspension import waiting_for
from bluegreen.targets.pair.sentences import stuck, waits, whys
from bluegreen.words import fits


def list_parked(look: Look) -> Answer:
    """Every parked instance is on the release's list before anything is done to it."""
    lacking = tuple(i.id for i in look.old.parked if i.id not in look.release.retire)
    if not lacking:
        return DONE
    release = attrs.evolve(look.release, retire=(*look.release.retire, *lacking))
    return Recorded(release, waits.listed(len(lacking)))


def mark_parked(look: Look) -> Answer:
    """Everything on the list carries our mark before it is detached, but for what EC2 calls gone again and again."""
    parked = {i.id for i in look.old.parked}
    if unsure := [
        i for i in look.release.retire if i in parked and i not in look.fleet.machines and not is_lost(look, i)
    ]:
        return Waiting(waits.unknown_to_ec2(len(unsure)))
    bare = tuple(m.id for m in _listed(look) if m.id in parked and not m.gone and m.tags.get(MARK) != look.release.id)
    if bare:
        return mark(look, bare, whys.parked_to_go())
    return DONE


def detach_parked(look: Look) -> Answer:
    """Nothing on the list is a member of old any more."""
    old, listed = look.old, set(look.release.retire)
    parked = tuple(i.id for i in old.parked if i.id in listed)
    alive = tuple(i for i in parked if _is_alive(look, i))
    if wave := batch(alive or parked):
        terminated = bool(alive) and not look.release.keep
        detach = Detach(old.name, wave, terminated)
        return plainly(look, detach, whys.detached_to(terminated), _kept(look) if terminated else "")
    if staying := [i for i in old.instances if i.id in listed]:
        wait = draining(look, waits.leaving(old.name, len(staying)))
        return waiting_for(look, old, frozenset(), wait, staying)
    return DONE


def _kept(look: Look) -> str:
    """Return how a person leaves running all that is left of old, what cannot be terminated among it.

    A rollback has no such way, and a finish none for some of it.
    """
    release, left = look.release, sorted(m.id for m in _listed(look) if not m.gone)
    if release.goal != FINISH:
        return ""
    which = fits(left, "the remaining instance", f"all {len(left)} remaining instances")
    return f"`bluegreen finish --keep {release.service}` keeps {which} running: {', '.join(left)}"


def _is_alive(look: Look, instance: str) -> bool:
    """Whether EC2 knows an instance that is not terminated; a group lists a dead one in Standby for ever."""
    machine = look.fleet.machines.get(instance)
    return machine is not None and not machine.gone


def is_lost(look: Look, instance: str) -> bool:
    """Whether EC2 was asked for an instance several times in a row, and knew none."""
    return look.steady(AGREEING, lambda view: instance not in view.fleet.machines, More(machines=(instance,)))


def reap(look: Look) -> Answer:
    """Everything on the list that was detached is terminated, or about to be, or gone."""
    detached = [m for m in _listed(look) if m.id not in look.old.ids and not m.gone]
    if not detached:
        return DONE
    if busy := [m.id for m in detached if look.fleet.listed(m.id)]:
        return Waiting(stuck.still_in_balancer(len(busy)))
    if look.now < (until := _left_at(look) + look.release.lingers):
        return Waiting(stuck.lingers(len(detached)), until)
    if strange := [m.id for m in detached if m.tags.get(MARK) != look.release.id]:
        if look.taken < (until := look.release.told_at + STALE):
            return Waiting(stuck.tag_not_seen(len(strange)), until)
        return Blocked(
            stuck.listed_without_tag(strange, look.release.id),
            _what_to_do(strange, look),
        )
    if unseen := members_of_old(look):
        return unseen
    told = members_told(look.fleet.told(look.old.name), look.old.name)
    if known := tuple(m.id for m in detached if m.id in told):
        return plainly(look, Terminate(known), hint=_kept(look))
    if look.taken < (until := look.release.told_at + STALE):
        return Waiting(stuck.activities_not_seen(len(detached)), until)
    return Blocked(*_nobodys([m.id for m in detached], look))


def _nobodys(ids: list[str], look: Look) -> tuple[str, str]:
    """Return what is wrong with instances of which AWS does not tell that they were members, and what a person does."""
    name, again = look.old.name, f"`bluegreen resume {look.release.service}`"
    fact = stuck.no_member_of(name, ids)
    stays = _kept(look) or f"{hints.unmarked(ids, MARK)}, and move the record away"
    return fact, f"{_whose(ids)}; {_if_it_may_go(ids)}, then {again}; or if not: {stays}"


def _left_at(look: Look) -> float:
    """Return when the last of what is retired left its balancers, at the latest: at the switch, or parked once more."""
    release = look.release
    parked_again = release.reparked_at + STALE if release.reparked_at else 0.0
    return max(release.milestones.get("moved", release.told_at), parked_again)


def _what_to_do(ids: list[str], look: Look) -> str:
    release, them = look.release, fits(ids, "it", "them")
    again = f"then `bluegreen resume {release.service}`"
    stays = _kept(look) or f"tag {them} {MARK}={release.id}, {again}"
    return f"{_whose(ids)}; {_if_it_may_go(ids)}, {again}; or if not: {stays}"


def _if_it_may_go(ids: list[str]) -> str:
    return f"if {fits(ids, 'it', 'they')} may go: {hints.ended(ids)}"


def _whose(ids: list[str]) -> str:
    return f"see whose {fits(ids, 'it is', 'they are')}"


def retire_or_keep(look: Look) -> Answer:
    """The detached instances are terminated, or with ``--keep`` left running without our mark."""
    if not look.release.keep:
        return reap(look)
    kept = tuple(m.id for m in _listed(look) if not m.gone and m.tags.get(MARK) == look.release.id)
    return plainly(look, Unmark(kept, MARK), whys.kept_running()) if kept else DONE


def _listed(look: Look) -> tuple[Machine, ...]:
    machines = look.fleet.machines
    return tuple(machines[i] for i in look.release.retire if i in machines)

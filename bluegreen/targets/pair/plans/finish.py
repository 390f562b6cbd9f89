"""The story of a finish: make sure that new holds, list and mark what goes, detach, terminate, hand over the rest."""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import DONE, Answer, Blocked, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import Detach, Terminate, Unmark
from bluegreen.targets.pair.model.activities import members_told, newest_failure
from bluegreen.targets.pair.model.asleep import wants_none
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Machine
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, MARK
from bluegreen.targets.pair.plans.deploy import let_old_go, park_again
from bluegreen.targets.pair.plans.due import mark, plainly
from bluegreen.targets.pair.plans.moving import strip_old
from bluegreen.targets.pair.plans.owner import follow_deletions
from bluegreen.targets.pair.plans.processes import accept_suspensions, suspend_exactly
from bluegreen.targets.pair.plans.release_tags import remove_release_tags, write_release_tags
from bluegreen.targets.pair.plans.steps import (
    Milestone,
    batch,
    bounded,
    counting,
    draining,
    first_due,
    idle_bounds,
    idle_side,
    keep_new_image,
    needed_alone,
    service_suspends,
    too_few,
)
from bluegreen.targets.pair.plans.suspension import TO_COME, taken_off, waiting_for
from bluegreen.words import are, fits, plural, the, they


def require_new_holds(look: Look) -> Answer:
    """New alone serves what the traffic needs, or its owner wants none, and a person knew that nothing else serves.

    A first release has nothing parked that could.
    """
    if wants_none(look):
        return DONE if look.release.unserved or look.release.first else Blocked(*_nothing_serves(look))
    lacking = too_few(look, look.new, counting(look), needed_alone)
    if not lacking:
        return DONE
    if off := tuple(taken_off(look, look.new)):
        told, ways = zip(*off, strict=True)
        return Blocked("; ".join((lacking, *told)), _ways(look, ", then ".join(ways)))
    wait = Waiting(lacking + newest_failure(look, look.new), hint=_ways(look))
    return waiting_for(look, look.new, TO_COME, wait)


def _ways(look: Look, way: str = "put right what is reported above") -> str:
    """Return what a person can do while new is too few: what is parked can come back."""
    service, old = look.release.service, look.old
    back = f"; or `bluegreen rollback {service}` goes back to {old.name}" if coming(old) else ""
    return f"{way}, then `bluegreen resume {service}`{back}"


def require_new_still_holds(look: Look) -> Answer:
    """New holds as long as anything of old could come back; what is detached, or ended, helps nobody any more."""
    return require_new_holds(look) if any(not _is_gone(look, i.id) for i in look.old.staying) else DONE


def _is_gone(look: Look, instance: str) -> bool:
    """Whether a member that old still lists has ended in EC2, or EC2 knows none again and again."""
    machine = look.fleet.machines.get(instance)
    return _lost(look, instance) if machine is None else machine.gone


def _nothing_serves(look: Look) -> tuple[str, str]:
    fact = f"{look.new.name} wants no instance, so that none but the parked ones can serve"
    return fact, f"`bluegreen finish {look.release.service}` asks whether they are to go all the same"


def require_alarms_at_rest(look: Look) -> Answer:
    """No alarm that guards the release fires: what is parked may be needed."""
    firing = look.firing
    if not firing:
        return DONE
    return Waiting(f"{the('alarm', firing)} {fits(firing, 'fires', 'fire')}: the parked instances may be needed")


def await_old_parked(look: Look) -> Answer:
    """Nothing of old is still draining on its way to Standby."""
    if parking := look.old.parking:
        return draining(look, f"{are(len(parking), 'old instance')} not in Standby yet")
    return DONE


def list_parked(look: Look) -> Answer:
    """Every parked instance is on the release's list before anything is done to it."""
    lacking = tuple(i.id for i in look.old.parked if i.id not in look.release.retire)
    if not lacking:
        return DONE
    release = attrs.evolve(look.release, retire=(*look.release.retire, *lacking))
    return Recorded(release, f"{are(len(lacking), 'parked instance')} to be retired")


def mark_parked(look: Look) -> Answer:
    """Everything on the list carries our mark before it is detached, but for what EC2 calls gone again and again."""
    parked = {i.id for i in look.old.parked}
    if unsure := [
        i for i in look.release.retire if i in parked and i not in look.fleet.machines and not _lost(look, i)
    ]:
        return Waiting(f"EC2 does not know {plural(len(unsure), 'parked instance')}")
    bare = tuple(m.id for m in _listed(look) if m.id in parked and not m.gone and m.tags.get(MARK) != look.release.id)
    if bare:
        return mark(look, bare, f"{are(len(bare), 'parked instance')} not marked yet")
    return DONE


def detach_parked(look: Look) -> Answer:
    """Nothing on the list is a member of old any more."""
    old, listed = look.old, set(look.release.retire)
    parked = tuple(i.id for i in old.parked if i.id in listed)
    alive = tuple(i for i in parked if _is_alive(look, i))
    if wave := batch(alive or parked):
        terminated = bool(alive) and not look.release.keep
        reason = f"{are(len(parked), 'parked instance')} to be detached from {old.name}"
        return plainly(look, Detach(old.name, wave, terminated), reason, _kept(look) if terminated else "")
    if staying := [i for i in old.instances if i.id in listed]:
        wait = draining(look, f"{are(len(staying), 'instance')} still leaving {old.name}")
        return waiting_for(look, old, frozenset(), wait, staying)
    return DONE


def _kept(look: Look) -> str:
    """Return how a person leaves running all that is left of old, what cannot be terminated among it.

    A rollback has no such way, and a finish none for some of it.
    """
    release, left = look.release, sorted(m.id for m in _listed(look) if not m.gone)
    if release.goal != FINISH:
        return ""
    which = fits(left, "the remaining old instance", f"all {len(left)} remaining old instances")
    return f"`bluegreen finish --keep {release.service}` keeps {which} running: {', '.join(left)}"


def _is_alive(look: Look, instance: str) -> bool:
    """Whether EC2 knows an instance that is not terminated; a group lists a dead one in Standby for ever."""
    machine = look.fleet.machines.get(instance)
    return machine is not None and not machine.gone


def _lost(look: Look, instance: str) -> bool:
    """Whether EC2 was asked for an instance several times in a row, and knew none."""
    return look.steady(AGREEING, lambda view: instance in view.fleet.asked and instance not in view.fleet.machines)


def reap(look: Look) -> Answer:
    """Everything on the list that was detached is terminated, or about to be, or gone."""
    detached = [m for m in _listed(look) if m.id not in look.old.ids and not m.gone]
    if not detached:
        return DONE
    if busy := [m.id for m in detached if look.fleet.listed(m.id)]:
        return Waiting(f"{are(len(busy), 'detached instance')} still in the load balancer")
    if look.now < (until := _left_at(look) + look.release.lingers):
        return Waiting(f"a network load balancer may still send requests to {plural(len(detached), 'instance')}", until)
    if strange := [m.id for m in detached if m.tags.get(MARK) != look.release.id]:
        if look.taken < (until := look.release.told_at + STALE):
            return Waiting(f"AWS does not show the mark of {plural(len(strange), 'detached instance')} yet", until)
        return Blocked(
            f"{they(strange, 'is', 'are')} on the list of release {look.release.id}, without its mark",
            _what_to_do(strange, look),
        )
    told = members_told(look.fleet.activities, look.old.name)
    if known := tuple(m.id for m in detached if m.id in told):
        return plainly(look, Terminate(known), f"{are(len(known), 'detached instance')} to be terminated", _kept(look))
    if look.taken < (until := look.release.told_at + STALE):
        return Waiting(f"AWS does not show the activities of {plural(len(detached), 'detached instance')} yet", until)
    return Blocked(*_nobodys([m.id for m in detached], look))


def _nobodys(ids: list[str], look: Look) -> tuple[str, str]:
    """Return what is wrong with instances of which AWS does not tell that they were members, and what a person does."""
    name, again = look.old.name, f"`bluegreen resume {look.release.service}`"
    were = fits(ids, "was an instance", "were instances")
    fact = f"the record says that {', '.join(ids)} {were} of {name}, and AWS tells of no such member of it"
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
    return plainly(look, Unmark(kept, MARK), f"{are(len(kept), 'instance')} kept running, unmarked") if kept else DONE


def suspend_as_the_service(look: Look) -> Answer:
    """New has the processes suspended that the service has, no others."""
    return suspend_exactly(look, look.new, service_suspends(look.release))


def leave_old_idle(look: Look) -> Answer:
    """Old is an idle group: the idle side's bounds and suspended processes."""
    return first_due(
        bounded(look, look.old, idle_bounds(look.release), f"{look.old.name} gets the idle side's bounds"),
        suspend_exactly(look, look.old, idle_side(look.release).suspended),
    )


def _listed(look: Look) -> tuple[Machine, ...]:
    machines = look.fleet.machines
    return tuple(machines[i] for i in look.release.retire if i in machines)


FINISH_PLAN = (
    require_new_holds,
    require_alarms_at_rest,
    let_old_go,
    park_again,
    await_old_parked,
    write_release_tags,
    follow_deletions,
    Milestone("retiring", "the new side holds alone: the parked instances can go"),
    require_new_still_holds,
    keep_new_image,
    let_old_go,
    park_again,
    await_old_parked,
    list_parked,
    mark_parked,
    detach_parked,
    retire_or_keep,
    follow_deletions,
    strip_old,
    accept_suspensions,
    suspend_as_the_service,
    leave_old_idle,
    remove_release_tags,
    Milestone("finished", "no old instance is in its group any more"),
)

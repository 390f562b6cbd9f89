"""The story of a finish: make sure that new holds, list and mark what goes, detach, terminate, hand over the rest."""

from __future__ import annotations

from bluegreen.flow.answers import DONE, Blocked, Waiting
from bluegreen.flow.plans import Milestone, Stage
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair.model.activities import newest_failure
from bluegreen.targets.pair.model.asleep import wants_none
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import guarding_alarms, tries_of
from bluegreen.targets.pair.plans.moving import strip_old
from bluegreen.targets.pair.plans.owner import follow_deletions
from bluegreen.targets.pair.plans.parking import let_old_go, park_again
from bluegreen.targets.pair.plans.processes import accept_suspensions, suspend_exactly
from bluegreen.targets.pair.plans.release_tags import remove_release_tags, write_release_tags
from bluegreen.targets.pair.plans.retiring import detach_parked, is_lost, list_parked, mark_parked, retire_or_keep
from bluegreen.targets.pair.plans.steps import (
    Step,
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
from bluegreen.targets.pair.sentences import stuck, waits, whys


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
    if unseen := tries_of(look, look.new):
        return unseen
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
    return is_lost(look, instance) if machine is None else machine.gone


def _nothing_serves(look: Look) -> tuple[str, str]:
    fact = stuck.only_parked_could_serve(look.new.name)
    return fact, f"`bluegreen finish {look.release.service}` asks whether they are to go all the same"


def require_alarms_at_rest(look: Look) -> Answer:
    """No alarm that guards the release fires: what is parked may be needed."""
    if unseen := guarding_alarms(look):
        return unseen
    if not (firing := look.firing):
        return DONE
    return Waiting(stuck.may_be_needed(sentences.in_alarm(firing)))


def await_old_parked(look: Look) -> Answer:
    """Nothing of old is still draining on its way to Standby."""
    if parking := look.old.parking:
        return draining(look, waits.on_the_way_to_standby(look.old.name, len(parking)))
    return DONE


def suspend_as_the_service(look: Look) -> Answer:
    """New has the processes suspended that the service has, no others."""
    return suspend_exactly(look, look.new, service_suspends(look.release), whys.as_the_service())


def leave_old_idle(look: Look) -> Answer:
    """Old is an idle group: the idle side's bounds and suspended processes."""
    return first_due(
        bounded(look, look.old, idle_bounds(look.release), whys.idle_again()),
        suspend_exactly(look, look.old, idle_side(look.release).suspended, whys.idle_again()),
    )


FINISH_PLAN: tuple[Step | Milestone[Look] | Stage, ...] = (
    Stage("guard"),
    require_new_holds,
    require_alarms_at_rest,
    let_old_go,
    park_again,
    await_old_parked,
    Stage("tag"),
    write_release_tags,
    follow_deletions,
    Milestone("retiring", lambda look: waits.may_retire(look.release.new)),
    require_new_still_holds,
    keep_new_image,
    let_old_go,
    park_again,
    await_old_parked,
    list_parked,
    mark_parked,
    Stage("detach"),
    detach_parked,
    Stage("terminate"),
    retire_or_keep,
    Stage("restore"),
    follow_deletions,
    strip_old,
    accept_suspensions,
    suspend_as_the_service,
    leave_old_idle,
    remove_release_tags,
    Milestone("finished", lambda look: waits.retired(look.release.old)),
)

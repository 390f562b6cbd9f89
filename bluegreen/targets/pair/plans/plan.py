"""The three plans as one thing that the engine can carry out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import attrs

from bluegreen.flow import guards
from bluegreen.flow.answers import Answer, Failed
from bluegreen.flow.ports import Guard, Plan
from bluegreen.targets.pair.model.activities import MARGIN
from bluegreen.targets.pair.model.fleet import Fleet, Group, Question
from bluegreen.targets.pair.model.look import Look, summary
from bluegreen.targets.pair.model.metering import meters
from bluegreen.targets.pair.model.proof import remember
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MOVE, ROLLBACK, Release
from bluegreen.targets.pair.model.seal import is_named
from bluegreen.targets.pair.plans.deploy import DEPLOY_PLAN
from bluegreen.targets.pair.plans.finish import FINISH_PLAN
from bluegreen.targets.pair.plans.guards.at_all_times import GUARDS
from bluegreen.targets.pair.plans.guards.claims import CLAIMS
from bluegreen.targets.pair.plans.guards.vouching import agreeing_with_tags
from bluegreen.targets.pair.plans.moving import moved_names
from bluegreen.targets.pair.plans.owner import has_none, has_served
from bluegreen.targets.pair.plans.release_tags import disowned
from bluegreen.targets.pair.plans.rollback import ROLLBACK_PLAN, needed_when_unwell
from bluegreen.targets.pair.plans.steps import EVALUATED, Milestone, Step, first_missing, live_side

PLANS = {DEPLOY: DEPLOY_PLAN, ROLLBACK: ROLLBACK_PLAN, FINISH: FINISH_PLAN}

TRIES = 600.0
"""Seconds in which a failed launch was tried again, and worth telling while it is waited for."""

ALL_GUARDS = (guards.several_looks, *GUARDS, *CLAIMS, agreeing_with_tags, guards.fresh, guards.stalled, disowned)


Plans = Mapping[str, tuple[Step | Milestone, ...]]


def missing(look: Look, plans: Plans = PLANS) -> Answer:
    """Return what the plan of the release's goal lacks."""
    return first_missing(plans[look.release.goal], look)


def look_at(*, fleet: Fleet, release: Release, **seen: Any) -> Look:
    """Return a look at ``fleet`` as it counts for ``release``: what a person has set aside is not there."""
    return Look(fleet=fleet.without(release.without), release=release, **seen)


def question(release: Release, now: float = 0.0) -> Question:
    """Return what a look at ``now`` must ask for at this point of the release.

    Beyond groups and balancers that is what happens to the side that comes up, or that should rest, the alarms that
    guard the release, and, while settings or the load move from one side to the other, those.
    """
    groups = (release.old, release.new)
    settings, alarms = _settings(release, now), _moving_alarms(release)
    asked = Question(groups, scaling=settings, alarms=alarms, patchy=True, hooks=True)
    if _diluted(release) or _stabilizes(release, now):
        asked = attrs.evolve(asked, metrics=tuple(meter.metric for meter in meters(release)))
    if _guarded(release) and release.terms.alarms:
        asked = attrs.evolve(asked, alarms=tuple(dict.fromkeys((*release.terms.alarms, *asked.alarms))))
    if release.goal == DEPLOY and not release.passed("moved"):
        return attrs.evolve(asked, activities_of=release.new if release.launched_at else "", since=release.launched_at)
    if _bakes(release):
        return attrs.evolve(asked, activities_of=release.old, since=release.milestones["moved"])
    if release.goal == ROLLBACK and not release.first:
        asked = attrs.evolve(asked, activities_of=release.old, since=max(0.0, release.progressed_at - TRIES))
    if _may_retire(release):
        asked = attrs.evolve(asked, activities_of=release.new, since=max(0.0, release.progressed_at - TRIES))
    if _retires(release):
        asked = attrs.evolve(asked, activities_of=release.old, since=max(0.0, release.begun_at - MARGIN))
    return attrs.evolve(asked, machines=release.retire)


def _guarded(release: Release) -> bool:
    """Whether an alarm that fires changes what is done: from the first healthy new instance, and before a finish."""
    return _may_retire(release) or (release.goal == DEPLOY and release.well_at > 0 and not release.passed("deployed"))


def _diluted(release: Release) -> bool:
    """Whether both sides may share the load, so that what the autoscaler of either wants is diluted."""
    if release.goal == DEPLOY:
        return bool(release.launched_at) and not release.passed("moved")
    return release.goal == ROLLBACK and not release.passed("back")


def _moves(release: Release) -> bool:
    """Whether a deployment is between its milestones *moving* and *moved*."""
    return release.goal == DEPLOY and release.passed("moving") and not release.passed("moved")


def _stabilizes(release: Release, now: float) -> bool:
    """Whether the alarms of the side that serves may not have seen yet what it has alone."""
    since = release.milestones.get("back" if release.goal == ROLLBACK else "moved")
    return release.goal != FINISH and since is not None and now < since + EVALUATED * release.terms.stabilization


def _settings(release: Release, now: float) -> tuple[str, ...]:
    """Return the groups whose scaling settings the steps of this point look at."""
    both, live = (release.old, release.new), live_side(release)
    if release.way == MOVE and _moving_settings(release):
        return both
    if not (live.policies or live.schedules):
        return ()
    if _moves(release):
        return both
    if _bakes(release) and now >= release.milestones["moved"] + max(
        release.terms.bake, EVALUATED * release.terms.stabilization
    ):
        return (release.new,)
    return (release.old,) if release.goal == ROLLBACK and release.passed("back") else ()


def _moving_settings(release: Release) -> bool:
    """Whether the steps of this point look at what moves; where nothing does, few do."""
    if has_none(release):
        back = release.goal == ROLLBACK and release.passed("back")
        return (back and has_served(release)) or (_moves(release) and not (release.copied and release.told_at))
    if release.goal == DEPLOY:
        return not release.copied or _moves(release)
    return release.goal == FINISH or release.passed("retiring") or release.passed("back")


def _moving_alarms(release: Release) -> tuple[str, ...]:
    """Return the alarms that settings on the move may have, by their names on either group."""
    if release.way != MOVE or not _moving_settings(release):
        return ()
    return tuple(sorted({name for group in (release.old, release.new) for name in moved_names(release, group).alarms}))


def _retires(release: Release) -> bool:
    """Whether what was detached is to be terminated: AWS is asked whether it was a member."""
    over = release.passed("retiring") if release.goal == FINISH else release.passed("back")
    return bool(release.retire) and over and not release.keep


def _bakes(release: Release) -> bool:
    return release.goal == DEPLOY and release.passed("moved")


def _may_retire(release: Release) -> bool:
    return release.goal == FINISH and not release.passed("retiring")


def learn(look: Look) -> Release:
    """Return the release with what this look shows for the first time: the most healthy at once, and progress."""
    release = _heard_again(look)
    made = progress(look)
    if release.progress:
        made = tuple(max(*pair) for pair in zip(release.progress, made, strict=True))
    learned = attrs.evolve(
        release,
        best=_most_healthy(look),
        progress=made,
        after_wave=_after_wave(look),
        under_shift=_under_shift(look),
        members=release.members or (look.old.ids if release.goal == ROLLBACK else release.members),
        needed=needed_when_unwell(look),
        named=release.named or is_named(look.fleet, release),
        well_at=release.well_at or (look.now if _new_is_well(look) else 0.0),
    )
    return learned if learned.progress == release.progress else attrs.evolve(learned, progressed_at=look.now)


def _heard_again(look: Look) -> Release:
    """Return the release with no time counted in which AWS did not tell what is healthy, in two looks or more."""
    release, since = look.release, look.release.unsure_since
    if look.unclear:
        lasting = bool(look.past) and bool(look.past[0].view.unclear)
        return attrs.evolve(release, unsure_since=look.now) if lasting and not since else release
    if not since:
        return release
    lost = look.now - since
    bakes = _bakes(release) and not release.passed("deployed")
    heard = attrs.evolve(
        release,
        unsure_since=0.0,
        deadline_at=release.deadline_at + lost,
        progressed_at=release.progressed_at + lost,
    )
    return heard.with_terms(bake=release.terms.bake + lost) if bakes else heard


def _new_is_well(look: Look) -> bool:
    return any(look.well(look.new, balancer) for balancer in look.balancers)


def _most_healthy(look: Look) -> dict[str, int]:
    """Return the most of each side that were healthy at once in each balancer: of new only what it had alone.

    What both serve with together is no measure of what one side has to have. Where not all were known from the first
    look on, what is known is no measure either: the others may have been healthy.
    """
    found, moved = dict(look.release.best), _moved(look.release)
    for balancer in look.balancers:
        for group in _measured(look, balancer):
            most, healthy = look.most_healthy(balancer, group), len(look.serving(group, balancer))
            if healthy > most and (most or moved or look.well(group, balancer) == look.hoped(group, balancer)):
                found[f"{group.name} {balancer}"] = healthy
    return found


def _moved(release: Release) -> bool:
    return release.passed("moved") and not release.passed("back")


def _measured(look: Look, balancer: str) -> tuple[Group, ...]:
    """Return the sides that show what one has alone: old, and new after the switch or where old does not serve."""
    alone = _moved(look.release) or not look.hoped(look.old, balancer)
    return (look.old, look.new) if alone else (look.old,)


def _under_shift(look: Look) -> Mapping[str, int]:
    """Return the most of one side that were healthy at once since a zonal shift began; silence ends none."""
    before = look.release.under_shift
    shifted = [one for one in look.balancers if look.shifted(look.old, one) or look.shifted(look.new, one)]
    most = {one: max(len(look.serving(group, one)) for group in _measured(look, one)) for one in shifted}
    unheard = {one: count for one, count in before.items() if one in look.fleet.silent}
    return {**unheard, **{one: max(count, before.get(one, 0)) for one, count in most.items()}}


def _after_wave(look: Look) -> Mapping[str, int]:
    """Return how many new serves with at best since the switch; what its owner does not want any more is no loss."""
    release = look.release
    if release.goal != DEPLOY or not release.passed("moved"):
        return release.after_wave
    wanted = look.new.desired
    serving = {balancer: len(look.serving(look.new, balancer)) for balancer in look.balancers}
    return {one: min(max(release.left_serving(one), count), wanted) for one, count in serving.items()}


def progress(look: Look) -> tuple[int, ...]:
    """Return the figures that only real progress raises; each is a high-water mark of its own.

    Healthy instances of either side in all balancers, milestones, and what is on its way from one side to the other.
    States alone do not count: a crash loop changes them for ever. In a finish each that came back, and has been parked
    again, counts beside the milestones: the marks of what is parked were reached before it came.
    """
    release, old, new = look.release, look.old, look.new
    healthy = tuple(sum(len(look.serving(group, one)) for one in look.balancers) for group in (new, old))
    if release.goal == DEPLOY:
        return (len(release.milestones), *healthy, len(old.parked) + len(old.parking))
    leaving = (-len(old.parking), -len(old.parking) - len(old.parked))
    if release.goal == ROLLBACK:
        return (len(release.milestones), *healthy, *leaving, -len(new.instances))
    again = sum(i.id in release.reparked for i in old.parked)
    alive = sum(not machine.gone for machine in look.fleet.machines.values())
    return (len(release.milestones) + again, *leaving, -alive if look.fleet.asked else -len(old.instances))


def reach(look: Look, milestone: str) -> Release:
    """Return the release with ``milestone`` reached now."""
    return look.release.reach(milestone, look.now)


def turn(look: Look, failed: Failed) -> Release | None:
    """Return the rollback of a failed deployment, or ``None`` when there is nothing to go back to.

    A first release that never served goes back to zero; once it has served it is left standing.
    """
    release = look.release
    served_first = release.first and release.passed("moving")
    if release.goal != DEPLOY or served_first:
        return None
    return release.toward(ROLLBACK, look.now, reason=failed.reason)


def build_plan(plans: Plans = PLANS, guards: tuple[Guard, ...] = ALL_GUARDS) -> Plan:
    """Return the plan that carries out any release of a pair; a test may hand in plans and guards of its own."""
    return Plan(
        look=look_at,
        missing=partial(missing, plans=plans),
        guards=guards,
        learn=learn,
        reach=reach,
        turn=turn,
        summary=summary,
        remember=remember,
    )

"""The three plans as one thing that the engine can carry out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import attrs

from bluegreen.flow import guards, snapshot
from bluegreen.flow.answers import Failed
from bluegreen.flow.plans import Milestone, Stage, first_missing, staged, stages
from bluegreen.flow.snapshot import Snapshot
from bluegreen.flow.stages import stage_of
from bluegreen.flow.view import Seen
from bluegreen.targets.pair.model.fleet import Fleet, Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.proof import Witness, remember
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Release
from bluegreen.targets.pair.model.seal import is_named
from bluegreen.targets.pair.model.showing import summary
from bluegreen.targets.pair.plans.ailing import ailing, there
from bluegreen.targets.pair.plans.answers import Answer, Guard, Plan
from bluegreen.targets.pair.plans.asking import what_counts
from bluegreen.targets.pair.plans.deploy import DEPLOY_PLAN
from bluegreen.targets.pair.plans.finish import FINISH_PLAN
from bluegreen.targets.pair.plans.guards.at_all_times import GUARDS
from bluegreen.targets.pair.plans.guards.claims import CLAIMS
from bluegreen.targets.pair.plans.guards.in_charge import disowned
from bluegreen.targets.pair.plans.guards.vouching import agreeing_with_tags
from bluegreen.targets.pair.plans.rollback import ROLLBACK_PLAN, needed_when_unwell
from bluegreen.targets.pair.plans.steps import Step
from bluegreen.values import changed

PLANS = {DEPLOY: DEPLOY_PLAN, ROLLBACK: ROLLBACK_PLAN, FINISH: FINISH_PLAN}

ALL_GUARDS = (guards.several_looks, *GUARDS, *CLAIMS, agreeing_with_tags, guards.fresh, guards.stalled, disowned)


Plans = Mapping[str, tuple[Step | Milestone[Look] | Stage, ...]]


def missing(look: Look, plans: Plans = PLANS) -> Answer:
    """Return what the plan of the release's goal lacks."""
    return what_counts(look) or first_missing(plans[look.release.goal], look)


def stage(look: Look, answer: Answer) -> snapshot.Stage | None:
    """Return in which stage of its plan a release is, by what the plan has answered to a look.

    Where what always counts is not read yet, that is the first one of its section.
    """
    plan, release = PLANS[look.release.goal], look.release
    begins = (steps[0][0] for steps, door in staged(plan) if not release.passed(door.name))
    return stage_of(stages(plan), answer.stage or next(begins, stages(plan)[-1]))


def look_at(
    *,
    fleet: Fleet,
    release: Release,
    taken: float,
    now: float,
    past: tuple[Seen[Look], ...] = (),
    rested: float = 0.0,
    memory: Witness | None = None,
) -> Look:
    """Return a look at ``fleet`` as it counts for ``release``: what a person has set aside is not there."""
    return Look(
        fleet=fleet.without(release.without),
        release=release,
        taken=taken,
        now=now,
        past=past,
        rested=rested,
        memory=memory,
    )


def remembering(before: Look | None, look: Look) -> Look:
    """Return a look that knows what the one before it, and those before that, have seen."""
    return attrs.evolve(look, memory=remember(None if before is None else before.memory, look))


def learn(look: Look) -> Release:
    """Return the release with what this look shows for the first time: the most healthy at once, and progress."""
    release = _heard_again(look)
    made = progress(look)
    if release.progress:
        made = tuple(max(*pair) for pair in zip(release.progress, made, strict=True))
    return changed(
        release,
        best=_most_healthy(look),
        progress=made,
        after_wave=_after_wave(look),
        under_shift=_under_shift(look),
        members=release.members or (look.old.ids if release.goal == ROLLBACK else release.members),
        needed=needed_when_unwell(look),
        named=release.named or is_named(look.fleet, release),
        well_at=release.well_at or (look.now if _new_is_well(look) else 0.0),
        progressed_at=release.progressed_at if made == release.progress else look.now,
    )


def _heard_again(look: Look) -> Release:
    """Return the release with no time counted in which AWS did not tell what is healthy, in two looks or more."""
    release, since = look.release, look.release.unsure_since
    if look.unclear:
        lasting = bool(look.past) and bool(look.past[0].view.unclear)
        return attrs.evolve(release, unsure_since=look.now) if lasting and not since else release
    if not since:
        return release
    lost = look.now - since
    heard = attrs.evolve(
        release,
        unsure_since=0.0,
        deadline_at=release.deadline_at + lost,
        progressed_at=release.progressed_at + lost,
    )
    return heard.with_terms(bake=release.terms.bake + lost) if release.phase is Phase.BAKING else heard


def _new_is_well(look: Look) -> bool:
    return any(look.well(look.new, balancer) for balancer in look.balancers)


def _most_healthy(look: Look) -> dict[str, int]:
    """Return the most of each side that were healthy at once in each balancer: of new only what it had alone.

    What both serve with together is no measure of what one side has to have. Where not all were known from the first
    look on, what is known is no measure either: the others may have been healthy.
    """
    found, moved = dict(look.release.best), look.release.has_switched
    for balancer in look.balancers:
        for group in _measured(look, balancer):
            most, healthy = look.most_healthy(balancer, group), len(look.serving(group, balancer))
            if healthy > most and (most or moved or look.well(group, balancer) == look.hoped(group, balancer)):
                found[f"{group.name} {balancer}"] = healthy
    return found


def _measured(look: Look, balancer: str) -> tuple[Group, ...]:
    """Return the sides that show what one has alone: old, and new after the switch or where old does not serve."""
    alone = look.release.has_switched or not look.hoped(look.old, balancer)
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
    if release.phase not in (Phase.BAKING, Phase.DEPLOYED):
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


def turn(look: Look, failed: Failed) -> Release | None:
    """Return the rollback of a failed deployment, or ``None`` when there is nothing to go back to.

    A first release that never served goes back to zero; once it has served it is left standing.
    """
    release = look.release
    if release.goal != DEPLOY or not release.can_go_back:
        return None
    return release.toward(ROLLBACK, look.now, reason=failed.reason)


def told(look: Look) -> Snapshot:
    """Return what listeners are told of a look, with why some are not healthy."""
    return summary(look, ailing(look) or ())


def build_plan(plans: Plans = PLANS, guards: tuple[Guard, ...] = ALL_GUARDS) -> Plan:
    """Return the plan that carries out any release of a pair; a test may hand in plans and guards of its own."""
    return Plan(
        look=look_at,
        seen=lambda look: look.fleet,
        missing=partial(missing, plans=plans),
        guards=guards,
        learn=learn,
        turn=turn,
        summary=told,
        ailing=ailing,
        there=there,
        stages=lambda release: stages(plans[release.goal]),
        remember=remembering,
    )

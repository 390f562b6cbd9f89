"""Is the pair fit to be deployed to: everything that is refused before anything is written, and what is warned of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bluegreen.errors import Refused
from bluegreen.flow.limits import Limits
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.fitness.check_scaling import settings_findings
from bluegreen.targets.pair.fitness.deadlines import UNKNOWN_BOOT, drain, physical, shortest, waves
from bluegreen.targets.pair.model.fleet import (
    AUTOSCALER,
    FIRING,
    HEALTHY,
    UNKNOWN,
    BalancerFacts,
    Fleet,
    Group,
    Scaling,
    Survey,
    called,
)
from bluegreen.targets.pair.model.shifts import shifts
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.pair.plans.readiness import absent
from bluegreen.targets.pair.plans.steps import lasting
from bluegreen.targets.pair.plans.suspension import TO_COME, TO_GO, resumed, suspended
from bluegreen.targets.pair.sentences import ends, stuck, unfit
from bluegreen.targets.seam.finding import REFUSED, WARNED, Finding
from bluegreen.words import fits

NEEDED = TO_COME | TO_GO
"""Processes without which no release gets to its end."""

LONG_DRAIN = 60.0


PERMIT = "allow it in the IAM policy; docs/permissions.md lists everything that is used"


def live_group(fleet: Fleet, names: tuple[str, str]) -> Group | None:
    """Return the group with instances registered in the balancers, healthy or not; ``None`` for both or neither."""
    registered = [fleet.groups[name] for name in names if fleet.registered(fleet.groups[name])]
    return registered[0] if len(registered) == 1 else None


def facts(fleet: Fleet, names: tuple[str, str]) -> str:
    """Return one sentence with what each group has, for a refusal."""
    groups = [fleet.groups[name] for name in names]
    return unfit.each_has((g.name, len(g.instances), len(fleet.registered(g)), len(g.parked)) for g in groups)


def findings(survey: Survey, live: Group, idle: Group, asked: Asked) -> tuple[Finding, ...]:
    """Return everything about the pair that is refused or warned of, the refusals first.

    Whoever does what they say, one after the other, launches nothing on idle: its schedules rest, then what it wants
    goes, and only then it can launch.
    """
    found = [
        *_permissions(survey),
        *settings_findings(survey, live, idle, soon=_lasting(survey, live, asked), guarding=asked.alarms),
        *_groups(survey, live, idle),
        *_balancers(survey, live, idle),
        *_deadlines(survey, live, asked),
        *_sizes(live, asked.limits),
        *_capacity(survey.fleet, live),
        *_alarms(survey, asked.alarms),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level))


def _alarms(survey: Survey, names: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        state = survey.fleet.alarms.get(name)
        if state is None:
            yield Finding(REFUSED, unfit.no_such_alarm(name), "put `alarms` in bluegreen.toml right")
        elif state == FIRING:
            yield Finding(WARNED, unfit.fires_already(name))


def _permissions(survey: Survey) -> Iterator[Finding]:
    if survey.denied:
        yield Finding(REFUSED, survey.denied, PERMIT)


def _groups(survey: Survey, live: Group, idle: Group) -> Iterator[Finding]:
    yield from _suspended(live)
    for group in (live, idle):
        yield from _unfit(group, survey.scaling.get(group.name, Scaling()))
        if count := len(group.parked) + len(group.parking):
            yield Finding(
                REFUSED,
                unfit.standby_unexplained(group.name, count),
                _unexplained(group, group is live),
            )
    yield from _idle(idle)
    yield from _suspended(idle)
    yield from _live(live, idle)


def _unfit(group: Group, scaling: Scaling) -> Iterator[Finding]:
    if group.deleting:
        yield Finding(REFUSED, unfit.is_being_deleted(group.name), "name another group in bluegreen.toml")
    if group.warm_pool:
        yield Finding(
            REFUSED,
            unfit.has_a_warm_pool(group.name),
            hints.autoscaling("delete-warm-pool", group),
        )
    if scaling.refreshing:
        yield Finding(
            REFUSED,
            unfit.is_refreshing(group.name),
            f"wait for it, or {hints.autoscaling('cancel-instance-refresh', group)}",
        )


def _suspended(group: Group) -> Iterator[Finding]:
    if resting := suspended(group, NEEDED):
        yield Finding(REFUSED, resting, resumed(group, NEEDED))


def _live(live: Group, idle: Group) -> Iterator[Finding]:
    if any(i.protected for i in live.instances):
        yield Finding(WARNED, unfit.protected(live.name))
    if live.lasting:
        sentence = unfit.kept_there(lasting(live), live.name, len(live.lasting))
        yield Finding(WARNED, sentence, hints.ended_in_group(live.lasting))
    if resting := AUTOSCALER & live.suspended:
        yield Finding(
            WARNED,
            unfit.suspended_will_be_too(live.name, resting, idle.name),
            f"if {fits(resting, 'it', 'they')} should not be: {hints.resume(live.name, resting)}",
        )


def _unexplained(group: Group, live: bool) -> str:
    """What to do about instances in Standby: those of the live group may serve again, the idle group's must not."""
    elsewhere = "if another store has the release, use that one; otherwise "
    if group.parking:
        return f"{elsewhere}wait until they are all in Standby, and ask again"
    end = f"end them with {hints.let_go(group)}"
    return elsewhere + (f"bring them back with {hints.returned(group)}, or {end}" if live else end)


def _idle(idle: Group) -> Iterator[Finding]:
    members = [i for i in idle.instances if not (i.leaving or i.lasting or i.parked or i.parking)]
    if members:
        yield Finding(REFUSED, ends.idle_has(idle.name, len(members)), hints.emptied(idle))
    elif idle.min or idle.desired:
        size, value = ("minimum", idle.min) if idle.min > idle.desired else ("desired", idle.desired)
        yield Finding(REFUSED, ends.idle_would_launch(idle.name, size, value), hints.emptied(idle))
    if idle.lasting:
        yield Finding(REFUSED, lasting(idle), hints.ended_in_group(idle.lasting))


def _balancers(survey: Survey, live: Group, idle: Group) -> Iterator[Finding]:
    if live.balancers != idle.balancers:
        differ = ", ".join(sorted(b.id for b in live.balancers ^ idle.balancers))
        yield Finding(
            REFUSED,
            unfit.other_balancers(live.name, idle.name, differ),
            "attach both groups to the same ones",
        )
    if not live.balancers:
        yield Finding(REFUSED, stuck.attached_to_nothing(live.name), "attach both groups to one")
    for lack in absent(survey.fleet):
        yield Finding(REFUSED, lack.sentence, lack.hint)
    for balancer in survey.balancers:
        yield from _balancer(balancer, live, idle)


def set_aside(groups: Iterable[Group], names: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the balancers that a person names; raise ``Refused`` for a name that is none of theirs."""
    known = {name: one.id for group in groups for one in group.balancers for name in (one.id, called(one.id))}
    if strange := [name for name in names if name not in known]:
        there = ", ".join(sorted(called(balancer) for balancer in set(known.values())))
        raise Refused(unfit.no_such_balancer(strange), f"--without takes one of: {there}")
    return tuple(sorted({known[name] for name in names}))


def _capacity(fleet: Fleet, live: Group) -> Iterator[Finding]:
    """What is not as large as it is asked to be: the release counts what was healthy, for each balancer alone."""
    yield from (Finding(WARNED, sentence) for sentence in shifts(fleet, live))
    for balancer in sorted({one.id for one in live.balancers} - fleet.gone):
        states = [fleet.state(balancer, i.id) for i in live.in_service]
        healthy, unknown = states.count(HEALTHY), states.count(UNKNOWN)
        if unknown:
            yield Finding(
                WARNED,
                unfit.health_unknown(live.name, called(balancer), unknown),
                f"a deployment waits for that; `--without {called(balancer)}` does without it",
            )
        elif live.desired and not healthy:
            yield Finding(
                WARNED,
                unfit.nothing_healthy(live.name, called(balancer)),
                f"new is given the time of its checks; `--without {called(balancer)}` sets it aside at once",
            )
        elif healthy < live.desired:
            yield Finding(
                WARNED,
                unfit.fewer_healthy(live.name, live.desired, healthy, called(balancer)),
            )


def _balancer(facts: BalancerFacts, live: Group, idle: Group) -> Iterator[Finding]:
    if not facts.in_use:
        yield Finding(REFUSED, unfit.gets_no_requests(facts.balancer.id), "add it to a listener")
    if facts.drain > LONG_DRAIN:
        yield Finding(
            WARNED,
            unfit.drains_long(facts.balancer.id, facts.drain),
            "" if facts.network else "lower its deregistration delay to what your longest request needs",
        )
    if facts.drain < facts.lingers:
        yield Finding(
            WARNED,
            unfit.drains_short(facts.balancer.id, facts.drain, facts.lingers),
            f"raise its deregistration delay to {facts.lingers:.0f} s",
        )
    needed = facts.interval * facts.healthy_threshold
    for group in (live, idle):
        if group.health_check == "ELB" and group.grace < needed:
            yield Finding(
                WARNED,
                unfit.grace_too_short(group.name, group.grace, needed, facts.balancer.id),
                "an instance may be replaced before it is healthy: raise it",
            )


def _lasting(survey: Survey, live: Group, asked: Asked) -> float:
    """Return for how many seconds both sides may share the load."""
    boots = waves(asked.limits, live.desired).launches * UNKNOWN_BOOT if survey.boot is None else 0.0
    return shortest(survey, asked, live.desired) + boots + drain(survey)


def _deadlines(survey: Survey, live: Group, asked: Asked) -> Iterator[Finding]:
    known = physical(survey) - (UNKNOWN_BOOT if survey.boot is None else 0.0)
    if asked.progress_deadline is not None and asked.progress_deadline < known:
        yield Finding(
            REFUSED,
            unfit.progress_too_short(asked.progress_deadline, known),
            "raise progress_deadline, or leave it out",
        )
    needed, count = shortest(survey, asked, live.desired), waves(asked.limits, live.desired).launches
    if asked.deadline is not None and asked.deadline < needed:
        yield Finding(
            REFUSED,
            unfit.deadline_too_short(asked.deadline, needed, count),
            "raise deadline, or lower healthy_for" + ("" if count == 1 else ", or let more run (`max_surge`, `pace`)"),
        )


def _sizes(live: Group, limits: Limits) -> Iterator[Finding]:
    least, most = limits.least(live.desired), limits.most(live.desired)
    if live.desired and most <= live.desired and least >= live.desired:
        yield Finding(
            REFUSED,
            unfit.nothing_can_move(live.desired, least, most),
            "raise max_surge or max_unavailable; of a pace, lower least or raise most",
        )
    if live.desired and live.desired == live.max:
        yield Finding(WARNED, unfit.at_its_maximum(live.name, live.max))

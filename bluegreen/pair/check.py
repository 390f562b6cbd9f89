"""Is the pair fit to be deployed to: everything that is refused before anything is written, and what is warned of."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from bluegreen.pair import commands
from bluegreen.pair.check_scaling import settings_findings
from bluegreen.pair.finding import REFUSED, WARNED, Finding
from bluegreen.pair.fleet import AUTOSCALER, FIRING, BalancerFacts, Fleet, Group, Scaling, Survey
from bluegreen.pair.release import Pace
from bluegreen.pair.rollback import NEEDED_TO_RETURN
from bluegreen.pair.twins import name_of

NEEDED = NEEDED_TO_RETURN | {"Terminate"}
"""Processes without which no release gets to its end."""

LONG_DRAIN = 60.0
LEAST_TOTAL = 1200.0
UNKNOWN_BOOT = 120.0
"""Seconds assumed for a boot when no launch of the pair is on record."""


PERMIT = "allow it in the IAM policy; docs/permissions.md lists everything that is used"


@frozen
class Limits:
    """The deadlines that were asked for, in seconds, ``None`` where they are derived; the pace; the guarding alarms."""

    progress: float | None
    total: float | None
    pace: Pace = field(factory=Pace)
    alarms: tuple[str, ...] = ()


def live_group(fleet: Fleet, names: tuple[str, str]) -> Group | None:
    """Return the group with instances registered in the balancers, healthy or not; ``None`` for both or neither."""
    registered = [fleet.groups[name] for name in names if fleet.registered(fleet.groups[name])]
    return registered[0] if len(registered) == 1 else None


def facts(fleet: Fleet, names: tuple[str, str]) -> str:
    """Return one sentence with what each group has, for a refusal."""
    parts = []
    for group in (fleet.groups[name] for name in names):
        standby = f", {len(group.parked)} in Standby" if group.parked else ""
        registered = len(fleet.registered(group))
        parts.append(f"{group.name} has {len(group.instances)} instances ({registered} in the load balancer{standby})")
    return "; ".join(parts)


def findings(survey: Survey, live: Group, idle: Group, limits: Limits) -> tuple[Finding, ...]:
    """Return everything about the pair that is refused or warned of, the refusals first."""
    found = [
        *_permissions(survey),
        *_groups(survey, live, idle),
        *_balancers(survey, live, idle),
        *settings_findings(survey, live, idle, soon=physical(survey) + drain(survey), guarding=limits.alarms),
        *_deadlines(survey, limits),
        *_sizes(live, limits.pace),
        *_alarms(survey, limits.alarms),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level))


def _alarms(survey: Survey, names: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        state = survey.fleet.alarms.get(name)
        if state is None:
            yield Finding(REFUSED, f"there is no alarm {name} in this region", "put `alarms` in bluegreen.toml right")
        elif state == FIRING:
            yield Finding(WARNED, f"the alarm {name} fires already: it does not guard a release that begins now")


def _permissions(survey: Survey) -> Iterator[Finding]:
    if survey.denied:
        yield Finding(REFUSED, survey.denied, PERMIT)


def _groups(survey: Survey, live: Group, idle: Group) -> Iterator[Finding]:
    for group in (live, idle):
        yield from _unfit(group, survey.scaling.get(group.name, Scaling()))
        if count := len(group.parked) + len(group.parking):
            yield Finding(
                REFUSED,
                f"{count} instances of {group.name} are in Standby and no release explains them",
                _unexplained(group, group is live),
            )
    yield from _idle(idle)
    yield from _live(live, idle)


def _unfit(group: Group, scaling: Scaling) -> Iterator[Finding]:
    if group.deleting:
        yield Finding(REFUSED, f"{group.name} is being deleted", "name another group in bluegreen.toml")
    if group.warm_pool:
        yield Finding(
            REFUSED,
            f"{group.name} has a warm pool: its instances started under another image tag",
            commands.autoscaling("delete-warm-pool", group),
        )
    if resting := NEEDED & group.suspended:
        names = " ".join(sorted(resting))
        yield Finding(REFUSED, f"{names} of {group.name} is suspended", commands.resume(group, resting))
    if scaling.refreshing:
        yield Finding(
            REFUSED,
            f"an instance refresh of {group.name} is under way",
            f"wait for it, or {commands.autoscaling('cancel-instance-refresh', group)}",
        )


def _live(live: Group, idle: Group) -> Iterator[Finding]:
    if any(i.protected for i in live.instances):
        yield Finding(
            WARNED, f"instances of {live.name} are protected from scale-in; a finish terminates them all the same"
        )
    if resting := AUTOSCALER & live.suspended:
        yield Finding(
            WARNED,
            f"{', '.join(sorted(resting))} of {live.name} is suspended and will be on {idle.name}, too",
            f"if it should not be: {commands.resume(live, resting)}",
        )


def _unexplained(group: Group, live: bool) -> str:
    """What to do about instances in Standby: those of the live group may serve again, the idle group's must not."""
    elsewhere = "if another store has the release, use that one; otherwise "
    if group.parking:
        return f"{elsewhere}wait until they are all in Standby, and ask again"
    end = f"end them with {commands.let_go(group)}"
    return elsewhere + (f"bring them back with {commands.returned(group)}, or {end}" if live else end)


def _idle(idle: Group) -> Iterator[Finding]:
    members = [i for i in idle.instances if not i.leaving and not i.parked and not i.parking]
    if members:
        yield Finding(REFUSED, f"{idle.name} is idle, and has {len(members)} instances", commands.emptied(idle))
    elif idle.min or idle.desired:
        wanted = max(idle.min, idle.desired)
        sentence = f"{idle.name} is idle, and wants {wanted} instances: it would launch them beside those that serve"
        yield Finding(REFUSED, sentence, commands.emptied(idle))


def _balancers(survey: Survey, live: Group, idle: Group) -> Iterator[Finding]:
    if live.balancers != idle.balancers:
        differ = ", ".join(sorted(b.id for b in live.balancers ^ idle.balancers))
        yield Finding(
            REFUSED,
            f"{live.name} and {idle.name} are not attached to the same balancers: {differ}",
            "attach both groups to the same ones",
        )
    if not live.balancers:
        yield Finding(REFUSED, f"{live.name} is attached to no load balancer", "attach both groups to one")
    for balancer in survey.balancers:
        yield from _balancer(balancer, live, idle)


def _balancer(facts: BalancerFacts, live: Group, idle: Group) -> Iterator[Finding]:
    if not facts.in_use:
        yield Finding(
            REFUSED, f"{facts.balancer.id} gets no requests: no load balancer uses it", "add it to a listener"
        )
    if facts.drain > LONG_DRAIN:
        yield Finding(
            WARNED,
            f"{facts.balancer.id} drains for {facts.drain:.0f} s: a finish, and an instance that goes, takes as long",
            "lower its deregistration delay to what your longest request needs",
        )
    needed = facts.interval * facts.healthy_threshold
    for group in (live, idle):
        if group.health_check == "ELB" and group.grace < needed:
            yield Finding(
                WARNED,
                f"the health check grace period of {group.name} is {group.grace} s, shorter than the "
                f"{needed:.0f} s that {facts.balancer.id} needs",
                "an instance may be replaced before it is healthy: raise it",
            )


def physical(survey: Survey) -> float:
    """Return the seconds that a launch needs at most: hooks, boot, health checks."""
    hooks = (hook for scaling in survey.scaling.values() for hook in scaling.hooks)
    waits = [
        float(str(h.get("HeartbeatTimeout", 0)))
        for h in hooks
        if name_of(h, "LifecycleTransition").endswith("LAUNCHING")
    ]
    checks = max((facts.check_time for facts in survey.balancers), default=0.0)
    boot = UNKNOWN_BOOT if survey.boot is None else survey.boot
    return max(waits, default=0.0) + boot + checks


def drain(survey: Survey) -> float:
    """Return the longest drain of the pair's balancers, in seconds."""
    return max((facts.drain for facts in survey.balancers), default=0.0)


def patience(survey: Survey) -> float:
    """Return the seconds that a launch is waited for: what is on record ends before the application answers.

    A launch activity is over when the instance is InService; how long the application takes after that is known from
    the grace period at best, where the group ends what its balancer calls unhealthy.
    """
    boot = UNKNOWN_BOOT if survey.boot is None else survey.boot
    graces = (group.grace for group in survey.fleet.groups.values() if group.health_check == "ELB")
    return physical(survey) - boot + max(boot, UNKNOWN_BOOT, *graces)


def progress_deadline(survey: Survey, asked: float | None) -> float:
    """Return the seconds without progress after which a deployment goes back."""
    return 2 * patience(survey) + 60.0 if asked is None else asked


def total_deadline(survey: Survey, asked: float | None) -> float:
    """Return the seconds after which a deployment that has not moved the traffic goes back: 20 minutes, or more."""
    return max(LEAST_TOTAL, 3 * patience(survey) + drain(survey)) if asked is None else asked


def _deadlines(survey: Survey, limits: Limits) -> Iterator[Finding]:
    known = physical(survey) - (UNKNOWN_BOOT if survey.boot is None else 0.0)
    if limits.progress is not None and limits.progress < known:
        yield Finding(
            REFUSED,
            f"the progress deadline of {limits.progress:.0f} s is shorter than the {known:.0f} s "
            "that a launch of this pair takes",
            "raise progress_deadline, or leave it out",
        )
    if limits.total is not None and limits.total < known:
        yield Finding(
            REFUSED,
            f"the deadline of {limits.total:.0f} s is shorter than the {known:.0f} s that a launch of this pair takes",
            "raise deadline",
        )


def _sizes(live: Group, pace: Pace) -> Iterator[Finding]:
    least, most = -(-live.desired * pace.least // 100), live.desired * pace.most // 100
    if live.desired and most <= live.desired and least >= live.desired:
        yield Finding(
            REFUSED,
            f"with {live.desired} instances, at least {least} serving and at most {most} running, "
            "nothing can ever move",
            "lower least or raise most",
        )
    if live.desired and live.desired == live.max:
        yield Finding(WARNED, f"{live.name} is at its maximum of {live.max}: it cannot scale out while it is live")

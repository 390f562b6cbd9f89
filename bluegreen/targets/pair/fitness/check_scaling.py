"""Whether the scaling settings of a pair can serve on either side: twins, or none on the idle one and ours can move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.copies import named, shared_alarms
from bluegreen.targets.pair.model.fleet import AUTOSCALER, SCHEDULES, Group, Scaling, Survey
from bluegreen.targets.pair.model.metering import unmetered
from bluegreen.targets.pair.model.release import MOVE, TWINS
from bluegreen.targets.pair.model.twins import (
    ALARM,
    DIMENSION,
    NEAR,
    Names,
    astray,
    difference,
    due_times,
    name_of,
    owned_alarms,
    unclear,
    way_of,
)
from bluegreen.targets.pair.sentences import unfit
from bluegreen.targets.seam.finding import REFUSED, WARNED, Finding

LONGEST_NAME = 255
"""Characters of an alarm's name (botocore model)."""


def settings_findings(
    survey: Survey, live: Group, idle: Group, soon: float, guarding: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """Yield what is refused or warned of; a release that begins now shares the load within ``soon`` seconds.

    ``guarding`` are the names of the alarms that are to guard it.
    """
    ours, theirs = (survey.scaling.get(group.name, Scaling()) for group in (live, idle))
    for group, scaling in ((live, ours), (idle, theirs)):
        for policy in scaling.policies:
            configuration = policy.get("PredictiveScalingConfiguration")
            if isinstance(configuration, Mapping) and configuration.get("Mode") == "ForecastAndScale":
                yield Finding(
                    REFUSED,
                    unfit.predictive(group.name, f"{policy.get('PolicyName')}"),
                    "set its mode to ForecastOnly",
                )
    yield from _twins(survey, live, idle, guarding)
    yield from _demand(survey, live, soon + NEAR)
    yield from (Finding(WARNED, sentence, "nothing else depends on it") for sentence in survey.unread.values())
    if any(name_of(hook, "LifecycleTransition").endswith("TERMINATING") for hook in ours.hooks):
        yield Finding(WARNED, unfit.terminating_hooks(live.name))


def way(survey: Survey, live: Group, idle: Group) -> str | None:
    """Return how the live group's scaling settings come to the idle one, ``None`` when they cannot."""
    ours, theirs = (survey.scaling.get(group.name, Scaling()) for group in (live, idle))
    return way_of(ours, theirs, (live.name, idle.name))


def _twins(survey: Survey, live: Group, idle: Group, guarding: tuple[str, ...]) -> Iterator[Finding]:
    ours, theirs = (survey.scaling.get(group.name, Scaling()) for group in (live, idle))
    found = way(survey, live, idle)
    level = WARNED if found == MOVE else REFUSED
    lost = [*_astray(live, idle, ours, level), *_astray(idle, live, theirs, level)]
    yield from lost
    if found is None and not lost:
        yield Finding(
            REFUSED,
            unfit.no_twins(live.name, idle.name, difference(ours, theirs)),
            f"define the same ones on both groups, or none on {idle.name}; `bluegreen diff` shows every field",
        )
    elif theirs.schedules and SCHEDULES not in idle.suspended:
        yield Finding(
            REFUSED,
            unfit.schedules_at_work(idle.name),
            hints.suspend(idle.name, AUTOSCALER),
        )
    if found == TWINS:
        for group, other, scaling in ((live, idle, ours), (idle, live, theirs)):
            yield from _perhaps_astray(group.name, other.name, scaling)
    if found == MOVE:
        names = Names(live.name, idle.name)
        yield from _unclear(ours, names)
        yield from _moving(survey, ours, names)
        yield from _guarding(ours, names, guarding)


def _astray(group: Group, other: Group, scaling: Scaling, level: str) -> Iterator[Finding]:
    """Yield what of a group follows the other one, and so would never scale what serves.

    What moves does so whichever serves, before a release as after it: that is told, and keeps nobody from deploying.
    """
    for kind, name in astray(scaling, group.name, other.name):
        yield Finding(
            level,
            unfit.follows_the_other(group.name, _called(kind), name, other.name),
            f"let it follow AutoScalingGroupName={group.name}, or a metric of the load balancer",
        )


def _called(kind: str) -> str:
    return "alarm" if kind == ALARM else "scaling policy"


def _perhaps_astray(group: str, other: str, scaling: Scaling) -> Iterator[Finding]:
    """Yield what may follow the other group alone: what a dimension of an owner's own says, only that owner knows."""
    found = unclear(scaling, (group, other))
    own = {(kind, name) for kind, name, _, value in found if value == group}
    for kind, name, dimension, value in found:
        if value == other and (kind, name) not in own:
            yield Finding(
                WARNED,
                unfit.may_follow_the_other(group, _called(kind), name, f"{dimension}={value}", other),
                f"where it is, let it follow {dimension}={group}",
            )


def _unclear(ours: Scaling, names: Names) -> Iterator[Finding]:
    """Yield what cannot be copied: as it is, or with the other group's name, and only its owner knows which."""
    for kind, name, dimension, value in unclear(ours, (names.ours, names.theirs)):
        yield Finding(
            REFUSED,
            unfit.cannot_be_copied(names.ours, _called(kind), name, f"{dimension}={value}", names.theirs),
            f"let it follow {DIMENSION}={value} where that is the group; otherwise define the same on both groups",
        )


def _guarding(ours: Scaling, names: Names, guarding: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the alarms that guard a release under a name that they lose when it is finished."""
    for name in sorted(named(ours).alarms & set(guarding)):
        yield Finding(
            WARNED,
            unfit.guard_is_renamed(name, names.counterpart(name)),
            "guard releases by an alarm that no policy acts on",
        )


def _moving(survey: Survey, ours: Scaling, names: Names) -> Iterator[Finding]:
    """Yield what keeps alarms from being copied, and who else names them."""
    for name, arn in shared_alarms(ours).items():
        yield Finding(
            REFUSED,
            unfit.acts_elsewhere(name, arn),
            f"give {names.ours} an alarm of its own, or define the same policies on both groups",
        )
    for copy in sorted(named(ours, names).alarms):
        if copy in survey.taken:
            yield Finding(
                REFUSED,
                unfit.name_is_taken(copy, names.counterpart(copy)),
                "rename one of them, or delete it if it was left over",
            )
        if len(copy) > LONGEST_NAME:
            yield Finding(REFUSED, unfit.name_too_long(copy), "shorten its name")
    for alarm in owned_alarms(ours):
        name = name_of(alarm, ALARM)
        if composites := sorted(c for c, rule in survey.composites.items() if _names_alarm(rule, alarm)):
            yield Finding(
                REFUSED,
                unfit.named_in_a_rule(name, names.counterpart(name), composites),
                "take it out of the rule, or define the same policies and alarms on both groups",
            )


def _names_alarm(rule: str, alarm: Mapping[str, object]) -> bool:
    return any(word in rule for word in (f'"{alarm[ALARM]}"', f"({alarm[ALARM]})", name_of(alarm, "AlarmArn") or '""'))


def _demand(survey: Survey, live: Group, soon: float) -> Iterator[Finding]:
    """Yield what keeps demand from being known while both groups share the load, and what is due then."""
    scaling = survey.scaling.get(live.name, Scaling())
    if names := unmetered(scaling.policies):
        yield Finding(
            WARNED,
            unfit.demand_not_told(live.name, names),
        )
    for schedule in scaling.schedules:
        for due, _ in due_times(schedule):
            if SCHEDULES not in live.suspended and 0 <= due - survey.fleet.at <= soon:
                yield Finding(
                    WARNED,
                    unfit.schedule_is_due(live.name, name_of(schedule, "ScheduledActionName"), due - survey.fleet.at),
                )

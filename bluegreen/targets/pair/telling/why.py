"""Why instances of a pair do not become healthy: from a look to an answer, the first link that decides wins. Pure.

Nothing is decided by it. What was not asked for, or not answered, is not known, and then said to be so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from bluegreen.sentences.forms import clock, duration
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model import activities
from bluegreen.targets.pair.model.fleet import (
    HEALTHY,
    LAUNCH_HELD,
    UNKNOWN,
    UNUSED,
    Activity,
    Fleet,
    Group,
    HealthCheck,
    Instance,
    Machine,
    Reason,
    called,
)
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.plans.ailing import lacks, launch_hooks, of_hook, of_launches, of_tag
from bluegreen.targets.pair.sentences import causes as sentences
from bluegreen.targets.seam.why import Cause, Fact, Link, Unwell, Why, decisive
from bluegreen.words import as_word, fit

HELD_BY = "MidLifecycleAction"
"""What a launch is called while a hook holds it (Auto Scaling API: Activity, StatusCode)."""
QUOTED = 300
"""Characters of AWS's own words among what is seen."""
RECENT = 3600.0
"""Seconds for which what has failed is looked at where no release says since when."""

LOOK_AT: Mapping[str, str] = {
    sentences.MISMATCH: "the application's log, and what it answers at the path of the check",
    sentences.TIMED_OUT: "the application's log; whether the security group lets the load balancer in",
    sentences.FAILED: "is the process up, and is the port open in the security group?",
    "Target.NotInUse": "the listeners of the load balancer, and its zones",
    "Target.HealthCheckDisabled": "the health check of the target group",
}
"""What a person looks at, by the load balancer's code."""


@frozen(kw_only=True)
class Evidence:
    """What was seen: a look at the groups called ``names``, asked for hooks, activities and EC2's word.

    ``checks`` are the balancers' health checks by their ids, ``since`` when a reason of an instance showed first
    (POSIX seconds), by its id. ``release`` is the open one, if any; ``tag_key`` is the tag of the image.
    """

    fleet: Fleet
    names: tuple[str, str]
    tag_key: str
    now: float
    release: Release | None = None
    checks: Mapping[str, HealthCheck] = field(factory=dict)
    since: Mapping[str, float] = field(factory=dict)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Both groups, the one that comes up first."""
        first = "" if self.release is None else self.release.new
        found = [self.fleet.groups[name] for name in self.names]
        return tuple(sorted(found, key=lambda group: (group.name != first, -group.desired)))

    def image(self, group: Group) -> str | None:
        """Return what a group is to run, where a release says so."""
        release = self.release
        if release is None:
            return None
        return release.image if group.name == release.new else release.picture.old.image

    def told(self, group: Group) -> tuple[Activity, ...] | None:
        """Return what happened to a group lately; ``None`` where that was not asked for, or not answered."""
        if self.fleet.known.since(group.name) == math.inf:
            return None
        since = recently(self.release, group.name, self.now)
        return tuple(one for one in self.fleet.told(group.name) if one.started >= since)


def recently(release: Release | None, group: str, now: float) -> float:
    """Return since when the activities of a group count: what failed before a release says nothing of it."""
    if release is not None and group == release.new:
        return release.launched_at or release.begun_at
    return max(0.0, now - RECENT)


def ails(fleet: Fleet, group: Group) -> bool:
    """Whether a group lacks instances, or has such as are not healthy."""
    return bool(lacks(group) or unwell(fleet, group))


def unwell(fleet: Fleet, group: Group) -> tuple[Instance, ...]:
    """Return the members that are to serve, and are not healthy in every load balancer."""
    to_serve = (i for i in group.instances if not (i.parked or i.parking or i.leaving))
    return tuple(i for i in to_serve if not (i.in_service and fleet.healthy(group, i.id)))


def why(service: str, seen: Evidence, instance: str = "") -> Why:
    """Return why instances are not healthy, or one ``instance`` that is asked for, whether it is or not."""
    found = [one for group in seen.groups for one in _members(seen, group) if not instance or one.id == instance]
    if instance and not found:
        found = [_member(seen, group, i) for group in seen.groups for i in group.instances if i.id == instance]
    ailing = () if instance else tuple(group for group in seen.groups if ails(seen.fleet, group))
    causes = (*(cause for group in ailing for cause in _of_group(seen, group)), *(one.cause for one in found))
    cause = decisive(causes) or Cause(link=Link.NOTHING, sentence=sentences.all_healthy(_serving(seen)))
    return Why(
        service=service,
        heads=tuple(_head(seen, group) for group in seen.groups if group.desired or unwell(seen.fleet, group)),
        cause=cause,
        count=sum(one.cause == cause for one in found),
        instances=tuple(found),
        launches=tuple(fact for group in ailing for fact in _launches(seen, group)),
        known=frozenset(i for group in seen.groups for i in group.ids),
        release="" if seen.release is None else seen.release.id,
        next=f"`bluegreen status {service}` shows what is waited for" if _waits(seen, cause) else "",
    )


def _waits(seen: Evidence, cause: Cause) -> bool:
    """Whether all is healthy, and a release goes on: something else is waited for."""
    return cause.link is Link.NOTHING and seen.release is not None and not seen.release.rests


def _serving(seen: Evidence) -> int:
    return sum(i.in_service and seen.fleet.healthy(group, i.id) for group in seen.groups for i in group.instances)


def _head(seen: Evidence, group: Group) -> str:
    well = sum(i.in_service and seen.fleet.healthy(group, i.id) for i in group.instances)
    tag, release = group.tag(seen.tag_key), seen.release
    launched = release.launched_at if release is not None and group.name == release.new else 0.0
    lasted = f" after {duration(seen.now - launched)}" if launched and well < group.desired else ""
    return f"{group.name}{f' {as_word(tag)}' if tag else ''}: {well} of {group.desired} healthy{lasted}"


# ---- a group ----


def _of_group(seen: Evidence, group: Group) -> Iterator[Cause]:
    """Yield what keeps a group from having the instances that it is to have, the first link first."""
    told = seen.told(group) or ()
    if (cause := of_launches(group, told)) is not None:
        yield cause
    if lost := _lost(told):
        yield Cause(link=Link.REPLACED, sentence=sentences.replaced(group.name, lost.cause))
    if (lacking := lacks(group)) and not activities.failed_launches(told):
        yield Cause(link=Link.UNKNOWN, sentence=sentences.launching(group.name, lacking))


def _lost(told: Iterable[Activity]) -> Activity | None:
    ended = (one for one in told if activities.kind_of(one) in ("broken", "impaired"))
    return max(ended, key=lambda one: one.started, default=None)


def _launches(seen: Evidence, group: Group) -> Iterator[Fact]:
    """Yield what AWS says of the launches of a group that are lacking."""
    failed = activities.failed_launches(seen.told(group) or ())
    if failed and (lacking := lacks(group)):
        newest = failed[0]
        said = fit(newest.message or newest.cause, QUOTED)
        label, at = f"{group.name}: {lacking} not launched", clock(newest.started)
        yield Fact(label=label, text=f"activity of {at} {newest.status}{f': {said}' if said else ''}")


# ---- a member ----


def _members(seen: Evidence, group: Group) -> tuple[Unwell, ...]:
    return tuple(_member(seen, group, one) for one in unwell(seen.fleet, group))


def _member(seen: Evidence, group: Group, one: Instance) -> Unwell:
    fleet = seen.fleet
    state = fleet.worst(group, one.id) if one.in_service else one.state
    return Unwell(
        id=one.id,
        state="not registered" if state == UNUSED else state,
        cause=_cause(seen, group, one),
        facts=tuple(_facts(seen, group, one)),
        since=seen.since.get(one.id),
    )


def _cause(seen: Evidence, group: Group, one: Instance) -> Cause:
    """Return the first link that decides of one instance."""
    fleet, image, tag = seen.fleet, seen.image(group), group.tag(seen.tag_key)
    if one.in_service and fleet.healthy(group, one.id):
        return Cause(link=Link.NOTHING, sentence="none: it is healthy")
    if one.state == LAUNCH_HELD:
        return of_hook(fleet, group)
    if said := _machine_says(fleet, one):
        return Cause(link=Link.MACHINE, sentence=said)
    if lost := _lost(a for a in seen.told(group) or () if activities.member_of(a) == one.id):
        return Cause(link=Link.REPLACED, sentence=sentences.replaced(group.name, lost.cause))
    if image is not None and tag != image:
        return of_tag(group, seen.tag_key, image)
    if said := _balancer_says(fleet, group, one):
        return Cause(link=Link.BALANCER, sentence=said)
    return Cause(link=Link.UNKNOWN, sentence=_unexplained(fleet, group, one))


def _unexplained(fleet: Fleet, group: Group, one: Instance) -> str:
    if not one.in_service:
        return sentences.unexplained(one.state)
    if not group.balancers:
        return sentences.behind_nothing(group.name)
    quiet = next((b for b in group.balancer_ids if fleet.state(b, one.id) == UNKNOWN), None)
    return sentences.unexplained(one.state) if quiet is None else sentences.silent(called(quiet))


def _machine_says(fleet: Fleet, one: Instance) -> str:
    """Return what EC2 says against an instance; nothing where it does not, or was not asked."""
    if one.id not in fleet.asked:
        return ""
    machine = fleet.machines.get(one.id)
    if machine is None:
        return sentences.unknown_to_ec2()
    if machine.state not in ("running", UNKNOWN):
        return sentences.not_running(machine.state)
    return sentences.impaired() if machine.impaired else ""


def _balancer_says(fleet: Fleet, group: Group, one: Instance) -> str:
    """Return why the first load balancer of a group that does not call an instance healthy does not."""
    if not one.in_service:
        return ""
    for balancer in group.balancer_ids:
        state, reason = fleet.state(balancer, one.id), _reason(fleet, balancer, one)
        if state == UNUSED:
            return sentences.not_registered(called(balancer))
        if state != HEALTHY and (reason.code or reason.text):
            return sentences.unhealthy(reason)
    return ""


def _reason(fleet: Fleet, balancer: str, one: Instance) -> Reason:
    return fleet.reasons.get(balancer, {}).get(one.id, Reason())


# ---- what is seen ----


def _facts(seen: Evidence, group: Group, one: Instance) -> Iterator[Fact]:
    fleet = seen.fleet
    if one.state == LAUNCH_HELD:
        yield from _hook_facts(seen, group, one)
    codes = []
    for balancer in group.balancer_ids:
        if one.in_service:
            yield Fact(label="load balancer", text=_at_balancer(seen, balancer, one))
            codes.append(_reason(fleet, balancer, one).code)
    yield Fact(label="group", text=f"{one.state} in {group.name}")
    yield Fact(label="EC2", text=_at_ec2(fleet, one))
    if (image := seen.image(group)) is not None:
        yield Fact(label="image", text=_tag(seen, group, image))
    if look_at := next((LOOK_AT[code] for code in codes if code in LOOK_AT), ""):
        yield Fact(label="look at", text=look_at)


def _hook_facts(seen: Evidence, group: Group, one: Instance) -> Iterator[Fact]:
    hooks = launch_hooks(seen.fleet, group)
    for name, row in sorted(hooks.items()):
        limit = row.get("HeartbeatTimeout")
        seconds = float(limit) if isinstance(limit, int | float) else None
        began, default = _began_to_wait(seen, group, one), str(row.get("DefaultResult"))
        ends = None if seconds is None or began is None or began + seconds <= seen.now else began + seconds
        told = sentences.hook(fit(name, QUOTED), seconds, ends, default, about=one.id not in seen.since)
        yield Fact(label="hook", text=told)
    way = hints.released(group, min(hooks), "CONTINUE", [one]) if hooks else hints.hooks_shown(group)
    yield Fact(label="look at", text=f"what completes it; by hand: {way}" if hooks else way)


def _began_to_wait(seen: Evidence, group: Group, one: Instance) -> float | None:
    """Return since when a hook has held an instance (POSIX seconds), as far as is known.

    AWS does not tell: a run saw it a moment later, and the launch began shortly before. Whoever completes the hook may
    have asked for more time since (RecordLifecycleActionHeartbeat), so that an end that has passed says nothing.
    """
    launches = [a.started for a in seen.told(group) or () if a.status == HELD_BY and activities.member_of(a) == one.id]
    return seen.since.get(one.id) or max(launches, default=None)


def _at_balancer(seen: Evidence, balancer: str, one: Instance) -> str:
    state, reason = seen.fleet.state(balancer, one.id), _reason(seen.fleet, balancer, one)
    told = reason.code or ("not registered" if state == UNUSED else state)
    quoted = f'\n"{reason.text}"' if reason.text else ""
    check = seen.checks.get(balancer)
    return f"{called(balancer)}: {told}{quoted}{_asks(check) if check else ''}"


def _asks(check: HealthCheck) -> str:
    wants = f", wants {check.wants}" if check.wants else ""
    return f"\nasks {check.asks} every {duration(check.every)}{wants}"


def _at_ec2(fleet: Fleet, one: Instance) -> str:
    if one.id not in fleet.asked:
        return "not known: it did not tell, or may not be asked"
    machine = fleet.machines.get(one.id)
    return "not found" if machine is None else f"{machine.state}{_checked(machine)}"


def _checked(machine: Machine) -> str:
    return ", a status check fails" if machine.impaired else ""


def _tag(seen: Evidence, group: Group, image: str) -> str:
    tag = group.tag(seen.tag_key)
    told = f"the tag {seen.tag_key} of {group.name} {'is missing' if tag is None else f'is {as_word(tag)}'}"
    return f"{told}, as released" if tag == image else f"{told}, and the release is of {image}"

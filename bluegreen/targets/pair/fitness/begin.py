"""From a survey and a request to a release: take the picture, or refuse with every reason at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
from attrs import frozen

from bluegreen.errors import Denied, Refused
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.fitness.check import NEEDED, PERMIT, facts, findings, live_group, set_aside
from bluegreen.targets.pair.fitness.check_scaling import way
from bluegreen.targets.pair.fitness.deadlines import (
    check_time,
    drain,
    ending,
    lingers,
    progress_deadline,
    proof,
    total_deadline,
)
from bluegreen.targets.pair.fitness.diff import LATEST, launched_from, noted, version_of
from bluegreen.targets.pair.model.actions import BATCH
from bluegreen.targets.pair.model.fleet import FIRING, Fleet, Group, Machine, Scaling, Survey
from bluegreen.targets.pair.model.release import MARK, TWINS, Bounds, Picture, Release, Side
from bluegreen.targets.pair.model.terms import Asked, Settled
from bluegreen.targets.pair.model.twins import owned_alarms
from bluegreen.targets.pair.plans.readiness import absent
from bluegreen.targets.pair.plans.steps import lasting
from bluegreen.targets.pair.plans.suspension import resumed, suspended
from bluegreen.targets.pair.release_tags.written import needed
from bluegreen.targets.pair.sentences import unfit
from bluegreen.targets.seam.finding import REFUSED, WARNED, Finding
from bluegreen.targets.seam.wish import Wish
from bluegreen.words import clean

MOST_TAGS = 50
"""Tags that a group, or an instance, may have (Auto Scaling user guide: tag your groups; EC2 user guide: tags)."""


@frozen(kw_only=True)
class Request:
    """What ``wish`` somebody has, ``now`` (POSIX seconds), and on which terms.

    ``without`` are names of balancers that are set aside.
    """

    id: str
    service: str
    wish: Wish
    blue: str
    green: str
    now: float
    terms: Asked
    by: str = ""
    without: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, str]:
        """Both groups' names, blue first."""
        return (self.blue, self.green)


@frozen
class Roles:
    """Which group is replaced and which one comes up; ``first`` when nothing serves yet."""

    old: Group
    new: Group
    first: bool = False


def sides(survey: Survey, request: Request) -> Roles:
    """Return which group is old and which is new; raise ``Refused`` with the facts when that is ambiguous."""
    fleet, groups = survey.fleet, survey.fleet.groups
    blue, green = groups[request.blue], groups[request.green]
    if live := live_group(fleet, request.names):
        if request.wish.capacity is not None:
            raise Refused(unfit.serves_already(live.name), "leave --capacity out")
        return Roles(live, green if live is blue else blue)
    gone = absent(fleet)
    if blue.instances or green.instances:
        raise Refused(
            (*(lack.sentence for lack in gone), unfit.unclear_who_serves(facts(fleet, request.names))),
            (*(lack.hint for lack in gone), *_to_make_clear(fleet, (blue, green)))
            or "wait until the last instances are gone, and ask again",
        )
    if request.wish.capacity is None:
        raise Refused(
            unfit.nothing_serves_yet(facts(fleet, request.names)),
            f"`bluegreen deploy {request.service} {request.wish.image} --capacity N` begins with N instances",
        )
    return Roles(green, blue, first=True)


def _to_make_clear(fleet: Fleet, groups: tuple[Group, Group]) -> Iterator[str]:
    """Yield what a person can do to make just one group serve: which one is theirs to say.

    What the other one wants goes before it can launch again.
    """
    both = all(map(fleet.registered, groups))
    for group, other in (groups, groups[::-1]):
        ways = (_resumed(group), hints.emptied(other), _resumed(other)) if both else _to_serve(group)
        if way := ", then ".join(filter(None, ways)):
            yield f"for {group.name} to serve{' alone' if both else ''}: {way}"
    for group in groups:
        if group.lasting:
            yield f"{lasting(group)}: {hints.ended_in_group(group.lasting)}"


def _resumed(group: Group) -> str:
    return resumed(group, NEEDED) if suspended(group, NEEDED) else ""


def _to_serve(group: Group) -> Iterator[str]:
    if group.instances or group.desired:
        yield _resumed(group)
    if ids := tuple(i.id for i in group.in_service):
        yield from (hints.registered(balancer, ids) for balancer in sorted(group.balancers))
    elif group.arriving or group.parking:
        yield "wait until its instances have arrived, and ask again"
    elif group.parked:
        yield hints.returned(group)


def without_parked(survey: Survey, group: str) -> Survey:
    """Return the survey as it would be with the parked instances of ``group`` gone."""
    fleet = survey.fleet
    left = tuple(i for i in fleet.groups[group].instances if not i.parked and not i.parking)
    groups = {**fleet.groups, group: attrs.evolve(fleet.groups[group], instances=left)}
    return attrs.evolve(survey, fleet=attrs.evolve(fleet, groups=groups))


def launching_the_newest(group: Group) -> Iterator[Finding]:
    """Yield that a group that serves launches from whatever its template's newest version is: not what it was."""
    if version_of(group) == LATEST:
        yield Finding(
            WARNED,
            unfit.launches_the_newest(group.name, LATEST),
            "name a version in the group, so that what comes back is what ran",
        )


def examine(survey: Survey, request: Request) -> tuple[Finding, ...]:
    """Return everything that speaks against a release that is requested; raise ``Refused`` when no side is clear."""
    both = sides(survey, request)
    live, idle = (both.new, both.old) if both.first else (both.old, both.new)
    tag_key = request.terms.image_tag_key
    crowded = (*_crowded(both, tag_key), *without_room(survey.machines))
    crowded = (*_nameless(both, tag_key), *crowded)
    return (*crowded, *findings(survey, live, idle, request.terms), *noted(survey, request.names, tag_key))


def _nameless(both: Roles, tag_key: str) -> Iterator[Finding]:
    """What serves reads its version from a tag that its group has: where it has none of that name, another is meant."""
    if not both.first and tag_key not in both.old.tags:
        own = [key for key in both.old.tags if not key.startswith(("aws:", "bluegreen:"))]
        yield Finding(
            REFUSED,
            unfit.no_image_tag(both.old.name, tag_key, own),
            "name the right one in `image_tag_key`, or --image-tag-key; where it is to be this one, say what serves: "
            f"{hints.tagged(both.old.name, tag_key, 'VERSION', False)}",
        )


def _crowded(both: Roles, tag_key: str) -> Iterator[Finding]:
    """A group that has no room for the tags of a release; those of AWS itself do not count (Auto Scaling quotas)."""
    for group in (both.old, both.new):
        has = _own(group.tags)
        more = needed(group, tag_key in group.tags) | ({tag_key} - group.tags.keys() if group is both.new else set())
        if (over := has + len(more) - MOST_TAGS) > 0:
            sentence = unfit.too_many_tags(group.name, has, len(more), MOST_TAGS)
            yield Finding(REFUSED, sentence, f"take {over} of its tags off")


def without_room(machines: Iterable[Machine]) -> Iterator[Finding]:
    """Yield the instances that have no room for the mark which a finish puts onto them: it would be blocked."""
    full = sorted(one.id for one in machines if MARK not in one.tags and _own(one.tags) >= MOST_TAGS)
    if full:
        sentence = unfit.no_room_for_the_mark(full, MOST_TAGS)
        yield Finding(WARNED, sentence, f"take one off: {hints.unmarked(full[:BATCH], 'NAME')}")


def _own(tags: Iterable[str]) -> int:
    return sum(not key.startswith("aws:") for key in tags)


def begin(survey: Survey, request: Request) -> Release:
    """Return the release that is requested; raise ``Refused`` with every reason against it, or ``Denied``."""
    if survey.denied:
        raise Denied(survey.denied, PERMIT)
    refused = [finding for finding in examine(survey, request) if finding.level == REFUSED]
    if refused:
        raise Refused.several((f.sentence, f.hint) for f in refused)
    both = sides(survey, request)
    picture = Picture(_side(survey, both.old, request), _side(survey, both.new, request))
    live, idle = (both.new, both.old) if both.first else (both.old, both.new)
    capacity = max(1, request.wish.capacity or 0 if both.first else both.old.desired)
    terms = settled(survey, request.terms, 0 if both.first else both.old.desired)
    release = Release(
        id=request.id,
        service=request.service,
        image=request.wish.image,
        old=both.old.name,
        new=both.new.name,
        picture=picture,
        bounds=Bounds(live.min, max(live.max, capacity)),
        idle=Bounds(idle.min, idle.max),
        capacity=capacity,
        begun_at=request.now,
        by=request.by,
        terms=terms,
        first=both.first,
        drain=drain(survey) + ending(survey),
        deadline_at=request.now + terms.deadline,
        check_time=check_time(survey),
        lingers=lingers(survey),
        without=set_aside((live, idle), request.without),
        instead_of=request.wish.instead_of,
        progressed_at=request.now,
        way=TWINS if both.first else way(survey, live, idle) or TWINS,
    )
    for group in (both.old, both.new):
        release = release.write(group.name, min=group.min, max=group.max)
    return release


def settled(survey: Survey, asked: Asked, size: int) -> Settled:
    """Return the terms of a release that replaces ``size`` instances, with what is derived from the pair.

    An alarm that fires already guards nothing: a hotfix is deployed while it does.
    """
    terms: Settled = asked.settled(
        deadline=total_deadline(survey, asked, size),
        progress_deadline=progress_deadline(survey, asked.progress_deadline),
        healthy_for=proof(survey, asked.healthy_for),
        alarms=tuple(name for name in asked.alarms if survey.fleet.alarms.get(name) != FIRING),
    )
    return terms


def _side(survey: Survey, group: Group, request: Request) -> Side:
    scaling, tag = survey.scaling.get(group.name, Scaling()), group.tags.get(request.terms.image_tag_key)
    return Side(
        name=group.name,
        min=group.min,
        max=group.max,
        desired=group.desired,
        suspended=group.suspended,
        image=None if tag is None else tag.value,
        propagate=True if tag is None else tag.propagate,
        policies=scaling.policies,
        schedules=scaling.schedules,
        alarms=owned_alarms(scaling),
        template=clean(launched_from(group)),
    )

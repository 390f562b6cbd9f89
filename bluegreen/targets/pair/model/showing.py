"""What people are shown of a pair's two groups: the sides of a snapshot, and what a run's listeners are told. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from attrs import frozen

from bluegreen.flow.causes import Ailment
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.flow.snapshot import Figures, Member, OpenRelease, Role, Side, Snapshot, State, Symbol
from bluegreen.targets.pair.model.fleet import HEALTHY, SHIFTED, UNHEALTHY, Fleet, Group
from bluegreen.targets.pair.model.look import Look, armed
from bluegreen.targets.pair.model.release import Release

STATES = {DEPLOY: State.DEPLOYING, ROLLBACK: State.ROLLING_BACK, FINISH: State.FINISHING}
"""In which state a service is whose release a command carries on."""

_BEGINNINGS = (
    ("Pending", Symbol.STARTING),
    ("Warmed", Symbol.STARTING),
    ("EnteringStandby", Symbol.PARKING),
    ("Standby", Symbol.PARKED),
)


def symbol_of(state: str, health: str, *, serves: bool, leaves: bool = False, comes: bool = False) -> Symbol:
    """Return what an instance does for the traffic, by its lifecycle state and the worst that a balancer says of it.

    ``serves`` says that it is counted on, ``leaves`` that it is in service and was told to go, ``comes`` that it has
    yet to serve: then it is not ill because its checks fail.
    """
    if serves:
        return Symbol.SERVING
    if state == "InService" and not leaves:
        if health == SHIFTED:
            return Symbol.SHIFTED
        return Symbol.UNHEALTHY if health == UNHEALTHY and not comes else Symbol.JOINING
    return next((found for begin, found in _BEGINNINGS if state.startswith(begin)), Symbol.LEAVING)


@frozen(kw_only=True)
class Counted:
    """What is known of a group's instances: who serves, who was told to leave, and why some are not healthy.

    ``comes`` says that the group has yet to come to serve, ``dead`` are those that run no more though they are members.
    """

    serving: Collection[str]
    leaving: Collection[str] = ()
    comes: bool = False
    dead: Collection[str] = ()
    ailing: tuple[Ailment, ...] = ()


def side(
    fleet: Fleet, group: Group, tag_key: str, counted: Counted, *, live: bool = False, role: Role | None = None
) -> Side:
    """Return a group as a side."""
    ails: dict[str, list[Ailment]] = defaultdict(list)
    for one in counted.ailing:
        ails[one.instance].append(one)
    members = []
    for i in group.instances:
        health, serves = fleet.worst(group, i.id), i.id in counted.serving
        symbol = symbol_of(i.state, health, serves=serves, leaves=i.id in counted.leaving, comes=counted.comes)
        symbol = Symbol.UNHEALTHY if i.id in counted.dead and symbol is Symbol.PARKED else symbol
        members.append(Member(id=i.id, state=i.state, symbol=symbol, health=health, reasons=tuple(ails[i.id])))
    return Side(
        name=group.name,
        min=group.min,
        max=group.max,
        desired=group.desired,
        image=group.tag(tag_key),
        scales=armed(group),
        healthy=sum(i.in_service and fleet.healthy(group, i.id) for i in group.instances),
        live=live,
        role=role,
        suspended=tuple(sorted(group.suspended)),
        members=tuple(members),
    )


def sides(
    look: Look,
    live: Iterable[str],
    ailing: tuple[Ailment, ...] = (),
    dead: Collection[str] = (),
    *,
    idle: bool = False,
) -> tuple[Side, Side]:
    """Return the old and the new side of a release; ``live`` are the names of those that serve.

    ``idle`` says that nobody works on it: then what is healthy serves, though it may have been told to leave.
    """
    names, counted = set(live), _at_rest if idle else _counted
    old, new = (
        side(
            look.fleet,
            group,
            look.release.terms.image_tag_key,
            counted(look, group, group.name in names, ailing, dead),
            live=group.name in names,
            role=role,
        )
        for group, role in ((look.old, Role.OLD), (look.new, Role.NEW))
    )
    return old, new


def _counted(look: Look, group: Group, live: bool, ailing: tuple[Ailment, ...], dead: Collection[str]) -> Counted:
    serving = {i for balancer in look.balancers for i in look.serving(group, balancer)}
    comes = not live and not look.release.rests
    return Counted(serving=serving, leaving=_leaving(look, group, serving), comes=comes, ailing=ailing, dead=dead)


def _at_rest(look: Look, group: Group, live: bool, ailing: tuple[Ailment, ...], dead: Collection[str]) -> Counted:
    comes = not live and not look.release.rests
    return Counted(serving=healthy(look.fleet, group), comes=comes, ailing=ailing, dead=dead)


def healthy(fleet: Fleet, group: Group) -> frozenset[str]:
    """Return the members that every load balancer of their group calls healthy."""
    return frozenset(i.id for i in group.in_service if fleet.healthy(group, i.id))


def figures(look: Look) -> Figures:
    """Return the figures behind what is done.

    Where several balancers count, what is needed and what serves are those of the one that has the least to spare.
    """
    narrowest = min(look.wanted, key=look.spare, default=None)
    return Figures(
        demand=look.demand,
        needed=0 if narrowest is None else look.floor(narrowest),
        healthy=0 if narrowest is None else look.served(narrowest),
    )


def opened(release: Release) -> OpenRelease:
    """Return an open release as it is shown."""
    return OpenRelease(
        id=release.id,
        goal=release.goal,
        before=release.picture.old.image,
        to=release.image,
        by=release.by,
        begun_at=release.begun_at,
        phase=release.phase.name.lower(),
        milestones=dict(release.milestones),
        reason=release.reason,
        deadline_at=None if release.rests else release.deadline_at,
        deployed_at=release.milestones["deployed"] if release.rests else None,
    )


def summary(look: Look, ailing: tuple[Ailment, ...] = ()) -> Snapshot:
    """Return what a run's listeners are told of a look; ``ailing`` is why some are not healthy."""
    more = look.new if _healthy_in_all(look, look.new) > _healthy_in_all(look, look.old) else look.old
    return Snapshot(
        service=look.release.service,
        at=look.now,
        state=STATES[look.release.goal],
        sides=sides(look, (more.name,), ailing),
        figures=figures(look),
        region=look.new.region,
        release=opened(look.release),
    )


def _healthy_in_all(look: Look, group: Group) -> int:
    return sum(len(look.serving(group, balancer)) for balancer in look.balancers)


def _leaving(look: Look, group: Group, serving: set[str]) -> set[str]:
    """Return which in service are about to leave: told to, or as many as the group has too many of.

    It is not known which it takes: those that are not counted on, first what would be if it stayed.
    """
    told = {i.id for i in group.in_service if i.id in look.release.leaving}
    others = [i.id for i in group.in_service if i.id not in serving and i.id not in told]
    others.sort(key=lambda i: look.fleet.worst(group, i) != HEALTHY)
    return told | set(others[: look.surplus(group)])

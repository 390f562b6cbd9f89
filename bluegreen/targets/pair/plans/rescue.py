"""A record that does not fit its seal is believed in nothing: by AWS's own rows alone what is parked comes back. Pure.

Old is the group that has instances in Standby, or else the one that the tags call so. They come back where a person
asks, or where fewer serve than are parked and wanted. Nothing is taken away, and what becomes of the release is a
person's to decide.
"""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import Blocked, Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import BATCH, ExitStandby, Resize
from bluegreen.targets.pair.model.fleet import INITIAL, Fleet, Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import SEAL, Picture, Release
from bluegreen.targets.pair.plans.answers import Answer, Plan
from bluegreen.targets.pair.plans.due import due
from bluegreen.targets.pair.plans.plan import build_plan
from bluegreen.targets.pair.plans.suspension import TO_COME, resumed, suspended, waiting_for
from bluegreen.targets.pair.release_tags.written import SIDE
from bluegreen.targets.pair.sentences import claimed, waits, whys

UNFIT = claimed.does_not_fit_its_seal()

PATIENCE = 300.0
"""Seconds in which what comes back is to be healthy; afterwards a person is told all the same."""


def for_rescue(release: Release, fleet: Fleet) -> Release:
    """Return the release with the one group as old that has parked instances, or else the one that the tags call so."""
    bare = attrs.evolve(release, without=(), passed_by=(), leaving=frozenset(), returning=frozenset())
    bare = attrs.evolve(bare, picture=_nothing_measured(release.picture))
    sides = {name: (group.tag(SIDE) or "").partition(" ")[0] for name, group in fleet.groups.items()}
    parked = [name for name, group in fleet.groups.items() if group.parked]
    told = parked if len(parked) == 1 else [name for name, side in sides.items() if side == "old"]
    if len(told) != 1:
        return bare
    other = next(name for name in fleet.groups if name != told[0])
    return attrs.evolve(bare, old=told[0], new=other)


def _nothing_measured(picture: Picture) -> Picture:
    """Return the picture without policies: no metric that a record names is asked for, or counts."""
    return Picture(*(attrs.evolve(side, policies=()) for side in (picture.old, picture.new)))


def rescue_plan(*, asked: bool, since: float) -> Plan:
    """Return the plan that brings back what is parked, where a person has ``asked``, or too few serve.

    It was begun at ``since`` (POSIX seconds).
    """

    def missing(look: Look) -> Answer:
        return _missing(look, asked=asked, until=since + PATIENCE)

    return attrs.evolve(
        build_plan(guards=()),
        missing=missing,
        learn=lambda look: look.release,
        turn=lambda _, __: None,
    )


def falls_short(look: Look) -> bool:
    """Whether fewer may serve in a balancer than are parked, and wanted of new."""
    old, new = look.old, look.new
    if not new.desired:
        return False  # the owner wants none
    return any(_too_few(look, one.id) for one in old.balancers)


def _too_few(look: Look, balancer: str) -> bool:
    """Whether fewer may serve in a balancer than are parked, and wanted of new; what was just launched may boot."""
    old, new = look.old, look.new
    boots = len(new.arriving) + sum(look.fleet.state(balancer, i.id) == INITIAL for i in new.in_service)
    needed = min(len(old.parked), max(1, new.desired - boots))
    return sum(len(look.hoped(side, balancer)) for side in (old, new)) < needed


def _missing(look: Look, *, asked: bool, until: float) -> Answer:
    old = look.old
    if not (old.parked or old.parking or _comes(old, look)):
        return _for_a_person(look)
    if old.parked and not asked:
        if not falls_short(look):
            return _for_a_person(look)
        if not look.steady(AGREEING, falls_short):
            return Waiting(claimed.again(claimed.fewer_serve_than_parked(UNFIT)))
    if old.parked:
        return _for_a_person(look) if suspended(old, TO_COME) else _bring_back(look, old)
    if look.now < until:
        coming = len(old.in_service) + len(old.arriving)
        wait = Waiting(waits.on_the_way_back(old.name, coming), until)
        return waiting_for(look, old, TO_COME, wait)
    return _for_a_person(look)


def _comes(old: Group, look: Look) -> bool:
    """Whether some of old are on their way, or in service and healthy nowhere yet."""
    sick = [i for i in old.in_service if not any(i.id in look.hoped(old, one.id) for one in old.balancers)]
    return bool(old.arriving or sick)


def _bring_back(look: Look, old: Group) -> Answer:
    room = old.desired + len(old.parked) + len(old.parking)
    if old.max < room:
        return due(look, Resize(old.name, max=room), whys.room_for(room), look.release)
    ids = tuple(i.id for i in old.parked)[:BATCH]
    return due(look, ExitStandby(old.name, ids), "", look.release)


def _for_a_person(look: Look) -> Answer:
    """What becomes of the release is a person's to say; where old cannot come back, what helps with that is first."""
    service, old = look.release.service, look.old
    stuck = suspended(old, TO_COME) if old.parked or _comes(old, look) else ""
    first = (
        f"{resumed(old, TO_COME)}, then `bluegreen rollback {service}` brings back what is parked; " if stuck else ""
    )
    right = ", ".join(hints.untagged(name, SEAL) for name, group in look.fleet.groups.items() if SEAL in group.tags)
    return Blocked(
        "; ".join(filter(None, (UNFIT, stuck))),
        f"{first}if the record is right: {right}, then `bluegreen resume {service}`, or rollback; if the tags are: "
        f"move the record away, and `bluegreen adopt {service}` makes one from them",
    )

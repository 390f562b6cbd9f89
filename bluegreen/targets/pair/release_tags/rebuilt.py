"""A release made anew from the tags of both groups, and from what else is seen of the pair, for a record that is lost.

Nothing in the tags is believed because it is there: a release that cannot be is refused, and of two that could be, the
careful one is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs
from attrs import frozen

from bluegreen.declared import from_tags
from bluegreen.errors import Refused
from bluegreen.sentences.forms import of
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.copies import with_what_left
from bluegreen.targets.pair.model.fleet import AUTOSCALER, HEALTHY, UNKNOWN, Fleet, Group, Scaling, called
from bluegreen.targets.pair.model.release import (
    DEPLOY,
    FINISH,
    ID,
    MOVE,
    ROLLBACK,
    TWINS,
    Bounds,
    Picture,
    Release,
    Side,
)
from bluegreen.targets.pair.model.sound import release_faults
from bluegreen.targets.pair.model.terms import Settled
from bluegreen.targets.pair.model.twins import Names, owned_alarms
from bluegreen.targets.pair.release_tags.told import Shown, shown
from bluegreen.targets.pair.release_tags.written import SIDE, TERMS, WAS
from bluegreen.targets.pair.sentences import told as sentences

OLDER = {"settle": "stabilize"}
"""What a term was called by older tools."""
UNTOLD = {"healthy": "0"}
"""What older tools did not tell, as they meant it."""


@frozen(kw_only=True)
class Adoption:
    """What is needed beside the tags: whose record it becomes, when, and what else is seen of the pair.

    ``marked`` are the instances that carry the release's mark; ``scaling`` are policies and schedules by group.
    """

    service: str
    by: str
    now: float
    image_tag_key: str
    marked: tuple[str, ...] = ()
    scaling: Mapping[str, Scaling] = attrs.field(factory=dict)


def rebuild(fleet: Fleet, adoption: Adoption) -> Release:
    """Return the release that the tags of both groups tell of; raise ``Refused`` when they do not tell enough.

    Its milestones are not in the tags: how far it has come is seen from the groups.
    """
    sides = {word: _parsed(group, adoption) for group in fleet.groups.values() if (word := _word(group))}
    told = shown(fleet, adoption.service)
    if told is None or set(sides) != {"old", "new"} or len({group.tag(ID) for group in fleet.groups.values()}) != 1:
        raise Refused(
            of(adoption.service, sentences.not_of_one(fleet.groups)),
            "put sizes and suspended processes right by hand, and take the tags bluegreen:… off: "
            + ", ".join(hints.untagged(name, ID) for name in fleet.groups),
        )
    terms = _read_terms(fleet.groups[sides["old"].name])
    if moved := terms.get("way") == MOVE:
        sides["old"] = _with_what_moved(sides["old"], sides["new"])
    release = _not_switched(fleet, _first_as_seen(fleet, _release(told, sides, terms, adoption)))
    for group in fleet.groups.values():
        release = release.write(group.name, min=group.min, max=group.max)
    taken_off = moved and len(sides["old"].policies + sides["old"].schedules) > _still_there(sides["old"], adoption)
    doors = (*_passed(fleet, release), *(("retiring",) if taken_off else ()))
    passed = dict.fromkeys(doors, adoption.now)
    old, aside = fleet.groups[release.old], terms.get("without", "")
    known = {"milestones": passed, "leaving": _left(old), "best": _had(fleet, release), "without": _aside(fleet, aside)}
    return _sound(attrs.evolve(release, **known))  # type: ignore[arg-type]


def _first_as_seen(fleet: Fleet, release: Release) -> Release:
    """Return the release; raise ``Refused`` for one that is the first by its tags, and old has instances."""
    if not release.first or not (staying := fleet.groups[release.old].staying):
        return release
    raise Refused(
        of(release.service, sentences.served_before(release.image, release.old, len(staying))),
        f"see whose they are; {_taken_off(release)}",
    )


def _not_switched(fleet: Fleet, release: Release) -> Release:
    """Return the release, a deployment where a finish cannot have begun: more of old serves than is parked.

    What carries the release's mark shows that one was under way.
    """
    old = fleet.groups[release.old]
    serving = [i for i in old.in_service if {HEALTHY, UNKNOWN} & set(fleet.states(old, i.id))]
    if release.goal != FINISH or release.retire or len(serving) <= len(old.parked) + len(old.parking):
        return release
    return attrs.evolve(release, goal=DEPLOY)


def _taken_off(release: Release) -> str:
    return (
        "put sizes and suspended processes right by hand, and take the tags bluegreen:… off: "
        f"{hints.untagged(release.old, ID)}, {hints.untagged(release.new, ID)}"
    )


def _aside(fleet: Fleet, names: str) -> tuple[str, ...]:
    """Return the ids of the balancers that were set aside, of those that are there."""
    attached = {one.id for group in fleet.groups.values() for one in group.balancers}
    return tuple(sorted(one for one in attached if called(one) in names.split("+")))


def _sound(release: Release) -> Release:
    """Return the release if all that the tags say can be so, as it is asked of a record; raise ``Refused``."""
    if faults := tuple(dict.fromkeys(release_faults(release))):
        raise Refused(
            of(release.service, sentences.cannot_be(faults[:5])),
            _taken_off(release),
        )
    return release


def _had(fleet: Fleet, release: Release) -> dict[str, int]:
    """Return what old must have served with wherever it serves now: its members. Elsewhere nobody knows."""
    old = fleet.groups[release.old]
    there = [one.id for one in old.balancers if any(fleet.state(one.id, i.id) == HEALTHY for i in old.in_service)]
    return {f"{old.name} {balancer}": len(old.staying) for balancer in there}


def _with_what_moved(old: Side, new: Side) -> Side:
    """Return old with the settings that a finish has taken off it already: new has them."""
    ours, theirs = (Scaling(one.policies, one.schedules, alarms=one.alarms) for one in (old, new))
    whole = with_what_left(ours, theirs, Names(old.name, new.name))
    return attrs.evolve(old, policies=whole.policies, schedules=whole.schedules, alarms=whole.alarms)


def _still_there(old: Side, adoption: Adoption) -> int:
    scaling = adoption.scaling.get(old.name, Scaling())
    return len(scaling.policies) + len(scaling.schedules)


def _left(old: Group) -> frozenset[str]:
    """Return the instances that must have been told to enter Standby, and may be brought back at once."""
    return frozenset(instance.id for instance in (*old.parked, *old.parking))


def _word(group: Group) -> str:
    return (group.tag(SIDE) or "").partition(" ")[0]


_SIDE = re.compile(r"(?:old|new) (\d{1,9})/(\d{1,9})/(\d{1,9}) (propagated|kept) (\S+)", re.A)


def _parsed(group: Group, adoption: Adoption) -> Side:
    found = _SIDE.fullmatch(group.tag(SIDE) or "")
    if found is None:
        raise _unreadable(group, SIDE)
    low, top, desired, kept, suspended = found.groups()
    scaling = adoption.scaling.get(group.name, Scaling())
    return Side(
        name=group.name,
        min=int(low),
        max=int(top),
        desired=int(desired),
        suspended=frozenset() if suspended == "nothing" else frozenset(suspended.split("+")),
        image=group.tag(WAS),
        propagate=kept == "propagated",
        policies=scaling.policies,
        schedules=scaling.schedules,
        alarms=owned_alarms(scaling),
    )


def _unreadable(group: Group, key: str) -> Refused:
    return Refused(
        sentences.not_written_by_us(group.name, key, group.tag(key)),
        "upgrade bluegreen here, or put sizes and suspended processes right by hand and take the tags bluegreen:… off",
    )


def _read_terms(group: Group) -> Mapping[str, str]:
    terms = dict(part.partition("=")[::2] for part in (group.tag(TERMS) or "").split())
    return {OLDER.get(key, key): value for key, value in terms.items()}


def _release(told: Shown, sides: Mapping[str, Side], terms: Mapping[str, str], adoption: Adoption) -> Release:
    try:
        settled = Settled(image_tag_key=adoption.image_tag_key, **from_tags(Settled, {**UNTOLD, **terms}))
        return Release(
            id=told.id,
            service=adoption.service,
            image=told.image,
            old=sides["old"].name,
            new=sides["new"].name,
            picture=Picture(sides["old"], sides["new"]),
            bounds=_bounds(terms["bounds"]),
            idle=_bounds(terms["idle"]),
            capacity=int(terms["capacity"]),
            terms=settled,
            begun_at=float(terms["begun"]),
            by=adoption.by,
            first=terms["first"] == "1",
            goal=told.goal if told.goal in (DEPLOY, ROLLBACK, FINISH) else DEPLOY,
            drain=float(terms["drain"]),
            deadline_at=adoption.now + settled.deadline,
            progressed_at=adoption.now,
            told_at=adoption.now,
            check_time=float(terms.get("check", "0")),
            lingers=float(terms.get("linger", "0")),
            launched_at=float(terms["begun"]),
            retire=adoption.marked,
            take=told.take + 1,
            way=terms.get("way", TWINS),
            instead_of=sides["old"].image or "unknown" if terms.get("back") == "1" else "",
        )
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise Refused(
            of(adoption.service, sentences.terms_not_written_by_us(TERMS)),
            "upgrade bluegreen here, or put sizes and suspended processes right by hand and take the tags off",
        ) from error


def _pair(text: str) -> tuple[int, int]:
    one, _, other = text.partition("/")
    return int(one), int(other)


def _bounds(text: str) -> Bounds:
    return Bounds(*_pair(text))


def _passed(fleet: Fleet, release: Release) -> Iterable[str]:
    """Return the milestones that a release seen like this has passed; the careful answer where it could be either."""
    old, new = fleet.groups[release.old], fleet.groups[release.new]
    if release.goal == FINISH:
        return ("moving", "moved", "deployed", *(("retiring",) if release.retire else ()))
    if release.goal == ROLLBACK or not any(fleet.takes_requests(new, i.id) for i in new.in_service):
        return ()
    disarmed = (AUTOSCALER & old.suspended) - release.picture.old.suspended
    if not (old.parked or old.parking or disarmed):
        return ()
    return ("moving",) if old.in_service or old.arriving or old.parking else ("moving", "moved")

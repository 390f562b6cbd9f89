"""Whether a pair stands as a record says: one side serves an image alone. Pure; each function judges one look.

What is asked of a look is little: who is registered, who serves, the floor, the tag.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from bluegreen.pair.fleet import Fleet, Group
from bluegreen.pair.look import Look
from bluegreen.pair.release import Bounds, Picture, Release, Side
from bluegreen.pair.steps import plural

UNSURE = ("unknown",)
"""The states of an instance in a balancer that say neither yes nor no."""
COMING = ("healthy", "initial")
"""The states of an instance that serves, or is about to."""


class Fault(StrEnum):
    """What keeps a pair from standing as it should."""

    NONE = "none"
    UNKNOWN = "unknown"
    OTHER = "another side serves"
    BOTH = "both sides serve"
    TAG = "another tag"
    SHORT = "too few are healthy"
    SICK = "none is healthy"
    PARKED = "instances in Standby"


@frozen
class Standing:
    """What one look says: ``fact`` is a sentence about the ``fault``, ``balancers`` are those that do not know."""

    fault: Fault = Fault.NONE
    fact: str = ""
    balancers: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether all is as it should be."""
        return self.fault is Fault.NONE

    @property
    def open(self) -> bool:
        """Whether another look may well say something else: nobody knows yet, or the group makes up for what lacks."""
        return self.fault in (Fault.UNKNOWN, Fault.SHORT)


STANDS = Standing()


def serves_alone(look: Look) -> Standing:
    """Judge whether the release's new side is the one that serves, tagged with its image, with enough instances."""
    for judge in (_other_side, _registered, _tagged, _enough):
        if not (found := judge(look)).stands:
            return found
    return STANDS


def _other_side(look: Look) -> Standing:
    """No instance of the other side gets requests."""
    old, new, fleet = look.old, look.new, look.fleet
    if serving := [i.id for i in old.instances if fleet.takes_requests(old, i.id)]:
        both = fleet.registered(new)
        sentence = f"{plural(len(serving), 'instance')} of {old.name} {'serve' if len(serving) > 1 else 'serves'}"
        beside = f"beside {len(both)} of {new.name}" if both else f"and none of {new.name} is in a load balancer"
        return Standing(Fault.BOTH if both else Fault.OTHER, f"{sentence}, {beside}")
    if unsure := _unsure(fleet, old):
        return Standing(Fault.UNKNOWN, f"whether {old.name} serves is not known", unsure)
    return STANDS


def _registered(look: Look) -> Standing:
    if look.fleet.registered(look.new):
        return STANDS
    return Standing(Fault.OTHER, f"no instance of {look.new.name} is in a load balancer")


def _tagged(look: Look) -> Standing:
    """The tag names the image that the release says; one without an image has no tag to name it."""
    release, tag = look.release, look.new.tag(look.release.tag_key)
    if not release.image or tag == release.image:
        return STANDS
    sentence = f"the tag {release.tag_key} of {look.new.name} says {tag}: its next launch runs {tag or 'nothing'}"
    return Standing(Fault.TAG, sentence)


def _enough(look: Look) -> Standing:
    """The floor holds; what nobody knows may be healthy, and what a group lacks it launches."""
    new, fleet = look.new, look.fleet
    healthy, needed = len(look.serving(new)), max(1, look.floor)
    if healthy >= needed:
        return STANDS
    sentence = f"{healthy} of {plural(needed, 'instance')} of {new.name} are healthy in the load balancer"
    states = [fleet.states(new, i.id) for i in new.in_service]
    known = sum(bool(of) and set(of) <= {"healthy", *UNSURE} for of in states)
    if known >= needed:
        return Standing(Fault.UNKNOWN, sentence, _unsure(fleet, new))
    coming = new.arriving or len(new.in_service) < new.desired or any(set(of) <= {*COMING, *UNSURE} for of in states)
    return Standing(Fault.SHORT if healthy or coming else Fault.SICK, sentence)


def _unsure(fleet: Fleet, group: Group) -> tuple[str, ...]:
    """Return the balancers that do not know whether members of a group are healthy."""
    found = {b.id: fleet.health.get(b.id, {}) for b in sorted(group.balancers)}
    return tuple(name for name, states in found.items() if any(states.get(i) in UNSURE for i in group.ids))


def none_parked(fleet: Fleet) -> Standing:
    """Judge whether no instance is in Standby, or on the way there."""
    for group in fleet.groups.values():
        if count := len(group.parked) + len(group.parking):
            are = "are" if count > 1 else "is"
            sentence = f"{plural(count, 'instance')} of {group.name} {are} in Standby, and no release explains it"
            return Standing(Fault.PARKED, sentence)
    return STANDS


def supposed(fleet: Fleet, sides: tuple[str, str], image: str | None, tag_key: str) -> Look:
    """Return a look at a pair with no release open, of which the first of ``sides`` is said to serve ``image`` alone.

    How many were healthy before is on no record, so that the floor is half of what the group wants.
    """
    name, other = sides
    new, old = fleet.groups[name], fleet.groups[other]
    release = Release(
        id="",
        service="",
        image=image or "",
        old=other,
        new=name,
        picture=Picture(*(Side(g.name, g.min, g.max, g.desired) for g in (old, new))),
        bounds=Bounds(new.min, new.max),
        idle=Bounds(old.min, old.max),
        capacity=max(1, new.desired),
        begun_at=fleet.at,
        tag_key=tag_key,
        milestones=dict.fromkeys(("moving", "moved", "deployed"), fleet.at),
        best=max(1, -(-new.desired // 2)),
    )
    return Look(fleet=fleet, release=release, taken=fleet.at, now=fleet.at)

"""Whether a pair stands as a record says: one side serves an image alone. Pure; each function judges one look.

What is asked of a look is little: who is registered, who serves, the floor, the tag.
"""

from __future__ import annotations

from enum import StrEnum
from math import inf

from attrs import frozen

from bluegreen.flow.answers import Done
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import HEALTHY, SHIFTED, UNKNOWN, Fleet, Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import Bounds, Picture, Release, Side
from bluegreen.targets.pair.model.seal import fits_seal, seals_told, turned
from bluegreen.targets.pair.model.terms import Settled
from bluegreen.targets.pair.plans.finish import require_alarms_at_rest
from bluegreen.targets.pair.plans.readiness import Lack
from bluegreen.targets.pair.plans.rescue import UNFIT
from bluegreen.targets.pair.plans.steps import counting, needed_alone, too_few
from bluegreen.targets.pair.plans.suspension import taken_off
from bluegreen.targets.pair.sentences import told, unfit

UNSURE = (UNKNOWN,)
"""The states of an instance in a balancer that say neither yes nor no."""
COMING = (HEALTHY, SHIFTED, "initial")
"""The states of an instance that serves, or is to."""


class Fault(StrEnum):
    """What keeps a pair from standing as it should."""

    NONE = "none"
    UNKNOWN = "unknown"
    OTHER = "another side serves"
    BOTH = "both sides serve"
    TAG = "another tag"
    SHORT = "too few are healthy"
    SICK = "none is healthy"
    CUT_OFF = "not attached any more"
    PARKED = "instances in Standby"
    ALARM = "an alarm fires"


@frozen
class Standing:
    """What one look says: ``fact`` is a sentence about the ``fault``, ``balancers`` are those that do not know.

    ``ways`` are commands that put it right, where there are any.
    """

    fault: Fault = Fault.NONE
    fact: str = ""
    balancers: tuple[str, ...] = ()
    ways: str = ""

    @property
    def stands(self) -> bool:
        """Whether all is as it should be."""
        return self.fault is Fault.NONE

    @property
    def open(self) -> bool:
        """Whether another look may well say something else.

        Nobody knows yet, the group makes up for what lacks, or an alarm may rest.
        """
        return self.fault in (Fault.UNKNOWN, Fault.SHORT, Fault.ALARM)


STANDS = Standing()


def serves_alone(look: Look) -> Standing:
    """Judge whether the release's new side is the one that serves, tagged with its image, with enough instances."""
    for judge in (_other_side, _registered, _tagged, _enough):
        if not (found := judge(look)).stands:
            return found
    return STANDS


def can_do_without(look: Look) -> Standing:
    """Judge whether what is parked can go: new holds what the traffic needs alone, and no guarding alarm fires."""
    fires = require_alarms_at_rest(look)
    return _enough(look) if isinstance(fires, Done) else Standing(Fault.ALARM, fires.reason)


def _other_side(look: Look) -> Standing:
    """No instance of the other side gets requests."""
    old, new, fleet = look.old, look.new, look.fleet
    if serving := [i.id for i in old.instances if HEALTHY in fleet.states(old, i.id)]:
        both = fleet.registered(new)
        sentence = told.other_serves(old.name, len(serving), new.name, len(both))
        return Standing(Fault.BOTH if both else Fault.OTHER, sentence)
    if unsure := _unsure(fleet, old):
        return Standing(Fault.UNKNOWN, told.unknown_whether_serves(old.name), unsure)
    return STANDS


def _registered(look: Look) -> Standing:
    if look.fleet.registered(look.new):
        return STANDS
    return Standing(Fault.OTHER, told.none_registered(look.new.name))


def _tagged(look: Look) -> Standing:
    """The tag names the image that the release says; one without an image has no tag to name it."""
    release, tag = look.release, look.new.tag(look.release.terms.image_tag_key)
    if not release.image or tag == release.image:
        return STANDS
    return Standing(Fault.TAG, told.next_runs(look.new.name, release.terms.image_tag_key, tag))


def _enough(look: Look) -> Standing:
    """The floor of each balancer holds; what nobody knows may be healthy, and what a group lacks it launches."""
    sentence = too_few(look, look.new, counting(look), needed_alone)
    if not sentence:
        return STANDS
    if off := tuple(taken_off(look, look.new)):
        told, ways = zip(*off, strict=True)
        return Standing(Fault.CUT_OFF, "; ".join((sentence, *told)), ways=", then ".join(ways))
    if all(len(look.hoped(look.new, one)) >= needed_alone(look, one) for one in counting(look)):
        return Standing(Fault.UNKNOWN, sentence, _unsure(look.fleet, look.new))
    return Standing(Fault.SHORT if _may_get_well(look) else Fault.SICK, sentence)


def _may_get_well(look: Look) -> bool:
    new, fleet = look.new, look.fleet
    coming = any(set(fleet.states(new, i.id)) <= {*COMING, *UNSURE} for i in new.in_service)
    return coming or look.serves(new) or bool(new.arriving) or len(new.in_service) < new.desired


def _unsure(fleet: Fleet, group: Group) -> tuple[str, ...]:
    """Return the balancers that do not know whether members of a group are healthy."""
    balancers = sorted(balancer.id for balancer in group.balancers)
    return tuple(b for b in balancers if any(fleet.state(b, i) in UNSURE for i in group.ids))


def beside(look: Look) -> tuple[Lack, ...]:
    """Return what is wrong with what serves while a release rests, and how it goes without what is parked.

    Somebody took new off a balancer in which it serves; or raised the parked group's minimum, or wants instances of it:
    it launches those, with its own image, and they serve beside new.
    """
    found, old, new = _other_side(look), look.old, look.new
    off = tuple(Lack(sentence, way) for sentence, way in taken_off(look, new))
    if found.fault is not Fault.BOTH:
        return off
    ways = f"`bluegreen rollback {look.release.service}` goes back to {old.name}, with all of it"
    return (
        *off,
        Lack(
            told.since_minimum(found.fact, old.name, old.min),
            f"{hints.emptied(old)} leaves {new.name} alone, and what is parked; {ways}",
        ),
    )


def none_parked(fleet: Fleet) -> Standing:
    """Judge whether no instance is in Standby, or on the way there."""
    for group in fleet.groups.values():
        if count := len(group.parked) + len(group.parking):
            return Standing(Fault.PARKED, unfit.standby_unexplained(group.name, count))
    return STANDS


def supposed(fleet: Fleet, sides: tuple[str, str], image: str | None, tag_key: str) -> Look:
    """Return a look at a pair with no release open, of which the first of ``sides`` is said to serve ``image`` alone.

    How many were healthy before is on no record, so that the floor is half of what the group wants, wherever anything
    is healthy.
    """
    name, other = sides
    new, old = fleet.groups[name], fleet.groups[other]
    alive = (b.id for b in new.balancers if any(fleet.state(b.id, i.id) in (HEALTHY, *UNSURE) for i in new.in_service))
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
        terms=Settled(image_tag_key=tag_key, bake=0.0, deadline=inf, progress_deadline=300.0, healthy_for=0.0),
        milestones=dict.fromkeys(("moving", "moved", "deployed"), fleet.at),
        best={f"{name} {balancer}": max(1, -(-new.desired // 2)) for balancer in alive},
    )
    return Look(fleet=fleet, release=release, taken=fleet.at, now=fleet.at)


def told_otherwise(release: Release, fleet: Fleet) -> tuple[Lack, ...]:
    """Return that the groups' tags tell another thing than the record: it does not fit, or goes back by now."""
    seals = seals_told(fleet)
    if not fits_seal(release, seals):
        return (Lack(UNFIT),)
    if turned(release, seals, release.begun_at) is None:
        return ()
    back = told.goes_back_not_yet(release.image)
    return (Lack(back, f"`bluegreen rollback {release.service}` does it, and so does `bluegreen cleanup`"),)

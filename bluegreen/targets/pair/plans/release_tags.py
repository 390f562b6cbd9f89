"""The essentials of a release as tags of both groups: seen in the console, and enough to rebuild a record that is lost.

The tags are not propagated to instances. Their values keep to what AWS allows in tags everywhere: letters, digits,
spaces and ``+ - = . _ : / @``, 256 characters at most (Auto Scaling user guide: tag your groups).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs
from attrs import frozen

from bluegreen.declared import from_tags, to_tags
from bluegreen.errors import Refused
from bluegreen.flow.answers import DONE, Blocked, Done, Due, Failed, Recorded, Unsure, Waiting
from bluegreen.flow.sound import is_release_id, stamp
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import ExitStandby, Register, RemoveReleaseTags, Resize, WriteReleaseTags
from bluegreen.targets.pair.model.copies import with_what_left
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import AUTOSCALER, HEALTHY, UNKNOWN, Fleet, Group, Scaling, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import (
    DEPLOY,
    FINISH,
    ID,
    MOVE,
    ROLLBACK,
    SEAL,
    TWINS,
    Bounds,
    Picture,
    Release,
    Side,
)
from bluegreen.targets.pair.model.seal import seal
from bluegreen.targets.pair.model.sound import release_faults
from bluegreen.targets.pair.model.terms import Settled
from bluegreen.targets.pair.model.twins import Names, owned_alarms
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.due import plainly
from bluegreen.words import plural
from bluegreen.words import shown as quoted

BY = "bluegreen:by"
GOAL = "bluegreen:goal"
IMAGE = "bluegreen:image"
SIDE = "bluegreen:side"
TERMS = "bluegreen:terms"
WAS = "bluegreen:was"
"""The image tag that the group had before; absent when it had none."""

OLDER = {"settle": "stabilize"}
"""What a term was called by older tools."""
UNTOLD = {"healthy": "0"}
"""What older tools did not tell, as they meant it."""

KEYS = (ID, BY, GOAL, IMAGE, SIDE, TERMS, WAS, SEAL)
LONGEST = 256

AHEAD = 86_400.0
"""Seconds that the clock of the machine that began a release may be ahead of AWS's."""

Tags = Mapping[str, str]


@frozen
class Shown:
    """What the tags of a pair say: which release it is in, whose, and how often that was taken into another record."""

    id: str
    by: str
    goal: str
    image: str
    take: int = 0

    def later_than(self, release: Release) -> bool:
        """Whether ``release`` is not in charge any more: it was adopted, or another one was begun after it."""
        if self.id == release.id:
            return self.take > release.take
        return _stamp(self.id) > _stamp(release.id)


# ---- the tags of a release ----


def tags_of(release: Release) -> Mapping[str, Tags]:
    """Return the tags of each group, its seal among them."""
    put = {SEAL: seal(release)}
    return {group: {**tags, **put} for group, tags in unsealed(release).items()}


def unsealed(release: Release) -> Mapping[str, Tags]:
    """Return the tags of each group that say what they mean."""
    common = {
        ID: release.id,
        BY: tidy(release.by) or "unknown",
        GOAL: release.goal,
        IMAGE: release.image,
        TERMS: _terms(release),
    }
    picture = release.picture
    return {
        side.name: {**common, SIDE: _side(word, side), **({} if side.image is None else {WAS: side.image})}
        for word, side in (("old", picture.old), ("new", picture.new))
    }


def tidy(text: str) -> str:
    """Return ``text`` with nothing in it that a tag must not have."""
    return re.sub(r"[^A-Za-z0-9 +\-=._:/@]", "_", text)[:LONGEST]


def _side(word: str, side: Side) -> str:
    suspended = "+".join(sorted(side.suspended)) or "nothing"
    kept = "propagated" if side.propagate else "kept"
    return f"{word} {side.min}/{side.max}/{side.desired} {kept} {suspended}"


def _terms(release: Release) -> str:
    terms = {
        "bounds": f"{release.bounds.min}/{release.bounds.max}",
        "idle": f"{release.idle.min}/{release.idle.max}",
        "capacity": release.capacity,
        "begun": f"{release.begun_at:.0f}",
        **to_tags(release.terms),
        "drain": f"{release.drain:g}",
        "first": int(release.first),
        "take": release.take,
        "way": release.way,
        "check": f"{release.check_time:g}",
        **({"linger": f"{release.lingers:g}"} if release.lingers else {}),
        **({"back": 1} if release.instead_of else {}),
    }
    text = " ".join(f"{key}={value}" for key, value in terms.items())
    aside = f" without={tidy('+'.join(map(called, release.without)))}" if release.without else ""
    return text + aside if len(text + aside) <= LONGEST else text


def needed(group: Group, had_image: bool) -> frozenset[str]:
    """Return the keys of the tags that a release adds to a group, which had an image tag or had none."""
    return frozenset(KEYS if had_image else set(KEYS) - {WAS}) - group.tags.keys()


# ---- the steps ----


def write_release_tags(look: Look) -> Answer:
    """The tags of both groups tell of the release, but for one that is taken back before it had any."""
    if look.release.goal == ROLLBACK and not look.release.launched_at and telling(look.fleet) is None:
        return DONE
    bare = any(one.tag(SEAL) is None or one.tag(ID) != look.release.id for one in (look.old, look.new))
    wanted = tags_of(look.release) if bare else unsealed(look.release)
    lacking = tuple(
        (name, key, value)
        for name, tags in wanted.items()
        for key, value in tags.items()
        if look.fleet.groups[name].tag(key) != value
    )
    return (
        plainly(look, WriteReleaseTags(lacking), f"the groups' tags do not tell of the {look.release.goal} yet")
        if lacking
        else DONE
    )


def remove_release_tags(look: Look) -> Answer:
    """No tag of either group tells of a release any more."""
    left = telling(look.fleet)
    return plainly(look, left, "the groups' tags still tell of the release") if left else DONE


def telling(fleet: Fleet) -> RemoveReleaseTags | None:
    """Return what takes all tags off that tell of a release, or ``None`` when there is none."""
    left = tuple((group.name, key) for group in fleet.groups.values() for key in KEYS if key in group.tags)
    return RemoveReleaseTags(left) if left else None


def disowned(answer: Answer, look: Look) -> Answer:
    """Nothing is done for a release that another record has adopted, or overtaken, but to bring old back.

    Whoever may write the groups' tags can write that: it stops no rollback before old serves, whoever asks for it, nor
    that a deployment turns to one, and takes nothing away.
    """
    release = look.release
    returns = release.phase is Phase.RETURNING and only_brings_back(answer, look)
    if returns or (isinstance(answer, Failed) and may_turn_back(look)):
        return answer
    return watched(answer, _left_to_others(answer, look), look)


def left_to_others(answer: Answer, look: Look) -> Answer:
    """Unasked, a rollback that is another's to carry on brings old back only where it is needed.

    A deployment failed, or fewer serve than were left.
    """
    release = look.release
    if release.goal != ROLLBACK or release.reason or _sinks(look):
        return answer
    return _left_to_others(answer, look)


def may_turn_back(look: Look) -> bool:
    """Whether a deployment that fails is to bring back what is parked: behind the switch, or with too few that serve.

    Before it, that time has passed is another record's to judge, which may have begun it anew.
    """
    release = look.release
    if release.goal != DEPLOY or not coming(look.old):
        return False
    return release.passed("moved") or _sinks(look)


def _sinks(look: Look) -> bool:
    """Whether fewer may serve somewhere than the last wave left."""
    release, sides = look.release, (look.old, look.new)
    return any(
        sum(len(look.hoped(side, one)) for side in sides) < min(look.floor(one), release.left_serving(one))
        for one in look.wanted
    )


def watched(answer: Answer, careful: Answer, look: Look) -> Answer:
    """What must not be done ends no run on whose watch old may have to come back: it waits while the bake lasts."""
    if not isinstance(careful, Blocked) or careful is answer or not may_turn_back(look):
        return careful
    until = look.release.milestones.get("moved", 0.0) + look.release.terms.bake
    if _sinks(look):
        return Waiting(careful.reason)
    if look.now < until and not look.release.passed("deployed"):
        return Waiting(f"{careful.reason}; the new instances are watched until the bake is over", until)
    return careful


def only_brings_back(answer: Answer, look: Look) -> bool:
    """Whether an answer waits, or makes more of old serve."""
    old = look.old
    match answer:
        case Due(Register(_, ids)):
            return set(ids) <= old.ids
        case Due(ExitStandby(name, _)):
            return name == old.name
        case Due(Resize(name, low, top)):
            return name == old.name and (low is None or low >= old.min) and (top is None or top >= old.max)
    return isinstance(answer, Waiting | Unsure | Recorded)


def _left_to_others(answer: Answer, look: Look) -> Answer:
    theirs = shown(look.fleet, look.release.service)
    if isinstance(answer, Done | Blocked) or theirs is None or not theirs.later_than(look.release):
        return answer
    removals = unclaimed(look.fleet, theirs)
    return Blocked(
        f"the groups' tags say that the {theirs.goal} of {theirs.image} by {theirs.by} is in charge ({theirs.id})",
        f"keep one record for both (`state`, --state); where nobody works on that release, {removals} "
        f"and `bluegreen resume {look.release.service}`, or rollback, goes on",
    )


def unclaimed(fleet: Fleet, told: Shown) -> str:
    """Return how the tags go that say that a release is in charge, whoever wrote them."""
    groups = (name for name, group in fleet.groups.items() if group.tag(ID) == told.id)
    return ", ".join(f"{hints.untagged(name, ID)} takes that tag off {name}" for name in groups)


# ---- from the tags to a release ----


def shown(fleet: Fleet, service: str) -> Shown | None:
    """Return what the groups' tags say, or ``None`` without such tags; of two, the later release.

    Only a tag counts that a release of ``service`` can have written: others are :func:`foreign`.
    """
    told = [_shown(group) for group in fleet.groups.values() if _may_be_ours(group.tag(ID), service, fleet.at)]
    return max(told, key=lambda one: (_stamp(one.id), one.take), default=None)


def foreign(fleet: Fleet, service: str) -> tuple[tuple[str, str], ...]:
    """Return the tags, by group and value, that name no release that ``service`` can have: of the form that our ids
    have, and not of a time to come.
    """
    told = ((name, group.tag(ID)) for name, group in fleet.groups.items())
    return tuple((name, tag) for name, tag in told if tag is not None and not _may_be_ours(tag, service, fleet.at))


def _may_be_ours(tag: str | None, service: str, at: float) -> bool:
    return is_release_id(tag, service) and (not at or (stamp(str(tag)) or 0.0) <= at + AHEAD)


_TAKE = re.compile(r"\btake=(\d{1,3})(?!\d)", re.A)
"""How often a release was adopted: none is a thousand times, so that more of it is nobody's."""


def _shown(group: Group) -> Shown:
    take = _TAKE.search(group.tag(TERMS) or "")
    by, goal, image = (tidy(group.tag(key) or "unknown") for key in (BY, GOAL, IMAGE))
    return Shown(group.tag(ID) or "", by, goal, image, int(take[1]) if take else 0)


def _stamp(release_id: str) -> str:
    return release_id.rpartition(":")[2]


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
            f"{adoption.service}: the tags of {' and '.join(fleet.groups)} do not tell of one release",
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
        f"{release.service}: the groups' tags say that nothing served before {release.image}, "
        f"and {release.old} has {plural(len(staying), 'instance')}",
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
            f"{release.service}: the groups' tags tell of no release that can be: {'; '.join(faults[:5])}",
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
        f"the tag {key} of {group.name} is not one that this version writes: {quoted(group.tag(key))}",
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
            f"{adoption.service}: the tag {TERMS} is not one that this version writes",
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

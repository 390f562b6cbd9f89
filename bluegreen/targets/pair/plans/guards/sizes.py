"""What a record makes of a group where nobody asks: no more than is seen, or told by tags. Pure.

A record's sizes are what was wished when the release began; whoever can write the record can write others. The groups
show what they have and want, and the tags of the release what they were like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from bluegreen.targets.pair.model.actions import Action, Resize, WriteReleaseTags
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import HEALTHY, UNKNOWN
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.metering import metered, meters
from bluegreen.targets.pair.model.release import ID, ROLLBACK
from bluegreen.targets.pair.plans.guards.suspended import untold
from bluegreen.targets.pair.release_tags.written import SIDE, TERMS

_SIZES = re.compile(r"(?:old|new) (\d{1,9})/(\d{1,9})/(\d{1,9}) \S+ (\S+)", re.A)
_TERMS = re.compile(r"(?:^| )(?:bounds|idle)=(\d{1,9})/(\d{1,9})(?!\d)", re.A)
_CAPACITY = re.compile(r"(?:^| )capacity=(\d{1,9})(?!\d)", re.A)


@frozen
class Sizes:
    """The largest minimum, and the largest maximum, that something speaks for."""

    low: int = 0
    top: int = 0


def unheard_of(action: Action, look: Look) -> str:
    """Return what an action makes of a group that neither a look nor a tag speaks for, or nothing."""
    match action:
        case Resize(name, low, top):
            seen = _spoken_for(look, name)
            if low is not None and low > seen.low:
                return f"minimum {low}"
            return f"maximum {top}" if top is not None and top > seen.top else ""
        case WriteReleaseTags(tags):
            return next((f"{key}={value}" for group, key, value in tags if _too_large(key, value, look)), "")
    return untold(action, look)


def _spoken_for(look: Look, name: str = "") -> Sizes:
    """Return what is seen of a group, and told by the tags of the release; what is sick is made up for.

    Of the side that comes the other one speaks, too: that is the load which it has to take. Where no group is named
    it is what either may have.
    """
    comes, told = not name or _comes(look, name), [size for text in _told(look) for size in _sizes(*text)]
    beside = look.release.goal == ROLLBACK and name == look.old.name and coming(look.old) > 0
    room = (look.old, look.new) if comes or beside else (look.fleet.groups[name],)
    groups = (look.old, look.new) if comes else (look.fleet.groups[name],)
    tops = (*(group.max for group in room), *(group.desired for group in room), *(one.top for one in told))
    own = (
        told
        if comes or look.release.first
        else [size for key, text in _told(look, name) if key == SIDE for size in _sizes(key, text)]
    )
    lows = (*(max(group.min, group.desired) for group in groups), *(one.low for one in own))
    sick, back = 0, int(comes)
    if comes or name == look.old.name:
        sick = _sick(look)
        back = max(back, look.old.desired + coming(look.old))
    top = max(*tops, back + sick)
    needed = min(metered(meters(look.release), look.fleet), top) if comes and look.fleet.metrics else 0
    return Sizes(max(*lows, back, needed) + sick, max(top, *lows, back, needed) + sick)


def _sick(look: Look) -> int:
    """How many of old are in service that no balancer calls healthy."""
    each = (look.fleet.states(look.old, instance.id) for instance in look.old.in_service)
    return sum(not any(state in (HEALTHY, UNKNOWN) for state in states) for states in each)


def _comes(look: Look, name: str) -> bool:
    """Whether the tags tell of the release, and a group is the side onto which it brings the load."""
    release = look.release
    return name == (release.old if release.goal == ROLLBACK else release.new) and is_told(look)


def is_told(look: Look) -> bool:
    """Whether the tags of either group tell of this release, and of no other one."""
    return {group.tag(ID) for group in (look.old, look.new)} - {None} == {look.release.id}


def _told(look: Look, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the tags of this release that tell sizes and processes: of the group that is named, or of both."""
    groups = (group for group in (look.old, look.new) if name in ("", group.name))
    ours = (group for group in groups if group.tag(ID) == look.release.id)
    return ((key, group.tag(key) or "") for group in ours for key in (SIDE, TERMS))


def _sizes(key: str, text: str) -> Iterable[Sizes]:
    """Return the sizes that a tag tells."""
    if key == SIDE:
        found = _SIZES.fullmatch(text)
        return () if found is None else (Sizes(max(int(found[1]), int(found[3])), int(found[2])),)
    bounds = [Sizes(int(low), int(top)) for low, top in _TERMS.findall(text)]
    return (*bounds, *(Sizes(int(count), int(count)) for count in _CAPACITY.findall(text)))


def _too_large(key: str, value: str, look: Look) -> bool:
    if key not in (SIDE, TERMS):
        return False
    seen = _spoken_for(look)
    return any(one.low > seen.low or one.top > seen.top for one in _sizes(key, value))

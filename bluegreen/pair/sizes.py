"""What a record makes of a group where nobody asks: no more than is seen, or told by tags. Pure.

A record's sizes are what was wished when the release began; whoever can write the record can write others. The groups
show what they have and want, and the tags of the release what they were like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from bluegreen.pair.actions import Action, Flip, Mirror, Resize, Resume, Suspend
from bluegreen.pair.demand import coming
from bluegreen.pair.fleet import AUTOSCALER, HEALTHY, REBALANCE, UNKNOWN
from bluegreen.pair.look import Look
from bluegreen.pair.metering import metered, meters
from bluegreen.pair.mirror import ID, SIDE, TERMS

_SIZES = re.compile(r"(?:old|new) (\d{1,9})/(\d{1,9})/(\d{1,9}) \S+ (\S+)", re.A)
_TERMS = re.compile(r"(?:^| )(?:bounds|idle)=(\d{1,9})/(\d{1,9})(?!\d)", re.A)
_CAPACITY = re.compile(r"(?:^| )capacity=(\d{1,9})(?!\d)", re.A)
OURS = AUTOSCALER | {REBALANCE}
"""Processes that a release suspends and resumes of its own."""


@frozen
class Sizes:
    """The largest minimum, and the largest maximum, that something speaks for."""

    low: int = 0
    top: int = 0


def unheard_of(action: Action, look: Look) -> str:
    """Return what an action makes of a group that neither a look nor a tag speaks for, or nothing."""
    match action:
        case Resize(name, low, top):
            seen = _spoken_for(look)
            if low is not None and low > seen.low:
                return f"{name} is to have {low} instances at least"
            return f"{name} is to have {top} instances at most" if top is not None and top > seen.top else ""
        case Mirror(tags):
            return next(
                (f"{group} has {key}={value}" for group, key, value in tags if _too_large(key, value, look)), ""
            )
        case Suspend(name, processes):
            strange = set(processes) - OURS - set().union(*_rested(look))
            return f"{name} is to have {', '.join(sorted(strange))} suspended" if strange else ""
        case Resume(name, processes):
            strange = {one for one in set(processes) - OURS if all(one in told for told in _rested(look))}
            return f"{name} is to have {', '.join(sorted(strange))} resumed" if strange else ""
        case Flip(on, off):
            return unheard_of(on, look) or unheard_of(off, look)
    return ""


def _spoken_for(look: Look) -> Sizes:
    """Return what is seen of both groups, and told by the tags of the release; what is sick is made up for."""
    groups, told = (look.old, look.new), [size for text in _told(look) for size in _sizes(*text)]
    tops = (*(group.max for group in groups), *(group.desired for group in groups), *(one.top for one in told))
    sick = sum(not any(s in (HEALTHY, UNKNOWN) for s in look.fleet.states(look.old, i.id)) for i in look.old.in_service)
    back = look.old.desired + coming(look.old)
    lows = (*(max(group.min, group.desired) for group in groups), *(one.low for one in told), back, 1)
    top = max(*tops, back + sick)
    needed = min(metered(meters(look.release), look.fleet), top) if look.fleet.metrics else 0
    return Sizes(max(*lows, needed) + sick, max(top, *lows, needed) + sick)


def _told(look: Look) -> Iterator[tuple[str, str]]:
    ours = (group for group in (look.old, look.new) if group.tag(ID) == look.release.id)
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


def _rested(look: Look) -> tuple[frozenset[str], ...]:
    """Return the processes that were suspended before, as far as each group's tags tell."""
    found = (_SIZES.fullmatch(text) for key, text in _told(look) if key == SIDE)
    return tuple(frozenset(one[4].split("+")) for one in found if one is not None)

"""What keeps a group's instances from coming or going, and what a person can do about it. Pure.

Suspended processes do, and balancers that were deleted: nothing launches, or comes back, behind one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from bluegreen.flow.answers import Waiting
from bluegreen.pair import commands
from bluegreen.pair.fleet import CLASSIC, Group, called
from bluegreen.pair.look import Look
from bluegreen.words import fits

TO_COME = frozenset({"Launch", "AddToLoadBalancer"})
"""Suspended, they keep an instance from being launched, leaving Standby or being registered (user guide)."""
TO_GO = frozenset({"Terminate"})
"""Suspended, it keeps a group from scaling in (user guide)."""


def suspended(group: Group, needed: Iterable[str]) -> str:
    """Return as a sentence which of the processes ``needed`` of a group are suspended, or nothing."""
    resting = group.suspended & set(needed)
    return f"{', '.join(sorted(resting))} of {group.name} {fits(resting, 'is', 'are')} suspended" if resting else ""


def resumed(group: Group, needed: Iterable[str]) -> str:
    """Return the command that lets those work again."""
    return commands.resume(group.name, group.suspended & set(needed))


def behind_nothing(group: Group, gone: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield as a sentence each balancer of a group that AWS says does not exist, and the command that takes it off."""
    for balancer in sorted(one for one in group.balancers if one.id in gone):
        kind = "load balancer" if balancer.kind == CLASSIC else "target group"
        sentence = f"the {kind} {called(balancer.id)}, to which {group.name} is attached, does not exist"
        yield sentence, f"if it is not to come back: {commands.unattached(group, balancer)}"


def waiting_for(look: Look, group: Group, needed: frozenset[str], wait: Waiting) -> Waiting:
    """Return a wait for a group that says, too, what it is in vain for, and what helps.

    That are suspended processes of those ``needed``; where instances are to come, deleted balancers as well.
    """
    resting = [(sentence, resumed(group, needed))] if (sentence := suspended(group, needed)) else []
    deleted = behind_nothing(group, look.fleet.gone) if needed == TO_COME else ()
    if not (found := [*resting, *deleted]):
        return wait
    told, ways = zip(*found, strict=True)
    hint = ", then ".join((*ways, f"`bluegreen resume {look.release.service}`"))
    return attrs.evolve(wait, reason="; ".join((wait.reason, *told)), hint=hint)

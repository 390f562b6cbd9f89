"""Which suspended processes keep a group's instances from coming or going, and what a person can do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from bluegreen.flow.answers import Waiting
from bluegreen.pair import commands
from bluegreen.pair.fleet import Group
from bluegreen.pair.look import Look
from bluegreen.words import fits

TO_COME = frozenset({"Launch", "AddToLoadBalancer"})
"""Suspended, they keep an instance from being launched, leaving Standby or being registered (user guide)."""
TO_GO = frozenset({"Terminate"})
"""Suspended, it keeps a group from scaling in (user guide)."""


def asleep(group: Group, needed: Iterable[str]) -> str:
    """Return as a sentence which of the processes ``needed`` of a group are suspended, or nothing."""
    resting = group.suspended & set(needed)
    return f"{', '.join(sorted(resting))} of {group.name} {fits(resting, 'is', 'are')} suspended" if resting else ""


def woken(group: Group, needed: Iterable[str]) -> str:
    """Return the command that lets those work again."""
    return commands.resume(group.name, group.suspended & set(needed))


def waiting_for(look: Look, group: Group, needed: Iterable[str], wait: Waiting) -> Waiting:
    """Return a wait for a group that says, too, which suspended processes it is in vain for, and what helps."""
    if not (sentence := asleep(group, needed)):
        return wait
    hint = f"{woken(group, needed)}, then `bluegreen resume {look.release.service}`"
    return attrs.evolve(wait, reason=f"{wait.reason}; {sentence}", hint=hint)

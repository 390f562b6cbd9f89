"""What a lifecycle hook holds on its way into a group, or out of it, and how a person ends that. Pure.

Nobody but the owner knows what a hook waits for: it is named, and never completed unasked. What a group's scale-in
makes of a launch that is held is not told: until it is seen to be gone it is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import END_HELD, LAUNCH_HELD, Group, Instance
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.sentences import stuck

PLACE = "NAME"
"""What stands in a command for the name of a hook that is not known."""


@frozen
class HookState:
    """A state in which a hook holds a member: what hooks there are called, and the result that lets it leave."""

    state: str
    word: str
    transition: str
    result: str


HOOK_STATES = (
    HookState(LAUNCH_HELD, "launch hook", "autoscaling:EC2_INSTANCE_LAUNCHING", "ABANDON"),
    HookState(END_HELD, "terminating hook", "autoscaling:EC2_INSTANCE_TERMINATING", "CONTINUE"),
)
"""An abandoned launch ends; what ends goes on with either result, and may be retained with ``ABANDON`` (user guide)."""


def held(look: Look, group: Group, members: Iterable[Instance]) -> Iterator[tuple[str, str]]:
    """Yield as a sentence which of ``members`` a hook holds, and the commands after which they leave."""
    members = tuple(members)
    for hold in HOOK_STATES:
        if waiting := [i for i in members if i.state == hold.state]:
            names = _names(look, group, hold)
            told = stuck.hook_holds(group.name, len(waiting), hold.state, hold.word, names)
            yield told, _way(group, hold, names, waiting)


def _names(look: Look, group: Group, hold: HookState) -> tuple[str, ...]:
    """Return the names of the hooks that may hold it, as far as they are known."""
    rows = look.fleet.hooks.get(group.name, ())
    return tuple(sorted(str(row["LifecycleHookName"]) for row in rows if row["LifecycleTransition"] == hold.transition))


def _way(group: Group, hold: HookState, names: tuple[str, ...], waiting: list[Instance]) -> str:
    way = hints.released(group, names[0] if names else PLACE, hold.result, waiting)
    if not names:
        return f"{hints.hooks_shown(group)} names the hook, then {way}"
    others = f" (where that one holds it no more, with {' or '.join(names[1:])})" if len(names) > 1 else ""
    return f"{way}{others}"

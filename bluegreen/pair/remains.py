"""What a release may have left on its pair, told from its record alone, with the AWS command for each. Pure.

Which side is to serve is not on record once the pair is another one than the release knew: where it matters, both
commands are given, and a person chooses.
"""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.pair import commands
from bluegreen.pair.copies import named
from bluegreen.pair.fleet import AUTOSCALER, REBALANCE
from bluegreen.pair.mirror import KEYS
from bluegreen.pair.owner import scaling_of
from bluegreen.pair.release import MARK, MOVE, Release, Side
from bluegreen.pair.steps import idle_side, live_side
from bluegreen.pair.twins import Names

OURS = AUTOSCALER | {REBALANCE}
"""The processes that a release suspends and resumes."""


def remains(release: Release) -> tuple[str, ...]:
    """Return a sentence, each with its commands, for everything that ``release`` may have left."""
    picture = release.picture
    return (
        *_copies(release),
        *(line for side in (picture.old, picture.new) for line in _group(release, side)),
        *_parked(release),
        *_marked(release),
    )


def _group(release: Release, side: Side) -> Iterator[str]:
    if written := _written(release, side):
        serves = commands.resized(side.name, release.bounds.min, release.bounds.max)
        rests = commands.resized(side.name, 0, release.idle.max)
        sizes = f"the sizes of {side.name} were {side.min} to {side.max}, and {written}"
        yield f"{sizes}: where it serves {serves}, where not {rests}"
    yield from _processes(release, side)
    if side == release.picture.new and side.image != release.image:
        told = f"the tag {release.tag_key} of {side.name} says {release.image}"
        yield f"{told}: where it serves that is right, where not {_image(release, side)}"
    yield f"the tags bluegreen:… of {side.name} tell of the release: {commands.untagged(side.name, *KEYS)}"


def _processes(release: Release, side: Side) -> Iterator[str]:
    serving, idle = (one(release).suspended for one in (live_side, idle_side))
    changed = sorted(OURS - (serving & idle))
    if not changed:
        return
    told = f"{', '.join(changed)} of {side.name} may be suspended"
    yield f"{told}: where it serves {_set(side.name, serving)}, where not {_set(side.name, idle)}"


def _set(group: str, suspended: frozenset[str]) -> str:
    """Return how of the processes that a release touches those that are ``suspended`` are, and no others."""
    woken, resting = OURS - suspended, OURS & suspended
    ways = (commands.resume(group, woken) if woken else "", commands.suspend(group, resting) if resting else "")
    return ", then ".join(filter(None, ways))


def _written(release: Release, side: Side) -> str:
    """Return what a group's bounds were set to, as far as it is another value than before."""
    told = (("minimum", "min", side.min), ("maximum", "max", side.max))
    set_to = ((word, sorted(set(release.known(side.name, key)) - {was})) for word, key, was in told)
    return " and ".join(f"the {word} was set to {' or '.join(map(str, found))}" for word, found in set_to if found)


def _image(release: Release, side: Side) -> str:
    """Return how the tag of a group that does not serve is put back; what serves launches by its tag."""
    if side.image is None:
        return f"{commands.untagged(side.name, release.tag_key)}, as it had none before"
    back = commands.tagged(side.name, release.tag_key, side.image, side.propagate)
    return f"{back}, as before"


def _parked(release: Release) -> Iterator[str]:
    for ids in commands.batches(release.leaving):
        back, gone = commands.unparked(release.old, ids), commands.detached(release.old, ids)
        yield f"in Standby of {release.old} may be {', '.join(ids)}: back with {back}, or out of the group with {gone}"


def _marked(release: Release) -> Iterator[str]:
    for ids in commands.batches(release.retire):
        unmarked, ended = commands.unmarked(ids, MARK), commands.ended(ids)
        yield f"marked, and perhaps detached: {', '.join(ids)}: {unmarked}, or {ended} where they may go"


def _copies(release: Release) -> Iterator[str]:
    """Yield what was copied onto new: a finish leaves it there, and takes what it was copied from off old."""
    if release.way != MOVE:
        return
    old, new = release.old, release.new
    ours = scaling_of(release.picture.old)
    for group, other, found in ((new, old, named(ours, Names(old, new))), (old, new, named(ours))):
        for kind, names, away in (
            ("policy", found.policies, commands.policy_removed),
            ("scheduled action", found.schedules, commands.schedule_removed),
            ("alarm", found.alarms, commands.alarm_removed),
        ):
            for name in sorted(names):
                yield f"the {kind} {name} is {group}'s: where {other} serves {away(group, name)}"

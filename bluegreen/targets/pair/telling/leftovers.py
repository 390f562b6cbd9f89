"""What a release may have left on its pair, told from its record alone, with the AWS command for each. Pure.

Which side is to serve is not on record once the pair is another one than the release knew: the steps are told for
either, and a person chooses. Typed in their order, they take nothing away before the other side holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.copies import named
from bluegreen.targets.pair.model.fleet import AUTOSCALER, CLASSIC, OURS, TARGET_GROUP, Balancer
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import EVERY, MARK, MOVE, ROLLBACK, Release, Side
from bluegreen.targets.pair.model.twins import Names
from bluegreen.targets.pair.plans.asking import scaling_of
from bluegreen.targets.pair.plans.steps import idle_side, live_side
from bluegreen.targets.pair.release_tags.written import KEYS


def remains(release: Release) -> tuple[str, ...]:
    """Return a sentence, each with its commands, for everything that ``release`` may have left.

    Those that begin with a group's name are for this group to serve, in the order of their numbers.
    """
    return (
        *_numbered(release.old, _back(release)),
        *_numbered(release.new, _onward(release)),
        *_marked(release),
        *(_tags(name) for name in (release.old, release.new)),
    )


def not_configured(release: Release, names: tuple[str, str]) -> str:
    """Return that the commands for what a release has left are for groups that only its record names."""
    return (
        f"{release.old} and {release.new} are the record's word alone, {' and '.join(names)} are configured: "
        "see that they are the same groups under an earlier name, and this service's, before any of these is typed"
    )


def other_sizes(release: Release) -> tuple[str, ...]:
    """Return that the service is to have other sizes than what served had, of an adopted release, and how it gets them.

    The tags tell both; somebody has wished for others since it began, or has forged them.
    """
    side, bounds = release.picture.old, release.bounds
    if release.first or (bounds.min == side.min and bounds.max in (side.max, max(side.max, release.capacity))):
        return ()
    old, new = (hints.resized(name, side.min, side.max) for name in (release.old, release.new))
    return (
        f"by the tags {side.name} had {side.min} to {side.max} when it began, and what serves in the end is to have "
        f"{bounds.min} to {bounds.max}: where nobody has wished for that, behind a rollback {old}, "
        f"behind anything else {new}",
    )


def _numbered(group: str, steps: Iterator[str]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        yield f"for {group} to serve, {number}: {step}"


def _back(release: Release) -> Iterator[str]:
    """Yield how old comes to serve alone: what is parked comes back first, and new goes once it is healthy."""
    old, new = release.picture.old, release.picture.new
    parked, sizes = _parked(release), _written(release, old)
    if parked:
        room = max(_most(release, old), release.bounds.max + len(parked))
        yield f"{old.name} needs room for what comes back: {hints.widened(old.name, room)}"
        yield from _unparked(release)
    if parked or sizes:
        yield _held(release, old, new)
        yield from _awaited(release)
    yield from _processes(release, old, serves=True)
    yield from _rested(release, new)
    yield from _emptied(release, new)
    if new.image != release.image:
        yield f"the tag {release.terms.image_tag_key} of {new.name} says {release.image}: {_image(release, new)}"
    yield from _copies(release, old.name)
    yield from _processes(release, new, serves=False)
    if parked or sizes:
        yield _resized(release, old)


def _onward(release: Release) -> Iterator[str]:
    """Yield how new comes to serve alone: it holds before anything of old goes."""
    old, new = release.picture.old, release.picture.new
    shared = release.phase is Phase.BAKING or not release.phase.is_behind_switch
    if release.goal == ROLLBACK:
        tag = hints.tagged(new.name, release.terms.image_tag_key, release.image, new.propagate)
        yield f"the tag {release.terms.image_tag_key} of {new.name} must say {release.image}: {tag}"
    if shared:
        yield _held(release, new, old)
        yield f"wait until they are healthy wherever {new.name} is to serve"
    yield from _processes(release, new, serves=True)
    yield from _rested(release, old)
    yield from _emptied(release, old)
    for ids in hints.batches(_parked(release)):
        told = f"in Standby of {old.name} may be {', '.join(ids)}: out of the group with"
        runs_on = "what was detached so runs on, and costs, until"
        yield f"{told} {hints.detached(old.name, ids)}; {runs_on} {hints.ended(ids)}"
    yield from _copies(release, new.name)
    yield from _processes(release, old, serves=False)
    if _written(release, new):
        yield _resized(release, new)


# ---- capacity ----


def _parked(release: Release) -> frozenset[str]:
    return release.leaving.union(release.retire)


def _unparked(release: Release) -> Iterator[str]:
    """Yield how what is parked comes back; AWS refuses a whole batch for one that is not in Standby (any more)."""
    parked, told = _parked(release), release.returning
    for some in (parked - told, parked & told):
        for ids in hints.batches(some):
            may_be = f"once they are in Standby, as {', '.join(ids)} may be (leave out what is not)"
            yield f"{may_be}, back with {hints.unparked(release.old, ids)}"


def _held(release: Release, side: Side, other: Side) -> str:
    """Return how a group comes to hold what serves, whatever its own alarms say of a load that is shared."""
    size = max(release.capacity, len(_parked(release)) if side.name == release.old else 0)
    room = max(_most(release, side), release.bounds.max + len(_parked(release)), size)
    return (
        f"{side.name} must hold as many instances as {other.name} has in service now, {size} at least: "
        f"{hints.resized(side.name, size, room)}"
    )


def _most(release: Release, side: Side) -> int:
    """Return the largest maximum that a group is known to have had: a lower one might empty it."""
    return max(side.max, *release.known(side.name, "max"))


def _awaited(release: Release) -> Iterator[str]:
    """Yield how a person waits for what has come back to old."""
    ids = _parked(release) - set(release.retire)
    waits = [hints.awaited(one, some) for one in _balancers(release) for some in hints.batches(ids)]
    each = f": {', then '.join(waits)}" if waits else ""
    yield f"wait until they are healthy wherever {release.old} is to serve{each}"


def _balancers(release: Release) -> Iterator[Balancer]:
    """Yield the balancers in which old was healthy in this release, but for those that are set aside."""
    aside = {*release.without, *release.passed_by}
    of_old = f"{release.old} "
    for key in sorted(key for key, count in release.best.items() if count and key.startswith(of_old)):
        if (balancer := key.removeprefix(of_old)) not in (EVERY, *aside):
            yield Balancer(TARGET_GROUP if balancer.startswith("arn:") else CLASSIC, balancer)


def _emptied(release: Release, side: Side) -> Iterator[str]:
    """Yield how what a group has in service goes, where it may have any: drained, by its own scale-in."""
    if release.first if side.name == release.old else not _written(release, side):
        return
    empty = hints.resized(side.name, 0, release.idle.max, 0)
    yield f"what {side.name} has in service goes (what is protected from scale-in stays): {empty}"


def _resized(release: Release, side: Side) -> str:
    """Return how a group that serves alone gets the service's sizes, told with what was done to its own."""
    were = f"its sizes were {side.min} to {side.max}" + (f", and {told}" if (told := _written(release, side)) else "")
    alone = (
        f"when {side.name} has served alone for {release.terms.stabilization:.0f} s"
        if live_side(release).policies
        else ""
    )
    size = hints.resized(side.name, release.bounds.min, release.bounds.max)
    return f"{alone or f'at the end {side.name} gets the sizes of what serves'} ({were}): {size}"


def _written(release: Release, side: Side) -> str:
    """Return what a group's bounds were set to, as far as it is another value than before."""
    told = (("minimum", "min", side.min), ("maximum", "max", side.max))
    set_to = ((word, sorted(set(release.known(side.name, key)) - {was})) for word, key, was in told)
    return " and ".join(f"the {word} was set to {' or '.join(map(str, found))}" for word, found in set_to if found)


# ---- everything else ----


def _processes(release: Release, side: Side, *, serves: bool) -> Iterator[str]:
    """Yield how of the processes that a release touches those are suspended that are to be, and no others."""
    serving, idle = (one(release).suspended for one in (live_side, idle_side))
    if not (changed := sorted(OURS - (serving & idle))):
        return
    suspended = serving if serves else idle
    woken, resting = OURS - suspended, OURS & suspended
    ways = (hints.resume(side.name, woken) if woken else "", hints.suspend(side.name, resting) if resting else "")
    yield f"{', '.join(changed)} of {side.name} may be suspended: {', then '.join(filter(None, ways))}"


def _rested(release: Release, side: Side) -> Iterator[str]:
    """Yield how a group's own autoscaler rests while what it has goes."""
    if live_side(release).policies or live_side(release).schedules:
        told = f"the policies and schedules of {side.name} must be suspended while it is emptied"
        yield f"{told}: {hints.suspend(side.name, AUTOSCALER)}"


def _image(release: Release, side: Side) -> str:
    """Return how the tag of a group that does not serve is put back; what serves launches by its tag."""
    if side.image is None:
        return f"{hints.untagged(side.name, release.terms.image_tag_key)}, as it had none before"
    back = hints.tagged(side.name, release.terms.image_tag_key, side.image, side.propagate)
    return f"{back}, as before"


def _copies(release: Release, serving: str) -> Iterator[str]:
    """Yield what goes of what was copied onto new: a finish leaves it there, and what it is copied from goes."""
    if release.way != MOVE:
        return
    old, new, ours = release.old, release.new, scaling_of(release.picture.old)
    group, found = (new, named(ours, Names(old, new))) if serving == old else (old, named(ours))
    for kind, names, away in (
        ("policy", found.policies, hints.policy_removed),
        ("scheduled action", found.schedules, hints.schedule_removed),
        ("alarm", found.alarms, hints.alarm_removed),
    ):
        for name in sorted(names):
            yield f"the {kind} {name} is {group}'s: {away(group, name)}"


def _marked(release: Release) -> Iterator[str]:
    for ids in hints.batches(release.retire):
        unmarked, ended = hints.unmarked(ids, MARK), hints.ended(ids)
        told = f"marked, and perhaps detached: {', '.join(ids)}"
        yield f"{told}: {unmarked}, or {ended} where they run on with that mark, in no group"


def _tags(group: str) -> str:
    return f"where the tags bluegreen:… of {group} name the release: {hints.untagged(group, *KEYS)}"

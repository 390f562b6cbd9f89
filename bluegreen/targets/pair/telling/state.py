"""In which state a pair is, by its record, its lease and one look: one sentence, and what to type next. Pure.

It is worst first. Where somebody's command is at work, nobody is accused: what is seen may be its doing.
"""

from __future__ import annotations

import re
from functools import partial

from attrs import frozen

from bluegreen.flow.release import BY_HAND
from bluegreen.flow.snapshot import Stage, State, Way
from bluegreen.record.book import in_force
from bluegreen.sentences import status as sentences
from bluegreen.targets.pair.model.asleep import put_to_nothing
from bluegreen.targets.pair.model.fleet import HEALTHY, SHIFTED, UNKNOWN, Fleet, Group
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import Past, Release
from bluegreen.targets.pair.model.showing import STATES
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.told import shown
from bluegreen.targets.pair.telling.ending import ways_on

COMMAND = re.compile(r"`(bluegreen [^`]+)`,? *(?:or *)?([^`;,]*)")
"""A command in a sentence, and what it does."""


@frozen
class Told:
    """A ``state``, one sentence about it, and the commands that lead on, the likeliest first; ``beside`` is more."""

    state: State
    sentence: str
    next: tuple[Way, ...] = ()
    beside: str = ""


def state_of(
    document: Document, fleet: Fleet, live: str | None, tag_key: str, now: float, stage: Stage | None = None
) -> Told:
    """Return the state of a service; ``live`` is the name of the group that serves, where that is clear.

    ``stage`` is how far an open release is.
    """
    release, lease = document.release, document.lease
    if release is not None and not release.rests and lease is not None and in_force(lease, now):
        return _under_way(release, max(0.0, now - lease.taken_at), _step(stage))
    for judge in (_sick, partial(_interrupted, step=_step(stage)), _unclear):
        if (found := judge(document, fleet, live, tag_key, now)) is not None:
            return found
    return _at_rest(document, fleet, live, tag_key)


def _step(stage: Stage | None) -> sentences.Step | None:
    return None if stage is None else (stage.index, stage.of, stage.name)


def _under_way(release: Release, seconds: float, step: sentences.Step | None) -> Told:
    told = sentences.under_way(release.goal, release.previous_image, release.image, seconds, step)
    return Told(STATES[release.goal], told)


def _sick(document: Document, fleet: Fleet, live: str | None, tag_key: str, now: float) -> Told | None:
    """Nothing of what is to serve is healthy: of a first release nothing has served yet."""
    release, name = document.release, document.service
    if live is None or (release is not None and release.first and not release.passed("moving")):
        return None
    group = fleet.groups[live]
    if any(_may_serve(fleet, one) for one in fleet.groups.values()) or put_to_nothing(group):
        return None
    if release is not None and not release.rests:
        return Told(State.DOWN, sentences.none_healthy(live, group.desired), _ways(release, fleet))
    before = document.previous()[0] if release is None else release.previous_image
    way = Way(f"bluegreen rollback {name}", sentences.back_to(before)) if before else Way(f"bluegreen check {name}")
    return Told(State.DOWN, sentences.none_healthy(live, group.desired), (way,))


def _may_serve(fleet: Fleet, group: Group) -> bool:
    """Whether an instance is healthy, or may be: what is not known is no fault."""
    return any({HEALTHY, UNKNOWN, SHIFTED} & set(fleet.states(group, i.id)) for i in group.in_service)


def _interrupted(
    document: Document,
    fleet: Fleet,
    live: str | None,
    tag_key: str,
    now: float,
    step: sentences.Step | None = None,
) -> Told | None:
    release = document.release
    if release is None or release.rests:
        return None
    goal, image, hold = release.goal, release.image, release.hold
    ways, beside = _ways(release, fleet), _both(release, fleet, tag_key)
    if hold is not None and hold.gate:
        return Told(State.GATE, sentences.at_gate(goal, image, hold.gate, hold.since), ways, beside)
    if hold is not None:
        why = "" if hold.why == BY_HAND else hold.why
        return Told(
            State.INTERRUPTED,
            sentences.stopped(goal, image, hold.who, max(0.0, now - hold.since), why, step),
            ways,
            beside,
        )
    since = max(0.0, now - heard_of(document, release))
    return Told(State.INTERRUPTED, sentences.cut_off(goal, image, since, step), ways, beside)


def heard_of(document: Document, release: Release) -> float:
    """Return when the last was heard of whoever carried a release on (POSIX seconds)."""
    lease = document.lease
    return max(release.begun_at if lease is None else lease.renewed_at, release.progressed_at)


def _both(release: Release, fleet: Fleet, tag_key: str) -> str:
    old, new = (fleet.groups[name] for name in (release.old, release.new))
    serving = [any(HEALTHY in fleet.states(one, i.id) for i in one.in_service) for one in (old, new)]
    return sentences.both_serve(old.tag(tag_key), new.tag(tag_key)) if all(serving) else ""


def _ways(release: Release, fleet: Fleet) -> tuple[Way, ...]:
    """Return the commands that lead on from a release that is not over; of two that do the same, it is said of both."""
    told, does = [], ""
    for command, what in reversed(COMMAND.findall(ways_on(release.service, release, fleet=fleet))):
        does = what.strip() or does
        told.append(Way(command, does))
    return tuple(dict.fromkeys(reversed(told)))


def _unclear(document: Document, fleet: Fleet, live: str | None, tag_key: str, now: float) -> Told | None:
    release, name, tags = document.release, document.service, shown(fleet, document.service)
    known = {past.id for past in document.history} | {release.id if release else ""}
    if tags is not None and tags.id not in known:
        return Told(
            State.UNCLEAR,
            sentences.unknown_release(tags.goal, tags.image, tags.by),
            (Way(f"bluegreen adopt {name}", "takes it into this record"),),
        )
    if release is not None and release.phase in (Phase.BAKING, Phase.DEPLOYED) and live not in (None, release.new):
        return Told(State.UNCLEAR, sentences.other_serves(release.new, release.image, live))
    if live is None:
        return _neither(document, fleet)
    newest = document.finished[-1] if document.finished else None
    image = release.image if release is not None else newest.image if isinstance(newest, Past) else ""
    side = release.new if release is not None else newest.new if isinstance(newest, Past) else ""
    if image and side == live and fleet.groups[live].tag(tag_key) != image:
        found = sentences.other_tag(live, image, fleet.groups[live].tag(tag_key))
        return Told(State.UNCLEAR, found, (Way(f"bluegreen check {name}"),))
    return None


def _neither(document: Document, fleet: Fleet) -> Told:
    groups = tuple(fleet.groups.values())
    if not any(group.staying or group.desired for group in groups):
        return Told(State.EMPTY, sentences.empty(bool(document.history)))
    both = all(fleet.registered(group) for group in groups)
    one, other = (group.name for group in groups)
    return Told(State.UNCLEAR, sentences.unexplained(one, other, both), (Way(f"bluegreen check {document.service}"),))


def _of_the_parked(release: Release) -> tuple[Way, ...]:
    back = Way(f"bluegreen rollback {release.service}", sentences.back_to(release.previous_image))
    return back, Way(f"bluegreen finish {release.service}", "terminates the parked instances now")


def _at_rest(document: Document, fleet: Fleet, live: str | None, tag_key: str) -> Told:
    release = document.release
    group = fleet.groups[live or next(iter(fleet.groups))]
    state = State.IDLE if release is None else State.PARKED
    next_ = () if release is None else _of_the_parked(release)
    if put_to_nothing(group):
        return Told(state, sentences.asleep(group.name), next_)
    healthy = sum(i.in_service and fleet.healthy(group, i.id) for i in group.instances)
    return Told(state, sentences.live(group.tag(tag_key), group.name, healthy, group.desired), next_)

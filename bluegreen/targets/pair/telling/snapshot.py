"""What ``status`` reports of a service: what serves, what is parked, what is missing, how fast a rollback would be."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from bluegreen.flow.answers import Done, Reached
from bluegreen.image import typed
from bluegreen.record.book import in_force, moment
from bluegreen.record.document import Freeze
from bluegreen.sentences.ends import is_at_it, last_sign
from bluegreen.targets.pair.fitness.check import live_group
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import AUTOSCALER, Fleet, Group
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import Hold, Past, Release
from bluegreen.targets.pair.model.shifts import shifts
from bluegreen.targets.pair.plans.plan import look_at, missing
from bluegreen.targets.pair.plans.readiness import Readiness, absent, awaited_of_new, first_serves_after, readiness
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.told import shown
from bluegreen.targets.pair.telling.ending import ways_on
from bluegreen.targets.pair.telling.state import state_of
from bluegreen.targets.pair.telling.status import beside, told_otherwise
from bluegreen.targets.pair.telling.strangers import strangers
from bluegreen.targets.seam.snapshot import Report
from bluegreen.targets.seam.standing import cold
from bluegreen.words import plural


def describe(document: Document, fleet: Fleet, names: tuple[str, str], tag_key: str, now: float) -> Report:
    """Return the report of a service from its record and one look.

    That was asked for what the record's release needs; of what it needs by now, it may say that it is not read yet.
    """
    release = document.release
    live = _live(fleet, names, release)
    look = None if release is None else look_at(fleet=fleet, release=release, taken=now, now=now)
    kept = Readiness() if look is None else readiness(look)
    lacks = () if look is None else (*(beside(look) if look.release.rests else ()), *awaited_of_new(look))
    lacks += (*kept.troubles, *(() if release is None else told_otherwise(release, fleet)))
    state = state_of(document, fleet, live, tag_key, now)
    parked = sum(coming(group) for group in fleet.groups.values())
    return Report(
        service=document.service,
        live=live,
        idle=next((name for name in names if name != live), None) if live else None,
        image=fleet.groups[live].tag(tag_key) if live else None,
        groups=tuple(_group(fleet, fleet.groups[name], tag_key) for name in names),
        parked=parked,
        rollback=_rollback(document, fleet, kept) or _cold(document, fleet, live, tag_key),
        release=None if release is None else _release(release),
        missing="" if release is None else _missing(fleet, release, now),
        at_work=_at_work(document, now),
        locked=_since(document.freeze),
        underway="" if release is None else _underway(document, release, fleet, now),
        waits=_since(None if release is None else release.hold),
        troubles=tuple(dict.fromkeys((*_troubles(document, fleet, live, tag_key), *(one.told for one in lacks)))),
        state=state.state,
        sentence=state.sentence,
        beside=state.beside,
        next=state.next,
        back_in=None if look is None or look.release.first else first_serves_after(look, kept),
    )


def _live(fleet: Fleet, names: tuple[str, str], release: Release | None) -> str | None:
    if group := live_group(fleet, names):
        return group.name
    if release is None:
        return None
    return release.new if release.phase.is_behind_switch else release.old


def _group(fleet: Fleet, group: Group, tag_key: str) -> dict[str, Any]:
    return {
        "name": group.name,
        "image": group.tag(tag_key),
        "min": group.min,
        "max": group.max,
        "desired": group.desired,
        "suspended": sorted(group.suspended),
        "scaling": "suspended" if AUTOSCALER & group.suspended else "resumed",
        "healthy": sum(i.in_service and fleet.healthy(group, i.id) for i in group.instances),
        "instances": [
            {"id": i.id, "state": i.state, "health": fleet.worst(group, i.id)} for i in group.instances
        ],
    }  # fmt: skip


def _release(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "image": release.image,
        "goal": release.goal,
        "old": release.old,
        "new": release.new,
        "by": release.by,
        "begun_at": release.begun_at,
        "milestones": dict(release.milestones),
        "previous_image": release.picture.old.image,
        "reason": release.reason,
    }


def _missing(fleet: Fleet, release: Release, now: float) -> str:
    answer = missing(look_at(fleet=fleet, release=release, taken=now, now=now))
    if not isinstance(answer, Reached):
        return "" if isinstance(answer, Done) else answer.reason
    reached = release.reach(answer.milestone, now)
    over = reached.rests or not reached.open
    return f"{answer.reason}; {'the end is not on record yet' if over else 'the next steps are not done yet'}"


def _at_work(document: Document, now: float) -> str:
    lease = document.lease
    if lease is None or not in_force(lease, now):
        return ""
    told = is_at_it(lease.who, lease.pid, lease.why, max(0.0, now - lease.taken_at))
    return last_sign(told, max(0.0, now - lease.renewed_at))


def _underway(document: Document, release: Release, fleet: Fleet, now: float) -> str:
    """Return which release is open, and how it goes on where nobody works on it."""
    told = f"{release.goal} of {release.image} by {release.by or 'somebody'} ({release.id})"
    if release.rests:
        return f"{told}: open until `bluegreen finish {release.service}` or a rollback"
    if _at_work(document, now):
        return told
    return f"{told}: {ways_on(release.service, release, fleet=fleet)}"


def _since(one: Freeze | Hold | None) -> str:
    return "" if one is None else f"by {one.who} since {moment(one.since)}: {one.why}"


def _rollback(document: Document, fleet: Fleet, kept: Readiness) -> str:
    """What a rollback of the open release would do; nothing where none is open."""
    release = document.release
    if release is not None and release.first:
        return "none: this is the first release"
    if release is not None and cold(release):
        return f"cold, and under way: deploys {release.image}"
    if release is not None and kept.kept:
        return _warm(release, fleet.groups[release.old], kept)
    if release is not None:
        return f"{release.old} is to serve again with {release.picture.old.image or 'its own image'}"
    return ""


def _cold(document: Document, fleet: Fleet, live: str | None, tag_key: str) -> str:
    """What a rollback would deploy, with no release open."""
    image, _ = document.previous()
    if image is None:
        return "none: no earlier version is on record"
    two = two_before(document, fleet, live, tag_key)
    return f"refused: {two.sentence}; {two.ways}" if two else f"cold: deploys {image}"


@frozen
class TwoBefore:
    """Two versions that ran before the newest one: by the record, and by the image tag of the group that ran it."""

    sentence: str
    ways: str


def two_before(document: Document, fleet: Fleet, live: str | None, tag_key: str) -> TwoBefore | None:
    """Return of what record and tag disagree, with the command for either; ``None`` where they do not.

    Either may be forged, and neither can be told from the other: a person chooses.
    """
    idle = next((group for name, group in fleet.groups.items() if live is not None and name != live), None)
    newest = document.finished[-1] if document.finished else None
    tag = None if idle is None else idle.tag(tag_key)
    if idle is None or newest is None or tag in (None, newest.previous_image):
        return None
    before, said = f"{newest.previous_image} ran before {newest.image}", f"the tag {tag_key} of {idle.name}"
    back, deploy = document.previous()[0], f"bluegreen deploy {document.service}"
    other = typed(tag if back == newest.previous_image else None)
    return TwoBefore(
        f"the record says that {before}, and {said}, which ran it, says {tag}",
        f"`{deploy} {typed(back)}` where the record is right, `{deploy} {other}` where it is not",
    )


def _warm(release: Release, old: Group, kept: Readiness) -> str:
    """How much of what was parked can come back: no more is called warm."""
    image, ready, count = release.picture.old.image or release.old, len(kept.ready), len(kept.kept)
    if kept.blocked:
        return f"blocked: none of the {plural(count, 'instance')} of {image} can come back until a person acts"
    if not ready:
        return f"cold: none of the {plural(count, 'instance')} of {image} is left, {old.name} launches fresh ones"
    if ready < count:
        return f"in part warm: {ready} of {plural(count, 'instance')} of {image} can come back"
    there = len([i for i in old.parked if i.id in kept.ready])
    draining = f", {ready - there} on the way there" if there < ready else ""
    how = "in part warm" if kept.rotten else "warm after a repair" if kept.lacks else "warm"
    return f"{how}: {plural(there, 'instance')} of {image} in Standby{draining}"


def _troubles(document: Document, fleet: Fleet, live: str | None, tag_key: str) -> tuple[str, ...]:
    found = [*strangers(fleet, document.service), *(lack.told for lack in absent(fleet))]
    found += (sentence for group in fleet.groups.values() for sentence in shifts(fleet, group))
    release, told = document.release, shown(fleet, document.service)
    if told is not None and told.id not in {past.id for past in document.history} | {release.id if release else ""}:
        found.append(f"the groups are in a release that this record does not know: {told.id} by {told.by}")
    if release is not None and release.phase in (Phase.BAKING, Phase.DEPLOYED) and live != release.new:
        found.append(f"the record says that {release.new} serves {release.image}, but {live or 'neither group'} serves")
    newest = document.finished[-1] if document.finished else None
    tag = fleet.groups[live].tag(tag_key) if live else None
    alone = release is None and isinstance(newest, Past) and live == newest.new
    if newest is not None and alone and tag != newest.image:
        found.append(f"{live} runs {newest.image}, but its tag {tag_key} says {tag}: its next launch runs {tag}")
    if live and not any(fleet.takes_requests(one, i.id) for one in fleet.groups.values() for i in one.in_service):
        found.append(f"no instance of {live} is healthy in the load balancer")
    return tuple(found)

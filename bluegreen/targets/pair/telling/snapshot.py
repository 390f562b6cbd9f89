"""What ``status`` shows of a pair: what serves, what is parked, what is missing, how fast a rollback would be. Pure."""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import Done, Reached
from bluegreen.flow.snapshot import AtWork, Cleanup, Figures, Interruption, Lock, OpenRelease, Side, Snapshot, Stage
from bluegreen.record.book import in_force
from bluegreen.record.process import known_dead
from bluegreen.targets.pair.fitness.check import live_group
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import Past, Release
from bluegreen.targets.pair.model.shifts import shifts
from bluegreen.targets.pair.model.showing import Counted, figures, healthy, opened, side, sides
from bluegreen.targets.pair.plans.ailing import ailing
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.plan import look_at, missing, stage
from bluegreen.targets.pair.plans.readiness import Lack, Readiness, absent, awaited_of_new, readiness
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.told import shown
from bluegreen.targets.pair.sentences import ways_back as sentences
from bluegreen.targets.pair.telling.state import heard_of, state_of
from bluegreen.targets.pair.telling.status import beside, told_otherwise
from bluegreen.targets.pair.telling.strangers import strangers
from bluegreen.targets.pair.telling.ways_back import deploys_before, parked, way_back
from bluegreen.words import as_word


def describe(document: Document, fleet: Fleet, names: tuple[str, str], tag_key: str, now: float) -> Snapshot:
    """Return the snapshot of a service from its record and one look.

    That was asked for what the record's release needs; of what it needs by now, it may say that it is not read yet.
    """
    release = document.release
    live = _live(fleet, names, release)
    look = None if release is None else look_at(fleet=fleet, release=release, taken=now, now=now)
    kept = Readiness() if look is None else readiness(look)
    lacks = () if look is None else _lacks(look, kept)
    answer = None if look is None else missing(look)
    where = None if look is None or answer is None else stage(look, answer)
    state = state_of(document, fleet, live, tag_key, now, where)
    serving = _serving(fleet, live, both=bool(state.beside))
    held = () if look is None else parked(look, kept)
    dead = tuple(one.id for one in held if one.alive is False)
    ill = () if look is None else ailing(look) or ()
    at_work = _at_work(document, now)
    idle = at_work is None or not at_work.in_force
    shown_sides = _alone(fleet, names, tag_key, serving) if look is None else sides(look, serving, ill, dead, idle=idle)
    return Snapshot(
        service=document.service,
        at=now,
        state=state.state,
        sides=tuple(sorted(shown_sides, key=lambda one: not one.live)),
        figures=_figures(shown_sides) if look is None else figures(look),
        region=next(iter(fleet.groups.values())).region,
        sentence=state.sentence,
        beside=state.beside,
        release=None if look is None else _opened(document, look, where, idle=idle),
        missing="" if look is None or answer is None else _missing(look, answer),
        rollback=deploys_before(document, fleet, live, tag_key) if look is None else way_back(look, kept, held),
        parked=held,
        cleanup=None if release is None else _cleanup(release),
        lease=at_work,
        lock=None if (lock := document.freeze) is None else Lock(who=lock.who, why=lock.why, since=lock.since),
        troubles=tuple(dict.fromkeys((*_troubles(document, fleet, live, tag_key), *(one.told for one in lacks)))),
        next=state.next,
    )


def _lacks(look: Look, kept: Readiness) -> tuple[Lack, ...]:
    """Return what is wrong beside what is told of each parked instance."""
    fleeting = (one for one in kept.troubles if not one.lost and not one.doubtful)
    resting = beside(look) if look.release.rests else ()
    return (*resting, *awaited_of_new(look), *fleeting, *told_otherwise(look.release, look.fleet))


def _live(fleet: Fleet, names: tuple[str, str], release: Release | None) -> str | None:
    if group := live_group(fleet, names):
        return group.name
    if release is None:
        return None
    return release.new if release.phase.is_behind_switch else release.old


def _serving(fleet: Fleet, live: str | None, *, both: bool) -> tuple[str, ...]:
    """Return the names of the groups that serve: where that is not clear, of all that have anything registered."""
    if both:
        return tuple(fleet.groups)
    return (live,) if live else tuple(name for name, group in fleet.groups.items() if fleet.registered(group))


def _alone(fleet: Fleet, names: tuple[str, str], tag_key: str, serving: tuple[str, ...]) -> tuple[Side, ...]:
    """Return both groups as they are with no release open."""
    return tuple(
        side(
            fleet,
            fleet.groups[name],
            tag_key,
            Counted(serving=healthy(fleet, fleet.groups[name])),
            live=name in serving,
        )
        for name in names
    )


def _figures(shown_sides: tuple[Side, ...]) -> Figures:
    """Return the figures of what serves with no release open: how many must serve, none says."""
    live = [one for one in shown_sides if one.live]
    return Figures(demand=sum(one.desired for one in live), needed=None, healthy=sum(one.healthy for one in live))


def _opened(document: Document, look: Look, where: Stage | None, *, idle: bool) -> OpenRelease:
    """Return the open release, how far it is, and why nobody carries it on."""
    interrupted = _interrupted(document, look.release, idle=idle)
    return attrs.evolve(opened(look.release), interrupted=interrupted, stage=where)


def _interrupted(document: Document, release: Release, *, idle: bool) -> Interruption | None:
    if (hold := release.hold) is not None:
        kind = "gate" if hold.gate else "stopped"
        return Interruption(kind=kind, since=hold.since, by=hold.who, why=hold.why, gate=hold.gate)
    if release.rests or not idle:
        return None
    return Interruption(kind="cut-off", since=heard_of(document, release))


def _missing(look: Look, answer: Answer) -> str:
    """Return what the plan has answered, as what is missing."""
    if not isinstance(answer, Reached):
        return "" if isinstance(answer, Done) else answer.reason
    reached = look.release.reach(answer.milestone, look.now)
    over = reached.rests or not reached.open
    return f"{answer.reason}; {'the end is not on record yet' if over else 'the next steps are not done yet'}"


def _cleanup(release: Release) -> Cleanup:
    """Return what cron does with an open release."""
    if release.hold is not None:
        return Cleanup(does=sentences.cleanup_leaves(), acts=False)
    if release.rests:
        deployed = release.milestones["deployed"]
        return Cleanup(does=sentences.cleanup_retires(), due_at=deployed + release.terms.keep_parked)
    return Cleanup(does=sentences.cleanup_carries_on())


def _at_work(document: Document, now: float) -> AtWork | None:
    lease = document.lease
    if lease is None:
        return None
    return AtWork(
        who=lease.who,
        pid=lease.pid,
        why=lease.why,
        taken_at=lease.taken_at,
        renewed_at=lease.renewed_at,
        in_force=in_force(lease, now) is not None,
        gone=known_dead(lease.process),
    )


def _troubles(document: Document, fleet: Fleet, live: str | None, tag_key: str) -> tuple[str, ...]:
    found = [*strangers(fleet, document.service), *(lack.told for lack in absent(fleet))]
    found += (sentence for group in fleet.groups.values() for sentence in shifts(fleet, group))
    release, told = document.release, shown(fleet, document.service)
    if told is not None and told.id not in {past.id for past in document.history} | {release.id if release else ""}:
        found.append(f"the groups are in a release that this record does not know: {told.id} by {as_word(told.by)}")
    if release is not None and release.phase in (Phase.BAKING, Phase.DEPLOYED) and live != release.new:
        found.append(f"the record says that {release.new} serves {release.image}, but {live or 'neither group'} serves")
    newest = document.finished[-1] if document.finished else None
    tag = fleet.groups[live].tag(tag_key) if live else None
    alone = release is None and isinstance(newest, Past) and live == newest.new
    if newest is not None and alone and tag != newest.image:
        says = as_word(f"{tag}")
        found.append(f"{live} runs {newest.image}, but its tag {tag_key} says {says}: its next launch runs {says}")
    if live and not any(fleet.takes_requests(one, i.id) for one in fleet.groups.values() for i in one.in_service):
        found.append(f"no instance of {live} is healthy in the load balancer")
    return tuple(found)

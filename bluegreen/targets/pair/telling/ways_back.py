"""What a rollback would do, how fast, and to what: as ``status`` shows it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from attrs import frozen

from bluegreen.flow.snapshot import Kept, WayBack
from bluegreen.image import typed
from bluegreen.sentences import status as sentences
from bluegreen.sentences.forms import head_and_tail
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.plans.readiness import Readiness
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.sentences import ways_back as of_pair
from bluegreen.targets.seam.standing import cold
from bluegreen.words import as_word, plural


def way_back(look: Look, kept: Readiness, held: tuple[Kept, ...]) -> WayBack:
    """Return what a rollback of the open release would do; ``held`` is what is known of each parked instance."""
    release, back, image = look.release, kept.back, look.release.picture.old.image
    if release.first:
        return WayBack(kind="none", sentence="none: this is the first release")
    if cold(release):
        return WayBack(kind="cold", sentence=f"cold, and under way: deploys {release.image}", to=release.image)
    kind, told = _warm(look, kept) if kept.kept else ("serves", f"{release.old} is to serve again with {_what(look)}")
    if back.first_s == 0.0 and (serving := _serving(look)):
        kind, told = "serves", sentences.serves_still(serving, _what(look))
    untold = next(iter(look.fleet.untold.values()), "")
    return WayBack(
        kind=kind,
        sentence=told,
        to=image,
        ready=len(kept.alive),
        of=len(kept.kept),
        first_s=back.first_s,
        all_s=back.all_s,
        basis=back.basis,
        unchecked=untold,
        details=() if kind in ("serves", "blocked") else tuple(_details(look, held, untold)),
        explained=(*filter(None, [of_pair.rests_on(back.terms)]), of_pair.limit_of_checks()) if kept.kept else (),
    )


def _what(look: Look) -> str:
    return look.release.picture.old.image or "its own image"


def _serving(look: Look) -> int:
    return len({i for balancer in look.balancers for i in look.hoped(look.old, balancer)})


def _warm(look: Look, kept: Readiness) -> tuple[str, str]:
    """Return in a word and in a sentence how much of what was parked can come back: no more is called warm."""
    image, count, alive = look.release.picture.old.image or look.old.name, len(kept.kept), len(kept.alive)
    if kept.blocked:
        none = f"none of the {plural(count, 'instance')} of {image} can come back until a person acts"
        return "blocked", f"blocked: {none}"
    if not kept.ready:
        return "cold", of_pair.none_left(count, image, look.old.name, kept.back.first_s)
    if not alive:
        return "partly", of_pair.none_passes(len(kept.ready), image, kept.back.first_s or 0.0)
    wanted = max(count, kept.demand)
    told = sentences.comes_back(alive, wanted, kept.demand, image, kept.back.first_s, kept.back.all_s)
    return "partly" if kept.rotten else "warm", told


def parked(look: Look, kept: Readiness) -> tuple[Kept, ...]:
    """Return what is known of each instance that is kept for a rollback."""
    members, found = look.old.ids, []
    for one in kept.kept:
        machine = look.fleet.machines.get(one)
        asked = one in look.fleet.asked
        found.append(
            Kept(
                id=one,
                member=one in members,
                alive=one in kept.alive if asked or one not in members else None,
                machine=machine.state if machine else "not known to EC2" if asked else None,
                checks=(machine.checks or None) if machine else None,
                since=(machine.changed or None) if machine and not machine.running else None,
            )
        )
    return tuple(found)


def _details(look: Look, kept: tuple[Kept, ...], untold: str) -> Iterator[str]:
    """Yield what is known of what is parked: first of all that run, then of each that is not well."""
    told = Counter((one.alive, one.checks) for one in kept if one.alive is not False)
    for (alive, checks), count in sorted(told.items(), key=repr):
        yield of_pair.parked_unknown(count, untold) if alive is None else _run(count, checks, look, untold)
    for one in kept:
        if one.alive is False:
            yield f"✗ {_dead(one, look.now)}"


def _run(count: int, checks: str | None, look: Look, untold: str) -> str:
    return of_pair.parked_run(count, checks, look.fleet.at, untold)


def _dead(one: Kept, now: float) -> str:
    name = head_and_tail(one.id)
    if not one.member:
        return of_pair.parked_left(name)
    if one.checks == "impaired":
        return of_pair.parked_failing(name)
    return of_pair.parked_dead(name, one.machine or "gone", one.since, now)


def deploys_before(document: Document, fleet: Fleet, live: str | None, tag_key: str) -> WayBack:
    """Return what a rollback would deploy, with no release open."""
    image, _ = document.previous()
    if image is None:
        return WayBack(kind="none", sentence="none: no earlier version is on record")
    if two := two_before(document, fleet, live, tag_key):
        return WayBack(kind="refused", sentence=f"refused: {two.sentence}; {two.ways}")
    return WayBack(kind="cold", sentence=f"cold: deploys {image}", to=image)


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
        f"the record says that {before}, and {said}, which ran it, says {as_word(tag or '')}",
        f"`{deploy} {typed(back)}` where the record is right, `{deploy} {other}` where it is not",
    )

"""What a rollback would meet: whether what is parked can still come back, and serve. Pure; it judges one look.

Between a switch and a rollback lie minutes or days, in which others may change the parked group. What is not known is
no lack: whoever asks only to tell it asks EC2, too, and does without where that is denied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
from attrs import field, frozen

from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.demand import coming, demand_told
from bluegreen.targets.pair.model.fleet import Fleet, Group, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK
from bluegreen.targets.pair.plans.held import held
from bluegreen.targets.pair.plans.suspension import TO_COME, TO_GO, behind_nothing, cut_off, resumed, suspended
from bluegreen.targets.pair.sentences import stuck
from bluegreen.words import fits

Ids = tuple[str, ...]


@frozen
class Lack:
    """One thing that a rollback would meet, as a ``sentence``, and what a person can do about it.

    ``lost`` are old instances that do not come back, ``doubtful`` such as may not last; ``blocks`` says that until a
    person acts none comes back, and ``mended`` that a rollback puts it right by itself. ``meant`` is what the release
    itself has done on its way.
    """

    sentence: str
    hint: str = ""
    lost: Ids = ()
    doubtful: Ids = ()
    blocks: bool = False
    mended: bool = False
    meant: bool = False

    @property
    def told(self) -> str:
        """The sentence and the hint."""
        return f"{self.sentence}: {self.hint}" if self.hint else self.sentence


@frozen(kw_only=True)
class Back:
    """After how many seconds of a rollback the first old instance serves, and all that are needed; ``None``: not known.

    ``basis`` says on what each term rests, ``terms`` how many seconds it has. For people: nothing is decided by it.
    """

    first_s: float | None = None
    all_s: float | None = None
    terms: Mapping[str, float] = field(factory=dict)

    @property
    def basis(self) -> Mapping[str, str]:
        """On what each term rests."""
        return {term: BASIS[term] for term in self.terms}


BASIS = {"exit": "assumed", "checks": "derived", "launch": "this release"}
NO_WAY = Back()


@frozen
class Readiness:
    """What is kept for a rollback: the old instances that are to come back, and what speaks against that.

    ``back`` is how fast it would be, ``demand`` how many would be needed.
    """

    kept: Ids = ()
    lacks: tuple[Lack, ...] = ()
    back: Back = NO_WAY
    demand: int = 0

    @property
    def ready(self) -> Ids:
        """The old instances of which nothing says that they cannot come back."""
        lost = {i for lack in self.lacks for i in lack.lost}
        return () if self.blocked else tuple(i for i in self.kept if i not in lost)

    @property
    def alive(self) -> Ids:
        """Those of the ready ones that EC2's status checks say nothing against."""
        doubtful = {i for lack in self.lacks for i in lack.doubtful}
        return tuple(i for i in self.ready if i not in doubtful)

    @property
    def blocked(self) -> tuple[Lack, ...]:
        """What keeps every instance from coming back until a person acts."""
        return tuple(lack for lack in self.lacks if lack.blocks)

    @property
    def troubles(self) -> tuple[Lack, ...]:
        """What somebody else has done, as far as is known: a finish lets the old instances go."""
        return tuple(lack for lack in self.lacks if not lack.meant)

    @property
    def rotten(self) -> tuple[Lack, ...]:
        """What a rollback does not put right by itself."""
        return tuple(lack for lack in self.lacks if not lack.mended)


def readiness(look: Look) -> Readiness:
    """Return what a rollback of the release would meet at this look; nothing of a first release, which has no way."""
    if look.release.first:
        return Readiness()
    parked = {i.id for i in (*look.old.parked, *look.old.parking)}
    lacks = (*_instances(look, parked), *_group(look), *_attachments(look))
    found = Readiness(tuple(sorted(parked | _left(look))), lacks, demand=demand_told(look))
    return attrs.evolve(found, back=_back(look, found))


EXIT = 5.0
"""Seconds in which an instance leaves Standby: AWS gives no figure (docs/fidelity.md), it is assumed, for people."""


def _back(look: Look, kept: Readiness) -> Back:
    """Return how fast a rollback would be.

    What serves yet needs no time; what still drains is registered again, and needs the time of the checks; what is
    parked has to leave Standby first. Where too few are alive, the others are launched, as new was in this release:
    from its launch until it was healthy, the boot, the hooks and the checks have taken what they take.
    """
    release, ready, checks = look.release, set(kept.ready), look.release.check_time
    parked = {"checks": checks, "exit": EXIT}
    if look.serves(look.old):
        return Back(first_s=0.0, all_s=checks + EXIT if ready else 0.0, terms=parked if ready else {})
    if kept.blocked:
        return NO_WAY
    launch = max(0.0, release.well_at - release.launched_at) if release.well_at and release.launched_at else None
    launched = {} if launch is None else {"launch": launch}
    if not ready:
        return Back(first_s=launch, all_s=launch, terms=launched) if kept.kept else NO_WAY
    drains = {i.id for i in look.old.parking if "draining" in look.fleet.states(look.old, i.id)}
    first_s, later = checks + (0.0 if drains & ready else EXIT), checks + (EXIT if ready - drains else 0.0)
    terms = parked if ready - drains else {"checks": checks}
    if len(kept.alive) >= kept.demand:
        return Back(first_s=first_s, all_s=later, terms=terms)
    return Back(first_s=first_s, all_s=None if launch is None else max(first_s, launch), terms={**terms, **launched})


def awaited_of_new(look: Look) -> tuple[Lack, ...]:
    """Return what of new a hook holds, of a rollback: that waits for it, and a person can let it go."""
    if look.release.goal != ROLLBACK:
        return ()
    found = held(look, look.new, look.new.staying)
    return tuple(Lack(stuck.rollback_waits(waiting), way) for waiting, way in found)


def _left(look: Look) -> frozenset[str]:
    """Return what was parked and is no member any more."""
    return look.release.leaving - look.old.ids


def _instances(look: Look, parked: set[str]) -> Iterator[Lack]:
    """What was parked, and does not run any more."""
    dead: dict[str, list[str]] = {}
    for instance in sorted(parked & look.fleet.asked):
        machine = look.fleet.machines.get(instance)
        if machine is None or not machine.running:
            dead.setdefault("not known to EC2" if machine is None else machine.state, []).append(instance)
    for state, ids in dead.items():
        yield _lost(look, ids, f"{fits(ids, 'is', 'are')} {state}")
    machines = look.fleet.machines
    if failing := sorted(one for one in parked if one in machines and machines[one].running and machines[one].impaired):
        yield Lack(stuck.impaired(look.old.name, failing), doubtful=tuple(failing))
    if left := sorted(_left(look)):
        gone = _lost(look, left, f"{fits(left, 'is no member', 'are no members')} any more")
        yield attrs.evolve(gone, meant=look.release.goal == FINISH)


def _lost(look: Look, ids: list[str], what: str) -> Lack:
    return Lack(stuck.lost(look.old.name, ids, what), lost=tuple(ids))


def _group(look: Look) -> Iterator[Lack]:
    """What the groups' own settings have against it."""
    old, new, release = look.old, look.new, look.release
    if old.deleting:
        yield Lack(stuck.being_deleted(old.name), blocks=True)
    if still := suspended(old, TO_COME):
        yield Lack(stuck.cannot_come_back(still), resumed(old, TO_COME), blocks=True)
    if still := suspended(new, TO_GO):
        yield Lack(stuck.would_serve_on(still), resumed(new, TO_GO))
    image, tag = release.picture.old.image, old.tag(release.terms.image_tag_key)
    if image is not None and tag != image:
        yield Lack(stuck.tag_is_another(old.name, release.terms.image_tag_key, tag, image), mended=True)
    room = old.desired + coming(old)
    if old.max < room and old.max not in release.known(old.name, "max"):
        yield Lack(stuck.maximum_too_low(old.name, old.max, room), mended=True)


def _attachments(look: Look) -> Iterator[Lack]:
    """What keeps old from the balancers that it served in, or would serve in."""
    old, gone = look.old, look.fleet.gone
    nowhere = all(balancer.id in gone for balancer in old.balancers)
    yield from (attrs.evolve(lack, blocks=nowhere) for lack in _absent(old, gone))
    for balancer in cut_off(look, old):
        sentence = f"{old.name} is not attached to {called(balancer.id)} any more, and {look.new.name} is"
        yield Lack(sentence, hints.attached(old, balancer), blocks=nowhere)
    if not old.balancers and not look.new.balancers:
        yield Lack(stuck.attached_to_nothing(old.name), "attach it to those that it served in", blocks=True)


def absent(fleet: Fleet) -> tuple[Lack, ...]:
    """Return, of each group, the balancers to which it is attached and that AWS says do not exist."""
    return tuple(lack for group in fleet.groups.values() for lack in _absent(group, fleet.gone))


def _absent(group: Group, gone: frozenset[str]) -> Iterator[Lack]:
    yield from (Lack(sentence, hint) for sentence, hint in behind_nothing(group, gone))

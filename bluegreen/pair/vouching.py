"""What the groups' tags say of a release is held against its record: each was written where another one may not write.

The tags are written before the first change, and what is compared here never changes while a release lasts. Where
both say something else, nothing is written on the account of either. Where the tags say nothing, a person who asks is
enough, and a clean-up that nobody has asked for is not. Nor does that take away what serves by AWS's own answers: of
what is needed there, the record has no say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from bluegreen.flow.answers import Answer, Blocked, Due, Waiting
from bluegreen.flow.doubts import AGREEING, STALE
from bluegreen.flow.ports import Doubt
from bluegreen.pair import commands
from bluegreen.pair.actions import (
    Action,
    Detach,
    EnterStandby,
    Mirror,
    PutAlarms,
    PutPolicies,
    PutSchedules,
    RemoveAlarms,
    RemovePolicies,
    RemoveSchedules,
    Resize,
    TagGroup,
    Terminate,
    UntagGroup,
)
from bluegreen.pair.fleet import HEALTHY, UNKNOWN, Fleet, Group, called
from bluegreen.pair.look import Look
from bluegreen.pair.mirror import ID, IMAGE, SIDE, TERMS, WAS, mirror

CLAIMED = (
    *(Mirror, TagGroup, UntagGroup, Detach, Terminate),
    *(PutPolicies, PutAlarms, PutSchedules, RemovePolicies, RemoveAlarms, RemoveSchedules),
)
"""Actions that do what the record says, beyond what the fleet shows; what brings instances back is none of them."""

SETTLED = ("way", "first", "pace", "keep")
"""Terms that decide what is taken away, and never change while a release lasts."""


@frozen
class Discord:
    """Of what record and tag say different things: ``record`` is what the tag would be."""

    group: str
    key: str
    record: str
    tag: str

    def __str__(self) -> str:
        return f"{self.key}={self.record or 'nothing'} of {self.group}, and its tag says {self.tag}"


def agreeing_with_tags(answer: Answer, look: Look) -> Answer:
    """Nothing is done on the record's word while the groups' tags tell something else of the same release."""
    if not _is_claimed(answer) or not (found := discords(look)):
        return answer
    sentence = f"the record says {'; '.join(map(str, found[:3]))}"
    if not look.steady(AGREEING, lambda view: bool(discords(view))):
        return Waiting(f"{sentence}: it is looked again, to be sure")
    right = ", ".join(commands.untagged(one.group, one.key) for one in found)
    service = look.release.service
    return Blocked(
        sentence,
        f"if the record is right: {right}, then `bluegreen resume {service}`; if the tags are: move the record away, "
        f"and `bluegreen adopt {service}` makes one from them",
    )


def vouched_by_tags(answer: Answer, look: Look) -> Answer:
    """Unasked, nothing is done on the record's word that the groups' tags do not tell, too."""
    if not isinstance(answer, Due) or not _is_claimed(answer) or not (missing := _unvouched(answer.action, look)):
        return answer
    release = look.release
    sentence = f"the record says that {missing}, and no tag of {release.old} or {release.new} does: {answer.action}"
    if look.taken < (until := release.marked_at + STALE):
        return Waiting(f"{sentence}: it is looked again, to be sure", until)
    return Blocked(
        sentence,
        f"see `bluegreen status {release.service}` and the groups' tags; where the record is right, "
        f"`bluegreen resume {release.service}` or `bluegreen rollback {release.service}` is enough",
    )


def was_told(look: Look) -> bool:
    """Whether old's tags tell, as the record does, which image it had."""
    old, release = look.old, look.release
    return old.tag(ID) == release.id and old.tag(WAS) == release.picture.old.image


def serving_stays(answer: Answer, look: Look) -> Answer:
    """Unasked, no balancer loses what serves there by AWS's own answers, however the record tells of the release.

    As many as the larger side has healthy there must stay, in percent of the pace that the groups' tags tell (all where
    none tells one), but no more than either group wants. A release whose tags tell that nothing served before is free.
    """
    if not isinstance(answer, Due) or _told_first(look):
        return answer
    fleet = look.fleet.as_shown
    for balancer in sorted({one.id for group in fleet.groups.values() for one in group.balancers} - fleet.out_of_use):
        if loss := _loss(answer.action, fleet, balancer):
            each = [_counted_on(fleet, group, balancer) for group in fleet.groups.values()]
            least = -(-max(each) * _told_least(look) // 100)
            needed = min(sum(each), least, max(group.desired for group in fleet.groups.values()))
            if (left := sum(each) - loss) < needed or left < 0:
                return Waiting(
                    f"only {max(left, 0)} healthy would be left in {called(balancer)} of the {sum(each)} there, and "
                    f"nobody has asked for this run: not done: {answer.action}"
                )
    return answer


def when_unasked(doubts: Iterable[Doubt]) -> tuple[Doubt, ...]:
    """Return the doubts of a run that no person has asked for, beside all others.

    What waits lest capacity is lost is known before patience is measured; what blocks is decided when all is agreed.
    """
    return (serving_stays, *doubts, vouched_by_tags)


def _is_claimed(answer: Answer) -> bool:
    return isinstance(answer, Due) and isinstance(answer.action, CLAIMED)


# ---- both say something ----


def discords(look: Look) -> tuple[Discord, ...]:
    """Return in what the tags of the release and its record differ, of what never changes while it lasts."""
    wanted = mirror(look.release)
    return tuple(
        discord
        for name, tags in wanted.items()
        if look.fleet.groups[name].tag(ID) == look.release.id
        for discord in _discords(look.fleet.groups[name], tags)
    )


def _discords(group: Group, tags: Mapping[str, str]) -> Iterator[Discord]:
    for key in (IMAGE, SIDE, WAS):
        if (tag := group.tag(key)) is not None and tag != tags.get(key):
            yield Discord(group.name, key, tags.get(key, ""), tag)
    record, told = _terms(tags[TERMS]), _terms(group.tag(TERMS) or "")
    if odd := [key for key in SETTLED if key in told and told[key] != record.get(key)]:
        yield Discord(group.name, TERMS, _said(record, odd), _said(told, odd))


def _terms(text: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in text.split())


def _said(terms: Mapping[str, str], keys: Iterable[str]) -> str:
    return " ".join(f"{key}={terms.get(key, '')}" for key in keys)


# ---- what serves ----


def _loss(action: Action, fleet: Fleet, balancer: str) -> int:
    """How many that may serve in a balancer an action takes away at most, by AWS's rows alone."""
    match action:
        case EnterStandby(_, ids) | Detach(_, ids) | Terminate(ids):
            return sum(i in ids for group in fleet.groups.values() for i in _may_serve(fleet, group, balancer))
        case Resize(name, _, top) if top is not None:
            group = fleet.groups[name]
            return min(len(_may_serve(fleet, group, balancer)), max(0, group.desired - top))
    return 0


def _may_serve(fleet: Fleet, group: Group, balancer: str) -> tuple[str, ...]:
    attached = any(one.id == balancer for one in group.balancers)
    hoped = (HEALTHY, UNKNOWN) if attached else (HEALTHY,)
    return tuple(i.id for i in group.in_service if fleet.state(balancer, i.id) in hoped)


def _counted_on(fleet: Fleet, group: Group, balancer: str) -> int:
    """How many of a group are known to be healthy, without those that it is about to take out of service anyway."""
    healthy = sum(fleet.state(balancer, i.id) == HEALTHY for i in group.in_service)
    return max(0, healthy - max(0, len(group.in_service) + len(group.arriving) - group.desired))


def _told(look: Look) -> Iterator[Mapping[str, str]]:
    """Yield the terms that each group's tags tell of this release."""
    ours = (group for group in look.fleet.groups.values() if group.tag(ID) == look.release.id)
    return (_terms(group.tag(TERMS) or "") for group in ours)


def _told_first(look: Look) -> bool:
    return {terms.get("first") for terms in _told(look)} == {"1"}


def _told_least(look: Look) -> int:
    """Return the least share that is to serve, in percent, of what the tags tell: 100 where they tell none."""
    paces = [re.fullmatch(r"(\d{1,3})/\d{1,4}", terms.get("pace", ""), re.A) for terms in _told(look)]
    return min(100, max((100 if pace is None else int(pace[1]) for pace in paces), default=100))


# ---- the tags say nothing ----


def _unvouched(action: object, look: Look) -> str:
    """Return what of an action no tag vouches for, or nothing."""
    release = look.release
    if {group.tag(ID) for group in look.fleet.groups.values()} - {None} != {release.id}:
        return f"the {release.goal} of {release.image} is under way ({release.id})"
    match action:
        case TagGroup(group, key, value) if key == release.tag_key and value not in _images(look, group):
            return f"{group} is to run {value}"
        case UntagGroup(group, key) if key == release.tag_key and _hidden(look, group):
            return f"{group} had no {key}"
        case Mirror(tags):
            strange = (
                f"{group} has {key}={value}" for group, key, value in tags if _is_new_claim(look, group, key, value)
            )
            return next(strange, "")
    return ""


def _is_new_claim(look: Look, group: str, key: str, value: str) -> bool:
    """Whether a tag would tell of an image that no tag tells of now."""
    if key == IMAGE:
        return value not in _images(look, look.release.new)
    return key == WAS and value not in _images(look, group)


def _images(look: Look, name: str) -> set[str | None]:
    """Return the images that tags vouch for on a group: what it has, what it had, and on new what it is to have."""
    release, group = look.release, look.fleet.groups[name]
    found = {group.tag(WAS), group.tag(release.tag_key) if name == release.old else None}
    if name == release.new:
        found |= {one.tag(IMAGE) for one in look.fleet.groups.values()}
    return found - {None}


def _hidden(look: Look, name: str) -> bool:
    """Whether a group's tags do not tell what it was like: then not either that it had no image."""
    group = look.fleet.groups[name]
    return group.tag(SIDE) is None or group.tag(WAS) is not None

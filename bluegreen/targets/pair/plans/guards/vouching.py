"""What the groups' tags say of a release is held against its record: each was written where another one may not write.

The tags are written before the first change, and what is compared here never changes while a release lasts. Where
both say something else, nothing is written on the account of either. Where the tags say nothing, a person who asks is
enough, and a clean-up that nobody has asked for is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from bluegreen.flow.answers import Blocked, Due, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import (
    Detach,
    PutAlarms,
    PutPolicies,
    PutSchedules,
    RemoveAlarms,
    RemovePolicies,
    RemoveReleaseTags,
    RemoveSchedules,
    Resize,
    TagGroup,
    Terminate,
    UntagGroup,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ID, Release
from bluegreen.targets.pair.model.seal import is_tagged, told_of
from bluegreen.targets.pair.plans.answers import Answer, Guard
from bluegreen.targets.pair.plans.guards.in_charge import left_to_others, only_brings_back, watched
from bluegreen.targets.pair.plans.guards.sizes import is_told, unheard_of
from bluegreen.targets.pair.release_tags.told import in_charge_instead
from bluegreen.targets.pair.release_tags.written import IMAGE, SIDE, TERMS, WAS, unsealed
from bluegreen.targets.pair.sentences import claimed

CLAIMED = (
    *(WriteReleaseTags, TagGroup, UntagGroup, Detach, Terminate),
    *(PutPolicies, PutAlarms, PutSchedules, RemovePolicies, RemoveAlarms, RemoveSchedules),
)
"""Actions that do what the record says, beyond what the fleet shows; what brings instances back is none of them."""

FIXED = ("way", "first", "pace", "keep")
"""Terms that decide what is taken away, and never change while a release lasts."""
TOLD_IF_SAID = ("strategy", "surge", "gone")
"""Those among them that a tag tells only where they are not as usual."""


@frozen
class Discord:
    """Of what record and tag say different things: ``record`` is what the tag would be."""

    group: str
    key: str
    record: str
    tag: str

    def __str__(self) -> str:
        return claimed.tag_and_record_differ(self.group, self.key, self.tag, self.record)


def agreeing_with_tags(answer: Answer, look: Look) -> Answer:
    """Nothing is done on the record's word while the groups' tags tell something else of the same release."""
    return answer if _claimed(answer) is None else watched(answer, _agreed(answer, look), look)


def agreeing_in_all(answer: Answer, look: Look) -> Answer:
    """Unasked, nothing at all is done meanwhile, but that old is brought back."""
    if not isinstance(answer, Due) or only_brings_back(answer, look):
        return answer
    return watched(answer, _agreed(answer, look), look)


def _agreed(answer: Answer, look: Look) -> Answer:
    if not (found := discords(look)):
        return answer
    sentence = "; ".join(map(str, found[:3]))
    if not look.steady(AGREEING, lambda view: bool(discords(view))):
        return Waiting(claimed.again(sentence))
    right = ", ".join(hints.untagged(one.group, one.key) for one in found)
    service = look.release.service
    return Blocked(
        sentence,
        f"if the record is right: {right}, then `bluegreen resume {service}`; if the tags are: move the record away, "
        f"and `bluegreen adopt {service}` makes one from them",
    )


def vouched_by_tags(answer: Answer, look: Look) -> Answer:
    """Unasked, nothing is done on the record's word that the groups' tags do not tell, too.

    They are written before the first change and taken off as the last one: a release of which none tells has nothing
    to do, but to take ours off. What brings old back is held up by none.
    """
    if not isinstance(answer, Due):
        return answer
    action = answer.action
    if not is_told(look) and not isinstance(action, RemoveReleaseTags) and not only_brings_back(answer, look):
        missing = f"the {look.release.goal} of {look.release.image} ({look.release.id})"
    else:
        missing = _unvouched(action, look) or unheard_of(action, look)
    if not missing:
        return answer
    release = look.release
    sentence = claimed.on_record_alone(answer.act, missing, (release.old, release.new))
    if look.taken < (until := release.progressed_at + STALE):
        return Waiting(claimed.again(sentence), until)
    typed = (
        f"see `bluegreen status {release.service}` and the groups' tags; where the record is right, "
        f"`bluegreen resume {release.service}` or `bluegreen rollback {release.service}` is enough"
    )
    blocked = Blocked(sentence, typed if is_tagged(look.fleet, release) else _named_again(look))
    return watched(answer, blocked, look)


def told_by_tags(answer: Answer, look: Look, *, known: Release | None = None) -> Answer:
    """Where no tag names a release of another run, nor has its seal, nothing is done for it, but to bring old back.

    The tags are there before the first change, and go as the last one: a record alone, without them, may be anybody's.
    Its seal was put on the release as it is, or as it was ``known`` when this run began.
    """
    if not isinstance(answer, Due) or told_of(look.fleet, look.release) or (known and told_of(look.fleet, known)):
        return answer
    for_nobody = isinstance(answer.action, Resize) and not coming(look.old)
    if isinstance(answer.action, RemoveReleaseTags) or (only_brings_back(answer, look) and not for_nobody):
        return answer
    release = look.release
    sentence = claimed.in_no_tag(release.goal, release.image, release.id, (release.old, release.new))
    if look.taken < (until := release.progressed_at + STALE):
        return Waiting(claimed.again(sentence), until)
    return watched(answer, Blocked(sentence, _named_again(look)), look)


def _named_again(look: Look) -> str:
    """Return what a person does with a release that no tag names."""
    release = look.release
    right = hints.tagged(release.new, ID, release.id, False)
    end = f"`bluegreen close --reason TEXT {release.service}` ends it"
    return f"where the record is right: {right}, then the same command again; otherwise {end}"


def undisputed(look: Look) -> bool:
    """Whether the tags tell of the release as its record does, and of none in charge but it: nothing is held up."""
    old, release = look.old, look.release
    was = is_told(look) and old.tag(ID) == release.id and old.tag(WAS) == release.picture.old.image
    return was and not discords(look) and in_charge_instead(look.fleet, release) is None


def when_unasked(guards: Iterable[Guard]) -> tuple[Guard, ...]:
    """Return the guards of a run that no person has asked for, beside all others: what blocks is decided at last."""
    return (*guards, left_to_others, agreeing_in_all, vouched_by_tags)


def _claimed(answer: Answer) -> object:
    """Return the action that is due where it does what the record says, or nothing."""
    return answer.action if isinstance(answer, Due) and isinstance(answer.action, CLAIMED) else None


# ---- both say something ----


def discords(look: Look) -> tuple[Discord, ...]:
    """Return in what the tags of the release and its record differ, of what never changes while it lasts."""
    wanted = unsealed(look.release)
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
    record, told = terms_of(tags[TERMS]), terms_of(group.tag(TERMS) or "")
    odd = [key for key in FIXED if key in told and told[key] != record.get(key)]
    if odd := [*odd, *(key for key in TOLD_IF_SAID if told and told.get(key) != record.get(key))]:
        yield Discord(group.name, TERMS, _said(record, odd), _said(told, odd))


def terms_of(text: str) -> dict[str, str]:
    """Return the terms of a release, by their names, from the tag that tells them."""
    return dict(part.partition("=")[::2] for part in text.split())


def _said(terms: Mapping[str, str], keys: Iterable[str]) -> str:
    return " ".join(f"{key}={terms.get(key, '')}" for key in keys)


# ---- the tags say nothing ----


def _unvouched(action: object, look: Look) -> str:
    """Return what of an action no tag vouches for, or nothing."""
    release = look.release
    match action:
        case TagGroup(group, key, value) if key == release.terms.image_tag_key and value not in _images(look, group):
            return f"image {value}"
        case UntagGroup(group, key) if key == release.terms.image_tag_key and _hidden(look, group):
            return f"no {key} before"
        case WriteReleaseTags(tags):
            strange = (f"{key}={value}" for group, key, value in tags if _is_new_claim(look, group, key, value))
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
    found = {group.tag(WAS), group.tag(release.terms.image_tag_key) if name == release.old else None}
    if name == release.new:
        found |= {one.tag(IMAGE) for one in look.fleet.groups.values()}
    return found - {None}


def _hidden(look: Look, name: str) -> bool:
    """Whether a group's tags do not tell what it was like: then not either that it had no image."""
    group = look.fleet.groups[name]
    return group.tag(SIDE) is None or group.tag(WAS) is not None

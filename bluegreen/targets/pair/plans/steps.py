"""The pieces that more than one plan uses: each a postcondition, from a look to an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import attrs

from bluegreen.flow.answers import DONE, Blocked, Done, Due, Recorded, Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.sentences import flow as sentences
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import BATCH, Resume, Suspend, TagGroup
from bluegreen.targets.pair.model.asleep import put_to_nothing
from bluegreen.targets.pair.model.fleet import AUTOSCALER, INITIAL, PROCESSES, Group, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.metering import EVALUATED
from bluegreen.targets.pair.model.release import Bounds, Release, Side
from bluegreen.targets.pair.model.twins import firing_to_scale_in
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import settings_of, tries_of
from bluegreen.targets.pair.plans.due import flip, plainly, resize, resume, suspend
from bluegreen.targets.pair.plans.suspension import TO_GO, waiting_for
from bluegreen.targets.pair.sentences import stuck, waits, whys
from bluegreen.words import plural

Step = Callable[[Look], Answer]


def where(look: Look, balancer: str) -> str:
    """Return what a balancer is called where there are several, or nothing: then it goes without saying."""
    alone = len({one.id for group in (look.old, look.new) for one in group.balancers}) == 1
    return "" if alone else called(balancer)


def too_few(look: Look, group: Group, balancers: Iterable[str], needed: Callable[[Look, str], int]) -> str:
    """Return a sentence when a group has too few healthy instances in one of ``balancers``, otherwise nothing."""
    for balancer in balancers:
        healthy, wanted = len(look.serving(group, balancer)), needed(look, balancer)
        if healthy < wanted:
            reasons = Counter(one.short for one in look.fleet.ails(group, balancer).values() if one.short)
            short = sentences.healthy(group.name, healthy, wanted, where(look, balancer), reasons)
            return short + shifted_away(look, group, balancer)
    return "" if look.balancers else stuck.behind_nothing(group.name)


def shifted_away(look: Look, group: Group, *balancers: str) -> str:
    """Return as the end of a sentence from how many of a group a zonal shift keeps requests, or nothing.

    Of those ``balancers`` that are named, or else of any.
    """
    shifted = max((len(look.shifted(group, one)) for one in balancers or look.balancers), default=0)
    others = plural(shifted, "other") if balancers else f"{plural(shifted, 'instance')} of {group.name}"
    return stuck.shifted(others) if shifted else ""


def being_checked(look: Look, group: Group, balancers: Iterable[str]) -> bool:
    """Whether one of ``balancers`` is still at the first checks of an instance in service: how slow they are, it knows.

    One that was attached in the middle of a release may be slower than those that were surveyed.
    """
    members = [i.id for i in group.in_service]
    return any(look.fleet.state(balancer, i) == INITIAL for balancer in balancers for i in members)


def counting(look: Look) -> tuple[str, ...]:
    """Return the balancers in which new must serve: those where something was healthy, or one at least."""
    return look.wanted or look.balancers[:1]


def needed_alone(look: Look, balancer: str) -> int:
    """Return how many instances the side that serves alone must have healthy in a balancer, one at least."""
    return max(1, look.floor(balancer))


def batch(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return as many ids as one call takes."""
    return ids[:BATCH]


def first_due(*answers: Answer) -> Answer:
    """Return the first answer that is not done."""
    return next((answer for answer in answers if not isinstance(answer, Done)), DONE)


def live_side(release: Release) -> Side:
    """The side whose settings are the service's: the old one, or the new one of a first release."""
    return release.picture.new if release.first else release.picture.old


def idle_side(release: Release) -> Side:
    """The side whose settings are those of an idle group."""
    return release.picture.old if release.first else release.picture.new


def idle_bounds(release: Release) -> Bounds:
    """The bounds of whoever does not serve: no minimum, which would launch what the plan empties, again and again."""
    return attrs.evolve(release.idle, min=0)


def service_suspends(release: Release) -> frozenset[str]:
    """Return what whoever serves has suspended: what live had, but for what its owner has changed since."""
    edits = release.processes
    if not edits:
        return live_side(release).suspended
    return frozenset(one for one in live_side(release).suspended if edits.get(one, True)) | {
        one for one in PROCESSES if edits.get(one, False)
    }


# ---- bounds that somebody else changed ----


def accept_edits(look: Look) -> Answer:
    """A bound that is neither the picture's nor ours is somebody's edit: recorded first, pinned again afterwards.

    Those of a side that serves and is put to nothing are for the night, not for whoever serves at the end.
    """
    release = look.release
    for group in (look.old, look.new):
        if put_to_nothing(group) and has_service_bounds(look, group):
            continue
        for attribute, value in (("min", group.min), ("max", group.max)):
            if value not in release.known(group.name, attribute):
                return _accept(look, group, attribute, value)
    return DONE


def _accept(look: Look, group: Group, attribute: str, value: int) -> Answer:
    release, key = look.release, f"{group.name} {attribute}"
    if key in release.edits:
        return tries_of(look, group) or Blocked(
            waits.size_set_again(group.name, f"{attribute}imum", value, _newest_cause(look, group)),
            f"end what changes it, then `bluegreen resume {release.service}`",
        )
    accepted = attrs.evolve(release, edits={**release.edits, key: value})
    if has_service_bounds(look, group):
        accepted = attrs.evolve(accepted, bounds=_with(release.bounds, attribute, value))
    else:
        accepted = attrs.evolve(accepted, idle=_idle_with(release.idle, attribute, value))
    kept = has_service_bounds(look, group) or attribute == "max"
    sentence = waits.size_set(group.name, f"{attribute}imum", value, kept)
    return Recorded(accepted, sentence, agreeing=AGREEING)


def _with(bounds: Bounds, attribute: str, value: int) -> Bounds:
    if attribute == "min":
        return Bounds(value, max(bounds.max, value))
    return Bounds(min(bounds.min, value), value)


def _idle_with(idle: Bounds, attribute: str, value: int) -> Bounds:
    """A minimum would launch instances beside those that serve, and the end would never be reached."""
    return idle if attribute == "min" else _with(idle, attribute, value)


def _newest_cause(look: Look, group: Group) -> str:
    return next((a.cause for a in look.fleet.told(group.name) if a.cause), "")


def has_service_bounds(look: Look, group: Group) -> bool:
    """Whether what somebody edits of this group is meant for the service: it serves, or is about to serve again.

    What was changed of a parked group before anything was done to bring it back was changed of an idle one.
    """
    release = look.release
    if release.returns and not release.first and group.name == release.old:
        return True
    return group.name == (release.new if release.has_switched or release.first else release.old)


# ---- the autoscaler ----


def disarm(look: Look, group: Group, why: str, *more: str) -> Answer:
    """The group's policies and schedules rest (and the processes ``more``)."""
    lacking = (AUTOSCALER | set(more)) - group.suspended
    return suspend(look, group.name, lacking, why) if lacking else DONE


def arm(look: Look, group: Group, why: str) -> Answer:
    """The group's policies and schedules are at work, but for what the service itself had suspended."""
    still = (AUTOSCALER & group.suspended) - service_suspends(look.release)
    return resume(look, group.name, still, why) if still else DONE


def flipped(look: Look, on: Answer, off: Answer) -> Answer:
    """Return the answer that arms the one side, with what disarms the other one in the same action."""
    match on, off:
        case Due(Resume() as works, why), Due(Suspend() as rests):
            return flip(look, works, rests, why)
    return on


def bounded(look: Look, group: Group, bounds: Bounds, why: str) -> Answer:
    """The group has ``bounds``, its maximum never below its desired capacity."""
    top = max(bounds.max, group.desired)
    if (group.min, group.max) == (bounds.min, top):
        return DONE
    return resize(look, group.name, why, min=bounds.min, max=top)


def let_go(look: Look, group: Group, bounds: Bounds, since: float, why: str) -> Answer:
    """The group has ``bounds``; a minimum that holds it up goes once no alarm would scale it in at once.

    The metrics of both were diluted until ``since`` (POSIX seconds), and alarms need minutes to see that it is over.
    """
    if group.min <= bounds.min or group.desired <= bounds.min or not _has_policies(look):
        return bounded(look, group, bounds, why)
    if stabilizing(look, since):
        end = since + EVALUATED * look.release.terms.stabilization
        return Waiting(waits.alarms_not_yet(group.name), end)
    if look.now >= (until := since + look.release.terms.stabilization):
        return bounded(look, group, bounds, why)
    if unseen := settings_of(look, group.name):
        return unseen
    if firing := firing_to_scale_in(look.fleet.scaling[group.name]):
        return Waiting(waits.would_scale_in(group.name, ", ".join(firing)), until)
    return bounded(look, group, bounds, why)


def stabilizing(look: Look, since: float) -> bool:
    """Whether the alarms cannot have seen yet what one side has had alone ``since`` then; its minimum is held up."""
    return _has_policies(look) and look.now < since + EVALUATED * look.release.terms.stabilization


def _has_policies(look: Look) -> bool:
    return bool(live_side(look.release).policies)


# ---- the image ----


def keep_image(look: Look, group: Group, key: str, image: str | None, propagate: bool) -> Answer:
    """The tag still names the image that the group's instances run: the next scale-out reads it."""
    if image is None or group.tag(key) == image:
        return DONE
    return plainly(look, TagGroup(group.name, key, image, propagate), whys.its_instances_run(image))


def keep_new_image(look: Look) -> Answer:
    """New's tag names the release's image."""
    release = look.release
    return keep_image(look, look.new, release.terms.image_tag_key, release.image, release.picture.new.propagate)


def keep_old_image(look: Look) -> Answer:
    """Old's tag names the image it had when the release began."""
    old = look.release.picture.old
    return keep_image(look, look.old, look.release.terms.image_tag_key, old.image, old.propagate)


# ---- waiting ----


def lasting(group: Group) -> str:
    """Return which members of a group are in a state that does not end by itself, as a sentence."""
    ids, states = tuple(i.id for i in group.lasting), sorted({i.state for i in group.lasting})
    return stuck.lasting(group.name, ids, states)


def empty(look: Look, group: Group) -> Answer:
    """The group has no instance but such as end by themselves; what it has leaves by its own scale-in, drained."""
    staying = group.staying
    if not staying:
        return DONE
    if group.max > 0:
        return resize(look, group.name, whys.removes_all(len(staying)), min=0, max=0)
    if len(group.parked) == len(staying):
        return Blocked(
            stuck.in_standby(group.name, len(group.parked)),
            f"{hints.let_go(group)}, then `bluegreen resume {look.release.service}`",
        )
    if all(i.parked or i.lasting for i in staying):
        return Blocked(
            lasting(group), f"{hints.ended_in_group(group.lasting)}, then `bluegreen resume {look.release.service}`"
        )
    return waiting_for(look, group, TO_GO, draining(look, _not_empty(group)), staying)


def _not_empty(group: Group) -> str:
    """Return that a group is not empty, and what else it has than what a hook holds: one that launches leaves later."""
    rest = [i for i in group.staying if not i.held]
    coming = sum(i.arriving for i in rest)
    return stuck.not_empty(group.name, coming, len(rest) - coming)


def draining(look: Look, reason: str) -> Waiting:
    """A wait that may last as long as connections drain."""
    return Waiting(reason, grace=look.release.drain)

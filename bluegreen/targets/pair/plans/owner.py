"""What the owner of a pair takes off the side that serves, or changes there, while its scaling settings move.

It is the owner's wish: it goes from the other side, too. An absence is believed when several looks agree, none of them
so old that it may show a moment before the settings were put (AWS's answers may be a minute old).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from bluegreen.flow.answers import DONE, Blocked, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import RemoveAlarms, RemovePolicies, RemoveSchedules
from bluegreen.targets.pair.model.copies import Named, alike, named, upcoming, with_tags
from bluegreen.targets.pair.model.fleet import AUTOSCALER, Scaling
from bluegreen.targets.pair.model.look import Look, armed
from bluegreen.targets.pair.model.release import MOVE, SEAL, TWINS, Release
from bluegreen.targets.pair.model.twins import POLICY, Names, alarms_of, are_twins, difference, name_of
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import moving, scaling_of, settings_of, what_moves
from bluegreen.targets.pair.plans.due import Plain, plainly
from bluegreen.targets.pair.plans.steps import service_suspends
from bluegreen.targets.pair.sentences import edits, whys
from bluegreen.words import fits

POLICIES_AT_ONCE = 10
ALARMS_AT_ONCE = 3
"""CloudWatch takes three PutMetricAlarm a second, and three DeleteAlarms (CloudWatch quotas)."""
SCHEDULES_AT_ONCE = 50
"""Of a batch of scheduled actions (botocore model)."""


def has_flipped(look: Look) -> bool:
    """Whether the settings of new are at work, so that new is where its owner changes them.

    Where the service itself had both processes suspended, no side is ever armed: from the switch on it is new.
    """
    release = look.release
    exempt = service_suspends(release)
    if exempt >= AUTOSCALER:
        return release.passed("moved")
    return release.passed("moving") and armed(look.new, exempt)


def still_twins(look: Look) -> Answer:
    """New, which is about to be armed, still has the settings that old has: nobody but the owner writes any there."""
    release, scaling = look.release, look.fleet.scaling
    if release.way != TWINS or release.first or not release.passed("moving") or has_flipped(look):
        return DONE
    if not (release.picture.old.policies or release.picture.old.schedules):
        return DONE
    if unseen := settings_of(look, release.old, release.new):
        return unseen
    ours, theirs = (upcoming(scaling[name], look.fleet.at) for name in (release.old, release.new))
    if are_twins(ours, theirs, (release.old, release.new)):
        return DONE
    return Waiting(edits.no_twins_any_more(release.old, release.new, difference(ours, theirs)))


def followed(look: Look) -> Answer:
    """The copies on new are of what old still has, and the picture is of that, too."""
    release, scaling = look.release, look.fleet.scaling
    if not release.passed("moving"):
        return DONE
    ours, theirs = scaling[release.old], scaling[release.new]
    gone = _gone_from_old(look)
    if not gone.all:
        return DONE
    sentence = edits.to_go_as_well(release.new, gone.all, release.old)
    if wait := believed_in_time(look, max(release.begun_at, release.put_at), _gone_from_old, sentence):
        return wait
    if (left := gone & named(theirs)).all:
        return next(plainly(look, action, whys.gone_from(release.old)) for action in removals(release.new, left))
    return Recorded(_learned(release, ours), edits.settings_removed(release.old, gone.all), agreeing=AGREEING)


def pictured(look: Look) -> Answer:
    """The picture has what old has by now, where its owner has changed something or put something new."""
    release, ours = look.release, look.fleet.scaling[look.release.old]
    side = release.picture.old
    if not release.passed("moving") or alike(ours, scaling_of(side)):
        return DONE
    return Recorded(_learned(release, ours), edits.settings_changed(side.name), agreeing=AGREEING)


def has_none(release: Release) -> bool:
    """Whether there is nothing to move yet: the owner may put the first setting while new comes up."""
    return release.way == MOVE and not _pictured(release).all


def given_to_both(look: Look) -> bool:
    """Whether the owner has put the same onto both groups, where nothing was to be moved: each keeps its own."""
    release, both = look.release, (look.release.old, look.release.new)
    ours, theirs = (look.fleet.scaling[name] for name in both)
    return has_none(release) and not release.put_at and bool(named(ours).all) and are_twins(ours, theirs, both)


def has_served(release: Release) -> bool:
    """Whether new, with the copies on it, was the side that serves, and where its owner changes them.

    Behind the switch it was; before that, once an old instance was told to leave.
    """
    return _is_copied(release) and (release.passed("moved") or release.told_at > 0)


def _is_copied(release: Release) -> bool:
    return release.copied and release.passed("moving")


def put_by(release: Release) -> float:
    """Return when settings were put onto new last, at the latest: at the switch, whatever else the record says."""
    doors = release.milestones
    return max(release.put_at, doors.get("moved", doors.get("moving", 0.0)))


def gone_from_new(look: Look) -> Named:
    """Return what new has had, and has no more, by its names on old."""
    release = look.release
    back = Names(release.new, release.old)
    alarms = frozenset(back.counterpart(name) for name in look.fleet.alarms)
    return _pictured(release) - (named(look.fleet.scaling[release.new], back) | Named(alarms=alarms))


def taken_off_new(look: Look) -> Answer:
    """Old has none of what was taken off new while that served; from then on what new lacks was taken off by us.

    That is on record, and sealed, before the first copy goes, whether new has served or not.
    """
    release = look.release
    if not _is_copied(release):
        return DONE
    ours = Recorded(attrs.evolve(release, copied=False), edits.copies_can_go(release.new))
    if not has_served(release):
        return ours
    if unseen := what_moves(look):
        return unseen
    gone = _taken_off_new(look)
    if not gone.all:
        return ours
    sentence = edits.to_go_as_well(release.old, gone.all, release.new)
    if wait := believed_in_time(look, put_by(release), _taken_off_new, sentence):
        return wait
    return next(plainly(look, action, whys.gone_from(release.new)) for action in removals(release.old, gone))


def follow_deletions(look: Look) -> Answer:
    """Old has none of what its owner took off new, which serves: that is asked while all of old can still come back.

    Where neither the copies nor the seal tell that new had it, an absence says nothing: a person is asked.
    """
    release = look.release
    if release.way != MOVE or has_none(release):
        return DONE
    if unseen := what_moves(look):
        return unseen
    gone = _taken_off_new(look)
    if not gone.all:
        return DONE
    sentence = edits.to_go_as_well(release.old, gone.all, release.new)
    if wait := believed_in_time(look, put_by(release), _taken_off_new, sentence):
        return wait
    if not (release.copied and is_sealed(look)):
        return only_on(release.old, release.new, gone, release.service)
    going = gone | _alarms_of_these(look, gone)
    return next(plainly(look, action, whys.gone_from(release.new)) for action in removals(release.old, going))


def is_sealed(look: Look) -> bool:
    """Whether the groups' tags carry a seal: then the record fits it, or this run has written both."""
    return all(SEAL in group.tags for group in (look.old, look.new))


def _alarms_of_these(look: Look, gone: Named) -> Named:
    """Return old's alarms that act through policies that go alone: whose they are could not be told afterwards."""
    policies = look.fleet.scaling[look.release.old].policies
    staying = {name for one in policies if name_of(one, POLICY) not in gone.policies for name in alarms_of(one)}
    going = {name for one in policies if name_of(one, POLICY) in gone.policies for name in alarms_of(one)}
    return Named(alarms=(frozenset(going - staying) & _pictured(look.release).alarms))


def only_on(group: str, other: str, left: Named, service: str) -> Blocked:
    """Return the question what is to become of settings that one group alone has, with a command for each."""
    ways = (
        *(hints.policy_removed(group, name) for name in sorted(left.policies)),
        *(hints.schedule_removed(group, name) for name in sorted(left.schedules)),
        *(hints.alarm_removed(group, name) for name in sorted(left.alarms)),
    )
    them = fits(left.all, "it", "them")
    return Blocked(
        edits.only_here(group, left.all, other),
        f"put {them} onto {other}, or take {them} off {group}: {', '.join(ways)}, then `bluegreen resume {service}`",
    )


def not_returned(look: Look) -> Answer:
    """What a finish has taken off old, and new has no more either, is known to be gone."""
    gone = _lost(look)
    if not gone.all:
        return DONE
    sentence = edits.not_seen(look.release.new, gone.all)
    return believed_in_time(look, look.release.milestones.get("moving", 0.0), _lost, sentence) or DONE


def removals(group: str, left: Named) -> Iterable[Plain]:
    """Yield what takes settings off a group, the alarms first: they act through policies."""
    if left.alarms:
        yield RemoveAlarms(group, tuple(sorted(left.alarms))[:ALARMS_AT_ONCE])
    if left.policies:
        yield RemovePolicies(group, tuple(sorted(left.policies))[:POLICIES_AT_ONCE])
    if left.schedules:
        yield RemoveSchedules(group, tuple(sorted(left.schedules))[:SCHEDULES_AT_ONCE])


def _gone_from_old(look: Look) -> Named:
    """Return what old had and has no more, by its names on new."""
    release = look.release
    names = Names(release.old, release.new)
    return named(scaling_of(release.picture.old), names) - named(look.fleet.scaling[release.old], names)


def _taken_off_new(look: Look) -> Named:
    return gone_from_new(look) & named(look.fleet.scaling[look.release.old])


def _lost(look: Look) -> Named:
    return gone_from_new(look) - named(look.fleet.scaling[look.release.old])


def _pictured(release: Release) -> Named:
    return named(scaling_of(release.picture.old))


def _learned(release: Release, ours: Scaling) -> Release:
    old = release.picture.old
    now = with_tags(ours, old.alarms)
    side = attrs.evolve(old, policies=now.policies, schedules=now.schedules, alarms=now.alarms)
    return attrs.evolve(release, picture=attrs.evolve(release.picture, old=side))


def believed_in_time(look: Look, since: float, gone: Callable[[Look], Named], sentence: str) -> Waiting | None:
    """Return what is waited for until an absence, or a change, can be believed."""
    if look.taken < (until := since + STALE):
        return Waiting(sentence, until)
    now = gone(look)
    if look.steady(AGREEING, lambda view: gone(view).all >= now.all, moving(look.release)):
        return None
    return Waiting(sentence)

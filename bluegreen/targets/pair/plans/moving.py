"""The steps by which scaling settings move with the service, where the idle group has none of its own.

They are put onto the suspended new group and compared there before it is armed; the old group keeps its own until the
release is finished, so that a rollback only takes the copies away.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from bluegreen.flow.answers import DONE, Done, Recorded, Waiting
from bluegreen.flow.guards import STALE
from bluegreen.targets.pair.model.actions import PutAlarms, PutPolicies, PutSchedules
from bluegreen.targets.pair.model.copies import Copies, Named, copies, lacking, named, only, unlike, with_tags
from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import MOVE, Release
from bluegreen.targets.pair.model.twins import ALARM, POLICY, SCHEDULE, Names, Setting, name_of
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import alarms_called, moved_names, scaling_of, what_moves
from bluegreen.targets.pair.plans.due import plainly, put
from bluegreen.targets.pair.plans.owner import (
    ALARMS_AT_ONCE,
    POLICIES_AT_ONCE,
    SCHEDULES_AT_ONCE,
    followed,
    given_to_both,
    has_flipped,
    has_none,
    not_returned,
    only_on,
    pictured,
    removals,
    still_twins,
    taken_off_new,
)
from bluegreen.targets.pair.plans.steps import first_due
from bluegreen.targets.pair.sentences import edits, whys


def copy_settings(look: Look) -> Answer:
    """New has the policies, alarms and scheduled actions that old has, field by field, and no others of old's.

    Once new is armed, they are its own: what its owner takes off there is not put again.
    """
    release = look.release
    if release.way != MOVE:
        return still_twins(look)
    if has_flipped(look):
        return DONE
    if (release.copied or has_none(release)) and not release.passed("moving"):
        return DONE
    if unseen := what_moves(look):
        return unseen
    ours, theirs = (look.fleet.scaling[name] for name in (release.old, release.new))
    done = attrs.evolve(release, copied=True)
    read = DONE if release.copied else Recorded(done, edits.has_settings_of(release.new, release.old))
    if given_to_both(look):
        return read
    wanted = copies(with_tags(ours, release.picture.old.alarms), theirs, Names(release.old, release.new), look.fleet.at)
    if missing := put_first(look, release.new, wanted, theirs, look.fleet.scaling[release.new].alarms):
        return missing
    if not isinstance(follows := first_due(followed(look), pictured(look)), Done):
        return follows
    return read


def return_settings(look: Look) -> Answer:
    """Old has the settings again that a finish, taken back, had removed from it: as new has them today."""
    release, scaling = look.release, look.fleet.scaling
    if release.way != MOVE or not release.passed("retiring") or has_none(release):
        return DONE
    if unseen := what_moves(look):
        return unseen
    there = scaling[release.old]
    wanted = only(as_on_old(look), named(scaling_of(release.picture.old)))
    return put_first(look, release.old, wanted, there, there.alarms) or not_returned(look)


def as_on_old(look: Look) -> Copies:
    """Return what new has, each as it would be on old."""
    release, scaling = look.release, look.fleet.scaling
    ours = with_tags(scaling[release.new], _tags_on_new(release))
    return copies(ours, scaling[release.old], Names(release.new, release.old), look.fleet.at)


def _tags_on_new(release: Release) -> Iterable[Setting]:
    """Yield old's alarms by the names that they have on new, for their tags: a look asks for none."""
    names = Names(release.old, release.new)
    return ({**alarm, ALARM: names.counterpart(name_of(alarm, ALARM))} for alarm in release.picture.old.alarms)


def put_first(look: Look, group: str, wanted: Copies, there: Scaling, alarms: tuple[Setting, ...]) -> Answer | None:
    """Return what puts the first settings that ``group`` lacks, or ``None``: alarms act through policies.

    Of an alarm that it does not have it is asked first whether there is one of that name.
    """
    policies = lacking(wanted.policies, there.policies, POLICY)[:POLICIES_AT_ONCE]
    if policies:
        return put(look, PutPolicies(group, policies), _differing(policies, there.policies, POLICY))
    lacks = lacking(wanted.alarms, alarms, ALARM)[:ALARMS_AT_ONCE]
    if lacks:
        there_are = {name_of(one, ALARM) for one in alarms}
        first = tuple(name for one in lacks if (name := name_of(one, ALARM)) not in there_are)
        return alarms_called(look, first) or put(look, PutAlarms(group, lacks), _differing(lacks, alarms, ALARM))
    schedules = lacking(wanted.schedules, there.schedules, SCHEDULE)[:SCHEDULES_AT_ONCE]
    if schedules:
        return put(look, PutSchedules(group, schedules), _differing(schedules, there.schedules, SCHEDULE))
    return None


def _differing(wanted: Iterable[Setting], there: Iterable[Setting], key: str) -> str:
    """Say of the first setting in what it is not as it is to be."""
    first = next(iter(wanted))
    found = {name_of(one, key): one for one in there}.get(name_of(first, key))
    return whys.lacks(() if found is None else tuple(unlike(first, found)))


# ---- taken off again ----


def strip_old(look: Look) -> Answer:
    """Old has no scaling settings any more: they have moved to new."""
    return _bare(look, look.release.old, look.release.new)


def strip_new(look: Look) -> Answer:
    """New has none of the copies any more, and old nothing that was taken off new while that served."""
    if look.release.way != MOVE:
        return DONE
    return first_due(taken_off_new(look), _bare(look, look.release.new, look.release.old))


def _bare(look: Look, group: str, other: str) -> Answer:
    release, scaling = look.release, look.fleet.scaling
    if release.way != MOVE:
        return DONE
    if has_none(release):
        return DONE
    if unseen := what_moves(look):
        return unseen
    there = named(scaling[other], Names(other, group))
    left = (moved_names(release, group) | there) & (named(scaling[group]) | Named(alarms=frozenset(look.fleet.alarms)))
    if (lost := _only_here(release, left, there)).all:
        return only_on(group, other, lost, release.service)
    if not left.all and look.taken < (until := release.put_at + STALE):
        return Waiting(edits.may_not_be_seen_yet(group), until)
    why = whys.moved_to(other) if group == release.old else whys.copies_of(other)
    return first_due(*(plainly(look, action, why) for action in removals(group, left)))


def _only_here(release: Release, left: Named, there: Named) -> Named:
    """Return what nobody would have any more: a copy may have been taken off by hand since it was made.

    In a rollback before anything was retired, old has had its own all the time, or its owner took it off.
    """
    return attrs.evolve(left - there, alarms=frozenset()) if release.passed("retiring") else Named()

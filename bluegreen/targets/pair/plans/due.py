"""Actions that are due, each with the release as it must be on record before it is sent.

An action that says nothing for the record is handed to :func:`plainly`; every other one is to be had from its own
function alone, which knows what it has to leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from bluegreen.flow import answers
from bluegreen.targets.pair.model.actions import (
    Action,
    Detach,
    EnterStandby,
    ExitStandby,
    Flip,
    Mark,
    PutAlarms,
    PutPolicies,
    PutSchedules,
    Register,
    RemoveAlarms,
    RemovePolicies,
    RemoveReleaseTags,
    RemoveSchedules,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
    Unmark,
    Unprotect,
    UntagGroup,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.fleet import PROCESSES, THEIRS, Balancer
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import MARK, ROLLBACK, Release
from bluegreen.targets.pair.plans.answers import Due
from bluegreen.targets.pair.sentences.acts import act

Plain = (
    TagGroup
    | UntagGroup
    | WriteReleaseTags
    | RemoveReleaseTags
    | Detach
    | Terminate
    | Unmark
    | Unprotect
    | RemovePolicies
    | RemoveAlarms
    | RemoveSchedules
)
"""What a look shows to be done, or to be lacking still: nothing about it needs to be on record."""


def plainly(look: Look, action: Plain, why: str = "", hint: str = "") -> Due:
    """An action of which the record has nothing to say; ``hint`` is for where AWS refuses it for good."""
    return due(look, action, why, look.release, hint)


def due(look: Look, action: Action, why: str, record: Release, hint: str = "") -> Due:
    """An action with its record, told with the values that the look shows."""
    return answers.Due(action, why, record, hint, act(action, look.fleet))


def resize(look: Look, group: str, why: str, *, min: int | None = None, max: int | None = None) -> Due:
    """Bounds that are known as ours from then on, so that any other is somebody's edit."""
    release = look.release.write(group, min=min, max=max)
    if group == release.new and min and not release.launched_at:
        release = attrs.evolve(release, launched_at=look.fleet.at)
    if group == release.old:
        release = _returning(release)
    return due(look, Resize(group, min=min, max=max), why, release)


def enter_standby(look: Look, group: str, ids: Iterable[str], why: str = "") -> Due:
    """Old instances that are told to leave, and how many are to serve without them; after the switch, once again."""
    wave, release = tuple(ids), look.release
    moved = release.passed("moved")
    if moved:
        release = _appeared(look)
    leaving, returning = release.leaving | set(wave), release.returning - set(wave)
    told = attrs.evolve(release, leaving=leaving, returning=returning, told_at=look.now)
    record = told if moved else attrs.evolve(told, after_wave=_left(look, wave))
    return due(look, EnterStandby(group, wave), why, record)


def exit_standby(look: Look, group: str, ids: Iterable[str], why: str = "") -> Due:
    """Old instances that are told to come back."""
    wave, release = tuple(ids), _returning(look.release)
    leaving, returning = release.leaving - set(wave), release.returning | set(wave)
    return due(look, ExitStandby(group, wave), why, attrs.evolve(release, leaving=leaving, returning=returning))


def register(look: Look, balancer: Balancer, ids: Iterable[str], why: str) -> Due:
    """Old instances that get requests again at once."""
    return due(look, Register(balancer, tuple(ids)), why, _returning(look.release))


def mark(look: Look, ids: Iterable[str], why: str) -> Due:
    """Instances that get this release's mark; what looks older than that is not believed."""
    return due(look, Mark(tuple(ids), MARK, look.release.id), why, attrs.evolve(look.release, told_at=look.now))


def put(look: Look, action: PutPolicies | PutAlarms | PutSchedules, why: str) -> Due:
    """Scaling settings that are put, and when."""
    return due(look, action, why, attrs.evolve(look.release, put_at=look.now))


def suspend(look: Look, group: str, processes: Iterable[str], why: str) -> Due:
    """Processes that rest from then on by our will."""
    action = Suspend(group, processes)
    return due(look, action, why, _rests(look.release, group, action.processes, rests=True))


def resume(look: Look, group: str, processes: Iterable[str], why: str) -> Due:
    """Processes that are at work again by our will."""
    action = Resume(group, processes)
    return due(look, action, why, _rests(look.release, group, action.processes, rests=False))


def flip(look: Look, on: Resume, off: Suspend, why: str) -> Due:
    """One side's processes at work, and the other's at rest, in one action."""
    return due(look, Flip(on, off), why, _rests(look.release, off.group, off.processes, rests=True))


def _rests(release: Release, group: str, processes: Iterable[str], *, rests: bool) -> Release:
    """Return the release that knows whose will it is that processes rest; ours come and go with a release anyway."""
    counted = set(processes) & (PROCESSES if release.goal == ROLLBACK else THEIRS)
    return release.write(group, **dict.fromkeys(sorted(counted), int(rests)))


def _returning(release: Release) -> Release:
    """Return the release that knows that a rollback has done something for old to serve again."""
    return attrs.evolve(release, returns=True) if release.goal == ROLLBACK else release


def _left(look: Look, wave: tuple[str, ...]) -> dict[str, int]:
    """Return how many may serve in each balancer once a wave has left it."""
    return {one: look.may_serve(one) - len({*look.hoped(look.old, one)} & {*wave}) for one in look.wanted}


def _appeared(look: Look) -> Release:
    """Return the release that knows the old instances that appeared again after the switch, and since when.

    In service, or about to be: all of them at once.
    """
    release, back = look.release, frozenset(i.id for i in (*look.old.in_service, *look.old.arriving))
    since = release.reparked_at if release.reparked else look.now
    return attrs.evolve(release, reparked=release.reparked | back, reparked_at=since)

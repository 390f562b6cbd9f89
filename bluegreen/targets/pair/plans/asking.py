"""What steps ask for beyond groups and balancers: each returns ``Unseen`` until the look has it, then ``None``. Pure.

Of alarms, all that any step of a release asks for are asked for at once: that is one call.
"""

from __future__ import annotations

from bluegreen.targets.pair.model.activities import MARGIN
from bluegreen.targets.pair.model.copies import Named, named
from bluegreen.targets.pair.model.fleet import Fleet, Group, Question, Scaling
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.metering import counted
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import MOVE, Release, Side
from bluegreen.targets.pair.model.twins import Names
from bluegreen.targets.pair.plans.answers import Unseen

TRIES = 600.0
"""Seconds in which a failed launch was tried again, and worth telling while it is waited for."""


def standing(release: Release, now: float) -> Question:
    """Return what each look for a release asks for at once at ``now`` (POSIX seconds).

    That are the figures that always count: what demand is told by, and the instances that are retired, or kept. Of a
    release that is over it is where its scaling settings are, if they moved: that tells its end from what was before.
    """
    both = (release.old, release.new)
    moved = not release.open and release.way == MOVE and bool(named(scaling_of(release.picture.old)).all)
    return Question(
        both,
        machines=release.retire,
        metrics=counted(release, now),
        scaling=both if moved else (),
        patchy=True,
        hooks=True,
    )


def what_counts(look: Look) -> Unseen | None:
    """The metrics that count in demand; what a look teaches of the release may add to those that were asked for."""
    return look.unseen(More(metrics=counted(look.release, look.now)))


def guarding_alarms(look: Look) -> Unseen | None:
    """The alarms that guard the release."""
    if not look.fleet.lacks(More(alarms=look.release.terms.alarms)):
        return None
    return look.unseen(More(alarms=_alarms(look.release)))


def alarms_called(look: Look, names: tuple[str, ...]) -> Unseen | None:
    """Whether there are alarms of these ``names``, and what they do."""
    return look.unseen(More(alarms=names))


def settings_of(look: Look, *groups: str) -> Unseen | None:
    """The scaling settings of ``groups``."""
    return look.unseen(More(scaling=groups))


def what_moves(look: Look) -> Unseen | None:
    """The scaling settings of both sides, and the alarms that settings on the move may have left over."""
    return look.unseen(moving(look.release))


def moving(release: Release) -> More:
    """Return all that is read of scaling settings while they move."""
    return More(scaling=(release.old, release.new), alarms=_alarms(release))


def is_read(fleet: Fleet, release: Release) -> bool:
    """Whether a look has the scaling settings of both sides."""
    return not fleet.lacks(More(scaling=(release.old, release.new)))


def launches_of_new(look: Look) -> Unseen | None:
    """What became of the launches of new since the release launched its first instance, if it has."""
    launched = look.release.launched_at
    return look.unseen(More(activities=((look.release.new, launched),))) if launched else None


def tries_of(look: Look, group: Group) -> Unseen | None:
    """What happened to a group since shortly before something has progressed last."""
    return look.unseen(More(activities=((group.name, max(0.0, look.release.progressed_at - TRIES)),)))


def returns_of_old(look: Look) -> Unseen | None:
    """What happened to old since the switch."""
    return look.unseen(More(activities=((look.release.old, look.release.milestones.get("moved", 0.0)),)))


def members_of_old(look: Look) -> Unseen | None:
    """What happened to old since the release began: it tells who was a member."""
    return look.unseen(members(look.release))


def members(release: Release) -> More:
    """Return what tells who was a member of old."""
    return More(activities=((release.old, max(0.0, release.begun_at - MARGIN)),))


def _alarms(release: Release) -> tuple[str, ...]:
    if release.way != MOVE:
        return release.terms.alarms
    moved = {name for group in (release.old, release.new) for name in moved_names(release, group).alarms}
    return tuple(dict.fromkeys((*release.terms.alarms, *sorted(moved))))


def moved_names(release: Release, group: str) -> Named:
    """Return what the settings that move in a release are called on ``group``."""
    settings, names = scaling_of(release.picture.old), Names(release.old, release.new)
    return named(settings) if group == release.old else named(settings, names)


def scaling_of(side: Side) -> Scaling:
    """Return the settings of a group as they were when the release began."""
    return Scaling(policies=side.policies, schedules=side.schedules, alarms=side.alarms)

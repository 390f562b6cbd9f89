"""What the owner puts to nothing, at night or for good: it is no failure, and says nothing of an image. Pure."""

from __future__ import annotations

import re

import attrs

from bluegreen.targets.pair.model.activities import LAUNCH, READ
from bluegreen.targets.pair.model.fleet import Fleet, Group, Question
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import Release
from bluegreen.values import changed

CHANGED = re.compile(r"changing the desired capacity from \d{1,9} to (\d{1,9})\b", re.A)
"""What AWS writes of a change of desired capacity, by a person, a schedule or a policy (user guide: verify a scaling
activity). A replacement of what is unhealthy tells of none.
"""


def wants_none(look: Look) -> bool:
    """Whether the owner has put new to nothing."""
    return put_to_nothing(look.new)


def put_to_nothing(group: Group) -> bool:
    """Whether a group is wanted as nothing, and not emptied by parking what it had."""
    return group.desired == 0 and not group.parked and not group.parking


def sleeps(look: Look) -> bool:
    """Whether new, since the switch, is at nothing by its owner's wish, or woken, and none has come to serve yet."""
    served = look.release.after_wave
    return look.release.passed("moved") and (wants_none(look) or (bool(served) and not any(served.values())))


def wakes(look: Look) -> bool:
    """Whether what new is asked for since it was at nothing is on its way, for no longer than the progress deadline.

    It was launched within that time, and nothing in as much time before: what dies and is launched again and again is
    not. Of a group that lists nothing, and tells of no launch, the first is about to begin. The look must have asked
    for new's activities of twice the progress deadline.
    """
    new, patience = look.new, look.release.terms.progress_deadline
    launches = [a.started for a in look.fleet.told(new.name) if a.description.startswith(LAUNCH)]
    if not launches:
        return not new.instances and "Launch" not in new.suspended
    return min(launches) > look.fleet.at - patience and len(new.instances) <= len(launches)


def asked_of_the_owner(question: Question, release: Release, seen_at: float) -> Question:
    """Return the question with new's activities, where a release bakes that was last seen to progress at ``seen_at``.

    That is in POSIX seconds.
    """
    if release.phase is not Phase.BAKING:
        return question
    since = max(release.milestones["moved"], seen_at)
    return attrs.evolve(question, activities=((release.new, since),))


def edited_meanwhile(release: Release, fleet: Fleet) -> Release:
    """Return the release with no more to lose than new was asked for, at its least, in the activities of ``fleet``.

    Whoever looks sees that at once. Where nobody did, what was scaled in and grows again would look like a loss.
    """
    ours = (a.cause[:READ] for a in fleet.activities if a.group == release.new)
    wished = [int(to) for cause in ours for to in CHANGED.findall(cause)]
    least = {one: min(count, *wished) for one, count in release.after_wave.items()} if wished else release.after_wave
    return changed(release, after_wave=least)

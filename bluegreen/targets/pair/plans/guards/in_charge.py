"""A release that another record has adopted or overtaken, by the groups' tags, is left to that record."""

from __future__ import annotations

from bluegreen.flow.answers import Blocked, Done, Due, Failed, Recorded, Unsure, Waiting
from bluegreen.targets.pair.model.actions import ExitStandby, Register, Resize
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import DEPLOY, ROLLBACK
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.release_tags.told import in_charge_instead, unclaimed
from bluegreen.targets.pair.sentences import claimed


def disowned(answer: Answer, look: Look) -> Answer:
    """Nothing is done for a release that another record has adopted, or overtaken, but to bring old back.

    Whoever may write the groups' tags can write that: it stops no rollback before old serves, whoever asks for it, nor
    that a deployment turns to one, and takes nothing away.
    """
    release = look.release
    returns = release.phase is Phase.RETURNING and only_brings_back(answer, look)
    if returns or (isinstance(answer, Failed) and may_turn_back(look)):
        return answer
    return watched(answer, _left_to_others(answer, look), look)


def left_to_others(answer: Answer, look: Look) -> Answer:
    """Unasked, a rollback that is another's to carry on brings old back only where it is needed.

    A deployment failed, or fewer serve than were left.
    """
    release = look.release
    if release.goal != ROLLBACK or release.reason or _sinks(look):
        return answer
    return _left_to_others(answer, look)


def _left_to_others(answer: Answer, look: Look) -> Answer:
    theirs = in_charge_instead(look.fleet, look.release)
    if isinstance(answer, Done | Blocked) or theirs is None:
        return answer
    removals = unclaimed(look.fleet, theirs)
    return Blocked(
        claimed.another_is_in_charge(theirs.goal, theirs.image, theirs.by, theirs.id),
        f"keep one record for both (`state`, --state); where nobody works on that release, {removals} "
        f"and `bluegreen resume {look.release.service}`, or rollback, goes on",
    )


def may_turn_back(look: Look) -> bool:
    """Whether a deployment that fails is to bring back what is parked: behind the switch, or with too few that serve.

    Before it, that time has passed is another record's to judge, which may have begun it anew.
    """
    release = look.release
    if release.goal != DEPLOY or not coming(look.old):
        return False
    return release.passed("moved") or _sinks(look)


def _sinks(look: Look) -> bool:
    """Whether fewer may serve somewhere than the last wave left."""
    release, sides = look.release, (look.old, look.new)
    return any(
        sum(len(look.hoped(side, one)) for side in sides) < min(look.floor(one), release.left_serving(one))
        for one in look.wanted
    )


def watched(answer: Answer, careful: Answer, look: Look) -> Answer:
    """What must not be done ends no run on whose watch old may have to come back: it waits while the bake lasts."""
    if not isinstance(careful, Blocked) or careful is answer or not may_turn_back(look):
        return careful
    until = look.release.milestones.get("moved", 0.0) + look.release.terms.bake
    if _sinks(look):
        return Waiting(careful.reason)
    if look.now < until and not look.release.passed("deployed"):
        return Waiting(claimed.watched(careful.reason, look.new.name), until)
    return careful


def only_brings_back(answer: Answer, look: Look) -> bool:
    """Whether an answer waits, or makes more of old serve."""
    old = look.old
    match answer:
        case Due(Register(_, ids)):
            return set(ids) <= old.ids
        case Due(ExitStandby(name, _)):
            return name == old.name
        case Due(Resize(name, low, top)):
            return name == old.name and (low is None or low >= old.min) and (top is None or top >= old.max)
    return isinstance(answer, Waiting | Unsure | Recorded)

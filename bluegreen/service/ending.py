"""How a run ended, for the one who asked: an exit status, one sentence, the next thing to do."""

from __future__ import annotations

from attrs import frozen

from bluegreen.errors import INT, Status
from bluegreen.flow.answers import Blocked, Done, Paused
from bluegreen.flow.engine import Outcome, Stopped
from bluegreen.pair.release import DEPLOY, FINISH, ROLLBACK, Release


@frozen
class Ended:
    """How a command ended: its exit status, one sentence, and the next thing to do."""

    status: Status
    sentence: str
    hint: str = ""
    release: Release | None = None


def resting(release: Release) -> bool:
    """Whether the release was deployed and waits, its old instances parked, for a finish or a rollback."""
    return release.goal == DEPLOY and release.passed("deployed") and not release.first


def first_is_done(outcome: Outcome) -> bool:
    """A first release leaves nothing parked, so it is finished at once."""
    release = outcome.release
    return isinstance(outcome.answer, Done) and release.first and release.goal == DEPLOY and release.passed("deployed")


SENTENCES = {
    DEPLOY: "{image} serves; the instances of {old} are parked for a rollback",
    ROLLBACK: "{old} serves again, everything is as it was before {image}",
    FINISH: "{image} serves, the old instances are gone",
}


def resume_or_rollback(name: str) -> str:
    """Return what can be done with a release that is not over."""
    return f"`bluegreen resume {name}` carries on, `bluegreen rollback {name}` takes it back"


def ended(name: str, asked: str, outcome: Outcome) -> Ended:
    """Return how a run ended for the one who asked for ``asked``."""
    release, answer = outcome.release, outcome.answer
    resume = resume_or_rollback(name)
    if isinstance(answer, Stopped):
        status = Status.INTERRUPTED if answer.signal == INT else Status.TERMINATED
        return Ended(status, f"{name}: {answer.reason}", resume, release)
    if isinstance(answer, Blocked):
        return Ended(Status.BLOCKED, f"{name}: {answer.reason}", answer.hint, release)
    if isinstance(answer, Paused):
        return Ended(Status.PAUSED, f"{name}: {answer.reason}", resume, release)
    if release.goal == ROLLBACK and release.reason and asked != ROLLBACK:
        if release.first:
            return Ended(Status.ROLLED_BACK, f"{name}: back to zero, nothing serves: {release.reason}", "", release)
        return Ended(Status.ROLLED_BACK, f"{name}: rolled back, {release.old} serves: {release.reason}", "", release)
    if release.goal == ROLLBACK and release.first:
        return Ended(Status.OK, f"{name}: back to zero, as before {release.image}", "", release)
    sentence = SENTENCES[release.goal].format(image=release.image, old=release.old)
    return Ended(Status.OK, f"{name}: {sentence}", "", release)

"""How a run ended, for the one who asked: an exit status, one sentence, the next thing to do."""

from __future__ import annotations

from bluegreen.errors import INT, Status
from bluegreen.flow.answers import Blocked, Done, Paused
from bluegreen.flow.engine import Halted, Stopped
from bluegreen.image import typed
from bluegreen.sentences import ends
from bluegreen.targets.pair.model.asleep import put_to_nothing
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import HEALTHY, SHIFTED, UNKNOWN, Fleet, called
from bluegreen.targets.pair.model.phase import Phase
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Release
from bluegreen.targets.pair.model.shifts import shifts
from bluegreen.targets.pair.plans.answers import Outcome
from bluegreen.targets.pair.plans.readiness import absent
from bluegreen.targets.pair.sentences import ends as of_pair
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.standing import cold, taken_back_by


def first_is_done(outcome: Outcome) -> bool:
    """A first release leaves nothing parked, so it is finished at once."""
    release = outcome.release
    return isinstance(outcome.answer, Done) and release.first and release.phase is Phase.DEPLOYED


def ways_on(name: str, release: Release, carries: str = "carries on", fleet: Fleet | None = None) -> str:
    """Return what can be done with a release that is not over; ``fleet`` is the last look, where there was one.

    Nothing but an empty new side lets ``--now`` end a rollback.
    """
    resume = f"`bluegreen resume {name}`"
    if release.phase in (Phase.RESTORING, Phase.RESTORED) and not release.first:
        if fleet is not None and fleet.groups[release.new].staying:
            return f"{resume} {carries}"
        once = f", once {release.new} is empty" if fleet is None else ""
        return f"{resume} {carries}, `bluegreen rollback --now {name}` ends it with what {release.old} has{once}"
    if release.goal == ROLLBACK or not release.can_go_back:
        return f"{resume} {carries}"
    if not cold(release):
        return f"{resume} {carries}, `bluegreen rollback {name}` takes it back"
    both = f"{resume}, or `bluegreen rollback {name}`, {carries}"
    before = release.instead_of
    return (
        f"{both}; `bluegreen deploy {name} {typed(before)}` takes it back" if taken_back_by(release, before) else both
    )


def ended(name: str, asked: str, outcome: Outcome) -> Ended:
    """Return how a run ended for the one who asked for ``asked``."""
    release, answer = outcome.release, outcome.answer
    resume = ways_on(name, release, fleet=outcome.fleet)
    if isinstance(answer, Stopped):
        status = Status.INTERRUPTED if answer.signal == INT else Status.TERMINATED
        return Ended(status, f"{name}: {answer.reason}", resume, release)
    if isinstance(answer, Halted):
        return Ended(Status.UNFINISHED, f"{name}: {answer.reason}", resume, release)
    if isinstance(answer, Blocked):
        return _blocked(name, answer, outcome)
    if isinstance(answer, Paused):
        return Ended(Status.PAUSED, f"{name}: {answer.reason}", resume, release)
    if release.goal == ROLLBACK and release.urgent and not release.first and _nothing_is_healthy(outcome, release.old):
        over = f"the rollback of {release.image} is over, and no instance of {release.old} is healthy"
        return Ended(Status.BLOCKED, f"{name}: {over}", _rolls_out(name), release)
    if release.goal == ROLLBACK and release.reason and asked != ROLLBACK:
        why = release.reason
        told = ends.nothing_serves(release.image, why) if release.first else _rolled_back(outcome)
        return Ended(Status.ROLLED_BACK, f"{name}: {told}", "", release)
    if release.goal == ROLLBACK:
        told = ends.back_to_zero(release.image) if release.first else _restored(outcome)
        return Ended(Status.OK, f"{name}: {told}", "", release)
    left = _way_back(outcome) if release.goal == DEPLOY else _retired(outcome)
    if outcome.fleet is not None and put_to_nothing(outcome.fleet.groups[release.new]):
        return Ended(Status.OK, f"{name}: {_joined(left, of_pair.asleep(release.new))}", "", release)
    if release.goal == FINISH and _nothing_is_healthy(outcome, release.new):
        over = _joined(left, f"no instance of {release.new} is healthy")
        return Ended(Status.BLOCKED, f"{name}: {over}", _rolls_out(name), release)
    serves = ends.live(release.image, release.new, _healthy(outcome, release.new))
    return Ended(Status.OK, f"{name}: {_joined(serves, left)}{_where_nothing_serves(release)}", "", release)


def _joined(*told: str) -> str:
    return "; ".join(filter(None, told))


def _rolled_back(outcome: Outcome) -> str:
    """Return that a deployment has been taken back by itself, and why."""
    release = outcome.release
    serves = ends.live(_before(release), release.old, _healthy(outcome, release.old))
    told = ends.taken_back if release.asked_by else ends.rolled_back
    return told(_joined(serves, _made_up(outcome)), release.image, release.reason)


def _restored(outcome: Outcome) -> str:
    """Return that a deployment has been taken back as a person asked for."""
    release = outcome.release
    serves = ends.live_again(_before(release), release.old, _healthy(outcome, release.old))
    over = _joined(ends.restored(serves, release.image), _made_up(outcome))
    return f"{over}{_where_nothing_serves(release)}{_shifted(outcome)}"


def _before(release: Release) -> str:
    """Return what ran before, as people call it."""
    return release.picture.old.image or "what ran before"


def _healthy(outcome: Outcome, name: str) -> int | None:
    """Return how many instances of a group are healthy, in the last look."""
    if (fleet := outcome.fleet) is None:
        return None
    group = fleet.groups[name]
    return sum(i.in_service and fleet.healthy(group, i.id) for i in group.instances)


def _rolls_out(name: str) -> str:
    return f"`bluegreen deploy {name} IMAGE` rolls out one that gets well"


def _way_back(outcome: Outcome) -> str:
    """Return what is kept for a rollback; nothing is where old's owner wanted none of it before it was parked."""
    release = outcome.release
    if outcome.fleet is not None and not coming(outcome.fleet.groups[release.old]):
        return of_pair.none_parked(release.old)
    deployed = release.milestones.get("deployed", release.begun_at)
    return of_pair.parked(_before(release), release.old, deployed + release.terms.keep_parked)


def _retired(outcome: Outcome) -> str:
    """Return what has become of the old instances: those that a person kept run on, in no group."""
    release, machines = outcome.release, {} if outcome.fleet is None else outcome.fleet.machines
    kept = [i for i in release.retire if i in machines and not machines[i].gone] if release.keep else []
    image = release.picture.old.image or ""
    if kept:
        return of_pair.kept(sorted(kept), image)
    return of_pair.terminated(len(release.retire), image) if release.retire else ""


def _blocked(name: str, answer: Blocked, outcome: Outcome) -> Ended:
    """Return what is in the way; a deleted balancer, too: nothing launches behind one (user guide, troubleshooting)."""
    lacks = () if outcome.fleet is None else [one for one in absent(outcome.fleet) if one.sentence not in answer.reason]
    told = "; ".join((answer.reason, *(lack.sentence for lack in lacks)))
    hints = *(lack.hint for lack in lacks), *filter(None, answer.hint.split("\n"))
    return Ended(Status.BLOCKED, f"{name}: {told}", hints, outcome.release)


def _made_up(outcome: Outcome) -> str:
    """Return that old wants more than before, where fresh ones make up for what was not well, or nothing."""
    release, before = outcome.release, outcome.release.picture.old.desired
    wants = 0 if outcome.fleet is None else outcome.fleet.groups[release.old].desired
    if not release.needed or wants <= before:
        return ""
    return of_pair.more_than_before(wants, before)


def _shifted(outcome: Outcome) -> str:
    """Return the end of a sentence where a zonal shift keeps the requests from old, or nothing."""
    found = () if outcome.fleet is None else shifts(outcome.fleet, outcome.fleet.groups[outcome.release.old])
    return "".join(f"; {one}" for one in found)


def _nothing_is_healthy(outcome: Outcome, name: str) -> bool:
    """Whether the last look shows no instance of a group that may serve: what was asked for is over all the same.

    That a zonal shift keeps the requests from all is no fault of theirs.
    """
    fleet = outcome.fleet
    if fleet is None:
        return False
    group = fleet.groups[name]
    return not any({HEALTHY, UNKNOWN, SHIFTED} & set(fleet.states(group, i.id)) for i in group.in_service)


def _where_nothing_serves(release: Release) -> str:
    """Return the end of a sentence: where no instance was healthy in the whole release, or what was set aside."""
    sides = (release.old, release.new)
    dead = (one for one in release.passed_by if not any(release.most_healthy(side, one) for side in sides))
    nowhere = sorted({called(balancer) for balancer in (*dead, *release.without)})
    return f"; not counting {', '.join(nowhere)}, where nothing had to serve" if nowhere else ""

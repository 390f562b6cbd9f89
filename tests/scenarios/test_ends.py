"""A rollback or a finish can be ended: what cannot be had is told in AWS's words, and what a hint names leads on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.ec2.faults import NO_CAPACITY, NO_IMAGE
from tests.support.hands import asked, in_balancers, obey
from tests.support.moments import once
from tests.support.story import Crash
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, left_over

NOTHING_LAUNCHES = {"no capacity": NO_CAPACITY, "the AMI is gone": NO_IMAGE}


def resting() -> tuple[Pair, Watch]:
    """Return a pair whose green side serves v2 while three instances of v1 are parked."""
    pair = virtual(instances=3)
    watch = Watch(pair, 3)
    pair.service().deploy("v2")
    pair.run_for(60)
    return pair, watch


def one_falls_sick(pair: Pair) -> None:
    """One instance of v1 stops to answer, for good; its group checks EC2 alone and keeps it."""
    pair.sim.sicken(min(pair.sim.states(BLUE)))


def one_dies(pair: Pair) -> None:
    """One instance of v1 ends."""
    pair.sim.kill(min(pair.sim.states(BLUE)))


def all_fall_sick(pair: Pair) -> None:
    """Every instance of v1 stops to answer."""
    for instance in sorted(pair.sim.states(BLUE)):
        pair.sim.sicken(instance)


@pytest.mark.parametrize("words", NOTHING_LAUNCHES.values(), ids=NOTHING_LAUNCHES)
@pytest.mark.parametrize("strike", [one_falls_sick, one_dies])
def test_rollback_now_takes_new_away_where_one_of_old_stays_sick_or_dead(words, strike) -> None:
    """4 with AWS's words; the two that serve then are what the hint says, and typing it ends the release."""
    pair, _ = resting()
    strike(pair)
    pair.sim.fail_launches(BLUE, words, count=1000)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, True) == (ended.status, words in ended.sentence)
    assert "2 instances of web-blue then serve alone" in ended.hint
    ended = obey(pair, ended.hint, choice=1)
    pair.run_for(60)
    assert (Status.OK, 2, {}) == (ended.status, len(pair.sim.healthy(BLUE)), left_over(pair))


def test_rollback_now_waits_for_what_is_being_checked() -> None:
    """Three come back, each is checked for 20 s: new goes when they serve, and not before."""
    pair = virtual(instances=3, interval=10.0, threshold=2, balancers=("classic",))
    watch = Watch(pair, 3)
    pair.service().deploy("v2")
    pair.run_for(60)
    ended = pair.service().rollback(urgent=True)
    assert (Status.OK, 3, []) == (ended.status, len(pair.sim.healthy(BLUE)), watch.broken)


def failed_release(strike: Callable[[Pair], None], words: str) -> Pair:
    """Return a pair whose deployment of a bad image comes while old loses some and can launch nothing."""
    pair = virtual(instances=3)

    def loses() -> None:
        strike(pair)
        pair.sim.fail_launches(BLUE, words, count=1000)

    once(pair, lambda _: bool(pair.sim.states(GREEN)), loses)
    return pair


@pytest.mark.parametrize("words", NOTHING_LAUNCHES.values(), ids=NOTHING_LAUNCHES)
@pytest.mark.parametrize("strike", [one_falls_sick, one_dies])
def test_a_rollback_that_lacks_one_of_old_can_be_ended_and_a_hotfix_gets_through(words, strike) -> None:
    """New has gone, so that nothing is lost by the end; as without a release, the hotfix serves then."""
    pair = failed_release(strike, words)
    ended = pair.service().deploy("bad-1")
    assert (Status.BLOCKED, True) == (ended.status, words in ended.sentence)
    with pytest.raises(Refused) as refusal:
        pair.service().deploy("v2")
    assert "`bluegreen rollback --now web` ends it with what web-blue has" in refusal.value.hint
    assert "ends the rollback all the same: 2 instances of web-blue then serve alone" in ended.hint
    assert Status.OK == obey(pair, ended.hint, choice=1).status
    assert (Status.OK, {"v2"}) == (pair.service().deploy("v2").status, pair.images(GREEN))
    assert len(pair.sim.healthy(GREEN)) >= 3


def test_a_rollback_of_which_nothing_of_old_is_healthy_can_be_ended() -> None:
    """It says so, with 4, and the hotfix gets through."""
    pair = failed_release(all_fall_sick, NO_IMAGE)
    ended = pair.service().deploy("bad-1")
    assert (Status.BLOCKED, True) == (ended.status, NO_IMAGE in ended.sentence)
    while "rollback --now" not in ended.hint:
        ended = pair.service().resume()
    ended = obey(pair, ended.hint, choice=1)
    told = "web: the rollback of bad-1 is over, and no instance of web-blue is healthy"
    assert (Status.BLOCKED, told, None) == (ended.status, ended.sentence, pair.release)
    assert Status.OK == pair.service().deploy("v2").status
    assert len(pair.sim.healthy(GREEN)) >= 3


def test_a_rollback_between_two_sick_sides_can_be_ended() -> None:
    """Neither serves: nothing is taken away unasked, what the hint names ends it, and the hotfix gets through."""
    pair, _ = resting()
    all_fall_sick(pair)
    for instance in sorted(pair.sim.states(GREEN)):
        pair.sim.sicken(instance)
    pair.sim.fail_launches(BLUE, NO_IMAGE, count=1000)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, True) == (ended.status, NO_IMAGE in ended.sentence)
    assert "takes web-green away all the same: no instance of web-blue is healthy then" in ended.hint
    ended = obey(pair, ended.hint, choice=1)
    told = "web: the rollback of v2 is over, and no instance of web-blue is healthy"
    assert (Status.BLOCKED, told, None) == (ended.status, ended.sentence, pair.release)
    pair.run_for(60)
    assert (Status.OK, {"v3"}) == (obey(pair, ended.hint.replace("IMAGE", "v3")).status, pair.images(GREEN))


def test_nothing_is_taken_away_at_once_where_only_new_serves() -> None:
    """No ``--now`` is offered, and typed all the same it leaves new where it is; close ends the release."""
    pair, _ = resting()
    all_fall_sick(pair)
    pair.sim.fail_launches(BLUE, NO_IMAGE, count=1000)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, False) == (ended.status, "--now" in ended.hint)
    assert (Status.BLOCKED, 3) == (pair.service().rollback(urgent=True).status, len(pair.sim.healthy(GREEN)))
    assert (Status.OK, None) == (obey(pair, ended.hint, choice=1).status, pair.release)


RESTS = {"ScalingProcesses": ["AddToLoadBalancer"]}
BALANCERS = {"target group": ("target-group",), "classic": ("classic",), "both": ("target-group", "classic")}


@pytest.mark.parametrize("balancers", BALANCERS.values(), ids=BALANCERS)
def test_what_came_back_while_nothing_registered_it_is_registered(balancers) -> None:
    """AddToLoadBalancer rests for a moment as old leaves Standby; afterwards AWS registers nothing (user guide)."""
    pair = virtual(instances=3, balancers=balancers)
    watch = Watch(pair, 3)
    pair.service().deploy("v2")
    pair.run_for(60)
    once(pair, lambda call: call.operation == "ExitStandby", lambda: asked(pair, "SuspendProcesses", BLUE, **RESTS))
    ended = pair.service().rollback()
    assert (Status.BLOCKED, 0, 3) == (ended.status, len(pair.sim.healthy(BLUE)), len(pair.sim.healthy(GREEN)))
    ended = obey(pair, ended.hint)
    pair.run_for(60)
    assert (Status.OK, 3, [], {}) == (ended.status, len(pair.sim.healthy(BLUE)), watch.broken, left_over(pair))


def test_a_fresh_one_that_nothing_registered_is_registered_by_cron() -> None:
    """It was launched by the rollback while AddToLoadBalancer rested; nobody is there but cron."""
    pair, watch = resting()
    one_dies(pair)
    pair.run_for(5)

    def rest() -> None:
        pair.sim.world.later(0.2, lambda _: asked(pair, "SuspendProcesses", BLUE, **RESTS))

    once(pair, lambda call: call.operation == "ExitStandby", rest)
    assert Status.BLOCKED == pair.service().rollback().status
    asked(pair, "ResumeProcesses", BLUE, **RESTS)
    ended = pair.service().cleanup()
    assert (Status.OK, 3, []) == (ended.status, len(pair.sim.healthy(BLUE)), watch.broken)


@pytest.mark.parametrize("balancers", BALANCERS.values(), ids=BALANCERS)
def test_what_a_person_deregistered_is_named_with_the_command(balancers) -> None:
    """It is theirs to put back: two of three live instances leave the balancers while a bad image comes and goes."""
    pair = virtual(instances=3, balancers=balancers)
    two = sorted(pair.sim.states(BLUE))[:2]
    once(pair, lambda _: bool(pair.sim.states(GREEN)), lambda: in_balancers(pair, BLUE, two, registered=False))
    ended = pair.service().deploy("bad-1")
    told = "2 instances of web-blue are in service and not registered in web-0"
    assert (Status.BLOCKED, True, 1) == (ended.status, told in ended.sentence, len(pair.sim.healthy(BLUE)))
    ended = obey(pair, ended.hint)
    assert (Status.ROLLED_BACK, 3, None) == (ended.status, len(pair.sim.healthy(BLUE)), pair.release)


def cut_off_finish(operation: str) -> Pair:
    """Return a pair whose finish was killed right after the first ``operation``."""
    pair, _ = resting()

    def kill(call: Call, *_: object) -> None:
        if call.operation == operation:
            raise Crash

    pair.sim.faults.after.append(kill)
    with contextlib.suppress(Crash):
        pair.service().finish()
    pair.sim.faults.after.clear()
    pair.run_for(90)
    return pair


def new_loses_one(pair: Pair, strike: str) -> None:
    """One instance of v2 falls sick or ends, and no other can be launched."""
    getattr(pair.sim, strike)(min(pair.sim.states(GREEN)))
    pair.sim.fail_launches(GREEN, NO_IMAGE, count=1000)
    pair.run_for(20)


@pytest.mark.parametrize("verb", ["resume", "cleanup", "finish"])
@pytest.mark.parametrize("strike", ["sicken", "kill"])
def test_a_finish_with_nothing_left_to_lose_reaches_its_end(strike, verb) -> None:
    """All of old is detached when new loses one for good: nothing can come back, and a hotfix gets through."""
    pair = cut_off_finish("DetachInstances")
    new_loses_one(pair, strike)
    ended = getattr(pair.service(), verb)()
    pair.run_for(60)
    assert (Status.OK, {}) == (ended.status, left_over(pair))
    assert (Status.OK, {"v3"}) == (pair.service().deploy("v3").status, pair.images(BLUE))


@pytest.mark.parametrize("strike", ["sicken", "kill"])
def test_a_finish_keeps_what_can_still_come_back(strike) -> None:
    """Marked and not detached yet: nothing of old is ended while new is too few, and the hint leads back to it."""
    pair = cut_off_finish("CreateTags")
    new_loses_one(pair, strike)
    ended = pair.service().resume()
    assert (Status.BLOCKED, 3) == (ended.status, len(pair.sim.states(BLUE)))
    assert (Status.OK, 3) == (obey(pair, ended.hint, choice=1).status, len(pair.sim.healthy(BLUE)))
    pair.run_for(60)
    assert {} == left_over(pair)


def test_a_finish_that_waits_for_new_tells_awss_words() -> None:
    """New loses one just as the finish has begun, and cannot launch another one."""
    pair, _ = resting()
    once(pair, lambda call: call.operation == "CreateOrUpdateTags", lambda: new_loses_one(pair, "kill"))
    ended = pair.service().finish()
    assert (Status.BLOCKED, True, 3) == (ended.status, NO_IMAGE in ended.sentence, len(pair.sim.states(BLUE)))


PATIENT: dict[str, Any] = {"progress_deadline": None, "deadline": None}


def slowly_back(balancers: tuple[str, ...], late: float) -> Pair:
    """Return a pair at rest whose three parked instances answer some seconds after they have left Standby."""
    pair = virtual(instances=3, balancers=balancers, interval=10.0, threshold=3)
    pair.service(**PATIENT).deploy("v2")
    pair.run_for(120)
    ids = list(pair.sim.states(BLUE))

    def slow() -> None:
        for instance in ids:
            pair.sim.sicken(instance)
        pair.sim.world.later(late, lambda _: [pair.sim.cure(i) for i in ids])

    once(pair, lambda call: call.operation == "ExitStandby", slow)
    return pair


@pytest.mark.parametrize("balancers", [("target-group",), ("classic",), ("nlb",)], ids=" ".join)
@pytest.mark.parametrize("late", [45.0, 90.0])
def test_what_comes_back_slowly_is_not_made_up_for(balancers, late) -> None:
    """Cold caches take their time; new serves meanwhile, and a second set would stay for good."""
    pair = slowly_back(balancers, late)
    watch = Watch(pair, 3)
    ended = pair.service(**PATIENT).rollback()
    pair.run_for(60)
    assert (Status.OK, 3, 3) == (ended.status, pair.sim.groups[BLUE].desired, len(pair.sim.healthy(BLUE)))
    assert [] == watch.broken


def test_what_makes_up_for_the_sick_is_told_at_the_end() -> None:
    """Old wants four, of which three serve: that is not as it was."""
    pair, _ = resting()
    one_falls_sick(pair)
    ended = pair.service().rollback()
    told = "nothing of v2 is left; desired is 4, not 3, to make up for those"
    assert (Status.OK, True, 3) == (ended.status, told in ended.sentence, len(pair.sim.healthy(BLUE)))


def test_what_is_missed_is_made_up_for_at_once() -> None:
    """New serves nothing any more and one of old comes back sick: the fresh one does not wait for half a minute."""
    pair, _ = resting()
    one_falls_sick(pair)
    for instance in sorted(pair.sim.states(GREEN)):
        pair.sim.sicken(instance)
    pair.run_for(20)
    began = pair.clock.now()
    ended = pair.service().rollback()
    assert (Status.OK, 3, True) == (ended.status, len(pair.sim.healthy(BLUE)), pair.clock.now() - began < 25)


def test_what_is_checked_for_ever_is_made_up_for() -> None:
    """A classic balancer says "has not passed" of an application that never answers."""
    pair = virtual(instances=3, balancers=("classic",))
    pair.service().deploy("v2")
    pair.run_for(60)
    one_falls_sick(pair)

    def reword(_: Call, answer: Any) -> None:
        for row in answer.get("InstanceStates", []):
            if "UnhealthyThreshold" in row.get("Description", ""):
                row["Description"] = (
                    "Instance has not passed the configured HealthyThreshold number of health checks consecutively."
                )

    pair.sim.faults.after.append(reword)
    ended = pair.service().rollback()
    assert (Status.OK, 3) == (ended.status, len(pair.sim.healthy(BLUE)))

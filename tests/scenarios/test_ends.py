"""A rollback can always be ended: what cannot be had back is told in AWS's words, and what a hint names leads on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.faults import NO_CAPACITY, NO_IMAGE
from tests.building.hands import obey
from tests.building.moments import once
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.building.watching import Watch, left_over

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
    pair.sim.faults.fail_launches(BLUE, words, count=1000)
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
        pair.sim.faults.fail_launches(BLUE, words, count=1000)

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
    pair.sim.faults.fail_launches(BLUE, NO_IMAGE, count=1000)
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
    pair.sim.faults.fail_launches(BLUE, NO_IMAGE, count=1000)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, False) == (ended.status, "--now" in ended.hint)
    assert (Status.BLOCKED, 3) == (pair.service().rollback(urgent=True).status, len(pair.sim.healthy(GREEN)))
    assert (Status.OK, None) == (obey(pair, ended.hint, choice=1).status, pair.release)

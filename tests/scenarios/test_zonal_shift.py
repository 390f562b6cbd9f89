"""A zonal shift takes a zone from both sides alike: it is nobody's fault, and every verb reaches its end beneath it.

AWS's own practice run of it takes half an hour, each week (cloud-platform 8374; ELB guides: zonal shift).
"""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Status
from tests.support.hands import obey
from tests.support.shifting import Shift
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import left_over


def resting(instances: int = 4, **settings: Any) -> Pair:
    """Return a pair in two zones whose green side serves v2 while the instances of v1 are parked."""
    pair = virtual(instances=instances, zones=2, **settings)
    pair.service().deploy("v2")
    pair.run_for(60)
    return pair


def baking(pair: Pair, seconds: float = 20.0) -> bool:
    """Whether the bake has lasted for some seconds."""
    release = pair.release
    since = None if release is None else release.milestones.get("moved")
    return since is not None and pair.clock.now() - since > seconds


def test_a_shift_that_begins_in_the_bake_turns_nothing_back() -> None:
    """Half of a good v2 gets no request; so would half of v1."""
    pair = virtual(instances=4, zones=2)
    shift = Shift(pair, on=lambda: baking(pair))
    ended = pair.service(bake=200.0).deploy("v2")
    assert (Status.OK, 4, 2) == (ended.status, len(pair.sim.healthy(GREEN)), shift.least)


def test_what_dies_beside_a_shift_turns_the_deployment_back() -> None:
    """The shift lowers the floor by what it takes, and by nothing else."""
    pair = virtual(instances=4, zones=2)
    shift = Shift(pair, on=lambda: baking(pair))

    def strike(_: object) -> None:
        if baking(pair, 60.0) and pair.release.goal == "deploy":
            pair.sim.sicken(shift.outside(GREEN)[0])

    pair.sim.faults.before.append(strike)
    ended = pair.service(bake=200.0).deploy("v2")
    told = "1 healthy, 2 needed, since instances of"
    assert (Status.ROLLED_BACK, True) == (ended.status, told in ended.sentence)


@pytest.mark.parametrize("instances", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("urgent", [False, True])
def test_a_rollback_under_a_shift_reaches_its_end(instances, urgent) -> None:
    """As many of old serve as of new before, without a gap; where the shift takes more of old, a fresh one makes up."""
    pair = resting(instances)
    shift = Shift(pair)
    served = len(shift.outside(GREEN))
    ended = pair.service().rollback(urgent=urgent)
    assert (Status.OK, {"v1"}, set()) == (ended.status, pair.images(BLUE), pair.images(GREEN))
    assert shift.least >= (min(served, len(shift.outside(BLUE))) if urgent else served)
    pair.run_for(60)
    assert {} == left_over(pair)


def test_a_finish_under_a_shift_reaches_its_end() -> None:
    """Cron retires what is parked: new holds what the shift lets serve."""
    pair = resting()
    shift = Shift(pair)
    pair.run_for(700)
    assert (Status.OK, 2) == (pair.service().cleanup().status, shift.least)


def test_nothing_is_lost_where_a_shift_begins_while_both_serve() -> None:
    """New is as large as old was; the deployment goes on to its end."""
    pair = virtual(instances=4, zones=2)
    shift = Shift(pair, on=lambda: pair.release is not None and pair.release.launched_at > 0)
    assert (Status.OK, 2) == (pair.service().deploy("v2").status, shift.least)


def test_the_floor_is_whole_again_when_a_shift_ends() -> None:
    """What was shifted comes back, and counts."""
    pair = virtual(instances=4, zones=2)
    Shift(pair, on=lambda: baking(pair) and not baking(pair, 100.0))
    ended = pair.service(bake=200.0).deploy("v2")
    assert (Status.OK, {}) == (ended.status, dict(ended.release.under_shift))
    assert 4 == ended.release.most_healthy(GREEN, next(iter(pair.sim.groups[GREEN].balancers)))


@pytest.mark.parametrize("verb", ["deploy", "rollback", "cleanup"])
def test_a_balancer_that_does_not_tell_of_shifts_hangs_nothing(verb) -> None:
    """``zonal_shift_delegated_to_dns`` says that another service tells of shifts (network balancers' guide)."""
    pair = virtual(instances=4, zones=2, balancers=("nlb",))
    if verb != "deploy":
        pair.service().deploy("v2")
        pair.run_for(700)
    Shift(pair, state="zonal_shift_delegated_to_dns")
    ended = pair.service().deploy("v2") if verb == "deploy" else getattr(pair.service(), verb)()
    assert Status.OK == ended.status


def test_a_shift_is_told_by_status_and_check() -> None:
    """Whoever looks knows why fewer serve."""
    pair = virtual(instances=4, zones=2)
    Shift(pair)
    told = "a zonal shift keeps the requests of web-0 from 2 instances of web-blue: as many fewer must be healthy"
    assert [told] == list(pair.service().status().troubles)
    assert told in [finding.sentence for finding in pair.service().check()]


ONE_ZONE = "a zonal shift keeps requests from 3 instances of"


def all_shifted() -> tuple[Pair, list[bool]]:
    """Return a pair at rest in one zone, whose keep time is over, and whether a shift keeps all from it."""
    pair, lasts = virtual(instances=3, zones=1), [False]
    Shift(pair, on=lambda: lasts[0])
    pair.service().deploy("v2")
    pair.run_for(700)
    lasts[0] = True
    return pair, lasts


def test_a_rollback_in_a_zone_that_is_shifted_away_names_the_shift_and_ends_after_it() -> None:
    """Nothing is made up for in that zone; when the shift is over, the hinted command leads to the end."""
    pair, lasts = all_shifted()
    ended = pair.service().rollback()
    assert (Status.BLOCKED, True) == (ended.status, f"{ONE_ZONE} web-blue" in ended.sentence)
    assert ended.hint.startswith("wait until the zonal shift is over, then `bluegreen resume web`")
    lasts[0] = False
    ended = obey(pair, ended.hint)
    pair.run_for(60)
    assert (Status.OK, 3, {}) == (ended.status, len(pair.sim.states(BLUE)), left_over(pair))


def test_rollback_now_ends_in_a_zone_that_is_shifted_away_and_says_so() -> None:
    """Old is back and gets no requests yet, as new did not."""
    pair, _ = all_shifted()
    ended = obey(pair, pair.service().rollback().hint, choice=1)
    told = "a zonal shift keeps the requests of web-0 from 3 instances of web-blue"
    assert (Status.OK, True, {"v1"}) == (ended.status, told in ended.sentence, pair.images(BLUE))


def test_a_cleanup_in_a_zone_that_is_shifted_away_names_the_shift() -> None:
    """What is parked stays, and it is said why nothing serves."""
    pair, _ = all_shifted()
    ended = pair.service().cleanup()
    assert (Status.BLOCKED, True) == (ended.status, f"{ONE_ZONE} web-green" in ended.sentence)

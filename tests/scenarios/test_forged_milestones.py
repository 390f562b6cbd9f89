"""Milestones on record are a claim: where the fleet or the time says otherwise, nothing is taken away on their word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bluegreen.clock import Clock
from bluegreen.errors import Refused, Status
from bluegreen.targets.pair.model.release import FINISH, Release
from tests.scenarios.test_strange_records import forge
from tests.support.hands import edit
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, left_over

BAKE = 300.0
DEPLOYED = {"moving": 1.0, "moved": 2.0, "deployed": 3.0}
FORGED: Mapping[str, Mapping[str, Any]] = {
    "deployed": {"milestones": DEPLOYED},
    "finish": {"milestones": DEPLOYED, "goal": FINISH, "progress": ()},
    "retiring": {"milestones": {**DEPLOYED, "retiring": 4.0}, "goal": FINISH, "progress": (), "unserved": True},
}


def release_of(pair: Pair) -> Release:
    """Return the release that the record has open."""
    assert pair.release is not None
    return pair.release


def before_the_switch(*, dies_after: float = 90.0) -> tuple[Pair, Watch]:
    """Return a pair of which both sides serve, cut off before the switch; the new version is to die some time later."""
    pair = virtual(instances=2)
    pair.sim.world.body.crash_after = dies_after
    pair.service(bake=BAKE, stop=lambda: 15 if len(pair.sim.healthy(GREEN)) >= 2 else None).deploy("crash-v2")
    assert (["InService"] * 2, False) == (list(pair.sim.states(BLUE).values()), release_of(pair).passed("moving"))
    return pair, Watch(pair, 2)


@pytest.mark.parametrize("wait", [0.0, 1000.0], ids=["at once", "later"])
@pytest.mark.parametrize("verb", ["cleanup", "finish", "resume"])
@pytest.mark.parametrize("kind", FORGED)
def test_what_serves_of_old_is_not_retired_on_the_word_of_a_milestone(kind: str, verb: str, wait: float) -> None:
    """Both sides are up, and the record says that the switch was in 1970: old serves on, whoever asks, and is told."""
    pair, watch = before_the_switch(dies_after=2000.0 if wait else 90.0)
    pair.run_for(wait)
    forge(pair, hold=None, **FORGED[kind])
    told = []
    for _ in range(2):
        try:
            ended = getattr(pair.service(bake=BAKE), verb)()
            told.append(ended and ended.status)
        except Refused as refused:
            told.append(refused.status)
    watched = (kind, verb, wait) == ("deployed", "cleanup", 0.0)
    assert ([Status.ROLLED_BACK, None] if watched else [Status.BLOCKED] * 2) == told
    pair.run_for(300)
    assert (["InService"] * 2, [], 2) == (
        list(pair.sim.states(BLUE).values()),
        watch.broken,
        len(pair.sim.healthy(BLUE)),
    )


@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_a_switch_that_has_not_been_is_no_beginning_of_a_bake(verb: str) -> None:
    """The record says that the bake has begun, and it was cut off before that: it goes back, as it would have."""
    pair, watch = before_the_switch()
    forge(pair, hold=None, milestones={"moving": 1.0, "moved": 2.0}, bake=0.0)
    ended = getattr(pair.service(bake=BAKE), verb)()
    assert (Status.ROLLED_BACK, 2, []) == (ended.status, len(pair.sim.healthy(BLUE)), watch.broken)


def bounds(pair: Pair, group: str) -> tuple[int, int]:
    """Return minimum and maximum of a group."""
    rows = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"]
    return next((row["MinSize"], row["MaxSize"]) for row in rows if row["AutoScalingGroupName"] == group)


class Ticking:
    """A clock that goes on between any two times that it tells."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.told = clock, 0

    def now(self) -> float:
        """Return the time, a little later than before."""
        self.told += 1
        return self.clock.now() + self.told / 1000.0

    def monotonic(self) -> float:
        """Return the time that nobody sets."""
        return self.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        self.clock.sleep(seconds)


def test_a_switch_in_a_time_to_come_was_not_seen_by_this_run() -> None:
    """The record says that it is to be in a year: no run takes that for its own switch."""
    pair = virtual(instances=2)
    pair.service(bake=BAKE, stop=lambda: 15 if bounds(pair, BLUE)[0] == 0 else None).deploy("v2")
    forge(pair, hold=None, milestones={"moving": 1.0, "moved": pair.clock.now() + 365 * 86400.0})
    service = pair.service(bake=BAKE)
    service.session.clock = Ticking(pair.clock)
    assert Status.BLOCKED == service.resume().status
    assert ["InService"] * 2 == list(pair.sim.states(BLUE).values())


@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_nor_where_new_is_in_charge_already(verb: str) -> None:
    """All is ready for the first wave, and the record says that the last one is over: a person has to say."""
    pair = virtual(instances=2)
    pair.service(bake=BAKE, stop=lambda: 15 if bounds(pair, BLUE)[0] == 0 else None).deploy("v2")
    forge(pair, hold=None, milestones={"moving": 1.0, "moved": 2.0}, bake=0.0)
    watch, ended = Watch(pair, 4), getattr(pair.service(bake=BAKE), verb)()
    told = "web-blue: 2 instances serve, and the record says that the traffic has moved"
    assert (Status.BLOCKED, f"web: {told}", True) == (
        ended.status,
        ended.sentence,
        "bluegreen rollback web" in ended.hint,
    )
    assert (["InService"] * 2, []) == (list(pair.sim.states(BLUE).values()), watch.broken)
    assert Status.OK == pair.service(bake=BAKE).rollback().status


def at_rest(wait: float, instances: int = 2) -> Pair:
    """Return a pair that serves v2 for some seconds, the old instances parked."""
    pair = virtual(instances=instances)
    assert Status.OK == pair.service(bake=BAKE).deploy("v2").status
    pair.run_for(wait)
    return pair


def test_what_is_parked_is_kept_for_as_long_as_since_the_release_was_begun() -> None:
    """`deployed` was in 1970, and a second ago in truth: it stays until bake and `keep_parked` can have passed."""
    pair = at_rest(1.0)
    forge(pair, milestones=dict.fromkeys(DEPLOYED, 1.0))
    told = [pair.service(bake=BAKE).cleanup()]
    pair.run_for(500.0)
    told.append(pair.service(bake=BAKE).cleanup())
    assert ([None, None], ["Standby"] * 2) == (told, list(pair.sim.states(BLUE).values()))
    pair.run_for(101.0)
    ended = pair.service(bake=BAKE).cleanup()
    assert (Status.OK, {}) == (ended and ended.status, left_over(pair))


def test_a_bake_is_watched_though_the_record_says_that_it_is_over() -> None:
    """All of old is parked for a few seconds, and new dies soon: a clean-up brings old back as it would have."""
    pair = virtual(instances=2)
    pair.sim.world.body.crash_after = 60.0
    pair.service(bake=BAKE, stop=lambda: 15 if pair.release and pair.release.passed("moved") else None).deploy(
        "crash-v2"
    )
    forge(pair, hold=None, milestones=dict.fromkeys(DEPLOYED, 1.0), bake=0.0)
    ended = pair.service(bake=BAKE).cleanup()
    assert (Status.ROLLED_BACK, 2) == (ended and ended.status, len(pair.sim.healthy(BLUE)))


def test_a_finish_that_was_forged_into_a_bake_retires_nothing() -> None:
    """All of old is parked for a few seconds, and the record says that a finish is under way: it cannot be yet."""
    pair = virtual(instances=2)
    pair.service(bake=BAKE, stop=lambda: 15 if pair.release and pair.release.passed("moved") else None).deploy("v2")
    pair.run_for(20.0)
    forge(pair, hold=None, goal=FINISH, progress=(), milestones={**DEPLOYED, "retiring": 4.0})
    told = [pair.service(bake=BAKE).cleanup(), pair.service(bake=BAKE).resume()]
    assert [Status.BLOCKED] * 2 == [one and one.status for one in told]
    assert ["Standby"] * 2 == list(pair.sim.states(BLUE).values())
    assert Status.OK == pair.service(bake=BAKE).rollback().status


@pytest.mark.parametrize("verb", ["finish", "cleanup"])
def test_the_few_that_came_back_are_parked_again(verb: str) -> None:
    """One of three was brought back meanwhile, and serves beside new: it is parked again, and all are retired."""
    pair = at_rest(2000.0, instances=3)
    (first, *_) = pair.sim.states(BLUE)
    edit(pair, BLUE, MaxSize=4)
    request = {"AutoScalingGroupName": BLUE, "InstanceIds": [first]}
    pair.sim.call("autoscaling", "ExitStandby", request)
    pair.run_for(60.0)
    edit(pair, BLUE, MinSize=0)
    assert 1 == len(pair.sim.healthy(BLUE))
    forge(pair, **({"goal": FINISH, "progress": ()} if verb == "cleanup" else {}))
    watch = Watch(pair, 3)
    ended = getattr(pair.service(bake=BAKE), verb)()
    assert (Status.OK, [], {}) == (ended and ended.status, watch.broken, left_over(pair))

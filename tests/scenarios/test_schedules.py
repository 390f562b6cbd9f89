"""Scheduled actions that are due while the sides change: neither lost nor done twice, and known beforehand."""

from __future__ import annotations

import pytest

from bluegreen.errors import Status
from bluegreen.targets.pair.model.twins import NEAR
from tests.support.moments import once
from tests.support.traffic import WAYS, Alive, alive, runs, scheduled, writing
from tests.support.virtual import BLUE, GREEN
from tests.support.watching import Watch

MINUTE = 60.0
BOOTED = 40.0
"""Seconds after which the traffic could move: a boot, and three looks that agree."""

FOLLOWED = "a deployment that begins now follows it"

BOTH_WAYS = pytest.mark.parametrize("way", WAYS)
SIZES = pytest.mark.parametrize("sizes", [{"MinSize": 6}, {"DesiredCapacity": 6}])


def ready(way: str) -> Alive:
    """Return a pair at half past: the next full minute comes sixty seconds after the traffic could move."""
    one = alive(way, maximum=12)
    one.pair.run_for(2 * MINUTE - BOOTED - MINUTE)
    return one


@SIZES
@BOTH_WAYS
def test_a_deployment_does_not_flip_within_two_minutes_of_a_due_scheduled_action(way, sizes) -> None:
    """Due sixty seconds after the traffic could move: it runs once, on the old side, and two minutes later it moves."""
    one = ready(way)
    due, done, watch = scheduled(one, way, BOOTED + MINUTE, **sizes), runs(one), Watch(one.pair, 4)
    flipped = once(one.pair, writing("ResumeProcesses", GREEN), lambda: None)
    ended = one.service(bake=5 * MINUTE).deploy("v2")
    assert (ended.status, [(BLUE, due)], watch.broken, one.late) == (Status.OK, done, [], [])
    assert (True, sizes.get("MinSize", 1)) == (0 <= flipped[0] - due - NEAR < 5, one.sizes(GREEN)[0])
    assert 55 < due - one.at("moving") < 70


@BOTH_WAYS
def test_a_schedule_that_is_due_every_minute_is_waited_for_five_minutes_at_most(way) -> None:
    """There is no moment without one nearby: the traffic moves all the same, and none is lost."""
    one = ready(way)
    start = scheduled(one, way, 1.0, MaxSize=12)
    every = {"ScheduledActionName": "shift", "Recurrence": "* * * * *", "MaxSize": 12}
    for group in (BLUE, GREEN) if way == "twins" else (BLUE,):
        one.pair.sim.call("autoscaling", "PutScheduledUpdateGroupAction", {"AutoScalingGroupName": group, **every})
    done = runs(one)
    flipped = once(one.pair, writing("ResumeProcesses", GREEN), lambda: None)
    ended = one.service(bake=5 * MINUTE).deploy("v2")
    minutes = [at for _, at in done]
    assert (ended.status, True) == (Status.OK, 300 <= flipped[0] - one.at("moving") < 310)
    assert [start + MINUTE * n for n in range(len(minutes))] == minutes


@SIZES
@BOTH_WAYS
def test_a_rollback_does_not_wait_for_a_due_scheduled_action(way, sizes) -> None:
    """Due sixty seconds after old could be back: old serves long before, the action runs once and is honoured."""
    one = ready(way)
    scheduled(one, way, 20 * MINUTE, **sizes)
    one.service().deploy("v2")
    due, done = on_both(one, 2 * MINUTE, **sizes), runs(one)
    one.pair.run_for(due - one.pair.clock.now() - MINUTE)
    began, watch = one.pair.clock.now(), Watch(one.pair, 4)
    ended = one.service().rollback()
    one.pair.run_for(2 * MINUTE)
    assert (ended.status, [due], watch.broken, True) == (
        Status.OK,
        [at for _, at in done],
        [],
        one.at("back") - began < 30,
    )
    assert (sizes.get("MinSize", 1), one.healthy(BLUE)) == (one.sizes(BLUE)[0], 6)


def on_both(one: Alive, after: float, **sizes: int) -> float:
    """Put a scheduled action onto both sides, as both have it until a release is finished, whichever way."""
    return scheduled(one, "twins", after, **sizes)


@pytest.mark.parametrize("seconds", [3.0, 2.0, 1.0, 0.0, -1.0])
@BOTH_WAYS
def test_a_scheduled_action_at_the_very_moment_of_a_rollbacks_flip_runs_once(way, seconds) -> None:
    """Whichever side is armed when it is due, what it wants of the service is there at the end."""
    one = ready(way)
    scheduled(one, way, 20 * MINUTE, MinSize=6)
    one.service().deploy("v2")
    due, done = on_both(one, 2 * MINUTE, MinSize=6), runs(one)
    one.pair.run_for(due - one.pair.clock.now() - seconds)
    ended = one.service().rollback()
    one.pair.run_for(2 * MINUTE)
    assert (ended.status, [due]) == (Status.OK, [at for _, at in done])
    assert (6, 6, [], []) == (one.sizes(BLUE)[0], one.healthy(BLUE), one.asleep, one.late)


@BOTH_WAYS
def test_a_scheduled_action_due_inside_the_window_is_known_beforehand_and_said(way) -> None:
    """``check`` names it and how soon it is due; one that is due in hours is not spoken of."""
    one = ready(way)
    scheduled(one, way, BOOTED + MINUTE, name="morning", MinSize=6)
    scheduled(one, way, 5 * 60 * MINUTE, name="evening", MinSize=2)
    said = [finding.sentence for finding in one.service().check() if "scheduled action" in finding.sentence]
    assert [f"the scheduled action morning of web-blue is due in 100 s: {FOLLOWED}"] == said

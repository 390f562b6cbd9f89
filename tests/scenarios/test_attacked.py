"""What somebody found who tried to break capacity for each balancer and proof of health, each as its story."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from bluegreen.errors import Status, Unreachable, Usage
from bluegreen.record.memory import MemoryStore
from bluegreen.simulator import build
from tests.scenarios.test_each_balancer import after, key
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

TWO = ("target-group", "target-group")
BAKE: dict[str, Any] = {"bake": 60.0, "progress_deadline": 120.0, "deadline": 900.0}


def attach(pair: Pair, check: build.Check, groups: tuple[str, ...] = (BLUE, GREEN)) -> str:
    """Attach one more target group with a listener, and return its key."""
    arn = build.balancer(pair.sim, "target-group", "web-9", check)
    for name in groups:
        request = {"AutoScalingGroupName": name, "TargetGroupARNs": [arn]}
        pair.sim.call("autoscaling", "AttachLoadBalancerTargetGroups", request)
    return arn


def stopped(pair: Pair, milestone: str, seconds: float, without: tuple[str, ...] = ()) -> None:
    """Let a deployment of v2 be stopped by Ctrl-C so many seconds after ``milestone``."""
    signal: list[int | None] = [None]
    after(pair, milestone, lambda: signal.__setitem__(0, 2), seconds)
    service = pair.service(stop=lambda: signal[0], **BAKE)
    service.set_aside(list(without))
    assert Status.INTERRUPTED == service.deploy("v2").status


# ---- time in which AWS does not tell is not left out ----


def test_time_in_which_nothing_is_known_does_not_count_as_bake() -> None:
    """Of a bake of 60 s, 200 s without an answer are not a part."""
    pair = virtual(instances=3)
    after(pair, "moved", lambda: pair.sim.blur("web-0", until=pair.clock.now() + 200, how="unavailable"), 20)
    pair.service(**BAKE).deploy("v2")
    assert pair.release is not None
    times = pair.release.milestones
    assert times["deployed"] - times["moved"] >= 255


def test_time_in_which_nothing_is_known_does_not_count_against_the_deadline() -> None:
    """Four minutes without an answer while new proves itself: the deadline of 200 s waits."""
    pair = virtual(instances=3, boot=5.0)
    watch = Watch(pair, 3)

    def blur(_: Any) -> None:
        pair.sim.blur("web-0", until=pair.clock.now() + 240, how="unavailable")

    once(pair, lambda _: bool(pair.sim.healthy(GREEN)), lambda: pair.sim.world.later(2.0, blur))
    settings = {"bake": 0.0, "progress_deadline": 60.0, "deadline": 200.0, "healthy_for": 30.0}
    ended = pair.service(**settings).deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


# ---- --without ----


@pytest.mark.parametrize("when", ["before", "moving"])
def test_what_is_set_aside_and_does_not_answer_at_all_is_done_without(when) -> None:
    """A balancer whose health call fails for hours, set aside: v2 serves."""
    pair = virtual(instances=4, balancers=TWO)
    watch = Watch(pair, {key(pair, 0): 4})

    def blur() -> None:
        pair.sim.blur("web-1", until=pair.clock.now() + 36000, how="no answer")

    if when == "before":
        blur()
    else:
        after(pair, when, blur, 1)
        with pytest.raises(Unreachable):
            pair.service(**BAKE).deploy("v2")
    service = pair.service(**BAKE)
    service.set_aside(["web-1"])
    ended = service.deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


def test_a_finish_does_without_what_was_set_aside() -> None:
    """The same, in a finish: nothing detached is left running, marked."""
    pair = virtual(instances=4, balancers=TWO)
    after(pair, "moved", lambda: pair.sim.blur("web-1", until=pair.clock.now() + 36000, how="no answer"), 1)
    with pytest.raises(Unreachable):
        pair.service(**BAKE).deploy("v2")
    service = pair.service(**BAKE)
    service.set_aside(["web-1"])
    assert Status.OK == service.resume().status
    ended = pair.service(**BAKE).finish()
    pair.run_for(60)
    assert (Status.OK, {}) == (ended.status, left_over(pair))


def test_adopted_a_release_still_does_without_what_was_set_aside() -> None:
    """``--without`` is kept in the terms: a lost record does not lose it."""
    pair = virtual(instances=4, balancers=TWO)
    pair.sim.blur("web-1", until=pair.clock.now() + 36000, how="unavailable")
    stopped(pair, "moving", 1, ("web-1",))
    pair.store = MemoryStore()
    pair.service(**BAKE).adopt()
    assert Status.OK == pair.service(**BAKE).resume().status


# ---- a rollback is impossible ----


@pytest.mark.parametrize("interval", [10.0, 30.0])
def test_a_slower_target_group_attached_in_the_bake_does_not_block_the_rollback(interval) -> None:
    """An apply attaches one more to both groups: old needs the time of *its* checks to be healthy there."""
    pair = virtual(instances=4)
    watch = Watch(pair, 4)
    after(pair, "moved", lambda: attach(pair, build.Check(interval, 2, 5.0)), 2)
    assert Status.OK == pair.service(**BAKE).deploy("v2").status
    pair.run_for(60)
    ended = pair.service(**BAKE).rollback()
    assert (Status.OK, [BLUE], []) == (ended.status, colours_serving(pair), watch.broken)


def test_a_slower_target_group_attached_in_the_bake_does_not_block_the_way_back_of_its_own() -> None:
    """The same, v2 then fails in the old target group: 3 and old alone, not 4 and both."""
    pair = virtual(instances=4)
    after(pair, "moved", lambda: attach(pair, build.Check(10.0, 2, 5.0)), 2)
    after(pair, "moved", lambda: [pair.sim.sicken(i, "web-0") for i in pair.sim.states(GREEN)], 40)
    ended = pair.service(**BAKE).deploy("v2")
    assert (Status.ROLLED_BACK, [BLUE]) == (ended.status, colours_serving(pair))


def test_an_adopted_hotfix_can_be_taken_back_at_once() -> None:
    """v1 never was healthy in web-1, the record was lost: --now takes v2 away all the same (scenario q)."""
    pair = virtual(instances=4, balancers=TWO, fails_in={"v1": ("web-1",)})
    stopped(pair, "moved", 3)
    pair.store = MemoryStore()
    pair.run_for(5)
    pair.service(**BAKE).adopt()
    ended = pair.service(**BAKE).rollback()
    assert (Status.BLOCKED, True) == (ended.status, "--now" in ended.hint)
    assert Status.OK == pair.service(**BAKE).rollback(urgent=True).status
    assert [BLUE] == colours_serving(pair)


# ---- what an owner changes costs a good deployment ----


@pytest.mark.parametrize("drain", [8.0, 30.0])
def test_a_listener_that_goes_for_good_in_the_waves_costs_no_deployment(drain) -> None:
    """Nothing is sent to web-1 any more: that old ones still drain there does not make it count."""
    pair = virtual(instances=4, balancers=TWO, drain=drain, boot=4.0)
    watch = Watch(pair, {key(pair, 0): 4})

    def cut() -> None:
        listeners = pair.sim.listeners
        for arn in [arn for arn, one in listeners.items() if key(pair, 1) in repr(one)]:
            del listeners[arn]

    after(pair, "moving", cut, 1)
    ended = pair.service(**BAKE).deploy("v2")
    assert (Status.OK, [GREEN], []) == (ended.status, colours_serving(pair), watch.broken)


# ---- settings ----


def test_a_balancer_that_flaps_does_not_hold_a_run_for_ever() -> None:
    """Three seconds not known, three known, for 25 minutes in the waves: the run ends by one of its deadlines."""
    pair = virtual(instances=4, balancers=TWO, boot=5.0)
    watch, end = Watch(pair, 4), pair.clock.now() + 1500

    def blur(_: Any = None) -> None:
        pair.sim.blur("web-1", until=pair.clock.now() + 3, how="unavailable")
        if pair.clock.now() < end:
            pair.sim.world.later(6.0, blur)

    after(pair, "moved", blur, 1)
    with contextlib.suppress(Unreachable):
        pair.service(**{**BAKE, "healthy_for": 20.0}).deploy("v2")
    assert ([], True) == (watch.broken, pair.clock.now() < end - 300)


@pytest.mark.parametrize("seconds", [20.5, 31.0, 60.0])
def test_a_pause_between_looks_in_which_nothing_is_proven_is_refused(seconds) -> None:
    """After half a minute without a look what was seen before proves nothing, and no deployment could succeed."""
    with pytest.raises(Usage, match="20 s at most"):
        virtual(instances=2).service(look_every=seconds)

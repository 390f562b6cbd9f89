"""Answers of AWS's that are up to a minute old, between releases as well as within."""

from __future__ import annotations

import random
from typing import Any

import attrs
import pytest

from bluegreen.errors import Interrupted, Refused, Status
from bluegreen.simulator.core.calls import Call
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over


def _releases(pair: Pair, oldest: float, seed: int) -> list[Status]:
    """Run releases that follow at once, every read up to ``oldest`` seconds old; then let AWS be up to date again."""
    dice = random.Random(seed)
    pair.sim.read_stale(lambda _: dice.uniform(0.0, oldest))
    service = pair.service(progress_deadline=400.0, deadline=4000.0)
    verbs = [service.deploy("v2"), service.finish(), service.deploy("v3"), service.rollback(), service.deploy("v4")]
    verbs.append(service.finish())
    pair.sim.faults.stale = None
    pair.run_for(60)
    return [ended.status for ended in verbs]


@pytest.mark.parametrize("seed", range(8))
def test_releases_that_follow_at_once_on_answers_ten_seconds_old(seed) -> None:
    """A release is not begun on a moment before the end of the one before: the right side serves, nothing is left."""
    pair = virtual(seed, instances=2)
    watch = Watch(pair, 2)
    assert (_releases(pair, 10.0, seed), watch.broken) == ([Status.OK] * 6, [])
    assert (left_over(pair), colours_serving(pair), pair.images(BLUE)) == ({}, [BLUE], {"v4"})


@pytest.mark.parametrize("seed", range(12))
def test_answers_up_to_a_minute_old_are_always_safe(seed) -> None:
    """Nothing that serves is taken away on the word of an old answer."""
    pair = virtual(seed, instances=2)
    watch = Watch(pair, 2)
    _releases(pair, 55.0, seed)
    assert (watch.broken, len(colours_serving(pair)), pair.sim.terminated_while_serving) == ([], 1, [])


def test_a_change_by_hand_after_a_release_is_believed_a_minute_later() -> None:
    """What is new within the minute cannot be told from what is old; it is waited for, not lost."""
    pair = virtual(instances=2, maximum=4)
    pair.service().deploy("v2")
    pair.service().finish()
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": GREEN, "MaxSize": 9})
    began = pair.clock.now()
    ended = pair.service().deploy("v3")
    assert (ended.status, pair.sim.groups[BLUE].maximum) == (Status.OK, 9)
    assert 60 <= pair.clock.now() - began


def test_a_signal_ends_the_wait_for_the_release_before() -> None:
    """Waiting for AWS to show the end of the last release stops at once, with nothing written."""
    pair = virtual(instances=2, maximum=4)
    pair.service().deploy("v2")
    pair.service().finish()
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": GREEN, "MaxSize": 9})
    began = pair.clock.now()
    with pytest.raises(Interrupted, match="before anything was written") as ended:
        pair.service(stop=lambda: 2).deploy("v3")
    assert (ended.value.status, pair.release, pair.clock.now() - began) == (Status.INTERRUPTED, None, 0.0)


def test_a_release_that_ended_tomorrow_is_waited_for_no_longer_than_a_minute() -> None:
    """The machine that ended it may have had another date; the minute is one of our own clock."""
    pair = virtual(instances=2, maximum=4)
    pair.service().deploy("v2")
    pair.service().finish()
    document, version = pair.store.read("web")
    assert document is not None
    tomorrow = attrs.evolve(document.history[-1], ended_at=pair.clock.now() + 86_400)
    pair.store.write("web", attrs.evolve(document, history=(tomorrow,)), version)
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": GREEN, "MaxSize": 9})
    began = pair.clock.now()
    assert Status.OK == pair.service().deploy("v3").status
    assert 60 <= pair.clock.now() - began < 120


def losing(pair: Pair, answers: int) -> None:
    """Let AWS's next answers on groups in the waves lack one of them."""
    left = [answers]

    def lose(call: Call, answer: dict[str, Any]) -> None:
        moving = pair.release is not None and pair.release.passed("moving")
        if call.operation == "DescribeAutoScalingGroups" and moving and left[0]:
            left[0] -= 1
            answer["AutoScalingGroups"] = answer["AutoScalingGroups"][:1]

    pair.sim.faults.after.append(lose)


def test_an_answer_without_a_group_ends_nothing() -> None:
    """Twice in a row AWS tells of one group only, in the middle: it is looked again, and the deployment goes on."""
    pair = virtual(instances=2)
    watch = Watch(pair, 2)
    losing(pair, 2)
    assert (Status.OK, []) == (pair.service().deploy("v2").status, watch.broken)


def test_a_group_that_is_gone_is_believed_to_be() -> None:
    """Three looks say so: the run ends with the group's name, and what serves is left alone."""
    pair = virtual(instances=2)
    watch = Watch(pair, 2)
    losing(pair, 10)
    with pytest.raises(Refused, match="There is no Auto Scaling group web-green"):
        pair.service().deploy("v2")
    assert [] == watch.broken

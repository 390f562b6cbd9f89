"""Two balancers that disagree about real instances, versions that die, and what a user of each balancer sees."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import client, members, until

from bluegreen.demo.ledger import silent
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.traffic import Sent, Traffic
from tests.naive.trial import CALM, Fleet, bluegreen

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]

QUICK = {"instances": 2, "boot": 0.4, "interval": 0.1, "drain": 2.0}
IMPATIENT = ("--progress-deadline", "8s")


def answered_by(url: str, times: int = 12) -> set[tuple[int, str]]:
    """Return status and instance of some requests; no instance where the balancer itself answered."""
    return {_answer(url) for _ in range(times)}


def _answer(url: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status, answer.headers.get("X-Instance", "")
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("X-Instance", "")


@pytest.mark.parametrize("fail_open", [True, False], ids=["fail-open", "fail-closed"])
def test_envoy_sends_to_whom_the_model_says(fail_open: bool) -> None:
    """A half version is healthy in the first target group only; in the second both send to all of it, or to none.

    A classic balancer never fails open.
    """
    with Sandbox(beside=("target-group", "classic"), image="half-1", fail_open=fail_open, **QUICK) as box:
        first, second, classic = box.balancers()
        until(lambda: False in box.body.health(second).values() and False in box.body.health(classic).values())
        mine = members(box, "web-blue")
        told = [box.simulator.receiving(key) for key in (first, second, classic)]
        expected = [mine, mine if fail_open else [], []]
        assert [sorted(ids) for ids in expected] == [sorted(ids) for ids in told]
        seen = [answered_by(url) for url in box.urls]
    sick = {(503, instance) for instance in mine} if fail_open else {(503, "")}
    assert [{(200, instance) for instance in mine}, sick, {(503, "")}] == seen


def test_what_drains_gets_nothing_though_all_fail() -> None:
    """In the second target group nothing is healthy: requests go to the one that stays, not to the one that drains."""
    with Sandbox(beside=("target-group",), image="half-1", **{**QUICK, "drain": 20.0}) as box:
        until(lambda: False in box.body.health(box.balancers()[1]).values())
        leaving, staying = members(box, "web-blue")
        scaling = client(box, "autoscaling")
        scaling.update_auto_scaling_group(AutoScalingGroupName="web-blue", MinSize=0)
        scaling.enter_standby(
            AutoScalingGroupName="web-blue", InstanceIds=[leaving], ShouldDecrementDesiredCapacity=True
        )
        until(lambda: [staying] == box.simulator.receiving(box.balancers()[1]))
        expected = {(503, staying)}
        assert until(lambda: answered_by(box.urls[1]) == expected)


@contextmanager
def two_loads(box: Sandbox) -> Iterator[list[Traffic]]:
    """Yield a load on each of two balancers, calm before and after."""
    loads = [box.load(rate=80, balancer=number) for number in range(2)]
    time.sleep(CALM)
    yield loads
    time.sleep(CALM)
    for load in loads:
        load.stop()


def seen(requests: list[Sent]) -> tuple[int, int]:
    """Return how many requests were lost, and how many seconds were silent."""
    return sum(request.lost for request in requests), silent(requests, requests[0].at)


def test_half_a_version_is_taken_back(tmp_path: Path) -> None:
    """Healthy in the first target group and never in the second: nothing is lost in either, and v1 serves."""
    with Sandbox(beside=("target-group",), **QUICK) as box:
        with two_loads(box) as loads:
            bluegreen(Fleet(box), tmp_path, "deploy", "web", "half-2", "--progress-deadline", "5s", status=3)
        requests = [load.requests() for load in loads]
    expected = [(0, 0), (0, 0)]
    assert expected == [seen(each) for each in requests]
    assert {"v1"} == {request.version for request in requests[1]}


def test_a_version_that_dies_costs_what_nobody_could_know(tmp_path: Path) -> None:
    """It serves, dies, and is taken back: no request is lost once its balancer knows, and none before but its own.

    It is the only new instance: two that come up one after the other would hardly ever be healthy at once.
    """
    with Sandbox(beside=("target-group",), **{**QUICK, "instances": 1, "interval": 0.2}) as box:
        with two_loads(box) as loads:
            bluegreen(Fleet(box), tmp_path, "deploy", "web", "crash-2", *IMPATIENT, status=3)
        requests = [load.requests() for load in loads]
        dead = {death.target for death in box.body.deaths()}
    expected = [(0, 0), (0, 0)]
    assert expected == [seen(each) for each in requests]
    cut = [request for each in requests for request in each if request.cut]
    assert (True, True) == (bool(cut), {request.target for request in cut} <= dead)


def test_what_dies_in_the_bake_is_taken_back(tmp_path: Path) -> None:
    """It stays healthy for longer than the proof, and dies when v1 is parked already: exit 3, and v1 serves again."""
    with Sandbox(crash=1.5, **QUICK) as box:
        bluegreen(Fleet(box), tmp_path, "deploy", "web", "crash-2", *IMPATIENT, status=3)
        assert box.timing.proof < 1.5
        expected = {(200, instance) for instance in members(box, "web-blue")}
        assert until(lambda: answered_by(box.url) == expected)

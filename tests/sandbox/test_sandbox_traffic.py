"""On the sandbox the load is the real traffic: what Envoy forwards is measured, and makes the alarms fire."""

from __future__ import annotations

import statistics
import time

import pytest
from conftest import group, until

from bluegreen.clock import VirtualClock
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.meter import LATE, Meter
from bluegreen.simulator import Options, tracking
from bluegreen.simulator.build import pair, run_for
from bluegreen.simulator.cloudwatch.metrics import datapoints

RATE = 60.0
TARGET = 40.0
"""Requests of a minute for each target; the sandbox's minute is a second here."""


def metered(*seen: tuple[float, dict[str, int]]) -> Meter:
    """Return a meter of minutes of 2 s that has taken in ``seen`` (time, counts by target)."""
    meter = Meter(2.0)
    for now, counts in seen:
        meter.see(counts, now)
    return meter


def test_a_rate_is_what_a_minute_forwarded() -> None:
    """30 requests in the two seconds around a time are 15 a second, whatever came before and after."""
    meter = metered((10, {"a": 5}), (12, {"a": 15, "b": 20}), (14, {"a": 100, "b": 200}))
    expected = 15.0
    assert expected == meter.rate(11 + LATE)


def test_between_two_looks_requests_are_spread_evenly() -> None:
    """Half of a minute before the only look and half of the ten seconds after it."""
    meter = metered((10, {"a": 0}), (20, {"a": 100}))
    expected = (10.0, 5.0)
    assert expected == (meter.rate(15 + LATE), meter.rate(10 + LATE))


def test_a_target_that_comes_back_is_counted_from_nothing() -> None:
    """Envoy forgets a removed target's count: what it counts afterwards is new, and what was counted stays."""
    meter = metered((10, {"a": 50, "b": 8}), (10.5, {"b": 8}), (11, {"a": 4, "b": 8}), (12, {"a": 6, "b": 8}))
    expected = 3.0
    assert expected == meter.rate(11 + LATE)


def test_a_meter_that_saw_nothing_says_nothing() -> None:
    """No look, no requests; and looks are forgotten, not their sum."""
    meter = metered(*((float(now), {"a": 10 * now}) for now in range(100)))
    expected = (0.0, 10.0, True)
    assert expected == (Meter(2.0).rate(5.0), meter.rate(97 + LATE), len(meter._times) < 15)


def test_a_minute_may_last_two_seconds() -> None:
    """In the model 40 a second are 20 for each of four targets in such a minute: eight are wanted after three."""
    options, policy = Options(minute=2.0), tracking("requests", 10, EstimatedInstanceWarmup=0)
    sim = pair(VirtualClock(), instances=4, maximum=20, load=40.0, policies=(policy,), options=options)
    sizes = []
    for _ in range(4):
        run_for(sim, 2.0)
        sizes.append(sim.groups["web-blue"].desired)
    expected = (4, 8)
    assert expected == (sizes[0], sizes[-1])


def points(box: Sandbox, metric: str, subject: str) -> list[float]:
    """Return a metric's last three data points."""
    figure = {"MetricName": metric, "Period": 60, "Statistic": "Average"}
    with box.simulator.lock:
        found = datapoints(box.simulator.world, figure, (metric, subject), 3)
    return [value or 0.0 for value in found]


@pytest.mark.sandbox
@pytest.mark.parametrize("balancer", ["target-group", "classic"])
def test_the_load_is_what_envoy_forwards(balancer: str) -> None:
    """Of 60 requests a second each minute of a second counts 60, which two instances' processors share."""
    with Sandbox(balancer=balancer, instances=2, boot=0.4, interval=0.1, drain=1.0, minute=1.0, power=60.0) as box:
        subject = box.balancers()[0].rpartition(":")[2]
        load = box.load(rate=RATE)
        time.sleep(5.0)
        requests, busy = points(box, "RequestCount", subject), points(box, "CPUUtilization", "web-blue")
        load.stop()
    expected = pytest.approx((RATE, 50.0), rel=0.15)
    assert expected == (statistics.fmean(requests), statistics.fmean(busy))


@pytest.mark.sandbox
def test_real_traffic_scales_the_live_group_out() -> None:
    """Two instances are sent more than their target: three minutes later the group wants more, the idle one nothing."""
    policy = tracking("requests", TARGET, EstimatedInstanceWarmup=0)
    with Sandbox(instances=2, maximum=4, boot=0.4, interval=0.1, minute=1.0, policies=[policy]) as box:
        load = box.load(rate=2.7 * TARGET)
        until(lambda: group(box, "web-blue")["DesiredCapacity"] == 3, 15)
        load.stop()
        expected = (0, ["AlarmNotification", "ScheduledActions"])
        green = group(box, "web-green")
        resting = sorted(process["ProcessName"] for process in green["SuspendedProcesses"])
        assert expected == (green["DesiredCapacity"], resting)

"""Whatever the load does, a group that is alone follows it; what shares or silences it is seen at once."""

from __future__ import annotations

import copy
import math

from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.simulator import pair, run_for, tracking
from bluegreen.simulator.autoscaling.scaling import needed
from bluegreen.simulator.cloudwatch.metrics import latest

from .test_properties import STEPS, run
from .wire import BLUE, GREEN, Wire, wire

MINUTE, HOUR = 60, 3600
TARGET = 600.0
EACH = TARGET / MINUTE
MOST = 20
HIGH, LOW = (f"TargetTracking-{BLUE}-Alarm{side}-tracking" for side in ("High", "Low"))
PART = {"requests": 0.9, "cpu": 0.7}
"""At which part of the target the low alarm is."""
POLICIES = {"requests": tracking("requests", TARGET), "cpu": tracking("cpu", 50.0)}
POWER = EACH / 0.5
TROUGH = 0.75
"""The part of a turn at which a sine is lowest."""


@frozen
class Curve:
    """A slow load: a wave between two figures (in instances), over hours."""

    low: float
    high: float
    hours: float
    phase: float

    def __call__(self, now: float) -> float:
        """Return the requests per second."""
        turn = math.sin(2 * math.pi * self.turns(now))
        return EACH * (self.low + (self.high - self.low) * (1 + turn) / 2)

    def turns(self, now: float) -> float:
        """Return how often the wave has come round."""
        return now / HOUR / self.hours + self.phase

    def needs(self, now: float) -> int:
        """Return how many instances hold the target."""
        return needed(self(now), 1, EACH)

    def needed_throughout(self, begin: float, end: float) -> int:
        """Return how many instances were needed at every moment of a time, the wave's lowest one too."""
        lowest = math.ceil(self.turns(begin) - TROUGH) <= self.turns(end) - TROUGH
        return needed(self.low, 1, 1) if lowest else min(self.needs(begin), self.needs(end))


def beside(**options):
    """Return a pair whose groups may both be large."""
    return wire(maximum=2 * MOST, idle_maximum=2 * MOST, minimum=1, **options)


def size(aws, name=BLUE):
    """Return the desired capacity."""
    return aws.sim.groups[name].desired


@settings(max_examples=40, deadline=None)
@given(
    low=st.floats(1, 9),
    more=st.floats(0, 14),
    hours=st.floats(3, 12),
    phase=st.floats(0, 1),
    metric=st.sampled_from(["requests", "cpu"]),
    boot=st.sampled_from([2.0, 45.0, 150.0]),
)
@example(low=1.0, more=1.0, hours=11.850477517697346, phase=0.8360937588986699, metric="requests", boot=2.0)
def test_alone_a_group_follows_any_slow_load(low, more, hours, phase, metric, boot):
    """At each minute it has what was needed all through the alarm's evaluation and the boot, or its maximum."""
    curve = Curve(low, low + more, hours, phase)
    clock = VirtualClock()
    start = min(MOST, curve.needs(clock.now()))
    options = {"load": curve, "power": POWER, "policies": [POLICIES[metric]], "boot": boot}
    aws = Wire(pair(clock, instances=start, minimum=1, maximum=MOST, **options))
    patience = 4.5 * MINUTE + boot + 5
    for _ in range(int(hours * 60)):
        aws.wait(MINUTE)
        now = clock.now()
        wanted = min(MOST, curve.needed_throughout(now - patience, now))
        assert len(aws.sim.healthy(BLUE)) >= wanted
        assert 1 <= size(aws) <= MOST
    assert [] == aws.sim.terminated_while_serving


@settings(max_examples=25, deadline=None)
@given(instances=st.integers(2, 15), load=st.floats(0.5, 15), metric=st.sampled_from(["requests", "cpu"]))
def test_under_a_steady_load_a_group_comes_to_rest(instances, load, metric):
    """As many as the load needs, or so many that the metric is between the low alarm and the target."""
    options = {"load": load * EACH, "power": POWER, "policies": [POLICIES[metric]]}
    aws = beside(instances=instances, **options)
    aws.wait(2 * HOUR)
    rest = size(aws)
    aws.wait(HOUR)
    assert rest == size(aws)
    assert needed(load, 1, 1) <= rest <= max(needed(load, 1, 1), math.floor(load / PART[metric] + 1e-6))


@settings(max_examples=25, deadline=None)
@given(instances=st.integers(2, 12), metric=st.sampled_from(["requests", "cpu"]))
def test_as_large_a_group_beside_it_halves_its_metric_and_it_wants_fewer(instances, metric):
    """Dilution: the load is the same, the figure half, and the first group's autoscaler goes down."""
    options = {"load": instances * EACH, "power": POWER, "policies": [POLICIES[metric]]}
    aws = beside(instances=instances, **options)
    aws.wait(5 * MINUTE)
    alarm = aws.sim.alarms[LOW]
    alone = latest(aws.sim.world, alarm)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=instances)
    aws.wait(2 * MINUTE)
    shared = latest(aws.sim.world, alarm)
    before = size(aws)
    aws.wait(20 * MINUTE)
    assert math.isclose(alone, 2 * shared)
    assert (instances, True) == (before, size(aws) < instances)


@settings(max_examples=25, deadline=None)
@given(instances=st.integers(2, 10), load=st.floats(0.1, 18), metric=st.sampled_from(["requests", "cpu"]))
def test_suspended_nothing_changes_and_resumed_it_acts_at_once(instances, load, metric):
    """Up in proportion (a processor shows no more than 100 percent), down by one: no minute later."""
    options = {"load": load * EACH, "power": POWER, "policies": [POLICIES[metric]]}
    aws = beside(instances=instances, **options)
    aws.asg("SuspendProcesses", ScalingProcesses=["AlarmNotification"])
    aws.wait(30 * MINUTE)
    held = size(aws)
    aws.asg("ResumeProcesses", ScalingProcesses=["AlarmNotification"])
    seen = min(load, 2 * instances) if metric == "cpu" else load
    fewer = instances - 1 if seen < PART[metric] * instances else instances
    wanted = max(needed(seen, 1, 1), fewer) if seen <= instances else needed(seen, 1, 1)
    assert (instances, wanted) == (held, size(aws))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, load=st.floats(0, 12), metric=st.sampled_from(["requests", "cpu"]), seed=st.integers(0, 5))
def test_laws_hold_after_every_event_under_load(steps, load, metric, seed):
    """Bounds, counts and states agree while policies of both groups act, and Standby is left alone."""
    options = {"load": load * EACH, "power": POWER, "policies": [POLICIES[metric]]}
    aws = run(steps, seed=seed, maximum=8, idle_maximum=8, twins=True, **options)
    aws.asg("ResumeProcesses", GREEN)
    aws.wait(20 * MINUTE)


@settings(max_examples=20, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 3))
def test_the_same_seed_gives_the_same_history_under_load(steps, seed):
    """Two runs agree in every word of both groups, of the feed and of the alarms."""

    def history():
        options = {"load": 5 * EACH, "policies": [POLICIES["requests"]], "maximum": 8, "boot": (0.5, 6.0)}
        aws = run(steps, seed=seed, **options)
        aws.wait(10 * MINUTE)
        feeds = [aws.asg("DescribeScalingActivities", name)["Activities"] for name in (BLUE, GREEN)]
        return aws.group(BLUE), aws.group(GREEN), feeds, aws.call("cloudwatch", "DescribeAlarms")

    assert history() == history()


@settings(max_examples=10, deadline=None)
@given(waits=st.lists(st.floats(0.1, 200), max_size=20))
def test_the_load_is_asked_once_a_minute(waits):
    """However time passes and whatever is called, there is one evaluation for each minute."""
    asked = []

    def rate(now):
        asked.append(now)
        return 3 * EACH

    aws = beside(load=rate, policies=[POLICIES["requests"]])
    begin = aws.sim.clock.now()
    for wait in waits:
        aws.wait(wait)
        aws.asg("DescribePolicies")
    minutes = int(aws.sim.clock.now() // MINUTE) - int(begin // MINUTE)
    assert abs(minutes - len(asked)) <= (1 if aws.sim.clock.now() % MINUTE < 1e-3 else 0)
    assert len(asked) == len(set(asked))


def test_a_branch_lives_on_by_itself():
    """A copy of the simulator has its own minutes, alarms and figures."""
    aws = beside(instances=4, load=8 * EACH, policies=[POLICIES["requests"]])
    aws.wait(MINUTE)
    branch = copy.deepcopy(aws.sim)
    run_for(branch, 5 * MINUTE)
    assert (4, 8) == (size(aws), branch.groups[BLUE].desired)

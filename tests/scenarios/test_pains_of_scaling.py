"""What hurts people who scale automatically while they deploy: one test for each such story, under real load.

Each is told of both ways in which the scaling settings come to serve on the other side, and there and back.
"""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Status
from tests.support.hands import asked
from tests.support.moments import once
from tests.support.scaling import nothing_of, settings_of
from tests.support.story import unlike
from tests.support.traffic import WAYS, Alive, alive, scheduled, writes, writing
from tests.support.virtual import BLUE, GREEN, Pair
from tests.support.watching import Watch, colours_serving, left_over

MINUTE = 60.0

BOTH_WAYS = pytest.mark.parametrize("way", WAYS)


def booting(one: Alive) -> bool:
    """Whether the new side has instances, and none of them serves."""
    return bool(one.pair.sim.states(GREEN)) and not one.healthy(GREEN)


def overlapping(one: Alive) -> bool:
    """Whether both sides share the load."""
    return one.healthy(GREEN) >= 4 and one.healthy(BLUE) >= 4


def baking(one: Alive) -> bool:
    """Whether the traffic has moved."""
    return bool(one.healthy(GREEN)) and not one.healthy(BLUE)


MOMENTS = pytest.mark.parametrize("moment", [booting, overlapping, baking])


def rises(one: Alive, moment: Any, instances: float) -> list[float]:
    """Let the traffic of so many instances come at a moment; the list gets its time."""
    return once(one.pair, lambda _: moment(one), lambda: one.comes(instances))


# ---- 1 ----


@MOMENTS
@BOTH_WAYS
def test_pain_01_a_deploy_freezes_autoscaling_and_the_service_goes_down(way, moment) -> None:
    """Twice the traffic comes at any moment: somebody scales all the time, and it is met as fast as ever."""
    one = alive(way, boot=240.0 if moment is booting else 30.0)
    came = rises(one, moment, 8)
    ended = one.service(bake=10 * MINUTE).deploy("v2")
    one.pair.run_for(10 * MINUTE)
    assert (ended.status, len(came), one.asleep, one.late) == (Status.OK, 1, [], [])
    assert (one.healthy(GREEN), colours_serving(one.pair)) == (8, [GREEN])


@pytest.mark.parametrize("wave", ["ExitStandby", "SuspendProcesses"])
@BOTH_WAYS
def test_pain_01_a_rollback_freezes_autoscaling_and_the_service_goes_down(way, wave) -> None:
    """Twice the traffic comes while old returns, or while new goes: met as fast as if nobody had deployed."""
    one = alive(way)
    one.service().deploy("v2")
    came = once(one.pair, writing(wave), lambda: one.comes(8))
    ended = one.service().rollback()
    one.pair.run_for(10 * MINUTE)
    assert (ended.status, len(came), one.asleep, one.late) == (Status.OK, 1, [], [])
    assert (one.healthy(BLUE), colours_serving(one.pair)) == (8, [BLUE])


# ---- 2 ----


def grown(one: Alive) -> bool:
    """Whether the autoscaler of the old side has launched more, while the new side boots."""
    return one.sizes(BLUE)[2] == 8 and booting(one)


@BOTH_WAYS
def test_pain_02_a_scale_up_of_the_live_group_in_mid_deploy_is_kept(way) -> None:
    """Three served, eight are wanted while the new side boots: eight at the end, none fewer on the way."""
    one = alive(way, instances=3, boot=400.0, maximum=12)
    scaled = once(one.pair, lambda _: grown(one), lambda: None)
    one.comes(8, after=10.0)
    ended = one.service().deploy("v2")
    assert (ended.status, len(scaled), one.late) == (Status.OK, 1, [])
    assert (one.sizes(GREEN), one.healthy(GREEN)) == ((1, 12, 8), 8)


@BOTH_WAYS
def test_pain_02_a_scale_up_in_the_bake_is_kept_by_a_rollback(way) -> None:
    """Three were parked, eight serve when it is taken back: eight old ones serve at the end, none fewer on the way."""
    one = alive(way, instances=3, maximum=12)
    one.service().deploy("v2")
    one.comes(8)
    one.pair.run_for(10 * MINUTE)
    watch = Watch(one.pair, 8)
    ended = one.service().rollback()
    assert (ended.status, watch.broken, one.late) == (Status.OK, [], [])
    assert (one.sizes(BLUE), one.healthy(BLUE), one.pair.images(BLUE)) == ((1, 12, 8), 8, {"v1"})


# ---- 3 ----


@pytest.mark.parametrize("verb", ["resume", "rollback"])
@BOTH_WAYS
def test_pain_03_a_pinned_minimum_is_let_go_once_the_load_falls(way, verb) -> None:
    """The night comes after the bake, or after a rollback: the autoscaler works down to what is needed, by itself."""
    one = alive(way, instances=6)
    one.service().deploy("v2")
    getattr(one.service(), verb)()
    serving = BLUE if verb == "rollback" else GREEN
    assert (1, 24, 6) == one.sizes(serving)
    one.comes(2)
    one.pair.run_for(90 * MINUTE)
    assert ((1, 24, 2), 2, []) == (one.sizes(serving), one.healthy(serving), one.late)


# ---- 4 ----


def slow_half(one: Alive, minutes: float) -> None:
    """Let every other new instance boot for some time, so that both sides share the load as long."""
    launched: list[str] = []

    def boot(group: str) -> float:
        launched.append(group)
        return minutes * MINUTE if group == GREEN and launched.count(GREEN) % 2 else 30.0

    one.pair.sim.body.boot = boot


@pytest.mark.parametrize("end", ["deploys", "fails"])
@BOTH_WAYS
def test_pain_04_the_old_group_does_not_shrink_during_the_deploy(way, end) -> None:
    """Load is shared for half an hour, so that each side seems idle: all that served come back with the rollback."""
    one = alive(way, instances=6)
    slow_half(one, minutes=30)
    seen: set[tuple[str, int]] = set()
    low = one.pair.sim.alarms[f"TargetTracking-{BLUE}-AlarmLow-tracking"]
    one.pair.sim.on_event(lambda: seen.add((low["StateValue"], one.sizes(BLUE)[2])) if booting_half(one) else None)
    watch = Watch(one.pair, 6)
    if end == "fails":
        ended = one.service(deadline=28 * MINUTE, look_every=5.0).deploy("v2")
    else:
        ended = [one.service(look_every=5.0).deploy("v2"), one.service().rollback()][-1]
    back = one.history.at(one.at("back"))
    assert ({("OK", 6), ("ALARM", 6)}, [], True) == (seen, watch.broken, back >= 6)
    assert (ended.status, one.healthy(BLUE)) == (Status.ROLLED_BACK if end == "fails" else Status.OK, 6)


def booting_half(one: Alive) -> bool:
    """Whether some of the new side serve beside the old one, and nothing of that is on its way to Standby or back."""
    return 0 < one.healthy(GREEN) < 6 and set(one.pair.sim.states(BLUE).values()) == {"InService"}


# ---- 6 ----


@pytest.mark.parametrize("verb", ["finish", "rollback"])
@BOTH_WAYS
def test_pain_06_az_rebalance_fights_standby(way, verb) -> None:
    """Waves leave a zone emptier than another: nothing is launched to even that out, nor when they come back."""
    one = alive(way, instances=25, zones=3, drain=30.0)
    before, known = one.pair.picture(), set(one.pair.sim.states(BLUE))
    launched: set[str] = set()
    one.pair.sim.on_event(lambda: launched.update(set(one.pair.sim.states(BLUE)) - known))
    resting: list[bool] = []
    old = one.pair.sim.groups[BLUE]
    one.pair.sim.faults.before.append(
        lambda call: resting.append(old.suspends("AZRebalance")) if call.operation == "EnterStandby" else None
    )
    statuses = [one.service().deploy("v2").status, getattr(one.service(), verb)().status]
    one.pair.run_for(5 * MINUTE)
    assert ([Status.OK] * 2, set(), []) == (statuses, launched, unlike(before, one.pair.picture()))
    assert ({}, 1, [True, True]) == (left_over(one.pair), len(colours_serving(one.pair)), resting)


# ---- 9 ----

STEPS = [
    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 10},
    {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30},
]
ODD_POLICY = {
    "PolicyName": "odd",
    "PolicyType": "StepScaling",
    "AdjustmentType": "PercentChangeInCapacity",
    "MinAdjustmentMagnitude": 2,
    "MetricAggregationType": "Maximum",
    "EstimatedInstanceWarmup": 77,
    "Enabled": False,
    "StepAdjustments": STEPS,
}
ODD_SCHEDULE = {
    "ScheduledActionName": "weekdays",
    "Recurrence": "30 6 * * mon-fri",
    "TimeZone": "Asia/Seoul",
    "EndTime": "2033-01-01T00:00:00Z",
    "MinSize": 2,
    "MaxSize": 9,
    "DesiredCapacity": 3,
}


def odd_alarms(group: str, policy: str) -> list[dict[str, Any]]:
    """Return alarms with the fields that copies are known to lose."""
    dimension = {"Name": "AutoScalingGroupName", "Value": group}
    common = {"AlarmActions": [policy], "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "Threshold": 70.5}
    metric = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [dimension]}
    stat = {"Metric": metric, "Period": 120, "Stat": "Maximum", "Unit": "Percent"}
    math = [
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "e1", "Expression": "100 * m1 / PERIOD(m1)", "Label": "share", "ReturnData": True},
    ]
    tail = {
        "AlarmName": "p99",
        "AlarmDescription": "the slowest of a hundred",
        "ExtendedStatistic": "p99.5",
        "EvaluateLowSampleCountPercentile": "ignore",
        "TreatMissingData": "breaching",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Period": 300,
        "Unit": "Percent",
        "OKActions": ["arn:aws:sns:us-east-1:123456789012:calm"],
        "InsufficientDataActions": ["arn:aws:sns:us-east-1:123456789012:blind"],
        "ActionsEnabled": False,
        "Tags": [{"Key": "team", "Value": "web"}, {"Key": "cost", "Value": "42"}],
        **metric,
        **common,
    }
    sums = {"AlarmName": f"math of {group}", "ComparisonOperator": "LessThanThreshold", "Metrics": math}
    return [tail, {**sums, "TreatMissingData": "missing", **common}]


def put_odd(pair: Pair, group: str, way: str) -> None:
    """Put settings with rarely used fields onto a group; twins' alarms must be called after their group."""
    arn = pair.sim.call("autoscaling", "PutScalingPolicy", {"AutoScalingGroupName": group, **ODD_POLICY})["PolicyARN"]
    for alarm in odd_alarms(group, arn):
        called = f"{alarm['AlarmName']} of {group}" if way == "twins" else alarm["AlarmName"]
        pair.sim.call("cloudwatch", "PutMetricAlarm", {**alarm, "AlarmName": called})
    asked(pair, "PutScheduledUpdateGroupAction", group, **ODD_SCHEDULE)


def odd(way: str) -> Alive:
    """Return a pair with such settings."""
    one = alive(way)
    for group in (BLUE, GREEN) if way == "twins" else (BLUE,):
        put_odd(one.pair, group, way)
    return one


@pytest.mark.parametrize("verb", ["finish", "rollback"])
def test_pain_09_settings_lost_or_changed_in_a_copy(verb) -> None:
    """Field by field the new side has what the old one had; in the end just one side has it, the one that serves."""
    one = odd("move")
    before = settings_of(one.pair.sim, BLUE)
    assert one.service().deploy("v2").status == Status.OK
    copied = settings_of(one.pair.sim, GREEN)
    assert (before, []) == (copied, unlike_what_was_put(one.pair))
    assert getattr(one.service(), verb)().status == Status.OK
    serving, other = (GREEN, BLUE) if verb == "finish" else (BLUE, GREEN)
    assert (before, True) == (settings_of(one.pair.sim, serving), nothing_of(settings_of(one.pair.sim, other)))


def unlike_what_was_put(pair: Pair) -> list[str]:
    """Return the fields of green's copies that are not what was put onto blue, in AWS's own words."""
    (policy,) = [row for row in described(pair, "Policies") if row["PolicyName"] == "odd"]
    (schedule,) = described(pair, "ScheduledActions")
    alarms = {row["AlarmName"]: row for row in pair.sim.call("cloudwatch", "DescribeAlarms", {})["MetricAlarms"]}
    tail, sums = odd_alarms(GREEN, policy["PolicyARN"])
    copies = [(tail, alarms["p99-bluegreen"]), (sums, alarms[f"math of {GREEN}"]), (ODD_POLICY, policy)]
    its_own = {"AlarmName", "Tags"}
    wrong = [key for one, copy in copies for key in one.keys() - its_own if copy[key] != one[key]]
    return wrong + [key for key in ODD_SCHEDULE.keys() - {"EndTime"} if schedule[key] != ODD_SCHEDULE[key]]


def described(pair: Pair, what: str) -> list[dict[str, Any]]:
    """Return what Auto Scaling says of green's policies or scheduled actions."""
    (rows,) = pair.sim.call("autoscaling", f"Describe{what}", {"AutoScalingGroupName": GREEN}).values()
    return rows


@pytest.mark.parametrize("verb", ["finish", "rollback"])
def test_pain_09_settings_of_twins_are_not_written_at_all(verb) -> None:
    """Nothing is copied where both sides have them: no call changes a policy, an alarm or a scheduled action."""
    one = odd("twins")
    before, called = one.pair.picture(), writes(one.pair)
    assert (Status.OK, Status.OK) == (one.service().deploy("v2").status, getattr(one.service(), verb)().status)
    assert ([], []) == (unlike(before, one.pair.picture()), [name for name in called if is_of_settings(name)])


def is_of_settings(operation: str) -> bool:
    """Whether a call writes a policy, an alarm, its tags or a scheduled action."""
    return any(word in operation for word in ("Policy", "Alarm", "Scheduled", "TagResource"))


# ---- 24 ----


@pytest.mark.parametrize("after", [-60.0, 30.0])
@BOTH_WAYS
def test_pain_24_a_scheduled_action_cut_the_group_to_one_instance(way, after) -> None:
    """Cut to one while the traffic needs four, before a deployment or after it began: back as fast as without it."""
    one = alive(way)
    due = scheduled(one, way, max(after, 0.0), DesiredCapacity=1)
    one.pair.run_for(due - one.pair.clock.now() - after)
    ended = one.service().deploy("v2")
    one.pair.run_for(15 * MINUTE)
    assert (ended.status, one.asleep, one.late) == (Status.OK, [], [])
    assert (one.healthy(GREEN), one.sizes(GREEN)[:2]) == (4, (1, 16))

"""Load, alarms that evaluate, and policies that act: what happens once a minute."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bluegreen.simulator import Options, tracking
from bluegreen.simulator.autoscaling.scaling import adjusted, needed, step_for
from bluegreen.simulator.build import labelled
from bluegreen.simulator.cloudwatch.evaluation import judge
from bluegreen.simulator.cloudwatch.figures import FIGURES
from bluegreen.simulator.cloudwatch.metrics import latest

from .wire import BLUE, GREEN, wire

HIGH, LOW = (f"TargetTracking-{BLUE}-Alarm{side}-tracking" for side in ("High", "Low"))
REQUESTS = tracking("requests", 600, EstimatedInstanceWarmup=0)


def loaded(load=40.0, policies=(REQUESTS,), **options):
    """Return a pair of four live instances, with room, under a load; 40 a second are 600 a minute for each."""
    return wire(**{"instances": 4, "maximum": 20, "idle_maximum": 20, "load": load, "policies": policies, **options})


def desired(aws, name=BLUE):
    """Return the desired capacity."""
    return aws.sim.groups[name].desired


def put_load(aws, rate):
    """Let another load arrive."""
    aws.sim.put_load(aws.balancer(), lambda _: rate)


def state(aws, name):
    """Return an alarm's state."""
    return aws.sim.alarms[name]["StateValue"]


def minutes(aws, count):
    """Let whole minutes pass."""
    aws.wait(60 * count)


def process(aws, verb, name=BLUE):
    """Suspend or resume the alarms' process."""
    aws.asg(f"{verb}Processes", name, ScalingProcesses=["AlarmNotification"])


def alarm(aws, *actions, above=True, threshold=50.0, **more):
    """Put an alarm on the blue group's processors."""
    dimension = {"Name": "AutoScalingGroupName", "Value": BLUE}
    metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": [dimension], "Statistic": "Average"}
    rule = {"Period": 60, "EvaluationPeriods": 1, "Threshold": threshold}
    comparison = "GreaterThanThreshold" if above else "LessThanThreshold"
    named = {"AlarmName": "cpu", "AlarmActions": list(actions), "ComparisonOperator": comparison}
    aws.call("cloudwatch", "PutMetricAlarm", **{**metric, **rule, **named, **more})


def policy(aws, change=1, name="more", **more):
    """Put a simple policy, and return its ARN."""
    request = {"PolicyName": name, "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": change, **more}
    return aws.asg("PutScalingPolicy", **request)["PolicyARN"]


def steps(aws, *triples, kind="ChangeInCapacity", **more):
    """Put a step policy of (lower, upper, adjustment), and return its ARN."""
    keys = ("MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment")
    adjustments = [{key: each for key, each in zip(keys, one, strict=True) if each is not None} for one in triples]
    request = {"PolicyType": "StepScaling", "AdjustmentType": kind, "StepAdjustments": adjustments, **more}
    return aws.asg("PutScalingPolicy", PolicyName="steps", **request)["PolicyARN"]


# Load and metrics.


def test_without_load_nothing_is_evaluated():
    """An alarm that somebody sets stays as it is set, and no policy acts."""
    aws = loaded(load=None)
    aws.call("cloudwatch", "SetAlarmState", AlarmName=HIGH, StateValue="ALARM", StateReason="test")
    minutes(aws, 60)
    assert ("ALARM", 4, float("inf")) == (state(aws, HIGH), desired(aws), aws.sim.next_event_at())


def test_a_second_group_beside_it_dilutes_requests_per_target():
    """One figure for the whole target group: with as many of the other group healthy it is half."""
    aws = loaded()
    minutes(aws, 1)
    alone = latest(aws.sim.world, aws.sim.alarms[HIGH])
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=4)
    minutes(aws, 1)
    assert (600.0, 300.0) == (alone, latest(aws.sim.world, aws.sim.alarms[HIGH]))


def test_a_second_group_beside_it_dilutes_processors():
    """Each group has its own average, and both are half of what one alone would have."""
    aws = loaded(policies=[tracking("cpu", 50)], power=20.0, twins=True)
    minutes(aws, 1)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=4)
    minutes(aws, 1)
    both = [aws.sim.world.beside[FIGURES].values["CPUUtilization", name].values() for name in (BLUE, GREEN)]
    assert ([50.0, 25.0], [25.0]) == tuple([each.average for each in minutes] for minutes in both)


def test_a_processor_is_never_busier_than_100_percent():
    """More load than the instances can take shows as 100."""
    aws = loaded(policies=[tracking("cpu", 50)], power=1.0)
    minutes(aws, 1)
    assert 100.0 == latest(aws.sim.world, aws.sim.alarms[HIGH])


def test_a_group_that_boots_counts_idle_processors_unless_it_warms_up():
    """In service and not serving yet is 0 percent, but not within the default instance warm-up."""
    seen = []
    for warmup in (-1, 120):
        aws = loaded(policies=[tracking("cpu", 50)], power=20.0, boot=90, DefaultInstanceWarmup=warmup)
        minutes(aws, 2)
        aws.asg("SetDesiredCapacity", DesiredCapacity=8)
        minutes(aws, 1)
        seen.append(latest(aws.sim.world, aws.sim.alarms[HIGH]))
    assert [25.0, 50.0] == seen


def test_parked_instances_take_no_load_and_are_in_no_average():
    """Two in Standby: the others have twice the load, and the group's figure says so."""
    aws = loaded(policies=[tracking("cpu", 90)], power=20.0)
    aws.park(*aws.ids()[:2])
    aws.asg("SuspendProcesses", ScalingProcesses=["Launch"])
    minutes(aws, 1)
    assert 100.0 == latest(aws.sim.world, aws.sim.alarms[HIGH])


def test_no_requests_are_no_data():
    """A target group without requests reports nothing, and target tracking then changes nothing."""
    aws = loaded()
    minutes(aws, 2)
    put_load(aws, 0.0)
    minutes(aws, 40)
    assert ("INSUFFICIENT_DATA", 4) == (state(aws, LOW), desired(aws))


def test_a_classic_balancers_requests_can_be_watched():
    """RequestCount of the balancer, by its name."""
    aws = loaded(policies=(), balancers=["classic"])
    dimension = {"Name": "LoadBalancerName", "Value": aws.balancer()}
    metric = {"MetricName": "RequestCount", "Namespace": "AWS/ELB", "Dimensions": [dimension], "Statistic": "Sum"}
    alarm(aws, threshold=2399.0, **metric)
    minutes(aws, 1)
    assert "ALARM" == state(aws, "cpu")


def test_alarms_on_metrics_unknown_to_the_model_keep_their_state():
    """No data from the beginning; what somebody sets stays."""
    aws = loaded()
    alarm(aws, MetricName="Disk", Namespace="mine")
    minutes(aws, 3)
    first = state(aws, "cpu")
    aws.call("cloudwatch", "SetAlarmState", AlarmName="cpu", StateValue="ALARM", StateReason="test")
    minutes(aws, 3)
    assert ("INSUFFICIENT_DATA", "ALARM") == (first, state(aws, "cpu"))


def test_load_can_end():
    """Without any load left, no more minutes are counted."""
    aws = loaded()
    aws.sim.put_load(aws.balancer(), None)
    minutes(aws, 2)
    assert float("inf") == aws.sim.next_event_at()


# Alarms.

TABLE = [
    ("0-X-X", 3, "OK OK OK OK"),
    ("----0", 3, "OK OK OK OK"),
    ("-----", 3, "INSUFFICIENT_DATA None ALARM OK"),
    ("0XX-X", 3, "ALARM ALARM ALARM ALARM"),
    ("XXX00", 3, "OK OK OK OK"),
    ("--X--", 3, "ALARM None ALARM OK"),
    ("0-X-X", 2, "ALARM ALARM ALARM ALARM"),
    ("00X0X", 2, "ALARM ALARM ALARM ALARM"),
    ("0-X--", 2, "OK OK ALARM OK"),
    ("----0", 2, "OK OK ALARM OK"),
    ("---X-", 2, "ALARM None ALARM OK"),
]


@pytest.mark.parametrize(("points", "needed_points", "states"), TABLE)
def test_missing_data_is_treated_as_the_guides_tables_say(points, needed_points, states):
    """Both tables of the CloudWatch guide: missing, ignore, breaching, notBreaching; older points do not count."""
    rule = {"EvaluationPeriods": 3, "DatapointsToAlarm": needed_points, "Threshold": 5.0}
    values = [{"-": None, "0": 0.0, "X": 10.0}[point] for point in points]
    found = [
        judge({**rule, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": treated}, values)
        for treated in ("missing", "ignore", "breaching", "notBreaching")
    ]
    assert states.split() == [str(each) for each in found]


def test_a_set_state_lasts_until_the_next_evaluation():
    """SetAlarmState, then the metric's own verdict."""
    aws = loaded()
    minutes(aws, 4)
    aws.call("cloudwatch", "SetAlarmState", AlarmName=HIGH, StateValue="ALARM", StateReason="test")
    before = state(aws, HIGH)
    minutes(aws, 1)
    assert ("ALARM", "OK") == (before, state(aws, HIGH))


def test_a_set_alarm_acts_at_once():
    """A simple policy follows somebody's SetAlarmState."""
    aws = loaded(policies=())
    alarm(aws, policy(aws), MetricName="Disk", Namespace="mine")
    aws.call("cloudwatch", "SetAlarmState", AlarmName="cpu", StateValue="ALARM", StateReason="test")
    assert 5 == desired(aws)


def test_an_alarm_without_actions_enabled_fires_and_does_nothing():
    """Its state is true all the same."""
    aws = loaded(policies=(), power=10.0)
    alarm(aws, policy(aws), ActionsEnabled=False)
    minutes(aws, 3)
    assert ("ALARM", 4) == (state(aws, "cpu"), desired(aws))


def test_longer_periods_gather_minutes():
    """An average over five minutes, and the reason in the words of reports."""
    aws = loaded(policies=(), power=20.0)
    minutes(aws, 5)
    aws.sim.put_load(aws.balancer(), lambda _: 80.0, 20.0)
    alarm(aws, threshold=60.0, Period=300)
    minutes(aws, 1)
    first = state(aws, "cpu")
    minutes(aws, 1)
    reason = "Threshold Crossed: 1 datapoint [70.0] was greater than the threshold (60.0)."
    assert ["OK", "ALARM", reason] == [first, state(aws, "cpu"), aws.sim.alarms["cpu"]["StateReason"]]


# Target tracking.


def test_target_tracking_makes_its_two_alarms():
    """Three minutes above the target, fifteen below its low part, on the metric of the policy."""
    aws = loaded()
    found = aws.call("cloudwatch", "DescribeAlarms", AlarmNames=[HIGH, LOW])["MetricAlarms"]
    keys = ("MetricName", "Statistic", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")
    metric = ("RequestCountPerTarget", "Sum", 60)
    assert [(*metric, 3, 600.0, "GreaterThanThreshold"), (*metric, 15, 540.0, "LessThanThreshold")] == [
        tuple(each[key] for key in keys) for each in found
    ]


@pytest.mark.parametrize(("target", "low"), [(20, 14), (50, 35), (40, 28), (75, 52.5)])
def test_the_low_alarm_is_at_seventy_percent(target, low):
    """Of what groups track: four pairs of High and Low that were published in 2024."""
    aws = loaded(policies=[tracking("cpu", target)])
    found = aws.call("cloudwatch", "DescribeAlarms", AlarmNames=[HIGH, LOW])["MetricAlarms"]
    assert [target, low] == [alarm["Threshold"] for alarm in found]


def test_the_low_alarm_of_requests_is_where_the_option_says():
    """It was not published; either answer must be safe."""
    aws = loaded(options=Options(low_of_requests=0.7))
    assert 420.0 == aws.sim.alarms[LOW]["Threshold"]


def test_scaling_out_is_in_proportion_after_three_minutes():
    """Twice the target wants twice the instances; the feed names alarm and policy as AWS does."""
    aws = loaded(load=80.0)
    minutes(aws, 2)
    before = desired(aws)
    minutes(aws, 1.5)
    cause = aws.asg("DescribeScalingActivities")["Activities"][0]["Cause"]
    sentence = (
        f"a monitor alarm {HIGH} in state ALARM triggered policy tracking changing the desired capacity from 4 to 8."
    )
    assert (4, 8, True) == (before, desired(aws), sentence in cause)


def test_scaling_in_waits_for_fifteen_minutes_and_goes_slowly():
    """Half the load: nothing for a quarter of an hour, then one a minute, down to what the load needs."""
    aws = loaded()
    minutes(aws, 4)
    put_load(aws, 20.0)
    seen = []
    for count in (14, 1, 1, 10):
        minutes(aws, count)
        seen.append(desired(aws))
    assert ([4, 3, 2, 2], []) == (seen, aws.sim.terminated_while_serving)


def test_how_fast_target_tracking_scales_in_is_an_option():
    """What nobody knows can be made harsher: at once, to what the load needs."""
    aws = loaded(load=10.0, options=Options(scale_in=1.0))
    minutes(aws, 16)
    assert 1 == desired(aws)


def test_scale_in_can_be_switched_off():
    """DisableScaleIn: the low alarm fires, nothing goes."""
    aws = loaded(load=10.0, policies=[tracking("requests", 600, DisableScaleIn=True)])
    minutes(aws, 30)
    assert ("ALARM", 4) == (state(aws, LOW), desired(aws))


def test_scale_in_needs_every_target_tracking_policy():
    """One of two that is content with what there is keeps it."""
    aws = loaded(load=10.0, policies=[REQUESTS, tracking("cpu", 10, "other")], power=25.0)
    minutes(aws, 30)
    assert ("ALARM", 4) == (state(aws, LOW), desired(aws))


def test_a_disabled_policy_does_nothing_until_it_is_enabled():
    """Written again as enabled, it acts at once on an alarm in breach."""
    aws = loaded(load=80.0, policies=())
    request = labelled(aws.sim, BLUE, REQUESTS)
    aws.asg("PutScalingPolicy", **request, Enabled=False)
    minutes(aws, 5)
    before = desired(aws)
    aws.asg("PutScalingPolicy", **request)
    assert (4, 8) == (before, desired(aws))


def test_no_scale_in_while_instances_warm_up():
    """What was launched by a policy must have been in service for its warm-up first."""
    aws = loaded(load=80.0, policies=[tracking("requests", 600, EstimatedInstanceWarmup=1800)])
    minutes(aws, 4)
    put_load(aws, 20.0)
    minutes(aws, 25)
    before = desired(aws)
    minutes(aws, 6)
    assert (8, True) == (before, desired(aws) < 8)


def test_bounds_are_obeyed():
    """No wish goes beyond the maximum or below the minimum."""
    aws = loaded(load=400.0, maximum=6, minimum=3)
    minutes(aws, 5)
    most = desired(aws)
    put_load(aws, 1.0)
    minutes(aws, 40)
    assert (6, 3) == (most, desired(aws))


def test_scale_in_spares_parked_and_protected_instances():
    """They are there in the end, as the only ones."""
    aws = loaded(minimum=0)
    parked, protected = aws.ids()[:2]
    aws.park(parked)
    aws.asg("SetInstanceProtection", InstanceIds=[protected], ProtectedFromScaleIn=True)
    put_load(aws, 1.0)
    minutes(aws, 40)
    assert ({parked, protected}, 1) == (set(aws.ids()), desired(aws))


def test_deleting_the_policy_ends_its_alarms():
    """No alarm is left, and nothing acts any more."""
    aws = loaded(load=80.0)
    aws.asg("DeletePolicy", PolicyName="tracking")
    minutes(aws, 5)
    assert ({}, 4) == (aws.sim.alarms, desired(aws))


def test_a_scheduled_action_and_target_tracking_work_together():
    """The schedule's sizes hold from its minute; the load brings the group back within its bounds."""
    aws = loaded(minimum=2)
    put_load(aws, 40.0)
    due = datetime.fromtimestamp(aws.sim.clock.now() + 90, UTC)
    aws.asg("PutScheduledUpdateGroupAction", ScheduledActionName="up", StartTime=due, MinSize=6, DesiredCapacity=9)
    minutes(aws, 3)
    risen = desired(aws)
    minutes(aws, 40)
    assert (9, 6) == (risen, desired(aws))


def test_a_customized_metric_is_tracked_like_a_predefined_one():
    """Its alarms watch the metric as it is named; one unknown to the model has no data."""
    aws = loaded(load=80.0, policies=(), power=20.0)
    dimension = {"Name": "AutoScalingGroupName", "Value": BLUE}
    metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": [dimension], "Statistic": "Average"}
    own = {"CustomizedMetricSpecification": metric, "TargetValue": 50.0}
    network = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageNetworkIn"},
        "TargetValue": 1.0,
        "DisableScaleIn": True,
    }
    for name, configuration in (("tracking", own), ("network", network)):
        kind = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": configuration}
        aws.asg("PutScalingPolicy", PolicyName=name, EstimatedInstanceWarmup=0, **kind)
    minutes(aws, 5)
    assert (8, "INSUFFICIENT_DATA") == (desired(aws), state(aws, HIGH.replace("tracking", "network")))


def test_a_group_in_a_loop_scales_to_its_maximum():
    """Its processors are busy whatever it is sent: its desired capacity is no demand."""
    aws = loaded(policies=[tracking("cpu", 50)], power=1000.0, maximum=16)
    aws.sim.occupy(BLUE, 100.0)
    minutes(aws, 6)
    assert 16 == desired(aws)


# Side by side.


def overlap(aws):
    """Let green be as large as blue, blue silenced, for twenty minutes."""
    process(aws, "Suspend")
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=4)
    minutes(aws, 20)


def test_growth_is_not_seen_under_dilution():
    """Half as much load again: alone the group grows to six, beside another it sees too little to do."""
    seen = []
    for together in (False, True):
        aws = loaded()
        if together:
            aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=4)
        minutes(aws, 2)
        put_load(aws, 60.0)
        minutes(aws, 10)
        seen.append(desired(aws))
    assert [6, 4] == seen


def test_an_unpinned_group_that_is_armed_under_dilution_shrinks_at_once():
    """Why a group is pinned before it is armed: after minutes side by side its low alarm is in breach."""
    aws = loaded()
    overlap(aws)
    process(aws, "Resume")
    assert ("ALARM", 3) == (state(aws, LOW), desired(aws))


def test_a_pinned_group_that_is_armed_under_dilution_holds():
    """With its minimum raised first, the same alarm finds nothing to take."""
    aws = loaded()
    overlap(aws)
    aws.asg("UpdateAutoScalingGroup", MinSize=4)
    process(aws, "Resume")
    minutes(aws, 10)
    assert ("ALARM", 4) == (state(aws, LOW), desired(aws))


# Suspended processes.


def test_suspended_alarms_change_nothing_and_act_at_once_when_resumed():
    """The alarm fires meanwhile; no minute passes between resuming and acting."""
    aws = loaded(load=80.0)
    process(aws, "Suspend")
    minutes(aws, 10)
    before = (state(aws, HIGH), desired(aws))
    process(aws, "Resume")
    assert (("ALARM", 4), 8) == (before, desired(aws))


def test_resuming_another_process_does_not_let_policies_act():
    """Only AlarmNotification does."""
    aws = loaded(load=80.0, policies=())
    alarm(aws, policy(aws, Cooldown=0), threshold=1.0)
    aws.asg("SuspendProcesses", ScalingProcesses=["AZRebalance"])
    minutes(aws, 1)
    aws.wait(20)
    aws.asg("ResumeProcesses", ScalingProcesses=["AZRebalance"])
    assert 5 == desired(aws)


def test_with_launch_suspended_the_wish_is_there_and_nothing_starts():
    """Desired capacity moves; the instances come when Launch is resumed."""
    aws = loaded(load=80.0)
    aws.asg("SuspendProcesses", ScalingProcesses=["Launch"])
    minutes(aws, 5)
    before = (desired(aws), len(aws.ids()))
    aws.asg("ResumeProcesses", ScalingProcesses=["Launch"])
    minutes(aws, 1)
    assert ((8, 4), 8) == (before, len(aws.ids()))


# Simple and step policies.


def test_a_simple_policy_acts_again_after_its_cooldown():
    """For as long as the alarm lasts, but not before the instance is there and the cooldown over."""
    aws = loaded(policies=(), power=10.0)
    alarm(aws, policy(aws, Cooldown=170), threshold=1.0)
    seen = []
    for _ in range(8):
        minutes(aws, 1)
        seen.append(desired(aws))
    assert [5, 5, 5, 6, 6, 6, 7, 7] == seen


def test_the_groups_cooldown_counts_where_the_policy_has_none():
    """DefaultCooldown, 300 seconds."""
    aws = loaded(policies=(), power=10.0)
    alarm(aws, policy(aws), threshold=1.0)
    minutes(aws, 6)
    before = desired(aws)
    minutes(aws, 1)
    assert (5, 6) == (before, desired(aws))


def test_a_step_is_chosen_by_how_far_the_metric_is_beyond():
    """10 over the threshold is the second step, and what warms up counts towards the next wish."""
    aws = loaded(policies=(), power=40 / 4 / 0.6)
    alarm(aws, steps(aws, (0.0, 10.0, 1), (10.0, None, 3), EstimatedInstanceWarmup=600))
    minutes(aws, 1)
    first = desired(aws)
    put_load(aws, 90.0)
    minutes(aws, 2)
    assert (7, 7) == (first, desired(aws))


def test_a_higher_step_adds_only_what_is_not_warming_up_yet():
    """One for a small breach, then three for a larger one: three in all (the guide's example)."""
    aws = loaded(policies=(), power=40 / 4 / 0.55)
    alarm(aws, steps(aws, (0.0, 10.0, 1), (10.0, None, 3), EstimatedInstanceWarmup=600))
    minutes(aws, 1)
    first = desired(aws)
    aws.sim.put_load(aws.balancer(), lambda _: 80.0, 40 / 4 / 0.55)
    minutes(aws, 1)
    assert (5, 7) == (first, desired(aws))


def test_a_step_policy_scales_in():
    """Below its threshold, by its step, down to the minimum, a minute after the other."""
    aws = loaded(policies=(), power=1000.0, minimum=1)
    alarm(aws, steps(aws, (None, 0.0, -2)), above=False)
    seen = []
    for _ in range(3):
        minutes(aws, 1)
        seen.append(desired(aws))
    assert [2, 1, 1] == seen


def test_of_several_policies_the_largest_capacity_wins():
    """One wants fewer, one more: more."""
    aws = loaded(policies=(), power=20.0)
    alarm(aws, policy(aws, -2, "fewer"), policy(aws, 2, "more"), policy(aws, 1, "little"), threshold=1.0)
    minutes(aws, 1)
    assert 6 == desired(aws)


CHANGES = [
    (4, "ChangeInCapacity", 3, {}, 7),
    (4, "ExactCapacity", 9, {}, 9),
    (10, "PercentChangeInCapacity", 127, {}, 22),
    (10, "PercentChangeInCapacity", 6, {}, 11),
    (10, "PercentChangeInCapacity", -6, {}, 9),
    (10, "PercentChangeInCapacity", -67, {}, 4),
    (4, "PercentChangeInCapacity", 25, {"MinAdjustmentMagnitude": 2}, 6),
    (4, "PercentChangeInCapacity", 25, {"MinAdjustmentStep": 3}, 7),
    (0, "PercentChangeInCapacity", 50, {}, 0),
]


@pytest.mark.parametrize(("base", "kind", "change", "more", "size"), CHANGES)
def test_adjustments_are_rounded_as_the_guide_says(base, kind, change, more, size):
    """Towards zero, but at least one, or the least magnitude."""
    assert size == adjusted(base, {"AdjustmentType": kind, **more}, change)


def test_bounds_of_steps():
    """The bound nearer to the threshold belongs to its step; outside all steps nothing is done."""
    upper = {
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1}]
    }
    lower = {
        "StepAdjustments": [{"MetricIntervalLowerBound": -10, "MetricIntervalUpperBound": 0, "ScalingAdjustment": 1}]
    }
    assert [1, None, None] == [step_for(upper, beyond, True) for beyond in (0, 10, -1)]
    assert [1, None, None] == [step_for(lower, beyond, False) for beyond in (0, -10, 1)]


def test_what_a_metric_needs():
    """In proportion, rounded up, and a whole number is not rounded on."""
    assert [8, 5, 4, 0] == [needed(*each) for each in ((1200, 4, 600), (601, 4, 600), (0.3, 40, 3.0), (500, 0, 600))]


# What is easily forgotten.


def test_a_step_policy_does_not_scale_in_while_instances_warm_up():
    """Four were added by another policy, and are not warm yet; the low alarm waits."""
    aws = loaded(policies=(), power=1000.0, minimum=1)
    arn = steps(aws, (None, 0.0, -1))
    aws.asg("PutScalingPolicy", **labelled(aws.sim, BLUE, tracking("requests", 300, EstimatedInstanceWarmup=600)))
    minutes(aws, 4)
    alarm(aws, arn, above=False)
    grown = desired(aws)
    minutes(aws, 5)
    assert (8, 8) == (grown, desired(aws))


def test_a_simple_policy_waits_for_launches_under_way():
    """Without any cooldown it still waits until the last one is in service."""
    aws = loaded(policies=(), power=10.0, options=Options(pending=100))
    alarm(aws, policy(aws, Cooldown=0), threshold=1.0)
    seen = []
    for _ in range(5):
        minutes(aws, 1)
        seen.append(desired(aws))
    assert [5, 5, 6, 6, 7] == seen


def test_a_new_policy_is_evaluated_at_once():
    """The figures of the minutes before it are there already."""
    aws = loaded(load=80.0, policies=())
    minutes(aws, 5)
    aws.asg("PutScalingPolicy", **labelled(aws.sim, BLUE, REQUESTS))
    assert (8, "ALARM") == (desired(aws), state(aws, HIGH))


def test_gaps_let_an_evaluation_look_further_back():
    """A calm minute, then busy ones with gaps: of the last three data points one is calm."""
    aws = loaded(policies=())
    dimension = {"Name": "TargetGroup", "Value": aws.balancer().rpartition(":")[2]}
    metric = {"MetricName": "RequestCountPerTarget", "Namespace": "AWS/ApplicationELB", "Statistic": "Sum"}
    alarm(aws, threshold=700.0, EvaluationPeriods=3, Dimensions=[dimension], **metric)
    for rate in (40.0, 0.0, 80.0, 0.0, 80.0):
        put_load(aws, rate)
        minutes(aws, 1)
    first = state(aws, "cpu")
    put_load(aws, 80.0)
    minutes(aws, 1)
    assert ("OK", "ALARM") == (first, state(aws, "cpu"))


def test_a_set_alarm_acts_alone():
    """Another alarm that fires as well acts in its own minute only."""
    aws = loaded(policies=(), power=10.0)
    alarm(aws, policy(aws, 3, "own", Cooldown=0), threshold=1.0)
    alarm(aws, policy(aws, 1, "set", Cooldown=0), MetricName="Disk", Namespace="mine", AlarmName="disk")
    minutes(aws, 1)
    aws.wait(20)
    before = desired(aws)
    aws.call("cloudwatch", "SetAlarmState", AlarmName="disk", StateValue="ALARM", StateReason="test")
    assert (7, 8) == (before, desired(aws))


def test_who_warms_up_and_for_how_long():
    """What a policy launched: its own time, else the group's, else the cooldown; what a user launched: the group's."""
    seen = []
    for own, groups in (
        (70, {}),
        (None, {}),
        (None, {"DefaultInstanceWarmup": 0}),
        (None, {"DefaultInstanceWarmup": 9}),
    ):
        more = {"EstimatedInstanceWarmup": own} if own is not None else {}
        aws = loaded(load=80.0, policies=[tracking("requests", 600, **more)], **groups)
        minutes(aws, 4)
        aws.asg("SetDesiredCapacity", DesiredCapacity=9)
        aws.wait(5)
        seen.append([member.warmup for member in aws.sim.groups[BLUE].members.values()][-2:])
    assert [[70, 0], [300, 0], [0, 0], [9, 9]] == seen


def test_what_is_pending_warms_up_too():
    """A step does not add again for as long as its instance is not even in service."""
    aws = loaded(policies=(), power=10.0, options=Options(pending=200))
    alarm(aws, steps(aws, (0.0, None, 1), EstimatedInstanceWarmup=1))
    minutes(aws, 3)
    assert 5 == desired(aws)


def test_figures_are_kept_for_a_day():
    """A simulator that lives long does not grow."""
    aws = loaded(policies=())
    minutes(aws, 25 * 60)
    assert {1440} == {len(values) for values in aws.sim.world.beside[FIGURES].values.values()}


def test_one_load_is_shared_by_several_balancers():
    """Each has its even part, and a processor has the sum."""
    aws = loaded(policies=[tracking("cpu", 90)], balancers=["target-group", "classic"], power=20.0)
    minutes(aws, 1)
    counts = [values for (name, _), values in aws.sim.world.beside[FIGURES].values.items() if name == "RequestCount"]
    assert ([1200.0, 1200.0], 50.0) == (
        [each.total for values in counts for each in values.values()],
        latest(aws.sim.world, aws.sim.alarms[HIGH]),
    )

"""Hooks, policies, schedules, tags, alarms, activities, machines and pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bluegreen.simulator.autoscaling.cron import following

from .wire import BLUE, GREEN, wire


def hook(aws, transition="LAUNCHING", timeout=600, default="CONTINUE", group=GREEN):
    """Put a hook onto a group."""
    aws.asg(
        "PutLifecycleHook",
        group,
        LifecycleHookName="hook",
        LifecycleTransition=f"autoscaling:EC2_INSTANCE_{transition}",
        HeartbeatTimeout=timeout,
        DefaultResult=default,
    )


def grow(aws, count=1):
    """Launch green instances."""
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=count, MaxSize=count)


def test_a_launch_hook_holds_until_its_time_out():
    """Ten minutes in Pending:Wait, then into service by default."""
    aws = wire()
    hook(aws)
    grow(aws)
    aws.wait(595)
    assert (["Pending:Wait"], 3) == (aws.states(GREEN), len(aws.rows()))
    aws.wait(10)
    assert ["InService"] == aws.states(GREEN)


def test_an_abandoned_launch_is_cancelled_and_tried_again():
    """The activity is Cancelled, the instance ended, another launched."""
    aws = wire()
    hook(aws, default="ABANDON", timeout=30)
    grow(aws)
    aws.wait(5)
    (first,) = aws.ids(GREEN)
    aws.wait(60)
    codes = [found["StatusCode"] for found in aws.asg("DescribeScalingActivities", GREEN)["Activities"]]
    assert first not in aws.ids(GREEN)
    assert "Cancelled" in codes
    assert 1 == len(aws.ids(GREEN))


def test_a_terminating_hook_holds_after_the_drain():
    """Terminating, drained, Terminating:Wait, gone."""
    aws = wire(instances=1, minimum=0)
    hook(aws, "TERMINATING", timeout=50, group=BLUE)
    aws.asg("SetDesiredCapacity", DesiredCapacity=0)
    aws.wait(3)
    assert ["Terminating"] == aws.states()
    aws.wait(20)
    assert (["Terminating:Wait"], {}) == (aws.states(), aws.rows())
    aws.wait(40)
    assert [] == aws.ids()


def test_hooks_do_not_run_for_standby():
    """Neither on the way in nor on the way back."""
    aws = wire(instances=1)
    hook(aws, "LAUNCHING", group=BLUE)
    aws.park(*aws.ids())
    aws.leave(*aws.ids())
    aws.wait(3)
    assert ["InService"] == aws.states()


def test_target_tracking_manages_its_alarms():
    """The alarms come and go with the policy."""
    aws = wire()
    target = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 50.0,
    }
    policy = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": target}
    put = aws.asg("PutScalingPolicy", PolicyName="t", **policy)
    names = [alarm["AlarmName"] for alarm in put["Alarms"]]
    assert ["TargetTracking-web-blue-AlarmHigh-t", "TargetTracking-web-blue-AlarmLow-t"] == names
    assert set(names) == {alarm["AlarmName"] for alarm in aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]}
    aws.asg("DeletePolicy", PolicyName="t")
    assert [] == aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]


def test_an_upserted_alarm_keeps_its_state():
    """The configuration is overwritten, the state stays; a new alarm has no data."""
    aws = wire()
    rule = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "MetricName": "m", "Namespace": "n"}
    rule |= {"Statistic": "Sum", "Period": 60}
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="a", Threshold=1.0, AlarmDescription="old", **rule)
    before = aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"][0]["StateValue"]
    aws.call("cloudwatch", "SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="r")
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="a", Threshold=2.0, **rule)
    after = aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"][0]
    assert ("INSUFFICIENT_DATA", "ALARM", 2.0, False) == (
        before,
        after["StateValue"],
        after["Threshold"],
        "AlarmDescription" in after,
    )


def test_a_scheduled_action_runs_once():
    """At its time the sizes move; then it is gone."""
    aws = wire(instances=2, maximum=9)
    due = datetime.fromtimestamp(aws.sim.clock.now() + 60, UTC)
    aws.asg("PutScheduledUpdateGroupAction", ScheduledActionName="up", StartTime=due, MinSize=4, DesiredCapacity=5)
    aws.wait(59)
    assert 2 == aws.group()["DesiredCapacity"]
    aws.wait(2)
    assert (4, 5) == (aws.group()["MinSize"], aws.group()["DesiredCapacity"])
    assert [] == aws.asg("DescribeScheduledActions")["ScheduledUpdateGroupActions"]


def test_a_suspended_schedule_is_skipped_and_not_replayed():
    """What was due while suspended never happens; the next run does."""
    aws = wire(instances=2, maximum=9)
    aws.asg("PutScheduledUpdateGroupAction", ScheduledActionName="up", Recurrence="* * * * *", DesiredCapacity=5)
    aws.asg("SuspendProcesses", ScalingProcesses=["ScheduledActions"])
    aws.wait(90)
    aws.asg("ResumeProcesses", ScalingProcesses=["ScheduledActions"])
    assert 2 == aws.group()["DesiredCapacity"]
    aws.wait(61)
    assert 5 == aws.group()["DesiredCapacity"]


def test_a_batch_of_schedules_reports_what_failed():
    """HTTP 200 with the failures in it: start times are unique in a group, and not in the past."""
    aws = wire()
    due = datetime(2030, 1, 1, tzinfo=UTC)
    actions = [
        {"ScheduledActionName": "a", "StartTime": due, "MinSize": 1},
        {"ScheduledActionName": "b", "StartTime": due, "MinSize": 1},
        {"ScheduledActionName": "c", "StartTime": datetime(2020, 1, 1, tzinfo=UTC), "MinSize": 1},
    ]
    failed = aws.asg("BatchPutScheduledUpdateGroupAction", ScheduledUpdateGroupActions=actions)
    assert [("b", "AlreadyExists"), ("c", "ValidationError")] == [
        (found["ScheduledActionName"], found["ErrorCode"]) for found in failed["FailedScheduledUpdateGroupActions"]
    ]


@pytest.mark.parametrize(
    ("expression", "zone", "due"),
    [
        ("30 8 * * mon-fri", "UTC", "2026-11-23T08:30:00+00:00"),
        ("0 9 * * *", "Asia/Seoul", "2026-11-22T00:00:00+00:00"),
        ("*/15 * * * *", "UTC", "2026-11-21T12:15:00+00:00"),
        ("0 0 1 jan *", "UTC", "2027-01-01T00:00:00+00:00"),
        ("0 0 13 * 5", "UTC", "2026-11-27T00:00:00+00:00"),
        ("0 12 * * 7", "UTC", "2026-11-22T12:00:00+00:00"),
        ("0 0 30 2 *", "UTC", None),
    ],
)
def test_recurrences(expression, zone, due):
    """Five fields, names, steps, either of two days, and the zone."""
    after = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC).timestamp()
    found = following(expression, after, zone)
    assert due == (datetime.fromtimestamp(found, UTC).isoformat() if found is not None else None)


def test_tags_are_overwritten_and_filtered():
    """A write is an upsert; groups are found by tag."""
    aws = wire()
    tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Key": "team", "PropagateAtLaunch": True}
    for value in ("one", "two"):
        aws.asg("CreateOrUpdateTags", None, Tags=[{**tag, "Value": value}])
    by_tag = {"Filters": [{"Name": "tag:team", "Values": ["two"]}]}
    found = aws.asg("DescribeAutoScalingGroups", None, **by_tag)["AutoScalingGroups"]
    assert [BLUE] == [group["AutoScalingGroupName"] for group in found]
    assert "ValidationError" == aws.refusal("autoscaling", "CreateOrUpdateTags", Tags=[{**tag, "Key": "aws:x"}])[0]


def test_a_group_has_fifty_tags_whichever_calls_write_them():
    """A call that would go beyond writes none of its tags; one that overwrites is taken."""
    aws = wire()
    tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group"}
    have = len(aws.group()["Tags"])

    def write(*numbers):
        return {"Tags": [{**tag, "Key": f"k{number}", "Value": "v"} for number in numbers]}

    aws.asg("CreateOrUpdateTags", None, **write(*range(25)))
    aws.asg("CreateOrUpdateTags", None, **write(*range(25, 45)))
    beyond = aws.refusal("autoscaling", "CreateOrUpdateTags", **write(*range(40, 60)))[0]
    aws.asg("CreateOrUpdateTags", None, **write(*range(20)))
    assert ("LimitExceeded", 45) == (beyond, len(aws.group()["Tags"]) - have)


def test_a_group_is_created_whole_or_not_at_all():
    """A tag that is refused leaves no group behind."""
    aws = wire()
    tag = {"Key": "aws:x", "Value": "", "PropagateAtLaunch": False}
    request = {"AutoScalingGroupName": "other", "MinSize": 0, "MaxSize": 0, "AvailabilityZones": ["us-east-1a"]}
    refused = aws.refusal("autoscaling", "CreateAutoScalingGroup", **request, Tags=[tag])[0]
    assert ("ValidationError", {BLUE, GREEN}) == (refused, set(aws.sim.groups))


def test_tags_reach_new_instances_only():
    """Propagation happens at launch; detaching takes the group's name off."""
    aws = wire(instances=1)
    old = aws.ids()[0]
    tag = {
        "ResourceId": BLUE,
        "ResourceType": "auto-scaling-group",
        "Key": "app",
        "Value": "w",
        "PropagateAtLaunch": True,
    }
    aws.asg("CreateOrUpdateTags", None, Tags=[tag])
    aws.asg("SetDesiredCapacity", DesiredCapacity=2)
    aws.wait(10)
    new = aws.ids()[1]
    aws.asg("DetachInstances", InstanceIds=[new], ShouldDecrementDesiredCapacity=True)
    aws.wait(10)
    tags = {machine.id: machine.tags for machine in aws.sim.machines.values()}
    assert ({"aws:autoscaling:groupName": BLUE}, {"app": "w"}) == (tags[old], tags[new])
    assert [new] == aws.sim.orphans()


def test_detaching():
    """Wrong states, the minimum and the undocumented decrement are refused; without decrement another comes."""
    aws = wire(instances=2, minimum=2)
    first, second = aws.ids()
    both = {"AutoScalingGroupName": BLUE, "InstanceIds": [first]}
    below = aws.refusal("autoscaling", "DetachInstances", **both, ShouldDecrementDesiredCapacity=True)
    assert "To detach 1 instance, please update the AutoScalingGroup sizes appropriately." in below[1]
    aws.asg("DetachInstances", InstanceIds=[first], ShouldDecrementDesiredCapacity=False)
    again = aws.refusal("autoscaling", "DetachInstances", **both, ShouldDecrementDesiredCapacity=False)
    assert ("ValidationError", f"The instance {first} is not in InService or Standby.") == again
    aws.wait(30)
    assert (2, [first]) == (len(aws.sim.healthy(BLUE)), aws.sim.orphans())
    aws.park(second)
    parked = {"AutoScalingGroupName": BLUE, "InstanceIds": [second], "ShouldDecrementDesiredCapacity": True}
    assert "NotImplemented" == aws.refusal("autoscaling", "DetachInstances", **parked)[0]
    desired = aws.group()["DesiredCapacity"]
    aws.asg("DetachInstances", InstanceIds=[second], ShouldDecrementDesiredCapacity=False)
    aws.wait(30)
    assert desired == aws.group()["DesiredCapacity"] == len(aws.ids())


def test_ending_a_member_below_the_minimum_is_refused():
    """The sentence that a public report quotes; an id of no group is not found."""
    aws = wire(instances=3, minimum=3)
    request = {"InstanceId": aws.ids()[0], "ShouldDecrementDesiredCapacity": True}
    assert (
        "ValidationError",
        "Currently, desiredSize equals minSize (3). Terminating instance without replacement will violate group's min "
        "size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    ) == aws.refusal("autoscaling", "TerminateInstanceInAutoScalingGroup", **request)
    lost = aws.refusal("autoscaling", "TerminateInstanceInAutoScalingGroup", **{**request, "InstanceId": "i-1"})
    assert "Instance Id not found - No managed instance found for instance ID: i-1" == lost[1]


def test_termination_protection_fails_its_whole_zone():
    """The others of the zone are spared too, those of other zones are ended."""
    aws = wire(instances=4, zones=2)
    by_zone = {}
    for machine in aws.sim.machines.values():
        by_zone.setdefault(machine.zone, []).append(machine.id)
    spared, ended = by_zone.values()
    aws.call("ec2", "ModifyInstanceAttribute", InstanceId=spared[0], DisableApiTermination={"Value": True})
    code, message = aws.refusal("ec2", "TerminateInstances", InstanceIds=aws.ids())
    assert ("OperationNotPermitted", True) == (code, f"The instance '{spared[0]}' may not be terminated" in message)
    running = {machine.id for machine in aws.sim.machines.values() if machine.running}
    assert (set(spared), set()) == (running, running & set(ended))


def test_unknown_instances():
    """EC2 names them, Auto Scaling leaves them out; a terminated one is forgotten after an hour."""
    aws = wire(instances=1)
    assert ("InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist") == aws.refusal(
        "ec2", "DescribeInstances", InstanceIds=["i-1"]
    )
    assert [] == aws.asg("DescribeAutoScalingInstances", None, InstanceIds=["i-1"])["AutoScalingInstances"]
    many = aws.refusal("autoscaling", "DescribeAutoScalingInstances", InstanceIds=[f"i-{n}" for n in range(51)])
    assert "The number of instance ids that may be passed in is limited to 50" == many[1]
    old = aws.ids()[0]
    aws.call("ec2", "TerminateInstances", InstanceIds=[old])
    aws.wait(1800)
    assert 1 == len(aws.call("ec2", "DescribeInstances", InstanceIds=[old])["Reservations"])
    aws.wait(1900)
    assert "InvalidInstanceID.NotFound" == aws.refusal("ec2", "DescribeInstances", InstanceIds=[old])[0]


def test_activities_newest_first_and_from_a_time():
    """What is under way leads, then the newest; older than the lower bound is left out."""
    aws = wire(instances=2)
    since = aws.sim.clock.now()
    aws.wait(1)
    aws.asg("SetDesiredCapacity", DesiredCapacity=3)
    aws.wait(0.5)
    bound = [{"Name": "StartTimeLowerBound", "Values": [datetime.fromtimestamp(since, UTC).isoformat()]}]
    every = aws.asg("DescribeScalingActivities")["Activities"]
    recent = aws.asg("DescribeScalingActivities", Filters=bound)["Activities"]
    assert (["PreInService", "Successful", "Successful"], [every[0]]) == ([a["StatusCode"] for a in every], recent)


def test_a_wrong_token_is_refused():
    """InvalidNextToken, as botocore's model has it."""
    aws = wire()
    assert "InvalidNextToken" == aws.refusal("autoscaling", "DescribeAutoScalingGroups", NextToken="x")[0]


def test_a_policy_is_enabled_unless_told_otherwise():
    """The default is AWS's, and the whole configuration is replaced by the next write."""
    aws = wire()
    change = {"PolicyName": "cpu", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
    aws.asg("PutScalingPolicy", **change, Enabled=False, Cooldown=60)
    aws.asg("PutScalingPolicy", **change)
    policy = aws.asg("DescribePolicies")["ScalingPolicies"][0]
    assert (True, False) == (policy["Enabled"], "Cooldown" in policy)


def test_the_model_keeps_its_own_copy():
    """What a caller changes afterwards in its own request changes nothing here."""
    aws = wire()
    template = {"LaunchTemplateName": "web", "Version": "$Latest"}
    aws.asg("UpdateAutoScalingGroup", LaunchTemplate=template)
    template["Version"] = "3"
    assert "$Latest" == aws.group()["LaunchTemplate"]["Version"]


def test_an_older_activity_under_way_leads():
    """What is still draining stands before what came later and is done."""
    aws = wire(instances=1, minimum=0, drain=300)
    aws.enter(*aws.ids(), decrement=False)
    aws.wait(60)
    found = aws.asg("DescribeScalingActivities")["Activities"]
    assert ["InProgress", "Successful", "Successful"] == [activity["StatusCode"] for activity in found]

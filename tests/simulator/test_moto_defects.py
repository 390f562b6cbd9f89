"""The ten defects of plain moto that must not come back here."""

from __future__ import annotations

import pytest

from bluegreen.simulator import AwsError

from .wire import BLUE, GREEN, wire


def test_two_groups_share_one_classic_balancer():
    """Defect 1: a second group on a balancer evicts nobody."""
    aws = wire(balancers=["classic"], instances=2)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=2, MaxSize=4)
    aws.until(lambda: len(aws.sim.healthy(GREEN)) == 2)
    assert set(aws.ids(BLUE) + aws.ids(GREEN)) == set(aws.words())


def test_scale_in_never_picks_standby():
    """Defect 2: with everything in Standby a maximum of zero ends nobody."""
    aws = wire(instances=3)
    aws.park(*aws.ids())
    aws.asg("UpdateAutoScalingGroup", MinSize=0, MaxSize=0)
    aws.wait(60)
    assert ["Standby"] * 3 == aws.states()


def test_standby_detach_and_scale_in_deregister():
    """Defect 3: what leaves service leaves the target group, after draining."""
    aws = wire(instances=3)
    first, second, third = aws.ids()
    aws.asg("UpdateAutoScalingGroup", MinSize=0)
    aws.enter(first)
    aws.asg("DetachInstances", InstanceIds=[second], ShouldDecrementDesiredCapacity=True)
    aws.asg("SetDesiredCapacity", DesiredCapacity=0)
    aws.wait(1)
    assert dict.fromkeys([first, second, third], "draining Target.DeregistrationInProgress") == aws.rows()
    aws.wait(30)
    assert {} == aws.rows()


def test_enter_standby_twice_is_refused():
    """Defect 4: the whole call fails, and desired capacity is decremented once."""
    aws = wire(instances=3)
    first, second, _ = aws.ids()
    aws.park(first)
    refusal = aws.refusal(
        "autoscaling",
        "EnterStandby",
        AutoScalingGroupName=BLUE,
        InstanceIds=[second, first],
        ShouldDecrementDesiredCapacity=True,
    )
    assert ("ValidationError", f"The instance {first} is not in InService.") == refusal
    assert (2, "InService") == (aws.group()["DesiredCapacity"], aws.sim.states(BLUE)[second])


def test_bounds_are_enforced():
    """Defect 5: desired capacity stays within the bounds."""
    aws = wire(instances=3, minimum=1, maximum=4)
    codes = [
        aws.refusal("autoscaling", "SetDesiredCapacity", AutoScalingGroupName=BLUE, DesiredCapacity=wanted)[0]
        for wanted in (-1, 0, 5)
    ]
    assert ["ValidationError"] * 3 == codes


def test_policies_and_schedules_belong_to_a_group():
    """Defect 6: the same name on the other group is another policy, and another schedule."""
    aws = wire()
    for group in (BLUE, GREEN):
        aws.asg("PutScalingPolicy", group, PolicyName="cpu", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1)
        aws.asg("PutScheduledUpdateGroupAction", group, ScheduledActionName="am", Recurrence="0 8 * * *", MinSize=1)
    policies = aws.asg("DescribePolicies", None)["ScalingPolicies"]
    actions = aws.asg("DescribeScheduledActions", None)["ScheduledUpdateGroupActions"]
    assert [BLUE, GREEN] == [policy["AutoScalingGroupName"] for policy in policies]
    assert [BLUE, GREEN] == [action["AutoScalingGroupName"] for action in actions]


def test_a_policy_has_an_arn_and_keeps_enabled():
    """Defect 7: PutScalingPolicy returns the ARN, and ``Enabled`` survives."""
    aws = wire()
    put = aws.asg(
        "PutScalingPolicy", PolicyName="cpu", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1, Enabled=False
    )
    policy = aws.asg("DescribePolicies")["ScalingPolicies"][0]
    assert (put["PolicyARN"], False) == (policy["PolicyARN"], policy["Enabled"])
    assert f"autoScalingGroupName/{BLUE}:policyName/cpu" in put["PolicyARN"]


def test_a_dead_standby_instance_stays_listed():
    """Defect 8: it reads Standby and Healthy until it is detached."""
    aws = wire(instances=2)
    first, _ = aws.ids()
    aws.park(first)
    aws.sim.kill(first)
    aws.wait(120)
    listed = {row["InstanceId"]: row for row in aws.group()["Instances"]}
    assert ("Standby", "Healthy") == (listed[first]["LifecycleState"], listed[first]["HealthStatus"])
    aws.asg("DetachInstances", InstanceIds=[first], ShouldDecrementDesiredCapacity=False)
    aws.wait(5)
    assert first not in aws.ids()


def test_nothing_is_instant():
    """Defect 9: launching, parking, detaching, ending and draining all take time."""
    aws = wire(instances=4)
    first, second, third, _ = aws.ids()
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    aws.wait(0.5)
    aws.enter(first)
    aws.asg("DetachInstances", InstanceIds=[second], ShouldDecrementDesiredCapacity=True)
    aws.asg("TerminateInstanceInAutoScalingGroup", None, InstanceId=third, ShouldDecrementDesiredCapacity=True)
    assert ["Detaching", "EnteringStandby", "InService", "Terminating"] == aws.states()
    assert ["Pending"] == aws.states(GREEN)


def test_errors_are_typed():
    """Defect 10: an unknown group is a ValidationError, an unknown operation a loud 501."""
    aws = wire()
    code, message = aws.refusal("autoscaling", "SetDesiredCapacity", AutoScalingGroupName="no", DesiredCapacity=1)
    assert ("ValidationError", True) == (code, message.startswith("AutoScalingGroup name not found"))
    with pytest.raises(AwsError) as caught:
        aws.sim.call("autoscaling", "ExecutePolicy", {"PolicyName": "cpu"})
    assert ("NotImplemented", 501) == (caught.value.code, caught.value.http_status)

"""Into Standby and back."""

from __future__ import annotations

import pytest

from .wire import BLUE, wire


def test_too_small_a_group_is_refused_word_for_word():
    """The sentence that a public report quotes."""
    aws = wire(instances=1, minimum=1, maximum=1)
    refusal = aws.refusal(
        "autoscaling",
        "EnterStandby",
        AutoScalingGroupName=BLUE,
        InstanceIds=aws.ids(),
        ShouldDecrementDesiredCapacity=True,
    )
    assert (
        "ValidationError",
        "AutoScalingGroup web-blue has min-size=1, max-size=1, and desired-size=1. To place into standby 1 instance, "
        "please update the AutoScalingGroup sizes appropriately.",
    ) == refusal


def test_entering_decrements_and_says_so():
    """The activity is the one that the user guide shows."""
    aws = wire(instances=2, minimum=0)
    first, second = aws.ids()
    activities = aws.enter(first, second)
    assert 0 == aws.group()["DesiredCapacity"]
    assert [
        (f"Moving EC2 instance to Standby: {first}", "InProgress", 50),
        (f"Moving EC2 instance to Standby: {second}", "InProgress", 50),
    ] == [(found["Description"], found["StatusCode"], found["Progress"]) for found in activities]
    assert activities[1]["Cause"].endswith(
        f"instance {second} was moved to standby in response to a user request, shrinking the capacity from 1 to 0."
    )


def test_entering_lasts_until_the_drain_is_over():
    """EnteringStandby outlasts the deregistration delay."""
    aws = wire(instances=1, minimum=0, drain=30)
    aws.enter(*aws.ids())
    aws.wait(29)
    assert ["EnteringStandby"] == aws.states()
    aws.wait(2)
    assert ["Standby"] == aws.states()


def test_entering_waits_for_the_slowest_balancer():
    """All balancers drain before the instance is in Standby."""
    aws = wire(instances=1, minimum=0, balancers=["target-group", "classic"], drain=3)
    aws.call(
        "elb",
        "ModifyLoadBalancerAttributes",
        LoadBalancerName="web-1",
        LoadBalancerAttributes={"ConnectionDraining": {"Enabled": True, "Timeout": 60}},
    )
    aws.enter(*aws.ids())
    aws.wait(30)
    assert (["EnteringStandby"], {}) == (aws.states(), aws.rows(1))
    aws.wait(31)
    assert ["Standby"] == aws.states()


def test_without_decrement_the_group_launches_another():
    """Desired capacity stays, so a replacement comes."""
    aws = wire(instances=2)
    aws.enter(aws.ids()[0], decrement=False)
    aws.wait(20)
    assert (["InService", "InService", "Standby"], 2) == (aws.states(), aws.group()["DesiredCapacity"])


def test_more_than_twenty_are_refused():
    """Twenty instance ids in a call are the limit."""
    aws = wire(instances=21, minimum=0)
    calls = ("EnterStandby", {"ShouldDecrementDesiredCapacity": True}), ("ExitStandby", {})
    for operation, more in calls:
        refusal = aws.refusal("autoscaling", operation, AutoScalingGroupName=BLUE, InstanceIds=aws.ids(), **more)
        assert ("ValidationError", "The number of instance ids that may be passed in is limited to 20") == refusal


def test_strangers_are_refused():
    """An id that is no member fails the whole call."""
    aws = wire(minimum=0)
    refusal = aws.refusal(
        "autoscaling",
        "EnterStandby",
        AutoScalingGroupName=BLUE,
        InstanceIds=[aws.ids()[0], "i-1"],
        ShouldDecrementDesiredCapacity=True,
    )
    assert ("ValidationError", "The instance i-1 is not part of Auto Scaling group web-blue.") == refusal
    assert ["InService"] * 3 == aws.states()


def test_leaving_goes_through_pending_and_is_healthy_later():
    """Standby, Pending, InService, and only then healthy in the balancer."""
    aws = wire(instances=1)
    aws.park(*aws.ids())
    description = aws.leave(*aws.ids())[0]
    assert ("PreInService", 30) == (description["StatusCode"], description["Progress"])
    assert (["Pending"], 1) == (aws.states(), aws.group()["DesiredCapacity"])
    aws.until(lambda: aws.states() == ["InService"])
    assert ["initial Elb.InitialHealthChecking"] == list(aws.rows().values())
    aws.until(lambda: aws.sim.healthy(BLUE) == aws.ids())


def test_leaving_while_still_entering_is_refused():
    """Within the drain there is no way back through ExitStandby."""
    aws = wire(instances=1, minimum=0)
    aws.enter(*aws.ids())
    refusal = aws.refusal("autoscaling", "ExitStandby", AutoScalingGroupName=BLUE, InstanceIds=aws.ids())
    assert ("ValidationError", f"The instance {aws.ids()[0]} is not in Standby.") == refusal


def test_leaving_needs_the_launch_process():
    """While Launch is suspended nothing comes back from Standby."""
    aws = wire(instances=1)
    aws.park(*aws.ids())
    aws.asg("SuspendProcesses", ScalingProcesses=["Launch"])
    refusal = aws.refusal("autoscaling", "ExitStandby", AutoScalingGroupName=BLUE, InstanceIds=aws.ids())
    assert "ValidationError" == refusal[0]
    assert ["Standby"] == aws.states()


def test_entering_works_with_launch_and_terminate_suspended():
    """Moving out of service needs neither process."""
    aws = wire(instances=1, minimum=0)
    aws.asg("SuspendProcesses", ScalingProcesses=["Launch", "Terminate"])
    aws.enter(*aws.ids())
    aws.until(lambda: aws.states() == ["Standby"])


def test_leaving_above_the_maximum_is_refused():
    """The increment must stay within the bounds."""
    aws = wire(instances=2)
    aws.park(*aws.ids())
    aws.asg("UpdateAutoScalingGroup", MaxSize=1)
    refusal = aws.refusal("autoscaling", "ExitStandby", AutoScalingGroupName=BLUE, InstanceIds=aws.ids())
    assert "has min-size=0, max-size=1, and desired-size=0." in refusal[1]


def test_standby_is_immune_to_health_checks():
    """A dead application in Standby is nobody's business."""
    aws = wire(instances=2, HealthCheckType="ELB")
    first = aws.ids()[0]
    aws.park(first)
    aws.sim.sicken(first)
    aws.wait(120)
    assert "Standby" == aws.sim.states(BLUE)[first]


def test_a_ghost_that_leaves_standby_is_replaced():
    """The group finds out when it looks, and launches another."""
    aws = wire(instances=1)
    ghost = aws.ids()[0]
    aws.park(ghost)
    aws.call("ec2", "TerminateInstances", InstanceIds=[ghost])
    aws.wait(30)
    aws.leave(ghost)
    aws.until(lambda: ghost not in aws.ids() and len(aws.sim.healthy(BLUE)) == 1)


def test_a_bridge_completes_the_move():
    """Registered again while draining: the workflow ends, the instance serves from Standby."""
    aws = wire(instances=1, minimum=0, drain=300, bridge="completes")
    aws.enter(*aws.ids())
    aws.wait(10)
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=[{"Id": aws.ids()[0]}])
    aws.wait(5)
    assert (["Standby"], aws.ids()) == (aws.states(), aws.sim.healthy(BLUE))
    aws.asg("ExitStandby", InstanceIds=aws.ids())
    aws.wait(5)
    assert (["InService"], aws.ids()) == (aws.states(), aws.sim.healthy(BLUE))


@pytest.mark.parametrize("kind", ["target-group", "classic"])
def test_a_bridge_may_be_taken_down_again(kind):
    """The other answer: the drain is waited out, and the instance is deregistered once more."""
    aws = wire(instances=1, minimum=0, drain=300, bridge="deregisters", balancers=[kind])
    (instance,) = aws.ids()
    aws.enter(instance)
    aws.wait(10)
    if kind == "classic":
        registered = [{"InstanceId": instance}]
        aws.call("elb", "RegisterInstancesWithLoadBalancer", LoadBalancerName="web-0", Instances=registered)
    else:
        aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=[{"Id": instance}])
    aws.wait(280)
    assert (["EnteringStandby"], [instance]) == (aws.states(), aws.sim.healthy(BLUE))
    aws.wait(15)
    assert (["Standby"], []) == (aws.states(), aws.sim.healthy(BLUE))


def test_a_bridge_outlives_the_drain_it_ended():
    """What was registered again is not forgotten when the old drain would have been over."""
    aws = wire(instances=1, minimum=0, drain=30)
    aws.enter(*aws.ids())
    aws.wait(10)
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=[{"Id": aws.ids()[0]}])
    aws.wait(100)
    assert aws.ids() == aws.sim.healthy(BLUE)


def test_half_a_bridge_holds_the_move_to_its_own_drain():
    """Registered again in one of two balancers: the other's end does not let the move complete."""
    aws = wire(instances=1, minimum=0, balancers=["classic", "target-group"], drain=100, bridge="deregisters")
    draining = {"ConnectionDraining": {"Enabled": True, "Timeout": 20}}
    aws.call("elb", "ModifyLoadBalancerAttributes", LoadBalancerName="web-0", LoadBalancerAttributes=draining)
    aws.enter(*aws.ids())
    aws.wait(10)
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(1), Targets=[{"Id": aws.ids()[0]}])
    aws.wait(80)
    assert ["EnteringStandby"] == aws.states()
    aws.wait(20)
    assert ["Standby"] == aws.states()

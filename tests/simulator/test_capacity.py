"""How a group grows, shrinks and balances itself."""

from __future__ import annotations

from collections import Counter

import pytest

from bluegreen.simulator.ec2.faults import NO_CAPACITY, NO_IMAGE

from .wire import BLUE, GREEN, wire

DETACH = "DetachLoadBalancerTargetGroups"


def zones(aws, name=BLUE):
    """Return how many members count in each zone."""
    return Counter(member.zone for member in aws.sim.groups[name].counted())


def update(aws, **sizes):
    """Return the refusal of an update of the blue group."""
    return aws.refusal("autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=BLUE, **sizes)


def test_sizes_that_contradict_each_other():
    """The sentences that public reports quote."""
    aws = wire(instances=3, minimum=1, maximum=6)
    assert ("ValidationError", "Max bound, 3, must be greater than or equal to min bound, 5") == update(
        aws, MinSize=5, MaxSize=3
    )
    assert ("ValidationError", "Desired capacity:9 must be between the specified min size:1 and max size:6") == update(
        aws, DesiredCapacity=9
    )
    beyond = [
        aws.refusal("autoscaling", "SetDesiredCapacity", AutoScalingGroupName=BLUE, DesiredCapacity=wanted)[1]
        for wanted in (0, 7)
    ]
    assert [
        "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.",
        "New SetDesiredCapacity value 7 is above max value 6 for the AutoScalingGroup.",
    ] == beyond


def test_a_group_needs_no_balancer():
    """It launches, boots and shrinks, and time goes on; it was waited for the checks of nobody, for ever."""
    aws = wire(balancers=(), instances=2)
    aws.asg("UpdateAutoScalingGroup", DesiredCapacity=1)
    aws.wait(30)
    assert ({aws.ids()[0]: "InService"}, []) == (aws.sim.states(BLUE), aws.sim.healthy(BLUE))


def test_a_group_outlives_its_balancer():
    """Boots that are due when the last balancer is deleted happen all the same."""
    aws = wire(balancers=("classic",), instances=1, boot=20.0)
    aws.asg("UpdateAutoScalingGroup", DesiredCapacity=2)
    aws.wait(5)
    aws.call("elb", "DeleteLoadBalancer", LoadBalancerName=aws.balancer())
    aws.wait(60)
    assert {"InService": 2} == Counter(aws.sim.states(BLUE).values())


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("target-group", "One or more target groups not found."), ("classic", "Cannot find Load Balancer web-0.")],
)
def test_nothing_launches_behind_a_deleted_balancer(kind, reason):
    """The activity fails with the sentence of the user guide's troubleshooting page, until the balancer is detached."""
    aws = wire(balancers=(kind,), instances=1)
    del aws.sim.balancers[aws.balancer()]
    aws.asg("UpdateAutoScalingGroup", DesiredCapacity=2)
    aws.wait(5)
    activity = aws.asg("DescribeScalingActivities")["Activities"][0]
    message = f"{reason} Validating load balancer configuration failed. Launching EC2 instance failed."
    assert ("Failed", message, 1) == (activity["StatusCode"], activity["StatusMessage"], len(aws.ids()))
    verb, key = ("DetachLoadBalancers", "LoadBalancerNames") if kind == "classic" else (DETACH, "TargetGroupARNs")
    aws.asg(verb, **{key: [aws.balancer()]})
    aws.wait(30)
    assert 2 == len(aws.ids())


def test_bounds_move_desired():
    """A minimum above desired raises it, a maximum below lowers it, and nothing else does."""
    aws = wire(instances=3, minimum=1, maximum=6)
    seen = []
    for sizes in ({"MinSize": 0}, {"MinSize": 5}, {"MinSize": 0}, {"MaxSize": 2}, {"MaxSize": 9}):
        aws.asg("UpdateAutoScalingGroup", **sizes)
        seen.append(aws.group()["DesiredCapacity"])
    assert [3, 5, 5, 2, 2] == seen


def test_new_instances_spread_over_the_zones():
    """The emptiest zone is filled first."""
    aws = wire(instances=7, zones=3)
    assert [2, 2, 3] == sorted(zones(aws).values())


def test_scale_in_takes_from_the_fullest_zone_and_drains():
    """The zones stay balanced, the rest goes on, and nobody is cut off."""
    aws = wire(instances=6, zones=3)
    aws.asg("SetDesiredCapacity", DesiredCapacity=3)
    aws.wait(30)
    assert ([1, 1, 1], 3) == (sorted(zones(aws).values()), len(aws.sim.healthy(BLUE)))
    assert [] == aws.sim.terminated_while_serving


def test_the_fullest_zone_counts_its_protected_instances():
    """Of three and two the three are fuller, also when only one of them may go (user guide: termination policies)."""
    aws = wire(instances=5, zones=2, minimum=0)
    full = [member.id for member in aws.sim.groups[BLUE].in_service() if member.zone.endswith("a")]
    aws.asg("SetInstanceProtection", InstanceIds=full[:2], ProtectedFromScaleIn=True)
    aws.asg("UpdateAutoScalingGroup", DesiredCapacity=4)
    aws.wait(20)
    assert full[:2] == [i for i in aws.ids() if i in full]


def test_protected_instances_survive_a_scale_in():
    """Only those without protection are chosen."""
    aws = wire(instances=3, minimum=0)
    kept = aws.ids()[0]
    aws.asg("SetInstanceProtection", InstanceIds=[kept], ProtectedFromScaleIn=True)
    aws.asg("SetDesiredCapacity", DesiredCapacity=0)
    aws.wait(30)
    assert [kept] == aws.ids()


def test_suspended_launch_and_terminate_are_obeyed():
    """Nothing starts and nothing ends until they are resumed."""
    aws = wire(instances=2, minimum=0)
    aws.asg("SuspendProcesses", ScalingProcesses=["Launch", "Terminate"])
    aws.asg("SetDesiredCapacity", DesiredCapacity=4)
    aws.wait(30)
    assert 2 == len(aws.ids())
    aws.asg("SetDesiredCapacity", DesiredCapacity=1)
    aws.wait(30)
    assert 2 == len(aws.ids())
    aws.asg("ResumeProcesses")
    aws.wait(30)
    assert 1 == len(aws.ids())


def test_add_to_load_balancer_suspended():
    """Instances come up unregistered, and resuming does not catch up."""
    aws = wire(instances=1)
    aws.asg("SuspendProcesses", GREEN, ScalingProcesses=["AddToLoadBalancer"])
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    aws.wait(20)
    aws.asg("ResumeProcesses", GREEN)
    aws.wait(20)
    assert (["InService"], set()) == (aws.states(GREEN), set(aws.ids(GREEN)) & set(aws.rows()))


def test_parking_unbalances_and_az_rebalance_launches():
    """Unless suspended, the group launches in the emptier zone and ends one in the fuller."""
    aws = wire(instances=6, zones=2)
    first_zone = [member.id for member in aws.sim.groups[BLUE].in_service() if member.zone.endswith("a")]
    before = set(aws.ids())
    aws.asg("UpdateAutoScalingGroup", MinSize=0)
    aws.enter(*first_zone)
    aws.wait(60)
    assert [1, 2] == sorted(zones(aws).values())
    assert set(aws.ids()) - before
    assert [] == aws.sim.terminated_while_serving


def test_az_rebalance_suspended():
    """Nothing is launched for balance."""
    aws = wire(instances=6, zones=2)
    first_zone = [member.id for member in aws.sim.groups[BLUE].in_service() if member.zone.endswith("a")]
    before = set(aws.ids())
    aws.asg("SuspendProcesses", ScalingProcesses=["AZRebalance"])
    aws.park(*first_zone)
    aws.wait(60)
    assert before == set(aws.ids())


def test_a_failed_launch_is_in_the_feed_and_tried_again():
    """The activity ends Failed with the reason; a later one succeeds."""
    aws = wire()
    aws.sim.fail_launches(GREEN, NO_IMAGE, count=1)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    aws.wait(1)
    (failed,) = aws.asg("DescribeScalingActivities", GREEN)["Activities"]
    assert ("Failed", 100, f"{NO_IMAGE} Launching EC2 instance failed.") == (
        failed["StatusCode"],
        failed["Progress"],
        failed["StatusMessage"],
    )
    aws.until(lambda: len(aws.sim.healthy(GREEN)) == 1)


def test_capacity_that_arrives_late():
    """As many machines as there is room for, the rest when there is more."""
    aws = wire(instances=2)
    start = aws.sim.clock.now()
    aws.sim.launches.capacity = lambda now: 3 if now < start + 100 else 10
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=4, MaxSize=4)
    aws.wait(90)
    assert 1 == len(aws.ids(GREEN))
    assert NO_CAPACITY in aws.asg("DescribeScalingActivities", GREEN)["Activities"][0]["StatusMessage"]
    aws.until(lambda: len(aws.sim.healthy(GREEN)) == 4)


def test_a_group_is_deleted_only_when_empty_or_by_force():
    """ResourceInUse, then gone with all its instances, drained."""
    aws = wire(instances=2)
    assert "ResourceInUse" == aws.refusal("autoscaling", "DeleteAutoScalingGroup", AutoScalingGroupName=BLUE)[0]
    aws.asg("DeleteAutoScalingGroup", ForceDelete=True)
    assert "Delete in progress" == aws.group()["Status"]
    aws.wait(60)
    assert ([GREEN], [], []) == (list(aws.sim.groups), aws.sim.orphans(), aws.sim.terminated_while_serving)


def test_a_cooldown_counts_when_honoured():
    """ScalingActivityInProgress, but only for who asks."""
    aws = wire(instances=2)
    aws.asg("SetDesiredCapacity", DesiredCapacity=3)
    wanted = {"AutoScalingGroupName": BLUE, "DesiredCapacity": 2, "HonorCooldown": True}
    code, message = aws.refusal("autoscaling", "SetDesiredCapacity", **wanted)
    assert ("ScalingActivityInProgress", True) == (code, message.endswith("is in progress and blocks this action"))
    aws.asg("SetDesiredCapacity", DesiredCapacity=2)


def test_az_rebalance_suspended_in_the_last_moment():
    """A rebalancing that was about to begin does not."""
    aws = wire(instances=6, zones=2)
    first_zone = [member.id for member in aws.sim.groups[BLUE].in_service() if member.zone.endswith("a")]
    before = set(aws.ids())
    aws.park(*first_zone)
    aws.asg("SuspendProcesses", ScalingProcesses=["AZRebalance"])
    aws.wait(60)
    assert before == set(aws.ids())

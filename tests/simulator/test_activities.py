"""The causes of activities: what led to them, each with the time at which it happened (sentences: public reports)."""

from __future__ import annotations

from bluegreen.simulator import Options
from bluegreen.simulator.core.world import iso

from .wire import BLUE, GREEN, wire

STARTED = "an instance was started in response to a difference between desired and actual capacity, increasing the"
ENDED = "an instance was taken out of service in response to a difference between desired and actual capacity, "


def causes(aws, name=BLUE):
    """Return the causes of a group's activities, the newest first."""
    return [activity["Cause"] for activity in aws.asg("DescribeScalingActivities", name)["Activities"]]


def slow(**options):
    """Return a pair that takes five seconds to pursue its capacity."""
    aws = wire(options=Options(reaction=5.0), minimum=0, **options)
    aws.wait(20)
    return aws, aws.sim.clock.now()


def test_a_launch_says_what_changed_when_and_what_followed_when():
    """The change has its own time, and the launch has the later one."""
    aws, now = slow(instances=2)
    aws.asg("SetDesiredCapacity", DesiredCapacity=3)
    aws.wait(6)
    request = "a user request explicitly set group desired capacity changing the desired capacity from 2 to 3."
    assert f"At {iso(now)} {request}  At {iso(now + 5)} {STARTED} capacity from 2 to 3." == causes(aws)[0]


def test_a_scale_in_says_which_instance_was_selected():
    """Behind the change and the difference."""
    aws, now = slow(instances=2)
    oldest = aws.ids()[0]
    aws.asg("SetDesiredCapacity", DesiredCapacity=1)
    aws.wait(6)
    request = "a user request explicitly set group desired capacity changing the desired capacity from 2 to 1."
    then = f"At {iso(now + 5)} {ENDED}shrinking the capacity from 2 to 1."
    selected = f"At {iso(now + 5)} instance {oldest} was selected for termination."
    assert f"At {iso(now)} {request}  {then}  {selected}" == causes(aws)[0]


def test_a_replacement_does_not_repeat_what_led_to_an_earlier_launch():
    """It is launched for the unhealthy one; a detached one's is launched for the difference alone."""
    aws, _ = slow(instances=3)
    aws.asg("SetDesiredCapacity", DesiredCapacity=4)
    aws.wait(30)
    aws.sim.kill(aws.ids()[0])
    aws.until(lambda: any("replaced" in cause for cause in causes(aws)))
    replaced = causes(aws)[0].partition("Z ")[2]
    aws.wait(60)
    aws.asg("DetachInstances", InstanceIds=aws.ids()[:1], ShouldDecrementDesiredCapacity=False)
    aws.wait(6)
    found = next(cause for cause in causes(aws) if "increasing the capacity from 3 to 4" in cause)
    launched = "an instance was launched in response to an unhealthy instance needing to be replaced."
    assert (launched, f"{STARTED} capacity from 3 to 4.") == (replaced, found.partition("Z ")[2])


def test_ending_a_member_names_it():
    """In the words of the command line's own example."""
    aws, now = slow(instances=2)
    ended = {"InstanceId": aws.ids()[0], "ShouldDecrementDesiredCapacity": True}
    activity = aws.call("autoscaling", "TerminateInstanceInAutoScalingGroup", **ended)["Activity"]
    sentence = f"At {iso(now)} instance {ended['InstanceId']} was taken out of service in response to a user request"
    assert f"{sentence}, shrinking the capacity from 2 to 1." == activity["Cause"]
    assert [] == aws.asg("DescribeScalingActivities", GREEN)["Activities"]

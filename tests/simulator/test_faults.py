"""What goes wrong on purpose, and that it can be repeated."""

from __future__ import annotations

import copy

import pytest

from bluegreen.simulator import AwsError
from bluegreen.simulator.core.faults import TokenBucket, at, internal_failure, sometimes, throttled

from .wire import BLUE, GREEN, wire


class Crash(BaseException):
    """The caller's process ends here."""


def crash(_):
    """Return a crash."""
    return Crash()


def test_a_crash_before_a_call_leaves_no_effect():
    """The call never happens."""
    aws = wire()
    aws.sim.faults.before.append(at(aws.sim.calls + 1, crash))
    with pytest.raises(Crash):
        aws.asg("SetDesiredCapacity", DesiredCapacity=4)
    assert 3 == aws.group()["DesiredCapacity"]


def test_a_lost_reply_leaves_the_effect():
    """The call happened, and nobody was told."""
    aws = wire()
    aws.sim.faults.after.append(at(aws.sim.calls + 1, internal_failure))
    assert (
        "InternalFailure"
        == aws.refusal("autoscaling", "SetDesiredCapacity", AutoScalingGroupName=BLUE, DesiredCapacity=4)[0]
    )
    assert 4 == aws.group()["DesiredCapacity"]


def test_seeded_errors_repeat():
    """The same seed strikes the same calls."""

    def struck():
        aws = wire()
        aws.sim.faults.before.append(sometimes(0.3, throttled, seed=7))
        found = []
        for _ in range(40):
            try:
                aws.group()
                found.append("")
            except AwsError as error:
                found.append(error.code)
        return found

    assert struck() == struck()
    assert {"", "Throttling"} == set(struck())


def test_one_bucket_for_reads_and_writes():
    """Reads take the writes' tokens; time refills; other services are not concerned."""
    aws = wire()
    aws.sim.faults.before.append(TokenBucket(aws.sim.clock.now, size=2, rate=1, services={"autoscaling"}))
    aws.group()
    aws.group()
    assert ("Throttling", "Rate exceeded") == aws.refusal("autoscaling", "DescribeAutoScalingGroups")
    aws.call("sts", "GetCallerIdentity")
    aws.wait(1)
    aws.group()


def test_a_denied_action():
    """Named as IAM names it, with the code of the service."""
    aws = wire()
    aws.sim.faults.denied |= {
        "autoscaling:EnterStandby",
        "ec2:TerminateInstances",
        "elasticloadbalancing:RegisterTargets",
    }
    refusals = [
        aws.refusal("ec2", "TerminateInstances", InstanceIds=aws.ids())[0],
        aws.refusal("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=[{"Id": aws.ids()[0]}])[0],
    ]
    assert ["UnauthorizedOperation", "AccessDenied"] == refusals


def test_a_dry_run_changes_nothing():
    """Permitted, it ends in an error of its own; denied, in the error of the call itself."""
    aws = wire(instances=2)
    tag = {"Resources": aws.ids(), "Tags": [{"Key": "one", "Value": "1"}], "DryRun": True}
    calls = ("CreateTags", tag), ("DeleteTags", tag), ("TerminateInstances", {"InstanceIds": aws.ids(), "DryRun": True})
    permitted = {aws.refusal("ec2", name, **parameters) for name, parameters in calls}
    aws.sim.faults.denied |= {f"ec2:{name}" for name, _ in calls}
    denied = {aws.refusal("ec2", name, **parameters)[0] for name, parameters in calls}
    sentence = "Request would have succeeded, but DryRun flag is set."
    assert ({("DryRunOperation", sentence)}, {"UnauthorizedOperation"}) == (permitted, denied)
    tags = aws.call("ec2", "DescribeTags", Filters=[{"Name": "key", "Values": ["one"]}])["Tags"]
    assert ([], 2) == (tags, len(aws.sim.healthy(BLUE)))


def test_stale_reads_show_the_past_whole():
    """A read is as old as asked, in every service; writes are not."""
    aws = wire(instances=2)
    aws.sim.read_stale(lambda call: 30.0)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    aws.wait(10)
    assert ([], 2) == (aws.group(GREEN)["Instances"], len(aws.rows()))
    aws.wait(40)
    assert (1, 3) == (len(aws.group(GREEN)["Instances"]), len(aws.rows()))


def test_a_simulator_can_be_copied():
    """A copy goes its own way: a battery can branch from any state."""
    aws = wire(instances=2)
    other = copy.deepcopy(aws)
    other.asg("SetDesiredCapacity", DesiredCapacity=4)
    other.wait(20)
    assert (2, 4) == (len(aws.sim.healthy(BLUE)), len(other.sim.healthy(BLUE)))


def test_every_event_is_told():
    """A watcher sees each instant at which something changes, between calls too."""
    aws = wire(instances=1, minimum=0)
    seen = []
    aws.sim.on_event(lambda: seen.append(aws.states()))
    aws.enter(*aws.ids())
    aws.wait(30)
    assert [["EnteringStandby"], ["Standby"]] == sorted(map(list, {tuple(states) for states in seen}))


def test_the_lock_is_held_during_a_call():
    """Whatever lock is handed in, callers are let in one at a time."""
    held = []

    class Lock:
        def __enter__(self):
            held.append("in")

        def __exit__(self, *_):
            held.append("out")

    aws = wire(lock=Lock())
    held.clear()
    aws.group()
    assert ["in", "out"] == held

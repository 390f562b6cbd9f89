"""Whatever is done to a pair, and in whichever order, what must hold holds after every event."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.simulator import AwsError, pair, run_for
from bluegreen.simulator.autoscaling.state import LEAVING, PENDING

from .wire import BLUE, GREEN, Wire

KNOWN = {*PENDING, *LEAVING, "InService", "EnteringStandby", "Standby", "Detaching"}
GROUPS = st.sampled_from([BLUE, GREEN])
PROCESSES = ["Launch", "Terminate", "AZRebalance", "HealthCheck", "ReplaceUnhealthy", "AddToLoadBalancer"]


def some(aws: Wire, group: str, picks: list[int]) -> list[str]:
    """Return some of the group's instances."""
    ids = aws.ids(group)
    return list(dict.fromkeys(ids[pick % len(ids)] for pick in picks)) if ids else ["i-none"]


def sizes(aws, group, numbers, flag):
    """Move the bounds."""
    low, high = sorted(numbers[:2])
    aws.asg("UpdateAutoScalingGroup", group, **({"MinSize": low, "MaxSize": high} if flag else {"MaxSize": high}))


def desire(aws, group, numbers, _):
    """Set desired capacity."""
    aws.asg("SetDesiredCapacity", group, DesiredCapacity=numbers[0])


def park(aws, group, numbers, flag):
    """Send some into Standby."""
    ids = some(aws, group, numbers)
    aws.asg("EnterStandby", group, InstanceIds=ids, ShouldDecrementDesiredCapacity=flag)


def unpark(aws, group, numbers, _):
    """Bring some back."""
    aws.asg("ExitStandby", group, InstanceIds=some(aws, group, numbers))


def detach(aws, group, numbers, flag):
    """Detach some."""
    ids = some(aws, group, numbers)
    aws.asg("DetachInstances", group, InstanceIds=ids, ShouldDecrementDesiredCapacity=flag)


def end(aws, group, numbers, flag):
    """End one by the group's way."""
    aws.asg(
        "TerminateInstanceInAutoScalingGroup",
        None,
        InstanceId=some(aws, group, numbers)[0],
        ShouldDecrementDesiredCapacity=flag,
    )


def kill(aws, group, numbers, flag):
    """Let a machine, or its application, die."""
    (aws.sim.kill if flag else aws.sim.sicken)(some(aws, group, numbers)[0])


def bridge(aws, group, numbers, _):
    """Register some again."""
    targets = [{"Id": instance} for instance in some(aws, group, numbers)]
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=targets)


def attach(aws, group, numbers, _):
    """Take an orphan in."""
    orphans = aws.sim.orphans() or ["i-none"]
    aws.asg("AttachInstances", group, InstanceIds=[orphans[numbers[0] % len(orphans)]])


def suspend(aws, group, numbers, flag):
    """Suspend or resume a process."""
    process = PROCESSES[numbers[0] % len(PROCESSES)]
    aws.asg("SuspendProcesses" if flag else "ResumeProcesses", group, ScalingProcesses=[process])


def wait(aws, _, numbers, flag):
    """Let time pass."""
    aws.wait(numbers[0] * (3.7 if flag else 0.3))


ACTIONS = (sizes, desire, park, unpark, detach, end, kill, bridge, attach, suspend, wait, wait)
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), GROUPS, st.lists(st.integers(0, 8), min_size=3, max_size=3), st.booleans()),
    max_size=25,
)


class Law:
    """What must hold after every event; remembers what was parked, to see that only the user moves it."""

    def __init__(self, aws: Wire) -> None:
        self.aws = aws
        self.parked: dict[str, set[str]] = {BLUE: set(), GREEN: set()}
        self.events = 0

    def hold(self) -> None:
        """Check everything at this instant."""
        self.events += 1
        sim = self.aws.sim
        members = {instance: name for name, group in sim.groups.items() for instance in group.members}
        assert members == sim.owners
        for name, group in sim.groups.items():
            assert group.minimum <= group.desired <= group.maximum
            assert {member.state for member in group.members.values()} <= KNOWN
            gone = self.parked[name] - {m.id for m in group.members.values() if m.state == "Standby"}
            assert set() == gone
            self.parked[name] = {m.id for m in group.members.values() if m.state == "Standby"}
        assert set(members) <= set(sim.machines)
        for balancer in sim.balancers.values():
            assert {target.id for target in balancer.targets.values()} <= set(sim.machines)


def run(steps, **options):
    """Play the steps on a pair under the law, and return the wire."""
    aws = Wire(pair(VirtualClock(), **options))
    law = Law(aws)
    aws.sim.on_event(law.hold)
    for action, group, numbers, flag in steps:
        if action in (unpark, detach):
            aws.sim.advance()  # what is due already is no part of the action
            law.parked = {BLUE: set(), GREEN: set()}
        try:
            action(aws, group, numbers, flag)
        except AwsError as error:
            if error.http_status == 501 and "parameters" in error.message:
                raise
    return aws


@settings(max_examples=120, deadline=None)
@given(steps=STEPS, bridge=st.sampled_from(["completes", "deregisters"]), seed=st.integers(0, 9))
def test_laws_hold_after_every_event(steps, bridge, seed):
    """Bounds, counts and states agree, and Standby is left alone but by the user."""
    run(steps, bridge=bridge, seed=seed, balancers=["target-group", "nlb"], maximum=8, idle_maximum=8)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_left_alone_a_group_reaches_its_desired_capacity(steps):
    """With all processes resumed and room to launch, exactly so many are in service in the end."""
    aws = run(steps, balancers=["target-group"], maximum=8, idle_maximum=8, drain=3)
    for group in (BLUE, GREEN):
        aws.asg("ResumeProcesses", group)
    run_for(aws.sim, 300)
    for name in (BLUE, GREEN):
        group = aws.sim.groups[name]
        assert group.desired == len(group.in_service()) == len(group.counted())


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 3))
def test_the_same_seed_gives_the_same_history(steps, seed):
    """Two runs agree in every word of both groups, of the feed and of the machines."""

    def history():
        aws = run(steps, seed=seed, boot=(0.5, 6.0))
        feeds = [aws.asg("DescribeScalingActivities", name)["Activities"] for name in (BLUE, GREEN)]
        return aws.group(BLUE), aws.group(GREEN), feeds, aws.call("ec2", "DescribeInstances")

    assert history() == history()


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_a_group_by_itself_never_cuts_anybody_off(counts):
    """Scaling out and in, in any order, drains whoever leaves."""
    aws = Wire(pair(VirtualClock(), minimum=0, maximum=6, balancers=["target-group", "classic"], drain=4))
    for count in counts:
        aws.asg("SetDesiredCapacity", DesiredCapacity=count)
        aws.wait(count + 2.5)
    aws.wait(60)
    assert [] == aws.sim.terminated_while_serving

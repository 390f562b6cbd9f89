"""What a group does about sick and dead instances, and how balancers find out."""

from __future__ import annotations

import pytest

from bluegreen.simulator.elb import target_groups
from bluegreen.simulator.elb.routes import ROUTES_CHANGED

from .wire import BLUE, GREEN, wire


def launched(aws, balancer=0):
    """Return how long the green group's first instance takes from launch to health."""
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    start = aws.sim.clock.now()
    aws.until(lambda: len(aws.sim.healthy(GREEN)) == 1)
    return round(aws.sim.clock.now() - start, 1)


@pytest.mark.parametrize(("kind", "seconds"), [("target-group", 10), ("nlb", 30), ("classic", 30)])
def test_how_long_health_takes(kind, seconds):
    """One passed check behind an Application Load Balancer, threshold times interval elsewhere."""
    aws = wire(balancers=[kind], interval=10, threshold=3, boot=0.5, instances=1)
    assert round(seconds + 1.2, 1) == launched(aws)


def test_a_slow_boot_is_unhealthy_and_then_recovers():
    """A target that fails first needs the healthy threshold."""
    aws = wire(boot=20, interval=2, threshold=3, instances=1)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    seen = []
    for _ in range(60):
        aws.wait(0.5)
        seen += [row for instance, row in aws.rows().items() if instance in aws.ids(GREEN) and row not in seen]
    assert ["initial Elb.InitialHealthChecking", "unhealthy Target.FailedHealthChecks", "healthy"] == seen


def test_a_sick_instance_turns_unhealthy_after_the_threshold():
    """Unhealthy threshold times interval, and back after the healthy threshold."""
    aws = wire(interval=10, threshold=3, instances=1)
    aws.sim.sicken(aws.ids()[0])
    aws.wait(19)
    assert ["healthy"] == list(aws.rows().values())
    aws.wait(11)
    assert ["unhealthy Target.FailedHealthChecks"] == list(aws.rows().values())
    aws.sim.cure(aws.ids()[0])
    aws.wait(30)
    assert ["healthy"] == list(aws.rows().values())


def test_ec2_checks_ignore_the_balancer():
    """A sick application stays where the group looks at EC2 only."""
    aws = wire(instances=2)
    sick = aws.ids()[0]
    aws.sim.sicken(sick)
    aws.wait(60)
    assert sick in aws.ids()


def test_elb_checks_replace_and_say_why():
    """The cause is the one that a bad image is recognized by."""
    aws = wire(instances=2, HealthCheckType="ELB")
    sick = aws.ids()[0]
    aws.sim.sicken(sick)
    aws.until(lambda: sick not in aws.ids() and len(aws.sim.healthy(BLUE)) == 2)
    causes = [found["Cause"] for found in aws.asg("DescribeScalingActivities")["Activities"]]
    assert any("in response to an ELB system health check failure" in cause for cause in causes)


def test_the_grace_period_holds_back():
    """Within the grace period an ELB failure ends nobody."""
    aws = wire(instances=2, HealthCheckType="ELB", HealthCheckGracePeriod=100)
    sick = aws.ids()[0]
    aws.sim.sicken(sick)
    aws.wait(60)
    assert "InService" == aws.sim.states(BLUE)[sick]
    aws.wait(60)
    assert sick not in aws.ids()


def test_a_dead_machine_is_replaced():
    """EC2 checks find it, whatever the grace period."""
    aws = wire(instances=2, HealthCheckGracePeriod=1000)
    dead = aws.ids()[0]
    aws.sim.kill(dead)
    aws.until(lambda: dead not in aws.ids() and len(aws.sim.healthy(BLUE)) == 2)
    assert ([], 1) == (aws.sim.terminated_while_serving, len(aws.sim.deaths))


@pytest.mark.parametrize("process", ["HealthCheck", "ReplaceUnhealthy", "Terminate"])
def test_suspended_processes_leave_the_dead_alone(process):
    """Nothing is replaced until the process is resumed, and then at once."""
    aws = wire(instances=2)
    aws.asg("SuspendProcesses", ScalingProcesses=[process])
    dead = aws.ids()[0]
    aws.sim.kill(dead)
    aws.wait(60)
    assert dead in aws.ids()
    aws.asg("ResumeProcesses")
    aws.until(lambda: dead not in aws.ids())


def test_no_replacement_before_anything_ever_passed():
    """A group that never had a healthy instance in a balancer does not replace by its checks."""
    aws = wire(instances=1)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1, HealthCheckType="ELB")
    aws.asg(
        "CreateOrUpdateTags",
        None,
        Tags=[{"ResourceId": GREEN, "ResourceType": "auto-scaling-group", "Key": "image", "Value": "bad-1"}],
    )
    aws.until(lambda: len(aws.ids(GREEN)) == 1)
    (first,) = aws.ids(GREEN)
    aws.wait(120)
    state = aws.asg("DescribeLoadBalancerTargetGroups", GREEN)["LoadBalancerTargetGroups"][0]["State"]
    assert ([first], "Added") == (aws.ids(GREEN), state)


def test_images_are_found_at_launch():
    """By the group's tag, not the instance's; a later tag changes nothing."""
    aws = wire(instances=1)
    before = aws.ids()[0]
    tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Key": "image", "Value": "crash-2"}
    aws.asg("CreateOrUpdateTags", None, Tags=[tag])
    aws.asg("SetDesiredCapacity", DesiredCapacity=2)
    aws.until(lambda: len(aws.sim.healthy(BLUE)) == 2)
    assert ["v1", "crash-2"] == [aws.sim.image_of(instance) for instance in aws.ids()]
    aws.wait(60)
    assert [before] == aws.sim.healthy(BLUE)


def test_draining_words_of_a_classic_balancer():
    """A draining instance still reads InService; afterwards it is not registered."""
    aws = wire(balancers=["classic"], instances=1, minimum=0, drain=10)
    (instance,) = aws.ids()
    aws.enter(instance)
    aws.wait(5)
    assert {instance: ("InService", "Instance deregistration currently in progress.")} == aws.words()
    aws.wait(6)
    found = aws.call("elb", "DescribeInstanceHealth", LoadBalancerName="web-0", Instances=[{"InstanceId": instance}])[
        "InstanceStates"
    ][0]
    assert ("OutOfService", "Instance is not currently registered with the LoadBalancer.") == (
        found["State"],
        found["Description"],
    )


def test_a_dead_member_leaves_through_the_drain():
    """Its target drains like another's, and its group lists it as Terminating until that is over (reports)."""
    aws = wire(instances=2, drain=30)
    dead = aws.ids()[0]
    aws.sim.kill(dead)
    aws.wait(10)
    (activity,) = [a for a in aws.asg("DescribeScalingActivities")["Activities"] if dead in a["Description"]][:1]
    during = (aws.rows()[dead], aws.sim.states(BLUE)[dead], activity["StatusCode"])
    aws.wait(25)
    assert ("draining Target.DeregistrationInProgress", "Terminating", "WaitingForELBConnectionDraining") == during
    assert (False, False, 2) == (dead in aws.rows(), dead in aws.ids(), len(aws.sim.healthy(BLUE)))


def test_a_classic_balancer_drops_what_is_terminated_at_once():
    """There is nothing to drain to; its group does not wait."""
    aws = wire(balancers=["classic"], instances=2, drain=30)
    dead = aws.ids()[0]
    aws.sim.kill(dead)
    aws.wait(10)
    assert (False, False) == (dead in aws.words(), dead in aws.ids())


def test_a_classic_balancer_tells_registering_from_not_passed():
    """After a first check it says that the threshold is not reached yet (a report: cloudgoat 19)."""
    aws = wire(balancers=["classic"], instances=1, interval=10, threshold=3)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    seen = []
    for _ in range(50):
        aws.wait(1)
        seen += [aws.words()[i] for i in aws.ids(GREEN) if i in aws.words() and aws.words()[i] not in seen]
    assert [
        ("OutOfService", "Instance registration is still in progress."),
        (
            "OutOfService",
            "Instance has not passed the configured HealthyThreshold number of health checks consecutively.",
        ),
        ("InService", "N/A"),
    ] == seen


def test_an_unused_target_group_is_never_healthy():
    """Target.NotInUse, whatever the instances do."""
    aws = wire(instances=1)
    aws.sim.listeners.clear()
    assert ["unused Target.NotInUse"] == list(aws.rows().values())


def test_a_row_for_each_port():
    """One instance on two ports has two rows, and is healthy only if both are."""
    aws = wire(instances=1)
    (instance,) = aws.ids()
    targets = [{"Id": instance, "Port": 9090}]
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=targets)
    found = aws.call("elbv2", "DescribeTargetHealth", TargetGroupArn=aws.balancer())["TargetHealthDescriptions"]
    assert [8080, 9090] == [row["Target"]["Port"] for row in found]
    aws.wait(5)
    aws.call("elbv2", "DeregisterTargets", TargetGroupArn=aws.balancer(), Targets=targets)
    assert [] == aws.sim.healthy(BLUE)


def test_the_ledger_writes_down_what_is_cut_off():
    """Ending an instance that serves, or drains, is harm; after the drain it is none."""
    aws = wire(instances=3, minimum=0, drain=20)
    serving, draining, drained = aws.ids()
    aws.enter(drained)
    aws.wait(30)
    aws.enter(draining)
    aws.wait(1)
    aws.call("ec2", "TerminateInstances", InstanceIds=[serving, draining, drained])
    harm = [(entry.instance, entry.draining, entry.by) for entry in aws.sim.terminated_while_serving]
    assert [(serving, False, "TerminateInstances"), (draining, True, "TerminateInstances")] == harm


def test_a_failed_status_check_replaces():
    """EC2 finds the machine impaired while the application still answers; the cause names the check."""
    aws = wire(instances=2)
    sick = aws.ids()[0]
    aws.sim.impair(sick)
    (row,) = aws.call("ec2", "DescribeInstanceStatus", InstanceIds=[sick])["InstanceStatuses"]
    aws.until(lambda: sick not in aws.ids())
    causes = [activity["Cause"] for activity in aws.asg("DescribeScalingActivities")["Activities"]]
    words = "an instance was taken out of service in response to an EC2 instance status checks failure."
    assert ("impaired", True) == (row["InstanceStatus"]["Status"], any(words in cause for cause in causes))


def test_a_stopped_instance_is_out_of_use_and_replaced():
    """Neither balancer sends it requests; its group ends it (user guide: health checks)."""
    aws = wire(balancers=["target-group", "classic"], instances=2)
    stopped = aws.ids()[0]
    aws.asg("SuspendProcesses", ScalingProcesses=["HealthCheck"])
    stopping = aws.call("ec2", "StopInstances", InstanceIds=[stopped])["StoppingInstances"]
    aws.wait(5)
    words = ("unused Target.InvalidState", ("OutOfService", "Instance is in stopped state."))
    assert (*words, "running") == (aws.rows(1)[stopped], aws.words()[stopped], stopping[0]["PreviousState"]["Name"])
    aws.asg("ResumeProcesses")
    aws.until(lambda: stopped not in aws.ids())
    assert "terminated" == aws.sim.machines[stopped].state


@pytest.mark.parametrize("kind", ["target-group", "classic"])
def test_a_zone_that_is_not_enabled_gets_no_requests(kind):
    """Instances there are registered and never healthy, whatever they answer."""
    aws = wire(balancers=[kind], instances=2, zones=2, ready=False)
    aws.wait(10)
    there = next(m.id for m in aws.sim.groups[BLUE].members.values() if m.zone.endswith("b"))
    balancer = aws.sim.balancers[aws.balancer()]
    if kind == "classic":
        balancer.settings["AvailabilityZones"].remove("us-east-1b")
    else:
        (record,) = aws.sim.load_balancers.values()
        record["AvailabilityZones"].pop()
    ROUTES_CHANGED.send(aws.sim.world)
    told = aws.words()[there][1] if kind == "classic" else aws.rows()[there]
    other = "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to."
    expected = other if kind == "classic" else "unused Target.NotInUse"
    assert (expected, 1, False) == (told, len(aws.sim.healthy(BLUE)), there in aws.sim.receiving(aws.balancer()))


def tag(aws, image, group=GREEN):
    """Let the instances that ``group`` launches from now on run ``image``."""
    row = {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": "image", "Value": image}
    aws.asg("CreateOrUpdateTags", None, Tags=[row])


def attachment(aws, group):
    """Return the state of the group's first target group."""
    return aws.asg("DescribeLoadBalancerTargetGroups", group)["LoadBalancerTargetGroups"][0]["State"]


def test_what_failed_before_any_passed_is_replaced_once_one_passes():
    """From the first passed check on, all that are reported as unhealthy count (guide: attachment status)."""
    aws = wire(instances=1)
    tag(aws, "bad-1")
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=2, HealthCheckType="ELB")
    aws.wait(60)
    (bad,) = aws.ids(GREEN)
    tag(aws, "v2")
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=2)
    aws.wait(60)
    assert (False, 2, "InService") == (bad in aws.ids(GREEN), len(aws.sim.healthy(GREEN)), attachment(aws, GREEN))


def test_checks_that_are_turned_on_look_at_all():
    """Health checks are made again and again (guide: health checks), not only when a verdict changes."""
    aws = wire(instances=2)
    sick = aws.ids()[0]
    aws.sim.sicken(sick)
    aws.wait(60)
    aws.asg("UpdateAutoScalingGroup", HealthCheckType="ELB")
    aws.wait(60)
    assert (False, 2) == (sick in aws.ids(), len(aws.sim.healthy(BLUE)))


def test_an_attachment_begins_anew():
    """A target group that is attached again is Added until a member passes in it (guide: attachment status)."""
    aws = wire(instances=1, drain=5)
    arns = [aws.balancer()]
    aws.asg("DetachLoadBalancerTargetGroups", TargetGroupARNs=arns)
    aws.wait(30)
    aws.asg("AttachLoadBalancerTargetGroups", TargetGroupARNs=arns)
    before = attachment(aws, BLUE)
    aws.wait(60)
    assert ("Added", "InService") == (before, attachment(aws, BLUE))


@pytest.mark.parametrize("attach", ["balancer", "instance"])
def test_who_is_healthy_already_counts_when_attached(attach):
    """Whether the target group or the instance comes last, a member that passes there puts it in service."""
    aws = wire(instances=1)
    aws.asg("UpdateAutoScalingGroup", GREEN, MaxSize=2)
    (instance,) = aws.ids()
    named = {"TargetGroupARNs": [aws.balancer()]}
    aws.asg("UpdateAutoScalingGroup", MinSize=0)
    if attach == "balancer":
        aws.asg("DetachLoadBalancerTargetGroups", GREEN, **named)
    aws.asg("SuspendProcesses", ScalingProcesses=["Launch"])
    aws.asg("DetachInstances", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True)
    aws.wait(30)
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=named["TargetGroupARNs"][0], Targets=[{"Id": instance}])
    aws.wait(30)
    aws.asg("AttachInstances", GREEN, InstanceIds=[instance])
    aws.wait(5)
    if attach == "balancer":
        aws.asg("AttachLoadBalancerTargetGroups", GREEN, **named)
        aws.wait(5)
    assert ([instance], "InService") == (aws.ids(GREEN), attachment(aws, GREEN))


def test_who_watches_is_told_once_of_checks_that_change_nothing() -> None:
    """Five checks of a moment that all pass are one event to whoever watches; the one that fails is another."""
    aws = wire(instances=5)
    began, told = aws.sim.clock.now(), []
    aws.sim.on_event(lambda: told.append((round(aws.sim.clock.now() - began, 3), aws.states())))
    aws.asg("UpdateAutoScalingGroup", HealthCheckType="ELB")
    aws.wait(3)
    passed = [at for at, _ in told]
    aws.sim.machines[aws.ids()[-1]].impaired = True
    aws.asg("UpdateAutoScalingGroup", HealthCheckType="EC2")
    aws.wait(1)
    assert ([0.0, 0.2, 1.0], [["InService"] * 5, ["InService"] * 4 + ["Terminating"]]) == (
        passed,
        [states for at, states in told if at == 4.0][:2],
    )


@pytest.mark.parametrize(
    ("met", "matcher", "reason"),
    [
        ("503", None, "Target.ResponseCodeMismatch"),
        ("200", None, "Target.FailedHealthChecks"),
        ("204", {"HttpCode": "200-299"}, "Target.FailedHealthChecks"),
        ("204", {"HttpCode": "200,202"}, "Target.ResponseCodeMismatch"),
    ],
)
def test_a_target_that_answers_by_now_is_not_said_to_answer_wrongly(
    met: str, matcher: dict[str, str] | None, reason: str
) -> None:
    """It has failed before, and has not passed often enough yet: its code is the one that is asked for."""
    assert reason == target_groups._failed(met, matcher)[1]

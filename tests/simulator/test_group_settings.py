"""What a group's settings say is done, or refused; launch templates are named in full and resolved at launch."""

from __future__ import annotations

import pytest

from .wire import BLUE, GREEN, wire

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:choose:live"
OBEYED_NOT = [
    ({"TerminationPolicies": [LAMBDA]}, "a termination policy of one's own (a Lambda function)"),
    ({"HealthCheckType": "ELB,EBS"}, "health checks of the type EBS"),
    ({"HealthCheckType": "VPC_LATTICE"}, "health checks of the type VPC_LATTICE"),
    ({"MaxInstanceLifetime": 86400}, "a maximum instance lifetime"),
    ({"InstanceMaintenancePolicy": {"MinHealthyPercentage": 100}}, "an instance maintenance policy"),
    ({"DesiredCapacityType": "vcpu"}, "capacity in vcpu"),
    ({"PlacementGroup": "rack"}, "a placement group"),
    ({"Context": "reserved"}, "a context"),
    (
        {"CapacityReservationSpecification": {"CapacityReservationPreference": "capacity-reservations-only"}},
        "the capacity reservation preference capacity-reservations-only",
    ),
    ({"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"WeightedCapacity": "2"}]}}}, "weighted capacity"),
    (
        {"MixedInstancesPolicy": {"InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0}}},
        "Spot instances",
    ),
]


def refused(aws, **settings):
    """Return the refusal of settings of the blue group."""
    return aws.refusal("autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=BLUE, **settings)


@pytest.mark.parametrize(("settings", "what"), OBEYED_NOT, ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_model_would_not_obey_is_refused_and_not_shown(settings, what):
    """None of it is recorded, and no size of the same call is taken."""
    aws = wire()
    before = aws.group()
    code, message = refused(aws, MinSize=2, **settings)
    assert ("NotImplemented", True, before) == (code, what in message, aws.group())


@pytest.mark.parametrize(
    "settings",
    [
        {"TerminationPolicies": ["Youngest"]},
        {"HealthCheckType": "HTTP"},
        {"MaxInstanceLifetime": 3600},
        {"VPCZoneIdentifier": "subnet-1,nowhere"},
    ],
)
def test_values_that_aws_does_not_have(settings):
    """They are refused as AWS refuses them: ValidationError."""
    assert "ValidationError" == refused(wire(), **settings)[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"HealthCheckType": "EC2,ELB"},
        {"MaxInstanceLifetime": 0},
        {"InstanceMaintenancePolicy": {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}},
        {"CapacityReservationSpecification": {"CapacityReservationPreference": "none"}},
        {"AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-only"}},
        {"CapacityRebalance": True},
    ],
)
def test_what_changes_nothing_or_is_obeyed_is_described(settings):
    """Capacity rebalancing concerns Spot instances, of which there are none."""
    aws = wire()
    aws.asg("UpdateAutoScalingGroup", **settings)
    assert settings == {key: aws.group()[key] for key in settings}


def test_defaults_are_described():
    """What newer answers of AWS's always have."""
    group = wire().group()
    assert {"CapacityReservationPreference": "default"} == group["CapacityReservationSpecification"]
    assert {"CapacityDistributionStrategy": "balanced-best-effort"} == group["AvailabilityZoneDistribution"]


def test_elb_checks_among_others_count():
    """The types come in one text, with commas."""
    aws = wire(instances=2, HealthCheckType="EC2, ELB")
    sick = aws.ids()[0]
    aws.sim.sicken(sick)
    aws.until(lambda: sick not in aws.ids())


# Deletion protection and retained instances.


@pytest.mark.parametrize(
    ("protection", "refusals"),
    [("none", [False, False]), ("prevent-force-deletion", [True, False]), ("prevent-all-deletion", [True, True])],
)
def test_deletion_protection(protection, refusals):
    """Of a forced deletion, or of every one (botocore model)."""
    found = []
    for force in (True, False):
        aws = wire(DeletionProtection=protection)
        try:
            aws.call("autoscaling", "DeleteAutoScalingGroup", AutoScalingGroupName=GREEN, ForceDelete=force)
            found.append(False)
        except Exception as error:
            found.append("is protected from deletion" in str(error))
    assert refusals == found


def test_a_retained_instance_stays_until_it_is_ended():
    """Its terminating hook was abandoned; it counts towards nothing (botocore model: InstanceLifecyclePolicy)."""
    retained = {"RetentionTriggers": {"TerminateHookAbandon": "retain"}}
    aws = wire(instances=2, minimum=0, InstanceLifecyclePolicy=retained)
    hook = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 30}
    aws.asg("PutLifecycleHook", LifecycleHookName="drain", **hook)
    aws.asg("SetDesiredCapacity", DesiredCapacity=1)
    aws.wait(120)
    kept = next(id for id, state in aws.sim.states(BLUE).items() if state == "Terminating:Retained")
    running = aws.sim.machines[kept].state
    ended = {"InstanceId": kept, "ShouldDecrementDesiredCapacity": False}
    aws.call("autoscaling", "TerminateInstanceInAutoScalingGroup", **ended)
    aws.wait(10)
    assert ("running", {"InService": 1}) == (running, dict.fromkeys(aws.states(), 1))
    assert [] == aws.sim.terminated_while_serving


# Termination policies.


@pytest.mark.parametrize(
    ("policies", "place"), [(["OldestInstance"], 0), (["NewestInstance"], 3), (["AllocationStrategy"], 0)]
)
def test_whom_a_policy_ends_first(policies, place):
    """Within one zone, by age."""
    aws = wire(instances=2, zones=1, minimum=0, maximum=9, TerminationPolicies=policies)
    for size in (3, 4):
        aws.wait(100)
        aws.asg("SetDesiredCapacity", DesiredCapacity=size)
    aws.wait(100)
    ids = aws.ids()
    aws.asg("SetDesiredCapacity", DesiredCapacity=3)
    aws.wait(30)
    assert [ids[place]] == [id for id in ids if id not in aws.ids()]


def test_the_one_closest_to_its_next_hour_goes_first():
    """Policies work in their order: what the first holds for equal the second decides."""
    closest = ["AllocationStrategy", "ClosestToNextInstanceHour"]
    aws = wire(instances=1, zones=1, minimum=0, maximum=9, TerminationPolicies=closest)
    aws.wait(1800)
    aws.asg("SetDesiredCapacity", DesiredCapacity=2)
    aws.wait(2500)
    first, second = aws.ids()
    aws.asg("SetDesiredCapacity", DesiredCapacity=1)
    aws.wait(30)
    assert ([first], second) == (aws.ids(), second)


def test_the_default_policy_ends_what_has_an_older_template_first():
    """A lower version before a higher one, whatever their ages."""
    aws = wire(instances=1, zones=1, minimum=0, maximum=9)
    aws.call("ec2", "CreateLaunchTemplateVersion", LaunchTemplateName="web", LaunchTemplateData={})
    for version, size in (("2", 2), ("1", 3)):
        template = {"LaunchTemplateName": "web", "Version": version}
        aws.asg("UpdateAutoScalingGroup", LaunchTemplate=template, DesiredCapacity=size)
        aws.wait(30)
    first, second, third = aws.ids()
    gone = []
    for size in (2, 1):
        aws.asg("SetDesiredCapacity", DesiredCapacity=size)
        aws.wait(30)
        gone.append([id for id in (first, second, third) if id not in aws.ids()])
    assert [[first], [first, third]] == gone


# Launch templates.


def template(aws, **named):
    """Let the green group launch one instance from a template, and return how group and member show it."""
    aws.asg("UpdateAutoScalingGroup", GREEN, LaunchTemplate=named, MinSize=1, MaxSize=1)
    aws.wait(10)
    group = aws.group(GREEN)
    return group["LaunchTemplate"], group["Instances"][0]["LaunchTemplate"]


@pytest.mark.parametrize("named", [{"LaunchTemplateName": "web"}, {"LaunchTemplateId": "lt-00000000000000001"}])
def test_a_template_is_shown_with_id_name_and_version(named):
    """The group keeps the version as it was given, a member has its number."""
    aws = wire()
    data = {"LaunchTemplateData": {"ImageId": "ami-2", "InstanceType": "m5.large"}}
    aws.call("ec2", "CreateLaunchTemplateVersion", LaunchTemplateName="web", **data)
    both = {"LaunchTemplateId": "lt-00000000000000001", "LaunchTemplateName": "web"}
    shown = template(aws, **named, Version="$Latest")
    assert ({**both, "Version": "$Latest"}, {**both, "Version": "2"}) == shown
    machine = aws.sim.machines[aws.ids(GREEN)[0]]
    assert ("ami-2", "m5.large", "m5.large") == (
        machine.image_id,
        machine.type,
        aws.group(GREEN)["Instances"][0]["InstanceType"],
    )


def test_without_a_version_it_is_the_default_one():
    """It is described so, and resolved when an instance launches."""
    aws = wire()
    shown = template(aws, LaunchTemplateName="web")
    assert ("$Default", "1") == (shown[0]["Version"], shown[1]["Version"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"LaunchTemplate": {"LaunchTemplateId": "lt-1"}},
            "You must use a valid fully-formed launch template. The specified launch template, with template ID lt-1, "
            "does not exist.",
        ),
        (
            {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": "7"}},
            "You must use a valid fully-formed launch template. Could not find launch template version 7.",
        ),
        (
            {"LaunchConfigurationName": "none"},
            "Launch configuration name not found - Launch configuration with name: none does not exist",
        ),
    ],
)
def test_what_instances_are_launched_from_must_be_there(settings, words):
    """A group is not told to launch from nothing."""
    assert ("ValidationError", words) == refused(wire(), **settings)


def test_nothing_launches_from_a_deleted_template():
    """The activity says why, in the sentence by which a launch that never succeeds is known."""
    aws = wire(instances=1)
    aws.call("ec2", "DeleteLaunchTemplate", LaunchTemplateName="web")
    aws.asg("SetDesiredCapacity", DesiredCapacity=2)
    aws.wait(5)
    activity = aws.asg("DescribeScalingActivities")["Activities"][0]
    assert ("Failed", True) == (
        activity["StatusCode"],
        "valid fully-formed launch template" in activity["StatusMessage"],
    )


def test_versions_take_over_what_they_do_not_say():
    """From the version that they are made from; the newest is described first."""
    aws = wire()
    name = {"LaunchTemplateName": "api"}
    aws.call("ec2", "CreateLaunchTemplate", **name, LaunchTemplateData={"ImageId": "ami-1", "InstanceType": "t3.nano"})
    aws.call("ec2", "CreateLaunchTemplateVersion", **name, LaunchTemplateData={"ImageId": "ami-2"}, SourceVersion="1")
    found = aws.call("ec2", "DescribeLaunchTemplateVersions", **name)["LaunchTemplateVersions"]
    assert [(2, False, "ami-2", "t3.nano"), (1, True, "ami-1", "t3.nano")] == [
        (
            each["VersionNumber"],
            each["DefaultVersion"],
            each["LaunchTemplateData"]["ImageId"],
            each["LaunchTemplateData"]["InstanceType"],
        )
        for each in found
    ]


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("DescribeLaunchTemplateVersions", {}),
        ("DescribeLaunchTemplateVersions", {"Versions": ["1"]}),
        ("ModifyLaunchTemplate", {"DefaultVersion": "1"}),
        ("DeleteLaunchTemplate", {}),
    ],
)
def test_a_template_that_nobody_names(operation, more):
    """Neither id nor name: a parameter is missing, and nothing is done."""
    assert "MissingParameter" == wire().refusal("ec2", operation, **more)[0]


def test_the_latest_versions_of_all_templates():
    """Without a name `$Latest` and `$Default` are of all templates (botocore model)."""
    aws = wire()
    made = aws.sim.call("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": "api", "LaunchTemplateData": {}})
    named = {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"], "LaunchTemplateData": {}}
    aws.sim.call("ec2", "CreateLaunchTemplateVersion", named)
    found = aws.sim.call("ec2", "DescribeLaunchTemplateVersions", {"Versions": ["$Latest", "$Default"]})
    told = {(row["LaunchTemplateName"], row["VersionNumber"]) for row in found["LaunchTemplateVersions"]}
    assert {("web", 1), ("api", 2), ("api", 1)} == told

"""What AWS says of launches that do not come up, and which of it ends a deployment."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.targets.pair.model.activities import cannot_launch, kind_of, launch_failure, newest_failure
from bluegreen.targets.pair.model.fleet import Activity
from tests.support.values import NOW, activity, fleet, group, look, release

NEVER = [
    "The AMI ID 'ami-0123' does not exist. Launching EC2 instance failed.",
    "The image id '[ami-0123]' does not exist (InvalidAMIID.NotFound). Launching EC2 instance failed.",
    "The security group 'sg-0123' does not exist in VPC 'vpc-1'. Launching EC2 instance failed.",
    "The key pair 'ops' does not exist. Launching EC2 instance failed.",
    "The requested configuration is currently not supported. Please check the documentation. Launching failed.",
    "The architecture 'arm64' of the specified instance type does not match 'x86_64' of the specified AMI.",
    "Your requested instance type (m9.large) is not supported in your requested Availability Zone (us-east-1e).",
    "Invalid device name upload. Launching EC2 instance failed.",
    "You must use a valid fully-formed launch template. Value (ops) for parameter iamInstanceProfile is invalid.",
    "You are not authorized to use launch template: lt-0123",
    "Client.InternalError: Client error on launch",
    "One or more target groups not found. Validating load balancer configuration failed.",
    "The target group not found: web",
    "Cannot find Load Balancer web. Validating load balancer configuration failed.",
    "This account is currently blocked and not recognized as a valid account. Contact AWS support.",
    "the ami id 'AMI-0123' DOES NOT EXIST",
    "The image id 'ami-0123' does not exist. Launching EC2 instance failed.",
    "The subnet ID 'subnet-0123' does not exist. Launching EC2 instance failed.",
    "The specified launch template, with template ID lt-0123, does not exist. Launching EC2 instance failed.",
    "The requested instance type's architecture (i386) does not match the architecture in the manifest for ami-0123.",
    "Non-Windows AMIs with a virtualization type of 'hvm' currently may only be used with Cluster Compute instances.",
    "The requested Availability Zone is no longer supported. Please retry your request by not specifying one.",
    "Invalid device name /dev/xvdzz. Launching EC2 instance failed.",
    "Value (disk) for parameter virtualName is invalid. Expected format: 'ephemeralNUMBER'.",
    "EBS block device mappings not supported for instance-store AMIs.",
    "Placement groups may not be used with instances of type 'm1.large'. Launching EC2 instance failed.",
    "InvalidParameterCombination - The specified instance type is not eligible for Free Tier.",
    "Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state",
    "One or more of the attached Amazon EBS volumes are encrypted with an inaccessible AWS KMS key.",
    "There is no ACTIVE Load Balancer named web. Updating load balancer configuration failed.",
    "EC2 instance i-0123 is not in VPC. Updating load balancer configuration failed.",
    "EC2 instance i-0123 is in VPC. Updating load balancer configuration failed.",
    "AutoScalingGroup web not found.",
    "You are not subscribed to this service. Please see https://aws.amazon.com/.",
    "OptInRequired: In order to use this AWS Marketplace product you need to accept terms and subscribe.",
]
"""Each sentence of the user guide's pages on launch failures, and such as people have posted."""

SPACE = [
    "VcpuLimitExceeded: ask for a higher limit",
    "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.",
    "Max spot instance count exceeded. Placing Spot instance request failed.",
    "InsufficientFreeAddressesInSubnet. Launching EC2 instance failed.",
    "There are not enough free addresses in subnet 'subnet-0123' to satisfy the requested number of instances.",
    "InstanceLimitExceeded: your quota allows for 0 more running instances",
    "You've reached your quota for maximum Fleet Requests for this account. Launching EC2 instance failed.",
    "20 instance(s) are already running. Launching EC2 instance failed.",
    "You have requested more instances (7) than your current instance limit of 6 allows for the instance type.",
]
AGAIN = [
    "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a).",
    "There is no Spot capacity available that matches your request. Launching EC2 instance failed.",
    "UnfulfillableCapacity: Unable to fulfill capacity due to your request configuration.",
    "Your Spot request price of 0.001 is lower than the minimum required Spot request fulfillment price of 0.0031.",
    "Authentication Failure. Launching EC2 instance failed.",
    "AMI ami-0123 is pending, and cannot be run. Launching EC2 instance failed.",
    "",
]
OUT = "At 2026-01-05T07:08:09Z an instance was taken out of service in response to an"
BROKEN = [f"{OUT} ELB system health check failure.", f"{OUT[:-1]} ELB system health check failure."]
IMPAIRED = [f"{OUT} EC2 instance status check failure.", f"{OUT} EC2 instance status checks failure."]
"""AWS's words have varied: "a ELB", "checks"."""
TAKEN_AWAY = f"{OUT} EC2 health check indicating it has been terminated or stopped."


def said(text: str, **more: str) -> Activity:
    """Return an activity of the new group with this status message."""
    return activity("new", text, **more)


@pytest.mark.parametrize("text", NEVER)
@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
def test_what_no_retry_helps_is_never(text, status) -> None:
    """One launch that can never succeed is enough to know."""
    assert "never" == kind_of(said(text, status=status))


@pytest.mark.parametrize("text", SPACE)
def test_what_a_quota_refuses_is_space(text) -> None:
    """A quota may be freed by instances that go."""
    assert "space" == kind_of(said(text))


@pytest.mark.parametrize("text", AGAIN)
def test_what_auto_scaling_tries_again_is_no_failure(text) -> None:
    """Not every failed activity is the end: AWS tries again, in another zone or a minute later."""
    assert "" == kind_of(said(text))


@pytest.mark.parametrize("status", ["Successful", "InProgress", "PreInService"])
@pytest.mark.parametrize("text", [NEVER[0], SPACE[0]])
def test_only_a_failed_activity_has_failed(status, text) -> None:
    """A message on an activity that has not failed is not a failure."""
    assert "" == kind_of(said(text, status=status))


@pytest.mark.parametrize("cause", BROKEN)
@pytest.mark.parametrize("status", ["Successful", "InProgress"])
def test_an_instance_taken_out_for_its_health_is_broken(cause, status) -> None:
    """The group's own replacement of a new instance says that the image is broken, however its activity stands."""
    assert "broken" == kind_of(said("", cause=cause, status=status))


@pytest.mark.parametrize("cause", IMPAIRED)
def test_an_instance_taken_out_for_its_host_is_impaired(cause) -> None:
    """A bad host does that, whatever the image."""
    assert "impaired" == kind_of(said("", cause=cause, status="Successful"))


def test_a_scale_in_is_not_broken() -> None:
    """An instance that leaves because a size was changed says nothing about the image."""
    cause = "a user request update of AutoScalingGroup constraints to min: 0, max: 0, desired: 0"
    assert "" == kind_of(said("", cause=cause, status="Successful"))


def failure(*activities: Activity, arriving: int = 0) -> str | None:
    """Return the launch failure that a look at these activities shows, new launched at NOW."""
    seen = fleet(group("old", "InService"), group("new", *["Pending"] * arriving), activities=activities)
    return launch_failure(look(seen, release(launched_at=NOW)))


def test_an_instance_that_was_taken_away_says_nothing_of_the_image() -> None:
    """Spot, or a person, ended it: the group launches another one."""
    assert "" == kind_of(said("", cause=TAKEN_AWAY, status="Successful"))


def test_one_that_never_succeeds_or_is_broken_ends_it() -> None:
    """One is enough of what no retry helps, and of a new instance taken out of service."""
    never, broken = said(NEVER[0]), said("", cause=BROKEN[0], status="Successful")
    assert f"new cannot launch: {NEVER[0]}" == failure(never, arriving=1)
    assert f"new loses what it launches: {BROKEN[0]}" == failure(broken, arriving=1)


@pytest.mark.parametrize(
    ("refused", "arriving", "ends"), [(0, 0, False), (1, 0, False), (2, 0, True), (2, 1, False), (3, 0, True)]
)
def test_a_quota_ends_it_the_second_time_with_nothing_on_the_way(refused, arriving, ends) -> None:
    """Twice refused for space and nothing arriving is the end; anything on its way is still hope."""
    assert ends == (failure(*[said(SPACE[0])] * refused, arriving=arriving) is not None)


PROFILE = "Value (ops) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name."
SECRET = "You are not authorized to perform this operation. Encoded authorization failure message: {}."
ABANDONED = "Lifecycle Action with token {} was abandoned: Lifecycle Action Completed with ABANDON Result"


def attempts(*launches: tuple[float, str, str], lasting: float = 0.0) -> tuple[Activity, ...]:
    """Return launches that began so many seconds after the first, with a status and words, newest first."""
    made = (
        attrs.evolve(activity("new", text, status=status, at=NOW + at), ended=NOW + at + lasting)
        for at, status, text in launches
    )
    return tuple(made)[::-1]


def minutes(status: str, *texts: str) -> tuple[Activity, ...]:
    """Return one attempt a minute."""
    return attempts(*((60.0 * n, status, text) for n, text in enumerate(texts)))


def test_what_nobody_knows_ends_it_when_it_comes_three_times_in_a_row() -> None:
    """An unknown failure may pass, as a new instance profile does; the third one like it will not.

    Source: hashicorp/terraform-provider-aws 29866; aec, pull request 411.
    """
    assert (None, None) == (failure(*minutes("Failed", PROFILE)), failure(*minutes("Failed", PROFILE, PROFILE)))
    sentence = f"new cannot launch, 3 times in a row: {PROFILE}"
    assert sentence == failure(*minutes("Failed", PROFILE, PROFILE, PROFILE), arriving=1)


@pytest.mark.parametrize(
    "texts",
    [
        [SECRET.format("Xa9"), SECRET.format("Yb8"), SECRET.format("Zc7")],
        ["limit of 3 in i-0123 is odd", "limit of 4 in i-4567 is odd", "limit of 5 in i-89ab is odd"],
    ],
)
def test_failures_are_equal_but_for_their_numbers(texts) -> None:
    """Ids, figures and what is encoded differ each time."""
    assert failure(*minutes("Failed", *texts)) is not None


@pytest.mark.parametrize(
    "row",
    [
        attempts((0, "Failed", PROFILE), (60, "Failed", PROFILE), (120, "Successful", ""), (180, "Failed", PROFILE)),
        attempts((0, "Failed", PROFILE), (60, "Failed", "another"), (120, "Failed", PROFILE)),
        attempts((0, "Failed", PROFILE), (1, "Failed", PROFILE), (2, "Failed", PROFILE)),
        minutes("Failed", AGAIN[0], AGAIN[0], AGAIN[0], AGAIN[0]),
        minutes("Failed", AGAIN[5], AGAIN[5], AGAIN[5], AGAIN[5]),
        minutes("InProgress", "", "", "", ""),
    ],
    ids=["a success between", "another one between", "side by side", "no capacity", "an AMI in the making", "slow"],
)
def test_what_is_no_row_of_failures(row) -> None:
    """A success shows that it can be done; what fails side by side is one attempt; a slow launch has not failed."""
    assert failure(*row) is None


@pytest.mark.parametrize("text", [NEVER[6], SPACE[0]])
def test_a_launch_that_succeeded_since_shows_that_it_can_be_done(text) -> None:
    """A zone without the type, a quota that was raised: the next launch found its way, and all are in service."""
    assert failure(*attempts((0, "Failed", text), (60, "Failed", text), (120, "Successful", ""))) is None
    assert failure(*attempts((0, "Successful", ""), (60, "Failed", text), (120, "Failed", text))) is not None


@pytest.mark.parametrize(("times", "ends"), [(2, False), (3, True)])
def test_a_launch_hook_that_lets_go_again_and_again_ends_it(times, ends) -> None:
    """Each launch is abandoned by its hook, and AWS launches the next one, for ever.

    Source: moonshot 7, 43 launches in 25 minutes.
    """
    row = attempts(*((40.0 * n, "Cancelled", ABANDONED.format(n)) for n in range(times)), lasting=35.0)
    assert ends == (failure(*row, arriving=1) is not None)


def test_launches_abandoned_side_by_side_are_one_attempt() -> None:
    """Three of forty fail in their hooks while the others are still in theirs: their replacements may do better."""
    row = attempts(*((12.0 * n, "Cancelled", ABANDONED.format(n)) for n in range(3)), lasting=35.0)
    assert failure(*row, arriving=37) is None


def test_what_ends_is_no_launch() -> None:
    """That an instance was terminated successfully says nothing of launches."""
    gone = attrs.evolve(activity("new", status="Successful", at=NOW + 150.0), description="Terminating EC2 instance")
    assert failure(gone, *minutes("Failed", PROFILE, PROFILE, PROFILE)) is not None
    seen = fleet(group("old"), group("new"), activities=(gone, said("no room")))
    told = newest_failure(look(seen, release(launched_at=NOW)), seen.groups["new"])
    assert "; the newest launch failed: no room" == told


@pytest.mark.parametrize("change", [{"group": "old"}, {"started": NOW - 1.0}])
@pytest.mark.parametrize("text", [NEVER[0], SPACE[0]])
def test_others_failures_and_earlier_ones_do_not_count(change, text) -> None:
    """What happened to old, or before this launch began, says nothing about this image."""
    told = attrs.evolve(said(text), **change)
    assert failure(told, told) is None


def test_a_failure_at_the_very_second_of_the_launch_counts() -> None:
    """AWS's clock has whole seconds: the first launch may fail in the one in which it was asked for."""
    assert failure(activity("new", NEVER[0], at=NOW)) is not None


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ([], ""),
        (["Failed"], "; the newest launch failed: no room"),
        (["Successful", "Failed"], ""),
        (["InProgress", "Failed", "Successful"], "; the newest launch failed: no room"),
    ],
)
def test_the_newest_launch_that_ended_says_what_is_waited_for(statuses, words) -> None:
    """One that failed and is tried again is no end, but whoever waits wants to know."""
    told = [activity("new", "no room", status=s, at=NOW + 9 - n) for n, s in enumerate(statuses)]
    seen = fleet(group("old"), group("new"), activities=tuple(told))
    assert words == newest_failure(look(seen, release(launched_at=NOW)), seen.groups["new"])


def lived(instance: str, began: float, ended: float | None = None) -> tuple[Activity, ...]:
    """Return that an instance was launched, so many seconds after NOW, and taken out for its host, if it was."""
    launch = attrs.evolve(
        activity("new", status="Successful", at=NOW + began),
        description=f"Launching a new EC2 instance: {instance}",
        ended=NOW + began + 5.0,
    )
    if ended is None:
        return (launch,)
    out = activity("new", status="Successful", cause=IMPAIRED[1], at=NOW + ended)
    return (launch, attrs.evolve(out, description=f"Terminating EC2 instance: {instance}", ended=NOW + ended + 5.0))


LOST = (lived("i-1", 0.0, 60.0), lived("i-2", 70.0, 130.0), lived("i-3", 140.0, 200.0))
HOSTS = {
    "one": (LOST[:1], False),
    "two": (LOST[:2], False),
    "three in a row": (LOST, True),
    "three in a row, and the fourth is fresh": ((*LOST, lived("i-4", 210.0)), False),
    "three, and one that lasts between": ((*LOST[:2], lived("i-9", 135.0), LOST[2]), False),
    "three beside others that last": ((lived("i-7", 0.0), lived("i-8", 0.0), *LOST), True),
    "three at once": ((lived("i-1", 0.0, 60.0), lived("i-2", 0.0, 61.0), lived("i-3", 0.0, 62.0)), False),
}


@pytest.mark.parametrize(("lives", "ends"), HOSTS.values(), ids=HOSTS)
def test_an_impaired_host_ends_it_when_three_in_a_row_were(lives, ends) -> None:
    """The group replaces one elsewhere; what hits each replacement is no accident."""
    told = failure(*(one for life in lives for one in life))
    assert (f"new loses what it launches, 3 times in a row: {IMPAIRED[1]}" if ends else None) == told


def test_old_is_told_of_as_new_is() -> None:
    """What a rollback launches fails for the same reasons; what failed before somebody put it right says nothing."""
    row = attempts((0, "Failed", NEVER[0]))
    ours = attrs.evolve(row[0], group="old")
    seen = fleet(group("old"), group("new"), activities=(ours,))
    now, later = (look(seen, release(progressed_at=NOW + at)) for at in (0.0, 1.0))
    assert (f"old cannot launch: {NEVER[0]}", None) == (cannot_launch(now, now.old), cannot_launch(later, later.old))
    assert 2 * [f"; the newest launch failed: {NEVER[0]}"] == [newest_failure(one, one.old) for one in (now, later)]


@pytest.mark.parametrize("words", ["AMI ID ", "security group ", "more instances ", "sufficient ", "AutoScalingGroup "])
def test_a_text_without_an_end_is_looked_through_to_a_bound(words: str) -> None:
    """AWS says first what it is about: of two million characters no more is read, whatever they are."""
    text = words * (2_000_000 // len(words))
    assert ["", "never"] == [kind_of(activity("new", f"{start}{text}")) for start in ("", "Invalid device name x. ")]
    assert "" == kind_of(activity("new", f"{text}Invalid device name x."))

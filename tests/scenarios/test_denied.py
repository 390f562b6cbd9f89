"""Permissions: what is missing is found in time or stops safely, and the documented policy is enough as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import RefreshWithMFAUnsupportedError, UnauthorizedSSOTokenError

from bluegreen.errors import Denied, Status
from bluegreen.flow.events import EventKind
from bluegreen.report.diff import diff_text
from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import denied
from bluegreen.simulator.core.options import ACCOUNT, REGION
from bluegreen.targets.seam.finding import REFUSED
from tests.support.iam import Asked, allows, documented
from tests.support.scaling import put_settings, settings_of
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, left_over

TOPIC = "arn:aws:sns:us-east-1:123456789012:people"
"""What the alarms of these stories notify."""


def policy(pair: Pair) -> list[dict[str, Any]]:
    """Return the documented policy for this account: with the names of its balancers and alarms, and their topic."""
    options = pair.sim.world.options
    found = {one["Sid"]: one for one in documented(REGION=options[REGION], ACCOUNT=options[ACCOUNT])}
    place = f"{options[REGION]}:{options[ACCOUNT]}"
    names = pair.sim.groups[BLUE].balancers
    classic = f"arn:aws:elasticloadbalancing:{place}:loadbalancer/"
    found["ComeBack"]["Resource"] = [name if name.startswith("arn:") else classic + name for name in names]
    for sid in ("Alarms", "AlarmsThatScale"):
        found[sid]["Resource"] = [found[sid]["Resource"], f"arn:aws:cloudwatch:{place}:alarm:little to do*"]
    found["AlarmsThatScale"]["Condition"]["ForAllValues:StringLike"]["cloudwatch:AlarmActions"].append(TOPIC)
    return list(found.values())


def enforced(pair: Pair) -> Callable[[Call], None]:
    """Return a hook that denies what the documented policy does not permit, its conditions included."""
    statements, asked = policy(pair), Asked(pair.sim)

    def judge(call: Call) -> None:
        if not allows(statements, call.action, asked.resources(call)):
            raise denied(call)

    return judge


def course(pair: Pair, *, dead: bool = False) -> list[Status]:
    """Run every verb once; ``dead`` lets a parked instance be terminated by hand before each finish."""
    service = pair.service()
    found = [service.deploy("v2").status, service.rollback().status, service.deploy("v3").status]
    pair.run_for(30)
    if dead:
        pair.sim.kill(next(iter(pair.sim.states(BLUE))))
        pair.run_for(10)
    found += [service.finish().status, service.deploy("v4").status]
    pair.run_for(700)
    ended = service.cleanup()
    return [*found, Status.BUG if ended is None else ended.status]


def test_the_documented_policy_is_enough_for_settings_that_move() -> None:
    """Policies, alarms with their tags and scheduled actions go there and back, and metrics are read."""
    pair = virtual(instances=3, load=20.0, policies=[tracking("requests", 600.0)])
    put_settings(pair.sim)
    before = settings_of(pair.sim, BLUE)
    pair.sim.faults.before.append(enforced(pair))
    assert ([Status.OK] * 6, True) == (course(pair), settings_of(pair.sim, BLUE) == before)


UNNEEDED = ("cloudwatch:GetMetricData", "autoscaling:DescribeNotificationConfigurations")


@pytest.mark.parametrize("action", UNNEEDED)
@pytest.mark.parametrize("how", ["denied", "not implemented", "silent"])
def test_what_is_only_worth_knowing_ends_nothing(action: str, how: str) -> None:
    """Denied, not implemented or not answered: a warning that says what follows, in each deployment and by `check`."""
    pair = virtual(instances=3, load=20.0, policies=[tracking("requests", 600.0)], twins=True)

    def refuse(call: Call) -> None:
        if call.action == action:
            unknown = AwsError("NotImplemented", "no such operation", 501)
            raise {"denied": denied(call), "not implemented": unknown, "silent": AwsError("Throttling", "x")}[how]

    pair.sim.faults.before.append(refuse)
    warned = [finding.sentence for finding in pair.service().check()]
    assert Status.OK == pair.service().deploy("v2").status
    told = [event.reason for event in pair.events if event.kind is EventKind.WARNED]
    assert (1, 1) == (len([one for one in warned if action in one]), len([one for one in told if action in one]))


def test_what_could_not_be_compared_is_not_the_same() -> None:
    """`diff` says that it does not know."""
    pair = virtual()
    pair.sim.faults.denied.add("autoscaling:DescribeNotificationConfigurations")
    found = pair.service().diff()
    assert (["notifications"], False) == (list(found.unknown), "notifications" in found.same)
    assert "not known: notifications: whether both groups notify the same" in diff_text("web", found)


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("balancers", [("target-group",), ("classic", "target-group")])
def test_the_documented_policy_is_enough_for_everything(balancers, dead) -> None:
    """With its conditions on marks and members enforced, every verb ends as if everything were permitted."""
    pair = virtual(instances=3, balancers=balancers, drain=10.0)
    before, watch = pair.picture(), Watch(pair, 3)
    pair.sim.faults.before.append(enforced(pair))
    assert (course(pair, dead=dead), watch.broken, left_over(pair)) == ([Status.OK] * 6, [], {})
    assert unlike(before, pair.picture()) == []


def test_the_documented_policy_forbids_to_terminate_what_is_not_marked() -> None:
    """The hook of these tests is no formality: it denies what the conditions exclude."""
    pair = virtual(instances=1)
    (instance,) = pair.sim.states(BLUE)
    judge = enforced(pair)
    terminate = Call(1, "ec2", "TerminateInstances", {"InstanceIds": [instance]}, False)
    with pytest.raises(Exception, match="UnauthorizedOperation"):
        judge(terminate)
    pair.sim.machines[instance].tags["bluegreen:retire"] = "web:1"
    assert judge(terminate) is None


GROUP = {"AutoScalingGroupName": BLUE}
TAG = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
LAUNCH = {"LaunchTemplateId": "lt-1", "Version": "1"}
OPERATIONS = {
    "the tag of another tool": ("autoscaling", "CreateOrUpdateTags", {"Tags": [{**TAG, "Key": "owner", "Value": "x"}]}),
    "the tag of another group": (
        "autoscaling",
        "CreateOrUpdateTags",
        {"Tags": [{**TAG, "ResourceId": "other", "Key": "image", "Value": "x"}]},
    ),
    "one tag too many": (
        "autoscaling",
        "DeleteTags",
        {"Tags": [{**TAG, "Key": "image"}, {**TAG, "Key": "owner"}]},
    ),
    "no tag": ("autoscaling", "DeleteTags", {**GROUP}),
    "a launch template": ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "LaunchTemplate": LAUNCH}),
    "mixed instances": ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "MixedInstancesPolicy": {}}),
    "a launch configuration": ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "LaunchConfigurationName": "x"}),
    "subnets": ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "MinSize": 1, "VPCZoneIdentifier": "a,b"}),
    "another group": ("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": "other", "MinSize": 0}),
    "an alarm that terminates": (
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "web", "AlarmActions": ["arn:aws:automate:us-east-1:ec2:terminate"]},
    ),
    "an alarm that terminates when all is well": (
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "web", "OKActions": ["arn:aws:automate:us-east-1:ec2:terminate"]},
    ),
    "an alarm without an action": ("cloudwatch", "PutMetricAlarm", {"AlarmName": "web"}),
    "an alarm of others": ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["disk"]}),
    "another service's console": ("ec2", "GetConsoleOutput", {"InstanceId": "STRANGER"}),
    "user data": ("ec2", "DescribeInstanceAttribute", {"InstanceId": "MARKED", "Attribute": "userData"}),
    "an instance of others": (
        "ec2",
        "DescribeInstanceAttribute",
        {"InstanceId": "UNMARKED", "Attribute": "disableApiTermination"},
    ),
    "the mark of another service": (
        "ec2",
        "CreateTags",
        {"Resources": ["UNMARKED"], "Tags": [{"Key": "bluegreen:retire", "Value": "api:1"}]},
    ),
    "another tag": ("ec2", "CreateTags", {"Resources": ["UNMARKED"], "Tags": [{"Key": "Name", "Value": "web:1"}]}),
    "a mark and another tag": (
        "ec2",
        "CreateTags",
        {
            "Resources": ["UNMARKED"],
            "Tags": [{"Key": "bluegreen:retire", "Value": "web:1"}, {"Key": "Name", "Value": "x"}],
        },
    ),
    "the mark of a stranger": (
        "ec2",
        "CreateTags",
        {"Resources": ["STRANGER"], "Tags": [{"Key": "bluegreen:retire", "Value": "web:1"}]},
    ),
    "the mark of another service taken off": (
        "ec2",
        "DeleteTags",
        {"Resources": ["STRANGER"], "Tags": [{"Key": "bluegreen:retire"}]},
    ),
    "another tag taken off": ("ec2", "DeleteTags", {"Resources": ["MARKED"], "Tags": [{"Key": "Name"}]}),
    "what another service marked": ("ec2", "TerminateInstances", {"InstanceIds": ["STRANGER"]}),
    "all tags": ("ec2", "DeleteTags", {"Resources": ["MARKED"]}),
    "what is not marked": ("ec2", "TerminateInstances", {"InstanceIds": ["UNMARKED"]}),
    "what is not marked beside what is": ("ec2", "TerminateInstances", {"InstanceIds": ["MARKED", "UNMARKED"]}),
    "another balancer": ("elbv2", "RegisterTargets", {"TargetGroupArn": "arn:aws:x:targetgroup/api/1", "Targets": []}),
    "a new group": ("autoscaling", "CreateAutoScalingGroup", {**GROUP}),
    "a new instance": ("ec2", "RunInstances", {"InstanceIds": ["i-0"]}),
}


def forbidden() -> tuple[Pair, dict[str, Call]]:
    """Return a pair with an instance that is marked, one that is not, and one of another service; and those calls."""
    pair = virtual(instances=3)
    marked, unmarked, stranger = pair.sim.states(BLUE)
    machines = pair.sim.machines
    machines[marked].tags["bluegreen:retire"] = "web:1"
    machines[stranger].tags.clear()
    machines[stranger].tags |= {"aws:autoscaling:groupName": "api", "bluegreen:retire": "api:1"}
    calls = {}
    for what, (service, operation, parameters) in OPERATIONS.items():
        text = json.dumps(parameters).replace("UNMARKED", unmarked).replace("MARKED", marked)
        calls[what] = Call(1, service, operation, json.loads(text.replace("STRANGER", stranger)), False)
    return pair, calls


@pytest.mark.parametrize("what", OPERATIONS)
def test_the_documented_policy_forbids(what: str) -> None:
    """What a release never does is not allowed, whoever has the credentials."""
    pair, calls = forbidden()
    with pytest.raises(AwsError, match=r"AccessDenied|UnauthorizedOperation"):
        enforced(pair)(calls[what])


def test_each_condition_forbids_something() -> None:
    """Without any one of them something of the above is allowed; one says what another one says already."""
    pair, calls = forbidden()
    asked, idle = Asked(pair.sim), []
    conditions = [
        (one["Sid"], test, key) for one in policy(pair) for test, row in one.get("Condition", {}).items() for key in row
    ]
    for sid, test, key in conditions:
        looser = policy(pair)
        del next(one for one in looser if one["Sid"] == sid)["Condition"][test][key]
        if not any(allows(looser, call.action, asked.resources(call)) for call in calls.values()):
            idle.append((sid, test))
    assert (18, [("MarkMembersOnly", "Null")]) == (len(conditions), idle)


def test_without_the_permission_to_mark_nothing_is_begun() -> None:
    """A finish would need it, days later; a dry run tells it now."""
    pair = virtual(instances=3)
    before, done = pair.picture(), []
    pair.sim.faults.denied.add("ec2:CreateTags")
    pair.sim.faults.before.append(lambda call: None if call.reads else done.append(call.operation))
    with pytest.raises(Denied, match="ec2:CreateTags") as denial:
        pair.service().deploy("v2")
    assert (denial.value.status, done, pair.release, pair.picture()) == (Status.DENIED, [], None, before)
    assert ["AWS does not permit ec2:CreateTags"] == [
        finding.sentence.partition(":")[0] + ":CreateTags"
        for finding in pair.service().check()
        if finding.level == REFUSED
    ]


def test_without_the_permission_to_terminate_nothing_is_detached() -> None:
    """Instances that could not be terminated stay parked, ready for a rollback; with the permission it goes on."""
    pair = virtual(instances=3)
    before = pair.picture()
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.faults.denied.add("ec2:TerminateInstances")
    with pytest.raises(Denied, match="ec2:TerminateInstances"):
        pair.service().finish()
    assert (["Standby"] * 3, []) == (list(pair.sim.states(BLUE).values()), pair.sim.orphans())
    pair.sim.faults.denied.clear()
    assert (pair.service().resume().status, unlike(before, pair.picture()), left_over(pair)) == (Status.OK, [], {})


def test_without_the_permission_to_terminate_there_is_still_a_way_back() -> None:
    """Whoever may not end the old instances may let them serve again, and no mark is left on them."""
    pair = virtual(instances=3)
    before = pair.picture()
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.faults.denied.add("ec2:TerminateInstances")
    with pytest.raises(Denied):
        pair.service().finish()
    assert (pair.service().rollback().status, unlike(before, pair.picture()), left_over(pair)) == (Status.OK, [], {})
    pair.run_for(30)
    assert (len(pair.sim.healthy(BLUE)), pair.sim.states(GREEN)) == (3, {})


def test_who_keeps_the_instances_needs_no_permission_to_terminate() -> None:
    """``finish --keep`` never asks for it."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.faults.denied.add("ec2:TerminateInstances")
    assert (pair.service().finish(keep=True).status, len(pair.sim.orphans())) == (Status.OK, 3)


def ends(error: Exception, pair: Pair, operation: str) -> None:
    """Let a login end in the middle of a run: from the first call of ``operation`` on."""
    over: list[bool] = []

    def strike(call: Call) -> None:
        over.extend([True] if call.operation == operation else [])
        if over:
            raise error

    pair.sim.faults.before.append(strike)


@pytest.mark.parametrize("error", [RefreshWithMFAUnsupportedError(), UnauthorizedSSOTokenError(), EOFError()])
def test_a_login_that_ends_in_the_middle(error: Exception) -> None:
    """An hour with an MFA code, or of single sign-on, is over (botocore 1805): 77, nothing lost, `resume` is named."""
    pair = virtual(instances=2)
    ends(error, pair, "EnterStandby")
    with pytest.raises(Denied) as caught:
        pair.service().deploy("v2")
    pair.sim.faults.before.clear()
    pair.run_for(1800)
    assert "then `bluegreen resume web` carries on" in caught.value.hint.splitlines()[-1]
    assert (Status.DENIED, Status.OK) == (caught.value.status, pair.service().resume().status)


@pytest.mark.parametrize("code", ["InvalidIdentityToken", "IDPCommunicationError"])
def test_an_identity_provider_that_is_not_reached_for_a_while(code: str) -> None:
    """STS did not get the provider's keys (aws-sdk-js-v3 3052): for a minute there are no credentials, and no end."""
    pair = virtual(instances=2)
    until: list[float] = []

    def strike(call: Call) -> None:
        if call.operation == "EnterStandby" and not until:
            until.append(pair.clock.now() + 60)
        if until and pair.clock.now() < until[0]:
            raise AwsError(code, "Couldn't retrieve verification key from your identity provider", 400)

    pair.sim.faults.before.append(strike)
    assert Status.OK == pair.service(progress_deadline=300.0).deploy("v2").status

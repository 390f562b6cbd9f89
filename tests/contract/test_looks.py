"""What a look, a survey and an action cost, and what they bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from bluegreen.errors import Denied, Refused, Unreachable
from bluegreen.flow.ports import ActionRefused
from bluegreen.targets.pair.aws.errors import Busy
from bluegreen.targets.pair.aws.requests import Call
from bluegreen.targets.pair.model.actions import Detach, EnterStandby, ExitStandby, Suspend, Terminate
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer, BalancerFacts, Question

from .builders import (
    ARN,
    DATE_POSIX,
    Error,
    PairOfGroups,
    activity_row,
    aws,
    group_row,
    instance_id,
    instance_row,
    refuse_all,
)

PAIR = ("web-blue", "web-green")
HUNDREDS = tuple(instance_id(number) for number in range(200))


@pytest.mark.parametrize(
    ("question", "last"),
    [
        (Question(PAIR), []),
        (Question(PAIR, machines=HUNDREDS), ["DescribeInstances"]),
        (Question(PAIR, activities=(("web-green", 5.0),)), ["DescribeScalingActivities"]),
    ],
)
def test_a_look_is_three_calls_at_most(question: Question, last: list[str]) -> None:
    """A hundred instances in each group behind one balancer cost what one does."""
    world, recorder = aws(PairOfGroups(100))
    world.ask(question)
    assert ["DescribeAutoScalingGroups", "DescribeTargetHealth", *last] == recorder.operations


def test_each_further_balancer_is_one_call_more() -> None:
    """Two target groups and a classic balancer are asked once each."""
    world, recorder = aws(PairOfGroups(100, arns=(ARN, ARN + "2"), names=("web",)))
    world.ask(Question(PAIR))
    expected = {"DescribeAutoScalingGroups": 1, "DescribeTargetHealth": 2, "DescribeInstanceHealth": 1}
    assert expected == Counter(recorder.operations)


def test_a_look_brings_the_fleet() -> None:
    """Groups, health, machines and AWS's own time are in it."""
    world, _ = aws(PairOfGroups(1))
    fleet = world.ask(Question(PAIR, machines=(instance_id(0), "i-unknown")))
    actual = (list(fleet.groups), dict(fleet.health), fleet.asked, list(fleet.machines), fleet.at)
    health: Mapping[str, Mapping[str, str]] = {ARN: {instance_id(0): "healthy", instance_id(1): "healthy"}}
    assert (list(PAIR), health, frozenset({instance_id(0), "i-unknown"}), [instance_id(0)], DATE_POSIX) == actual


@pytest.mark.parametrize(
    ("state", "answer", "told"),
    [
        ("Pending:Wait", "boot", ("boot",)),
        ("Terminating:Wait", "boot", ("boot",)),
        ("Pending", "boot", ()),
        ("Pending:Wait", "denied", ()),
    ],
)
def test_hooks_are_asked_for_where_one_holds_an_instance(state: str, answer: str, told: tuple[str, ...]) -> None:
    """One call for that group alone; that AWS does not tell them fails no look."""
    held = {name: group_row(name, Instances=[instance_row(0, state)] if name == PAIR[1] else []) for name in PAIR}
    hook = {"LifecycleHookName": "boot", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}

    def hooks(_: Any) -> Mapping[str, Any]:
        if answer == "denied":
            raise Error("AccessDenied", "not authorized to perform: autoscaling:DescribeLifecycleHooks", 403)
        return {"LifecycleHooks": [hook]}

    groups = {"AutoScalingGroups": list(held.values())}
    world, recorder = aws(
        PairOfGroups(overrides={"DescribeAutoScalingGroups": groups, "DescribeLifecycleHooks": hooks})
    )
    found = world.ask(Question(PAIR, hooks=True)).hooks
    asked = [{"AutoScalingGroupName": PAIR[1]}] if state.endswith(":Wait") else []
    assert told == tuple(str(row["LifecycleHookName"]) for rows in found.values() for row in rows)
    assert asked == [parameters for operation, parameters in recorder.calls if operation == "DescribeLifecycleHooks"]


def test_without_a_date_the_clock_is_read() -> None:
    """An answer that tells no time is dated by the clock given."""
    world, _ = aws(PairOfGroups(1), date=None)
    assert world.ask(Question(PAIR)).at == 42.0


def test_pages_are_followed() -> None:
    """A group on the second page is found."""
    world, recorder = aws(PairOfGroups(1, page=1))
    world.ask(Question(PAIR))
    assert ["DescribeAutoScalingGroups"] * 2 + ["DescribeTargetHealth"] == recorder.operations


def test_pages_without_end_are_no_answer() -> None:
    """The same token twice is not followed for ever."""
    endless = {"DescribeAutoScalingGroups": {"AutoScalingGroups": [], "NextToken": "again"}}
    world, _ = aws(PairOfGroups(overrides=endless))
    with pytest.raises(Unreachable, match="no end"):
        world.ask(Question(PAIR))


def test_activities_are_asked_by_awss_clock() -> None:
    """The lower bound is written as AWS reads it."""
    world, recorder = aws(PairOfGroups())
    world.ask(Question(PAIR, activities=(("web-green", DATE_POSIX + 0.9),)))
    bound = [{"Name": "StartTimeLowerBound", "Values": ["2023-11-14T22:13:20Z"]}]
    expected = {"AutoScalingGroupName": "web-green", "Filters": bound}
    assert ("DescribeScalingActivities", expected) == recorder.calls[-1]


def test_one_silent_balancer_makes_the_look_silent() -> None:
    """Half a look is no look."""

    def silent(parameters: dict[str, Any]) -> dict[str, Any]:
        raise Error("HealthUnavailable", "later", 500)

    world, _ = aws(PairOfGroups(names=("web",), overrides={"DescribeTargetHealth": silent}))
    with pytest.raises(Unreachable, match="DescribeTargetHealth"):
        world.ask(Question(PAIR))


def test_survey() -> None:
    """Settings of both groups, facts of each balancer, and the slowest of the newest launches."""
    world, _ = aws(PairOfGroups(names=("web",)))
    survey = world.survey(PAIR)
    facts = (
        BalancerFacts(Balancer(CLASSIC, "web"), 30.0, 10, 120.0, unhealthy_threshold=2, timeout=5.0),
        BalancerFacts(Balancer(TARGET_GROUP, ARN), 10.0, 3, 45.0, unhealthy_threshold=2, timeout=5.0),
    )
    names = [survey.scaling[name].policies[0]["PolicyName"] for name in PAIR]
    assert (facts, ["cpu", "cpu"], 90.5) == (survey.balancers, names, survey.boot)


def test_survey_without_a_record() -> None:
    """No launch on record is no boot time; a drain that is off is none; a refresh is seen; unused is seen."""
    (target_group,) = PairOfGroups().DescribeTargetGroups({})["TargetGroups"]
    overrides = {
        "DescribeScalingActivities": {"Activities": [activity_row(1, 0.0, 9.0, StatusCode="Failed")]},
        "DescribeLoadBalancerAttributes": {"LoadBalancerAttributes": {"ConnectionDraining": {"Enabled": False}}},
        "DescribeInstanceRefreshes": {"InstanceRefreshes": [{"Status": "Baking"}]},
        "DescribeTargetGroups": {"TargetGroups": [{**target_group, "LoadBalancerArns": []}]},
    }
    survey = aws(PairOfGroups(names=("web",), overrides=overrides))[0].survey(PAIR)
    classic, target = survey.balancers
    assert (None, 0.0, True, False) == (
        survey.boot,
        classic.drain,
        survey.scaling["web-blue"].refreshing,
        target.in_use,
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"TrafficSources": [{"Identifier": "arn:x", "Type": "vpc-lattice"}]}, "VPC Lattice"),
        ({"DesiredCapacityType": "vcpu"}, "vcpu"),
        ({"Instances": [instance_row(1, WeightedCapacity="2")]}, "weights"),
        ({"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"WeightedCapacity": "4"}]}}}, "weights"),
        ({"Operator": {"Principal": "ecs.amazonaws.com"}}, "ecs"),
    ],
)
def test_a_survey_refuses_what_it_cannot_read(more: dict[str, Any], words: str) -> None:
    """A group whose numbers mean something else is refused in a sentence."""

    def groups(parameters: dict[str, Any]) -> dict[str, Any]:
        return {"AutoScalingGroups": [group_row(name, **more) for name in PAIR]}

    world, _ = aws(PairOfGroups(overrides={"DescribeAutoScalingGroups": groups}))
    with pytest.raises(Refused, match=words):
        world.survey(PAIR)


def test_members_are_asked_in_fifties() -> None:
    """AWS takes fifty ids at a time, and unknown ones are in no group."""
    world, recorder = aws(PairOfGroups(100))
    found = world.members((*HUNDREDS, "i-unknown"))
    sizes = [len(parameters["InstanceIds"]) for _, parameters in recorder.calls]
    assert (frozenset(HUNDREDS), [50, 50, 50, 50, 1]) == (found, sizes)


def test_marked_machines_by_prefix() -> None:
    """Marks of another service are left alone."""
    world, _ = aws(PairOfGroups(1))
    assert [2, 0] == [len(world.machines_marked("bluegreen:retire", prefix)) for prefix in ("web/", "api/")]


@pytest.mark.parametrize("action", [EnterStandby("g", ("i-1",)), ExitStandby("g", ("i-1",)), Detach("g", ("i-1",))])
@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_relative_action_is_sent_once_whatever_the_reply(action: Any, status: int) -> None:
    """Neither the SDK nor we repeat what has an effect each time."""
    world, recorder = aws(refuse_all("ResourceContention", "pending update", status))
    with pytest.raises(Busy):
        world.act(action)
    sent = [
        name for name, parameters in recorder.calls if "DryRun" not in parameters and not name.startswith("Describe")
    ]
    assert 1 == len(sent)


# ---- what is asked before it is done ----

ASKED = ["TerminateInstances", "DescribeLoadBalancers", "DescribeTargetGroups"]
"""What is found out before a detachment: whether EC2 permits the end of it, and whether another balancer has any."""


def denying(*operations: str) -> Any:
    """Answer as EC2 does to a dry run, and to what is not permitted."""

    def answering(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if operation in operations:
            raise Error("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
        if parameters.get("DryRun"):
            raise Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        return {}

    return answering


def test_what_will_be_terminated_is_detached_only_where_that_is_permitted() -> None:
    """The dry run names the very same instances; denied, nothing is detached."""
    world, recorder = aws(denying("TerminateInstances"))
    with pytest.raises(Denied, match="ec2:TerminateInstances"):
        world.act(Detach("g", ("i-1", "i-2")))
    assert [("TerminateInstances", {"InstanceIds": ["i-1", "i-2"], "DryRun": True})] == recorder.calls


def test_what_is_permitted_is_detached() -> None:
    """A dry run that would have succeeded ends in an error that is none."""
    world, recorder = aws(denying())
    world.act(Detach("g", ("i-1",)))
    assert [*ASKED, "DetachInstances"] == recorder.operations


def test_what_is_kept_running_is_detached_without_a_dry_run() -> None:
    """Who keeps the instances needs no permission to terminate them."""
    world, recorder = aws(denying("TerminateInstances"))
    world.act(Detach("g", ("i-1",), terminated=False))
    assert ["DetachInstances"] == recorder.operations


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "InvalidInstanceID.NotFound", "OperationNotPermitted"])
def test_a_dry_run_that_says_nothing_of_permission_holds_nothing_up(code: str) -> None:
    """Throttled, unknown, protected: not known to be denied, so the action itself will tell."""

    def answering(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("DryRun"):
            raise Error(code, "no", 503 if code == "RequestLimitExceeded" else 400)
        return {}

    world, recorder = aws(answering)
    world.act(Detach("g", ("i-1",)))
    assert [*ASKED, "DetachInstances"] == recorder.operations


def test_a_survey_finds_out_whether_instances_may_be_marked() -> None:
    """One live instance is asked about, and nothing is written."""
    asked: list[dict[str, Any]] = []

    def denied(parameters: dict[str, Any]) -> dict[str, Any]:
        asked.append(parameters)
        raise Error("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)

    tag = {"Key": "bluegreen:retire", "Value": "web:dry-run"}
    survey = aws(PairOfGroups(overrides={"CreateTags": denied}))[0].survey(PAIR, service="web")
    assert ([{"Resources": [instance_id(0)], "Tags": [tag], "DryRun": True}], True) == (
        asked,
        "ec2:CreateTags" in survey.denied,
    )


def test_a_survey_that_cannot_find_out_goes_on() -> None:
    """Permitted, or throttled: nothing is known to be denied."""

    def throttled(parameters: dict[str, Any]) -> dict[str, Any]:
        raise Error("RequestLimitExceeded", "Request limit exceeded.", 503)

    worlds = aws(PairOfGroups())[0], aws(PairOfGroups(overrides={"CreateTags": throttled}))[0]
    assert ["", ""] == [world.survey(PAIR).denied for world in worlds]


def test_a_survey_asks_again_where_no_answer_comes() -> None:
    """A dozen calls in a row would fail too often over a network that loses one in five."""
    silent = iter([True, True])

    def late(parameters: dict[str, Any]) -> dict[str, Any]:
        if next(silent, False):
            raise ReadTimeoutError(endpoint_url="https://autoscaling.amazonaws.com")
        return PairOfGroups().DescribePolicies(parameters)

    survey = aws(PairOfGroups(overrides={"DescribePolicies": late}))[0].survey(PAIR)
    assert ["cpu", "cpu"] == [survey.scaling[name].policies[0]["PolicyName"] for name in PAIR]


def test_a_survey_of_an_empty_pair_asks_nothing_about_marks() -> None:
    """There is nothing that could be marked."""
    world, recorder = aws(PairOfGroups(0))
    assert ("", False) == (world.survey(PAIR).denied, "CreateTags" in recorder.operations)


def test_an_action_is_its_call() -> None:
    """What is sent is what was requested."""
    world, recorder = aws(lambda operation, parameters: {})
    world.act(Suspend("web-blue", ("AZRebalance",)))
    expected = Call(
        "autoscaling",
        "SuspendProcesses",
        {"AutoScalingGroupName": "web-blue", "ScalingProcesses": ["AZRebalance"]},
    )
    assert [(expected.operation, expected.parameters)] == recorder.calls


def protecting(*kept: str) -> Any:
    def answering(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if operation == "DescribeInstanceAttribute":
            return {"DisableApiTermination": {"Value": parameters["InstanceId"] in kept}}
        if operation == "DescribeAutoScalingInstances":
            return {"AutoScalingInstances": []}
        if operation == "TerminateInstances" and set(parameters["InstanceIds"]) & set(kept):
            raise Error("OperationNotPermitted", "The instance 'i-2' may not be terminated.")
        return {}

    return answering


def test_protected_instances_do_not_hold_up_the_others() -> None:
    """A whole zone's call fails for one protected instance: the others go, and it is named."""
    world, recorder = aws(protecting("i-2"))
    with pytest.raises(ActionRefused, match="protects i-2 "):
        world.act(Terminate(("i-1", "i-2", "i-3")))
    assert ("TerminateInstances", {"InstanceIds": ["i-1", "i-3"]}) == recorder.calls[-1]


def test_nobody_else_is_terminated_when_all_are_protected() -> None:
    """No empty call is sent."""
    world, recorder = aws(protecting("i-1"))
    with pytest.raises(ActionRefused, match="protects i-1 "):
        world.act(Terminate(("i-1",)))
    asked = [operation for operation in recorder.operations if operation.endswith(("Instances", "InstanceAttribute"))]
    assert ["DescribeAutoScalingInstances", "TerminateInstances", "DescribeInstanceAttribute"] == asked

"""What every action asks of AWS, held against the botocore service models."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.targets.pair.aws.requests import Call, request
from bluegreen.targets.pair.model import actions
from bluegreen.targets.pair.model.actions import (
    Action,
    Detach,
    EnterStandby,
    ExitStandby,
    Flip,
    Mark,
    PutAlarms,
    PutPolicies,
    PutSchedules,
    Register,
    RemoveAlarms,
    RemovePolicies,
    RemoveReleaseTags,
    RemoveSchedules,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
    Unmark,
    Unprotect,
    UntagGroup,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer

SESSION = Session()
MODELS = {
    service: SESSION.get_service_model(service) for service in ("autoscaling", "cloudwatch", "elb", "elbv2", "ec2")
}

TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=40)
INSTANCE = st.integers(0, 16**17 - 1).map("i-{:017x}".format)
SIZE = st.none() | st.integers(0, 500)


def ids(most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(INSTANCE, min_size=1, max_size=most, unique=True).map(tuple)


def settings(key: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return up to fifty settings called by ``key``."""
    one = st.fixed_dictionaries({key: TEXT, **fields})
    return st.lists(one, min_size=1, max_size=50, unique_by=lambda setting: setting[key]).map(tuple)


NAMES = st.lists(TEXT, min_size=1, max_size=50, unique=True).map(tuple)
PROCESSES = st.lists(st.sampled_from(["AlarmNotification", "ScheduledActions", "AZRebalance"]), min_size=1, unique=True)
BALANCER = st.builds(Balancer, st.sampled_from([CLASSIC, TARGET_GROUP]), TEXT)
BATCH, MANY = ids(actions.BATCH), ids(230)
ANY = {
    Suspend: st.builds(Suspend, TEXT, PROCESSES),
    Resume: st.builds(Resume, TEXT, PROCESSES),
    Flip: st.builds(Flip, st.builds(Resume, TEXT, PROCESSES), st.builds(Suspend, TEXT, PROCESSES)),
    Resize: st.builds(Resize, TEXT, SIZE, SIZE).filter(lambda a: (a.min, a.max) != (None, None)),
    TagGroup: st.builds(TagGroup, TEXT, TEXT, TEXT, st.booleans()),
    UntagGroup: st.builds(UntagGroup, TEXT, TEXT),
    WriteReleaseTags: st.builds(
        WriteReleaseTags, st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=14).map(tuple)
    ),
    RemoveReleaseTags: st.builds(
        RemoveReleaseTags, st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=14).map(tuple)
    ),
    EnterStandby: st.builds(EnterStandby, TEXT, BATCH),
    ExitStandby: st.builds(ExitStandby, TEXT, BATCH),
    Detach: st.builds(Detach, TEXT, BATCH),
    Terminate: st.builds(Terminate, MANY),
    Mark: st.builds(Mark, MANY, TEXT, TEXT),
    Unmark: st.builds(Unmark, MANY, TEXT),
    Register: st.builds(Register, BALANCER, MANY),
    Unprotect: st.builds(Unprotect, TEXT, MANY),
    PutPolicies: st.builds(PutPolicies, TEXT, settings("PolicyName", ScalingAdjustment=st.integers(-5, 5))),
    PutAlarms: st.builds(
        PutAlarms,
        TEXT,
        settings("AlarmName", EvaluationPeriods=st.integers(1, 5), ComparisonOperator=st.just("LessThan")),
    ),
    PutSchedules: st.builds(PutSchedules, TEXT, settings("ScheduledActionName", MinSize=st.integers(0, 9))),
    RemovePolicies: st.builds(RemovePolicies, TEXT, NAMES),
    RemoveAlarms: st.builds(RemoveAlarms, TEXT, NAMES),
    RemoveSchedules: st.builds(RemoveSchedules, TEXT, NAMES),
}
SETTINGS = (PutPolicies, PutAlarms, PutSchedules, RemovePolicies, RemoveAlarms, RemoveSchedules)
RELATIVE = (EnterStandby, ExitStandby, Detach)
ACTION = st.one_of(*ANY.values())
IDS = ("i-1", "i-2")
TAG = {"ResourceId": "web-green", "ResourceType": "auto-scaling-group", "Key": "image"}


def faults(call: Call) -> str:
    shape: Any = MODELS[call.service].operation_model(call.operation).input_shape
    return str(ParamValidator().validate(dict(call.parameters), shape).generate_report())


def named(call: Call) -> list[str]:
    lists = [call.parameters.get(key, ()) for key in ("InstanceIds", "Resources", "Targets", "Instances")]
    rows: list[Any] = [row for found in lists for row in found]  # type: ignore[attr-defined]
    return [row if isinstance(row, str) else next(iter(row.values())) for row in rows]


def test_every_action_has_a_strategy() -> None:
    """A new action cannot be forgotten here."""
    assert set(get_args(Action)) == set(ANY)


def test_these_are_relative() -> None:
    """No other action has an effect each time."""
    kinds: set[Any] = set(ANY)
    assert {kind for kind in kinds if kind.relative} == set(RELATIVE)


@given(ACTION)
def test_calls_are_valid(action: Action) -> None:
    """AWS's own model accepts every call."""
    assert [faults(call) for call in request(action)] == [""] * len(request(action))


@given(ACTION)
def test_every_instance_is_named_once_and_in_order(action: Action) -> None:
    """Cutting into batches loses and repeats nobody."""
    assert list(getattr(action, "ids", ())) == [i for call in request(action) for i in named(call)]


def settings_of(call: Call) -> list[str]:
    """Return which policies, alarms or scheduled actions a call names, in order."""
    found: list[str] = []
    for key, value in call.parameters.items():
        if key in ("PolicyName", "AlarmName"):
            found.append(str(value))
        elif key in ("AlarmNames", "ScheduledActionNames"):
            found += value  # type: ignore[operator]
        elif key == "ScheduledUpdateGroupActions":
            found += [row["ScheduledActionName"] for row in value]  # type: ignore[attr-defined]
    return found


@given(st.one_of(*(ANY[kind] for kind in SETTINGS)))
def test_every_setting_is_named_once_and_in_order(action: Any) -> None:
    """What is put or taken off is what the action says, each once, whole, and of its group alone."""
    rows = getattr(action, "policies", ()) or getattr(action, "alarms", ()) or getattr(action, "schedules", ())
    wanted = list(getattr(action, "names", ())) or [v for row in rows for k, v in row.items() if k.endswith("Name")]
    assert wanted == [name for call in request(action) for name in settings_of(call)]
    groups = {call.parameters.get("AutoScalingGroupName", "") for call in request(action)}
    grouped = not isinstance(action, PutAlarms | RemoveAlarms)  # which CloudWatch knows of no group
    assert {action.group if grouped else ""} == groups


@given(ANY[Flip])
def test_one_side_is_armed_before_the_other_is_disarmed(action: Flip) -> None:
    """For a moment both are at work, rather than none."""
    assert (*request(action.on), *request(action.off)) == request(action)


@given(ANY[RemoveAlarms])
def test_alarms_are_deleted_one_by_one(action: RemoveAlarms) -> None:
    """Of several alarms in one call, an unknown one keeps the others from being deleted (botocore model)."""
    assert [[name] for name in action.names] == [call.parameters["AlarmNames"] for call in request(action)]


@given(ACTION)
def test_desired_capacity_is_never_written(action: Action) -> None:
    """Desired capacity belongs to the autoscaler alone."""
    assert not [call for call in request(action) if "DesiredCapacity" in call.parameters]


@given(st.one_of(*(ANY[kind] for kind in RELATIVE)))
def test_a_relative_action_is_one_call(action: Action) -> None:
    """What has an effect each time is sent once."""
    assert len(request(action)) == 1


@pytest.mark.parametrize(
    "action",
    [
        EnterStandby("web-blue", tuple(f"i-{n}" for n in range(20))),
        ExitStandby("web-blue", tuple(f"i-{n}" for n in range(20))),
        Detach("web-blue", tuple(f"i-{n}" for n in range(20))),
        Detach("web-blue", ()),
        Suspend("web-blue", ()),
        Resume("web-blue", ()),
        Resize("web-blue"),
        Register(Balancer("vpc-lattice", "arn"), IDS),
    ],
    ids=str,
)
def test_what_aws_would_misread_is_our_bug(action: Action) -> None:
    """Too many for one call, or nothing where AWS takes nothing for everything, is never sent."""
    with pytest.raises(ValueError, match=r"."):
        request(action)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            EnterStandby("web-blue", IDS),
            Call(
                "autoscaling",
                "EnterStandby",
                {
                    "AutoScalingGroupName": "web-blue",
                    "InstanceIds": ["i-1", "i-2"],
                    "ShouldDecrementDesiredCapacity": True,
                },
            ),
        ),
        (
            Detach("web-blue", IDS),
            Call(
                "autoscaling",
                "DetachInstances",
                {
                    "AutoScalingGroupName": "web-blue",
                    "InstanceIds": ["i-1", "i-2"],
                    "ShouldDecrementDesiredCapacity": False,
                },
            ),
        ),
        (
            Resume("web-green", ("AlarmNotification",)),
            Call(
                "autoscaling",
                "ResumeProcesses",
                {"AutoScalingGroupName": "web-green", "ScalingProcesses": ["AlarmNotification"]},
            ),
        ),
        (
            Resize("web-green", min=3),
            Call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": "web-green", "MinSize": 3}),
        ),
        (
            Resize("web-green", 0, 0),
            Call(
                "autoscaling",
                "UpdateAutoScalingGroup",
                {"AutoScalingGroupName": "web-green", "MinSize": 0, "MaxSize": 0},
            ),
        ),
        (
            TagGroup("web-green", "image", "v2"),
            Call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**TAG, "Value": "v2", "PropagateAtLaunch": True}]}),
        ),
        (
            PutPolicies("web-green", ({"PolicyName": "up", "Enabled": False},)),
            Call(
                "autoscaling",
                "PutScalingPolicy",
                {"AutoScalingGroupName": "web-green", "PolicyName": "up", "Enabled": False},
            ),
        ),
        (
            PutAlarms("web-green", ({"AlarmName": "busy"},)),
            Call("cloudwatch", "PutMetricAlarm", {"AlarmName": "busy"}),
        ),
        (
            PutSchedules("web-green", ({"ScheduledActionName": "night"}, {"ScheduledActionName": "day"})),
            Call(
                "autoscaling",
                "BatchPutScheduledUpdateGroupAction",
                {
                    "AutoScalingGroupName": "web-green",
                    "ScheduledUpdateGroupActions": [{"ScheduledActionName": "night"}, {"ScheduledActionName": "day"}],
                },
            ),
        ),
        (
            RemovePolicies("web-green", ("up",)),
            Call("autoscaling", "DeletePolicy", {"AutoScalingGroupName": "web-green", "PolicyName": "up"}),
        ),
        (
            RemoveAlarms("web-green", ("busy",)),
            Call("cloudwatch", "DeleteAlarms", {"AlarmNames": ["busy"]}),
        ),
        (
            RemoveSchedules("web-green", ("night", "day")),
            Call(
                "autoscaling",
                "BatchDeleteScheduledAction",
                {"AutoScalingGroupName": "web-green", "ScheduledActionNames": ["night", "day"]},
            ),
        ),
        (UntagGroup("web-green", "image"), Call("autoscaling", "DeleteTags", {"Tags": [TAG]})),
        (
            WriteReleaseTags((("web-green", "image", "v2"),)),
            Call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**TAG, "Value": "v2", "PropagateAtLaunch": False}]}),
        ),
        (RemoveReleaseTags((("web-green", "image"),)), Call("autoscaling", "DeleteTags", {"Tags": [TAG]})),
        (
            Unmark(("i-1",), "bluegreen:retire"),
            Call("ec2", "DeleteTags", {"Resources": ["i-1"], "Tags": [{"Key": "bluegreen:retire"}]}),
        ),
        (
            Register(Balancer(TARGET_GROUP, "arn"), IDS),
            Call("elbv2", "RegisterTargets", {"TargetGroupArn": "arn", "Targets": [{"Id": "i-1"}, {"Id": "i-2"}]}),
        ),
        (
            Register(Balancer(CLASSIC, "web"), ("i-1",)),
            Call(
                "elb",
                "RegisterInstancesWithLoadBalancer",
                {"LoadBalancerName": "web", "Instances": [{"InstanceId": "i-1"}]},
            ),
        ),
    ],
    ids=str,
)
def test_shapes(action: Action, expected: Call) -> None:
    """The parameters that matter most are exactly these."""
    assert (expected,) == request(action)

"""Real boto3 clients over the simulator, without a network."""

from __future__ import annotations

from datetime import UTC

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError

from bluegreen.aws.inprocess import answer
from bluegreen.clock import VirtualClock
from bluegreen.simulator import pair
from bluegreen.simulator.core.faults import at

from .wire import BLUE


def client(sim, service):
    """Return a real client that the simulator answers."""
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    return answer(boto3.client(service, **keys), sim.call)


def test_a_client_is_answered():
    """A call goes through botocore and comes back with aware times and metadata."""
    found = client(pair(VirtualClock()), "autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[BLUE])
    group = found["AutoScalingGroups"][0]
    assert (3, UTC, 200) == (
        len(group["Instances"]),
        group["CreatedTime"].tzinfo,
        found["ResponseMetadata"]["HTTPStatusCode"],
    )


def test_parameters_are_validated_by_botocore():
    """A parameter of the wrong name never reaches the simulator."""
    sim = pair(VirtualClock())
    before = sim.calls
    with pytest.raises(ParamValidationError):
        client(sim, "autoscaling").describe_auto_scaling_groups(Names=[BLUE])
    assert before == sim.calls


def test_errors_are_botocores():
    """A refusal is a ClientError with code, message and operation."""
    with pytest.raises(ClientError) as caught:
        client(pair(VirtualClock()), "autoscaling").exit_standby(AutoScalingGroupName=BLUE, InstanceIds=["i-1"])
    error = caught.value.response["Error"]
    assert ("ValidationError", "The instance i-1 is not part of Auto Scaling group web-blue.", "ExitStandby") == (
        error["Code"],
        error["Message"],
        caught.value.operation_name,
    )


def test_modelled_errors_have_their_class():
    """An error that botocore's model knows is raised as its own class."""
    elbv2 = client(pair(VirtualClock()), "elbv2")
    with pytest.raises(elbv2.exceptions.TargetGroupNotFoundException):
        elbv2.describe_target_health(TargetGroupArn="arn:none")


def test_paginators_work():
    """botocore's paginator follows the simulator's tokens."""
    sim = pair(VirtualClock(), instances=5)
    pages = (
        client(sim, "autoscaling")
        .get_paginator("describe_scaling_activities")
        .paginate(AutoScalingGroupName=BLUE, PaginationConfig={"PageSize": 2})
    )
    assert [2, 2, 1] == [len(page["Activities"]) for page in pages]


def test_waiters_work():
    """botocore's waiter looks at the simulator's health."""
    sim = pair(VirtualClock())
    waiter = client(sim, "elbv2").get_waiter("target_in_service")
    assert waiter.wait(TargetGroupArn=sim.groups[BLUE].target_groups[0]) is None


def test_what_is_no_aws_error_passes_through():
    """A crash injected into a call is the caller's to see, unchanged."""

    class Crash(BaseException):
        pass

    sim = pair(VirtualClock())
    sim.faults.after.append(at(sim.calls + 1, lambda _: Crash()))
    with pytest.raises(Crash):
        client(sim, "sts").get_caller_identity()

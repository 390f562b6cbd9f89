"""The bare client of virtual worlds answers, refuses and raises as a real boto3 client over the same simulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError

from bluegreen.aws.inprocess import answer
from bluegreen.clock import VirtualClock
from bluegreen.simulator import pair
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from tests.support.bare import Bare

from .wire import BLUE

REQUESTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroupNames": [BLUE]}),
    ("autoscaling", "describe_scaling_activities", {"AutoScalingGroupName": BLUE, "MaxRecords": 2}),
    ("autoscaling", "describe_auto_scaling_groups", {"Names": [BLUE]}),
    ("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroupNames": BLUE}),
    ("autoscaling", "suspend_processes", {"AutoScalingGroupName": BLUE, "ScalingProcesses": ["AlarmNotification"]}),
    ("autoscaling", "exit_standby", {"AutoScalingGroupName": BLUE, "InstanceIds": ["i-1"]}),
    ("autoscaling", "exit_standby", {"AutoScalingGroupName": "nobody", "InstanceIds": ["i-1"]}),
    ("autoscaling", "enter_standby", {"AutoScalingGroupName": BLUE}),
    ("autoscaling", "update_auto_scaling_group", {"AutoScalingGroupName": BLUE, "MinSize": "two"}),
    ("autoscaling", "create_or_update_tags", {"Tags": [{"Key": "image", "ResourceType": "other"}]}),
    ("elbv2", "describe_target_health", {"TargetGroupArn": "arn:aws:none"}),
    ("elbv2", "describe_target_groups", {"Names": ["none"]}),
    ("elb", "describe_instance_health", {"LoadBalancerName": "none"}),
    ("ec2", "describe_instances", {"Filters": [{"Name": "tag-key", "Values": ["none"]}]}),
    ("ec2", "terminate_instances", {"InstanceIds": ["i-00000000"], "DryRun": True}),
    ("ec2", "terminate_instances", {}),
    ("cloudwatch", "describe_alarms", {"StateValue": "BAD"}),
    ("cloudwatch", "set_alarm_state", {"AlarmName": "none", "StateValue": "ALARM", "StateReason": "test"}),
)


def outcome(client: Any, method: str, parameters: dict[str, Any]) -> Any:
    """Return what a caller gets: the answer, or the class, code, status and words of what is raised."""
    try:
        found = getattr(client, method)(**parameters)
    except ClientError as error:
        return type(error).__name__, error.response, str(error), error.operation_name
    except ParamValidationError as error:
        return type(error).__name__, str(error)
    return found


def both(prepare: Callable[[Any], None], service: str, method: str, parameters: dict[str, Any]) -> tuple[Any, Any]:
    """Return the outcome of a real client and of the bare one, each over a simulator of its own."""
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    real = boto3.client(service, **keys)  # type: ignore[call-overload]
    sims = pair(VirtualClock()), pair(VirtualClock())
    for sim in sims:
        prepare(sim)
    bare = outcome(Bare(real, sims[1].call), method, parameters)
    return outcome(answer(real, sims[0].call), method, parameters), bare


@pytest.mark.parametrize(("service", "method", "parameters"), REQUESTS)
def test_the_bare_client_ends_a_request_as_a_real_one(service, method, parameters) -> None:
    """Answers, refusals, errors of the model and parameters that botocore refuses are the same."""
    real, bare = both(lambda _: None, service, method, parameters)
    assert real == bare


@pytest.mark.parametrize("code", ["Throttling", "ServiceUnavailable"])
def test_the_bare_client_raises_an_injected_fault_as_a_real_one(code) -> None:
    """A fault of the server has the same class, code and status."""

    def fail(_: Call) -> None:
        raise AwsError(code, "later", 503)

    real, bare = both(lambda sim: sim.faults.before.append(fail), "autoscaling", "describe_policies", {})
    assert real == bare


def test_the_bare_client_lets_a_crash_through() -> None:
    """What is no answer of AWS is raised as it is."""
    sim = pair(VirtualClock())

    def crash(_: Call) -> None:
        raise KeyboardInterrupt

    sim.faults.before.append(crash)
    with pytest.raises(KeyboardInterrupt):
        Bare(boto3.client("autoscaling", region_name="us-east-1"), sim.call).describe_policies()


def test_the_bare_client_refuses_again_what_it_has_refused() -> None:
    """Valid parameters are held against the model once; those of another type are others, refused each time."""
    client = Bare(boto3.client("autoscaling", region_name="us-east-1"), pair(VirtualClock()).call)
    asked = [1, "1", 1, "1", [1]]
    ends = [outcome(client, "describe_scaling_activities", {"MaxRecords": number}) for number in asked]
    assert [False, True, False, True, True] == [isinstance(end, tuple) for end in ends]

"""Calls on the simulator, with parameters and results held against botocore's service models."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

import botocore.session
from attrs import define
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from bluegreen.clock import VirtualClock
from bluegreen.simulator import AwsError, Simulator, pair, run_for, until

BLUE, GREEN = "web-blue", "web-green"
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (float, int),
    "float": (float, int),
    "boolean": (bool,),
    "timestamp": (datetime,),
}


@functools.cache
def model(service: str) -> ServiceModel:
    """Return botocore's model of ``service``."""
    return botocore.session.get_session().get_service_model(service)


def faults_of(shape: Shape | None, value: Any, path: str = "") -> list[str]:
    """Return where ``value`` does not have ``shape``; what the shape does not know is a fault."""
    if shape is None:
        return [] if value == {} else [f"{path}: nothing was to be answered, {value!r} was"]
    if shape.type_name == "structure":
        return _faults_of_structure(shape, value, path)
    if shape.type_name == "list":
        return [
            fault for index, item in enumerate(value) for fault in faults_of(shape.member, item, f"{path}[{index}]")
        ]
    wrong = not isinstance(value, TYPES[shape.type_name]) or (shape.type_name != "boolean" and isinstance(value, bool))
    naive = isinstance(value, datetime) and value.tzinfo is None
    return [f"{path}: {value!r} is no {shape.type_name}"] if wrong or naive else []


def _faults_of_structure(shape: Shape, value: dict[str, Any], path: str) -> list[str]:
    unknown = [f"{path}.{key} is unknown to {shape.name}" for key in value if key not in shape.members]
    missing = [f"{path}.{key} is missing" for key in shape.required_members if key not in value]
    known = [(key, item) for key, item in value.items() if key in shape.members]
    return (
        unknown + missing + [fault for k, item in known for fault in faults_of(shape.members[k], item, f"{path}.{k}")]
    )


@define
class Wire:
    """A simulator, called as boto3 would call it, every shape checked."""

    sim: Simulator

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call, and fail on a parameter or a result that botocore's model does not have."""
        operation_model = model(service).operation_model(operation)
        if operation_model.input_shape is not None:
            report = ParamValidator().validate(parameters, operation_model.input_shape)
            assert not report.has_errors(), report.generate_report()
        result = self.sim.call(service, operation, parameters)
        assert faults_of(operation_model.output_shape, result, operation) == []
        return result

    def asg(self, operation: str, group: str | None = BLUE, **parameters: Any) -> dict[str, Any]:
        """Call Auto Scaling, on the blue group unless told otherwise (``None``: on no group)."""
        named = {"AutoScalingGroupName": group} if group is not None else {}
        return self.call("autoscaling", operation, **named, **parameters)

    def refusal(self, service: str, operation: str, **parameters: Any) -> tuple[str, str]:
        """Return the code and the message of the error that a call meets."""
        try:
            self.call(service, operation, **parameters)
        except AwsError as error:
            return error.code, error.message
        raise AssertionError(f"{operation} was not refused")

    def group(self, name: str = BLUE) -> dict[str, Any]:
        """Return the group as it is described."""
        return self.asg("DescribeAutoScalingGroups", None, AutoScalingGroupNames=[name])["AutoScalingGroups"][0]

    def enter(self, *ids: str, decrement: bool = True) -> list[dict[str, Any]]:
        """Send blue instances into Standby."""
        done = self.asg("EnterStandby", InstanceIds=list(ids), ShouldDecrementDesiredCapacity=decrement)
        return done["Activities"]

    def leave(self, *ids: str) -> list[dict[str, Any]]:
        """Bring blue instances back from Standby."""
        return self.asg("ExitStandby", InstanceIds=list(ids))["Activities"]

    def ids(self, name: str = BLUE) -> list[str]:
        """Return the group's instances."""
        return list(self.sim.groups[name].members)

    def states(self, name: str = BLUE) -> list[str]:
        """Return the lifecycle states of the group's instances, sorted."""
        return sorted(self.sim.states(name).values())

    def balancer(self, index: int = 0) -> str:
        """Return a balancer's key."""
        return self.sim.groups[BLUE].balancers[index]

    def rows(self, index: int = 0) -> dict[str, str]:
        """Return what a target group says of each instance: state and reason."""
        found = self.call("elbv2", "DescribeTargetHealth", TargetGroupArn=self.balancer(index))
        return {
            row["Target"]["Id"]: " ".join(
                filter(None, (row["TargetHealth"]["State"], row["TargetHealth"].get("Reason")))
            )
            for row in found["TargetHealthDescriptions"]
        }

    def words(self, index: int = 0) -> dict[str, tuple[str, str]]:
        """Return what a classic balancer says of each instance: state and description."""
        found = self.call("elb", "DescribeInstanceHealth", LoadBalancerName=self.balancer(index))
        return {row["InstanceId"]: (row["State"], row["Description"]) for row in found["InstanceStates"]}

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        run_for(self.sim, seconds)

    def until(self, holds: Any) -> None:
        """Let time pass until something holds."""
        assert until(self.sim, holds)

    def park(self, *ids: str) -> None:
        """Send blue instances into Standby and wait for it."""
        self.asg("UpdateAutoScalingGroup", MinSize=0)
        for start in range(0, len(ids), 20):
            self.enter(*ids[start : start + 20])
        self.until(lambda: all(self.sim.states(BLUE)[instance] == "Standby" for instance in ids))


def wire(**options: Any) -> Wire:
    """Return a settled pair on a virtual clock, behind a checked wire."""
    return Wire(pair(VirtualClock(), **options))

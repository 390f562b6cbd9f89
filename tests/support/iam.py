"""What IAM would say of a call: as much of it as the documented policies use.

Source: IAM user guide, "Policy evaluation logic" and "Condition operators": each resource of a call needs a statement
that allows it, all conditions of a statement must hold, a key that is missing fails a test, `ForAllValues` holds of
none at all, and `Null` asks whether a key is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from attrs import frozen

from bluegreen.simulator import Simulator
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.options import ACCOUNT, REGION

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
ALARM = ("AlarmActions", "OKActions", "InsufficientDataActions")
TAGGING = ("CreateTags", "DeleteTags", "CreateOrUpdateTags", "PutMetricAlarm", "TagResource")
Statement = Mapping[str, Any]
Keys = Mapping[str, list[str]]


def documented(number: int = 0, **names: str) -> list[dict[str, Any]]:
    """Return the statements of one documented policy, placeholders replaced by ``names``."""
    text = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)[number]
    for name, value in names.items():
        text = text.replace(name, value)
    found: Any = json.loads(text)
    statements: list[dict[str, Any]] = found.get("Statement", [found])
    return statements


def allows(statements: list[dict[str, Any]], action: str, resources: Mapping[str, Keys]) -> bool:
    """Whether an action on all of ``resources`` (ARN → keys of the request about it) is allowed, and not denied."""
    return all(_decides(statements, action, arn, keys) for arn, keys in resources.items())


def _decides(statements: list[dict[str, Any]], action: str, arn: str, keys: Keys) -> bool:
    effects = {one["Effect"] for one in statements if _fits(one, action, arn, keys)}
    return "Deny" not in effects and "Allow" in effects


def _fits(statement: Statement, action: str, arn: str, keys: Keys) -> bool:
    named = any(fnmatchcase(action, pattern) for pattern in _many(statement["Action"]))
    there = any(fnmatchcase(arn, _literal(pattern)) for pattern in _many(statement["Resource"]))
    tests = statement.get("Condition", {}).items()
    return (
        named
        and there
        and all(_holds(test, key, _many(wanted), keys) for test, row in tests for key, wanted in row.items())
    )


def _holds(test: str, key: str, wanted: list[str], keys: Keys) -> bool:
    quantity, _, operator = test.rpartition(":")
    values = keys.get(key)
    if operator == "Null":
        return (values is None) == (wanted == ["true"])
    if quantity == "ForAllValues":
        return all(_one(operator, value, wanted) for value in values or ())
    if quantity == "ForAnyValue":
        return any(_one(operator, value, wanted) for value in values or ())
    return bool(values) and all(_one(operator, value, wanted) for value in values or ())


def _one(operator: str, value: str, wanted: list[str]) -> bool:
    match operator:
        case "StringEquals" | "Bool":
            return value in wanted
        case "StringEqualsIgnoreCase":
            return value.lower() in {one.lower() for one in wanted}
        case "StringLike" | "ArnLike":
            return any(fnmatchcase(value, _literal(one)) for one in wanted)
    raise NotImplementedError(operator)


def _literal(pattern: str) -> str:
    """IAM knows ``*`` and ``?`` only."""
    return pattern.replace("[", "[[]")


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


OF_AN_INSTANCE = ("DescribeInstanceAttribute", "GetConsoleOutput")
"""Reads that have an instance for a resource (service authorization reference: EC2)."""


@frozen
class Asked:
    """How IAM sees calls on a simulated account."""

    sim: Simulator

    def resources(self, call: Call) -> dict[str, dict[str, list[str]]]:
        """Return what a call is about: each resource's ARN, with the condition keys that are there."""
        return {arn: {**self._request(call), **self._tags(arn)} for arn in self._arns(call)}

    def _arns(self, call: Call) -> Iterator[str]:
        given, options = call.parameters, self.sim.world.options
        place = f"{options[REGION]}:{options[ACCOUNT]}"
        if call.service == "ec2" and (call.operation in OF_AN_INSTANCE or not _describes(call)):
            ids = given.get("Resources") or given.get("InstanceIds") or [given["InstanceId"]]
            yield from (f"arn:aws:ec2:{place}:instance/{one}" for one in ids)
        elif _describes(call):
            yield "*"
        elif call.service == "autoscaling":
            named = [tag["ResourceId"] for tag in given["Tags"]] if "Tags" in given else [given["AutoScalingGroupName"]]
            for name in named:
                yield f"arn:aws:autoscaling:{place}:autoScalingGroup:0-1-2:autoScalingGroupName/{name}"
        elif call.service == "cloudwatch":
            names = given.get("AlarmNames") or [given.get("AlarmName")]
            yield from (given.get("ResourceARN") or f"arn:aws:cloudwatch:{place}:alarm:{name}" for name in names)
        else:
            name = given.get("LoadBalancerName")
            yield given.get("TargetGroupArn") or f"arn:aws:elasticloadbalancing:{place}:loadbalancer/{name}"

    def _request(self, call: Call) -> dict[str, list[str]]:
        given, found = call.parameters, dict[str, list[str]]()
        if call.operation in TAGGING and given.get("Tags"):
            found["aws:TagKeys"] = [tag["Key"] for tag in given["Tags"]]
            found |= {f"aws:RequestTag/{tag['Key']}": [tag["Value"]] for tag in given["Tags"] if "Value" in tag}
        if call.operation == "PutMetricAlarm" and (actions := [one for key in ALARM for one in given.get(key) or ()]):
            found["cloudwatch:AlarmActions"] = actions
        if call.operation == "DescribeInstanceAttribute":
            found["ec2:Attribute"] = [given["Attribute"]]
        return found | (_of_a_group(given) if call.operation == "UpdateAutoScalingGroup" else {})

    def _tags(self, arn: str) -> dict[str, list[str]]:
        machine = self.sim.machines.get(arn.rpartition("/")[2])
        return {f"aws:ResourceTag/{key}": [value] for key, value in (machine.tags if machine else {}).items()}


def _of_a_group(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Service authorization reference, "Condition keys for Amazon EC2 Auto Scaling"."""
    found = {}
    if "LaunchConfigurationName" in given:
        found["autoscaling:LaunchConfigurationName"] = [given["LaunchConfigurationName"]]
    if {"LaunchTemplate", "MixedInstancesPolicy"} & given.keys():
        found["autoscaling:LaunchTemplateVersionSpecified"] = ["true"]
    if "VPCZoneIdentifier" in given:
        found["autoscaling:VPCZoneIdentifiers"] = given["VPCZoneIdentifier"].split(",")
    return found


def _describes(call: Call) -> bool:
    return call.operation.startswith(("Describe", "Get", "List"))

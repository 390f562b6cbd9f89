"""What a person does by hand: edits in the console, and the commands that a hint tells."""

from __future__ import annotations

import contextlib
import functools
import re
import shlex
from collections.abc import Iterable
from typing import Any

from botocore import xform_name
from botocore.session import get_session
from botocore.waiter import WaiterModel

from bluegreen.service import Ended
from bluegreen.simulator.core.errors import AwsError
from bluegreen.targets.pair.model.release import MARK, SEAL
from tests.support.virtual import Pair, switchboard

GLOBAL = ("region", "profile", "endpoint-url")
"""Options of the AWS command line that are no parameters of an operation."""

COMMAND = re.compile(r"`(aws [^`]+)`")
TYPED = re.compile(r"`((?:aws|bluegreen) [^`]+)`")


def edit(pair: Pair, group: str, **sizes: int) -> None:
    """Change a group's sizes."""
    asked(pair, "UpdateAutoScalingGroup", group, **sizes)


def asked(pair: Pair, operation: str, group: str, **parameters: Any) -> None:
    """Ask Auto Scaling for something that concerns a group."""
    pair.sim.call("autoscaling", operation, {"AutoScalingGroupName": group, **parameters})


def tagged(pair: Pair, group: str, value: str, key: str = "image") -> None:
    """Write a group's tag."""
    tag = {"Key": key, "Value": value, "ResourceId": group, "ResourceType": "auto-scaling-group"}
    pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**tag, "PropagateAtLaunch": False}]})


def unseal(pair: Pair) -> None:
    """Take the record's seal off both groups, as an older version of the tool leaves them."""
    for group in pair.sim.groups.values():
        group.tags.pop(SEAL, None)


def in_balancers(pair: Pair, group: str, ids: list[str], *, registered: bool) -> None:
    """Register members of a group in every balancer, or take them out."""
    found = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": [group]})
    (row,) = found["AutoScalingGroups"]
    verb = "Register" if registered else "Deregister"
    for arn in row.get("TargetGroupARNs", []):
        pair.sim.call("elbv2", f"{verb}Targets", {"TargetGroupArn": arn, "Targets": [{"Id": i} for i in ids]})
    for name in row.get("LoadBalancerNames", []):
        operation = f"{verb}Instances{'With' if registered else 'From'}LoadBalancer"
        instances = [{"InstanceId": i} for i in ids]
        pair.sim.call("elb", operation, {"LoadBalancerName": name, "Instances": instances})


def neighbour(pair: Pair, name: str, size: int = 2) -> None:
    """Put a group beside the pair that is in no configuration, with instances of its own."""
    rows = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"]
    zones = [zone for row in rows for zone in row["AvailabilityZones"]][:1]
    template = rows[0].get("LaunchTemplate", {"LaunchTemplateName": "web", "Version": "1"})
    sizes = {"MinSize": 0, "MaxSize": size, "DesiredCapacity": size}
    asked(pair, "CreateAutoScalingGroup", name, LaunchTemplate=template, AvailabilityZones=zones, **sizes)
    pair.run_for(60)


def lone(pair: Pair, name: str = "lone") -> str:
    """Return an instance that is in no group, and never was in one of the pair's."""
    neighbour(pair, name, 1)
    (free,) = pair.sim.states(name)
    asked(pair, "DetachInstances", name, InstanceIds=[free], ShouldDecrementDesiredCapacity=True)
    pair.run_for(30)
    return free


def marked(pair: Pair, ids: Iterable[str], value: str) -> None:
    """Put our mark onto instances, as whoever may tag them can."""
    pair.sim.call("ec2", "CreateTags", {"Resources": list(ids), "Tags": [{"Key": MARK, "Value": value}]})


def follow(pair: Pair, hint: str, serving: str, pause: float = 40.0) -> bool:
    """Do what a hint says, as a person would for whom ``serving`` is the group that is to serve; say if it was much.

    ``pause`` is how many seconds pass after each command; a minute does where it only says to wait. What it says may
    not be so is left out where AWS refuses it.
    """
    done = False
    for line in hint.splitlines():
        if line.startswith("for ") and not line.startswith(f"for {serving} "):
            continue
        commands = COMMAND.findall(line.split(", or ")[0])
        for command in commands:
            with contextlib.suppress(*([AwsError] if " may be " in line else [])):
                type_in(pair, command)
            pair.run_for(pause)
            done = True
        if ": wait until" in line and not commands:
            pair.run_for(60)
    return done


def obey(pair: Pair, hint: str, choice: int = 0, **settings: Any) -> Ended | None:
    """Type one of the ways that a hint offers, command by command; return how the last one of ours ended."""
    ended = None
    for command in TYPED.findall(hint.split("; or ")[choice]):
        if command.startswith("aws "):
            type_in(pair, command)
            pair.run_for(20)
        else:
            ended = ours(pair, command, **settings)
    return ended


def ours(pair: Pair, command: str, **settings: Any) -> Ended | None:
    """Run a ``bluegreen`` command, of those that hints name."""
    program, verb, *words = shlex.split(command)
    assert program == "bluegreen"
    words.remove("web")
    service = pair.service(**settings)
    match verb, words:
        case "rollback", ["--now"]:
            return service.rollback(urgent=True)
        case "finish", ["--keep"]:
            return service.finish(keep=True)
        case "close", ["--reason", why]:
            return service.close(why)
        case (("resume" | "rollback" | "finish" | "cleanup"), []):
            return getattr(service, verb)()  # type: ignore[no-any-return]
        case "deploy", [image]:
            return service.deploy(image)
    raise AssertionError(command)


def type_in(pair: Pair, command: str) -> None:
    """Run an ``aws`` command; what AWS refuses is an ``AwsError``."""
    program, service, verb, *words = shlex.split(command)
    assert program == "aws"
    if verb == "wait":
        _wait(pair, service, *words)
    else:
        _call(pair, service, verb, words)


@functools.cache
def _waiters(service: str) -> WaiterModel:
    return get_session().get_waiter_model(service)


def _wait(pair: Pair, service: str, name: str, *words: str) -> None:
    """Wait as ``aws … wait`` does: as botocore's model says, and in the end whether or not it has come."""
    waiters = _waiters(service)
    by_name = {xform_name(one).replace("_", "-"): one for one in waiters.waiter_names}
    waiter = waiters.get_waiter(by_name[name])
    (come,) = (one for one in waiter.acceptors if one.state == "success")
    for _ in range(waiter.max_attempts):
        with contextlib.suppress(AwsError):
            if come.matcher_func(_call(pair, service, xform_name(waiter.operation).replace("_", "-"), words)):
                return
        pair.run_for(waiter.delay)


def _call(pair: Pair, service: str, verb: str, words: Iterable[str]) -> Any:
    meta = switchboard().client(service).meta
    operation = meta.method_to_api_mapping[verb.replace("-", "_")]
    shape = meta.service_model.operation_model(operation).input_shape
    options = {xform_name(name).replace("_", "-"): (name, kind) for name, kind in shape.members.items()}
    given = [some for some in _options(words) if some[0] not in GLOBAL]
    return pair.sim.call(service, operation, dict(_option(options, some) for some in given))


def _options(words: Iterable[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for word in words:
        if word.startswith("--"):
            found.append([word[2:]])
        else:
            found[-1].append(word)
    return found


def _option(options: dict[str, Any], words: list[str]) -> tuple[str, Any]:
    option, *values = words
    negated = option not in options and option.startswith("no-")
    name, kind = options[option[3:] if negated else option]
    if kind.type_name == "structure" and not values:  # an attribute of EC2: a boolean in a structure
        return name, {"Value": not negated}
    if negated or kind.type_name == "boolean":
        return name, not negated
    if kind.type_name == "list":
        return name, [_item(kind.member, value) for value in values]
    (value,) = values
    return name, int(value) if kind.type_name == "integer" else value


def _item(shape: Any, value: str) -> Any:
    if shape.type_name != "structure":
        return value
    pairs = value.split(",") if "=" in value else [f"{next(iter(shape.members))}={value}"]
    told = dict(one.split("=", 1) for one in pairs)
    kinds = {name: shape.members[name].type_name for name in told}
    return {name: text == "true" if kinds[name] == "boolean" else text for name, text in told.items()}


__all__ = [
    "AwsError",
    "asked",
    "edit",
    "follow",
    "in_balancers",
    "lone",
    "marked",
    "neighbour",
    "obey",
    "tagged",
    "type_in",
]

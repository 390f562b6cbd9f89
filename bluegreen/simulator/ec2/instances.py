"""EC2 instances, their tags and attributes (service ``ec2``).

Sources: botocore model; EC2 user guide (termination protection fails the whole zone's call: botocore model).
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import AwsError, unknown_to_the_model
from ..core.operations import operation
from ..core.options import ACCOUNT
from ..core.paging import page, subset
from ..core.world import World, moment
from . import machines
from .filters import Filter, filters_of
from .lookup import machines_of
from .state import EC2, Machine

MOST_TAGS = 50
"""Tags that an instance may have, AWS's own not counted (EC2 user guide: tag restrictions)."""
PAGES = ("MaxResults", "NextToken", "NextToken")


def _state(name: str) -> dict[str, Any]:
    return {"Code": machines.STATES[name], "Name": name}


def _tags(machine: Machine) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in machine.tags.items()]


def _selected(world: World, request: Request) -> list[Machine]:
    ids, filters = request.get("InstanceIds"), filters_of(request)
    found = machines_of(world, ids) if ids else _candidates(world, filters)
    return [machine for machine in found if all(each.passes(_values(machine, each.name)) for each in filters)]


def _candidates(world: World, filters: list[Filter]) -> list[Machine]:
    """Return the machines that filters by id name, where they name them in full; otherwise all."""
    named = next((each.exact for each in filters if each.name == "instance-id" and not each.forms), None)
    return subset(sorted(named), world[EC2].machines) if named else list(world[EC2].machines.values())


def _values(machine: Machine, name: str) -> list[str]:
    if name == "tag-key":
        return list(machine.tags)
    if name.startswith("tag:"):
        return [machine.tags[name[4:]]] if name[4:] in machine.tags else []
    return [_field(machine, name)]


def _field(machine: Machine, name: str) -> str:
    fields = {
        "instance-id": machine.id,
        "instance-state-name": machine.state,
        "availability-zone": machine.zone,
        "private-ip-address": machine.address,
    }
    if name not in fields:
        raise unknown_to_the_model(f"the filter {name} of EC2 instances")
    return fields[name]


@operation("ec2", "DescribeInstances", "InstanceIds Filters MaxResults NextToken")
def describe(world: World, request: Request) -> Result:
    """Answer instances, a reservation each; an unknown id is an error."""
    chunk, following = page(_selected(world, request), request, most=1000, usual=1000, names=PAGES)
    return {"Reservations": [_reservation(world, machine) for machine in chunk], **following}


def _reservation(world: World, machine: Machine) -> dict[str, Any]:
    return {
        "ReservationId": f"r-{machine.id[2:]}",
        "OwnerId": world.options[ACCOUNT],
        "Groups": [],
        "Instances": [_shown(machine)],
    }


def _shown(machine: Machine) -> dict[str, Any]:
    result: dict[str, Any] = {
        "InstanceId": machine.id,
        "ImageId": machine.image_id,
        "InstanceType": machine.type,
        "State": _state(machine.state),
        "LaunchTime": moment(machine.launched),
        "Placement": {"AvailabilityZone": machine.zone, "Tenancy": "default"},
        "StateTransitionReason": "" if machine.running else _reason(machine),
        "Tags": _tags(machine),
    }
    if machine.running:
        result |= {"PrivateIpAddress": machine.address, "SubnetId": machine.subnet}
    return result


def _reason(machine: Machine) -> str:
    """Return why a machine does not run, with the time of that as public reports have it."""
    return f"User initiated ({datetime.fromtimestamp(machine.changed, UTC):%Y-%m-%d %H:%M:%S} GMT)"


@operation("ec2", "DescribeInstanceStatus", "InstanceIds Filters MaxResults NextToken IncludeAllInstances")
def describe_status(world: World, request: Request) -> Result:
    """Answer status checks, of running instances unless all are asked for (botocore model)."""
    every = request.get("IncludeAllInstances", False)
    found = [machine for machine in _selected(world, request) if every or machine.state == "running"]
    chunk, following = page(found, request, most=1000, usual=1000, names=PAGES)
    return {"InstanceStatuses": [_status(machine) for machine in chunk], **following}


def _status(machine: Machine) -> dict[str, Any]:
    passing = "impaired" if machine.impaired else "ok"
    status = {"Status": passing if machine.state == "running" else "not-applicable"}
    return {
        "InstanceId": machine.id,
        "AvailabilityZone": machine.zone,
        "InstanceState": _state(machine.state),
        "InstanceStatus": dict(status),
        "SystemStatus": dict(status),
    }


def rehearsed(request: Request) -> None:
    """End a call that only asks whether it would be permitted, as EC2 does: with an error, and without any effect.

    The code is botocore's (``DryRun`` of every EC2 operation), the sentence that of public reports. Without the
    permission it is ``UnauthorizedOperation``, as for the call itself.
    """
    if request.get("DryRun", False):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


CONSOLE = """\
[    0.000000] simulated: no kernel runs here
[    1.200000] {instance} login:
"""


@operation("ec2", "GetConsoleOutput", "InstanceId Latest DryRun")
def console(world: World, request: Request) -> Result:
    """Answer what a machine has written to its serial console, in base64 (botocore model); nothing runs in one here."""
    (machine,) = machines_of(world, [request["InstanceId"]])
    rehearsed(request)
    written = CONSOLE.format(instance=machine.id).encode()
    return {
        "InstanceId": machine.id,
        "Timestamp": moment(world.time),
        "Output": base64.b64encode(written).decode(),
    }


@operation("ec2", "TerminateInstances", "InstanceIds DryRun")
def terminate(world: World, request: Request) -> Result:
    """End instances at once.

    A protected one fails the call for all in its zone; those in other zones are ended (botocore model).
    """
    found = machines_of(world, request["InstanceIds"])
    rehearsed(request)
    protected = [machine for machine in found if machine.protected]
    spared = {machine.zone for machine in protected}
    answers = [_terminate(world, machine) for machine in found if machine.zone not in spared]
    if protected:
        raise AwsError(
            "OperationNotPermitted",
            f"The instance '{protected[0].id}' may not be terminated. Modify its 'disableApiTermination' instance "
            "attribute and try again.",
        )
    return {"TerminatingInstances": answers}


def _terminate(world: World, machine: Machine) -> dict[str, Any]:
    before = _state(machine.state)
    machines.terminate(world, machine.id, "TerminateInstances")
    return {"InstanceId": machine.id, "PreviousState": before, "CurrentState": _state(machine.state)}


@operation("ec2", "StopInstances", "InstanceIds DryRun")
def stop(world: World, request: Request) -> Result:
    """Stop instances; they keep their place in their group, which finds them stopped (Auto Scaling: health checks)."""
    found = machines_of(world, request["InstanceIds"])
    rehearsed(request)
    ended = next((machine for machine in found if machine.state in ("shutting-down", "terminated")), None)
    if ended is not None:
        sentence = f"This instance '{ended.id}' is not in a state from which it can be stopped."
        raise AwsError("IncorrectInstanceState", sentence)
    before = {each.id: {"InstanceId": each.id, "PreviousState": _state(each.state)} for each in found}
    for machine in found:
        machines.stop(world, machine.id)
    return {"StoppingInstances": [{**before[machine.id], "CurrentState": _state(machine.state)} for machine in found]}


@operation("ec2", "CreateTags", "Resources Tags DryRun")
def create_tags(world: World, request: Request) -> Result:
    """Write tags onto instances; ``aws:`` is reserved."""
    found = machines_of(world, request["Resources"])
    for tag in request["Tags"]:
        if tag["Key"].startswith("aws:"):
            raise AwsError("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
    rehearsed(request)
    wanted = {tag["Key"]: tag.get("Value", "") for tag in request["Tags"]}
    if any(sum(not key.startswith("aws:") for key in {**machine.tags, **wanted}) > MOST_TAGS for machine in found):
        raise AwsError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
    for machine in found:
        machine.tags.update(wanted)
    return {}


@operation("ec2", "DeleteTags", "Resources Tags DryRun")
def delete_tags(world: World, request: Request) -> Result:
    """Take tags off; a value that is given must agree; without tags, all of the user's go (botocore model)."""
    found = machines_of(world, request["Resources"])
    rehearsed(request)
    for machine in found:
        own = [{"Key": key} for key in machine.tags if not key.startswith("aws:")]
        for tag in request.get("Tags", own):
            if tag["Key"] in machine.tags and tag.get("Value") in (None, machine.tags[tag["Key"]]):
                del machine.tags[tag["Key"]]
    return {}


@operation("ec2", "DescribeTags", "Filters MaxResults NextToken")
def describe_tags(world: World, request: Request) -> Result:
    """Answer the tags of instances that pass the filters."""
    every = [
        {"ResourceId": machine.id, "ResourceType": "instance", **tag}
        for machine in world[EC2].machines.values()
        for tag in _tags(machine)
    ]
    filters = filters_of(request)
    found = [tag for tag in every if all(each.passes(_tag_values(tag, each.name)) for each in filters)]
    chunk, following = page(found, request, most=1000, usual=1000, names=PAGES)
    return {"Tags": list(chunk), **following}


def _tag_values(tag: dict[str, str], name: str) -> list[str]:
    names = {"resource-id": "ResourceId", "resource-type": "ResourceType", "key": "Key", "value": "Value"}
    if name.startswith("tag:"):
        return [tag["Value"]] if tag["Key"] == name[4:] else []
    if name not in names:
        raise unknown_to_the_model(f"the filter {name} of EC2 tags")
    return [tag[names[name]]]


@operation("ec2", "DescribeInstanceAttribute", "InstanceId Attribute")
def describe_attribute(world: World, request: Request) -> Result:
    """Answer the termination protection or the type; the model knows no other attribute."""
    machine = machines_of(world, [request["InstanceId"]])[0]
    if request["Attribute"] == "disableApiTermination":
        return {"InstanceId": machine.id, "DisableApiTermination": {"Value": machine.protected}}
    if request["Attribute"] == "instanceType":
        return {"InstanceId": machine.id, "InstanceType": {"Value": machine.type}}
    raise unknown_to_the_model(f"the instance attribute {request['Attribute']}")


@operation("ec2", "ModifyInstanceAttribute", "InstanceId DisableApiTermination Attribute Value")
def modify_attribute(world: World, request: Request) -> Result:
    """Protect an instance from termination, or no longer."""
    machine = machines_of(world, [request["InstanceId"]])[0]
    if "DisableApiTermination" in request:
        machine.protected = request["DisableApiTermination"]["Value"]
    elif request.get("Attribute") == "disableApiTermination":
        machine.protected = request["Value"].lower() == "true"
    else:
        raise unknown_to_the_model(f"the instance attribute {request.get('Attribute')}")
    return {}

"""Launch templates and their versions (service ``ec2``).

Sources: botocore model; EC2 user guide ("Manage launch template versions").
"""

from __future__ import annotations

from typing import Any

from ..core.calls import Request, Result
from ..core.errors import AwsError
from ..core.operations import operation
from ..core.options import ACCOUNT
from ..core.paging import page, subset
from ..core.world import World, moment
from .state import EC2

Template = dict[str, Any]

PAGES = ("MaxResults", "NextToken", "NextToken")
NO_TEMPLATE = "At least one of the launch templates specified in the request does not exist."


@operation(
    "ec2",
    "CreateLaunchTemplate",
    "LaunchTemplateName LaunchTemplateData VersionDescription TagSpecifications ClientToken",
)
def create(world: World, request: Request) -> Result:
    """Create a template with its first version."""
    name = request["LaunchTemplateName"]
    if any(known["LaunchTemplateName"] == name for known in world[EC2].launch_templates.values()):
        raise AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
    put_template(world, world.identifier("lt"), name, dict(request["LaunchTemplateData"]))
    return {"LaunchTemplate": dict(_named(world, name))}


def put_template(world: World, identifier: str, name: str, data: Template) -> None:
    """Record a template; its first version is the default one and the latest."""
    world[EC2].launch_templates[identifier] = {
        "LaunchTemplateId": identifier,
        "LaunchTemplateName": name,
        "CreateTime": moment(world.time),
        "CreatedBy": f"arn:aws:iam::{world.options[ACCOUNT]}:user/simulator",
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": 1,
    }
    world[EC2].template_versions[identifier] = {1: {"LaunchTemplateData": data, "CreateTime": moment(world.time)}}


@operation(
    "ec2",
    "CreateLaunchTemplateVersion",
    "LaunchTemplateId LaunchTemplateName LaunchTemplateData SourceVersion VersionDescription ClientToken",
)
def create_version(world: World, request: Request) -> Result:
    """Add a version, with what its source has and it does not say (botocore model: SourceVersion)."""
    record = asked(world, request)
    versions = world[EC2].template_versions[record["LaunchTemplateId"]]
    source = versions[int(request["SourceVersion"])]["LaunchTemplateData"] if "SourceVersion" in request else {}
    number = record["LatestVersionNumber"] = record["LatestVersionNumber"] + 1
    data = {**source, **request["LaunchTemplateData"]}
    versions[number] = {"LaunchTemplateData": data, "CreateTime": moment(world.time)}
    return {"LaunchTemplateVersion": _version(world, record, number)}


@operation("ec2", "ModifyLaunchTemplate", "LaunchTemplateId LaunchTemplateName DefaultVersion ClientToken")
def modify(world: World, request: Request) -> Result:
    """Make another version the default one."""
    record = asked(world, request)
    record["DefaultVersionNumber"] = number_of(world, record, request["DefaultVersion"])
    return {"LaunchTemplate": dict(record)}


@operation("ec2", "DeleteLaunchTemplate", "LaunchTemplateId LaunchTemplateName")
def delete(world: World, request: Request) -> Result:
    """Delete a template; groups that name it launch nothing from then on."""
    record = asked(world, request)
    del world[EC2].launch_templates[record["LaunchTemplateId"]]
    return {"LaunchTemplate": record}


@operation("ec2", "DescribeLaunchTemplates", "LaunchTemplateIds LaunchTemplateNames MaxResults NextToken")
def describe(world: World, request: Request) -> Result:
    """Answer the templates asked for; an unknown one is an error."""
    ids, names = request.get("LaunchTemplateIds"), request.get("LaunchTemplateNames")
    by_id = world[EC2].launch_templates
    by_name = {record["LaunchTemplateName"]: record for record in by_id.values()}
    for name in [*(ids or []), *(names or [])]:
        if name not in by_id and name not in by_name:
            code = "InvalidLaunchTemplateId.NotFound" if ids else "InvalidLaunchTemplateName.NotFoundException"
            raise AwsError(code, NO_TEMPLATE)
    found = subset(names, by_name) if names else subset(ids, by_id)
    chunk, following = page(found, request, most=200, usual=200, names=PAGES)
    return {"LaunchTemplates": list(chunk), **following}


@operation(
    "ec2",
    "DescribeLaunchTemplateVersions",
    "LaunchTemplateId LaunchTemplateName Versions MinVersion MaxVersion MaxResults NextToken",
)
def describe_versions(world: World, request: Request) -> Result:
    """Answer versions, the newest first: those asked for by number, ``$Latest`` or ``$Default``, or a range.

    Where no template is named, the latest or the default ones of all (botocore model: Versions).
    """
    named = "LaunchTemplateId" in request or "LaunchTemplateName" in request
    versions = request.get("Versions", [])
    anyones = not named and bool(versions) and set(versions) <= {"$Latest", "$Default"}
    records = list(world[EC2].launch_templates.values()) if anyones else [asked(world, request)]
    found = [(record, number) for record in records for number in _numbers(world, record, request)]
    chunk, following = page(found, request, most=200, usual=200, names=PAGES)
    return {"LaunchTemplateVersions": [_version(world, record, number) for record, number in chunk], **following}


def _numbers(world: World, record: Template, request: Request) -> list[int]:
    every = world[EC2].template_versions.get(record["LaunchTemplateId"], {})
    wanted = [number_of(world, record, version) for version in request.get("Versions", [])] or list(every)
    low, high = int(request.get("MinVersion", 1)), int(request.get("MaxVersion", record["LatestVersionNumber"]))
    return [number for number in sorted(set(wanted), reverse=True) if low <= number <= high]


def _version(world: World, record: Template, number: int) -> Template:
    named = {key: record[key] for key in ("LaunchTemplateId", "LaunchTemplateName")}
    known = world[EC2].template_versions[record["LaunchTemplateId"]][number]
    return {**named, "VersionNumber": number, "DefaultVersion": number == record["DefaultVersionNumber"], **known}


def asked(world: World, request: Request) -> Template:
    """Return the template that a request names, by id or by name."""
    if "LaunchTemplateId" in request:
        found = world[EC2].launch_templates.get(request["LaunchTemplateId"])
        if found is None:
            raise AwsError("InvalidLaunchTemplateId.NotFound", NO_TEMPLATE)
        return found
    if "LaunchTemplateName" not in request:
        raise AwsError("MissingParameter", "Either a launch template ID or a launch template name must be specified.")
    return _named(world, request["LaunchTemplateName"])


def _named(world: World, name: str) -> Template:
    for record in world[EC2].launch_templates.values():
        if record["LaunchTemplateName"] == name:
            return record
    raise AwsError("InvalidLaunchTemplateName.NotFoundException", NO_TEMPLATE)


def number_of(world: World, record: Template, version: str) -> int:
    """Return the number that a version's name stands for now."""
    aliases = {"$Latest": record["LatestVersionNumber"], "$Default": record["DefaultVersionNumber"]}
    number = int(aliases.get(version, version if version.isdigit() else 0))
    if number not in world[EC2].template_versions.get(record["LaunchTemplateId"], {}):
        raise AwsError("InvalidLaunchTemplateId.VersionNotFound", f"Could not find launch template version {version}.")
    return number

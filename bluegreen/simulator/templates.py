"""Launch templates and their versions (service ``ec2``), and what a group's settings name of them.

Sources: botocore model; Auto Scaling user guide (troubleshooting, for the sentence about a template that is not valid);
EC2 user guide ("Manage launch template versions").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dispatch import Request, Result, operation
from .errors import AwsError, invalid
from .paging import page, subset
from .state import Group
from .world import World, moment

Template = dict[str, Any]

PAGES = ("MaxResults", "NextToken", "NextToken")
NO_TEMPLATE = "At least one of the launch templates specified in the request does not exist."
NOT_VALID = "You must use a valid fully-formed launch template."


@operation(
    "ec2",
    "CreateLaunchTemplate",
    "LaunchTemplateName LaunchTemplateData VersionDescription TagSpecifications ClientToken",
)
def create(world: World, request: Request) -> Result:
    """Create a template with its first version."""
    name = request["LaunchTemplateName"]
    if any(known["LaunchTemplateName"] == name for known in world.state.launch_templates.values()):
        raise AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
    put_template(world, world.identifier("lt"), name, dict(request["LaunchTemplateData"]))
    return {"LaunchTemplate": dict(_named(world, name))}


def put_template(world: World, identifier: str, name: str, data: Template) -> None:
    """Record a template; its first version is the default one and the latest."""
    world.state.launch_templates[identifier] = {
        "LaunchTemplateId": identifier,
        "LaunchTemplateName": name,
        "CreateTime": moment(world.time),
        "CreatedBy": f"arn:aws:iam::{world.options.account}:user/simulator",
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": 1,
    }
    world.state.template_versions[identifier] = {1: {"LaunchTemplateData": data, "CreateTime": moment(world.time)}}


@operation(
    "ec2",
    "CreateLaunchTemplateVersion",
    "LaunchTemplateId LaunchTemplateName LaunchTemplateData SourceVersion VersionDescription ClientToken",
)
def create_version(world: World, request: Request) -> Result:
    """Add a version, with what its source has and it does not say (botocore model: SourceVersion)."""
    record = _asked(world, request)
    versions = world.state.template_versions[record["LaunchTemplateId"]]
    source = versions[int(request["SourceVersion"])]["LaunchTemplateData"] if "SourceVersion" in request else {}
    number = record["LatestVersionNumber"] = record["LatestVersionNumber"] + 1
    data = {**source, **request["LaunchTemplateData"]}
    versions[number] = {"LaunchTemplateData": data, "CreateTime": moment(world.time)}
    return {"LaunchTemplateVersion": _version(world, record, number)}


@operation("ec2", "ModifyLaunchTemplate", "LaunchTemplateId LaunchTemplateName DefaultVersion ClientToken")
def modify(world: World, request: Request) -> Result:
    """Make another version the default one."""
    record = _asked(world, request)
    record["DefaultVersionNumber"] = _number(world, record, request["DefaultVersion"])
    return {"LaunchTemplate": dict(record)}


@operation("ec2", "DeleteLaunchTemplate", "LaunchTemplateId LaunchTemplateName")
def delete(world: World, request: Request) -> Result:
    """Delete a template; groups that name it launch nothing from then on."""
    record = _asked(world, request)
    del world.state.launch_templates[record["LaunchTemplateId"]]
    return {"LaunchTemplate": record}


@operation("ec2", "DescribeLaunchTemplates", "LaunchTemplateIds LaunchTemplateNames MaxResults NextToken")
def describe(world: World, request: Request) -> Result:
    """Answer the templates asked for; an unknown one is an error."""
    ids, names = request.get("LaunchTemplateIds"), request.get("LaunchTemplateNames")
    by_id = world.state.launch_templates
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
    records = list(world.state.launch_templates.values()) if anyones else [_asked(world, request)]
    found = [(record, number) for record in records for number in _numbers(world, record, request)]
    chunk, following = page(found, request, most=200, usual=200, names=PAGES)
    return {"LaunchTemplateVersions": [_version(world, record, number) for record, number in chunk], **following}


def _numbers(world: World, record: Template, request: Request) -> list[int]:
    every = world.state.template_versions.get(record["LaunchTemplateId"], {})
    wanted = [_number(world, record, version) for version in request.get("Versions", [])] or list(every)
    low, high = int(request.get("MinVersion", 1)), int(request.get("MaxVersion", record["LatestVersionNumber"]))
    return [number for number in sorted(set(wanted), reverse=True) if low <= number <= high]


def _version(world: World, record: Template, number: int) -> Template:
    named = {key: record[key] for key in ("LaunchTemplateId", "LaunchTemplateName")}
    known = world.state.template_versions[record["LaunchTemplateId"]][number]
    return {**named, "VersionNumber": number, "DefaultVersion": number == record["DefaultVersionNumber"], **known}


def _asked(world: World, request: Request) -> Template:
    if "LaunchTemplateId" in request:
        found = world.state.launch_templates.get(request["LaunchTemplateId"])
        if found is None:
            raise AwsError("InvalidLaunchTemplateId.NotFound", NO_TEMPLATE)
        return found
    if "LaunchTemplateName" not in request:
        raise AwsError("MissingParameter", "Either a launch template ID or a launch template name must be specified.")
    return _named(world, request["LaunchTemplateName"])


def _named(world: World, name: str) -> Template:
    for record in world.state.launch_templates.values():
        if record["LaunchTemplateName"] == name:
            return record
    raise AwsError("InvalidLaunchTemplateName.NotFoundException", NO_TEMPLATE)


def _number(world: World, record: Template, version: str) -> int:
    """Return the number that a version's name stands for now."""
    aliases = {"$Latest": record["LatestVersionNumber"], "$Default": record["DefaultVersionNumber"]}
    number = int(aliases.get(version, version if version.isdigit() else 0))
    if number not in world.state.template_versions.get(record["LaunchTemplateId"], {}):
        raise AwsError("InvalidLaunchTemplateId.VersionNotFound", f"Could not find launch template version {version}.")
    return number


def complete(world: World, specification: Mapping[str, Any]) -> Template:
    """Return a group's specification of a template with both its id and its name, and the version as it was given.

    :raises AwsError: for a template, or a version, that is not there.
    """
    try:
        record = _asked(world, specification)
        version = specification.get("Version", "$Default")
        _number(world, record, version)
    except AwsError as problem:
        key = "LaunchTemplateId" if "LaunchTemplateId" in specification else "LaunchTemplateName"
        what = "ID" if key == "LaunchTemplateId" else "name"
        which = f"The specified launch template, with template {what} {specification.get(key)}, does not exist."
        raise invalid(f"{NOT_VALID} {which if 'Version' not in problem.code else problem.message}") from None
    return {**{key: record[key] for key in ("LaunchTemplateId", "LaunchTemplateName")}, "Version": version}


def specified(group: Group) -> Mapping[str, Any] | None:
    """Return the specification of the template that the group launches from, if it does from one."""
    mixed = group.settings.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    found: Mapping[str, Any] | None = group.settings.get("LaunchTemplate", mixed)
    return found


def resolved(world: World, group: Group) -> Template:
    """Return what new instances are launched from now, as members show it: a version is a number.

    :raises AwsError: when it is not there any more.
    """
    specification = specified(group)
    if specification is not None:
        whole = complete(world, specification)
        number = _number(world, world.state.launch_templates[whole["LaunchTemplateId"]], whole["Version"])
        return {"LaunchTemplate": {**whole, "Version": str(number)}}
    name = group.settings.get("LaunchConfigurationName")
    if name is None:
        return {}
    if name not in world.state.launch_configurations:
        raise invalid(f"Launch configuration name not found - Launch configuration with name: {name} does not exist")
    return {"LaunchConfigurationName": name}


def contents(world: World, launched_from: Template) -> Mapping[str, Any]:
    """Return what a template's version or a launch configuration says of new instances."""
    template = launched_from.get("LaunchTemplate")
    if template is not None:
        versions = world.state.template_versions[template["LaunchTemplateId"]]
        found: Mapping[str, Any] = versions[int(template["Version"])]["LaunchTemplateData"]
        return found
    return world.state.launch_configurations.get(launched_from.get("LaunchConfigurationName", ""), {})

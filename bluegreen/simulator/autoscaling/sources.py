"""What a group launches its instances from: a launch template or a launch configuration, as its settings name it.

Source: Auto Scaling user guide (troubleshooting, for the sentence about a template that is not valid).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.errors import AwsError, invalid
from ..core.world import World
from ..ec2.state import EC2
from ..ec2.templates import Template, asked, number_of
from .state import AUTOSCALING, Group

NOT_VALID = "You must use a valid fully-formed launch template."


def complete(world: World, specification: Mapping[str, Any]) -> Template:
    """Return a group's specification of a template with both its id and its name, and the version as it was given.

    :raises AwsError: for a template, or a version, that is not there.
    """
    try:
        record = asked(world, specification)
        version = specification.get("Version", "$Default")
        number_of(world, record, version)
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
        number = number_of(world, world[EC2].launch_templates[whole["LaunchTemplateId"]], whole["Version"])
        return {"LaunchTemplate": {**whole, "Version": str(number)}}
    name = group.settings.get("LaunchConfigurationName")
    if name is None:
        return {}
    if name not in world[AUTOSCALING].launch_configurations:
        raise invalid(f"Launch configuration name not found - Launch configuration with name: {name} does not exist")
    return {"LaunchConfigurationName": name}


def contents(world: World, launched_from: Template) -> Mapping[str, Any]:
    """Return what a template's version or a launch configuration says of new instances."""
    template = launched_from.get("LaunchTemplate")
    if template is not None:
        versions = world[EC2].template_versions[template["LaunchTemplateId"]]
        found: Mapping[str, Any] = versions[int(template["Version"])]["LaunchTemplateData"]
        return found
    return world[AUTOSCALING].launch_configurations.get(launched_from.get("LaunchConfigurationName", ""), {})

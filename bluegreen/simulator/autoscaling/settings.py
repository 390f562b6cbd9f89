"""What a group's settings may say: what the model obeys is taken, everything else is refused, never shown and ignored.

Source: botocore model (CreateAutoScalingGroup, UpdateAutoScalingGroup); the sentences are the model's own where no
report quotes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import invalid, unknown_to_the_model
from ..core.world import World
from .sources import complete
from .state import AUTOSCALING

Settings = Mapping[str, Any]

TERMINATION = (
    "Default",
    "AllocationStrategy",
    "ClosestToNextInstanceHour",
    "NewestInstance",
    "OldestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
)
HEALTH = ("EC2", "ELB", "EBS", "VPC_LATTICE")
PROTECTION = ("none", "prevent-force-deletion", "prevent-all-deletion")
SOURCES = ("LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName")
DAY = 86400
SUBNET = re.compile("subnet-[0-9a-f]{1,17}")
"""What AWS calls a subnet; which there are, the first to name one says (:mod:`bluegreen.simulator.routes`)."""


def checked(world: World, settings: Settings) -> dict[str, Any]:
    """Return the settings as the group keeps them.

    :raises AwsError: for a value that AWS does not have, or one that the model would not obey.
    """
    _check_names(settings)
    for what in _not_obeyed(settings):
        raise unknown_to_the_model(what)
    return {**settings, **_launch_source(world, settings)}


def _check_names(settings: Settings) -> None:
    for name in settings.get("TerminationPolicies", []):
        if name not in TERMINATION and not name.startswith("arn:aws:lambda:"):
            raise invalid(f"Invalid termination policy: {name}")
    for kind in health_checks(settings):
        if kind not in HEALTH:
            raise invalid(f"Invalid health check type: {kind}")
    if settings.get("DeletionProtection", "none") not in PROTECTION:
        raise invalid(f"DeletionProtection must be one of: {', '.join(PROTECTION)}.")
    for subnet in filter(None, settings.get("VPCZoneIdentifier", "").split(",")):
        if not SUBNET.fullmatch(subnet.strip()):
            raise invalid(f"The subnet ID '{subnet}' does not exist")
    if 0 < settings.get("MaxInstanceLifetime", 0) < DAY:
        raise invalid(f"MaxInstanceLifetime must be 0 or at least {DAY} seconds.")


def health_checks(settings: Settings) -> list[str]:
    """Return the kinds of health checks, which come in one text with commas (botocore model)."""
    return [kind.strip() for kind in str(settings.get("HealthCheckType", "EC2")).split(",")]


def _not_obeyed(settings: Settings) -> Iterator[str]:
    """Name what the model would show and not do."""
    if any(name.startswith("arn:") for name in settings.get("TerminationPolicies", [])):
        yield "a termination policy of one's own (a Lambda function)"
    for kind in health_checks(settings):
        if kind in ("EBS", "VPC_LATTICE"):
            yield f"health checks of the type {kind}"
    if settings.get("MaxInstanceLifetime", 0):
        yield "a maximum instance lifetime"
    if any(part != -1 for part in settings.get("InstanceMaintenancePolicy", {}).values()):
        yield "an instance maintenance policy"
    if settings.get("PlacementGroup"):
        yield "a placement group"
    if settings.get("Context"):
        yield "a context"
    if settings.get("DesiredCapacityType", "units") != "units":
        yield f"capacity in {settings['DesiredCapacityType']}"
    preference = settings.get("CapacityReservationSpecification", {}).get("CapacityReservationPreference", "default")
    if preference not in ("default", "none"):
        yield f"the capacity reservation preference {preference}"
    yield from _mixed(settings.get("MixedInstancesPolicy", {}))


def _mixed(policy: Settings) -> Iterator[str]:
    overrides = policy.get("LaunchTemplate", {}).get("Overrides", [])
    if any(each.get("WeightedCapacity", "1") != "1" for each in overrides):
        yield "weighted capacity"
    if any("InstanceRequirements" in each for each in overrides):
        yield "instance requirements"
    if policy.get("InstancesDistribution", {}).get("OnDemandPercentageAboveBaseCapacity", 100) != 100:
        yield "Spot instances"


def _launch_source(world: World, settings: Settings) -> dict[str, Any]:
    """Return what instances are launched from, with its names completed; what is not there is refused."""
    if "LaunchTemplate" in settings:
        return {"LaunchTemplate": complete(world, settings["LaunchTemplate"])}
    specification = settings.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    if "LaunchTemplateSpecification" in specification:
        whole = complete(world, specification["LaunchTemplateSpecification"])
        launched = {**specification, "LaunchTemplateSpecification": whole}
        return {"MixedInstancesPolicy": {**settings["MixedInstancesPolicy"], "LaunchTemplate": launched}}
    name = settings.get("LaunchConfigurationName")
    if name is not None and name not in world[AUTOSCALING].launch_configurations:
        raise invalid(f"Launch configuration name not found - Launch configuration with name: {name} does not exist")
    return {}

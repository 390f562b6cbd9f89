"""Target groups and their health (service ``elbv2``).

Sources: botocore model; ELB user guides ("Target groups", "Health checks for your target groups").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.body import NOBODY, TOO_LATE, HealthCheck
from ..core.calls import Request, Result
from ..core.errors import AwsError
from ..core.operations import operation
from ..core.paging import page
from ..core.world import World
from ..ec2.state import EC2
from .balancing import deregister, register, remove
from .faults import BLURS, NO_ANSWER
from .lookup import target_group
from .routes import used_by
from .state import ELB, Balancer, Target
from .tags import put_tags

PAGES = ("PageSize", "Marker", "NextMarker")
CHECKS = (
    "HealthCheckProtocol HealthCheckPort HealthCheckEnabled HealthCheckPath HealthCheckIntervalSeconds "
    "HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount Matcher"
)
DEFAULTS: dict[str, Any] = {
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
    "TargetType": "instance",
    "IpAddressType": "ipv4",
}
DELAY = "deregistration_delay.timeout_seconds"
UNAVAILABLE = ("unavailable", "Elb.InternalError", "Target health is unavailable due to an internal error")
UNTOLD = {
    "unavailable": UNAVAILABLE,
    "Unknown": UNAVAILABLE,
    "Elb.InternalError": ("unhealthy", "Elb.InternalError", "Health checks failed due to an internal error"),
}
"""What is answered in place of a verdict (botocore model: TargetHealth)."""
OTHER_ZONE = "Target is in an Availability Zone that is not enabled for the load balancer"
STOPPED = ("unused", "Target.InvalidState", "Target is in the stopped state")
NETWORK = ("TCP", "TLS", "UDP", "TCP_UDP")


@operation(
    "elbv2", "CreateTargetGroup", f"Name Protocol ProtocolVersion Port VpcId TargetType IpAddressType Tags {CHECKS}"
)
def create(world: World, request: Request) -> Result:
    """Create a target group; its targets drain for 300 s unless told otherwise (user guide)."""
    name = request["Name"]
    if any(balancer.name == name and balancer.kind != "classic" for balancer in world[ELB].balancers.values()):
        raise AwsError("DuplicateTargetGroupName", f"A target group with the same name '{name}' exists")
    arn = world.arn("elasticloadbalancing", f"targetgroup/{name}/{world.random.getrandbits(64):016x}")
    kind = "network" if request.get("Protocol", "HTTP") in NETWORK else "application"
    balancer = Balancer(arn, name, kind, 300.0, HealthCheck(), request.get("Port", 80), world.time)
    balancer.settings = {
        **DEFAULTS,
        "Protocol": "HTTP",
        **{k: v for k, v in request.items() if k not in ("Name", "Tags")},
    }
    balancer.attributes = {DELAY: "300", "stickiness.enabled": "false"}
    put_tags(world, arn, request.get("Tags", []))
    world[ELB].balancers[arn] = balancer
    _configure(world, balancer)
    return {"TargetGroups": [_shown(world, balancer)]}


def _configure(world: World, balancer: Balancer) -> None:
    """One passed check suffices for a new target behind an Application Load Balancer only (user guide)."""
    settings = balancer.settings
    passes = settings["HealthyThresholdCount"]
    fresh = 1 if balancer.kind == "application" else passes
    balancer.check = HealthCheck(
        settings["HealthCheckIntervalSeconds"], passes, settings["UnhealthyThresholdCount"], fresh
    )
    world.body.configure(balancer.key, balancer.check)


def _shown(world: World, balancer: Balancer) -> dict[str, Any]:
    used = used_by(world, balancer.key)
    return {
        "TargetGroupArn": balancer.key,
        "TargetGroupName": balancer.name,
        "LoadBalancerArns": used,
        **balancer.settings,
    }


@operation("elbv2", "DescribeTargetGroups", "LoadBalancerArn TargetGroupArns Names Marker PageSize")
def describe(world: World, request: Request) -> Result:
    """Answer the target groups asked for; an unknown one is an error (botocore model)."""
    every = [balancer for balancer in world[ELB].balancers.values() if balancer.kind != "classic"]
    found = [target_group(world, arn) for arn in request.get("TargetGroupArns", [])] or every
    if request.get("Names"):
        found = [_named(every, name) for name in request["Names"]]
    if "LoadBalancerArn" in request:
        found = [balancer for balancer in found if request["LoadBalancerArn"] in used_by(world, balancer.key)]
    chunk, following = page(found, request, most=400, usual=400, names=PAGES)
    return {"TargetGroups": [_shown(world, balancer) for balancer in chunk], **following}


def _named(every: list[Balancer], name: str) -> Balancer:
    for balancer in every:
        if balancer.name == name:
            return balancer
    raise AwsError("TargetGroupNotFound", "One or more target groups not found")


@operation("elbv2", "ModifyTargetGroup", f"TargetGroupArn {CHECKS}")
def modify(world: World, request: Request) -> Result:
    """Change how the target group checks."""
    balancer = target_group(world, request["TargetGroupArn"])
    balancer.settings.update({key: value for key, value in request.items() if key != "TargetGroupArn"})
    _configure(world, balancer)
    return {"TargetGroups": [_shown(world, balancer)]}


def _attributes(balancer: Balancer) -> dict[str, Any]:
    return {"Attributes": [{"Key": key, "Value": value} for key, value in balancer.attributes.items()]}


@operation("elbv2", "DescribeTargetGroupAttributes", "TargetGroupArn")
def describe_attributes(world: World, request: Request) -> Result:
    """Answer the attributes; the drain time is one of them."""
    return _attributes(target_group(world, request["TargetGroupArn"]))


@operation("elbv2", "ModifyTargetGroupAttributes", "TargetGroupArn Attributes")
def modify_attributes(world: World, request: Request) -> Result:
    """Change attributes; a new drain time holds for drains that begin from now on."""
    balancer = target_group(world, request["TargetGroupArn"])
    balancer.attributes.update({item["Key"]: item["Value"] for item in request["Attributes"]})
    balancer.drain = float(balancer.attributes[DELAY])
    return _attributes(balancer)


@operation("elbv2", "RegisterTargets", "TargetGroupArn Targets")
def register_targets(world: World, request: Request) -> Result:
    """Register running instances; one that is draining comes back (botocore model: it must be running)."""
    balancer = target_group(world, request["TargetGroupArn"])
    for target in request["Targets"]:
        machine = world[EC2].machines.get(target["Id"])
        if machine is None:
            raise AwsError("InvalidTarget", f"The following targets are not valid instances: '{target['Id']}'")
        if machine.state != "running":
            raise AwsError(
                "InvalidTarget",
                f"The following targets are not in a running state and cannot be registered: '{target['Id']}'",
            )
    for target in request["Targets"]:
        register(world, balancer, target["Id"], target.get("Port"))
    return {}


@operation("elbv2", "DeregisterTargets", "TargetGroupArn Targets")
def deregister_targets(world: World, request: Request) -> Result:
    """Drain targets, by port where one is given; those that are not registered are ignored."""
    balancer = target_group(world, request["TargetGroupArn"])
    for target in request["Targets"]:
        port = target.get("Port")
        if port is None or (target["Id"], port) in balancer.targets:
            deregister(world, balancer, target["Id"], port)
    return {}


@operation("elbv2", "DescribeTargetHealth", "TargetGroupArn Targets")
def describe_health(world: World, request: Request) -> Result:
    """Answer a row for each instance and port (botocore model); no pages."""
    balancer = target_group(world, request["TargetGroupArn"])
    used = bool(used_by(world, balancer.key))
    if "Targets" not in request:
        return {"TargetHealthDescriptions": [_row(world, balancer, one, used) for one in balancer.targets.values()]}
    rows = []
    for item in request["Targets"]:
        if item["Id"] not in world[EC2].machines:
            raise AwsError("InvalidTarget", f"The following targets are not valid instances: '{item['Id']}'")
        known = balancer.targets.get((item["Id"], item.get("Port", balancer.port)))
        rows.append(_row(world, balancer, known, used) if known is not None else _stranger(balancer, item))
    return {"TargetHealthDescriptions": rows}


def _stranger(balancer: Balancer, item: dict[str, Any]) -> dict[str, Any]:
    words = ("unused", "Target.NotRegistered", "Target is not registered to the target group")
    return _described(item["Id"], item.get("Port", balancer.port), words)


def _row(world: World, balancer: Balancer, target: Target, used: bool) -> dict[str, Any]:
    machine = world[EC2].machines.get(target.id)
    idle = machine is not None and machine.state in ("stopping", "stopped") and not target.draining
    words = STOPPED if idle else _words(target, used, balancer.settings["HealthCheckEnabled"])
    if words[0] == "unhealthy":
        words = _failed(world.body.met(balancer.key, target.id, target.port), balancer.settings.get("Matcher"))
    blurs = world.faults[BLURS]
    hidden = blurs.hidden((balancer.key, balancer.name), target.id, world.time) if blurs.all else ""
    if hidden == NO_ANSWER:
        raise AwsError("HealthUnavailable", "The health of the specified targets could not be retrieved", 500)
    told = not hidden or words[0] in ("draining", "unused")
    return _described(target.id, target.port, words if told else UNTOLD[hidden])


def _described(instance: str, port: int, words: tuple[str, str, str]) -> dict[str, Any]:
    state, reason, description = words
    health = {"State": state} if state == "healthy" else {"State": state, "Reason": reason, "Description": description}
    return {"Target": {"Id": instance, "Port": port}, "HealthCheckPort": str(port), "TargetHealth": health}


def _words(target: Target, used: bool, checked: bool) -> tuple[str, str, str]:
    if target.draining:
        return "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
    if not used:
        return (
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        )
    if target.outside:
        return "unused", "Target.NotInUse", OTHER_ZONE
    if not checked:
        return "unavailable", "Target.HealthCheckDisabled", "Health checks are disabled for this target group"
    if target.verdict is None:
        return "initial", "Elb.InitialHealthChecking", "Initial health checks in progress"
    return ("healthy", "", "") if target.verdict else ("unhealthy", "", "")


def _failed(met: str, matcher: Mapping[str, str] | None) -> tuple[str, str, str]:
    """Return what is told of a target that fails its checks (botocore model; ELB guide: target health reason codes).

    One that answers as it is to by now, and has not passed often enough yet, is told of as before: its process is up.
    """
    if met == NOBODY or _accepts((matcher or {}).get("HttpCode", "200"), met):
        return "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
    if met == TOO_LATE:
        return "unhealthy", "Target.Timeout", "Request timed out"
    return "unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{met}]"


def _accepts(codes: str, met: str) -> bool:
    """Whether a check takes an answer: ``"200"``, ``"200,202"`` or ``"200-299"`` (botocore model, Matcher)."""
    ranges = (part.partition("-") for part in codes.split(","))
    return met.isdigit() and any(
        int(low) <= int(met) <= int(high or low) for low, _, high in ranges if low.isdigit() and (high or low).isdigit()
    )


@operation("elbv2", "DeleteTargetGroup", "TargetGroupArn")
def delete(world: World, request: Request) -> Result:
    """Delete a target group that no listener uses (botocore model)."""
    arn = request["TargetGroupArn"]
    if used_by(world, arn):
        raise AwsError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    balancer = world[ELB].balancers.get(arn)
    if balancer is not None:
        for instance, port in list(balancer.targets):
            remove(world, balancer, instance, port)
        del world[ELB].balancers[arn]
        world[ELB].tags.pop(arn, None)
        world.body.forget(arn)
    return {}

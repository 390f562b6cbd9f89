"""Classic load balancers (service ``elb``).

Sources: botocore model; Classic Load Balancer user guide ("Configure connection draining", "Configure health checks").
"""

from __future__ import annotations

from typing import Any

from ..core.body import HealthCheck
from ..core.calls import Request, Result
from ..core.errors import AwsError
from ..core.operations import operation
from ..core.options import REGION
from ..core.paging import page
from ..core.world import World, moment
from ..ec2.state import EC2
from .balancing import deregister, register, remove
from .faults import BLURS, NO_ANSWER
from .lookup import classic_balancer
from .state import ELB, Balancer, Target
from .tags import CLASSIC, put_tags

NOT_REGISTERED = "Instance is not currently registered with the LoadBalancer."
DRAINING = "Instance deregistration currently in progress."
BOOTING = "Instance registration is still in progress."
FAILED = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
NOT_YET = "Instance has not passed the configured HealthyThreshold number of health checks consecutively."
OTHER_ZONE = "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to."
PENDING, STOPPED = "Instance is in pending state.", "Instance is in stopped state."
UNTOLD = ("Unknown", "N/A", "A transient error occurred. Please try again later.")
"""What is answered in place of a verdict (botocore model: InstanceState)."""
PAGES = ("PageSize", "Marker", "NextMarker")
USUAL_CHECK = {"Target": "TCP:80", "Interval": 30, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 10}


@operation(
    "elb", "CreateLoadBalancer", "LoadBalancerName Listeners AvailabilityZones Subnets SecurityGroups Scheme Tags"
)
def create(world: World, request: Request) -> Result:
    """Create a balancer; draining is off (assumed), its check takes ten passes of 30 s (user guide)."""
    name = request["LoadBalancerName"]
    if name in world[ELB].balancers:
        raise AwsError("DuplicateLoadBalancerName", f"There is already a load balancer named {name}")
    kept = ("Listeners", "AvailabilityZones", "Subnets", "SecurityGroups", "Scheme")
    port = request["Listeners"][0]["InstancePort"] if request["Listeners"] else 80
    balancer = Balancer(name, name, "classic", 0.0, HealthCheck(), port, world.time)
    balancer.settings = {key: request[key] for key in kept if key in request}
    balancer.attributes = {"ConnectionDraining": {"Enabled": False, "Timeout": 300}}
    world[ELB].balancers[name] = balancer
    _configure(world, balancer, USUAL_CHECK)
    put_tags(world, name, request.get("Tags", []), CLASSIC)
    return {"DNSName": _dns(world, name)}


def _dns(world: World, name: str) -> str:
    return f"{name}-1234567890.{world.options[REGION]}.elb.amazonaws.com"


def _configure(world: World, balancer: Balancer, check: dict[str, Any]) -> None:
    balancer.settings["HealthCheck"] = dict(check)
    passes = check["HealthyThreshold"]
    balancer.check = HealthCheck(check["Interval"], passes, check["UnhealthyThreshold"], passes)
    world.body.configure(balancer.key, balancer.check)


@operation("elb", "ConfigureHealthCheck", "LoadBalancerName HealthCheck")
def configure(world: World, request: Request) -> Result:
    """Change how the balancer checks."""
    balancer = classic_balancer(world, request["LoadBalancerName"])
    _configure(world, balancer, request["HealthCheck"])
    return {"HealthCheck": dict(request["HealthCheck"])}


@operation("elb", "DescribeLoadBalancers", "LoadBalancerNames Marker PageSize")
def describe(world: World, request: Request) -> Result:
    """Answer the balancers asked for; an unknown name is an error (botocore model)."""
    names = request.get("LoadBalancerNames")
    every = [balancer for balancer in world[ELB].balancers.values() if balancer.kind == "classic"]
    found = [classic_balancer(world, name) for name in names] if names else every
    chunk, following = page(found, request, most=400, usual=400, names=PAGES)
    return {"LoadBalancerDescriptions": [_shown(world, balancer) for balancer in chunk], **following}


def _shown(world: World, balancer: Balancer) -> dict[str, Any]:
    listeners = [{"Listener": listener, "PolicyNames": []} for listener in balancer.settings.get("Listeners", [])]
    registered = dict.fromkeys(target.id for target in balancer.targets.values())
    return {
        "LoadBalancerName": balancer.name,
        "DNSName": _dns(world, balancer.name),
        "ListenerDescriptions": listeners,
        "AvailabilityZones": balancer.settings.get("AvailabilityZones", []),
        "Subnets": balancer.settings.get("Subnets", []),
        "SecurityGroups": balancer.settings.get("SecurityGroups", []),
        "Scheme": balancer.settings.get("Scheme", "internet-facing"),
        "HealthCheck": balancer.settings["HealthCheck"],
        "Instances": [{"InstanceId": instance} for instance in registered],
        "CreatedTime": moment(balancer.created),
    }


@operation("elb", "DescribeLoadBalancerAttributes", "LoadBalancerName")
def describe_attributes(world: World, request: Request) -> Result:
    """Answer the attributes; draining is one of them."""
    balancer = classic_balancer(world, request["LoadBalancerName"])
    usual = {"CrossZoneLoadBalancing": {"Enabled": False}, "AccessLog": {"Enabled": False}}
    return {"LoadBalancerAttributes": {**usual, "ConnectionSettings": {"IdleTimeout": 60}, **balancer.attributes}}


@operation("elb", "ModifyLoadBalancerAttributes", "LoadBalancerName LoadBalancerAttributes")
def modify_attributes(world: World, request: Request) -> Result:
    """Change attributes; a new drain time holds for drains that begin from now on."""
    balancer = classic_balancer(world, request["LoadBalancerName"])
    balancer.attributes.update(request["LoadBalancerAttributes"])
    draining = balancer.attributes["ConnectionDraining"]
    balancer.drain = float(draining.get("Timeout", 300)) if draining["Enabled"] else 0.0
    return {"LoadBalancerName": balancer.name, "LoadBalancerAttributes": dict(request["LoadBalancerAttributes"])}


@operation("elb", "RegisterInstancesWithLoadBalancer", "LoadBalancerName Instances")
def register_instances(world: World, request: Request) -> Result:
    """Register instances; one that is draining comes back."""
    balancer = classic_balancer(world, request["LoadBalancerName"])
    ids = [item["InstanceId"] for item in request["Instances"]]
    for instance in ids:
        machine = world[EC2].machines.get(instance)
        if machine is None or not machine.running:
            raise _not_found(instance)
    for instance in ids:
        register(world, balancer, instance)
    return {"Instances": _instances(balancer)}


@operation("elb", "DeregisterInstancesFromLoadBalancer", "LoadBalancerName Instances")
def deregister_instances(world: World, request: Request) -> Result:
    """Drain instances; those that are not registered are ignored (botocore model: the call is idempotent)."""
    balancer = classic_balancer(world, request["LoadBalancerName"])
    for item in request["Instances"]:
        deregister(world, balancer, item["InstanceId"])
    return {"Instances": _instances(balancer)}


def _instances(balancer: Balancer) -> list[dict[str, str]]:
    return [{"InstanceId": target.id} for target in balancer.targets.values() if not target.draining]


def _not_found(instance: str) -> AwsError:
    return AwsError("InvalidInstance", f"Could not find EC2 instance {instance}.")


@operation("elb", "DescribeInstanceHealth", "LoadBalancerName Instances")
def describe_health(world: World, request: Request) -> Result:
    """Answer health by instance; a draining one still reads InService (user guide: connection draining)."""
    balancer = classic_balancer(world, request["LoadBalancerName"])
    ids = [item["InstanceId"] for item in request.get("Instances", [])] or [key[0] for key in balancer.targets]
    machines = world[EC2].machines
    for instance in ids:
        if instance not in machines:
            raise _not_found(instance)
    return {"InstanceStates": [_health(world, balancer, instance) for instance in dict.fromkeys(ids)]}


def _health(world: World, balancer: Balancer, instance: str) -> dict[str, str]:
    target = balancer.targets.get((instance, balancer.port))
    blurs = world.faults[BLURS]
    concerned = blurs.all and target is not None
    hidden = blurs.hidden((balancer.key, balancer.name), instance, world.time) if concerned else ""
    if hidden == NO_ANSWER:
        raise AwsError("InternalFailure", "An internal error has occurred.", 500)
    state, reason, description = UNTOLD if hidden else _words(world, balancer, target)
    return {"InstanceId": instance, "State": state, "ReasonCode": reason, "Description": description}


def _words(world: World, balancer: Balancer, target: Target | None) -> tuple[str, str, str]:
    """Return state, reason and description, in the words that the botocore model lists (InstanceState)."""
    if target is None:
        return "OutOfService", "Instance", NOT_REGISTERED
    if target.draining:
        return "InService", "N/A", DRAINING
    if target.verdict:
        return "InService", "N/A", "N/A"
    if target.outside:
        return "OutOfService", "ELB", OTHER_ZONE
    machine = world[EC2].machines.get(target.id)
    if machine is not None and machine.state in ("pending", "stopping", "stopped"):
        return "OutOfService", "Instance", PENDING if machine.state == "pending" else STOPPED
    if target.verdict is None and world.time < target.since + balancer.check.interval:
        return "OutOfService", "ELB", BOOTING
    return "OutOfService", "Instance", NOT_YET if target.verdict is None else FAILED


@operation("elb", "DeleteLoadBalancer", "LoadBalancerName")
def delete(world: World, request: Request) -> Result:
    """Delete a balancer; one that is not there is deleted too (botocore model)."""
    balancer = world[ELB].balancers.get(request["LoadBalancerName"])
    if balancer is not None and balancer.kind == "classic":
        for instance, port in list(balancer.targets):
            remove(world, balancer, instance, port)
        del world[ELB].balancers[balancer.key]
        world[ELB].tags.pop(balancer.key, None)
        world.body.forget(balancer.key)
    return {}

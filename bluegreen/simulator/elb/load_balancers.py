"""Application and Network Load Balancers, their listeners and rules, as records (service ``elbv2``).

Source: botocore model. What matters to the rest of the model is which target groups are in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import AwsError
from ..core.operations import operation
from ..core.options import REGION
from ..core.paging import page
from ..core.world import World, moment
from ..ec2.subnets import placed
from .lookup import target_group
from .routes import ROUTES_CHANGED, forwards
from .state import ELB
from .tags import put_tags
from .target_groups import PAGES

Record = dict[str, Any]

PROTECTED = "deletion_protection.enabled"
COMMON = {
    PROTECTED: "false",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
}
ATTRIBUTES = {
    "application": {
        **COMMON,
        "idle_timeout.timeout_seconds": "60",
        "routing.http2.enabled": "true",
        "load_balancing.cross_zone.enabled": "true",
    },
    "network": {**COMMON, "load_balancing.cross_zone.enabled": "false"},
}
"""Attributes and what they are at first (botocore model: LoadBalancerAttribute)."""


@operation("elbv2", "CreateLoadBalancer", "Name Subnets SubnetMappings SecurityGroups Scheme Tags Type IpAddressType")
def create(world: World, request: Request) -> Result:
    """Create a load balancer; it is active at once."""
    name, kind = request["Name"], request.get("Type", "application")
    if any(known["LoadBalancerName"] == name for known in world[ELB].load_balancers.values()):
        raise AwsError("DuplicateLoadBalancerName", f"A load balancer with the same name '{name}' exists")
    short = {"application": "app", "network": "net"}.get(kind, "gwy")
    arn = world.arn("elasticloadbalancing", f"loadbalancer/{short}/{name}/{world.random.getrandbits(64):016x}")
    subnets = request.get("Subnets") or [mapping["SubnetId"] for mapping in request.get("SubnetMappings", [])]
    zones = [
        {"ZoneName": zone, "SubnetId": subnet} for zone, subnet in zip(placed(world, subnets), subnets, strict=True)
    ]
    record = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "DNSName": f"{name}-1234567890.{world.options[REGION]}.elb.amazonaws.com",
        "CreatedTime": moment(world.time),
        "Scheme": request.get("Scheme", "internet-facing"),
        "VpcId": "vpc-00000000000000001",
        "State": {"Code": "active"},
        "Type": kind,
        "AvailabilityZones": zones,
        "SecurityGroups": request.get("SecurityGroups", []),
        "IpAddressType": request.get("IpAddressType", "ipv4"),
    }
    put_tags(world, arn, request.get("Tags", []))
    world[ELB].load_balancers[arn] = record
    world[ELB].attributes[arn] = dict(ATTRIBUTES.get(kind, {}))
    return {"LoadBalancers": [dict(record)]}


@operation("elbv2", "DescribeLoadBalancerAttributes", "LoadBalancerArn")
def describe_attributes(world: World, request: Request) -> Result:
    """Answer a load balancer's attributes."""
    return _attributes(world, _load_balancer(world, request["LoadBalancerArn"]))


@operation("elbv2", "ModifyLoadBalancerAttributes", "LoadBalancerArn Attributes")
def modify_attributes(world: World, request: Request) -> Result:
    """Record attributes; deletion protection is obeyed, the rest is of no account to the model."""
    record = _load_balancer(world, request["LoadBalancerArn"])
    known = world[ELB].attributes[record["LoadBalancerArn"]]
    for item in request["Attributes"]:
        if item["Key"] not in known:
            raise AwsError(
                "InvalidConfigurationRequest", f"Load balancer attribute key '{item['Key']}' is not recognized"
            )
    known.update({item["Key"]: item["Value"] for item in request["Attributes"]})
    return _attributes(world, record)


def _attributes(world: World, record: Record) -> Result:
    found = world[ELB].attributes[record["LoadBalancerArn"]]
    return {"Attributes": [{"Key": key, "Value": value} for key, value in found.items()]}


@operation("elbv2", "DeleteLoadBalancer", "LoadBalancerArn")
def delete(world: World, request: Request) -> Result:
    """Delete a load balancer with its listeners; one that is not there is deleted too (botocore model)."""
    arn = request["LoadBalancerArn"]
    if arn not in world[ELB].load_balancers:
        return {}
    if world[ELB].attributes[arn].get(PROTECTED) == "true":
        sentence = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        raise AwsError("OperationNotPermitted", sentence)
    mine = [key for key, listener in world[ELB].listeners.items() if listener["LoadBalancerArn"] == arn]
    for key in mine:
        del world[ELB].listeners[key]
    for known in (world[ELB].load_balancers, world[ELB].attributes, world[ELB].tags):
        known.pop(arn, None)
    ROUTES_CHANGED.send(world)
    return {}


def _load_balancer(world: World, arn: str) -> Record:
    return _found(world[ELB].load_balancers, arn, "LoadBalancerNotFound", "load balancers")


def _listener(world: World, arn: str) -> Record:
    return _found(world[ELB].listeners, arn, "ListenerNotFound", "listeners")


def _found(records: Mapping[str, Record], arn: str, code: str, what: str) -> Record:
    if arn not in records:
        raise AwsError(code, f"One or more {what} not found")
    return records[arn]


@operation("elbv2", "DescribeLoadBalancers", "LoadBalancerArns Names Marker PageSize")
def describe(world: World, request: Request) -> Result:
    """Answer the load balancers asked for; an unknown one is an error."""
    found = [_load_balancer(world, arn) for arn in request.get("LoadBalancerArns", [])]
    by_name = {record["LoadBalancerName"]: record["LoadBalancerArn"] for record in world[ELB].load_balancers.values()}
    found += [_load_balancer(world, by_name.get(name, name)) for name in request.get("Names", [])]
    if not request.get("LoadBalancerArns") and not request.get("Names"):
        found = list(world[ELB].load_balancers.values())
    chunk, following = page(found, request, most=400, usual=400, names=PAGES)
    return {"LoadBalancers": [dict(record) for record in chunk], **following}


@operation("elbv2", "CreateListener", "LoadBalancerArn Protocol Port DefaultActions Tags")
def create_listener(world: World, request: Request) -> Result:
    """Create a listener; the target groups that it sends to are in use from now on."""
    owner = _load_balancer(world, request["LoadBalancerArn"])
    for arn in forwards({"DefaultActions": request["DefaultActions"]}):
        target_group(world, arn)
    path = owner["LoadBalancerArn"].partition("loadbalancer/")[2]
    arn = world.arn("elasticloadbalancing", f"listener/{path}/{world.random.getrandbits(64):016x}")
    put_tags(world, arn, request.get("Tags", []))
    record = {"ListenerArn": arn, **{key: value for key, value in request.items() if key != "Tags"}}
    world[ELB].listeners[arn] = record
    ROUTES_CHANGED.send(world)
    return {"Listeners": [dict(record)]}


@operation("elbv2", "ModifyListener", "ListenerArn Protocol Port DefaultActions")
def modify_listener(world: World, request: Request) -> Result:
    """Change what a listener says and where it sends; what is not said stays (botocore model)."""
    record = _listener(world, request["ListenerArn"])
    for arn in forwards({"DefaultActions": request.get("DefaultActions", [])}):
        target_group(world, arn)
    record.update(request)
    ROUTES_CHANGED.send(world)
    return {"Listeners": [dict(record)]}


@operation("elbv2", "DeleteListener", "ListenerArn")
def delete_listener(world: World, request: Request) -> Result:
    """Delete a listener; the target groups that it sent to are not in use by it any more."""
    del world[ELB].listeners[_listener(world, request["ListenerArn"])["ListenerArn"]]
    ROUTES_CHANGED.send(world)
    return {}


@operation("elbv2", "DescribeListeners", "LoadBalancerArn ListenerArns Marker PageSize")
def describe_listeners(world: World, request: Request) -> Result:
    """Answer the listeners of a load balancer, or those asked for."""
    wanted, owner = request.get("ListenerArns"), request.get("LoadBalancerArn")
    if owner is not None:
        _load_balancer(world, owner)
    mine = {arn: one for arn, one in world[ELB].listeners.items() if owner in (None, one["LoadBalancerArn"])}
    for arn in wanted or ():
        _found(mine, arn, "ListenerNotFound", "listeners")
    found = [listener for arn, listener in mine.items() if not wanted or arn in wanted]
    chunk, following = page(found, request, most=400, usual=400, names=PAGES)
    return {"Listeners": [dict(listener) for listener in chunk], **following}


@operation("elbv2", "DescribeRules", "ListenerArn RuleArns Marker PageSize")
def describe_rules(world: World, request: Request) -> Result:
    """Answer a listener's rules: its default one; the model knows no others."""
    arn = request.get("ListenerArn")
    listeners = list(world[ELB].listeners.values()) if arn is None else [_listener(world, arn)]
    rules = [
        {
            "RuleArn": listener["ListenerArn"].replace(":listener/", ":listener-rule/") + "/default",
            "Priority": "default",
            "Conditions": [],
            "Actions": listener["DefaultActions"],
            "IsDefault": True,
        }
        for listener in listeners
    ]
    return {"Rules": [rule for rule in rules if rule["RuleArn"] in request.get("RuleArns", [rule["RuleArn"]])]}

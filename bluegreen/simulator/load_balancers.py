"""Application and Network Load Balancers, their listeners and rules, as records (service ``elbv2``).

Source: botocore model. What matters to the rest of the model is which target groups are in use.
"""

from __future__ import annotations

from typing import Any

from .dispatch import Request, Result, operation
from .errors import AwsError
from .lookup import target_group
from .paging import page
from .target_groups import PAGES, forwards
from .world import World, moment


@operation("elbv2", "CreateLoadBalancer", "Name Subnets SubnetMappings SecurityGroups Scheme Tags Type IpAddressType")
def create(world: World, request: Request) -> Result:
    """Create a load balancer; it is active at once."""
    name, kind = request["Name"], request.get("Type", "application")
    if any(known["LoadBalancerName"] == name for known in world.state.load_balancers.values()):
        raise AwsError("DuplicateLoadBalancerName", f"A load balancer with the same name '{name}' exists")
    short = {"application": "app", "network": "net"}.get(kind, "gwy")
    arn = world.arn("elasticloadbalancing", f"loadbalancer/{short}/{name}/{world.random.getrandbits(64):016x}")
    subnets = request.get("Subnets", [])
    zones = [
        {"ZoneName": f"{world.options.region}{chr(ord('a') + index)}", "SubnetId": subnet}
        for index, subnet in enumerate(subnets)
    ]
    record = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "DNSName": f"{name}-1234567890.{world.options.region}.elb.amazonaws.com",
        "CreatedTime": moment(world.time),
        "Scheme": request.get("Scheme", "internet-facing"),
        "VpcId": "vpc-00000000000000001",
        "State": {"Code": "active"},
        "Type": kind,
        "AvailabilityZones": zones,
        "SecurityGroups": request.get("SecurityGroups", []),
        "IpAddressType": request.get("IpAddressType", "ipv4"),
    }
    world.state.load_balancers[arn] = record
    return {"LoadBalancers": [dict(record)]}


def _load_balancer(world: World, arn: str) -> dict[str, Any]:
    found = world.state.load_balancers.get(arn)
    if found is None:
        raise AwsError("LoadBalancerNotFound", "One or more load balancers not found")
    return found


@operation("elbv2", "DescribeLoadBalancers", "LoadBalancerArns Names Marker PageSize")
def describe(world: World, request: Request) -> Result:
    """Answer the load balancers asked for; an unknown one is an error."""
    found = [_load_balancer(world, arn) for arn in request.get("LoadBalancerArns", [])]
    by_name = {record["LoadBalancerName"]: record["LoadBalancerArn"] for record in world.state.load_balancers.values()}
    found += [_load_balancer(world, by_name.get(name, name)) for name in request.get("Names", [])]
    if not request.get("LoadBalancerArns") and not request.get("Names"):
        found = list(world.state.load_balancers.values())
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
    record = {"ListenerArn": arn, **{key: value for key, value in request.items() if key != "Tags"}}
    world.state.listeners[arn] = record
    return {"Listeners": [dict(record)]}


@operation("elbv2", "DescribeListeners", "LoadBalancerArn ListenerArns Marker PageSize")
def describe_listeners(world: World, request: Request) -> Result:
    """Answer the listeners of a load balancer, or those asked for."""
    wanted = request.get("ListenerArns")
    if "LoadBalancerArn" in request:
        _load_balancer(world, request["LoadBalancerArn"])
    found = [
        listener
        for arn, listener in world.state.listeners.items()
        if (not wanted or arn in wanted) and request.get("LoadBalancerArn") in (None, listener["LoadBalancerArn"])
    ]
    if wanted and len(found) < len(set(wanted)):
        raise AwsError("ListenerNotFound", "One or more listeners not found")
    chunk, following = page(found, request, most=400, usual=400, names=PAGES)
    return {"Listeners": [dict(listener) for listener in chunk], **following}


@operation("elbv2", "DescribeRules", "ListenerArn RuleArns Marker PageSize")
def describe_rules(world: World, request: Request) -> Result:
    """Answer a listener's rules: its default one; the model knows no others."""
    arn = request.get("ListenerArn")
    if arn is not None and arn not in world.state.listeners:
        raise AwsError("ListenerNotFound", "One or more listeners not found")
    listeners = [world.state.listeners[arn]] if arn is not None else list(world.state.listeners.values())
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

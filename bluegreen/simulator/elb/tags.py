"""Tags of balancers: classic load balancers by name (service ``elb``), the others by ARN (service ``elbv2``).

Sources: botocore model (AddTags, RemoveTags, DescribeTags: 10 tags on a classic load balancer, 20 resources in a call);
ELB user guides (quotas: 50 tags on what has an ARN).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.calls import Request, Result
from ..core.errors import AwsError
from ..core.operations import operation
from ..core.paging import limit
from ..core.world import World
from .lookup import classic_balancer
from .state import ELB

KINDS = {
    ":loadbalancer/": ("LoadBalancerNotFound", "One or more load balancers not found"),
    ":targetgroup/": ("TargetGroupNotFound", "One or more target groups not found"),
    ":listener/": ("ListenerNotFound", "One or more listeners not found"),
}
MOST_RESOURCES = 20
CLASSIC, OTHERS = 10, 50

Tags = Sequence[Mapping[str, str]]


def put_tags(world: World, resource: str, tags: Tags, most: int = OTHERS) -> None:
    """Put tags onto a resource (a classic balancer's name, or an ARN); a known key has its value replaced."""
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise AwsError("DuplicateTagKeys", "A tag key was specified more than once.")
    written = {**world[ELB].tags.get(resource, {}), **{tag["Key"]: tag.get("Value", "") for tag in tags}}
    if len(written) > most:
        raise AwsError("TooManyTags", f"The resource may have {most} tags.")
    world[ELB].tags[resource] = written


def _shown(world: World, resource: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in world[ELB].tags.get(resource, {}).items()]


@operation("elb", "AddTags", "LoadBalancerNames Tags")
def add_classic(world: World, request: Request) -> Result:
    """Tag classic load balancers."""
    for name in request["LoadBalancerNames"]:
        put_tags(world, classic_balancer(world, name).key, request["Tags"], CLASSIC)
    return {}


@operation("elb", "RemoveTags", "LoadBalancerNames Tags")
def remove_classic(world: World, request: Request) -> Result:
    """Take tags off classic load balancers."""
    for name in request["LoadBalancerNames"]:
        _remove(world, classic_balancer(world, name).key, [tag["Key"] for tag in request["Tags"]])
    return {}


def _remove(world: World, resource: str, keys: Sequence[str]) -> None:
    for key in keys:
        world[ELB].tags.get(resource, {}).pop(key, None)


@operation("elb", "DescribeTags", "LoadBalancerNames")
def describe_classic(world: World, request: Request) -> Result:
    """Answer the tags of classic load balancers; an unknown name is an error."""
    limit(request["LoadBalancerNames"], MOST_RESOURCES, "load balancers")
    found = [classic_balancer(world, name).key for name in request["LoadBalancerNames"]]
    return {"TagDescriptions": [{"LoadBalancerName": name, "Tags": _shown(world, name)} for name in found]}


@operation("elbv2", "AddTags", "ResourceArns Tags")
def add(world: World, request: Request) -> Result:
    """Tag load balancers, target groups and listeners."""
    for arn in _known(world, request):
        put_tags(world, arn, request["Tags"])
    return {}


@operation("elbv2", "RemoveTags", "ResourceArns TagKeys")
def remove(world: World, request: Request) -> Result:
    """Take tags off load balancers, target groups and listeners."""
    for arn in _known(world, request):
        _remove(world, arn, request["TagKeys"])
    return {}


@operation("elbv2", "DescribeTags", "ResourceArns")
def describe(world: World, request: Request) -> Result:
    """Answer the tags of load balancers, target groups and listeners; an unknown one is an error."""
    limit(request["ResourceArns"], MOST_RESOURCES, "resources")
    found = _known(world, request)
    return {"TagDescriptions": [{"ResourceArn": arn, "Tags": _shown(world, arn)} for arn in found]}


def _known(world: World, request: Request) -> list[str]:
    arns: list[str] = request["ResourceArns"]
    for arn in arns:
        if not any(arn in known for known in (world[ELB].balancers, world[ELB].load_balancers, world[ELB].listeners)):
            raise AwsError(*next((found for part, found in KINDS.items() if part in arn), KINDS[":loadbalancer/"]))
    return arns

"""Tags of alarms: ListTagsForResource, TagResource, UntagResource (service ``cloudwatch``; botocore model)."""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.errors import AwsError, unknown_to_the_model
from ..core.operations import operation
from ..core.world import World
from .records import arn_of, name_of, put_tags, record_of
from .state import CLOUDWATCH


def _known(world: World, request: Request) -> str:
    arn: str = request["ResourceARN"]
    if ":alarm:" not in arn:
        raise unknown_to_the_model(f"the CloudWatch resource {arn}")
    if record_of(world, name_of(arn)) is None or arn != arn_of(world, name_of(arn)):
        raise AwsError("ResourceNotFoundException", f"Unknown resource: {arn}", 404)
    return arn


@operation("cloudwatch", "ListTagsForResource", "ResourceARN")
def describe(world: World, request: Request) -> Result:
    """Answer an alarm's tags."""
    tags = world[CLOUDWATCH].alarm_tags.get(_known(world, request), {})
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation("cloudwatch", "TagResource", "ResourceARN Tags")
def tag(world: World, request: Request) -> Result:
    """Add tags to an alarm's, or change their values."""
    put_tags(world, _known(world, request), request["Tags"])
    return {}


@operation("cloudwatch", "UntagResource", "ResourceARN TagKeys")
def untag(world: World, request: Request) -> Result:
    """Take tags off an alarm; keys that it does not have are ignored (*unknown*)."""
    tags = world[CLOUDWATCH].alarm_tags.get(_known(world, request), {})
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}

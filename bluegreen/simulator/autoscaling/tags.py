"""A group's tags: CreateOrUpdateTags, DeleteTags, DescribeTags.

Sources: botocore model; Auto Scaling user guide ("Tag Auto Scaling groups and instances"): 25 tags a call, 50 a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid, unknown_to_the_model
from ..core.operations import operation
from ..core.paging import limit, page
from ..core.world import World
from .lookup import group_named
from .state import AUTOSCALING, Group

MOST = 50


def write_tags(world: World, tags: Sequence[dict[str, Any]]) -> None:
    """Write tags onto groups, all or none; instances that run already keep theirs."""
    limit(tags, 25, "tags")
    for tag in tags:
        _check(world, tag)
    _refuse_too_many(world, tags)
    for tag in tags:
        group = world[AUTOSCALING].groups[tag["ResourceId"]]
        group.tags[tag["Key"]] = (tag.get("Value", ""), tag.get("PropagateAtLaunch", False))


def _check(world: World, tag: dict[str, Any]) -> None:
    group_named(world, tag["ResourceId"])
    key = tag["Key"]
    if tag.get("ResourceType", "auto-scaling-group") != "auto-scaling-group":
        raise invalid("Only auto-scaling-group is a valid resource type.")
    if key.lower().startswith("aws:"):
        raise invalid("Tag keys starting with 'aws:' are reserved for system use")
    if not 1 <= len(key) <= 128 or len(tag.get("Value", "")) > 256:
        raise invalid("A tag key has 1 to 128 characters, a value 0 to 256.")


def _refuse_too_many(world: World, tags: Sequence[dict[str, Any]]) -> None:
    """Count what each group would have, those of one call together."""
    for name in {tag["ResourceId"] for tag in tags}:
        keys = {tag["Key"] for tag in tags if tag["ResourceId"] == name}
        if len(keys | world[AUTOSCALING].groups[name].tags.keys()) > MOST:
            raise AwsError("LimitExceeded", f"A group may have {MOST} tags.")


def described_tags(group: Group) -> list[dict[str, Any]]:
    """Return the group's tags in AWS's shape."""
    return [
        {
            "ResourceId": group.name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": propagate,
        }
        for key, (value, propagate) in group.tags.items()
    ]


@operation("autoscaling", "CreateOrUpdateTags", "Tags")
def create_or_update(world: World, request: Request) -> Result:
    """Write tags; what was there is overwritten in silence (botocore model)."""
    if any("ResourceId" not in tag for tag in request["Tags"]):
        raise invalid("A tag needs a ResourceId.")
    write_tags(world, request["Tags"])
    return {}


@operation("autoscaling", "DeleteTags", "Tags")
def delete(world: World, request: Request) -> Result:
    """Take tags off; a value that is given must agree (botocore model)."""
    for tag in request["Tags"]:
        group = group_named(world, tag["ResourceId"])
        known = group.tags.get(tag["Key"])
        if known is not None and tag.get("Value") in (None, "", known[0]):
            del group.tags[tag["Key"]]
    return {}


@operation("autoscaling", "DescribeTags", "Filters NextToken MaxRecords")
def describe(world: World, request: Request) -> Result:
    """Answer the tags of all groups that pass the filters."""
    every = [tag for group in world[AUTOSCALING].groups.values() for tag in described_tags(group)]
    found = [tag for tag in every if all(_matches(tag, item) for item in request.get("Filters", []))]
    chunk, following = page(found, request, most=100)
    return {"Tags": list(chunk), **following}


def _matches(tag: dict[str, Any], item: dict[str, Any]) -> bool:
    names = {
        "auto-scaling-group": "ResourceId",
        "key": "Key",
        "value": "Value",
        "propagate-at-launch": "PropagateAtLaunch",
    }
    if item["Name"] not in names:
        raise unknown_to_the_model(f"the filter {item['Name']} of DescribeTags")
    value = tag[names[item["Name"]]]
    return (str(value).lower() if isinstance(value, bool) else value) in item["Values"]

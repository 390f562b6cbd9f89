"""The permissions that are documented for a record in S3 are those of the calls that the store makes."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bluegreen.record.document import Document
from tests.record.fates import fated

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
PERMISSION = {"ListObjectsV2": "ListBucket"}


def statements() -> list[dict[str, Any]]:
    _, _, section = PAGE.read_text().partition("## For the record in S3")
    policy = re.findall(r"```json\n(.*?)```", section, re.DOTALL)[0]
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


def test_every_call_is_listed_and_every_listed_one_is_called(bucket: str) -> None:
    """Nothing is missing, and nothing too much is asked for."""
    store, deals = fated(bucket)
    store.write("web", Document(service="web"), None)
    store.read("web")
    store.services()
    store.append("web", "web:1", "{}")
    store.events("web", "web:1")
    store.forget("web", "web:1")
    called = {f"s3:{PERMISSION.get(operation, operation)}" for operation in deals.sent}
    assert called == {action for statement in statements() for action in statement["Action"]}


def test_only_the_list_is_of_the_bucket() -> None:
    """Of a service its record and its events are permitted, and listing on the bucket itself."""
    objects, listing = statements()
    own = [f"arn:aws:s3:::BUCKET/PREFIX/web{end}" for end in (".json", ".events/*")]
    assert (own, "arn:aws:s3:::BUCKET", ["s3:ListBucket"]) == (
        objects["Resource"],
        listing["Resource"],
        listing["Action"],
    )


OBJECTS = {
    "web.json": True,
    "web.events/web%3A1/1.jsonl": True,
    "api.json": False,
    "api.events/web%3A1/1.jsonl": False,
    "web2.json": False,
    "web.json2": False,
    "web.x.events/web%3A1/1.jsonl": False,
}


def test_one_service_s_permissions_open_no_other_s_record() -> None:
    """Its record and its events are named, and nobody else's."""
    patterns = [resource.partition("PREFIX/")[2] for resource in statements()[0]["Resource"]]
    assert OBJECTS == {key: any(fnmatchcase(key, one) for one in patterns) for key in OBJECTS}

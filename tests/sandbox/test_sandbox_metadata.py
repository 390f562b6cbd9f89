"""The metadata service: version 2 only."""

from __future__ import annotations

import json

import pytest

from bluegreen.sandbox.http import Request
from bluegreen.sandbox.metadata import TOKEN, TTL, MetadataService, facts

PATH = "/latest/meta-data/instance-id"


def service() -> MetadataService:
    """Return the metadata service of instance i-1."""
    return MetadataService(facts("i-1", "ap-northeast-2", "127.0.1.1"))


def test_a_token_opens_the_facts() -> None:
    """PUT for a token, GET with it."""
    metadata = service()
    token = metadata(Request("PUT", "/latest/api/token", {TTL: "60"})).body.decode()
    expected = b"i-1"
    assert expected == metadata(Request("GET", PATH, {TOKEN: token})).body


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("GET", PATH, {}), 401),
        (Request("GET", PATH, {TOKEN: "guessed"}), 401),
        (Request("PUT", "/latest/api/token", {}), 400),
        (Request("PUT", "/latest/api/token", {TTL: "0"}), 400),
        (Request("PUT", "/latest/api/token", {TTL: "21601"}), 400),
        (Request("PUT", "/latest/api/token", {TTL: "60", "x-forwarded-for": "1.2.3.4"}), 403),
        (Request("POST", PATH, {}), 405),
    ],
)
def test_what_version_2_refuses(request_: Request, expected: int) -> None:
    """No token, a wrong one, a bad time to live and a proxy are refused as EC2 refuses them."""
    assert expected == service()(request_).status


def test_an_instances_own_tags_are_not_there() -> None:
    """Tags in the metadata are off, as they are by default."""
    metadata = service()
    token = metadata(Request("PUT", "/latest/api/token", {TTL: "60"})).body.decode()
    expected = 404
    assert expected == metadata(Request("GET", "/latest/meta-data/tags/instance/image", {TOKEN: token})).status


def fact(metadata: MetadataService, path: str) -> tuple[int, str]:
    """Ask with a token, and return status and text."""
    token = metadata(Request("PUT", "/latest/api/token", {TTL: "60"})).body.decode()
    answer = metadata(Request("GET", f"/latest/meta-data/{path}", {TOKEN: token}))
    return answer.status, answer.body.decode()


def test_tags_that_are_switched_on() -> None:
    """The instance's own tags are there where somebody switched them on, by their escaped name."""
    metadata = MetadataService(facts("i-1", "ap-northeast-2", "127.0.1.1", {"image": "v1", "a b": "c"}))
    assert ((200, "v1"), (200, "c"), 404) == (
        fact(metadata, "tags/instance/image"),
        fact(metadata, "tags/instance/a%20b"),
        fact(metadata, "tags/instance/other")[0],
    )


def test_the_role_and_its_credentials() -> None:
    """An instance's role is named first, and then asked for its keys, as on EC2."""
    role = fact(service(), "iam/security-credentials/")[1]
    keys = json.loads(fact(service(), f"iam/security-credentials/{role}")[1])
    assert {"Code", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"} == set(keys)

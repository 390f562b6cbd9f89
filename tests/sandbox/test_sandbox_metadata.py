"""The metadata service: version 2 only."""

from __future__ import annotations

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

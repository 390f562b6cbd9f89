"""What a registry answers, and ECR: an image is there, it is not, or that is not known, in a sentence."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import BluegreenError, Status
from bluegreen.registry.distribution import Distribution
from bluegreen.registry.ecr import Ecr
from bluegreen.registry.reference import parse
from tests.fuzz.inputs import changed, hostile, said_badly, tried
from tests.fuzz.wire import Wire, http, replies, wired
from tests.registry.land import MANIFEST, SECRET, knows

KIND = f"Content-Type: {MANIFEST}".encode()
REALMS = (
    "http://{host}/t",
    "http://{host}@evil.example/t",
    "//x",
    "\x1b[31m",
    "http://127.0.0.1:1/",
    "http://[::1",
    "",
)
CODES = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "no \x1b[2J", "detail": {}}]}
TOKEN = {"token": "abc", "expires_in": 300}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Run a registry that says what it is told to."""
    with wired() as one:
        yield one


@st.composite
def challenged(draw: st.DrawFn) -> bytes:
    """Draw a 401 that asks for something."""
    realm = draw(st.sampled_from(REALMS))
    scheme = draw(st.sampled_from(["Bearer", "Basic", "bearer", "Digest", "\x1b", "Bearer Bearer", ""]))
    rest = draw(st.sampled_from(['service="x"', "service=", 'scope="\\"', 'service="' + "a" * 9000, ""]))
    header = f'WWW-Authenticate: {scheme} realm="{realm}",{rest}'.encode()
    return http(b"", header, status=b"HTTP/1.1 401 Unauthorized")


json_bodies = st.one_of(changed(CODES), changed(TOKEN)).map(json.dumps).map(str.encode)
bodies = st.one_of(
    json_bodies, st.binary(max_size=60), hostile.map(lambda value: str(value).encode("utf-8", "replace"))
)
answers = st.one_of(
    replies(bodies, KIND),
    challenged(),
    bodies.map(lambda body: http(body, b"Content-Type: application/json", status=b"HTTP/1.1 404 Not Found")),
    json_bodies.map(http),
)


def trouble(ask: Any) -> str:
    """Return what is wrong with how an image is looked for, or nothing."""
    try:
        found = ask()
    except BluegreenError as error:
        words = f"{error.message}\n{error.hint}"
        if error.status is Status.BUG or SECRET in words:
            return words
        return said_badly(words, 4000)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if found in (True, False) else f"found {found!r}"


@given(st.lists(answers, min_size=1, max_size=3))
@tried(120)
def test_a_registry_is_believed_or_not(wire: Wire, told: list[bytes]) -> None:
    """No bug of ours, no character that a terminal obeys, no password in a sentence."""
    wire.tell(*(one.replace(b"{host}", wire.host.encode()) for one in told))
    repository = Distribution(parse(f"{wire.host}/web"), knows())
    assert "" == trouble(lambda: repository.holds("v1"))


def test_the_answers_that_the_changes_begin_with_are_good(wire: Wire) -> None:
    """An image that is there is found, and one that is not is known to be missing."""
    repository = Distribution(parse(f"{wire.host}/web"), knows())
    wire.tell(http(b"{}", KIND))
    there = repository.holds("v1")
    wire.tell(http(json.dumps(CODES).encode(), status=b"HTTP/1.1 404 Not Found"))
    assert (True, False) == (there, repository.holds("v1"))


IMAGES = {"imageDetails": [{"registryId": "123456789012", "repositoryName": "web", "imageTags": ["v1"]}]}
RULES = {"pullThroughCacheRules": [{"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "x", "createdAt": 0}]}


@define
class Shelf:
    """ECR that says of the image ``images``, or that there is none, and of its caches ``rules``."""

    images: Any
    rules: Any

    def describe_images(self, **_: Any) -> Any:
        """Say what there is."""
        if self.images is None:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "ImageNotFoundException", "Message": "none"}}, "DescribeImages")
        return self.images

    def get_paginator(self, _: str) -> Shelf:
        """Return what has pages."""
        return self

    def paginate(self, **_: Any) -> list[Any]:
        """Return the one page."""
        return [self.rules]


@st.composite
def lacking(draw: st.DrawFn, answer: dict[str, Any]) -> Any:
    """Draw an answer in botocore's shape without one of its members, or with nothing in it."""
    made = copy.deepcopy(answer)
    ((name, (row,)),) = made.items()
    key = draw(st.sampled_from([name, *row]))
    if key == name:
        return draw(st.sampled_from([{}, {name: []}, {name: [{}]}]))
    row[key] = draw(st.sampled_from([None, "", "\x1b[2J"]))
    return {name: [{k: v for k, v in row.items() if v is not None}]}


@given(st.one_of(lacking(IMAGES), st.none()), st.one_of(lacking(RULES), st.just(RULES)))
@tried(60)
def test_ecr_is_believed_or_not(images: Any, rules: Any) -> None:
    """What it leaves out is neither a yes nor a no."""
    ecr = Ecr("123456789012", "eu-west-1", "web", lambda _: Shelf(images, rules))
    assert "" == trouble(lambda: ecr.holds("v1"))

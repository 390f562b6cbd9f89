"""S3's, ECR's and an instance's Auto Scaling answers that lack a member: not known, and never a no."""

from __future__ import annotations

import io
from typing import Any

import pytest
from attrs import define, field
from botocore.exceptions import PaginationError

from bluegreen.aws.answers import Incomplete
from bluegreen.clock import VirtualClock
from bluegreen.errors import Status, Unreachable
from bluegreen.instance.lookup import PAGES, Lookup
from bluegreen.record.bucket import Bucket
from bluegreen.registry.ecr import Ecr

WHOLE = {"ETag": '"1"', "Contents": [{"Key": "team/web.json"}], "KeyCount": 1}


@define
class Answering:
    """A client that gives one answer to every question; S3's pages are it alone."""

    answer: dict[str, Any]
    error: Exception | None = None
    asked: list[str] = field(factory=list)

    def __getattr__(self, method: str) -> Any:
        return lambda *_, **__: self._answered(method)

    def get_paginator(self, _: str) -> Answering:
        """Return what has pages."""
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        """Return the one page."""
        return [self._answered("page")]

    def _answered(self, method: str) -> dict[str, Any]:
        self.asked.append(method)
        if self.error:
            raise self.error
        return self.answer


def bucket(answer: dict[str, Any], error: Exception | None = None) -> Bucket:
    """Return a bucket whose S3 gives ``answer``."""
    client: Any = Answering(answer, error)
    return Bucket("b", "team/", VirtualClock(), lambda: client)


@pytest.mark.parametrize(
    ("ask", "answer", "lacks"),
    [
        (lambda b: b.get("k"), {"ETag": '"1"'}, "s3:GetObject has no Body"),
        (lambda b: b.get("k"), {"Body": io.BytesIO(b"x")}, "s3:GetObject has no ETag"),
        (lambda b: b.put("k", b"", "x"), {}, "s3:PutObject has no ETag"),
        (lambda b: b.put("k", b"", "x"), {"ETag": ""}, "s3:PutObject has no ETag"),
        (lambda b: b.names(), {"KeyCount": 2}, "s3:ListBucket has no Contents"),
        (lambda b: b.names(), {"KeyCount": 1, "Contents": [{}]}, "s3:ListBucket has no Key"),
        (lambda b: b.names(), {**WHOLE, "IsTruncated": True}, "s3:ListBucket has no NextContinuationToken"),
    ],
)
def test_s3_lacks_a_member(ask: Any, answer: dict[str, Any], lacks: str) -> None:
    """It is asked again for a few seconds, and then the record is out of reach (69)."""
    one = bucket(answer)
    with pytest.raises(Incomplete, match=lacks) as caught:
        ask(one)
    client: Any = one._client
    assert (Status.UNREACHABLE, True) == (caught.value.status, len(client.asked) > 2)


def test_an_empty_folder_of_a_bucket_has_no_list() -> None:
    """S3 leaves ``Contents`` out where there is nothing (S3 API reference, ListObjectsV2)."""
    assert () == bucket({"KeyCount": 0}).names()


def test_a_list_of_s3s_that_goes_in_circles_is_no_answer() -> None:
    """botocore notices that a page's token comes back."""
    with pytest.raises(Unreachable, match="s3:ListBucket"):
        bucket({}, PaginationError(message="The same next token was received twice")).names()


@pytest.mark.parametrize("answer", [{}, {"imageDetails": []}])
def test_ecr_that_shows_no_image_does_not_say_that_there_is_one(answer: dict[str, Any]) -> None:
    """Neither a yes nor a no."""
    with pytest.raises(Incomplete, match="ecr:DescribeImages"):
        Ecr("123456789012", "eu-west-1", "web", lambda _: Answering(answer)).holds("v1")


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [({}, "pullThroughCacheRules"), ({"pullThroughCacheRules": [{}]}, "ecrRepositoryPrefix")],
)
def test_ecr_lacks_what_makes_a_no_certain(answer: dict[str, Any], lacks: str) -> None:
    """An image that a pull-through cache might have is not called missing."""
    with pytest.raises(Incomplete, match=lacks):
        Ecr("123456789012", "eu-west-1", "web", lambda _: None)._cached(Answering(answer))


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        ({}, "AutoScalingInstances"),
        ({"AutoScalingInstances": [{}]}, "InstanceId"),
        ({"AutoScalingInstances": [{"InstanceId": "i-1"}]}, "AutoScalingGroupName"),
    ],
)
def test_an_instance_is_not_told_its_group(answer: dict[str, Any], lacks: str) -> None:
    """It asks again until its time is over, and says what was missing."""
    client = Answering(answer)
    with pytest.raises(Incomplete, match=f"DescribeAutoScalingInstances has no {lacks}$"):
        Lookup(client, VirtualClock(), 20.0).group("i-1")
    assert len(client.asked) > 2


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        ({}, "Tags"),
        ({"Tags": [{}]}, "ResourceId"),
        ({"Tags": [{"ResourceId": "web"}]}, "Key"),
        ({"Tags": [{"ResourceId": "web", "Key": "image"}]}, "Value"),
    ],
)
def test_an_instance_is_not_told_its_tag(answer: dict[str, Any], lacks: str) -> None:
    """The same for the group's tag."""
    with pytest.raises(Incomplete, match=f"DescribeTags has no {lacks}$"):
        Lookup(Answering(answer), VirtualClock(), 5.0).tag("web", "image")


def test_a_list_of_tags_without_an_end_is_bounded() -> None:
    """An instance at its boot does not ask for ever."""
    client = Answering({"Tags": [], "NextToken": "again"})
    with pytest.raises(Unreachable, match="has no end"):
        Lookup(client, VirtualClock(), 0.0).tag("web", "image")
    assert PAGES == len(client.asked)

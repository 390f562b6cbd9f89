"""A request whose body is nothing that AWS reads: 400 with AWS's code, and the endpoint goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bluegreen.sandbox.api import Api
from bluegreen.sandbox.http import Request, Response

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/x-amz-json-1.0"
TARGETS = {
    "monitoring": "GraniteServiceVersion20100801.DescribeAlarms",
    "ecr": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
}


def answered(service: str, kind: str, body: bytes) -> Response:
    """Return what the endpoint answers; moto's back ends would fail, and the simulator answers nothing."""
    scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, x"
    target = {"x-amz-target": TARGETS[service]} if service in TARGETS else {}
    api = Api(lambda *_: {}, {"ecr": lambda _: Response(500)})
    told: Any = api(Request("POST", "/", {"authorization": scope, "content-type": kind, **target}, body))
    return told  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe{",
        b'{"AlarmNames": ["\xff"]}',
        b'{"AlarmNames": ' + b"[" * 100_000,
        b'{"AlarmNames": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"MaxRecords": ' + b"9" * 5000 + b"}",
        b'{"AlarmNames"',
        b"[]",
        b'"x"',
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("service", TARGETS)
def test_a_body_that_is_no_json(service: str, body: bytes) -> None:
    """Not in UTF-8, nested deep, cut off, or no object."""
    told = answered(service, JSON, body)
    assert (400, "SerializationException") == (told.status, json.loads(told.body)["__type"])


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("autoscaling", b"Action=DescribeAutoScalingGroups&Version=2011-01-01&x=\xff\xfe"),
        ("autoscaling", b"\xff"),
        ("ec2", b"\xff"),
        ("autoscaling", b"Action=DescribeScheduledActions&Version=2011-01-01&StartTime=99999999999999999999"),
        ("autoscaling", b"Action=DescribeScheduledActions&Version=2011-01-01&StartTime=soon"),
        ("autoscaling", b"Action=DescribeAutoScalingGroups&Version=2011-01-01&MaxRecords=" + b"9" * 5000),
    ],
    ids=lambda value: repr(value[-24:]),
)
def test_a_form_that_cannot_be_read(service: str, body: bytes) -> None:
    """Not in UTF-8, or with a value that is none of its type."""
    told = answered(service, FORM, body)
    assert (400, True) == (told.status, b"MalformedQueryString" in told.body)


def test_a_body_that_can_be_read() -> None:
    """What is right goes on to whoever answers it."""
    assert [200, 500] == [answered(service, JSON, b"{}").status for service in TARGETS]
    assert 200 == answered("autoscaling", FORM, b"Action=DescribeAutoScalingGroups&Version=2011-01-01").status

"""A request that AWS would not take is refused over HTTP as AWS does, and nothing of it is kept."""

from __future__ import annotations

import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.aws.enums import Invalid
from bluegreen.clock import VirtualClock
from bluegreen.sandbox.limits import check
from bluegreen.simulator import pair

from .test_enums import model

Ask = Callable[..., tuple[int, str]]
VERSIONS = {"autoscaling": "2011-01-01", "monitoring": "2010-08-01", "ec2": "2016-11-15"}
GROUP = {"AutoScalingGroupName": "web-blue"}
TAG = {
    "Tags.member.1.ResourceId": "web-blue",
    "Tags.member.1.ResourceType": "auto-scaling-group",
    "Tags.member.1.PropagateAtLaunch": "false",
    "Tags.member.1.Value": "x",
}
RESOURCE = "Tags.member.1.ResourceType"
TRACKING = {
    **GROUP,
    "PolicyName": "p",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType": "ASGAverageCPUUtilization",
}
ALARM = {
    "AlarmName": "x",
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/EC2",
    "Statistic": "Sum",
    "Threshold": "1",
    "EvaluationPeriods": "1",
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Ask a pair behind HTTP in the query protocol, as what is no client of botocore does."""
    pytest.importorskip("moto")
    from bluegreen.sandbox.api import Api
    from bluegreen.sandbox.loop import LoopThread

    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    loop.start()
    loop.serve(listening, Api(pair(VirtualClock()).call, {}))

    def asked(service: str, action: str, **fields: str) -> tuple[int, str]:
        signed = (
            f"AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x"
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": signed}
        body = urllib.parse.urlencode({"Action": action, "Version": VERSIONS[service], **fields}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{listening.getsockname()[1]}", body, kind)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    yield asked
    loop.stop()


REFUSED: list[tuple[str, str, dict[str, str], str]] = [
    ("autoscaling", "SetDesiredCapacity", GROUP, "Value null at 'DesiredCapacity'"),
    ("autoscaling", "CreateOrUpdateTags", TAG, "Value null at 'Tags.1.Key'"),
    ("autoscaling", "CreateOrUpdateTags", {**TAG, "Tags.member.1.Key": "a\x01"}, "regular expression pattern"),
    ("autoscaling", "CreateOrUpdateTags", {**TAG, "Tags.member.1.Key": "a\ufffe"}, "regular expression pattern"),
    ("autoscaling", "CreateOrUpdateTags", {**TAG, "Tags.member.1.Key": "k" * 129}, "length less than or equal to 128"),
    ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "MaxSize": "1" + "0" * 20}, "less than or equal to 2147483647"),
    ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "DefaultCooldown": "-5"}, "greater than or equal to 0"),
    ("autoscaling", "UpdateAutoScalingGroup", {**GROUP, "HealthCheckGracePeriod": "-9"}, "greater than or equal to 0"),
    ("monitoring", "PutMetricAlarm", {**ALARM, "Period": "0"}, "greater than or equal to 1"),
    ("monitoring", "PutMetricAlarm", {**ALARM, "Period": "60", "EvaluationPeriods": "0"}, "greater than or equal to 1"),
    *(
        ("monitoring", "PutMetricAlarm", {**ALARM, "Period": "60", "Threshold": odd}, "finite")
        for odd in ("nan", "inf")
    ),
    ("autoscaling", "PutScalingPolicy", {**TRACKING, "TargetTrackingConfiguration.TargetValue": "nan"}, "finite"),
    ("autoscaling", "CreateOrUpdateTags", {**TAG, "Tags.member.1.Key": "k", RESOURCE: "a\x01"}, "regular expression"),
    ("autoscaling", "No\x01Such", {}, r"No\x01Such"),
    ("ec2", "TerminateInstances", {}, "MissingParameter"),
    ("ec2", "No\x01Such", {}, r"No\x01Such"),
]


@pytest.mark.parametrize(("service", "action", "fields", "said"), REFUSED)
def test_what_aws_would_not_take(ask: Ask, service: str, action: str, fields: dict[str, str], said: str) -> None:
    """400 with the reason; no fault inside, and the next answer can be read."""
    status, body = ask(service, action, **fields)
    assert (400, True, False) == (status, said in body, "\x01" in body), body
    status, body = ask("autoscaling", "DescribeAutoScalingGroups")
    assert (200, True, False) == (status, "web-blue" in body, "\x01" in body)


def test_what_aws_takes(ask: Ask) -> None:
    """The bounds themselves."""
    assert 200 == ask("autoscaling", "CreateOrUpdateTags", **{**TAG, "Tags.member.1.Key": "k" * 128})[0]
    assert 200 == ask("autoscaling", "UpdateAutoScalingGroup", **{**GROUP, "DefaultCooldown": "0"})[0]


@given(st.dictionaries(st.sampled_from(["AutoScalingGroupName", "MinSize", "MaxSize", "X"]), st.text() | st.integers()))
def test_whatever_is_asked_is_judged(parameters: dict[str, str | int]) -> None:
    """Nothing but a refusal comes of it, and that is plain text."""
    said = ""
    try:
        check("autoscaling", model("autoscaling", "UpdateAutoScalingGroup"), parameters)
    except Invalid as error:
        said = error.message
    assert (True, True) == (said.isascii(), bool(said) or "AutoScalingGroupName" in parameters)

"""The sandbox's API over HTTP, asked by boto3 as a user would."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from conftest import client, group

from bluegreen.registry.registries import Registries
from bluegreen.sandbox import Sandbox

pytestmark = pytest.mark.sandbox


def test_the_live_group_is_there(box: Sandbox) -> None:
    """DescribeAutoScalingGroups shows web-blue with its tag."""
    tags = {tag["Key"]: tag["Value"] for tag in group(box, "web-blue")["Tags"]}
    expected = "v1"
    assert expected == tags["image"]


def test_the_two_load_balancing_apis_are_told_apart(box: Sandbox) -> None:
    """Both sign as elasticloadbalancing; the version of the API decides."""
    groups = client(box, "elbv2").describe_target_groups()["TargetGroups"]
    with pytest.raises(ClientError) as caught:
        client(box, "elb").describe_instance_health(LoadBalancerName="nobody")
    expected = (1, "LoadBalancerNotFound")
    assert expected == (len(groups), caught.value.response["Error"]["Code"])


def test_a_json_protocol_is_spoken_too(box: Sandbox) -> None:
    """CloudWatch speaks JSON."""
    expected: list[object] = []
    assert expected == client(box, "cloudwatch").describe_alarms(AlarmNames=["nobody"])["MetricAlarms"]


def test_an_error_is_awss_own(box: Sandbox) -> None:
    """An unknown group answers a ValidationError document with status 400."""
    with pytest.raises(ClientError) as caught:
        client(box, "autoscaling").set_desired_capacity(AutoScalingGroupName="nobody", DesiredCapacity=1)
    expected = ("ValidationError", 400)
    error = caught.value.response
    assert expected == (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"])


@pytest.mark.parametrize(("service", "operation"), [("iam", "list_users"), ("lambda", "list_functions")])
def test_what_the_sandbox_does_not_know_is_refused_loudly(box: Sandbox, service: str, operation: str) -> None:
    """Services outside the model answer a readable error, never HTML."""
    with pytest.raises(ClientError) as caught:
        getattr(client(box, service), operation)()
    assert caught.value.response["Error"]["Code"] in {"NotImplemented", "InvalidAction"}


def test_a_request_without_a_signature_is_refused(box: Sandbox) -> None:
    """Without a credential scope nobody knows which service is meant."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(box.endpoint + "/?Action=DescribeAutoScalingGroups", timeout=5)
    expected = 403
    assert expected == caught.value.code
    assert b"<Code>MissingAuthenticationToken</Code>" in caught.value.read()


def test_s3_has_one_winner(box: Sandbox) -> None:
    """moto's S3 stands beside the model: a conditional write succeeds once."""
    s3 = client(box, "s3")
    s3.create_bucket(Bucket="records", CreateBucketConfiguration={"LocationConstraint": box.region})
    s3.put_object(Bucket="records", Key="a/b c", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket="records", Key="a/b c", Body=b"2", IfNoneMatch="*")
    expected = ("PreconditionFailed", b"1")
    body = s3.get_object(Bucket="records", Key="a/b c")["Body"].read()
    assert expected == (caught.value.response["Error"]["Code"], body)


def test_ecr_knows_what_was_put_there(box: Sandbox) -> None:
    """moto's ECR stands beside the model: a deployment to the sandbox can look for its image."""
    ecr = client(box, "ecr")
    ecr.create_repository(repositoryName="web")
    kind, digest = "application/vnd.oci.image.manifest.v1+json", "sha256:" + "1" * 64
    body = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": digest, "size": 2}, "layers": []}
    ecr.put_image(repositoryName="web", imageManifest=json.dumps(body), imageTag="v1")
    registries = Registries(connect=lambda region: ecr)
    place = f"123456789012.dkr.ecr.{box.region}.amazonaws.com/web"
    assert [True, False] == [registries.holds(place, version) for version in ("v1", "v2")]


def test_a_call_takes_milliseconds(box: Sandbox) -> None:
    """Fifty calls on one connection take less than a second, also while the model lives."""
    scaling = client(box, "autoscaling")
    scaling.describe_auto_scaling_groups()
    begin = time.monotonic()
    for _ in range(50):
        scaling.describe_auto_scaling_groups()
    assert time.monotonic() - begin < 1.0

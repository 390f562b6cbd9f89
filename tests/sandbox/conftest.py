"""Sandboxes for tests: one that is shared and left as it was found, and clients for any."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from bluegreen.sandbox import Sandbox


@pytest.fixture(scope="session")
def box() -> Iterator[Sandbox]:
    """A sandbox with a target group; whoever changes a group gives it back as it was."""
    with Sandbox(instances=2, boot=1.0, drain=1.0, interval=0.2) as sandbox:
        yield sandbox


def client(box: Sandbox, service: str) -> Any:
    """Return a boto3 client of ``service`` that talks to the sandbox over HTTP and retries nothing."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
    return boto3.client(
        service,
        endpoint_url=box.endpoint,
        region_name=box.region,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=config,
    )


def until(holds: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Return what ``holds`` returns as soon as it is true; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
    return value


def get(url: str) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of one request (lower case)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        return error.code, {}


def group(box: Sandbox, name: str) -> dict[str, Any]:
    """Return one group as boto3 shows it."""
    answer = client(box, "autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    return dict(answer["AutoScalingGroups"][0])


def members(box: Sandbox, name: str, state: str = "InService") -> list[str]:
    """Return the ids of the group's instances in one lifecycle state."""
    return [row["InstanceId"] for row in group(box, name)["Instances"] if row["LifecycleState"] == state]


def health(box: Sandbox) -> dict[str, str]:
    """Return instance → state in the (first) target group."""
    rows = client(box, "elbv2").describe_target_health(TargetGroupArn=box.balancers()[0])["TargetHealthDescriptions"]
    return {row["Target"]["Id"]: row["TargetHealth"]["State"] for row in rows}


def grow(box: Sandbox, name: str, image: str, size: int = 1) -> None:
    """Write the group's tag, then give it ``size`` instances."""
    scaling = client(box, "autoscaling")
    tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": "image", "PropagateAtLaunch": False}
    scaling.create_or_update_tags(Tags=[{**tag, "Value": image}])
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=size, MaxSize=max(size, 1))


def empty(box: Sandbox, name: str) -> None:
    """Take all instances from the group, and wait until they are gone."""
    scaling = client(box, "autoscaling")
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=0)
    until(lambda: not group(box, name)["Instances"], 30)

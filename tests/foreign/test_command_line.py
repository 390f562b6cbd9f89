"""The AWS command line, as people and scripts use it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bluegreen.sandbox import Sandbox
from tests.foreign.conftest import Failure
from tests.sandbox.conftest import until

BLUE = ("--auto-scaling-group-name", "web-blue")
AT_MOST = 60.0


def aws(run: Any, *words: str) -> Any:
    """Return what a command answers."""
    text = run("aws", *words, "--output", "json")
    return json.loads(text) if text.strip() else {}


def test_a_group_is_described_and_grows(run: Any, box: Sandbox) -> None:
    """Set, waited for in the balancer, and set back."""
    aws(run, "autoscaling", "set-desired-capacity", *BLUE, "--desired-capacity", "3")
    (arn,) = box.balancers()
    aws(run, "elbv2", "wait", "target-in-service", "--target-group-arn", arn)
    groups = aws(run, "autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", "web-blue")
    assert 3 == groups["AutoScalingGroups"][0]["DesiredCapacity"]
    aws(run, "autoscaling", "set-desired-capacity", *BLUE, "--desired-capacity", "2")
    cause = aws(run, "autoscaling", "describe-scaling-activities", *BLUE, "--max-items", "1")["Activities"][0]["Cause"]
    assert "a user request explicitly set group desired capacity" in cause
    until(lambda: 2 == len(box.simulator.groups["web-blue"].members), AT_MOST)


def test_an_instance_goes_to_standby(run: Any, box: Sandbox) -> None:
    """Refused below the minimum with the sentence that people know; without decrement it is replaced."""
    instance = next(iter(box.simulator.groups["web-blue"].members))
    aws(run, "autoscaling", "update-auto-scaling-group", *BLUE, "--min-size", "2")
    enter = ("autoscaling", "enter-standby", *BLUE, "--instance-ids", instance)
    with pytest.raises(Failure, match="To place into standby 1 instance, please update the AutoScalingGroup sizes"):
        aws(run, *enter, "--should-decrement-desired-capacity")
    moved = aws(run, *enter, "--no-should-decrement-desired-capacity")
    assert f"Moving EC2 instance to Standby: {instance}" == moved["Activities"][0]["Description"]
    until(lambda: ["InService", "InService", "Standby"] == sorted(box.simulator.states("web-blue").values()), AT_MOST)
    query = ("--query", "AutoScalingInstances[].LifecycleState")
    assert ["Standby"] == aws(run, "autoscaling", "describe-auto-scaling-instances", "--instance-ids", instance, *query)


def test_filters_and_tags(run: Any) -> None:
    """By the group's tag on its instances, and by a group's own tags."""
    named = "Name=tag:aws:autoscaling:groupName,Values=web-*"
    query = ("--query", "length(Reservations[])")
    assert aws(run, "ec2", "describe-instances", "--filters", named, *query) >= 2
    tags = aws(run, "autoscaling", "describe-tags", "--filters", "Name=auto-scaling-group,Values=web-blue")["Tags"]
    assert "image" in [tag["Key"] for tag in tags]

"""Every instance of a sandbox finds its version by the product's own command, behind both kinds of balancer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import client, get, group, grow, until

from bluegreen.sandbox import Sandbox
from bluegreen.simulator.core.calls import Call

pytestmark = pytest.mark.sandbox
QUESTIONS = ["DescribeAutoScalingInstances", "DescribeTags"]


@pytest.fixture(params=["classic", "target-group"])
def one(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Return a sandbox of its own with one instance of v1."""
    with Sandbox(balancer=request.param, instances=1, boot=1.0, drain=1.0, interval=0.2) as sandbox:
        yield sandbox


def served(box: Sandbox, instance: str) -> str:
    """Return the version that an instance serves."""
    return get(f"http://{box.body.places[instance]}:{box.body.port}/")[1]["x-image"]


def test_the_groups_tag_is_what_runs(one: Sandbox) -> None:
    """Two instances whose own tags say v0, from their launch and by hand: both ask Auto Scaling, and run v2."""
    asked: list[Call] = []
    one.simulator.faults.before.append(lambda call: asked.append(call))
    own = {"ResourceId": "web-green", "ResourceType": "auto-scaling-group", "Key": "image", "Value": "v0"}
    client(one, "autoscaling").create_or_update_tags(Tags=[{**own, "PropagateAtLaunch": True}])
    grow(one, "web-green", "v2", 2)
    names = until(lambda: [i["InstanceId"] for i in group(one, "web-green")["Instances"]] * (2 == _size(one)))
    client(one, "ec2").create_tags(Resources=names, Tags=[{"Key": "image", "Value": "v0"}])
    (balancer,) = one.balancers()
    until(lambda: all(one.body.health(balancer).get(name) for name in names))
    assert ["v2", "v2"] == [served(one, name) for name in names]
    assert ["v0", "v0"] == [_own(one, name) for name in names]
    for name in names:
        assert [name] in [call.parameters.get("InstanceIds") for call in asked if call.operation == QUESTIONS[0]]
    assert 2 == sum(call.operation == QUESTIONS[1] for call in asked)


def test_an_instance_without_a_version_never_serves(one: Sandbox) -> None:
    """The tag is no version: the command says so in the instance's log, and nothing listens."""
    grow(one, "web-green", "v2; touch canary")
    (name,) = until(lambda: [i["InstanceId"] for i in group(one, "web-green")["Instances"]])
    until(lambda: "no image version: 'v2; touch canary'" in one.log(name))
    (balancer,) = one.balancers()
    assert not one.body.health(balancer).get(name)


def _size(box: Sandbox) -> int:
    return len(group(box, "web-green")["Instances"])


def _own(box: Sandbox, instance: str) -> str:
    """Return the instance's own tag, as EC2 tells it."""
    answer = client(box, "ec2").describe_instances(InstanceIds=[instance])
    return {tag["Key"]: tag["Value"] for tag in answer["Reservations"][0]["Instances"][0]["Tags"]}["image"]

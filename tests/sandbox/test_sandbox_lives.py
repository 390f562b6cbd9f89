"""What becomes of instances, seen from outside: through the balancer and through the API."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from conftest import client, empty, get, group, grow, health, members, until

from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.addresses import METADATA_PORT

pytestmark = pytest.mark.sandbox


def test_the_balancer_serves_the_live_version(box: Sandbox) -> None:
    """A request is answered by an instance of web-blue, running v1."""
    status, headers = get(box.url)
    expected = (200, "v1", True)
    assert expected == (status, headers["x-image"], headers["x-instance"] in members(box, "web-blue"))


def test_metadata_wants_a_token(box: Sandbox) -> None:
    """A running instance's metadata service answers 401 without a token."""
    address = box.body.places[members(box, "web-blue")[0]]
    expected = 401
    assert expected == get(f"http://{address}:{METADATA_PORT}/latest/meta-data/instance-id")[0]


def test_an_instance_runs_its_groups_version_whatever_its_own_tags_say(box: Sandbox) -> None:
    """The instance's own tag says v0, the group's v2: it serves v2, healthy after boot and one check."""
    try:
        grow(box, "web-green", "v2")
        begin = time.monotonic()
        instance = until(lambda: [row["InstanceId"] for row in group(box, "web-green")["Instances"]])[0]
        client(box, "ec2").create_tags(Resources=[instance], Tags=[{"Key": "image", "Value": "v0"}])
        until(lambda: health(box).get(instance) == "healthy")
        took = time.monotonic() - begin
        expected = "v2"
        assert expected == get(f"http://{box.body.places[instance]}:{box.body.port}/")[1]["x-image"]
        assert took < box.boot + 3.0
    finally:
        empty(box, "web-green")


def test_a_bad_image_never_becomes_healthy(box: Sandbox) -> None:
    """An instance of bad-1 is in service for its group, and gets no request."""
    try:
        grow(box, "web-green", "bad-1")
        instance = until(lambda: members(box, "web-green"))[0]
        time.sleep(box.boot + 4 * box.interval)
        assert health(box)[instance] in {"initial", "unhealthy"}
        expected = {"v1"}
        assert expected == {get(box.url)[1]["x-image"] for _ in range(10)}
    finally:
        empty(box, "web-green")


@pytest.mark.parametrize(
    ("image", "operation", "sign"),
    [
        ("port-1", "describe_target_health", "Target.FailedHealthChecks"),
        ("quota-1", "describe_scaling_activities", "VcpuLimitExceeded"),
        ("hook-1", "describe_auto_scaling_groups", "Pending:Wait"),
    ],
)
def test_an_image_that_is_named_for_a_trouble_has_it(box: Sandbox, image: str, operation: str, sign: str) -> None:
    """AWS's answers show it: nobody listens where the balancer asks, no launch has room, a hook holds it."""
    balanced = operation == "describe_target_health"
    ask = getattr(client(box, "elbv2" if balanced else "autoscaling"), operation)
    more = {"TargetGroupArn": box.balancers()[0]} if balanced else {}
    try:
        grow(box, "web-green", image)
        assert until(lambda: sign in str(ask(**more)))
    finally:
        tag = {"ResourceId": "web-green", "ResourceType": "auto-scaling-group", "Key": "image", "Value": "v1"}
        client(box, "autoscaling").create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": False}])
        empty(box, "web-green")
        box.simulator.groups["web-green"].backoff_until = 0.0  # whoever comes next does not wait for the next attempt


def test_a_crashing_image_dies_after_it_was_healthy(box: Sandbox) -> None:
    """An instance of crash-1 serves, and then its process is gone."""
    try:
        grow(box, "web-green", "crash-1")
        instance = until(lambda: [name for name in members(box, "web-green") if health(box).get(name) == "healthy"])[0]
        until(lambda: instance in box.processes.ended)
        expected = True
        assert expected is until(lambda: health(box).get(instance) != "healthy")
    finally:
        empty(box, "web-green")


def hold(box: Sandbox, instance: str, seconds: float) -> socket.socket:
    """Send an instance a request that lasts ``seconds``, and return the open connection."""
    connection = socket.create_connection((box.body.places[instance], box.body.port), timeout=5)
    connection.sendall(f"GET /?hold={seconds} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def test_draining_lets_a_long_request_end(box: Sandbox) -> None:
    """A request of 0.8 s that began before EnterStandby is answered, a longer one cut; new ones go elsewhere."""
    scaling = client(box, "autoscaling")
    instance = members(box, "web-blue")[0]
    answers: list[int] = []
    too_long = hold(box, instance, 30)
    holders = [threading.Thread(target=lambda: answers.append(get(f"{box.url}/?hold=0.8")[0])) for _ in range(6)]
    for holder in holders:
        holder.start()
    time.sleep(0.2)
    scaling.update_auto_scaling_group(AutoScalingGroupName="web-blue", MinSize=0)
    scaling.enter_standby(AutoScalingGroupName="web-blue", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True)
    time.sleep(0.1)
    others = {get(box.url)[1]["x-instance"] for _ in range(6)}
    for holder in holders:
        holder.join()
    until(lambda: instance in members(box, "web-blue", "Standby"))
    with too_long, pytest.raises(ConnectionResetError):
        too_long.recv(100)
    scaling.exit_standby(AutoScalingGroupName="web-blue", InstanceIds=[instance])
    until(lambda: health(box).get(instance) == "healthy")
    scaling.update_auto_scaling_group(AutoScalingGroupName="web-blue", MinSize=2)
    expected = ([200] * 6, False)
    assert expected == (answers, instance in others)


def test_terminating_resets_what_is_open(box: Sandbox) -> None:
    """TerminateInstances kills at once: a request under way on the instance sees a reset."""
    try:
        grow(box, "web-green", "v2")
        instance = until(lambda: [name for name in members(box, "web-green") if health(box).get(name) == "healthy"])[0]
        with hold(box, instance, 5) as open_socket:
            time.sleep(0.2)
            client(box, "ec2").terminate_instances(InstanceIds=[instance])
            with pytest.raises(ConnectionResetError):
                _ = open_socket.recv(100) or _reset()
    finally:
        empty(box, "web-green")


def _reset() -> bytes:
    """A killed process's kernel may close before it resets: both are a cut request."""
    raise ConnectionResetError


def test_a_classic_balancer_takes_its_time() -> None:
    """Behind a classic balancer the threshold counts, and a draining instance still reads InService."""
    with Sandbox(balancer="classic", instances=2, boot=0.8, interval=0.3, threshold=3, drain=1.0) as box:
        name, scaling, balancing = box.balancers()[0], client(box, "autoscaling"), client(box, "elb")

        def rows() -> dict[str, tuple[str, str]]:
            states = balancing.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
            return {row["InstanceId"]: (row["State"], row["Description"]) for row in states}

        grow(box, "web-green", "v2")
        instance = until(lambda: members(box, "web-green"))[0]
        until(lambda: box.body.passes(name, instance))
        passed = time.monotonic()
        until(lambda: rows()[instance][0] == "InService")
        assert time.monotonic() - passed >= 2 * 0.3 - 0.1
        scaling.update_auto_scaling_group(AutoScalingGroupName="web-green", MinSize=0, MaxSize=0)
        until(lambda: rows()[instance][1] == "Instance deregistration currently in progress.")
        expected = "InService"
        assert expected == rows()[instance][0]

"""What everybody tries first loses requests under this load, what we do loses none; or the load would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.naive.trial import BLUE, GREEN, Fleet, bluegreen, under_load

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]


def terminate_first(fleet: Fleet) -> None:
    """End the old instances, then launch the new ones."""
    fleet.let_go()
    fleet.client("ec2").terminate_instances(InstanceIds=fleet.members(BLUE))
    fleet.launch()
    fleet.await_healthy()


def park_before_healthy(fleet: Fleet) -> None:
    """Move the old instances to Standby as soon as the new ones are in service, healthy or not."""
    fleet.launch()
    fleet.until(lambda: len(fleet.members(GREEN)) == fleet.box.instances)
    fleet.let_go()
    leaving = {"AutoScalingGroupName": BLUE, "InstanceIds": fleet.members(BLUE)}
    fleet.scaling.enter_standby(**leaving, ShouldDecrementDesiredCapacity=True)
    fleet.await_healthy()


def deregister_and_terminate(fleet: Fleet) -> None:
    """Wait for the new ones, but not for the requests that the old ones still answer."""
    fleet.launch()
    fleet.await_healthy()
    fleet.let_go()
    old = fleet.members(BLUE)
    targets = [{"Id": instance} for instance in old]
    fleet.client("elbv2").deregister_targets(TargetGroupArn=fleet.box.balancers()[0], Targets=targets)
    fleet.client("ec2").terminate_instances(InstanceIds=old)


def detach_and_terminate(fleet: Fleet) -> None:
    """Take the old ones out of their group, and end them while they still drain."""
    fleet.launch()
    fleet.await_healthy()
    fleet.let_go()
    old = fleet.members(BLUE)
    fleet.scaling.detach_instances(AutoScalingGroupName=BLUE, InstanceIds=old, ShouldDecrementDesiredCapacity=True)
    fleet.client("ec2").terminate_instances(InstanceIds=old)


@pytest.mark.parametrize(
    "replace", [terminate_first, park_before_healthy, deregister_and_terminate, detach_and_terminate]
)
def test_a_naive_order_loses_requests(replace: Callable[[Fleet], None]) -> None:
    """Each of these replaces v1 by v2, and pays for it with requests."""
    count = under_load(replace)
    expected = {"v1", "v2"}
    assert expected == set(count.versions)
    assert count.failed > 0


def test_ours_loses_none(tmp_path: Path) -> None:
    """The same load through a deployment and its rollback: both versions answered, and everything was answered."""

    def deploy_and_roll_back(fleet: Fleet) -> None:
        bluegreen(fleet, tmp_path, "deploy", "web", "v2", "--bake", "500ms", "--progress-deadline", "30s")
        bluegreen(fleet, tmp_path, "rollback", "web")

    count = under_load(deploy_and_roll_back)
    expected = (count.sent, {}, {"v1", "v2"})
    assert expected == (count.ok, dict(count.reasons), set(count.versions))

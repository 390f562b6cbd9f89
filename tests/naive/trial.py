"""The same fleet and the same load for everybody who wants to replace v1 by v2."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from attrs import define
from botocore.config import Config

from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.processes import python_path, stranger_free
from bluegreen.sandbox.traffic import Count

BLUE, GREEN = "web-blue", "web-green"
CALM = 1.5
"""Seconds of load before anything is done, longer than the longest request."""


@define
class Fleet:
    """Two groups behind one target group, as any boto3 script sees them."""

    box: Sandbox

    def client(self, service: str) -> Any:
        """Return a boto3 client that retries nothing."""
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        place = {"endpoint_url": self.box.endpoint, "region_name": self.box.region}
        return boto3.client(service, config=config, **place, **keys)

    @property
    def scaling(self) -> Any:
        """Return the client of Auto Scaling."""
        return self.client("autoscaling")

    def members(self, name: str, state: str = "InService") -> list[str]:
        """Return the group's instances in one lifecycle state."""
        group = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
        return [row["InstanceId"] for row in group["Instances"] if row["LifecycleState"] == state]

    def healthy(self, name: str) -> list[str]:
        """Return those that the target group sends requests to."""
        rows = self.client("elbv2").describe_target_health(TargetGroupArn=self.box.balancers()[0])
        states = {row["Target"]["Id"]: row["TargetHealth"]["State"] for row in rows["TargetHealthDescriptions"]}
        return [instance for instance in self.members(name) if states.get(instance) == "healthy"]

    def launch(self, image: str = "v2") -> None:
        """Give green the image and as many instances as blue has at first."""
        tag = {"ResourceId": GREEN, "ResourceType": "auto-scaling-group", "Key": "image", "Value": image}
        self.scaling.create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": False}])
        size = self.box.instances
        self.scaling.update_auto_scaling_group(AutoScalingGroupName=GREEN, MinSize=size, MaxSize=2 * size)

    def await_healthy(self, name: str = GREEN) -> None:
        """Wait until as many are healthy as blue had at first."""
        self.until(lambda: len(self.healthy(name)) == self.box.instances)

    def let_go(self) -> None:
        """Let blue shrink to nothing without launching anything in place of what leaves."""
        processes = ["Launch", "ReplaceUnhealthy", "AZRebalance"]
        self.scaling.suspend_processes(AutoScalingGroupName=BLUE, ScalingProcesses=processes)
        self.scaling.update_auto_scaling_group(AutoScalingGroupName=BLUE, MinSize=0)

    def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Look again and again until ``holds``; fail after ``seconds``."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it did not come true in time"
            time.sleep(0.05)


def under_load(replace: Callable[[Fleet], None]) -> Count:
    """Let ``replace`` do its work in a fresh sandbox under load, and return what became of the requests.

    Instances boot longer than their group takes to call them InService, as they do everywhere.
    """
    with Sandbox(instances=2, boot=2.0, drain=2.0, interval=0.2) as box:
        load = box.load(rate=150, long=0.2)
        time.sleep(CALM)
        replace(Fleet(box))
        time.sleep(CALM)
        return load.stop()


def bluegreen(fleet: Fleet, folder: Path, *argv: str, status: int = 0) -> None:
    """Run the command line in ``folder``, with the configuration that the sandbox writes there; it must end so."""
    fleet.box.write_configuration(folder)
    environment = {**stranger_free(os.environ), **fleet.box.environment(), **python_path()}
    command = [sys.executable, "-P", "-m", "bluegreen", *argv]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stderr

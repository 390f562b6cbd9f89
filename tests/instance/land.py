"""Where an instance lives: the sandbox's metadata service and its API over HTTP, before a simulator in memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from bluegreen.clock import VirtualClock
from bluegreen.sandbox.api import Api
from bluegreen.sandbox.http import Handler, Request, Response
from bluegreen.sandbox.loop import LoopThread
from bluegreen.sandbox.metadata import MetadataService, facts
from bluegreen.simulator import Simulator, pair

BLUE = "web-blue"
REGION = "ap-northeast-2"


@define
class Land:
    """One instance of web-blue; ``asked`` are the calls that reached Auto Scaling."""

    sim: Simulator
    instance: str
    told: dict[str, str]
    metadata: str = ""
    api: str = ""
    asked: list[str] = field(factory=list)
    signed: list[Request] = field(factory=list)

    def tag(self, value: str, key: str = "image") -> None:
        """Write a tag of the group."""
        tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Key": key, "PropagateAtLaunch": False}
        self.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**tag, "Value": value}]})

    def answer(self, service: str, operation: str, parameters: dict[str, Any]) -> Any:
        """Answer the API."""
        self.asked.append(f"{service}:{operation}")
        return self.sim.call(service, operation, parameters)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a process on the instance: nothing of the user's AWS settings or proxies."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": "/nonexistent",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.metadata,
            "AWS_ENDPOINT_URL": self.api,
            **more,
        }

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run ``bluegreen image`` on the instance, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "bluegreen", "image", *words],
            env=self.environment(**more),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def a_land(tags: dict[str, str] | None = None) -> Land:
    """Return a land whose servers do not run; ``tags`` are the instance's own, told by its metadata service."""
    sim = pair(VirtualClock(), instances=1)
    (instance,) = sim.states(BLUE)
    return Land(sim, instance, facts(instance, REGION, "127.0.0.1", tags))


@contextmanager
def serving(land: Land) -> Iterator[Land]:
    """Serve the land's metadata and API on loopback."""
    loop = LoopThread()
    loop.start()
    try:
        api = Api(land.answer, {})
        land.metadata = serve(loop, MetadataService(land.told))
        land.api = serve(loop, lambda request: land.signed.append(request) or api(request))
        yield land
    finally:
        loop.stop()


def serve(loop: LoopThread, handler: Handler) -> str:
    """Serve ``handler`` on a port of its own and return its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    loop.serve(listening, handler).result(10)
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def answering(status: int) -> Handler:
    """Return a service that answers everything with ``status``."""
    return lambda _: Response(status)

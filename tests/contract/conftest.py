"""The simulator behind the adapter: in memory, and over HTTP through moto's codec."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import define, field

from bluegreen.aws.inprocess import answer
from bluegreen.aws.settings import config
from bluegreen.clock import VirtualClock
from bluegreen.simulator.build import pair, run_for
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.aws.adapter import Aws

REGION = "us-east-1"


@define
class Ways:
    """Clients, made once, that reach whichever simulator is plugged in; ``endpoint`` is empty in memory."""

    endpoint: str = ""
    sim: Simulator | None = None
    made: dict[str, Any] = field(factory=dict)

    def call(self, service: str, operation: str, parameters: Any) -> Any:
        assert self.sim
        return self.sim.call(service, operation, parameters)

    def client(self, service: str) -> Any:
        if service not in self.made:
            self.made[service] = self._make(service)
        return self.made[service]

    def _make(self, service: str) -> Any:
        from boto3.session import Session

        session: Any = Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
        client = session.client(service, config=config(), endpoint_url=self.endpoint or None)
        return client if self.endpoint else answer(client, self.call)


@define
class Simulated:
    """An adapter in front of a simulated pair, whose virtual time passes with :meth:`wait`."""

    sim: Simulator
    aws: Aws

    def wait(self, seconds: float) -> None:
        run_for(self.sim, seconds)


@pytest.fixture(scope="session")
def memory() -> Ways:
    return Ways()


@pytest.fixture(scope="session")
def http() -> Iterator[Ways]:
    pytest.importorskip("moto")
    from bluegreen.sandbox.api import Api
    from bluegreen.sandbox.loop import LoopThread

    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    ways = Ways(f"http://127.0.0.1:{listening.getsockname()[1]}")
    loop.start()
    loop.serve(listening, Api(ways.call, {}))
    yield ways
    loop.stop()


@pytest.fixture(params=["memory", "http"])
def simulated(request: pytest.FixtureRequest) -> Callable[..., Simulated]:
    ways: Ways = request.getfixturevalue(request.param)

    def build(**options: Any) -> Simulated:
        clock = VirtualClock()
        ways.sim = pair(clock, **options)
        return Simulated(ways.sim, Aws(ways, clock, parallel=1))

    return build

"""One instance: a process that boots, finds its image version as a real instance would, and then serves.

It runs the product's own ``bluegreen image`` against the metadata service on its own address, waits until its
boot time has passed, and listens. Whom it answers, and whether it dies, depends on the version's name: see
``versions``.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import sys
import time
import traceback
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import define, field, frozen

from bluegreen.sandbox.die_with_parent import die_with_parent
from bluegreen.sandbox.headers import BALANCER
from bluegreen.sandbox.http import Connection, Request, Response
from bluegreen.sandbox.versions import answers, crashes, hangs, listens

LONGEST_HOLD = 60.0
LOADED = ("bluegreen.cli.image", "bluegreen.instance.finding", "botocore.session")
"""Modules of ``bluegreen image`` that load slowly: whoever forks instances loads them once."""


@frozen
class Machine:
    """What an instance is told at launch: ``started`` is monotonic, ``boot`` is in seconds.

    A version that crashes dies ``crash`` seconds after its first passed check.
    """

    instance_id: str
    address: str
    port: int
    boot: float
    crash: float
    started: float
    environment: Mapping[str, str]

    def run(self) -> None:
        """Live the instance's life; returns never, or when it crashes."""
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        version = self.find_version()
        time.sleep(max(0.0, self.started + self.boot - time.monotonic()))
        if not version:
            signal.pause()
        asyncio.run(self.serve(version))

    def find_version(self) -> str:
        """Run ``bluegreen image`` and return what it printed; "" when it failed (its words are in the log)."""
        reads, writes = os.pipe()
        if (child := os.fork()) == 0:
            os.dup2(writes, sys.stdout.fileno())
            _run(["bluegreen", "image"], self.environment)
        os.close(writes)
        with os.fdopen(reads) as printed:
            version = printed.read().strip()
        return "" if os.waitpid(child, 0)[1] else version

    async def serve(self, version: str) -> None:
        """Listen and answer until the process is killed, or dies by itself as the version's name says."""
        loop = asyncio.get_running_loop()
        connections: set[Connection] = set()
        site = Site(self.instance_id, version, self._die_later if crashes(version) else lambda: None)
        loop.add_signal_handler(signal.SIGUSR1, cut, connections)
        port = self.port if listens(version) else self.port + 1
        await loop.create_server(lambda: Connection(site, connections), self.address, port)
        await asyncio.Event().wait()

    def _die_later(self) -> None:
        asyncio.get_running_loop().call_later(self.crash, os._exit, 1)


@define
class Site:
    """What an instance answers: ``/`` its version and id, ``/health`` whether it is well.

    ``passed`` is called when it has passed its first check.
    """

    instance_id: str
    version: str
    passed: Callable[[], object] = lambda: None
    _passed_at: float | None = field(default=None, init=False)
    _headers: dict[str, str] = field(init=False)

    @_headers.default
    def _named(self) -> dict[str, str]:
        return {"Content-Type": "text/plain", "X-Image": self.version, "X-Instance": self.instance_id}

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Answer one request; ``?hold=SECONDS`` makes it last that long."""
        balancer = int(request.headers.get(BALANCER, 0))
        if not answers(self.version, balancer, self._since()):
            return Response(503, f"{self.version} does not answer balancer {balancer}\n".encode(), self._headers)
        if hangs(self.version):
            return _after(LONGEST_HOLD, Response(200, b"", self._headers))
        if request.path == "/health":
            self._pass()
            return Response(200, b"", self._headers)
        answer = Response(200, f"{self.version} {self.instance_id}\n".encode(), self._headers)
        seconds = _hold(request.query)
        return _after(seconds, answer) if seconds else answer

    def _since(self) -> float:
        return 0.0 if self._passed_at is None else time.monotonic() - self._passed_at

    def _pass(self) -> None:
        if self._passed_at is None:
            self._passed_at = time.monotonic()
            self.passed()


def _run(argv: list[str], environment: Mapping[str, str]) -> None:
    """Be a process that runs a module as ``python -m`` does, with what is loaded already; never return."""
    status: object = 1
    try:
        die_with_parent()
        os.environ.update(environment)
        sys.argv = argv
        runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as left:
        status = left.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(int(bool(status)))


def _hold(query: str) -> float:
    try:
        return min(max(float(dict(urllib.parse.parse_qsl(query)).get("hold", 0)), 0.0), LONGEST_HOLD)
    except ValueError:
        return 0.0


async def _after(seconds: float, answer: Response) -> Response:
    await asyncio.sleep(seconds)
    return answer


def cut(connections: set[Connection]) -> None:
    """Reset the connections on which a request is still under way: the balancer has given the instance up."""
    busy = [connection for connection in connections if connection.busy]
    sys.stderr.write(f"cut {len(busy)} requests that were still under way\n")
    for connection in busy:
        connection.reset()


def boot(specification: dict[str, Any]) -> None:
    """Run the machine that ``specification`` describes."""
    Machine(**specification).run()

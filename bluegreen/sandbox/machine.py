"""One instance: a process that boots, finds its image version as a real instance would, and then serves.

It runs the product's own ``bluegreen image`` against the metadata service on its own address, waits until its
boot time has passed, and listens. What it serves depends on the version's name: ``bad-…`` is never healthy,
``crash-…`` dies soon after it began to serve.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Awaitable, Mapping
from typing import Any

from attrs import field, frozen

from bluegreen.sandbox.fate import die_with_parent
from bluegreen.sandbox.http import Connection, Request, Response

CRASH_AFTER = 3.0
LONGEST_HOLD = 60.0


@frozen
class Machine:
    """What an instance is told at launch: ``started`` is monotonic, ``boot`` is in seconds."""

    instance_id: str
    address: str
    port: int
    boot: float
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
        lookup = subprocess.run(
            [sys.executable, "-P", "-m", "bluegreen", "image"],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,
            check=False,
        )
        return lookup.stdout.decode().strip() if lookup.returncode == 0 else ""

    async def serve(self, version: str) -> None:
        """Listen and answer until the process is killed, or the version's name says that it crashes."""
        loop = asyncio.get_running_loop()
        connections: set[Connection] = set()
        site = Site(self.instance_id, version)
        loop.add_signal_handler(signal.SIGUSR1, cut, connections)
        await loop.create_server(lambda: Connection(site, connections), self.address, self.port)
        if version.startswith("crash-"):
            loop.call_later(CRASH_AFTER, os._exit, 1)
        await asyncio.Event().wait()


@frozen
class Site:
    """What an instance answers: ``/`` its version and id, ``/health`` whether it is well."""

    instance_id: str
    version: str
    _headers: dict[str, str] = field(init=False)

    @_headers.default
    def _named(self) -> dict[str, str]:
        return {"Content-Type": "text/plain", "X-Image": self.version, "X-Instance": self.instance_id}

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Answer one request; ``?hold=SECONDS`` makes it last that long."""
        if request.path == "/health":
            return Response(503 if self.version.startswith("bad-") else 200, b"", self._headers)
        answer = Response(200, f"{self.version} {self.instance_id}\n".encode(), self._headers)
        seconds = _hold(request.query)
        return _after(seconds, answer) if seconds else answer


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

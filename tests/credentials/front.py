"""The sandbox's API over a simulated pair whose time stands still, which remembers whose keys signed what."""

from __future__ import annotations

import re
import socket
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from bluegreen.clock import VirtualClock
from bluegreen.sandbox import moto_backend
from bluegreen.sandbox.api import Api
from bluegreen.sandbox.http import Request, Response
from bluegreen.sandbox.loop import LoopThread
from bluegreen.simulator.build import pair

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")


@define
class Front:
    """Where it answers, and the (access key id, service) of each request so far."""

    endpoint: str
    api: Api
    signed: list[tuple[str, str]] = field(factory=list)

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        found = CREDENTIAL.search(request.headers.get("authorization", ""))
        self.signed.append((found[1], found[2]) if found else ("", ""))
        return self.api(request)

    def signers(self) -> list[tuple[str, str]]:
        """Return who signed for which service, each once, in order; and forget them."""
        found, self.signed[:] = list(dict.fromkeys(self.signed)), []
        return found


@contextmanager
def fronting() -> Iterator[Front]:
    """Serve it on a port of its own."""
    simulator = pair(VirtualClock())
    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    others: Any = {"s3": moto_backend.answer, "sts": moto_backend.answer}
    front = Front(f"http://127.0.0.1:{listening.getsockname()[1]}", Api(simulator.call, others))
    loop.start()
    loop.serve(listening, front)
    yield front
    loop.stop()

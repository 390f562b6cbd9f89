"""Loopback addresses for instances: ``127.0.x.y``, each used once, those that somebody else uses left out."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator

from bluegreen.errors import Unreachable

METADATA_PORT = 1338
_PORTS = range(8080, 8180)


def free(address: str, port: int) -> bool:
    """Say whether nobody listens on ``address`` and ``port``."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def choose_port() -> int:
    """Return the port that all instances of a sandbox serve on: 8080 if it is free."""
    for port in _PORTS:
        if free("127.0.0.2", port):
            return port
    raise Unreachable("no port between 8080 and 8179 is free on loopback")


def walk(port: int, start: int | None = None) -> Iterator[str]:
    """Return addresses on which both the service's and the metadata service's port are free, without end."""
    block = random.randrange(1, 255) if start is None else start
    while True:
        for last in range(1, 255):
            address = f"127.0.{block}.{last}"
            if free(address, port) and free(address, METADATA_PORT):
                yield address
        block = block % 254 + 1

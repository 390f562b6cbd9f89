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
    taken = f"no port between {_PORTS[0]} and {_PORTS[-1]} is free on loopback"
    raise Unreachable(taken, "see who listens there, as with `ss -ltn`")


def walk(port: int, start: int | None = None) -> Iterator[str]:
    """Return all addresses on which both the service's and the metadata service's port are free, each once."""
    first = random.randrange(254) if start is None else start
    for number in range(254 * 254):
        block, last = divmod(number, 254)
        address = f"127.0.{(first + block) % 254 + 1}.{last + 1}"
        if free(address, port) and free(address, METADATA_PORT):
            yield address

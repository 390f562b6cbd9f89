"""What a balancer's check meets on an instance that fails it: Envoy tells that it failed, and not how."""

from __future__ import annotations

import asyncio
import contextlib

from bluegreen.sandbox.headers import BALANCER
from bluegreen.simulator.core.body import NOBODY, TOO_LATE

PATIENCE = 1.0
"""Seconds for which an answer is waited for, as Envoy's checks do at least."""


async def met(address: str, port: int, balancer: int) -> str:
    """Ask as the check of a balancer, by its number, does; return the HTTP status, ``TOO_LATE`` or ``NOBODY``."""
    try:
        return await asyncio.wait_for(_status(address, port, balancer), PATIENCE)
    except TimeoutError:
        return TOO_LATE
    except (OSError, ValueError):
        return NOBODY


async def _status(address: str, port: int, balancer: int) -> str:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        asked = f"GET /health HTTP/1.1\r\nHost: {address}\r\n{BALANCER}: {balancer}\r\nConnection: close\r\n\r\n"
        writer.write(asked.encode())
        line = await reader.readline()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    words = line.decode("ascii", "replace").split()
    if len(words) < 2 or not words[1].isdigit():
        raise ValueError(f"no HTTP status: {line[:60]!r}")
    return words[1]

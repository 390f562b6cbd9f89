"""The simulator with a body: an AWS to try everything on, on this machine's loopback addresses only.

``Sandbox`` serves AWS's own API over HTTP, runs every instance as a process of its own, puts a real Envoy in
front of them, and sends load through it. It is never AWS, and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bluegreen.sandbox.box import Sandbox as Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    if name == "Sandbox":
        from bluegreen.sandbox.box import Sandbox

        return Sandbox
    raise AttributeError(name)

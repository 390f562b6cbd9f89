"""What gives the model's instances and balancers a body.

The model decides *that* something happens (an instance launches, a target drains); a body decides *how it
looks from outside* (a process on a loopback address behind Envoy, or a few numbers under a virtual clock).
``simulator/virtual.py`` is the body in memory; ``sandbox/`` has the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Body(Protocol):
    """The outside of instances and balancers; called under the simulator's lock, so every call returns quickly.

    ``balancer`` is the classic balancer's name or the target group's ARN. All calls are idempotent; unknown ids
    are ignored.
    """

    def launch(self, instance_id: str, group: str, address: str) -> None:
        """Begin to boot an instance of ``group``; it finds its own image version and listens when it has booted."""

    def terminate(self, instance_id: str) -> None:
        """Kill the instance at once; open sockets are reset."""

    def register(self, balancer: str, instance_id: str) -> None:
        """Let ``balancer`` check the instance, and send it requests once it is healthy."""

    def drain(self, balancer: str, instance_id: str) -> None:
        """Send it no new requests; those under way go on."""

    def deregister(self, balancer: str, instance_id: str) -> None:
        """Forget the instance; what is still under way is cut."""

    def health(self, balancer: str) -> Mapping[str, bool | None]:
        """Return what the balancer's own checks say of each registered instance; ``None``: not decided yet."""

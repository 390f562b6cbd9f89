"""What gives the model's instances and balancers a body.

The model decides *that* something happens (an instance launches, a target drains); a body decides *how it
looks from outside* (a process on a loopback address behind Envoy, or a few numbers under a virtual clock).
``simulator/virtual.py`` is the body in memory; ``sandbox/`` has the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

NOBODY, TOO_LATE = "", "timeout"
"""What a check meets where nobody listens, or where the answer does not come in time; else it is an HTTP status."""


@frozen
class HealthCheck:
    """How a balancer checks: every ``interval`` seconds, and how many agreeing checks turn the verdict.

    ``fresh`` is how many passed checks make a newly registered target healthy: one behind an Application Load
    Balancer ("after your target is registered, it must pass one health check", ELB user guide), the healthy
    threshold elsewhere.
    """

    interval: float = 30.0
    healthy: int = 5
    unhealthy: int = 2
    fresh: int = 1


class Body(Protocol):
    """The outside of instances and balancers; called under the simulator's lock, so every call returns quickly.

    ``balancer`` is the classic balancer's name or the target group's ARN. All calls are idempotent; unknown ids
    are ignored.
    """

    def launch(self, instance_id: str, group: str, address: str) -> None:
        """Begin to boot an instance of ``group``; it finds its own image version and listens when it has booted."""

    def terminate(self, instance_id: str) -> None:
        """Kill the instance at once; open sockets are reset."""

    def configure(self, balancer: str, check: HealthCheck) -> None:
        """Let ``balancer`` exist, and check in this way from now on."""

    def forget(self, balancer: str) -> None:
        """Let ``balancer`` be gone."""

    def register(self, balancer: str, instance_id: str, port: int = 0) -> None:
        """Let ``balancer`` check the instance on a port, and send it requests once it is healthy there.

        One that is draining comes back. A body whose instances listen on one port only may ignore ``port``.
        """

    def drain(self, balancer: str, instance_id: str) -> None:
        """Send it no new requests; those under way go on."""

    def deregister(self, balancer: str, instance_id: str) -> None:
        """Forget the instance, on all ports; what is still under way is cut."""

    def live(self) -> None:
        """Let everything happen that is due by now, whether a balancer looks or not."""

    def health(self, balancer: str, port: int = 0) -> Mapping[str, bool | None]:
        """Return what the balancer's own checks on a port say of each instance; ``None``: not decided yet."""

    def met(self, balancer: str, instance_id: str, port: int = 0) -> str:
        """Return what a check of ``balancer`` that fails meets: an HTTP status, ``TOO_LATE`` or ``NOBODY``."""

    def next_change(self) -> float:
        """Return the next moment (POSIX seconds) at which ``health`` may answer otherwise.

        A body that cannot know (real processes) answers 0.0: look at every call.
        """

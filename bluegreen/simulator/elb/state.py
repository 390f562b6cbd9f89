"""What Elastic Load Balancing knows, of both its services: balancers, target groups, listeners, and whom it cut off."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from ..core.body import HealthCheck
from ..core.options import option
from ..core.state import part

FAIL_OPEN = option("fail_open", True)
"""Whether a target group of which no target is healthy sends requests to all of them."""


@define
class Target:
    """An instance registered with a balancer on a port; ``verdict`` is what the balancer's checks say.

    One that is ``outside``, in a zone that is not enabled for the balancer, has none, and gets no requests.
    """

    id: str
    port: int
    since: float
    serial: int
    verdict: bool | None = None
    drains_until: float | None = None
    outside: bool = False

    @property
    def draining(self) -> bool:
        """Whether the target is being deregistered."""
        return self.drains_until is not None

    @property
    def healthy(self) -> bool:
        """Whether the target is sent new requests."""
        return self.verdict is True and self.drains_until is None


@define
class Balancer:
    """A classic load balancer (``key`` is its name) or a target group (``key`` is its ARN)."""

    key: str
    name: str
    kind: str
    drain: float
    check: HealthCheck
    port: int
    created: float
    settings: dict[str, Any] = Factory(dict)
    attributes: dict[str, Any] = Factory(dict)
    targets: dict[tuple[str, int], Target] = Factory(dict)
    ports: list[int] = Factory(lambda self: [self.port], takes_self=True)

    @property
    def healthy(self) -> list[Target]:
        """The rows that are sent new requests."""
        return [one for one in self.targets.values() if one.verdict is True and one.drains_until is None]

    def of(self, instance: str) -> list[Target]:
        """The rows of one instance, a row for each port."""
        found = (self.targets.get((instance, port)) for port in self.ports)
        return [target for target in found if target is not None]


@define
class Harm:
    """An entry of the honesty ledger: an instance was ended although it still served, or was not drained."""

    time: float
    instance: str
    by: str
    balancer: str
    draining: bool


@define
class Balancers:
    """The part of Elastic Load Balancing; ``attributes`` and ``tags`` are by name or ARN.

    ``harm`` is the honesty ledger, ``sicknesses`` what a test let die for one balancer alone.
    """

    balancers: dict[str, Balancer] = Factory(dict)
    attributes: dict[str, dict[str, str]] = Factory(dict)
    tags: dict[str, dict[str, str]] = Factory(dict)
    load_balancers: dict[str, dict[str, Any]] = Factory(dict)
    listeners: dict[str, dict[str, Any]] = Factory(dict)
    harm: list[Harm] = Factory(list)
    sicknesses: list[tuple[float, str, str]] = Factory(list)


ELB = part("elb", Balancers)

"""What EC2 knows: instances, who manages them, and launch templates. Times are POSIX seconds."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from ..core.options import option
from ..core.state import part

PENDING_SECONDS = option("pending", 1.0)
"""Seconds from a launch until a group goes on with its instance; it runs after half of them."""
SHUT_DOWN = option("shut_down", 1.0)
INSTANCE_MEMORY = option("instance_memory", 3600.0)
"""Seconds for which EC2 still shows a terminated instance."""


@define
class Machine:
    """An EC2 instance, in a group or not."""

    id: str
    zone: str
    address: str
    launched: float
    state: str = "pending"
    tags: dict[str, str] = Factory(dict)
    protected: bool = False
    impaired: bool = False
    image_id: str = "ami-00000000000000001"
    type: str = "t3.micro"
    subnet: str = ""
    ended: float | None = None
    reason: str = ""
    changed: float = 0.0

    @property
    def running(self) -> bool:
        """Whether the machine runs, or is about to."""
        return self.state in ("pending", "running")


@define
class Machines:
    """EC2's part: ``owners`` says of an instance which group manages it, ``deaths`` when one was killed by a test."""

    machines: dict[str, Machine] = Factory(dict)
    owners: dict[str, str] = Factory(dict)
    subnets: dict[str, str] = Factory(dict)
    launch_templates: dict[str, dict[str, Any]] = Factory(dict)
    template_versions: dict[str, dict[int, dict[str, Any]]] = Factory(dict)
    deaths: list[tuple[float, str]] = Factory(list)


EC2 = part("ec2", Machines)

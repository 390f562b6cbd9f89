"""Who is sent requests: what a balancer's users see, whatever its health calls answer.

Sources: ELB user guides ("Health checks for your target groups": a target group with only unhealthy targets routes to
all of them; network: the same), Classic Load Balancer user guide ("Configure health checks": to healthy ones only).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.world import World
from .routes import used_by
from .state import FAIL_OPEN, Balancer, Target


def listens(world: World, balancer: Balancer) -> bool:
    """Whether requests can come to a balancer: it has a listener, or one sends to the target group."""
    if balancer.kind == "classic":
        return bool(balancer.settings.get("Listeners"))
    return bool(used_by(world, balancer.key))


def receiving(world: World, balancer: Balancer) -> list[Target]:
    """Return the targets that new requests go to: the healthy ones, or all where a target group fails open."""
    healthy = balancer.healthy
    if healthy or balancer.kind == "classic" or not world.options[FAIL_OPEN]:
        return healthy
    return [target for target in balancer.targets.values() if not target.draining and not target.outside]


def instances(targets: Iterable[Target]) -> list[str]:
    """Return the instances behind targets, each once."""
    return list(dict.fromkeys([target.id for target in targets]))

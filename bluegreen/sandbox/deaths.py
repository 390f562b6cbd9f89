"""Instances that died by themselves, and which failed requests no balancer could have spared: a judge, pure.

A request fails through a death if Envoy chose an instance for it whose process had ended by itself, at a moment at
which that balancer's checks had not found out yet. Whatever else fails is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

STALE = 0.1
"""Seconds by which what is known of Envoy and of processes may be late, or early."""
NEVER = float("inf")


@frozen
class Death:
    """An instance whose process ended by itself, at ``at``; ``target`` is its ``address:port``.

    ``known`` has for each balancer when its checks found out; one that is not there has not, or had let it go before.
    Times are POSIX seconds.
    """

    instance: str
    target: str
    at: float
    known: Mapping[str, float] = field(factory=dict)


def unforeseen(target: str, sent: float, failed: float, balancer: str, deaths: Iterable[Death]) -> bool:
    """Say whether a request that failed was with an instance that had died, as its balancer could not know.

    ``sent`` and ``failed`` are POSIX seconds.
    """
    return any(
        death.target == target
        and failed >= death.at - STALE
        and sent <= death.known.get(balancer, NEVER) + STALE
        and death.known.get(balancer, NEVER) >= death.at - STALE
        for death in deaths
    )

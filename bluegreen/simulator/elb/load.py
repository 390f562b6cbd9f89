"""The load on balancers, what it makes of their instances, and the metrics that balancers report of it.

Source: Elastic Load Balancing user guides ("CloudWatch metrics": requests per target are one figure for a whole target
group; nothing is reported while no requests flow).
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, frozen

from ..cloudwatch.figures import FIGURES, LENGTH
from ..cloudwatch.metrics import metric
from ..cloudwatch.minutes import MINUTE_OVER, measure_while
from ..core.state import beside
from ..core.world import World
from .state import ELB, Balancer

Rate = Callable[[float], float]

REQUESTS, PER_TARGET = "RequestCount", "RequestCountPerTarget"
metric("AWS/ApplicationELB", PER_TARGET, "TargetGroup", others={"LoadBalancer"})
metric("AWS/ApplicationELB", REQUESTS, "TargetGroup", others={"LoadBalancer"})
metric("AWS/ELB", REQUESTS, "LoadBalancerName")


@frozen
class Load:
    """What arrives at one balancer: ``rate(now)`` requests per second at a POSIX time.

    An instance that is sent ``capacity`` requests per second has its processor at 100 percent. The model asks for
    the rate in the middle of each minute; a function of measured traffic serves as well as one of the time.
    """

    rate: Rate
    capacity: float = 100.0


@define
class Loads:
    """The loads by balancer, and how ``busy`` (percent) they kept each instance in the last minute."""

    loads: dict[str, Load] = Factory(dict)
    busy: dict[str, float] = Factory(dict)


LOADS = beside("loads", Loads)


def put_load(world: World, balancer: str, load: Load | None) -> None:
    """Let a load arrive at a balancer from now on, or none; the first one starts CloudWatch's minutes."""
    loads = world.beside[LOADS].loads
    if load is None:
        loads.pop(balancer, None)
    else:
        loads[balancer] = load
    measure_while(world, bool(loads))


@MINUTE_OVER.reaction
def measure(world: World, minute: int) -> None:
    """Keep the figures of the minute that is over: the fleet as it is now, the load of the minute's middle."""
    kept = world.beside[LOADS]
    kept.busy = {}
    for key, load in kept.loads.items():
        if key in world[ELB].balancers:
            _measure_balancer(world, world[ELB].balancers[key], load, minute, kept.busy)


def _measure_balancer(world: World, balancer: Balancer, load: Load, minute: int, busy: dict[str, float]) -> None:
    """Keep what a balancer counts, and add to how ``busy`` (percent) its healthy instances are."""
    length = world.options[LENGTH]
    rate = load.rate(world.time - length / 2)
    healthy = sharing(balancer)
    if rate <= 0 or not healthy:
        return
    figures, subject = world.beside[FIGURES], subject_of(balancer)
    figures.keep((REQUESTS, subject), minute, rate * length)
    figures.keep((PER_TARGET, subject), minute, rate * length / len(healthy))
    for instance in healthy:
        busy[instance] = busy.get(instance, 0.0) + rate / len(healthy) / load.capacity * 100


def sharing(balancer: Balancer) -> set[str]:
    """Return the instances that share a balancer's load, whichever group they are in."""
    return {target.id for target in balancer.healthy}


def subject_of(balancer: Balancer) -> str:
    """Return how dimensions name a balancer: the end of a target group's ARN, a classic balancer's name."""
    return balancer.key.rpartition(":")[2]


def constant(rate: float | Rate) -> Rate:
    """Return a number as a rate that never changes; a rate as it is."""
    return rate if callable(rate) else lambda _: rate

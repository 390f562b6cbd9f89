"""Registering with balancers, draining, and what their checks say: the same for classic and for target groups.

Sources: ELB user guides ("Register targets", "Deregistration delay", "Connection draining").
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.signals import Signal, signal
from ..core.world import CHECKS, World
from ..ec2.machines import MACHINE_ENDING, MACHINE_TERMINATED
from .routes import ROUTES_CHANGED, outside
from .state import ELB, Balancer, Harm, Target

DRAINED: Signal[[World, str]] = signal("drained")
"""A balancer does not drain an instance any more."""
REGISTERED_AGAIN: Signal[[World, str, str, float]] = signal("registered again")
"""An instance that was draining is registered with a balancer (its key) again; until when it would have drained."""
VERDICT: Signal[[World, str, str]] = signal("verdict")
"""What a balancer's checks (its key) say of an instance is another."""


def register(world: World, balancer: Balancer, instance: str, port: int | None = None) -> None:
    """Let the balancer check the instance; one that is draining comes back, and is checked as a new one."""
    key = (instance, port or balancer.port)
    known = balancer.targets.get(key)
    if known is not None and not known.draining:
        return
    if key[1] not in balancer.ports:
        balancer.ports.append(key[1])
    target = Target(instance, key[1], world.time, world.number(), outside=outside(world, balancer, instance))
    balancer.targets[key] = target
    world.body.register(balancer.key, instance, key[1])
    if known is not None:
        REGISTERED_AGAIN.send(world, instance, balancer.key, known.drains_until or 0.0)


def deregister(world: World, balancer: Balancer, instance: str, port: int | None = None) -> None:
    """Drain the instance (one port of it, or all), then forget it."""
    rows = balancer.of(instance) if port is None else [balancer.targets[instance, port]]
    for target in rows:
        if not target.draining:
            target.drains_until = world.time + balancer.drain
            world.later(balancer.drain, forget, balancer.key, instance, target.port, target.serial)
    if rows and all(target.draining for target in balancer.of(instance)):
        world.body.drain(balancer.key, instance)


def forget(world: World, key: str, instance: str, port: int, serial: int) -> None:
    """End a drain, unless the instance was registered again in between."""
    balancer = world[ELB].balancers.get(key)
    target = balancer.targets.get((instance, port)) if balancer is not None else None
    if balancer is None or target is None or target.serial != serial:
        return
    remove(world, balancer, instance, port)
    DRAINED.send(world, instance)


def remove(world: World, balancer: Balancer, instance: str, port: int) -> None:
    """Take a row out at once."""
    balancer.targets.pop((instance, port), None)
    if not balancer.of(instance):
        world.body.deregister(balancer.key, instance)


def healthy_everywhere(balancers: Iterable[Balancer], instance: str) -> bool:
    """Whether every row of the instance is healthy in every one of ``balancers``, and there is one in each."""
    rows = [balancer.of(instance) for balancer in balancers]
    return bool(rows) and all(mine and all(target.healthy for target in mine) for mine in rows)


@CHECKS.reaction
def take_over_verdicts(world: World) -> None:
    """Copy what the body's checks say into the model, and signal what changed."""
    for balancer in list(world[ELB].balancers.values()):
        verdicts = {port: world.body.health(balancer.key, port) for port in balancer.ports}
        for target in list(balancer.targets.values()):
            verdict = None if target.outside else verdicts[target.port].get(target.id)
            if verdict is not target.verdict and not target.draining:
                target.verdict = verdict
                VERDICT.send(world, balancer.key, target.id)


@ROUTES_CHANGED.reaction
def enable_zones(world: World) -> None:
    """Let targets be in use, or no longer, by the zones that are enabled now."""
    for balancer in world[ELB].balancers.values():
        for target in balancer.targets.values():
            target.outside = outside(world, balancer, target.id)
    take_over_verdicts(world)


@MACHINE_ENDING.reaction
def write_harm(world: World, instance: str, by: str) -> None:
    """Write down what a termination cuts off: every balancer in which the instance serves or drains."""
    for balancer in world[ELB].balancers.values():
        for target in balancer.of(instance):
            if target.healthy or (target.draining and target.verdict):
                in_drain = target.draining
                world[ELB].harm.append(Harm(world.time, instance, by, balancer.name, in_drain))


@MACHINE_TERMINATED.reaction
def take_out(world: World, instance: str) -> None:
    """Take a terminated machine out of the balancers (ELB user guides).

    A classic balancer drops it at once, a target group drains it as any other target (reports).
    """
    for balancer in world[ELB].balancers.values():
        if balancer.kind != "classic":
            deregister(world, balancer, instance)
            continue
        for target in balancer.of(instance):
            remove(world, balancer, instance, target.port)
    DRAINED.send(world, instance)

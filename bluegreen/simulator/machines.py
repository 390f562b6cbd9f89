"""The life of an EC2 instance: launched, running, shutting down, stopped, terminated, forgotten.

Sources: EC2 user guide ("Instance lifecycle"): a terminated instance stays visible for about an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .balancing import deregister, remove, write_harm
from .state import Machine
from .world import World

STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def launch(world: World, group: str, zone: str, subnet: str, tags: dict[str, str]) -> Machine:
    """Start a machine for ``group``; it gets an address of its own."""
    number = len(world.state.machines) + 1 + world.state.counter
    address = f"10.0.{(number >> 8) & 255}.{number & 255}"
    machine = Machine(world.identifier("i"), zone, address, world.time, tags=tags, subnet=subnet)
    world.state.machines[machine.id] = machine
    world.body.launch(machine.id, group, address)
    world.later(world.options.pending / 2, run, machine.id)
    return machine


def form(machine: Machine, contents: Mapping[str, Any]) -> None:
    """Give a machine the image and the type that its template names."""
    machine.image_id = contents.get("ImageId", machine.image_id)
    machine.type = contents.get("InstanceType", machine.type)


def run(world: World, instance: str) -> None:
    """Let a pending machine run."""
    machine = world.state.machines.get(instance)
    if machine is not None and machine.state == "pending":
        machine.state = "running"


def terminate(world: World, instance: str, by: str, *, injected: bool = False) -> None:
    """End a machine at once: open connections are cut, and what that cuts off is written down."""
    machine = world.state.machines.get(instance)
    if machine is None or machine.state in ("shutting-down", "terminated"):
        return
    if injected:
        world.state.deaths.append((world.time, instance))
    else:
        write_harm(world, instance, by)
    machine.state, machine.reason = "shutting-down", by
    world.body.terminate(instance)
    world.later(world.options.shut_down, bury, instance)
    world.signal("machine ended", instance)


def stop(world: World, instance: str) -> None:
    """Stop a machine: what runs on it ends at once, and what that cuts off is written down."""
    machine = world.state.machines[instance]
    if machine.running:
        write_harm(world, instance, "StopInstances")
        machine.state, machine.reason = "stopping", "StopInstances"
        world.body.terminate(instance)
        world.later(world.options.shut_down, stopped, instance)
        world.signal("machine ended", instance)


def stopped(world: World, instance: str) -> None:
    """Let a stopping machine be stopped."""
    machine = world.state.machines.get(instance)
    if machine is not None and machine.state == "stopping":
        machine.state = "stopped"


def impair(world: World, instance: str, impaired: bool) -> None:
    """Let EC2's status checks of a machine fail, or pass again (EC2 user guide: status checks)."""
    world.state.machines[instance].impaired = impaired
    world.signal("machine impaired", instance)


def bury(world: World, instance: str) -> None:
    """Let the machine be terminated, and EC2 forget it later; its balancers take it out (ELB user guides).

    A classic balancer drops it at once, a target group drains it as any other target (reports).
    """
    machine = world.state.machines[instance]
    machine.state, machine.ended = "terminated", world.time
    for balancer in world.state.balancers.values():
        if balancer.kind != "classic":
            deregister(world, balancer, instance)
            continue
        for target in balancer.of(instance):
            remove(world, balancer, instance, target.port)
    world.signal("drained", instance)
    world.later(world.options.instance_memory, forget, instance)


def forget(world: World, instance: str) -> None:
    """Let EC2 forget the machine, unless a group still lists it."""
    if instance not in world.state.membership:
        world.state.machines.pop(instance, None)

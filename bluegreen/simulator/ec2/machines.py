"""The life of an EC2 instance: launched, running, shutting down, stopped, terminated, forgotten.

Sources: EC2 user guide ("Instance lifecycle"): a terminated instance stays visible for about an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.signals import Signal, signal
from ..core.world import World
from .state import EC2, INSTANCE_MEMORY, PENDING_SECONDS, SHUT_DOWN, Machine

MACHINE_ENDING: Signal[[World, str, str]] = signal("machine ending")
"""A machine that nobody meant to kill is about to be ended, and by what."""
MACHINE_ENDED: Signal[[World, str]] = signal("machine ended")
MACHINE_TERMINATED: Signal[[World, str]] = signal("machine terminated")
MACHINE_IMPAIRED: Signal[[World, str]] = signal("machine impaired")

STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def launch(world: World, group: str, zone: str, subnet: str, tags: dict[str, str]) -> Machine:
    """Start a machine for ``group``; it gets an address of its own."""
    number = len(world[EC2].machines) + 1 + world.state.counter
    address = f"10.0.{(number >> 8) & 255}.{number & 255}"
    machine = Machine(world.identifier("i"), zone, address, world.time, tags=tags, subnet=subnet)
    world[EC2].machines[machine.id] = machine
    world.body.launch(machine.id, group, address)
    world.later(world.options[PENDING_SECONDS] / 2, run, machine.id)
    return machine


def form(machine: Machine, contents: Mapping[str, Any]) -> None:
    """Give a machine the image and the type that its template names."""
    machine.image_id = contents.get("ImageId", machine.image_id)
    machine.type = contents.get("InstanceType", machine.type)


def run(world: World, instance: str) -> None:
    """Let a pending machine run."""
    machine = world[EC2].machines.get(instance)
    if machine is not None and machine.state == "pending":
        machine.state = "running"


def terminate(world: World, instance: str, by: str, *, injected: bool = False) -> None:
    """End a machine at once: open connections are cut, and what that cuts off is written down."""
    machine = world[EC2].machines.get(instance)
    if machine is None or machine.state in ("shutting-down", "terminated"):
        return
    if injected:
        world[EC2].deaths.append((world.time, instance))
    else:
        MACHINE_ENDING.send(world, instance, by)
    machine.state, machine.reason, machine.changed = "shutting-down", by, world.time
    world.body.terminate(instance)
    world.later(world.options[SHUT_DOWN], bury, instance)
    MACHINE_ENDED.send(world, instance)


def stop(world: World, instance: str) -> None:
    """Stop a machine: what runs on it ends at once, and what that cuts off is written down."""
    machine = world[EC2].machines[instance]
    if machine.running:
        MACHINE_ENDING.send(world, instance, "StopInstances")
        machine.state, machine.reason, machine.changed = "stopping", "StopInstances", world.time
        world.body.terminate(instance)
        world.later(world.options[SHUT_DOWN], stopped, instance)
        MACHINE_ENDED.send(world, instance)


def stopped(world: World, instance: str) -> None:
    """Let a stopping machine be stopped."""
    machine = world[EC2].machines.get(instance)
    if machine is not None and machine.state == "stopping":
        machine.state = "stopped"


def impair(world: World, instance: str, impaired: bool) -> None:
    """Let EC2's status checks of a machine fail, or pass again (EC2 user guide: status checks)."""
    world[EC2].machines[instance].impaired = impaired
    MACHINE_IMPAIRED.send(world, instance)


def bury(world: World, instance: str) -> None:
    """Let the machine be terminated, and EC2 forget it later."""
    machine = world[EC2].machines[instance]
    machine.state, machine.ended = "terminated", world.time
    MACHINE_TERMINATED.send(world, instance)
    world.later(world.options[INSTANCE_MEMORY], forget, instance)


def forget(world: World, instance: str) -> None:
    """Let EC2 forget the machine, unless a group still lists it."""
    if instance not in world[EC2].owners:
        world[EC2].machines.pop(instance, None)


def running(world: World) -> int:
    """Return how many machines run, or are about to."""
    return sum(machine.running for machine in world[EC2].machines.values())

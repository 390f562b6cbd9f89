"""A shelf of its own, as a new AWS service would move in: one module, and nothing else knows it."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from bluegreen.simulator.core.calls import Request
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import kind
from bluegreen.simulator.core.operations import operation
from bluegreen.simulator.core.options import option
from bluegreen.simulator.core.services import service
from bluegreen.simulator.core.signals import Signal, signal
from bluegreen.simulator.core.state import beside, part
from bluegreen.simulator.core.world import World
from bluegreen.simulator.ec2.machines import MACHINE_ENDED

service("buckets", prefix="b")


@define
class Buckets:
    """What is known: objects by key."""

    objects: dict[str, str] = Factory(dict)


@define
class Full:
    """Whether nothing more is taken."""

    full: bool = False


@define
class Heard:
    """What was told."""

    lines: list[str] = Factory(list)


BUCKETS = part("buckets", Buckets)
HEARD = beside("heard", Heard)
FULL = kind("full", Full)
SETTLES = option("settles", 2.0)
PUT: Signal[[World, str]] = signal("object put")


@operation("buckets", "PutObject", "Key Body")
def put(world: World, request: Request) -> dict[str, Any]:
    """Take an object, and tell of it a little later."""
    if world.faults[FULL].full:
        raise AwsError("SlowDown", "Please reduce your request rate.", 503)
    world[BUCKETS].objects[request["Key"]] = request["Body"]
    world.later(world.options[SETTLES], PUT.send, request["Key"])
    return {}


@operation("buckets", "GetObject", "Key")
def get(world: World, request: Request) -> dict[str, Any]:
    """Answer an object."""
    return {"Body": world[BUCKETS].objects.get(request["Key"], "")}


@PUT.reaction
def remember(world: World, key: str) -> None:
    """Remember what was put."""
    world.beside[HEARD].lines.append(f"put {key}")


@MACHINE_ENDED.reaction
def mourn(world: World, instance: str) -> None:
    """Remember which instance has ended."""
    world.beside[HEARD].lines.append(f"ended {instance}")

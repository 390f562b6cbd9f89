"""``bluegreen deploy``: roll out an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common, pair, timing, yes
from bluegreen.errors import Status, Usage

if TYPE_CHECKING:
    from bluegreen.service import Service


@click.command()
@click.argument("service")
@click.argument("image")
@click.option("--capacity", type=click.IntRange(min=1), help="Instances for the first deployment onto an empty pair.")
@click.option("--finish-first", is_flag=True, help="Retire the instances still parked by the release before; asks.")
@yes
@timing
@pair
@common
@pass_invocation
def deploy(
    invocation: Invocation, service: str, image: str, capacity: int | None, finish_first: bool, yes: bool, **flags: Any
) -> int:
    """Roll out IMAGE to SERVICE: wait until it is healthy, move the traffic, keep the old instances parked.

    Rolls back by itself on failure, and exits with 3 then. IMAGE is a version such as v42, or a sha256 digest.
    """
    _valid(image)
    invocation.begin("deploy", service, image)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import running, tell

    configuration = configured(invocation, flags)
    settings = one(configuration, service, flags)
    with running(invocation, settings, configuration.state, f"{service}: deploying {image}") as layer:
        status = _finish(invocation, layer, service, yes) if finish_first else Status.OK
        return status or tell(invocation, layer.deploy(image, capacity=capacity))


def _valid(image: str) -> None:
    import re

    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64}", image, re.ASCII):
        raise Usage(f"{image!r:.60} is not an image version such as v42, nor a digest such as sha256:… (64 hex digits)")


def _finish(invocation: Invocation, layer: Service, service: str, yes: bool) -> Status:
    """Retire what is parked; return OK when the deployment can begin."""
    from bluegreen.cli.running import agreed, tell

    count = layer.parked()
    if not count:
        return Status.OK
    agreed(invocation, f"{service}: terminate the {count} parked instances, so that no rollback to them is left?", yes)
    ended = layer.finish()
    return Status.OK if ended.status == Status.OK else tell(invocation, ended)

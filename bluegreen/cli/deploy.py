"""``bluegreen deploy``: roll out an image."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting, without, yes
from bluegreen.words import fits, plural


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.argument("image")
@click.option("--capacity", type=click.IntRange(min=1), help="Instances for the first deployment onto an empty pair.")
@click.option("--finish-first", is_flag=True, help="Retire the instances still parked by the release before; asks.")
@click.option("--again", is_flag=True, help="Also where IMAGE serves already, as after a new launch template.")
@yes
@without
@waiting
@about_service
@common
@pass_invocation
def deploy(
    invocation: Invocation,
    service: str,
    image: str,
    capacity: int | None,
    finish_first: bool,
    again: bool,
    yes: bool,
    **flags: Any,
) -> int:
    """Roll out IMAGE to SERVICE: wait until it is healthy, move the traffic, keep the old instances parked.

    Rolls back by itself on failure, and exits with 3 then. IMAGE is a version such as v42, or a digest.
    """
    import shlex

    from bluegreen.image import wanted

    wanted(image, f"bluegreen deploy {shlex.quote(service)}")
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import agreed, do_without, running, tell

    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags, image)
    with running(invocation, settings, configuration.state, f"{service}: deploying {image}") as layer:
        do_without(invocation, layer, yes)
        asked = layer.parked() if finish_first and not yes else None
        if asked is not None and asked.count:
            them = fits(asked.count, "it", "them")
            parked = f"the {plural(asked.count, 'parked instance')}, so that no rollback to {them} is left"
            agreed(invocation, f"{service}: terminate {parked}?", yes)
        if not yes and (outage := layer.outage()):
            agreed(invocation, f"{service}: {outage}: deploy {image} all the same?", yes)
        ended = layer.deploy(image, capacity=capacity, finish_first=finish_first, again=again, answered=asked)
        return tell(invocation, ended)

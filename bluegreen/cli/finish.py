"""``bluegreen finish``: retire the parked instances."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting, without, yes
from bluegreen.words import fits, plural

_TERMINATE = "terminate the {parked}? A rollback is a new deployment afterwards."
_KEEP = "detach the {parked} and leave {them} running? No rollback to {them} is left."

_ALONE = "nothing serves now, as desired of the other group is 0: "


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.option("--keep", is_flag=True, help="Detach the instances and leave them running.")
@yes
@without
@waiting
@about_service
@common
@pass_invocation
def finish(invocation: Invocation, service: str, keep: bool, yes: bool, **flags: Any) -> int:
    """Retire the parked instances of SERVICE: detach them, then terminate them.

    This cannot be undone, so it asks; where nobody can be asked (cron, CI) it needs --yes. `cleanup` never asks.
    """
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import agreed, do_without, running, tell

    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags)
    with running(invocation, settings, configuration.state, f"{service}: finishing") as layer:
        do_without(invocation, layer, yes)
        asked = None if yes else layer.parked()
        if asked is not None and asked.count:
            alone = _ALONE if asked.unserved else ""
            parked, them = plural(asked.count, "parked instance"), fits(asked.count, "it", "them")
            question = (_KEEP if keep else _TERMINATE).format(parked=parked, them=them)
            agreed(invocation, f"{service}: {alone}{question}", yes)
        return tell(invocation, layer.finish(keep=keep, answered=asked))

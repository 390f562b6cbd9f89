"""``bluegreen adopt``: rebuild a record from the groups' tags."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting, yes


@click.command(cls=ServiceCommand)
@click.argument("service")
@yes
@waiting
@about_service
@common
@pass_invocation
def adopt(invocation: Invocation, service: str, yes: bool, **flags: Any) -> int:
    """Take the release that the groups' tags tell of into this record: when the record was lost, or is elsewhere.

    First make sure that whoever began it does not work on it any more. Afterwards `resume` carries it on and
    `rollback` takes it back. Where instances carry its mark, they are listed, and it asks: they are to be terminated.
    """
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import agreed, running, tell

    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags)
    with running(invocation, settings, configuration.state, f"{service}: adopting") as layer:
        found = None if yes else layer.adoptable()
        if found is not None and found.question:
            agreed(invocation, f"{service}: {found.question}", yes)
        return tell(invocation, layer.adopt(answered=None if found is None else found.ids))

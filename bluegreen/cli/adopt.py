"""``bluegreen adopt``: rebuild a record from the groups' tags."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common, pair, waiting


@click.command()
@click.argument("service")
@waiting
@pair
@common
@pass_invocation
def adopt(invocation: Invocation, service: str, **flags: Any) -> int:
    """Take the release that the groups' tags tell of into this record: when the record was lost, or is elsewhere.

    First make sure that whoever began it does not work on it any more. Afterwards `resume` carries it on and
    `rollback` takes it back.
    """
    invocation.begin("adopt", service)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import running, tell

    configuration = configured(invocation, flags)
    settings = one(configuration, service, flags)
    with running(invocation, settings, configuration.state, f"{service}: adopting") as layer:
        return tell(invocation, layer.adopt())

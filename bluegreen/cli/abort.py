"""``bluegreen abort``: take back a deployment that is not over."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.option("--reason", metavar="TEXT", help="Why; `history` tells it.")
@waiting
@about_service
@common
@pass_invocation
def abort(invocation: Invocation, service: str, reason: str | None, **flags: Any) -> int:
    """Take back the deployment of SERVICE that is not over yet: what is deployed already is `rollback`'s.

    A run that is at work on it, in another terminal or on another machine, is asked to turn back, ends with 3, and is
    followed to its end here. It never deploys an older version.
    """
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.lock import one_line
    from bluegreen.cli.running import running, tell

    why = "" if reason is None else one_line(reason, "`history` tells it")
    invocation.begin(service, flags)
    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags)
    with running(invocation, settings, configuration.state, f"{service}: aborting") as layer:
        return tell(invocation, layer.abort(why))

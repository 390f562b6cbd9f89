"""``bluegreen pause``: leave a deployment where it stands."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.option("--reason", metavar="TEXT", help="Why; `status` tells it.")
@waiting
@about_service
@common
@pass_invocation
def pause(invocation: Invocation, service: str, reason: str | None, **flags: Any) -> int:
    """Leave the deployment of SERVICE where it stands: the version before serves on, and cleanup leaves it alone.

    A run that is at work on it, in another terminal or on another machine, is asked to and ends with 6. `resume`
    carries the deployment on, `abort` takes it back.
    """
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.lock import one_line
    from bluegreen.cli.running import running, tell

    why = "" if reason is None else one_line(reason, "`status` tells it")
    invocation.begin(service, flags)
    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags)
    with running(invocation, settings, configuration.state) as layer:
        return tell(invocation, layer.pause(why))

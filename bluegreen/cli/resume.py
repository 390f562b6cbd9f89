"""``bluegreen resume``: carry on what was interrupted."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common, pair
from bluegreen.errors import Status


@click.command()
@click.argument("service", required=False)
@pair
@common
@pass_invocation
def resume(invocation: Invocation, service: str | None, **flags: Any) -> int:
    """Carry on what was interrupted: of SERVICE, or of every service with a release under way, one by one."""
    if service is not None:
        invocation.begin("resume", service)
    from bluegreen.cli.choosing import configured, some
    from bluegreen.cli.running import running, tell, worst

    configuration = configured(invocation, flags)
    statuses: list[Status] = []
    for settings in some(configuration, service, flags):
        if service is None:
            record, _ = invocation.wiring.store(configuration.state).read(settings.name)
            if record is None or record.release is None:
                continue
            invocation.begin("resume", settings.name)
        with running(invocation, settings, configuration.state, f"{settings.name}: carrying on") as layer:
            statuses.append(tell(invocation, layer.resume()))
        if statuses[-1] in (Status.INTERRUPTED, Status.TERMINATED):
            break
    if not statuses:
        invocation.tell_end(Status.OK, "there is nothing to carry on")
    return worst(statuses)

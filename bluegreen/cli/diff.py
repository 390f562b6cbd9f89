"""``bluegreen diff``: blue and green side by side."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common
from bluegreen.errors import Status


@click.command(cls=ServiceCommand)
@click.argument("service")
@about_service
@common
@pass_invocation
def diff(invocation: Invocation, service: str, **flags: Any) -> int:
    """Show the two groups of SERVICE side by side: what differs, and whether it matters. Changes nothing.

    Exits with 4 when a deployment would be refused for a difference; with 0 otherwise.
    """
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import running
    from bluegreen.report.diff import diff_text, diff_value
    from bluegreen.report.json import diff_line

    configuration = configured(invocation, flags)
    with running(invocation, one(invocation, configuration, service, flags), configuration.state) as layer:
        comparison = layer.diff()
    if invocation.json:
        invocation.out.line(diff_line(service, diff_value(comparison)))
    else:
        invocation.out.line(diff_text(service, comparison))
    return Status.BLOCKED if comparison.matters else Status.OK

"""``bluegreen watch``: follow what is under way."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, watched


@click.command(cls=ServiceCommand)
@click.argument("service", required=False)
@watched
@about_service
@common
@pass_invocation
def watch(invocation: Invocation, service: str | None, every: float, through_gates: bool, **flags: Any) -> int:
    """Follow what is under way on SERVICE until it ends, from any machine; it only reads. `status --watch` is the same.

    Exit: 0 as it was asked to, or nothing is under way; 3 rolled back; 4 blocked; 5 at a gate; 6 cut off or stopped.
    """
    from bluegreen.cli.status import watching

    return watching(invocation, service, flags, every, through_gates)

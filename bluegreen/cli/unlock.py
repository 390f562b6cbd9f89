"""``bluegreen unlock``: take the lock by hand off."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common


@click.command(cls=ServiceCommand)
@click.argument("service")
@about_service
@common
@pass_invocation
def unlock(invocation: Invocation, service: str, **flags: Any) -> int:
    """Take the lock by hand off SERVICE, whoever put it on. It ends no run; `status` shows who is at work."""
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import looking, tell

    invocation.service = service
    configuration = configured(invocation, flags)
    layer = looking(invocation, one(invocation, configuration, service, flags), configuration.state)
    return tell(invocation, layer.unlock())

"""``bluegreen cleanup``: for cron; does what is due and is silent when nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common
from bluegreen.errors import BluegreenError, Held, Status, Usage

if TYPE_CHECKING:
    from bluegreen.settings.service import ServiceSettings


@click.command(cls=ServiceCommand)
@click.argument("service", required=False)
@click.option("--all", "every", is_flag=True, help="All services; the same as naming none.")
@about_service
@common
@pass_invocation
def cleanup(invocation: Invocation, service: str | None, every: bool, **flags: Any) -> int:
    """Finish what is past its keep time, carry on what was cut off, remove leftovers. Made for cron: never asks.

    Silent, with status 0, when nothing is due or when somebody else is at work. One service that is blocked does
    not stop the next; the worst exit status wins.
    """
    if every and service is not None:
        raise Usage("name a service or say --all, not both")
    from bluegreen.cli.choosing import configured, some
    from bluegreen.cli.running import stopped, worst

    configuration = configured(invocation, flags)
    statuses: list[Status] = []
    for settings in some(invocation, configuration, service, flags):
        statuses.append(_one(invocation, settings, configuration.state))
        if stopped(invocation, statuses):
            break
    return worst(statuses)


def _one(invocation: Invocation, settings: ServiceSettings, state: str) -> Status:
    from bluegreen.cli.running import running, tell

    invocation.about(settings)
    try:
        with running(invocation, settings, state) as layer:
            ended = layer.cleanup()
    except Held:
        return Status.OK
    except BluegreenError as error:
        if error.status is Status.BUG:
            raise
        invocation.tell_error(error)
        return error.status
    return Status.OK if ended is None else tell(invocation, ended)

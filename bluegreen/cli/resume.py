"""``bluegreen resume``: carry on what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting, without, yes
from bluegreen.errors import BluegreenError, Status

if TYPE_CHECKING:
    from bluegreen.record.store import Store
    from bluegreen.settings.service import ServiceSettings


@click.command(cls=ServiceCommand)
@click.argument("service", required=False)
@yes
@without
@waiting
@about_service
@common
@pass_invocation
def resume(invocation: Invocation, service: str | None, yes: bool, **flags: Any) -> int:
    """Carry on what was interrupted: of SERVICE, or of every service with a release under way, one by one.

    Of several services, one that is blocked or held does not stop the next; the worst exit status wins.
    """
    if service is not None:
        invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, some
    from bluegreen.cli.running import stopped, worst

    configuration = configured(invocation, flags)
    chosen = some(invocation, configuration, service, flags)
    if service is not None:
        return _carry_on(invocation, chosen[0], configuration.state, yes)
    store = invocation.wiring.store(configuration.state)
    statuses: list[Status] = []
    for settings in chosen:
        if (ended := _one(invocation, settings, configuration.state, store, yes)) is not None:
            statuses.append(ended)
        if stopped(invocation, statuses):
            break
    invocation.service = ""
    if not statuses:
        invocation.tell_end(Status.OK, "there is nothing to carry on")
    return worst(statuses)


def _one(invocation: Invocation, settings: ServiceSettings, state: str, store: Store, yes: bool) -> Status | None:
    """Carry one of several services on; ``None`` when it has no release open. Its error does not stop the next."""
    invocation.about(settings)
    try:
        record, _ = store.read(settings.name)
        if record is None or record.release is None:
            return None
        invocation.say_checking(settings.name)
        return _carry_on(invocation, settings, state, yes)
    except BluegreenError as error:
        if error.status is Status.BUG:
            raise
        invocation.tell_error(error)
        return error.status


def _carry_on(invocation: Invocation, settings: ServiceSettings, state: str, yes: bool) -> Status:
    from bluegreen.cli.running import do_without, running, tell

    with running(invocation, settings, state, f"{settings.name}: carrying on") as layer:
        do_without(invocation, layer, yes)
        return tell(invocation, layer.resume())

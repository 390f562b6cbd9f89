"""``bluegreen history``: past releases, and what happened in one."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common
from bluegreen.errors import Status, Usage


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.argument("release", required=False)
@about_service
@common
@pass_invocation
def history(invocation: Invocation, service: str, release: str | None, **flags: Any) -> int:
    """Show the releases of SERVICE, newest last; or what happened in one RELEASE, event by event.

    RELEASE is an id from that list, its last letters, an image, or "last".
    """
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import looking
    from bluegreen.report.history import history_text, history_value

    invocation.service = service
    configuration = configured(invocation, flags)
    layer = looking(invocation, one(invocation, configuration, service, flags), configuration.state)
    entries = layer.history()
    if release is not None:
        return _one(invocation, layer, release)
    if invocation.json:
        from bluegreen.report.json import history_line

        invocation.out.line(history_line(service, map(history_value, entries)))
    else:
        invocation.out.line(history_text(service, entries, layer.causes()))
    return Status.OK


def _one(invocation: Invocation, layer: Any, word: str) -> int:
    from bluegreen.record.history import chosen
    from bluegreen.report.history import events_text, history_value

    entry = chosen(layer.history(), word)
    if entry is None:
        raise Usage(f'no release on record is called "{word}"', f"`bluegreen history {layer.name}` lists them")
    events = [_spelled(invocation, event) for event in layer.events(entry)]
    if invocation.json:
        from bluegreen.report.json import events_line

        invocation.out.line(events_line(layer.name, history_value(entry), events))
    else:
        invocation.out.line(events_text(layer.name, entry, events))
    return Status.OK


def _spelled(invocation: Invocation, event: dict[str, Any]) -> dict[str, Any]:
    reason = event.get("reason")
    return {**event, "reason": invocation.spelled(reason)} if isinstance(reason, str) else event

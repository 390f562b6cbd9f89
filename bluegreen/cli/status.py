"""``bluegreen status``: what serves, what is parked, what is missing."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, watched
from bluegreen.cli.seeing import Seen, look_at
from bluegreen.errors import Status


@click.command(cls=ServiceCommand)
@click.argument("service", required=False)
@click.option(
    "--exit-status", "judged", is_flag=True, help="End with what is wrong: 75 under way, 5 a gate, 6 cut off, 4 down."
)
@click.option("--explain", "explained", is_flag=True, help="Say how a prediction was made, and what it cannot tell.")
@click.option("--watch", is_flag=True, help="Follow what is under way until it ends; only reads.")
@watched
@about_service
@common
@pass_invocation
def status(
    invocation: Invocation,
    service: str | None,
    judged: bool,
    explained: bool,
    watch: bool,
    every: float,
    through_gates: bool,
    **flags: Any,
) -> int:
    """Show what serves, what is parked, what is missing and how fast a rollback would be; of all services or one."""
    if watch:
        return watching(invocation, service, flags, every, through_gates)
    if service is not None:
        invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, some, tell_of_none
    from bluegreen.cli.running import looking, worst

    configuration = configured(invocation, flags)
    chosen = some(invocation, configuration, service, flags)
    if not chosen:
        tell_of_none(invocation, configuration)
        return Status.CONFIGURATION
    seen = [look_at(invocation, one, partial(looking, invocation, one, configuration.state)) for one in chosen]
    _write(invocation, seen, explained)
    if not judged:
        return worst([one.status for one in seen])
    return max(map(_judged, seen), key=WORST.index, default=Status.OK)


def watching(
    invocation: Invocation, service: str | None, flags: dict[str, Any], every: float, through_gates: bool
) -> int:
    """Follow one service, or show all."""
    if service is not None:
        invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, some, tell_of_none
    from bluegreen.cli.watching import watch

    configuration = configured(invocation, flags)
    chosen = some(invocation, configuration, service, flags)
    if not chosen:
        tell_of_none(invocation, configuration)
        return Status.CONFIGURATION
    return watch(invocation, chosen, configuration.state, every, through_gates=through_gates)


def _write(invocation: Invocation, seen: list[Seen], explained: bool) -> None:
    """Write one service in depth, several at a glance, or all of them as JSON."""
    from bluegreen.report.glance import glance_text
    from bluegreen.report.ink import ink_of
    from bluegreen.report.json import status_line
    from bluegreen.report.status import status_text
    from bluegreen.report.tables import WIDEST

    told = [one.report for one in seen if one.report is not None]
    width = min(shutil.get_terminal_size().columns, WIDEST) if invocation.out.isatty() else WIDEST
    if invocation.json:
        invocation.out.line(status_line((one.plain for one in seen), at=invocation.wiring.clock.now()))
    elif len(seen) > 1:
        untold = [one.plain["service"] for one in seen if one.report is None]
        invocation.out.line(glance_text(told, untold, width, ink=ink_of(invocation.out)))
    elif told:
        ink = ink_of(invocation.out, seen[0].colours)
        invocation.out.line(status_text(told[0], width, explained=explained, ink=ink))


JUDGED = {
    "deploying": Status.HELD,
    "rolling-back": Status.HELD,
    "finishing": Status.HELD,
    "gate": Status.PAUSED,
    "interrupted": Status.UNFINISHED,
    "down": Status.BLOCKED,
    "unclear": Status.BLOCKED,
}
"""How a command ends that was asked to judge, by a service's state; of any other there is nothing to do."""
WORST = (
    Status.OK,
    Status.HELD,
    Status.PAUSED,
    Status.UNFINISHED,
    Status.UNREACHABLE,
    Status.BLOCKED,
    Status.DENIED,
    Status.CONFIGURATION,
)


def _judged(seen: Seen) -> Status:
    """Return what is wrong with a service; one that cannot be told ends as it does without being judged."""
    if seen.report is None:
        return seen.status if seen.status in WORST else Status.BLOCKED
    return JUDGED.get(seen.report.state, Status.OK)

"""``bluegreen why``: why instances are not healthy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common
from bluegreen.errors import Status

if TYPE_CHECKING:
    from bluegreen.service import Why
    from bluegreen.targets.seam.why import Fact

PAPER = 80
"""Columns where there is no terminal."""


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.argument("instance", required=False)
@click.option("--release", "past", metavar="ID", help="A release on record: its id, the end of it, or an image.")
@click.option("--console", is_flag=True, help="Show the end of the serial console, which may have secrets in it.")
@about_service
@common
@pass_invocation
def why(
    invocation: Invocation, service: str, instance: str | None, past: str | None, console: bool, **flags: Any
) -> int:
    """Tell why instances of SERVICE are not healthy, or one INSTANCE: what decides, and what is seen.

    INSTANCE is an id, or the end of one. After a rollback it is what was kept of that.

    Exit: 0 told, or nothing is wrong; 4 waiting does not help.
    """
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import looking

    configuration = configured(invocation, flags)
    layer = looking(invocation, one(invocation, configuration, service, flags), configuration.state)
    found = _spelled(invocation, layer.why(instance or "", release=past or "", console=console))
    if invocation.json:
        from bluegreen.report.json import why_line
        from bluegreen.report.why import why_value

        invocation.out.line(why_line(why_value(found)))
    else:
        from bluegreen.report.why import why_text

        columns = shutil.get_terminal_size((PAPER, 0)).columns if invocation.out.isatty() else PAPER
        invocation.out.line(why_text(found, invocation.wiring.clock.now(), columns))
    return Status.BLOCKED if found.cause.terminal else Status.OK


def _spelled(invocation: Invocation, found: Why) -> Why:
    import attrs

    def spelled(fact: Fact) -> Fact:
        return attrs.evolve(fact, text=invocation.spelled(fact.text))

    told = (attrs.evolve(one, facts=tuple(map(spelled, one.facts))) for one in found.instances)
    return attrs.evolve(found, next=invocation.spelled(found.next), instances=tuple(told))

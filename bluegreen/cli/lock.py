"""``bluegreen lock``: nobody begins anything until somebody unlocks."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common
from bluegreen.words import is_plain

LONGEST = 200


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.option("--reason", required=True, metavar="TEXT", help="Why; whoever is refused is told.")
@about_service
@common
@pass_invocation
def lock(invocation: Invocation, service: str, reason: str, **flags: Any) -> int:
    """Lock SERVICE by hand: deploy, rollback, finish, resume and adopt are refused with 75, cleanup leaves it alone.

    What is under way already goes on to its end. AWS itself is not locked, and scaling goes on.
    """
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import looking, tell

    why = one_line(reason, "whoever is refused must be told why")
    invocation.service = service
    configuration = configured(invocation, flags)
    layer = looking(invocation, one(invocation, configuration, service, flags), configuration.state)
    return tell(invocation, layer.lock(why))


def one_line(reason: str, since: str) -> str:
    """Return a reason as it is kept; raise ``Usage`` for nothing, several lines and a long one."""
    from bluegreen.errors import Usage

    if not reason.strip() or not is_plain(reason) or len(reason) > LONGEST:
        raise Usage(f"--reason is one line of at most {LONGEST} characters: {since}")
    return reason.strip()

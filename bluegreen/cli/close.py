"""``bluegreen close``: end a release on record alone."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting, yes

_LOST = "No rollback to its parked instances is left, and what it has changed in AWS stays changed."


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.option("--reason", required=True, metavar="TEXT", help="Why; `history` tells it.")
@yes
@waiting
@about_service
@common
@pass_invocation
def close(invocation: Invocation, service: str, reason: str, yes: bool, **flags: Any) -> int:
    """End the open release of SERVICE on record alone: for one whose groups were renamed, or are gone.

    Nothing in AWS is asked or changed. What the release may have left there is listed, with the AWS command for each.
    `resume` and `rollback` are better wherever they still work.
    """
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.lock import one_line
    from bluegreen.cli.running import agreed, running, tell

    why = one_line(reason, "`history` must tell why")
    invocation.begin(service, flags)
    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags)
    with running(invocation, settings, configuration.state) as layer:
        asked = None if yes else layer.closable()
        if asked is not None:
            question = f"{service}: close the {asked.goal} of {asked.image} ({asked.id})? {_LOST}"
            agreed(invocation, question, yes)
        return tell(invocation, layer.close(why, answered=asked))

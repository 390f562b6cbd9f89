"""``bluegreen rollback``: the old image serves again."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common, waiting, without, yes


@click.command(cls=ServiceCommand)
@click.argument("service")
@click.option("--now", is_flag=True, help="Take the new version out at once; what is parked must do.")
@click.option("--to", metavar="VERSION", help="The version to go back to, or the release that brought it up.")
@yes
@without
@waiting
@about_service
@common
@pass_invocation
def rollback(invocation: Invocation, service: str, now: bool, to: str | None, yes: bool, **flags: Any) -> int:
    """Let the old instances of SERVICE serve again: in seconds while they are parked.

    When they have been retired, the previous image is deployed, which takes as long as any deployment. The same
    command again carries that on where it was cut off; once it is done, it takes it back.
    """
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import do_without, running, tell
    from bluegreen.targets.seam.standing import cold

    configuration = configured(invocation, flags)
    settings = one(invocation, configuration, service, flags)
    with running(invocation, settings, configuration.state, f"{service}: rolling back") as layer:
        do_without(invocation, layer, yes)
        if now and ((release := layer.open_release()) is None or cold(release)):
            invocation.tell(f"{service}: nothing is parked, so --now makes no difference")
        return tell(invocation, layer.rollback(urgent=now, to=to))

"""``bluegreen schema``: print the JSON Schema of what ``--output json`` writes."""

from __future__ import annotations

from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common
from bluegreen.errors import Status, Usage


@click.command()
@click.argument("name", required=False)
@common
@pass_invocation
def schema(invocation: Invocation, name: str | None, **_: Any) -> int:
    """Print the JSON Schema called NAME, such as bluegreen.status/1; without a name, which there are."""
    from bluegreen.report.schemas import names, text

    if name is None:
        invocation.out.line("\n".join(names()))
        return Status.OK
    if name not in names():
        raise Usage(f'there is no schema "{name}"', "`bluegreen schema` lists them")
    invocation.out.write(text(name))
    return Status.OK

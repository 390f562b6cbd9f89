"""``bluegreen sandbox``: a simulated AWS on this machine, to try everything on."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.signals import Flag

if TYPE_CHECKING:
    from bluegreen.sandbox.box import Sandbox

SECONDS = click.FloatRange(min=0.1, max=3600)
KIND = click.Choice(["target-group", "classic"])


@click.group()
def sandbox() -> None:
    """A simulated AWS on this machine: real processes behind a real load balancer, on loopback only."""


@sandbox.command()
@click.option("--balancer", type=KIND, default="target-group", show_default=True)
@click.option("--beside", type=KIND, multiple=True, help="One more balancer for the same instances; may be repeated.")
@click.option("--instances", type=click.IntRange(1, 20), default=3, show_default=True, help="How many serve at first.")
@click.option("--boot", type=SECONDS, default=2.0, show_default=True, help="Seconds until an instance listens.")
@click.option("--drain", type=click.IntRange(1, 3600), default=2, show_default=True, help="Seconds of draining.")
@click.option("--interval", type=SECONDS, default=0.5, show_default=True, help="Seconds between health checks.")
@click.option("--crash", type=SECONDS, help="Seconds from its first passed check until crash-… dies.")
@click.option("--fail-closed", is_flag=True, help="A target group without a healthy target sends to none, not to all.")
@click.option(
    "--maximum", type=click.IntRange(1, 50), help="What web-blue may grow to; twice --instances if not given."
)
@click.option(
    "--tracking", type=click.FloatRange(min=0.1), help="Both groups track so many requests per target a minute."
)
@click.option(
    "--power", type=click.FloatRange(min=0.1), default=100.0, show_default=True, help="Requests a second: CPU 100 %."
)
@click.option(
    "--minute",
    type=click.FloatRange(1, 60),
    default=60.0,
    show_default=True,
    help="Seconds that a CloudWatch minute lasts.",
)
@click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    default=".",
    help="Where bluegreen.toml is written; the working directory if not given.",
)
def up(directory: Path, tracking: float | None, fail_closed: bool, **options: Any) -> None:
    """Start a sandbox; Ctrl-C ends it, with status 0.

    Images named bad-… never become healthy, nor slow-… and port-…; half-… does in the first balancer only, late-… in
    the others later; crash-… dies soon after it was healthy; quota-… has no room, a launch hook holds hook-….
    """
    from bluegreen.errors import Unreachable
    from bluegreen.sandbox.box import Sandbox, require_extra
    from bluegreen.sandbox.configuration import look
    from bluegreen.simulator import tracking as policy

    _refuse_nonsense(tracking, **options)
    require_extra()
    look(directory)
    stop = Flag(signal.SIGINT, signal.SIGTERM)
    policies = () if tracking is None else [policy("requests", tracking)]
    box = Sandbox(**options, fail_open=not fail_closed, policies=policies)
    click.echo("Starting a sandbox (a simulation on this machine, not AWS) …", err=True)
    with box:
        configuration = box.write_configuration(directory)
        _introduce(box, configuration)
        while not stop:
            time.sleep(0.2)
            if box.broken():
                raise Unreachable(box.broken(), "start the sandbox again")
    click.echo(f"The sandbox is gone; nothing was left behind but {configuration}.", err=True)


def _refuse_nonsense(
    tracking: float | None,
    *,
    balancer: str,
    beside: Sequence[str],
    instances: int,
    maximum: int | None,
    **_: Any,
) -> None:
    if tracking is not None and "target-group" not in (balancer, *beside):
        raise click.UsageError("--tracking counts requests per target, which only a target group knows.")
    if maximum is not None and maximum < instances:
        raise click.UsageError(f"--maximum {maximum} is below --instances {instances}.")


def _introduce(box: Sandbox, configuration: Path) -> None:
    from bluegreen.sandbox.configuration import exports

    click.echo(f"sandbox API       {box.endpoint}")
    for number, (kind, url) in enumerate(zip((box.balancer, *box.beside), box.urls, strict=True)):
        click.echo(f"sandbox balancer  {url}" + (f"  web-{number}, {kind}" if box.beside else ""))
    click.echo(f"configuration     {configuration}")
    if box.minute != 60:
        click.echo(f"CloudWatch        a minute lasts {box.minute:g} s here, not 60 s as on AWS")
    click.echo(f"\nIn another terminal:\n\ncd {configuration.parent}")
    click.echo("\n".join(exports(box.environment())))
    if os.environ.get("BLUEGREEN_CONFIG"):
        click.echo("unset BLUEGREEN_CONFIG")
    for line in found_by_any_shell():
        click.echo(line)
    click.echo("bluegreen deploy web v2\n\nCtrl-C ends the sandbox.")


def found_by_any_shell() -> list[str]:
    """Return what another shell needs to find the command: nothing where it is installed for all of them.

    In a checkout the command is in ``bin``, which is put last: nothing that the shell knows becomes another.
    """
    found = shutil.which("bluegreen")
    if found is not None and not Path(found).is_relative_to(sys.prefix):
        return []
    folders = (Path(__file__).parents[2] / "bin", Path(sys.executable).parent)
    here = next((folder for folder in folders if (folder / "bluegreen").is_file()), None)
    return [] if here is None else [f'export PATH="$PATH":{shlex.quote(str(here))}']

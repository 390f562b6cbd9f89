"""``bluegreen logout``: take a secret out of the keyring."""

from __future__ import annotations

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.login import DiscreetGroup, profile, time_for
from bluegreen.cli.options import common
from bluegreen.errors import Status


@click.group(cls=DiscreetGroup)
def logout() -> None:
    """Take a secret out of the operating system's keyring."""


@logout.command()
@profile
@common
@pass_invocation
def aws(invocation: Invocation, profile: str) -> int:
    """Forget AWS keys. They stay valid until they are deleted in IAM."""
    return _forget(invocation, "aws", profile)


@logout.command()
@click.argument("host")
@common
@pass_invocation
def registry(invocation: Invocation, host: str) -> int:
    """Forget the password for the registry HOST."""
    from bluegreen.credentials.entries import host_of

    return _forget(invocation, "registry", host_of(host))


@logout.command()
@click.argument("name")
@common
@pass_invocation
def webhook(invocation: Invocation, name: str) -> int:
    """Forget the address, or the token, of the webhook NAME."""
    return _forget(invocation, "webhook", name)


def _forget(invocation: Invocation, kind: str, name: str) -> int:
    import sys

    from bluegreen.credentials import vault
    from bluegreen.credentials.entries import service

    with time_for(invocation, somebody=sys.stdin is not None and sys.stdin.isatty()) as patience:
        try:
            was = vault.remove(service(kind, name), patience)
        except vault.NoKeyring:
            was = False
    sentence = f"the keyring keeps nothing for {kind} {name} any more" if was else "there was nothing to forget"
    invocation.tell_end(Status.OK, sentence)
    return Status.OK

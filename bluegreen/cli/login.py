"""``bluegreen login``: keep a secret in the operating system's keyring.

A secret is asked for on a terminal, unseen, or read from stdin. It is never an argument: those are seen by everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import common
from bluegreen.errors import Status

_HARMLESS = (
    click.exceptions.NoArgsIsHelpError,
    click.NoSuchOption,
    click.BadOptionUsage,
    click.MissingParameter,
    click.BadParameter,
)

MOST = 65536
"""Characters that are read from stdin at most."""

stdin = click.option("--stdin", is_flag=True, help="Read the secret from stdin instead of asking for it.")
profile = click.option("--profile", default="default", show_default=True, metavar="NAME", help="The keys' name.")


@contextmanager
def _unquoted(ctx: click.Context) -> Iterator[None]:
    """Do not repeat words that have no place here: one of them may be a secret."""
    try:
        yield
    except click.UsageError as error:
        if isinstance(error, _HARMLESS):
            raise
        raise click.UsageError("there is a word too many, or an unknown one; no secret is an argument", ctx) from None


class Discreet(click.Command):
    """A command that does not quote what it was given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words, as click does."""
        with _unquoted(ctx):
            return super().parse_args(ctx, args)


class DiscreetGroup(click.Group):
    """A group of such commands."""

    command_class = Discreet

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, as click does."""
        with _unquoted(ctx):
            return super().resolve_command(ctx, args)


@click.group(cls=DiscreetGroup)
def login() -> None:
    """Keep a secret in the operating system's keyring, for those who have no better place.

    Asks on a terminal; with --stdin it reads what is piped in.
    """


@login.command()
@profile
@stdin
@common
@pass_invocation
def aws(invocation: Invocation, profile: str, stdin: bool) -> int:
    """Keep long-lived AWS keys.

    They are used when nothing else is found: roles, single sign-on, AWS's variables and files come first.
    --stdin: the access key id on the first line, the secret on the second; or what `aws iam create-access-key` prints.
    """
    from bluegreen.credentials.entries import AWS, Keys, checked, keep, service

    entry = service(AWS, profile)
    _require_keyring(entry, stdin)
    if stdin:
        given = _pair_of(_piped())
    else:
        given = _asked("Access key id (not shown): "), _asked("Secret access key (not shown): ")
    keys = checked(Keys(*given))
    with time_for(invocation, somebody=not stdin) as patience:
        keep(entry, keys.secret, patience=patience, id=keys.id)
    hint = f"for other tools: `credential_process = bluegreen credentials --profile {profile}` in ~/.aws/config"
    invocation.tell_end(Status.OK, f"the keyring keeps the AWS keys of {profile}; they are asked for last", hint)
    return Status.OK


@login.command()
@click.argument("host")
@click.option("--username", "-u", metavar="NAME", help="Who; asked for on a terminal if not given.")
@stdin
@common
@pass_invocation
def registry(invocation: Invocation, host: str, username: str | None, stdin: bool) -> int:
    """Keep the user and the password, or token, for the registry HOST."""
    from bluegreen.credentials.entries import REGISTRY, host_of, keep, one_line, service

    host = host_of(host)
    if stdin and not username:
        raise click.UsageError("--stdin reads the password alone: say --username")
    _require_keyring(service(REGISTRY, host), stdin)
    user = username or _named()
    secret = one_line(_piped() if stdin else _asked("Password or token (not shown): "), "password")
    with time_for(invocation, somebody=not stdin) as patience:
        keep(service(REGISTRY, host), secret, patience=patience, user=user)
    invocation.tell_end(Status.OK, f"the keyring keeps the password for {host}")
    return Status.OK


@login.command()
@click.argument("name")
@stdin
@common
@pass_invocation
def webhook(invocation: Invocation, name: str, stdin: bool) -> int:
    """Keep the webhook NAME's address, or its token.

    Nothing uses it yet.
    """
    from bluegreen.credentials.entries import WEBHOOK, keep, one_line, service

    entry = service(WEBHOOK, name)
    _require_keyring(entry, stdin)
    secret = one_line(_piped() if stdin else _asked("Address or token (not shown): "), "address")
    with time_for(invocation, somebody=not stdin) as patience:
        keep(entry, secret, patience=patience)
    invocation.tell_end(Status.OK, f"the keyring keeps the address of {name}")
    return Status.OK


@contextmanager
def time_for(invocation: Invocation, *, somebody: bool) -> Iterator[float]:
    """Yield how long the keyring may take; where somebody can unlock it, that is longer, and said when it is."""
    from threading import Timer

    from bluegreen.credentials.vault import PATIENCE, PERSON

    if not somebody:
        yield PATIENCE
        return
    late = Timer(PATIENCE, invocation.tell, ("the keyring does not answer yet: it may want to be unlocked",))
    late.daemon = True
    late.start()
    try:
        yield PERSON
    finally:
        late.cancel()


def _require_keyring(entry: str, stdin: bool) -> None:
    """Ask nobody for a secret that could not be kept."""
    from bluegreen.credentials import vault

    if not stdin:
        _require_somebody()
        vault.require(entry)


def _named() -> str:
    """Ask for a user name, which may be seen."""
    _require_somebody()
    return str(click.prompt("User name", err=True))


def _require_somebody() -> None:
    import sys

    from bluegreen.errors import Usage

    if sys.stdin is None or not sys.stdin.isatty():
        raise Usage("nobody can be asked for a secret here", "pipe it in, and say --stdin")


def _asked(question: str) -> str:
    """Ask on the terminal, without an echo; raise ``Usage`` where there is none, or where it would be shown."""
    import getpass
    import warnings

    from bluegreen.errors import Usage

    _require_somebody()
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question).strip()
        except getpass.GetPassWarning:
            raise Usage("this terminal would show the secret", "pipe it in, and say --stdin") from None
        except (EOFError, UnicodeDecodeError):
            raise Usage("nothing that could be kept was typed", "nothing was kept") from None


def _piped() -> str:
    """Return what is piped in, without the line break at its end."""
    import sys

    from bluegreen.errors import Usage

    if sys.stdin is None or sys.stdin.isatty():
        raise Usage("--stdin reads what is piped in, and nothing is", "leave it out to be asked")
    try:
        text = sys.stdin.read(MOST + 1)
    except UnicodeDecodeError:
        raise Usage("what was piped in is no text", "nothing was kept") from None
    if len(text) > MOST:
        raise Usage(f"what was piped in is longer than {MOST} characters", "nothing was kept")
    return text.rstrip("\r\n")


def _pair_of(text: str) -> tuple[str, str]:
    """Read an access key id and its secret: two lines, or AWS's JSON; raise ``Usage``, without quoting any."""
    import json

    from bluegreen.errors import Usage

    try:
        found: Any = json.loads(text)
        found = found.get("AccessKey", found)
        return str(found["AccessKeyId"]), str(found["SecretAccessKey"])
    except (ValueError, AttributeError, KeyError, TypeError):
        lines = text.split("\n")
    if len(lines) != 2:
        hint = "or what `aws iam create-access-key` prints; nothing was kept"
        raise Usage("stdin has the access key id on its first line and the secret on its second", hint)
    return lines[0].strip(), lines[1].strip()

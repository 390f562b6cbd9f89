"""The table of commands. Help is printed from here; a command's own module is imported when it is called."""

from __future__ import annotations

import difflib
import importlib

import click

COMMANDS = {
    "deploy": "Roll out an image; roll back by itself on failure.",
    "rollback": "Let the old instances, or the previous image, serve again.",
    "finish": "Retire the parked instances.",
    "status": "Show what serves, what is parked, what is missing.",
    "resume": "Carry on what was interrupted.",
    "cleanup": "For cron: finish what is past its keep time, carry on what was cut off.",
    "history": "Show past releases, and what happened in one.",
    "lock": "Let nobody begin anything, by hand.",
    "unlock": "Take the lock by hand off.",
    "close": "End a release that no longer fits, on record alone.",
    "adopt": "Rebuild a lost record from the groups' tags.",
    "check": "Tell whether the pair is fit to be deployed to.",
    "diff": "Show blue and green side by side, and whether what differs matters.",
    "login": "Keep a secret in the operating system's keyring.",
    "logout": "Take a secret out of the keyring.",
    "credentials": "Hand out the AWS keys of the keyring, as a credential_process.",
    "image": "On an instance: print the image version it is to run.",
    "sandbox": "A simulated AWS on this machine, to try all this on.",
}


NO_SERVICE = frozenset({"login", "logout", "credentials", "image", "sandbox"})
"""Commands that are not about a service."""


class LazyGroup(click.Group):
    """Knows its commands by name and imports ``bluegreen.cli.NAME`` when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a deployment's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or return ``None`` when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"bluegreen.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; propose the closest name when there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f'there is no command "{args[0]}"' + (f'; did you mean "{close[0]}"?' if close else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

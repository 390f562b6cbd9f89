"""The table of commands. Help is printed from here; a command's own module is imported when it is called."""

from __future__ import annotations

import difflib
import importlib

import click

COMMANDS = {
    "deploy": "Roll out an image; roll back by itself on failure.",
    "rollback": "Let the version before serve again.",
    "pause": "Leave a deployment where it stands, also one that runs elsewhere.",
    "abort": "Take back a deployment that is not over, also one that runs elsewhere.",
    "finish": "Retire the parked instances.",
    "status": "Show what serves, what is parked, what is missing.",
    "watch": "Follow what is under way until it ends.",
    "why": "Tell why instances are not healthy, or a deployment was taken back.",
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
    "schema": "Print the JSON Schema of what --output json writes.",
    "sandbox": "A simulated AWS on this machine, to try all this on.",
}


NO_SERVICE = frozenset({"login", "logout", "credentials", "image", "sandbox", "schema"})
"""Commands that are not about a service."""


ONE_WAY = frozenset({"finish", "close", "adopt", "cleanup", "unlock", "logout"})
"""Commands that nobody is led to by a likeness of words: what they do does not come back."""

UNKNOWN_HERE = frozenset(
    {"delete", "remove", "rm", "drop", "purge", "erase", "wipe", "destroy", "terminate", "kill", "teardown", "down"}
)
"""What other tools call an end of everything, for which there is nothing here that is meant by it."""

SAME = {
    "rollback": ("undo", "revert", "back", "restore", "downgrade"),
    "abort": ("cancel",),
    "deploy": ("release", "rollout", "update", "upgrade", "ship", "push", "start", "install"),
    "finish": ("complete", "commit", "retire", "done", "confirm"),
    "resume": ("continue", "retry", "carry-on", "recover"),
    "status": ("list", "ls", "ps", "show", "info", "describe", "get", "state"),
    "watch": ("follow", "tail", "monitor"),
    "why": ("explain", "reason", "debug", "diagnose", "cause"),
    "history": ("log", "logs", "events", "releases", "report"),
    "check": ("validate", "verify", "doctor", "lint", "test", "plan", "dry-run", "init", "setup", "configure"),
    "diff": ("compare",),
    "lock": ("freeze",),
    "pause": ("hold", "suspend", "wait"),
    "unlock": ("unfreeze", "thaw"),
    "cleanup": ("clean", "gc", "prune", "cron"),
    "adopt": ("import", "rebuild"),
    "close": ("forget", "abandon"),
    "login": ("signin", "auth"),
    "logout": ("signout",),
}
"""What other tools call a command."""

NOTES = {
    "init": ": write bluegreen.toml by hand, then look with",
    "setup": ": write bluegreen.toml by hand, then look with",
    "configure": ": write bluegreen.toml by hand, then look with",
    "plan": ": nothing is rehearsed; whether the pair is fit says",
    "dry-run": ": nothing is rehearsed; whether the pair is fit says",
}


def _meant(word: str) -> str:
    """Return what somebody may have meant who typed ``word``: what another tool calls so, or a likely slip."""
    known = next((command for command, words in SAME.items() if word.lower() in words), "")
    if known:
        return f'{NOTES.get(word.lower(), "; here it is called")} "{known}"'
    close = next(iter(difflib.get_close_matches(word, COMMANDS, 1)), "")
    opposite = word.lower().startswith("un") and not close.startswith("un")
    guessed = close and close not in ONE_WAY and not opposite and word.lower() not in UNKNOWN_HERE
    return f'; did you mean "{close}"?' if guessed else ""


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

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``help COMMAND`` for ``COMMAND --help``, as other tools do."""
        return super().parse_args(ctx, [*args[1:], "--help"] if args[:1] == ["help"] else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; propose the closest name when there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f'there is no command "{args[0]}"{_meant(args[0])}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

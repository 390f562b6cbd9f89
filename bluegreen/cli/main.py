"""Where every call of the command line passes: wiring, the only catch-all, and the exit status."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bluegreen.cli.invocation import RUNS, Invocation
from bluegreen.cli.lazy import LazyGroup
from bluegreen.cli.options import common
from bluegreen.cli.signals import CtrlC, Signalled, behind, status_of
from bluegreen.credentials.hiding import hide
from bluegreen.errors import BluegreenError, Status, Usage
from bluegreen.words import clean

if TYPE_CHECKING:
    from bluegreen.cli.wiring import Wiring


JUDGES = frozenset({"check", "diff", "why"})
"""Commands whose exit status 4 is an answer, as what they print is."""

TIDY = frozenset({"adopt", "close", "credentials", "image", "login", "logout"})
"""Commands that Ctrl-C must let put something right: a lease, an echo, a child, a file that is written."""


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"bluegreen {version('bluegreen')}")
        except PackageNotFoundError:
            click.echo("bluegreen (not installed)")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
@common
@click.pass_context
def cli(context: click.Context) -> None:
    """Zero-downtime deployment with two EC2 Auto Scaling groups behind one load balancer."""
    context.ensure_object(Invocation).verb = context.invoked_subcommand or ""
    if context.invoked_subcommand in TIDY:
        context.with_resource(CtrlC())


def main(argv: Sequence[str] | None = None, *, wiring: Wiring | None = None) -> int:
    """Run the command line and return its exit status; nothing is raised. Click's own words go to ``out`` as well."""
    invocation = Invocation(wiring)
    try:
        with contextlib.redirect_stdout(invocation.out):
            return _written(invocation, int(_run(argv, invocation)))
    finally:
        invocation.out.silence()
        invocation.err.silence()


def _written(invocation: Invocation, status: int) -> int:
    """Return the exit status, another one where the answer could not be written that was all there was to do."""
    lost, verb = invocation.out.lost, invocation.verb
    if lost is None or (invocation.begun and verb in RUNS):
        return status
    invocation.err.line(f"the answer could not be written to stdout: {clean(lost)}")
    answered = status == Status.OK or (status == Status.BLOCKED and verb in JUDGES)
    return Status.UNWRITTEN if answered else status


def _run(argv: Sequence[str] | None, invocation: Invocation) -> int:
    try:
        ended = cli.main(argv, prog_name="bluegreen", standalone_mode=False, obj=invocation)
    except BluegreenError as error:
        return _failed(invocation, error)
    except click.ClickException as error:
        return _misused(invocation, error)
    except (click.Abort, KeyboardInterrupt, Signalled) as interrupt:
        return _interrupted(invocation, interrupt)
    except SystemExit as leaving:
        return _exited(invocation, leaving)
    except Exception as error:
        signalled = behind(error)
        return _bug(invocation, error) if signalled is None else _interrupted(invocation, signalled)
    return ended if isinstance(ended, int) else Status.OK


def _failed(invocation: Invocation, error: BluegreenError) -> int:
    if invocation.debug:
        _traceback(invocation, error)
    if error.status is Status.BUG:
        return _bug(invocation, error)
    invocation.tell_error(_with_a_next_step(invocation, error))
    return error.status


def _with_a_next_step(invocation: Invocation, error: BluegreenError) -> BluegreenError:
    """Return what was typed wrongly with where to read how it is typed, where it says no more itself."""
    if not isinstance(error, Usage) or error.hint:
        return error
    words = " ".join(filter(None, ("bluegreen", invocation.verb, "--help")))
    return type(error)(error.message.split("\n"), f"`{words}` shows what is understood")


def _exited(invocation: Invocation, leaving: SystemExit) -> int:
    """Click leaves so when nobody reads its help any more, which is no failure."""
    if invocation.out.silence():
        return Status.OK
    return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def _misused(invocation: Invocation, error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        invocation.err.line(error.format_message())
        return Status.USAGE
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"`{context.command_path} --help` shows what is understood" if context else ""
    invocation.tell_end(Status.USAGE, clean(error.format_message()), hint)
    return Status.USAGE


def _interrupted(invocation: Invocation, interrupt: BaseException) -> int:
    if not isinstance(interrupt, Signalled):
        invocation.tell("interrupted")
        return Status.INTERRUPTED
    status = status_of(interrupt.number)
    if invocation.goal:
        invocation.tell_end(status, "left at once, in the middle", _go_on(invocation.service, invocation.goal))
    else:
        how = f"`bluegreen status {invocation.service}` shows how it stands"
        invocation.tell_end(status, "left at once; no release was begun or carried on", how)
    return status


def _go_on(service: str, goal: str) -> str:
    on = f"go on with `bluegreen resume {service}`"
    return on if goal == "rollback" else f"{on}, or go back with `bluegreen rollback {service}`"


def _bug(invocation: Invocation, error: BaseException) -> int:
    sentence = clean(f"bluegreen has a bug: {type(error).__name__}: {error}")
    if invocation.debug:
        _traceback(invocation, error)
        invocation.tell_end(Status.BUG, sentence)
    else:
        invocation.tell_end(Status.BUG, sentence, _kept(error))
    return Status.BUG


def _traceback(invocation: Invocation, error: BaseException) -> None:
    import traceback

    for line in "".join(traceback.format_exception(error)).splitlines():
        invocation.tell(line)


def _kept(error: BaseException) -> str:
    """Write the traceback to a file that only its owner reads, and say where."""
    import os
    import tempfile
    import traceback

    try:
        handle, path = tempfile.mkstemp(prefix="bluegreen-", suffix=".txt")
        with os.fdopen(handle, "w") as file:
            file.write(hide("".join(traceback.format_exception(error))))
    except OSError:
        return "run it again with --debug to see the traceback"
    return f"the traceback is in {path}; please report it"

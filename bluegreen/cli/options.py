"""Options that several verbs share. Values are read by the same functions that read ``bluegreen.toml``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bluegreen.cli.invocation import JSON, TEXT, Invocation

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]


class SettingType(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in newer clicks only
    """A value of ``bluegreen.toml`` on the command line; ``key`` is its key there."""

    def __init__(self, key: str, name: str) -> None:
        self.key = key
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value as the configuration has it, or fail with the reader's sentence."""
        from bluegreen.settings.configuration import READERS

        try:
            return READERS[self.key](value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value not in (None, False, ()):
            setattr(context.find_object(Invocation), name, value)

    return callback


def _global(name: str, **attributes: Any) -> Decorator[Any]:
    return click.option(f"--{name}", expose_value=False, callback=_remember(name), **attributes)


def common(function: F) -> F:
    """Add what every verb and the group itself understand: ``--config``, ``--output``, ``--debug``."""
    for option in (
        _global("debug", is_flag=True, help="Show tracebacks."),
        _global("output", type=click.Choice([TEXT, JSON]), help="What stdout is for; text if not given."),
        _global("config", metavar="FILE", help="Instead of the bluegreen.toml that is found."),
    ):
        function = option(function)
    return function


def _take_profile(context: click.Context, _: click.Parameter, name: str | None) -> None:
    if name and (invocation := context.find_object(Invocation)) is not None:
        invocation.wiring.take_profile(name)


def _setting(flag: str, key: str, metavar: str, text: str) -> Decorator[Any]:
    return click.option(flag, key, type=SettingType(key, metavar.lower()), metavar=metavar, help=text)


def pair(function: F) -> F:
    """Add what names a pair, so that a verb works without a file."""
    for option in (
        click.option(
            "--profile",
            expose_value=False,
            is_eager=True,
            callback=_take_profile,
            metavar="NAME",
            help="The AWS profile; goes before AWS's variables.",
        ),
        click.option("--state", metavar="URL", help="Where the records are, such as file:~/.local/state/bluegreen."),
        _setting("--image-tag-key", "image_tag_key", "KEY", "The group tag that instances read their version from."),
        _setting("--region", "region", "REGION", "The AWS region."),
        _setting("--green", "green", "GROUP", "The other Auto Scaling group."),
        _setting("--blue", "blue", "GROUP", "One Auto Scaling group."),
    ):
        function = option(function)
    return function


pace = _setting("--pace", "pace", "LEAST/MOST", "How few may serve and how many may run, in percent of demand.")


def timing(function: F) -> F:
    """Add a deployment's durations and its pace."""
    for option in (
        _setting("--healthy-for", "healthy_for", "DURATION", "How long new instances must stay healthy first."),
        _setting(
            "--stabilization",
            "stabilization",
            "DURATION",
            "How long a minimum is held up at most, for alarms to calm down.",
        ),
        _setting("--alarms", "alarms", "NAME,…", "CloudWatch alarms of which none may fire in the bake."),
        pace,
        _setting("--look-every", "look_every", "DURATION", "The pause between two looks."),
        _setting("--progress-deadline", "progress_deadline", "DURATION", "Roll back after so long without progress."),
        _setting("--deadline", "deadline", "DURATION", "Roll back when it takes longer in all."),
        _setting("--keep-parked", "keep_parked", "DURATION", "How long `cleanup` leaves the parked instances."),
        _setting(
            "--bake", "bake", "DURATION", "How long the new image must serve well alone before it counts as deployed."
        ),
    ):
        function = option(function)
    return function


def repository(function: F) -> F:
    """Add where the image is to be, and who may have the password for it."""
    for option in (
        _setting("--token-host", "token_host", "HOST", "The host that hands out the registry's tokens, if another."),
        _setting("--repository", "repository", "REPOSITORY", "Where the image is to be: HOST/NAME."),
    ):
        function = option(function)
    return function


require_image = click.option(
    "--require-image",
    is_flag=True,
    default=None,
    help="End when it cannot be found out whether the image is in the repository; otherwise that is a warning.",
)

yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
without = click.option(
    "--without",
    expose_value=False,
    multiple=True,
    metavar="NAME",
    callback=_remember("without"),
    help="Do without a load balancer or target group that never gets well; asks where something is healthy there.",
)


def waiting(function: F) -> F:
    """Add how long a verb that writes waits for its turn."""
    return click.option(
        "--wait-lock",
        expose_value=False,
        callback=_remember("patience"),
        type=SettingType("bake", "duration"),
        metavar="DURATION",
        help="Wait so long while somebody else is at work on the service, or has locked it.",
    )(function)

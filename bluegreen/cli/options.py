"""Options that several verbs share, and those that the settings declare, read as ``bluegreen.toml`` is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bluegreen.cli.invocation import JSON, TEXT, Invocation

if TYPE_CHECKING:
    from bluegreen.declared import Setting
    from bluegreen.settings.kind import SettingsKind

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]


class Written(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in newer clicks only
    """A value on the command line, written as in ``bluegreen.toml``."""

    def __init__(self, read: Callable[[object], Any], metavar: str) -> None:
        self.read = read
        self.name = metavar.lower()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value as the configuration has it, or fail with the reader's sentence."""
        try:
            return self.read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ServiceCommand(click.Command):
    """A command about services: it understands the flags of the settings that are declared for it."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, with the flags of the settings of each kind of target before what all have."""
        own, kinds = super().get_params(ctx), _kinds(ctx)
        behind = next((n for n, one in enumerate(own) if one.name == "state"), len(own))
        return [*own[:behind], *_flags(kinds, self.name or ""), *own[behind:]]


def _kinds(context: click.Context) -> tuple[SettingsKind, ...]:
    return (context.find_object(Invocation) or Invocation()).wiring.kinds


@functools.cache
def _flags(kinds: tuple[SettingsKind, ...], verb: str) -> tuple[click.Option, ...]:
    """Return the flags of a command: first those that few have, then those that name what a service runs on."""
    from bluegreen.declared import EVERY_VERB

    settings: dict[str, Setting] = {}
    for one in (one for kind in kinds for one in kind.settings.values() if one.understood_by(verb)):
        if settings.setdefault(one.flag, one).value != one.value:
            raise ValueError(f"{one.flag} is written differently for two kinds of targets")
    in_order = sorted(settings.values(), key=lambda one: (one.verbs == EVERY_VERB, not one.required))
    return tuple(map(_flag, in_order))


def _flag(setting: Setting) -> click.Option:
    if setting.default is False:
        return click.Option([setting.flag, setting.name], is_flag=True, default=None, help=setting.help)
    value = setting.value
    written = Written(setting.read, value.metavar)
    return click.Option([setting.flag, setting.name], type=written, metavar=value.metavar, help=setting.help)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value not in (None, False, ()):
            setattr(context.find_object(Invocation), name, value)

    return callback


def _global(name: str, **attributes: Any) -> Decorator[Any]:
    return click.option(f"--{name}", expose_value=False, callback=_remember(name), **attributes)


def common(function: F) -> F:
    """Add what every verb and the group itself understand: ``--config``, ``--output``, ``--ascii``, ``--debug``."""
    for option in (
        _global("debug", is_flag=True, help="Show tracebacks."),
        _global("ascii", is_flag=True, help="Plain signs, also where the terminal has others."),
        _global("output", type=click.Choice([TEXT, JSON]), help="What stdout is for; text if not given."),
        _global("config", metavar="FILE", help="Instead of the bluegreen.toml that is found."),
    ):
        function = option(function)
    return function


def _take_profile(context: click.Context, _: click.Parameter, name: str | None) -> None:
    if name and (invocation := context.find_object(Invocation)) is not None:
        invocation.wiring.take_profile(name)


def about_service(function: F) -> F:
    """Add, beside what the settings bring, where the records are and whose credentials are taken."""
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
    ):
        function = option(function)
    return function


yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
without = click.option(
    "--without",
    expose_value=False,
    multiple=True,
    metavar="NAME",
    callback=_remember("without"),
    help="Do without a load balancer or target group that never gets well; asks where something is healthy there.",
)


def _duration(value: object) -> float:
    from bluegreen.declared import parse_duration

    return parse_duration(value)


def waiting(function: F) -> F:
    """Add how long a verb that writes waits for its turn."""
    return click.option(
        "--wait-lock",
        expose_value=False,
        callback=_remember("patience"),
        type=Written(_duration, "duration"),
        metavar="DURATION",
        help="Wait so long while another command runs on the service, or it is locked.",
    )(function)


def watched(function: F) -> F:
    """Add how often a view looks, and whether it ends at a gate."""
    for option in (
        click.option("--through-gates", is_flag=True, help="With --watch: a gate does not end the view."),
        click.option(
            "--every",
            type=Written(_duration, "duration"),
            metavar="DURATION",
            default="3s",
            help="With --watch: look so often; 3s if not given.",
        ),
    ):
        function = option(function)
    return function

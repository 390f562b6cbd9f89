"""Connects the command line with the configuration, the records, AWS and the person at the terminal.

Tests hand in another one; nothing else here knows how these things are made.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

import click

from bluegreen.clock import Clock, SystemClock
from bluegreen.words import clean

if TYPE_CHECKING:
    from bluegreen.flow.ports import Listener
    from bluegreen.instance.finding import Surroundings
    from bluegreen.record.store import Store
    from bluegreen.service import Service
    from bluegreen.settings.configuration import Configuration
    from bluegreen.settings.kind import SettingsKind
    from bluegreen.settings.service import ServiceSettings
    from bluegreen.targets.seam.target import Kind

GO_BEFORE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_DEFAULT_PROFILE",
)
"""Variables that go before ``AWS_PROFILE`` (botocore 1.44.5, credentials)."""

LONGEST_NAME = 200
"""Characters of who one is: a user's name and a machine's are whatever the environment says."""


@functools.cache
def kinds() -> tuple[SettingsKind, ...]:
    """Return the kinds of targets that a service can be configured to run on."""
    from bluegreen.settings.kind import SettingsKind
    from bluegreen.targets.pair.settings import ServiceSettings

    return (SettingsKind("pair", ServiceSettings),)


class Wiring:
    """The real thing."""

    clock: Clock = SystemClock()
    _default_region: str | None = None

    @property
    def kinds(self) -> tuple[SettingsKind, ...]:
        """The kinds of targets that a service may run on."""
        return kinds()

    def configuration(self, path: str | None) -> Configuration:
        """Read ``path``, or the file that is found."""
        from bluegreen.settings.configuration import load

        return load(path, self.kinds)

    def names_service(self, service: str, path: str | None) -> bool:
        """Whether ``path``, or the file that is found, has a table for ``service``; quick, and never raises."""
        from bluegreen.settings.file import names_service

        return names_service(service, path)

    def has_file(self) -> bool:
        """Whether there is a configuration file, however wrong."""
        from bluegreen.settings.file import is_there

        return is_there()

    def take_profile(self, name: str) -> None:
        """Let AWS's library take everything from a profile, as the AWS command line does for its `--profile`."""
        from bluegreen.credentials.hiding import VARIABLES, remember

        for variable in GO_BEFORE:
            value = os.environ.pop(variable, "")
            if variable in VARIABLES:
                remember(value)
        os.environ["AWS_PROFILE"] = name

    def default_region(self) -> str:
        """Return the region of AWS's own configuration, or nothing."""
        if self._default_region is None:
            from bluegreen.aws.settings import default_region

            self._default_region = default_region()
        return self._default_region

    def store(self, state: str) -> Store:
        """Open the records."""
        from bluegreen.flow.kinds import Kinds
        from bluegreen.record.open import open_store
        from bluegreen.targets.pair.model.sound import PAIR

        return open_store(state, Kinds((PAIR,)))

    def service(
        self,
        settings: ServiceSettings,
        state: str,
        listeners: tuple[Listener, ...],
        stop: Callable[[], int | None],
        patience: float = 0.0,
    ) -> Service:
        """Return the service layer for what a service is configured to run on."""
        from bluegreen.service import Service, Session

        session = Session(
            settings=settings,
            store=self.store(state),
            clock=self.clock,
            who=whoami(),
            listeners=listeners,
            stop=stop,
            patience=patience,
            attended=self.attended(),
        )
        return Service(session, self.kind(settings))

    def kind(self, settings: ServiceSettings) -> Kind:
        """Return what a service runs on: the one place where that is chosen."""
        from bluegreen.aws.clients import BotoClients
        from bluegreen.targets.pair.at_work.pair import kind_of
        from bluegreen.targets.pair.aws.adapter import Aws

        return kind_of(Aws(BotoClients(region=settings.region or ""), self.clock))

    def surroundings(self, tell: Callable[[str], None], patience: float) -> Surroundings:
        """Return what an instance finds around itself: its metadata service, and Auto Scaling when it is asked.

        ``patience`` is how many seconds may be spent on the metadata service's silence.
        """
        from bluegreen.instance.finding import Surroundings
        from bluegreen.instance.metadata import Metadata, endpoint_from

        endpoint = endpoint_from(os.environ)

        def autoscaling(region: str) -> Any:
            from bluegreen.instance.client import autoscaling

            return autoscaling(region, endpoint)

        return Surroundings(Metadata(endpoint, clock=self.clock, patience=patience), self.clock, autoscaling, tell)

    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    def attended(self) -> bool:
        """Whether a person is at one of the streams, who may have typed Ctrl-C."""
        return any(map(_is_terminal, (sys.stdin, sys.stdout, sys.stderr)))

    def confirm(self, question: str) -> bool:
        """Ask, with no as the default; for no answer leave the line and raise ``click.Abort``."""
        try:
            return click.confirm(clean(question), err=True)
        except click.Abort:
            click.echo(err=True)
            raise


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def whoami() -> str:
    """Return ``user@host``."""
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return clean(f"{user}@{socket.gethostname()}".encode("utf-8", "replace").decode())[:LONGEST_NAME]

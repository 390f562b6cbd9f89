"""Commands in sentences, spelled so that they mean the same when they are pasted into another shell.

Whoever writes a hint names the command alone, in backquotes. What it needs besides is known here: the flags that this
command was given, and what the other shell need not have: a default region, a profile, the address of an endpoint.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping

import attrs
from attrs import define, frozen

from bluegreen.cli.lazy import COMMANDS, NO_SERVICE
from bluegreen.flow.events import Event
from bluegreen.flow.telling import prompt
from bluegreen.report.steady import Reporter

REGIONAL = frozenset({"autoscaling", "cloudwatch", "ec2", "elb", "elbv2"})
"""Services of the AWS command line whose commands concern a pair, which is in one region."""

_COMMAND = re.compile(r"`((?:aws|bluegreen) [^`\n]+)`")


@frozen
class Place:
    """Where a command was typed: for which ``service``, with which ``flags``, in the ``region`` that it is about.

    ``default_region`` returns the one of AWS's own configuration, for where no flag and no file names one.
    """

    service: str = ""
    flags: Mapping[str, str] = {}
    config: str = ""
    region: str = ""
    default_region: Callable[[], str] = str

    def spelled(self, text: str) -> str:
        """Return ``text``, each command in it with the options that it needs elsewhere."""
        return _COMMAND.sub(lambda found: f"`{self._whole(found[1])}`", text)

    def _whole(self, command: str) -> str:
        program, verb, *rest = command.split(" ")
        typed = _typed(command)
        options = self._for_aws(verb) if program == "aws" else self._for_us(verb)
        given = {name: value for name, value in options if value and name not in typed}
        named = [self.service] if program != "aws" and _lacks_service(verb, rest) and self.service else []
        return " ".join([command.strip(), *filter(None, [shlex.join([*named, *_words(given)])])])

    def _for_aws(self, service: str) -> Iterator[tuple[str, str]]:
        if service in REGIONAL:
            yield "--region", self.region or self.default_region()
        if service != "configure":
            yield "--profile", profile()
            yield "--endpoint-url", os.environ.get("AWS_ENDPOINT_URL", "")

    def _for_us(self, verb: str) -> Iterator[tuple[str, str]]:
        if verb not in COMMANDS or verb in NO_SERVICE:
            return
        for key, value in self.flags.items():
            yield f"--{key.replace('_', '-')}", value
        if not self.region:
            yield "--region", self.default_region()
        yield "--profile", profile()
        yield "--config", self.config or os.environ.get("BLUEGREEN_CONFIG", "")


def profile() -> str:
    """Return the profile that AWS's library takes credentials from; none where other variables go before it.

    botocore 1.44.5, configprovider: both variables, in this order.
    """
    if os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return ""
    return os.environ.get("AWS_DEFAULT_PROFILE") or os.environ.get("AWS_PROFILE") or ""


def _lacks_service(verb: str, rest: list[str]) -> bool:
    return verb in COMMANDS and verb not in NO_SERVICE and not any(rest)


def _typed(command: str) -> frozenset[str]:
    """Return the words of a command as a shell takes them, options without their values."""
    with contextlib.suppress(ValueError):  # an open quote: it is no command
        return frozenset(word.partition("=")[0] for word in shlex.split(command))
    return frozenset()


def _words(options: Mapping[str, str]) -> list[str]:
    return [word for option in options.items() for word in option]


@prompt
@define
class Spelling:
    """Tells events to ``reporter``, which is prompt itself, the commands in them ``spelled``."""

    reporter: Reporter
    spelled: Callable[[str], str]
    goal: str = ""
    """Where to the release is going that was begun, or carried on; nothing before."""

    def __call__(self, event: Event) -> None:
        """Tell ``event``."""
        if event.release:
            self.goal = event.goal
        self.reporter(attrs.evolve(event, reason=self.spelled(event.reason)))

    def say(self, text: str) -> None:
        """Tell people something else."""
        self.reporter.say(self.spelled(text))

    def close(self) -> None:
        """Give the terminal back."""
        self.reporter.close()

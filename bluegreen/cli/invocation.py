"""What one call of the command line carries through the verbs: its global options, its streams, its wiring."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from bluegreen.credentials.hiding import hide
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean, clean_lines
from bluegreen.sentences.flow import checking
from bluegreen.words import plural

if TYPE_CHECKING:
    from bluegreen.cli.wiring import Wiring
    from bluegreen.errors import BluegreenError
    from bluegreen.flow.release import Release
    from bluegreen.settings.service import ServiceSettings

TEXT, JSON = "text", "json"

RUNS = frozenset({"deploy", "rollback", "finish", "resume", "cleanup", "adopt", "close"})
"""Commands whose result is all that they have to say on stdout: one line, however they end."""

PATIENCE = 5.0
"""Seconds in all for which those who do not read what they are told may hold up a run."""


class Invocation:
    """``out`` is for data, ``err`` for talk; both outlive their reader."""

    def __init__(self, wiring: Wiring | None = None) -> None:
        self.out = SafeStream(sys.stdout)
        self.err = SafeStream(sys.stderr)
        self.config: str | None = None
        self.output = TEXT
        self.debug = False
        self.patience = 0.0
        self.without: tuple[str, ...] = ()
        self.signal: int | None = None
        self.goal = ""
        self.service = ""
        self.verb = ""
        self.begun = False
        self.flags: dict[str, str] = {}
        self._settings: ServiceSettings | None = None
        self._wiring = wiring
        self._began = time.monotonic()
        self.ascii = os.environ.get("BLUEGREEN_ASCII", "") not in ("", "0")

    @property
    def ascii(self) -> bool:
        """Whether our signs are to be plain ones, which every terminal has in one column."""
        return self.out.wants_plain

    @ascii.setter
    def ascii(self, plain: bool) -> None:
        self.out.wants_plain = self.err.wants_plain = plain

    @property
    def json(self) -> bool:
        """Whether stdout is for a program."""
        return self.output == JSON

    @property
    def wiring(self) -> Wiring:
        """What connects the command line with everything else, made when first needed."""
        if self._wiring is None:
            from bluegreen.cli.wiring import Wiring

            self._wiring = Wiring()
        return self._wiring

    def begin(self, service: str, flags: Mapping[str, Any]) -> None:
        """Say that a service is looked at, before anything slow is imported; nothing of one that there is not.

        Whether it may do more than look is not known yet, so it claims no more.
        """
        from bluegreen.settings.file import is_service_name

        self.service = service
        if (self.names_target(flags) and is_service_name(service)) or self.wiring.names_service(service, self.config):
            self.say_checking(service)

    def say_checking(self, service: str) -> None:
        """Say which service is looked at."""
        self.err.line(clean(checking(service)))

    def names_target(self, flags: Mapping[str, Any]) -> bool:
        """Whether a command's flags name what the service runs on, so that no file need name it."""
        return any(kind.is_named_by(flags) for kind in self.wiring.kinds)

    def about(self, settings: ServiceSettings) -> None:
        """Take it from here that everything is about one service."""
        self.service, self._settings = settings.name, settings

    def spelled(self, text: str) -> str:
        """Return ``text``, the commands in it as they are to be typed in any other shell."""
        if "`" not in text:
            return text
        from bluegreen.cli.pasting import Place

        settings = self._settings
        place = Place(self.service, self.flags, self.config or "", self.flags.get("region", ""))
        if settings is not None:
            known = settings.region or ""
            place = Place(self.service, self.flags, self.config or "", known, self.wiring.default_region)
        return place.spelled(text)

    def tell(self, sentence: str, hint: str = "") -> None:
        """Write a sentence for people, and what to do next."""
        self.err.line(clean_lines(hide(self.spelled(sentence))))
        self.tell_hint(hint)

    def tell_hint(self, hint: str) -> None:
        """Write what to do next."""
        for line in clean_lines(hide(self.spelled(hint))).splitlines():
            self.err.line("  " + line)

    def impatient(self) -> contextlib.AbstractContextManager[None]:
        """Let nobody who does not read hold up a run."""
        return self.waiting(PATIENCE)

    @contextlib.contextmanager
    def waiting(self, patience: float | None) -> Iterator[None]:
        """Wait ``patience`` seconds in all, ``None``: for ever, for those who do not read what they are told."""
        before = [(stream, stream.patience) for stream in (self.out, self.err)]
        for stream, _ in before:
            stream.patience = patience
        try:
            yield
        finally:
            for stream, own in before:
                stream.patience = own

    def tell_end(self, status: int, sentence: str, hint: str = "", release: Release | None = None) -> None:
        """Say how the command, or its part for one service, ended: to people, or to a program, who wait for that."""
        with self.waiting(None):
            self._tell_missed()
            self._tell_end(status, sentence, hint, release)

    def _tell_missed(self) -> None:
        for stream in (self.out, self.err):
            missed, stream.missed = stream.missed, 0
            if missed:
                self.tell(f"{plural(missed, 'message')} left out: nobody read what was written")

    def _tell_end(self, status: int, sentence: str, hint: str, release: Release | None) -> None:
        if self.json:
            from bluegreen.report.json import result_line

            sentence, hint = hide(self.spelled(sentence)), hide(self.spelled(hint))
            took = time.monotonic() - self._began
            self.out.line(result_line(self.service, status, sentence, hint, release, took))
        else:
            self._tell_people(status, self.named(sentence), hint)

    def _tell_people(self, status: int, sentence: str, hint: str) -> None:
        """Write the result of a run on stdout, and what to do next on stderr.

        A run that did not end as it was asked to is told on stderr as well, where that is another place: what is mailed
        of a cron job, or read beside a log, has it.
        """
        self._tell_result(sentence)
        if self.verb not in RUNS or (status and not self.out.is_as(self.err)):
            self.tell(sentence)
        self.tell_hint(hint)

    def _tell_result(self, sentence: str) -> None:
        """Write how a run ended, in the one line that it leaves on stdout: several sentences stand side by side."""
        if self.verb in RUNS:
            self.out.line("; ".join(clean(line) for line in hide(self.spelled(sentence)).split("\n")))

    def tell_error(self, error: BluegreenError) -> None:
        """Say what went wrong, in the same way; of several reasons each has its own hint below it."""
        each: tuple[tuple[str, str], ...] = getattr(error, "each", ())
        if self.json or len(each) < 2:
            self.tell_end(error.status, error.message, error.hint)
            return
        for sentence, hint in each:
            self.tell(self.named(f"refused: {clean(sentence)}"), clean(hint))
        self._tell_result(self.named(f"refused for {len(each)} reasons"))

    def named(self, sentence: str) -> str:
        """Return a sentence that says of which service it is."""
        if not self.service or sentence.startswith((f"{self.service}: ", f"{self.service} ")):
            return sentence
        return f"{clean(self.service)}: {sentence}"


Verb = Callable[..., int]


def pass_invocation(verb: Verb) -> Verb:
    """Hand a command its invocation, which knows from then on that it was more than asked for help."""

    @click.make_pass_decorator(Invocation)
    @functools.wraps(verb)
    def begun(invocation: Invocation, *words: Any, **flags: Any) -> int:
        invocation.begun = True
        return verb(invocation, *words, **flags)

    return begun

"""What can go wrong, as one sentence, one next thing to do and one exit status.

Every error that a user may meet is a :class:`BluegreenError`. ``cli.main`` is the only place that catches
them all; what is not one of these is our own bug and exits with :attr:`Status.BUG`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any

from bluegreen.words import sentences


class Status(enum.IntEnum):
    """The exit statuses, each with one meaning (see ``docs/exit-statuses.md``)."""

    OK = 0
    BUG = 1
    USAGE = 2
    ROLLED_BACK = 3
    BLOCKED = 4
    PAUSED = 5
    UNFINISHED = 6
    UNREACHABLE = 69
    UNWRITTEN = 74
    HELD = 75
    DENIED = 77
    CONFIGURATION = 78
    INTERRUPTED = 130
    TERMINATED = 143

    @classmethod
    def _missing_(cls, value: object) -> Status:
        raise Usage(f"{value!a:.60} is no exit status")


INT = 2
"""The number of the signal that Ctrl-C sends."""


class BluegreenError(Exception):
    """An error with a sentence (``message``), the next thing to do (``hint``) and an exit ``status``.

    Each is one line, whatever is in it; several are given one by one, for a line each.
    """

    status = Status.BUG

    def __init__(self, message: str | Iterable[str], hint: str | Iterable[str] = "") -> None:
        self.message, self.hint = _said(message), _said(hint)
        super().__init__(self.message)


def _said(words: object) -> str:
    """Return the words as :func:`sentences` has them; raise ``Usage`` for what is no text."""
    several: list[Any] = [words] if isinstance(words, str) or not isinstance(words, Iterable) else list(words)
    if strange := [type(one).__name__ for one in several if not isinstance(one, str)]:
        raise Usage(f"an error is said in text, not in {strange[0]}")
    return sentences(several)


class Usage(BluegreenError):
    """The command line asks for something that makes no sense."""

    status = Status.USAGE


class Refused(BluegreenError):
    """The pair or the record is not fit for what was asked; nothing was written."""

    status = Status.BLOCKED
    each: tuple[tuple[str, str], ...] = ()
    """Several reasons, each with its own hint."""

    @classmethod
    def several(cls, told: Iterable[tuple[str, str]]) -> Refused:
        """Return the refusal for several reasons, each ``told`` with its hint."""
        told = tuple(told)
        error = cls((sentence for sentence, _ in told), (hint for _, hint in told if hint))
        error.each = told
        return error


class NoGroup(Refused):
    """AWS's answer has none of a group that is named; a single answer may lack one that is there."""


class Unreachable(BluegreenError):
    """AWS or the record did not answer; nothing is decided on missing data."""

    status = Status.UNREACHABLE


class Unrecorded(BluegreenError):
    """The record cannot be kept (a full disk, a folder that went away): nothing is done that it would explain.

    No ``Unreachable``: waiting does not help, so that the engine does not try again.
    """

    status = Status.UNREACHABLE


class Interrupted(BluegreenError):
    """A signal asked to stop before a release had begun; nothing was written."""

    def __init__(self, signal: int, message: str) -> None:
        super().__init__(message)
        self.status = Status.INTERRUPTED if signal == INT else Status.TERMINATED


class Held(BluegreenError):
    """Somebody else holds the lease of this service."""

    status = Status.HELD


class Denied(BluegreenError):
    """A permission is missing; ``message`` names it."""

    status = Status.DENIED


class Misconfigured(BluegreenError):
    """The configuration is wrong; ``message`` lists every fault at once, a line each."""

    status = Status.CONFIGURATION

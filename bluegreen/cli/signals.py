"""Signals: the first one asks to stop at the next safe point, the second one leaves at once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

from bluegreen.errors import Status

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The second signal: unwind now, ``at_once``; a third ends the process as it stands."""

    at_once = True

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Stop:
    """Returns the number of the signal that asked to stop, or ``None``; ``asked`` is called at the first one."""

    def __init__(self, asked: Callable[[], None]) -> None:
        self.number: int | None = None
        self._asked = asked
        self._before: dict[int, Any] = {}

    def __call__(self) -> int | None:
        """Return the first signal's number, or ``None``."""
        return self.number

    def __enter__(self) -> Self:
        for number in NUMBERS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, _: FrameType | None) -> None:
        if self.number is None:
            self.number = number
            self._asked()
            return
        for each in self._before:
            signal.signal(each, signal.SIG_DFL)
        raise Interrupted(number)


def status_of(number: int) -> Status:
    """Return the exit status after a signal."""
    return Status.INTERRUPTED if number == signal.SIGINT else Status.TERMINATED

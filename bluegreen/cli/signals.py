"""Signals: the first one asks to stop at the next safe point, the second one leaves at once.

A handler sets what is asked later, or raises; it never writes: Python refuses a second write inside a first one, and
the first may be waiting for a reader. Outside of what heeds them, signals do what the system does with them.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

from bluegreen.errors import Status

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signalled(BaseException):
    """The second signal: unwind now, ``at_once``; a third ends the process as it stands."""

    at_once = True

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Handlers:
    """Handlers that are there for a while; a signal that is ignored stays ignored."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}

    def put(self, numbers: tuple[int, ...], handler: Callable[[int, FrameType | None], None]) -> None:
        """Let ``handler`` hear ``numbers``."""
        for number in numbers:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, handler)

    def default(self) -> None:
        """Let the next signal end the process."""
        for number in self._before:
            signal.signal(number, signal.SIG_DFL)

    def give_back(self) -> None:
        """Put back what was there before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)


class Stop:
    """Returns the number of the signal that asked to stop, or ``None``.

    ``asked`` is called once a signal has come: by whoever asks, never by the handler.
    """

    def __init__(self, asked: Callable[[], None]) -> None:
        self.number: int | None = None
        self._asked: Callable[[], None] | None = asked
        self._handlers = _Handlers()
        self._hook = sys.unraisablehook

    def __call__(self) -> int | None:
        """Return the first signal's number, or ``None``."""
        if self.number is not None and (asked := self._asked) is not None:
            self._asked = None
            asked()
        return self.number

    def __enter__(self) -> Self:
        self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        self._handlers.put(NUMBERS, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handlers.give_back()
        sys.unraisablehook = self._hook

    def _receive(self, number: int, _: FrameType | None) -> None:
        if self.number is None:
            self.number = number
            return
        self._handlers.default()
        raise Signalled(number)

    def _unraisable(self, what: sys.UnraisableHookArgs) -> None:
        """Show no traceback where Python swallows the second signal (in a finalizer): the first one holds."""
        if not isinstance(what.exc_value, Signalled):
            self._hook(what)


class CtrlC:
    """Lets Ctrl-C raise ``KeyboardInterrupt``, once: for what has something to put right, such as an echo or a child.

    Another one ends the process.
    """

    def __init__(self) -> None:
        self._handlers = _Handlers()

    def __enter__(self) -> Self:
        self._handlers.put((signal.SIGINT,), self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        self._handlers.give_back()

    def _receive(self, *_: object) -> None:
        self._handlers.default()
        raise KeyboardInterrupt


class Flag:
    """Becomes true with the first of ``numbers``; it has no lock, on which a handler could wait for its own thread."""

    def __init__(self, *numbers: int) -> None:
        self._raised = False
        _Handlers().put(numbers, self._raise)

    def __bool__(self) -> bool:
        return self._raised

    def _raise(self, *_: object) -> None:
        self._raised = True


def behind(error: BaseException | None) -> Signalled | KeyboardInterrupt | None:
    """Return the signal behind an error: Python 3.11 turns what is raised while a class is made into another one."""
    while error is not None and not isinstance(error, Signalled | KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def status_of(number: int) -> Status:
    """Return the exit status after a signal."""
    return Status.INTERRUPTED if number == signal.SIGINT else Status.TERMINATED

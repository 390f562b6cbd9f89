"""What a person types while a picture stands on their terminal is not shown in the middle of it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import threading
from types import FrameType
from typing import Any


def in_foreground(handle: int) -> bool:
    """Whether this process may draw on, and set, the terminal behind a descriptor: a job behind is stopped for that."""
    try:
        return os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return False


class Unechoed:
    """Puts the echo of the terminal behind stdin off, and on again at its end, or while the process is stopped.

    It does nothing where stdin is no terminal, or belongs to another job.
    """

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        self._handlers: dict[int, Any] = {}

    def begin(self) -> None:
        """Put it off."""
        if self._before is not None or not self._off() or threading.current_thread() is not threading.main_thread():
            return
        for number, handler in ((signal.SIGTSTP, self._stop), (signal.SIGCONT, self._go_on)):
            if signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, handler)

    def end(self) -> None:
        """Put it on again, what was typed meanwhile forgotten."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}
        self._on()
        self._before = None

    def _off(self) -> bool:
        with contextlib.suppress(OSError, ValueError, AttributeError, termios.error):
            handle = sys.stdin.fileno()
            if not in_foreground(handle):
                return False
            found = termios.tcgetattr(handle)
            self._before = self._before or found
            quiet = [*found]
            quiet[3] &= ~termios.ECHO
            termios.tcsetattr(handle, termios.TCSADRAIN, quiet)
            return True
        return False

    def _on(self) -> None:
        if self._before is None:
            return
        with contextlib.suppress(OSError, ValueError, AttributeError, termios.error):
            handle = sys.stdin.fileno()
            if in_foreground(handle):
                termios.tcsetattr(handle, termios.TCSADRAIN, self._before)
                termios.tcflush(handle, termios.TCIFLUSH)

    def _stop(self, number: int, _: FrameType | None) -> None:
        self._on()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._stop)

    def _go_on(self, number: int, _: FrameType | None) -> None:
        self._off()

"""Copies of this process, in which a story goes on otherwise than here: what was before need not be told again."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import define, field

T = TypeVar("T")


@define
class Copies:
    """Lets a copy of this process be killed wherever :meth:`point` is called; ``goes_on`` is what it does then.

    ``found`` holds what came of each copy, by the number of the point.
    """

    crash: Callable[[], BaseException]
    found: dict[int, Any] = field(factory=dict)
    _pipe: int | None = None

    def point(self, *_: object) -> None:
        """Be at a point: the copy is killed here, the process goes on when that one has come to its end."""
        if self._pipe is not None:
            return
        reads, writes = os.pipe()
        if (child := os.fork()) == 0:
            os.close(reads)
            self._pipe = writes
            raise self.crash()
        os.close(writes)
        try:
            with os.fdopen(reads, "rb") as pipe:
                said = pipe.read()
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.waitpid(child, 0)
        self.found[len(self.found) + 1] = pickle.loads(said) if said else "the copy is gone without a word"

    def play(self, told: Callable[[], None], goes_on: Callable[[], T]) -> dict[int, T]:
        """Run ``told``, in which the points are, and in each copy ``goes_on``; return what that gave."""
        try:
            told()
        except BaseException:
            if self._pipe is None:
                raise
            self._end(self._pipe, goes_on)
        if self._pipe is not None:
            self._end(self._pipe, lambda: "it was killed, and went on")
        return self.found

    @staticmethod
    def _end(pipe: int, goes_on: Callable[[], Any]) -> None:
        """Say what ``goes_on`` gives, and end the copy: nothing of the tests runs in it any more."""
        try:
            said = goes_on()
        except BaseException:
            said = traceback.format_exc()
        try:
            with os.fdopen(pipe, "wb") as told:
                pickle.dump(said, told)
        finally:
            os._exit(0)

"""Copies of this process, in which a story goes on otherwise than here: what was before need not be told again."""

from __future__ import annotations

import gc
import io
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType
from typing import Any, TypeVar

from attrs import define, field

from bluegreen.simulator.core.entrance import Entrance

T = TypeVar("T")


@define
class Copies:
    """Lets a copy of this process be killed wherever :meth:`point` is called; ``goes_on`` is what it does then.

    ``found`` holds what came of each copy, by the number of the point. ``left`` is all that a killed process leaves
    behind, if it is known: a point at which that is to the byte what it was at an earlier one, as between two reads,
    has the end of that one, and is not played again.
    """

    crash: Callable[[], BaseException]
    left: object = None
    found: dict[int, Any] = field(factory=dict)
    _ends: dict[bytes, Any] = field(factory=dict)
    _pipe: int | None = None

    def point(self, *_: object) -> None:
        """Be at a point: the copy is killed here, the process goes on when that one has come to its end."""
        if self._pipe is not None:
            return
        left = b"" if self.left is None else self._written()
        end = self._ends[left] if left in self._ends else self._end_of_a_copy()
        self.found[len(self.found) + 1] = end
        if left:
            self._ends[left] = end

    def _end_of_a_copy(self) -> Any:
        reads, writes = os.pipe()
        if (child := os.fork()) == 0:
            gc.freeze()  # what was there before is no garbage of the copy's: looking it through would copy its memory
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
        return pickle.loads(said) if said else "the copy is gone without a word"

    def _written(self) -> bytes:
        written = io.BytesIO()
        _Left(written, pickle.HIGHEST_PROTOCOL).dump(self.left)
        return written.getvalue()

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


WHO = (Copies, FunctionType, BuiltinFunctionType, type(threading.Lock()))


class _Left(pickle.Pickler):
    """Writes what is left behind: by who it is what stays the same, a simulator without how often it was asked."""

    def persistent_id(self, what: object) -> int | None:
        """Return who ``what`` is, where nothing of it is left behind."""
        return id(what) if isinstance(what, WHO) else None

    def reducer_override(self, what: object) -> Any:
        """Leave out the number of calls."""
        return (type, (), {**vars(what), "calls": 0}) if isinstance(what, Entrance) else NotImplemented

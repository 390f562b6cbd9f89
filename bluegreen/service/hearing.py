"""Who listens from outside: told in a thread of their own, so that nobody who is slow, or hangs, holds up a run."""

from __future__ import annotations

import queue
import threading
import time
import weakref
from collections.abc import Iterable

from attrs import define, field

from bluegreen.flow.events import Event
from bluegreen.flow.ports import Listener
from bluegreen.flow.telling import class_of, is_prompt, name_of

PATIENCE = 5.0
"""Seconds in all for which a run waits until a listener has heard what it is told."""
AT_ONCE = 0.1
"""Seconds within which a listener counts as prompt; they are not taken from its patience."""
BACKLOG = 1000
"""Events that are kept for one who is behind; what comes beyond is left out."""


@define(eq=False)
class Told:
    """One event on its way to a listener, and what came of it."""

    event: Event
    heard: threading.Event = field(factory=threading.Event)
    error: BaseException | None = None


class Left(Exception):
    """A listener raised something in its own thread, where no signal comes: in the run's it ends nothing."""

    def __init__(self, error: BaseException) -> None:
        self.kind = class_of(error)
        super().__init__(self.kind)


Waiting = queue.SimpleQueue[Told | None]


@define(eq=False, slots=False)
class Apart:
    """Tells ``listener``, one event after the other; raises that it raised as long as it is waited for."""

    listener: Listener
    patience: float = PATIENCE
    missed: int = 0
    _waiting: Waiting | None = None

    def __attrs_post_init__(self) -> None:
        vars(self)["__name__"] = name_of(self.listener)

    def __call__(self, event: Event) -> None:
        """Tell ``event``, and wait until it is heard while there is patience left."""
        told, waiting = Told(event), self._queue()
        if waiting.qsize() >= BACKLOG:
            self.missed += 1
            return
        waiting.put(told)
        self._wait(told)
        if told.error is not None:
            raise Left(told.error)

    def _wait(self, told: Told) -> None:
        if self.patience <= 0:
            return
        began = time.monotonic()
        told.heard.wait(max(AT_ONCE, self.patience))
        took = time.monotonic() - began
        self.patience -= took if took > AT_ONCE else 0.0

    def _queue(self) -> Waiting:
        if self._waiting is None:
            self._waiting = queue.SimpleQueue()
            weakref.finalize(self, self._waiting.put, None).atexit = False
            threading.Thread(target=_work, args=(self.listener, self._waiting), name="listener", daemon=True).start()
        return self._waiting


def apart(listeners: Iterable[Listener]) -> tuple[Listener, ...]:
    """Return listeners none of which holds up a run or belongs to the record, whatever they say of themselves.

    Our own :func:`~bluegreen.flow.telling.prompt` ones are told as they are.
    """
    return tuple(one if type(one) is Apart or is_prompt(one) else Apart(one) for one in listeners)


def _work(listener: Listener, waiting: Waiting) -> None:
    while (told := waiting.get()) is not None:
        try:
            listener(told.event)
        except BaseException as error:  # raised again where it is waited for
            told.error = error
        told.heard.set()

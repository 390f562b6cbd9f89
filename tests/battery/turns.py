"""Threads of which one runs at a time, handed the turn by a seed, in one virtual time.

Time passes only when nobody can go on, as far as the first who wants to wake.
"""

from __future__ import annotations

import random
import threading
import traceback
from collections.abc import Callable

from attrs import define, field

LOST = 120.0
"""Real seconds after which a play that does not end is given up: it is stuck."""


@define(eq=False)
class Actor:
    """One thread; ``wake`` is when it wants to go on, ``failed`` what it died of."""

    name: str
    life: Callable[[], None]
    wake: float = 0.0
    done: bool = False
    failed: str = ""
    gate: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))


@define
class Turns:
    """Hands the turn over; ``restless`` is how probable that is where an actor could as well go on."""

    now: Callable[[], float]
    pass_until: Callable[[float], None]
    dice: random.Random
    restless: float = 1.0
    actors: tuple[Actor, ...] = ()
    current: Actor | None = None
    _over: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))

    def play(self, *actors: Actor) -> None:
        """Let ``actors`` live, each to its end."""
        self.actors = actors
        threads = [threading.Thread(target=self._live, args=(actor,), daemon=True) for actor in actors]
        for thread in threads:
            thread.start()
        self._next().gate.release()
        if not self._over.acquire(timeout=LOST):
            raise RuntimeError(f"stuck: {[(actor.name, actor.wake, actor.done) for actor in actors]}")
        for thread in threads:
            thread.join()
        self.current = None

    def offer(self) -> None:
        """Let somebody else go on, perhaps."""
        if self.restless >= 1.0 or self.dice.random() < self.restless:
            self._hand_over()

    def sleep(self, seconds: float) -> None:
        """Let the running actor sleep; the others go on meanwhile."""
        self._running.wake = self.now() + max(0.0, seconds)
        self._hand_over()

    @property
    def _running(self) -> Actor:
        assert self.current is not None
        return self.current

    def _hand_over(self) -> None:
        me, after = self._running, self._next()
        if after is not me:
            after.gate.release()
            me.gate.acquire()

    def _next(self) -> Actor:
        living = [actor for actor in self.actors if not actor.done]
        first = min(actor.wake for actor in living)
        if first > self.now():
            self.pass_until(first)
        ready = [actor for actor in living if actor.wake <= self.now()]
        self.current = ready[0] if len(ready) == 1 else self.dice.choice(ready)
        return self.current

    def _live(self, actor: Actor) -> None:
        actor.gate.acquire()
        try:
            actor.life()
        except BaseException:
            actor.failed = traceback.format_exc()
        actor.done = True
        gate = self._over if all(other.done for other in self.actors) else self._next().gate
        gate.release()

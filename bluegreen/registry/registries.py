"""Whichever registry a repository is in: asked again for a moment while it is busy, and never waited for long."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable

from attrs import define, field

from bluegreen.clock import Clock, SystemClock
from bluegreen.errors import BluegreenError, Unreachable, Usage
from bluegreen.registry.credentials import Secrets, nobody
from bluegreen.registry.distribution import Distribution
from bluegreen.registry.ecr import Connect, in_ecr
from bluegreen.registry.reference import parse

Found = bool | BaseException
Answers = queue.SimpleQueue[Found]

LONGEST = 15.0
"""Seconds for everything, names and slow answers included: less than the lease lasts under which it is asked."""

_SLICE = 0.5
_PAUSES = (0.3, 0.9)


def at_ease() -> None:
    """Nobody asks to stop."""


@define(kw_only=True)
class Registries:
    """Looks for images; ``connect`` makes a client of ECR, ``secrets`` knows passwords."""

    connect: Connect
    secrets: Secrets = nobody
    clock: Clock = field(factory=SystemClock)
    longest: float = LONGEST

    def holds(self, repository: str, version: str, heed: Callable[[], None] = at_ease, tokens: str = "") -> bool:
        """Say whether a version (a valid one) is there; raise our error when that cannot be found out.

        ``heed`` is called twice a second meanwhile, and what it raises ends the wait. ``tokens`` is the host that may
        have the registry's password to hand out tokens for it, where that is another one.
        """
        answers: Answers = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put(self._patiently(repository, version, tokens))
            except Exception as error:
                answers.put(_ours(error))
            except BaseException as error:  # raised again below, where somebody hears it
                answers.put(error)

        threading.Thread(target=work, name="registry", daemon=True).start()
        answer = self._awaited(answers, heed)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _awaited(self, answers: Answers, heed: Callable[[], None]) -> Found:
        for _ in range(max(1, round(self.longest / _SLICE))):
            try:
                return answers.get(timeout=_SLICE)
            except queue.Empty:
                heed()
        return Unreachable(f"the registry does not answer within {self.longest:g} s", "try again later")

    def _patiently(self, repository: str, version: str, tokens: str) -> bool:
        for pause in _PAUSES:
            try:
                return self._look(repository, version, tokens)
            except Unreachable:
                self.clock.sleep(random.uniform(pause / 2, pause))
        return self._look(repository, version, tokens)

    def _look(self, repository: str, version: str, tokens: str) -> bool:
        found = parse(repository)
        place = in_ecr(found, self.connect) or Distribution(found, self.secrets, tokens)
        return place.holds(version)


def _ours(error: Exception) -> BluegreenError:
    """Return what leaves it open whether the image is there: not even a bug in here may hold a rollback back."""
    if isinstance(error, BluegreenError) and not isinstance(error, Usage):
        return error
    return Unreachable(f"the look at the registry failed ({type(error).__name__})", "this is a bug of bluegreen's")

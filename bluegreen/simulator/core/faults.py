"""What goes wrong on purpose: errors before and after calls, launches that fail, answers from the past.

Everything is off unless set, and everything random comes from a seed, so that a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from attrs import Factory, define

from .calls import Call, Result
from .errors import AwsError
from .registry import Part, Parts, Registry
from .services import SERVICES

T = TypeVar("T")

FAULTS: Registry[str, Part[Any]] = Registry("kind of faults")


def kind(name: str, make: type[T]) -> Part[T]:
    """Register what may go wrong with one service: ``faults[KIND]`` is where a test sets it."""
    return Part(name, make, FAULTS).registered()


@define
class Faults:
    """Everything that may go wrong: with calls here, with what one service does in the kinds that its shelf registers.

    - ``before`` runs ahead of each call and ``after`` behind it (its effect is there, the reply is not);
      whatever they raise is what the caller sees, an :class:`AwsError` or anything else.
    - ``stale`` says how many seconds old a read's answer is.
    - ``denied`` holds IAM actions (``autoscaling:EnterStandby``) that are refused.
    """

    before: list[Callable[[Call], None]] = Factory(list)
    after: list[Callable[[Call, Result], None]] = Factory(list)
    stale: Callable[[Call], float] | None = None
    denied: set[str] = Factory(set)
    kinds: Parts = Factory(Parts)

    def __getitem__(self, kind: Part[T]) -> T:
        """Return what goes wrong of a kind."""
        return self.kinds[kind]

    def meet(self, call: Call) -> None:
        """Let ``call`` meet what is in its way."""
        if self.denied and call.action in self.denied:
            raise denied(call)
        for hook in self.before:
            hook(call)

    def follow(self, call: Call, result: Result) -> None:
        """Let the reply of ``call`` meet what is in its way."""
        for hook in self.after:
            hook(call, result)


def denied(call: Call) -> AwsError:
    """Return AWS's refusal of a call without permission."""
    return SERVICES[call.service].denied.of(call.action)


def throttled(call: Call) -> AwsError:
    """Return the throttling error of the call's service."""
    return SERVICES[call.service].throttled.of(call.action)


def internal_failure(_: Call) -> AwsError:
    """Return a failure of AWS's own."""
    return AwsError("InternalFailure", "An internal error has occurred.", 500)


def sometimes(
    probability: float, error: Callable[[Call], Exception], seed: int, only: Callable[[Call], bool] = lambda _: True
) -> Callable[..., None]:
    """Return a hook, for ``before`` or ``after``, that raises ``error`` with ``probability``."""
    dice = random.Random(seed)

    def strike(call: Call, _: Result | None = None) -> None:
        if only(call) and dice.random() < probability:
            raise error(call)

    return strike


def at(number: int, error: Callable[[Call], BaseException]) -> Callable[..., None]:
    """Return a hook, for ``before`` or ``after``, that raises ``error`` at the call of this number."""

    def strike(call: Call, _: Result | None = None) -> None:
        if call.number == number:
            raise error(call)

    return strike


@define
class TokenBucket:
    """A ``before`` hook: AWS's throttling by one bucket of ``size`` tokens that refills ``rate`` a second.

    Auto Scaling has one bucket for reads and writes of an account and Region; its size and rate are not published
    (Auto Scaling API reference: welcome), so they are the caller's.
    """

    now: Callable[[], float]
    size: float
    rate: float
    services: Collection[str]
    tokens: float = Factory(lambda bucket: bucket.size, takes_self=True)
    filled: float = Factory(lambda bucket: bucket.now(), takes_self=True)

    def __call__(self, call: Call) -> None:
        """Take a token, or throttle."""
        if call.service not in self.services:
            return
        now = self.now()
        self.tokens = min(self.size, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1.0:
            raise throttled(call)
        self.tokens -= 1.0

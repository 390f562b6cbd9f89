"""The model's machinery: the state, its clock, its queue of events, and its body.

An event is a plain function with plain arguments, due at a time; the order of equal times is the order in which
they were put in. The same seed and the same calls give the same history.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from attrs import Factory, define

from .body import Body
from .faults import Faults
from .options import ACCOUNT, REGION, Options
from .registry import Part, Parts
from .signals import Signal, signal
from .state import State

NEVER = float("inf")
T = TypeVar("T")
Event = Callable[..., bool | None]
"""What happens when it is due; one that knows that it has changed nothing returns ``False``."""


@define
class World:
    """The state in time."""

    body: Body
    time: float
    options: Options = Factory(Options)
    state: State = Factory(State)
    faults: Faults = Factory(Faults)
    random: random.Random = Factory(lambda: random.Random(0))
    queue: list[tuple[float, int, Event, tuple[Any, ...]]] = Factory(list)
    watchers: list[Callable[[], None]] = Factory(list)
    sequence: int = 0
    told_at: float = -NEVER
    beside: Parts = Factory(Parts)

    def __getitem__(self, part: Part[T]) -> T:
        """Return what one shelf knows."""
        found: T | None = self.state.made.get(part.name)
        return found if found is not None else self.state[part]

    def now(self) -> float:
        """Return how far the model has lived (POSIX seconds)."""
        return self.time

    def later(self, delay: float, event: Event, *arguments: Any) -> None:
        """Run ``event(world, *arguments)`` in ``delay`` seconds."""
        self.sequence += 1
        heapq.heappush(self.queue, (self.time + max(0.0, delay), self.sequence, event, arguments))

    def next_event_at(self) -> float:
        """Return when the next event is due, or infinity."""
        return min(self.queue[0][0] if self.queue else NEVER, self.body.next_change())

    def advance(self, now: float) -> None:
        """Live through everything that is due up to ``now``, in order."""
        due = self.next_event_at()
        while due <= now:
            self.time = max(self.time, due)
            self._step()
            following = self.next_event_at()
            if following <= 0.0:  # a body that cannot know is looked at once per advance
                following = self.queue[0][0] if self.queue else NEVER
            due = following
        self.time = max(self.time, now)

    def _step(self) -> None:
        """Let one thing happen; who was told at this moment, and nothing has changed since, need not look again."""
        changed = self.told_at != self.time
        if self.body.next_change() <= self.time:
            self.body.live()
            CHECKS.send(self)
            changed = True
        if self.queue and self.queue[0][0] <= self.time:
            _, _, event, arguments = heapq.heappop(self.queue)
            changed |= event(self, *arguments) is not False
        if changed:
            self.told()

    def told(self) -> None:
        """Tell every watcher that something happened."""
        self.told_at = self.time
        for watcher in self.watchers:
            watcher()

    def number(self) -> int:
        """Return the next number, for identifiers."""
        self.state.counter += 1
        return self.state.counter

    def identifier(self, prefix: str) -> str:
        """Return a fresh id in AWS's form, such as ``i-0123456789abcdef0``."""
        return f"{prefix}-0{self.number():05x}{self.random.getrandbits(44):011x}"

    def uuid(self) -> str:
        """Return a fresh identifier in the form of a UUID."""
        text = f"{self.number():08x}{self.random.getrandbits(96):024x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def arn(self, service: str, rest: str) -> str:
        """Return an ARN of this account and Region."""
        return f"arn:aws:{service}:{self.options[REGION]}:{self.options[ACCOUNT]}:{rest}"


CHECKS: Signal[[World]] = signal("checks")
"""What the balancers' checks say may have changed."""


@lru_cache(maxsize=4096)
def moment(time: float) -> datetime:
    """Return POSIX seconds as AWS's clients show them: aware, UTC, in milliseconds."""
    return datetime.fromtimestamp(round(time, 3), UTC)


def seconds(value: datetime | str) -> float:
    """Return POSIX seconds of a time as clients give it: a datetime (UTC if it names no zone) or its text."""
    found = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    return float((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def iso(time: float) -> str:
    """Return POSIX seconds as the sentences of activities write them."""
    return f"{datetime.fromtimestamp(int(time), UTC):%Y-%m-%dT%H:%M:%SZ}"

"""The model's machinery: the state, its clock, its queue of events, and its body.

An event is a plain function with plain arguments, due at a time; the order of equal times is the order in which
they were put in. The same seed and the same calls give the same history.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from attrs import Factory, define, frozen

from .body import Body
from .dispatch import REACTIONS
from .faults import Faults
from .load import MINUTE, Figures, Load
from .state import State

NEVER = float("inf")


@frozen
class Options:
    """How fast the model's own workflows are, in seconds, and which of the unknown answers it gives.

    The lengths are invented: AWS documents none. ``bridge`` is what a group's standby workflow does when an
    instance that is still draining is registered again (*unknown*): it ``completes``, or it ``deregisters`` again.
    ``scale_in`` is the part of a group that target tracking takes in at most in a minute (*unknown*).
    ``low_of_requests`` is at which part of its target the low alarm of target tracking on requests per target is
    (*unknown*).
    ``minute`` is how long a minute of CloudWatch's lasts, where AWS's own is too slow to watch: metrics are per such
    a minute, and alarms count their periods in it; nothing else changes its pace.
    ``fail_open`` is whether a target group of which no target is healthy sends requests to all of them.
    """

    account: str = "123456789012"
    region: str = "us-east-1"
    bridge: str = "completes"
    pending: float = 1.0
    reaction: float = 0.2
    standby: float = 0.2
    shut_down: float = 1.0
    health_lag: float = 1.0
    rebalance: float = 10.0
    retry: float = 15.0
    instance_memory: float = 3600.0
    scale_in: float = 0.1
    low_of_requests: float = 0.9
    minute: float = MINUTE
    fail_open: bool = True


@define
class World:
    """The state in time."""

    body: Body
    time: float
    options: Options = Options()
    state: State = Factory(State)
    faults: Faults = Factory(Faults)
    random: random.Random = Factory(lambda: random.Random(0))
    queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = Factory(list)
    watchers: list[Callable[[], None]] = Factory(list)
    sequence: int = 0
    loads: dict[str, Load] = Factory(dict)
    figures: Figures = Factory(Figures)
    occupied: dict[str, float] = Factory(dict)
    beating: bool = False

    def now(self) -> float:
        """Return how far the model has lived (POSIX seconds)."""
        return self.time

    def later(self, delay: float, event: Callable[..., None], *arguments: Any) -> None:
        """Run ``event(world, *arguments)`` in ``delay`` seconds."""
        self.sequence += 1
        heapq.heappush(self.queue, (self.time + max(0.0, delay), self.sequence, event, arguments))

    def signal(self, event: str, *arguments: Any) -> None:
        """Let everything that reacts to ``event`` run now."""
        for react in REACTIONS.get(event, ()):
            react(self, *arguments)

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
        if self.body.next_change() <= self.time:
            self.body.live()
            self.signal("checks")
        if self.queue and self.queue[0][0] <= self.time:
            _, _, event, arguments = heapq.heappop(self.queue)
            event(self, *arguments)
        self.told()

    def running(self) -> int:
        """Return how many machines run, or are about to."""
        return sum(machine.running for machine in self.state.machines.values())

    def told(self) -> None:
        """Tell every watcher that something happened."""
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
        return f"arn:aws:{service}:{self.options.region}:{self.options.account}:{rest}"


def moment(time: float) -> datetime:
    """Return POSIX seconds as AWS's clients show them: aware, UTC, in milliseconds."""
    return datetime.fromtimestamp(round(time, 3), UTC)


def seconds(value: datetime | str) -> float:
    """Return POSIX seconds of a time as clients give it: a datetime (UTC if it names no zone) or its text."""
    found = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    return float((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def iso(time: float) -> str:
    """Return POSIX seconds as the sentences of activities write them."""
    return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

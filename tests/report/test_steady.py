"""Each kind of reporter over a stream that fails, is read by nobody, or is closed: nothing is raised, nothing waits."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bluegreen.clock import VirtualClock
from bluegreen.flow.events import Event, EventKind
from bluegreen.report.json import JsonLines
from bluegreen.report.lines import Lines
from bluegreen.report.screen import Screen
from bluegreen.report.steady import Reporter, Steady
from bluegreen.report.streams import SafeStream
from tests.report.test_reports import Terminal, event, fleet, instances

REPORTERS: dict[str, Callable[[SafeStream], Reporter]] = {
    "lines": Lines,
    "json": lambda stream: JsonLines(stream, stream),
    "screen": lambda stream: Screen(stream, VirtualClock(), "web: deploying v2"),
}


class Failing(Terminal):
    """A terminal that is gone."""

    def write(self, text: str) -> int:
        """Fail."""
        raise OSError(5, "Input/output error")


@contextlib.contextmanager
def failing() -> Iterator[Any]:
    """Yield a stream that raises."""
    yield Failing()


@contextlib.contextmanager
def closed() -> Iterator[Any]:
    """Yield a stream that is closed."""
    stream = io.StringIO()
    stream.close()
    yield stream


@contextlib.contextmanager
def unread() -> Iterator[Any]:
    """Yield a pipe that is full, and that nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    with os.fdopen(writing, "w", closefd=True) as stream:
        yield stream
    os.close(reading)


@contextlib.contextmanager
def hung_up() -> Iterator[Any]:
    """Yield a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        yield stream


@pytest.mark.parametrize("kind", REPORTERS)
@pytest.mark.parametrize("place", [failing, closed, unread, hung_up])
def test_a_run_goes_on(kind: str, place: Callable[[], contextlib.AbstractContextManager[Any]]) -> None:
    """Everything that a run does with its reporter comes back, whatever becomes of what is written."""
    with place() as stream:
        safe = SafeStream(stream)
        safe.patience = 0.05
        steady = Steady(REPORTERS[kind](safe), Lines(safe))
        looks = fleet(instances("InService"), instances("Pending"))
        for number in range(5):
            steady(event(EventKind.ACTING, f"{number} of 5", action="move i-1", fleet=looks))
        steady.say("stopping")
        steady(event(EventKind.DONE))
        steady.close()
    assert safe.missed > 0 or not safe.isatty()


class Broken:
    """A reporter with a bug in each of its verbs."""

    def __call__(self, told: Event) -> None:
        """Fail."""
        raise ZeroDivisionError

    def say(self, text: str) -> None:
        """Fail."""
        raise ZeroDivisionError

    def close(self) -> None:
        """Fail."""
        raise ZeroDivisionError


def test_what_fails_is_told_in_lines() -> None:
    """Once, and what was to be told is told all the same; where lines fail as well, nothing is."""
    stream = io.StringIO()
    steady = Steady(Broken(), Lines(SafeStream(stream)))
    for number in range(2):
        steady(event(EventKind.ACTING, f"{number} of 5", action="move i-1"))
    steady.say("stopping")
    steady.close()
    assert ["the screen failed", "0 of 5", "1 of 5", "stopping"] == [
        next(word for word in ("the screen failed", "0 of 5", "1 of 5", "stopping") if word in line)
        for line in stream.getvalue().splitlines()
    ]
    lost = Steady(Broken(), Broken())
    lost(event())
    lost.say("x")
    lost.close()

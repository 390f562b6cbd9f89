"""What all tests have in common."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

HEEDED = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
LONGEST = float(os.environ.get("BLUEGREEN_TEST_LIMIT", "180"))
"""Seconds after which a test is ended, and named: one that hangs must fail, not hold the others up."""


@pytest.fixture(autouse=True, scope="session")
def heeded() -> None:
    """Let signals be heeded, though whoever runs the tests may ignore them (nohup, a shell's background)."""
    for number, handler in HEEDED.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(autouse=True)
def limited(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that takes too long, where it stands."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        pytest.fail(f"{request.node.nodeid} takes longer than {LONGEST:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

"""What all tests have in common."""

from __future__ import annotations

import signal

import pytest

HEEDED = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}


@pytest.fixture(autouse=True, scope="session")
def heeded() -> None:
    """Let signals be heeded, though whoever runs the tests may ignore them (nohup, a shell's background)."""
    for number, handler in HEEDED.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)

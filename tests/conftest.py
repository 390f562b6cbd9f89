"""What all tests have in common."""

from __future__ import annotations

import functools
import gc
import json
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any

import botocore.session
import pytest
from hypothesis import HealthCheck, Phase, settings

from bluegreen.report import json as made
from bluegreen.report import schemas

HEEDED = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
LONGEST = float(os.environ.get("BLUEGREEN_TEST_LIMIT", "180"))
"""Seconds after which a test is ended, and named: one that hangs must fail, not hold the others up."""

settings.register_profile(
    "ours",
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")
"""A property is not timed: the machine may be busy. Why one fails is not traced: that takes minutes of the limit."""

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
"""One reader of AWS's models in a process: with one in each session a client costs five times as much, and its room."""

OFTEN = (7_000, 10, 10)
"""After how many new objects garbage is collected: a tenth as often as Python does, since worlds make many of them."""

UNSTEADY = ("set({", " at 0x")
"""What a test's name must not hold: it reads otherwise in each process, and the workers must agree on the names."""


class TooLong(BaseException):
    """A test's time is over. No failure of pytest's own: hypothesis takes those for an input's, and tries it again."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test whose name changes from process to process: two workers would not collect the same tests."""
    unsteady = sorted({item.nodeid for item in items if any(mark in item.nodeid for mark in UNSTEADY)})
    if unsteady:
        raise pytest.UsageError(f"give these tests names of their own (ids=): {', '.join(unsteady)}")


def pytest_collection_finish() -> None:
    """Let the collector of garbage come less often, and pass by what lives as long as the tests do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*OFTEN)


@pytest.fixture(autouse=True, scope="session")
def held_to_schemas() -> Iterator[None]:
    """Hold every line of JSON that a test makes to its published schema."""
    dumps, known = made.dumps, dict[str, Any]()

    def checked(schema: str, **fields: Any) -> str:
        from jsonschema import Draft202012Validator

        line = dumps(schema, **fields)
        if schema not in known and schema in schemas.names():
            known[schema] = Draft202012Validator(json.loads(schemas.text(schema)))
        if schema in known:
            known[schema].validate(json.loads(line))
        return line

    made.dumps = checked
    yield
    made.dumps = dumps


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
        raise TooLong(f"{request.node.nodeid} takes longer than {LONGEST:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

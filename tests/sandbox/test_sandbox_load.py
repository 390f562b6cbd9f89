"""The load generator: it holds its rate, loses nothing by itself, and sees what is lost."""

from __future__ import annotations

import time

import pytest
from conftest import client, empty, grow, health, members, until

from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.load import Mix, Tally
from bluegreen.sandbox.traffic import total

pytestmark = pytest.mark.sandbox


def test_a_quiet_sandbox_loses_nothing(box: Sandbox) -> None:
    """Two seconds at the default rate: all answered by v1, some after more than half a second."""
    load = box.load()
    time.sleep(2.2)
    count = load.stop()
    slowest = max(row["slowest"] for row in load.seconds())
    assert count.sent >= 2 * Mix().rate * 0.9
    assert slowest > 0.5
    expected = (count.sent, 0, {"v1"})
    assert expected == (count.ok, count.failed, set(count.versions))


def test_a_lost_instance_is_seen(box: Sandbox) -> None:
    """An instance that is terminated without a drain costs requests, and each is counted with its reason."""
    try:
        grow(box, "web-green", "v2")
        instance = until(lambda: [name for name in members(box, "web-green") if health(box).get(name) == "healthy"])[0]
        load = box.load(rate=200, long=0.3)
        time.sleep(1.0)
        begin = time.time()
        client(box, "ec2").terminate_instances(InstanceIds=[instance])
        time.sleep(1.0)
        count = load.stop()
        failures = [failure for row in load.seconds() for failure in row["failures"]]
        assert count.failed > 0
        assert all(failure["at"] >= begin - 0.1 and failure["reason"] for failure in failures)
        expected = count.sent
        assert expected == count.ok + count.failed
    finally:
        empty(box, "web-green")


def test_seconds_add_up() -> None:
    """The sum of reported seconds is what was reported."""
    first, second = Tally(sent=2, ok=1), Tally(sent=1, ok=1)
    first.versions.update({"v1": 1})
    first.failures.append({"reason": "503"})
    second.versions.update({"v2": 1})
    count = total([first.line(at=1.0), second.line(at=2.0)])
    expected = (3, 2, 1, {"v1": 1, "v2": 1}, {"503": 1})
    assert expected == (count.sent, count.ok, count.failed, dict(count.versions), dict(count.reasons))

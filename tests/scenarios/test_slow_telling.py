"""The record takes its time between a look and what is done on it: nothing rests on an old look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

from bluegreen.errors import Status
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.simulator.core.calls import Call
from tests.support.virtual import BLUE, GREEN, Pair, virtual


@define(kw_only=True)
class SlowStore(MemoryStore):
    """A record in which some lines take ``seconds`` to write."""

    pair: Pair
    seconds: float
    slow: Callable[[str], bool]
    meanwhile: Callable[[], object] = lambda: None
    written: list[str] = field(factory=list)

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Take as long as it takes."""
        if self.slow(line):
            self.written.append(line)
            self.meanwhile()
            self.pair.run_for(self.seconds)
        super().append(service, release, line, durable=durable)


def parks(line: str) -> bool:
    """Whether a line announces that old instances go to Standby."""
    return '"acting"' in line and "to Standby" in line


@pytest.mark.parametrize("seconds", [7.0, 20.0, 100.0])
def test_nothing_is_parked_on_a_look_that_the_record_has_made_old(seconds: float) -> None:
    """The new instances die while the line before EnterStandby is written: old serves on."""
    pair = virtual(instances=3)
    parked: list[str] = []

    def die() -> None:
        for one in pair.sim.states(GREEN):
            pair.sim.sicken(one)

    def note(call: Call) -> None:
        parked.extend([call.operation] if call.operation == "EnterStandby" else [])

    pair.sim.faults.before.append(note)
    pair.store = SlowStore(pair=pair, seconds=seconds, slow=parks, meanwhile=die)
    ended = pair.service().deploy("v2")
    assert (Status.ROLLED_BACK, [], 3) == (ended.status, parked, len(pair.sim.healthy(BLUE)))


@pytest.mark.parametrize("verb", ["deploy", "rollback"])
def test_a_record_that_is_slow_for_good_is_written_once_for_each_action(verb: str) -> None:
    """What was told is not told again when it is looked again: the run ends as it would have."""
    pair = virtual(instances=2)
    pair.store = SlowStore(pair=pair, seconds=7.0, slow=lambda line: '"acting"' in line)
    ends = [pair.service().deploy("v2")]
    if verb == "rollback":
        ends.append(pair.service().rollback())
    serves = BLUE if verb == "rollback" else GREEN
    assert ({Status.OK}, 2) == ({one.status for one in ends}, len(pair.sim.healthy(serves)))


def test_nothing_is_parked_on_a_look_that_a_lease_has_made_old() -> None:
    """The record is written once more right before EnterStandby, for 20 s, and the new instances die meanwhile."""
    pair = virtual(instances=3)
    parked: list[str] = []
    pair.sim.faults.before.append(
        lambda call: parked.append(call.operation) if call.operation == "EnterStandby" else None
    )

    @define(kw_only=True)
    class Leased(SlowStore):
        """A record whose write takes ``seconds``, and the next one right behind it 20."""

        last: bool = False

        def write(self, service: str, document: Any, expected: Version) -> Version:
            leaving = document.release is not None and document.release.leaving and not parked
            if leaving and not self.written:
                self.written.append("saved")
                self.pair.run_for(self.seconds)
            elif leaving and not self.last:
                self.last = True
                for one in self.pair.sim.states(GREEN):
                    self.pair.sim.sicken(one)
                self.pair.run_for(20.0)
            return super().write(service, document, expected)

    pair.store = Leased(pair=pair, seconds=4.5, slow=lambda _: False)
    ended = pair.service().deploy("v2")
    assert (Status.ROLLED_BACK, [], True) == (ended.status, parked, pair.store.last)

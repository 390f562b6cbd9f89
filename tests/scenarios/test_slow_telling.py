"""The record takes its time between a look and what is done on it: nothing rests on an old look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define, field

from bluegreen.errors import Status
from bluegreen.record.memory import MemoryStore
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

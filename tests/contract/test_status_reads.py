"""What a status costs: how often AWS, and the record, are asked."""

from __future__ import annotations

from collections import Counter

import pytest

from bluegreen.flow.release import Release
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.simulator.core.calls import Call
from tests.support.virtual import Pair, virtual

HEALTH = ("DescribeTargetHealth", "DescribeInstanceHealth")
"""What a balancer is asked."""


class Counted(MemoryStore):
    """Counts what is read of the record, and beside it."""

    def __init__(self, other: MemoryStore) -> None:
        super().__init__()
        self.reads: Counter[str] = Counter()
        self.write("web", other.read("web")[0], None)  # type: ignore[arg-type]

    def read(self, service: str) -> tuple[Document[Release] | None, Version]:
        """Read the record."""
        self.reads["record"] += 1
        return super().read(service)

    def noted(self, service: str, topic: str) -> str | None:
        """Read what is beside it."""
        self.reads[topic] += 1
        return super().noted(service, topic)


def asked(pair: Pair) -> Counter[str]:
    """Return what one status asks of AWS."""
    calls: Counter[str] = Counter()

    def count(call: Call) -> None:
        calls[call.operation] += 1

    pair.sim.faults.before.append(count)
    pair.service().status()
    return calls


@pytest.mark.parametrize("balancers", [("target-group",), ("target-group", "classic", "nlb")])
def test_a_status_makes_four_reads_and_one_for_each_balancer(balancers: tuple[str, ...]) -> None:
    """At most, whatever is parked: the groups, the parked instances and their checks; what is idle needs the groups."""
    pair = virtual(balancers=balancers, instances=4)
    assert {"DescribeAutoScalingGroups": 1} == others(asked(pair))
    pair.service().deploy("v2")
    pair.run_for(60)
    told = asked(pair)
    parked = {"DescribeAutoScalingGroups": 1, "DescribeInstances": 1, "DescribeInstanceStatus": 1}
    assert (parked, len(balancers)) == (others(told), told.total() - sum(others(told).values()))


def others(calls: Counter[str]) -> dict[str, int]:
    """Return what is not asked of a balancer."""
    return {
        name: count for name, count in calls.items() if name not in ("DescribeTargetHealth", "DescribeInstanceHealth")
    }


def test_the_record_is_read_before_the_look_and_behind_it() -> None:
    """And once when cleanup ran last, which is beside it."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    store = Counted(pair.store)
    pair.store = store
    pair.service().status()
    assert {"record": 2, "cleanup": 1} == store.reads

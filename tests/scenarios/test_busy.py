"""A busy AWS: throttling of every call, in every verb."""

from __future__ import annotations

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.faults import sometimes, throttled
from tests.building.story import unlike
from tests.building.virtual import virtual
from tests.building.watching import Watch, left_over


@pytest.mark.parametrize("seed", range(12))
def test_one_call_in_five_is_throttled(seed) -> None:
    """Deployments, rollbacks and finishes are carried on by themselves, and lose nothing."""
    pair = virtual(seed, instances=3)
    before, watch = pair.picture(), Watch(pair, 3)
    pair.sim.faults.before.append(sometimes(0.2, throttled, seed))
    service = pair.service()
    verbs = [service.deploy("v2"), service.rollback(), service.deploy("v3"), service.finish()]
    pair.sim.faults.before.clear()
    assert ([ended.status for ended in verbs], watch.broken) == ([Status.OK] * 4, [])
    assert (unlike(before, pair.picture()), left_over(pair)) == ([], {})

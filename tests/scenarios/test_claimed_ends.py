"""Whoever may write the record says that a release is over: what a person kept, or stopped, runs on all the same."""

from __future__ import annotations

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.core.calls import Call
from tests.scenarios.test_sealed_again import resting, told
from tests.scenarios.test_settings_reviewed import stopped_behind
from tests.scenarios.test_strange_records import rewrite
from tests.scenarios.test_tags_off import ended
from tests.support.story import Crash
from tests.support.virtual import Pair


def kept() -> Pair:
    """Return a pair whose `finish --keep` was killed when all is detached, and marked still."""
    pair = resting()

    def kill(call: Call) -> None:
        if (call.service, call.operation) == ("ec2", "DeleteTags"):
            raise Crash

    pair.sim.faults.before.append(kill)
    with pytest.raises(Crash):
        pair.service(bake=100.0).finish(keep=True)
    pair.sim.faults.before.clear()
    return pair


def stopped() -> Pair:
    """Return a pair whose `finish` a person has stopped when all is detached, before the first is terminated."""
    pair = resting()
    end = pair.service(bake=100.0, stop=stopped_behind(pair, "DetachInstances")).finish()
    assert Status.INTERRUPTED == end.status
    return pair


def closed() -> Pair:
    """Return such a pair whose release a person has closed, to look first."""
    pair = stopped()
    pair.service(bake=100.0).close("a person looks first")
    return pair


@pytest.mark.parametrize("met", [kept, stopped, closed])
def test_an_end_on_record_terminates_nothing(met) -> None:
    """The record alone says that a finish is over, and what it detached carries its mark: a person is told of it."""
    pair = met()
    pair.run_for(100)
    detached = sorted(pair.sim.orphans())
    document, _ = pair.store.read("web")
    assert document is not None
    history = document.history
    if (release := pair.release) is not None:
        history = (*history, release.as_past("finished", pair.clock.now()))
    rewrite(pair, sealed=True, lease=None, release=None, history=history)
    ends = []
    for _ in range(4):
        ends.append(told(pair.service(bake=100.0).cleanup))
        pair.run_for(60)
    assert (set(), detached) == (ended(pair, detached), sorted(pair.sim.orphans())), ends
    assert (2, Status.BLOCKED) == (len(detached), ends[-1] and ends[-1][0])

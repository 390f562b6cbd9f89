"""What each side alone has had is what the way back must have; what both had together is no measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from attrs import define

from bluegreen.errors import Status
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import Hold
from tests.support.hands import asked, edit
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving

PATIENT: dict[str, Any] = {"progress_deadline": 300.0, "deadline": 3000.0, "look_every": 3.0}


class Killed(BaseException):
    """The process is gone."""


def killed_once(pair: Pair, holds: Callable[[Any], bool]) -> None:
    """Let the run die at the first call when ``holds`` is true of the open release."""

    def strike(_: Call) -> None:
        if pair.release is not None and holds(pair.release):
            pair.sim.faults.before.remove(strike)
            raise Killed

    pair.sim.faults.before.append(strike)


def test_what_new_has_had_alone_is_needed_of_old_in_a_rollback() -> None:
    """Old has four; new has ten alone when the run dies before *moved*: there are never fewer than ten again."""
    pair = virtual(instances=4, maximum=20, boot=0.1)

    def grows(call: Call) -> None:
        if call.operation == "EnterStandby":
            pair.sim.faults.before.remove(grows)
            asked(pair, "SetDesiredCapacity", GREEN, DesiredCapacity=10)

    pair.sim.faults.before.append(grows)
    killed_once(pair, lambda release: max(release.most_healthy(GREEN, b) for b in balancers(pair)) >= 10)
    with pytest.raises(Killed):
        pair.service(**PATIENT).deploy("v2")
    assert (False, 10) == (pair.release is None or pair.release.passed("moved"), len(pair.sim.healthy(GREEN)))
    watch = Watch(pair, 10)
    assert Status.OK == pair.service(**PATIENT).rollback().status
    assert ([BLUE], []) == (colours_serving(pair), watch.broken)


def balancers(pair: Pair) -> list[str]:
    """Return the keys of the balancers of the pair."""
    return list(pair.sim.groups[BLUE].balancers)


def test_what_both_had_together_is_not_needed_of_one() -> None:
    """Four and four, room for eight and twelve desired: a rollback from the middle ends, with old's four."""
    pair = virtual(instances=4, minimum=1, maximum=12)
    pair.sim.fail_launches(BLUE)
    asked(pair, "SetDesiredCapacity", BLUE, DesiredCapacity=12)
    pair.run_for(60)
    pair.sim.launches.capacity = lambda _: 8
    watch = Watch(pair, 4)
    killed_once(pair, lambda release: release.passed("moving"))
    with pytest.raises(Killed):
        pair.service(**PATIENT).deploy("v2")
    assert [4, 4] == [len(pair.sim.healthy(name)) for name in (BLUE, GREEN)]
    assert Status.OK == pair.service(**PATIENT).rollback().status
    assert ([BLUE], []) == (colours_serving(pair), watch.broken)


def test_a_first_release_that_never_served_goes_back_to_zero() -> None:
    """One of three is healthy, and there is no room for more: it was never counted on, and is not kept (rule 13)."""
    pair = virtual(instances=2)
    edit(pair, BLUE, MinSize=0, MaxSize=0)
    pair.run_for(60)
    edit(pair, BLUE, MinSize=0, MaxSize=4)
    pair.sim.launches.capacity = lambda _: 1
    ended = pair.service().deploy("v2", capacity=3)
    pair.run_for(60)
    assert (Status.ROLLED_BACK, {}) == (ended.status, pair.sim.states(BLUE))


@define
class Late(MemoryStore):
    """A record on which a person holds the release right after the first look."""

    pair: Pair | None = None
    reads: int = 0

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Read; before the second time, the hold is written."""
        assert self.pair is not None
        self.reads += 1
        document, version = self.pair.store.read(service)
        if self.reads == 2 and document is not None and document.release is not None:
            hold = Hold("ana@here", "the database moves", self.pair.clock.now())
            self.write(service, attrs.evolve(document, release=attrs.evolve(document.release, hold=hold)), version)
            return self.pair.store.read(service)
        return document, version

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Write."""
        assert self.pair is not None
        return self.pair.store.write(service, document, expected)


def test_a_hold_that_comes_before_the_lease_is_heeded() -> None:
    """A person stops the release between cron's first look and its lease: cron leaves it alone."""
    pair = virtual(instances=2)
    killed_once(pair, lambda release: release.passed("moving"))
    with pytest.raises(Killed):
        pair.service().deploy("v2")
    service = pair.service()
    service.session.store = Late(pair=pair)
    assert service.cleanup() is None
    assert pair.release is not None
    assert pair.release.hold is not None
    assert (["moving"], "ana@here") == (list(pair.release.milestones), pair.release.hold.who)

"""A busy AWS: throttling of every call, in every verb."""

from __future__ import annotations

import pytest

from bluegreen.errors import Interrupted, Status, Unreachable
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.simulator.core.faults import sometimes, throttled
from tests.support.story import unlike
from tests.support.virtual import virtual
from tests.support.watching import Watch, left_over


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


def test_a_signal_ends_the_asking_of_an_absent_aws() -> None:
    """Before anything is written, a call that is not answered is the last one once somebody asked to stop."""
    pair = virtual(instances=3)
    pair.sim.faults.before.append(sometimes(1.0, throttled, 0))
    calls = pair.sim.calls
    with pytest.raises(Interrupted, match="before anything was written"):
        pair.service(stop=lambda: 2).deploy("v2")
    assert (1, None) == (pair.sim.calls - calls, pair.release)


def test_an_absent_aws_is_asked_for_some_seconds_only() -> None:
    """Whoever begins a deployment without a network hears so soon."""
    pair = virtual(instances=3)
    pair.sim.faults.before.append(sometimes(1.0, throttled, 0))
    began = pair.clock.now()
    with pytest.raises(Unreachable):
        pair.service().deploy("v2")
    assert 1.0 < pair.clock.now() - began < 61.0


def test_a_signal_during_the_survey_begins_nothing() -> None:
    """Nothing is on record, so that nobody has to take anything back."""
    pair = virtual(instances=3)
    signals: list[int] = []
    pair.sim.faults.after.append(lambda call, _: signals.append(2) if call.operation == "DescribePolicies" else None)
    with pytest.raises(Interrupted, match="before anything was written") as ended:
        pair.service(stop=lambda: signals[0] if signals else None).deploy("v2")
    document, _ = pair.store.read("web")
    assert (130, None, None) == (ended.value.status, document and document.release, document and document.lease)


def test_an_adoption_that_was_cut_off_may_be_repeated() -> None:
    """The tags come first: with them alone, the one who worked on it stops, and the record is still to be had."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    lost, pair.store = pair.store, MemoryStore()
    busy = [sometimes(1.0, throttled, 0, lambda call: call.operation == "CreateOrUpdateTags")]
    pair.sim.faults.before.extend(busy)
    with pytest.raises(Unreachable):
        pair.service().adopt()
    assert pair.release is None
    pair.sim.faults.before.clear()
    assert (Status.OK, 1) == (pair.service().adopt().status, pair.release.take if pair.release else 0)
    pair.store = lost
    assert Status.BLOCKED == pair.service().rollback().status


class Hesitant(MemoryStore):
    """Records whose answer is lost whenever a release comes or goes, each time twice."""

    losses = 0
    open_before = False

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Write, and mostly say so."""
        version = super().write(service, document, expected)
        if (document.release is not None) != self.open_before and self.losses < 2:
            self.losses += 1
            raise Unreachable("the answer is lost")
        self.losses, self.open_before = 0, document.release is not None
        return version


def test_a_record_that_does_not_answer_at_the_ends_of_a_release_is_written_again() -> None:
    """The first and the last record of a release are waited for as all others are, and the history has it once."""
    pair = virtual(instances=2)
    pair.store = Hesitant()
    ended = [pair.service().deploy("v2").status, pair.service().finish().status]
    document, _ = pair.store.read("web")
    assert ([Status.OK, Status.OK], 1) == (ended, len(document.history if document else ()))

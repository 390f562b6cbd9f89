"""AWS's answers are seconds old, and whoever may write the record writes the one from before: nothing is undone."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest
from attrs import define

from bluegreen.errors import Status, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import STALE
from bluegreen.record.document import Document
from bluegreen.record.store import Version
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import denied
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, TAKEN_UP, Release
from bluegreen.targets.pair.model.seal import seal
from tests.scenarios.test_replayed import told_seals
from tests.scenarios.test_sealed_again import current, resting, told
from tests.scenarios.test_strange_records import rewrite
from tests.scenarios.test_tags_off import ended
from tests.support.moments import once
from tests.support.virtual import BLUE, Pair

OLD = 20.0
"""Seconds: older than this is no answer of these stories, and than a minute none at all."""


@define
class Ages:
    """How old AWS's answers are: fresh until they are old, and then for so many looks at the groups, or for ever."""

    looks: int | None
    old: bool = False
    _seen: int = 0

    def __call__(self, call: Call) -> float:
        """Return the age of the answer to a call, in seconds."""
        if not self.old:
            return 0.0
        self._seen += call.operation == "DescribeAutoScalingGroups"
        return OLD if self.looks is None or self._seen <= self.looks else 0.0


def went_back(pair: Pair) -> Release:
    """Let a rollback be under way, its seal alone in the tags; return the release from before it."""
    before = current(pair)
    once(pair, lambda call: call.operation == "ExitStandby", lambda: rewrite(pair, sealed=True, lease=None))
    told(lambda: pair.service(bake=100.0).rollback())
    return before


def was_stopped(pair: Pair) -> Release:
    """Let a person stop a finish; return the release from before that."""
    before = current(pair)
    pair.service(bake=100.0, stop=lambda: 2 if current(pair).goal == FINISH else None).finish()
    return before


def was_kept(pair: Pair) -> Release:
    """Let a person keep what a finish detaches, and stop that; return the release from before it."""
    before = current(pair)
    pair.service(bake=100.0, stop=lambda: 15 if current(pair).keep else None).finish(keep=True)
    return before


@pytest.mark.parametrize("looks", [1, 3, None], ids=["one-look-is-old", "three-are", "all-are"])
@pytest.mark.parametrize("does", [went_back, was_stopped, was_kept])
def test_the_record_of_before_does_not_fit_for_as_long_as_answers_are_old(
    does: Callable[[Pair], Release], looks: int | None
) -> None:
    """A person has gone back, stopped, or kept; the record says what it said before, and cron comes at once."""
    pair, ages = resting(), Ages(looks)
    pair.sim.read_stale(ages)
    pair.run_for(700)
    old = list(pair.sim.states(BLUE))
    before = does(pair)
    assert {seal(current(pair))} == told_seals(pair)
    rewrite(pair, sealed=True, lease=None, release=before)
    ages.old = True
    ends = []
    for _ in range(3):
        ends.append(told(pair.service(bake=100.0).cleanup))
        pair.run_for(60)
    assert set() == ended(pair, old), ends


def takes_no_tag(call: Call) -> None:
    """Refuse each tag that would say that a release was taken up."""
    if call.operation == "CreateOrUpdateTags" and TAKEN_UP in str(call.parameters):
        raise denied(call)


def test_where_no_tag_can_be_put_the_answer_of_a_minute_later_is_believed() -> None:
    """An old policy does not know the tag: nothing is undone, and what nobody has forged is carried on."""
    pair, ages = resting(), Ages(None)
    pair.sim.read_stale(ages)
    pair.run_for(700)
    old = list(pair.sim.states(BLUE))
    before = went_back(pair)
    pair.sim.faults.before.append(takes_no_tag)
    rewrite(pair, sealed=True, lease=None, release=before)
    ages.old = True
    told(pair.service(bake=100.0).cleanup)
    assert set() == ended(pair, old)


MOVES = ("ExitStandby", "DetachInstances")


@pytest.mark.parametrize(("goal", "waits"), [(FINISH, True), (ROLLBACK, False)])
def test_a_rollback_waits_for_no_tag(goal: str, waits: bool) -> None:
    """It is carried on at once where AWS takes none; anything else a minute later."""
    pair = resting()
    stop = lambda: 15 if current(pair).goal == goal else None  # noqa: E731
    getattr(pair.service(bake=100.0, stop=stop), goal)()
    pair.run_for(1)
    pair.sim.faults.before.append(takes_no_tag)
    begun, moved = pair.clock.now(), []
    pair.sim.faults.before.append(
        lambda call: moved.append(pair.clock.now() - begun) if call.operation in MOVES else None
    )
    ended = pair.service(bake=100.0).cleanup()
    assert (Status.OK, waits) == (ended and ended.status, moved[0] >= STALE), moved


def was_closed(pair: Pair) -> Release:
    """Let a person close a release; return it."""
    before = current(pair)
    pair.service(bake=100.0).close("a person takes over")
    return before


@pytest.mark.parametrize("looks", [1, 3, None], ids=["one-look-is-old", "three-are", "all-are"])
@pytest.mark.parametrize("does", [was_stopped, was_closed])
def test_what_is_stopped_or_closed_is_not_taken_back_for_an_old_answer(
    does: Callable[[Pair], Release], looks: int | None
) -> None:
    """The record says that it goes back: no seal is put for that, since the answer may be an old one."""
    pair, ages = resting(), Ages(looks)
    pair.sim.read_stale(ages)
    pair.run_for(100)
    before = does(pair)
    sealed = told_seals(pair)
    back = attrs.evolve(before.toward(ROLLBACK, pair.clock.now()), hold=None, progress=())
    rewrite(pair, sealed=True, lease=None, release=back)
    ages.old = True
    ends = [told(pair.service(bake=100.0).cleanup) for _ in range(2)]
    ages.old = False
    assert (sealed, {"Standby"}) == (told_seals(pair), set(pair.sim.states(BLUE).values())), ends


@pytest.mark.parametrize("seconds", [8.0, 1000.0])
def test_a_stop_is_put_on_record_as_soon_as_that_can_be_written(seconds: float) -> None:
    """Somebody holds the record's lock, or it is away: it is tried for some seconds, and a person is told where not."""
    pair = resting()
    calls: list[float] = []

    @define
    class Away(type(pair.store)):  # type: ignore[misc]
        """A record that cannot be written for a while once the run was stopped."""

        def write(self, service: str, document: Document, expected: Version) -> Version:
            hold = document.release is not None and document.release.hold is not None
            calls.extend([pair.clock.now()] if hold else [])
            if hold and pair.clock.now() < calls[0] + seconds:
                raise Unreachable("another process holds the lock")
            return pair.store.write(service, document, expected)

        def read(self, service: str) -> tuple[Document | None, Version]:
            return pair.store.read(service)

    service = pair.service(bake=100.0, stop=lambda: 2 if current(pair).goal == FINISH else None)
    service.session.store = Away()
    assert Status.INTERRUPTED == service.finish().status
    said = [event.reason for event in pair.events if event.kind is EventKind.WARNED]
    kept = current(pair).hold is not None
    assert (seconds < 10, seconds > 10) == (kept, any("that you stopped it is not on record" in one for one in said))

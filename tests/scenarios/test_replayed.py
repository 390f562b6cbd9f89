"""The record of before is written again by whoever may write it: what was turned back, or stopped, stays so."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from bluegreen.errors import Status, Unreachable
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.fleet import called
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Release
from bluegreen.targets.pair.model.seal import seal, seals_told
from tests.scenarios.test_alarms import guarded, turn
from tests.scenarios.test_sealed_again import blocked, current, resting, told
from tests.scenarios.test_strange_records import forge, rewrite
from tests.scenarios.test_tags_off import ended
from tests.support.moments import once
from tests.support.story import Crash
from tests.support.virtual import BLUE, GREEN, Pair, virtual


def told_seals(pair: Pair) -> frozenset[str]:
    """Return the seals in the groups' tags."""
    return seals_told(pair.service().target._looks.patchy())  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_a_rollback_is_not_undone_by_the_record_of_before(verb: str) -> None:
    """At the first instance that comes back the record says again that v2 rests: nothing is parked, or retired."""
    pair = resting()
    pair.run_for(700)
    old, before = list(pair.sim.states(BLUE)), current(pair)
    struck = once(
        pair,
        lambda call: call.operation == "ExitStandby",
        lambda: rewrite(pair, sealed=True, lease=None, release=before),
    )
    end = told(lambda: pair.service(bake=100.0).rollback())
    assert (1, Status.HELD) == (len(struck), end and end[0]), end
    pair.run_for(100)
    blocked(told(getattr(pair.service(bake=100.0), verb)))
    assert (set(), {"InService"}) == (ended(pair, old), set(pair.sim.states(BLUE).values()))


@pytest.mark.parametrize("verb", ["rollback", "resume"])
def test_a_seal_that_aws_did_not_take_is_put_before_the_first_instance_comes_back(verb: str) -> None:
    """As it begins, or is carried on, AWS is busy for some tags: the record of before is carried on by nobody."""
    pair = resting()
    before = current(pair)
    if verb == "resume":
        busy(pair, 99)
        pair.service(bake=100.0, stop=lambda: 15 if current(pair).goal == ROLLBACK else None).rollback()
        pair.sim.faults.before.clear()
        assert (ROLLBACK, False) == (current(pair).goal, seal(current(pair)) in told_seals(pair))
    busy(pair, 2)
    alone: list[bool] = []

    def strike() -> None:
        alone.append({seal(current(pair))} == told_seals(pair))
        rewrite(pair, sealed=True, lease=None, release=before)

    once(pair, lambda call: call.operation == "ExitStandby", strike)
    end = told(getattr(pair.service(bake=100.0), verb))
    assert (Status.HELD, [True]) == (end and end[0], alone), end
    blocked(told(pair.service(bake=100.0).cleanup))


def busy(pair: Pair, times: int) -> list[Call]:
    """Let AWS throttle so many writes of tags; return them."""
    calls: list[Call] = []

    def strike(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags" and len(calls) < times:
            calls.append(call)
            raise throttled(call)

    pair.sim.faults.before.append(strike)
    return calls


@pytest.mark.parametrize("at", range(3))
def test_a_deployment_that_has_failed_is_not_rolled_out_by_the_record_of_before(at: int) -> None:
    """It is cut off when it has turned, or a call later, and the alarm rests again: v1 serves in the end."""
    pair, settings = guarded(), {"bake": 10.0, "alarms": ("web-5xx",), "healthy_for": 20.0}
    before: list[Release] = []
    calls: list[Call] = []

    def strike(call: Call) -> None:
        release = pair.release
        if release is not None and release.goal == DEPLOY:
            before[:] = [release]
        if release is not None and release.goal == ROLLBACK and not call.operation.startswith(("Describe", "Get")):
            calls.append(call)
            if len(calls) > at:
                raise Crash

    ready = lambda _: bool(pair.release and pair.release.well_at and pair.release.goal == DEPLOY)  # noqa: E731
    once(pair, ready, lambda: turn(pair, "web-5xx", "ALARM"))
    pair.sim.faults.before.append(strike)
    with pytest.raises(Crash):
        pair.service(**settings).deploy("v2")
    pair.sim.faults.before.clear()
    rewrite(pair, sealed=True, release=attrs.evolve(before[0], hold=None))
    turn(pair, "web-5xx", "OK")
    pair.run_for(100)
    end = told(lambda: pair.service(**settings).cleanup())
    assert end is not None
    assert 2 == len(pair.sim.healthy(BLUE)), end
    assert (Status.BLOCKED if at else Status.OK) == end[0], end


@pytest.mark.parametrize("dies", [False, True])
def test_what_was_to_go_back_and_could_not_be_put_on_record_goes_back(dies: bool) -> None:
    """The tags tell it already: whoever typed it is told so, and cron does it, and says why."""
    pair = resting()
    before = current(pair)
    service = pair.service(bake=100.0)
    service.session.store = Full(pair, dies)
    with pytest.raises(Crash if dies else Unreachable) as caught:
        service.rollback()
    assert dies or "v2 is to be taken back: it will be" in caught.value.message
    assert before == current(pair)
    pair.run_for(60)
    end = told(pair.service(bake=100.0).cleanup)
    assert end is not None
    assert (Status.OK, 2) == (end[0], len(pair.sim.healthy(BLUE))), end
    assert "the groups' tags say that v2 is to be taken back" in [event.reason for event in pair.events]


class Full(MemoryStore):
    """A record in which no rollback can be kept."""

    def __init__(self, pair: Pair, dies: bool) -> None:
        super().__init__()
        self.pair, self.dies = pair, dies

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Return what is on record."""
        return self.pair.store.read(service)

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep all else."""
        if document.release is not None and document.release.goal == ROLLBACK:
            raise Crash if self.dies else Unreachable("the record is away")
        return self.pair.store.write(service, document, expected)


def test_a_rollback_has_the_seal_alone_from_its_beginning() -> None:
    """Before the first instance comes back nothing else fits any more."""
    pair, seen = resting(), []
    once(pair, lambda call: call.operation == "ExitStandby", lambda: seen.append((current(pair), told_seals(pair))))
    pair.service(bake=100.0).rollback()
    ((release, seals),) = seen
    assert {seal(release)} == seals


def stopped() -> Pair:
    """Return a pair whose finish a person has stopped with Ctrl-C before anything was retired."""
    pair = resting()
    stop_its_finish(pair)
    return pair


def stop_its_finish(pair: Pair) -> None:
    """Type `finish`, and Ctrl-C as soon as it is on record."""
    end = pair.service(bake=100.0, stop=lambda: 2 if pair.release and pair.release.goal == FINISH else None).finish()
    assert (Status.INTERRUPTED, True) == (end.status, current(pair).hold is not None)


def on_two() -> Pair:
    """Return a pair behind two balancers on which v2 rests."""
    pair = virtual(instances=2, balancers=("target-group", "target-group"))
    pair.service(bake=100.0).deploy("v2")
    return pair


@pytest.mark.parametrize("met", [stopped, on_two])
def test_the_promise_of_a_rollback_is_kept_whatever_a_person_has_said_before_or_says_now(
    met: Callable[[], Pair],
) -> None:
    """A finish was stopped, or `--without` sets a balancer aside: no record keeps it, the tags do, and cron does it."""
    pair = met()
    before, service = current(pair), pair.service(bake=100.0)
    if met is on_two:
        service.set_aside([called(max(pair.sim.groups[BLUE].balancers))])
    service.session.store = Full(pair, dies=False)
    end = told(service.rollback)
    assert (True, before) == ("v2 is to be taken back: it will be" in str(end), current(pair)), end
    pair.run_for(60)
    end = told(pair.service(bake=100.0).cleanup)
    assert (Status.OK, 2) == (end and end[0], len(pair.sim.healthy(BLUE))), end


def test_where_neither_tags_nor_record_answer_a_person_is_promised_nothing() -> None:
    """The network goes behind the first look of a `rollback`: it is to be typed again, and cron knows nothing of it."""
    pair = resting()
    before, seals, service = current(pair), told_seals(pair), pair.service(bake=100.0)
    busy(pair, 999)
    service.session.store = Full(pair, dies=False)
    end = told(service.rollback)
    assert end is not None
    status, sentence, hint = end
    assert (Status.UNREACHABLE, before, seals) == (status, current(pair), told_seals(pair))
    assert (False, True) == ("it will be" in sentence, "neither tags nor record have confirmed" in sentence), end
    assert "`bluegreen rollback web`" in hint


def test_status_and_check_tell_of_a_rollback_that_the_tags_alone_know() -> None:
    """With the command that does it; before, there is nothing to tell."""
    pair = resting()
    assert () == pair.service(bake=100.0).status().troubles
    service = pair.service(bake=100.0)
    service.session.store = Full(pair, dies=False)
    assert told(service.rollback) is not None
    fact, ways = (
        "the groups' tags say that v2 is to be taken back, and the record does not yet",
        "`bluegreen rollback web`",
    )
    (trouble,) = pair.service(bake=100.0).status().troubles
    (found,) = [one for one in pair.service(bake=100.0).check() if one.sentence == fact]
    assert (True, True, True) == (fact in trouble, ways in trouble, ways in found.hint), (trouble, found)


# ---- what a person has stopped ----


def test_a_run_that_a_person_stops_tries_again_to_seal_that() -> None:
    """AWS is busy for one tag: the hold is sealed before the process ends."""
    pair = resting()
    pair.sim.faults.before.append(while_held(pair, 1))
    stop_its_finish(pair)
    assert {seal(current(pair))} == told_seals(pair)


def test_a_hold_that_could_not_be_sealed_is_by_the_next_clean_up() -> None:
    """It says nothing, and does nothing else: whoever takes the hold off the record gets nothing done."""
    pair, calls = resting(), list[Call]()
    strike = while_held(pair, 999)
    pair.sim.faults.before.append(strike)
    stop_its_finish(pair)
    assert {seal(current(pair))} != told_seals(pair)
    assert None is pair.service(bake=100.0).cleanup()
    pair.sim.faults.before[:] = [lambda call: None if call.operation.startswith("Describe") else calls.append(call)]
    versions = set()
    for _ in range(2):
        pair.run_for(60)
        assert None is pair.service(bake=100.0).cleanup()
        versions.add(pair.store.read("web")[1])
    assert 1 == len(versions)  # once it is sealed, not even the lease is taken
    assert ["CreateOrUpdateTags"] * 2 == [call.operation for call in calls]  # that it was taken up, and the seal
    assert {seal(current(pair))} == told_seals(pair)
    old = list(pair.sim.states(BLUE))
    forge(pair, sealed=True, hold=None)
    blocked(told(pair.service(bake=100.0).cleanup))
    assert set() == ended(pair, old)


def test_what_is_held_is_left_alone_while_aws_does_not_answer() -> None:
    """Whether its hold is sealed, nobody can tell: cron says nothing, and takes no lease."""
    pair = stopped()
    version = pair.store.read("web")[1]
    pair.sim.faults.before.append(silent)
    assert (None, version) == (pair.service(bake=100.0).cleanup(), pair.store.read("web")[1])


def test_a_record_that_does_not_fit_and_says_that_it_is_held_is_left_alone() -> None:
    """Its hold is no reason to do anything: `status` says who is said to have stopped it."""
    pair = stopped()
    forge(pair, sealed=True, alarms=("web-5xx",))
    version = pair.store.read("web")[1]
    assert (None, version) == (pair.service(bake=100.0).cleanup(), pair.store.read("web")[1])


def silent(call: Call) -> None:
    """Answer no call."""
    raise throttled(call)


def while_held(pair: Pair, times: int) -> Callable[[Call], None]:
    """Return what throttles so many writes of tags while the record has a hold."""
    left = [times]

    def strike(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags" and current(pair).hold is not None and left[0] > 0:
            left[0] -= 1
            raise throttled(call)

    return strike


def test_whoever_writes_the_record_takes_no_hold_off() -> None:
    """A finish that a person has stopped with Ctrl-C: cron retires nothing, and a person's `resume` goes on."""
    pair = resting()
    pair.service(bake=100.0, stop=lambda: 2 if pair.release and pair.release.goal == FINISH else None).finish()
    old, one = list(pair.sim.states(BLUE)), pair.branch()
    forge(one, sealed=True, hold=None)
    blocked(told(one.service(bake=100.0).cleanup))
    assert set() == ended(one, old)
    assert None is pair.service(bake=100.0).cleanup()
    assert Status.OK == pair.service(bake=100.0).resume().status


def test_whoever_writes_the_record_takes_no_hold_off_what_was_adopted() -> None:
    """It waits for a person: what a record says without that hold is carried on by nobody."""
    pair = resting()
    pair.store = MemoryStore()
    assert Status.OK == pair.service(bake=100.0).adopt().status
    assert current(pair).hold is not None
    forge(pair, sealed=True, hold=None)
    blocked(told(pair.service(bake=100.0).cleanup))
    assert ({"Standby"}, 2) == (set(pair.sim.states(BLUE).values()), len(pair.sim.healthy(GREEN)))


def test_a_hold_is_on_record_though_aws_takes_no_tag() -> None:
    """Ctrl-C while AWS refuses every tag: cron leaves it alone, and `rollback` brings back what is parked."""
    pair = resting()
    stop = lambda: 2 if pair.release and pair.release.goal == FINISH else None  # noqa: E731

    def refuse(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags" and current(pair).goal == FINISH:
            raise Crash

    pair.sim.faults.before.append(refuse)
    with pytest.raises(Crash):
        pair.service(bake=100.0, stop=stop).finish()
    pair.sim.faults.before.remove(refuse)
    held = current(pair).hold
    assert (True, None) == (held is not None, pair.service(bake=100.0).cleanup())
    assert (Status.OK, 2) == (pair.service(bake=100.0).rollback().status, len(pair.sim.healthy(BLUE)))

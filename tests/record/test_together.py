"""Several processes with one record: who waited is told what happened meanwhile, and no write follows a lost lease."""

from __future__ import annotations

import random

import attrs
import pytest

from bluegreen.calls import LONGEST_CALL
from bluegreen.clock import VirtualClock
from bluegreen.errors import Held, Unreachable
from bluegreen.record.book import LENGTH, SURE, ServiceBook
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.process import Process
from bluegreen.record.store import Version
from bluegreen.targets.pair.model.actions import Mark
from bluegreen.targets.pair.model.release import MARK
from bluegreen.targets.pair.model.sound import PAIR
from tests.battery.row_07_operators import played, wrong
from tests.battery.together import Operator, Room, met
from tests.battery.turns import Actor, Turns
from tests.record.values import release
from tests.support.virtual import BLUE, virtual

AWAY = Process("another machine", 7, "1")


@pytest.fixture
def clock() -> VirtualClock:
    """Return a clock that nobody waits for."""
    return VirtualClock(1000.0)


def book(store: MemoryStore, clock: VirtualClock, who: str) -> ServiceBook:
    """Return somebody's book of the service web."""
    return ServiceBook(kind=PAIR, store=store, service="web", clock=clock, who=who, process=AWAY)


@pytest.mark.parametrize(("between", "told"), [(False, None), (True, "v3")])
def test_who_waited_hears_what_was_begun_meanwhile(clock: VirtualClock, between: bool, told: str | None) -> None:
    """The run that was waited for is no surprise, whatever it begins; one that took its turn in between is."""
    store = MemoryStore()
    first = book(store, clock, "anna@laptop").acquire("deploy v2")

    def meanwhile(_: str) -> None:
        if clock.now() < 1005.0:
            return
        first.save(release())
        first.close(release(), "finished")
        first.release()
        if between:
            with book(store, clock, "ben@desk").acquire("deploy v3") as other:
                other.save(release(2, image="v3"))

    waiting = book(store, clock, "carl@ci").acquire("deploy v4", patience=60.0, told=meanwhile)
    overtaken_by = waiting.overtaken_by()
    assert told == (overtaken_by and overtaken_by.image)


def test_who_did_not_wait_was_not_overtaken(clock: VirtualClock) -> None:
    """What is on record when somebody comes is known."""
    store = MemoryStore()
    with book(store, clock, "anna@laptop").acquire("deploy v2") as first:
        first.save(release())
    assert None is book(store, clock, "ben@desk").acquire("rollback").overtaken_by()


def test_pain_15_the_older_of_two_deployments_does_not_land_last() -> None:
    """Ben asks for v3 first and waits; Carl's v4 has its turn before him: v4 stays, and Ben hears whose it is."""
    room = _queue()
    told = {done.who: (done.status, done.sentence) for done in room.done if done.verb == "deploy"}
    assert (4, "Refused: web: v4 by carl@ci was begun while this waited its turn") == told["ben@desk"]
    assert ([0, 0], ["v2", "v4"]) == (
        [told[who][0] for who in ("anna@laptop", "carl@ci")],
        [past.image for past in room.document.history],
    )
    assert [] == [*room.verdict("v4"), *wrong(room)]


def _queue() -> Room:
    room = met(seed=1)
    anna, ben, carl = (room.operator(who, patience=900.0) for who in ("anna@laptop", "ben@desk", "carl@ci"))

    def then() -> None:
        while not room.turns.actors[0].done:
            carl.wait(0.01)
        both(carl, "v4")

    room.play((anna, lambda: both(anna, "v2")), (ben, lambda: later(ben, "v3")), (carl, then))
    return room


def both(one: Operator, image: str) -> None:
    """Deploy and finish."""
    one.run("deploy", image)
    one.run("finish")


def later(one: Operator, image: str) -> None:
    """Deploy a little later."""
    one.wait(5.0)
    one.run("deploy", image)


# ---- no write without the lease ----


def test_assured_for_as_long_as_the_lease_is_ours(clock: VirtualClock) -> None:
    """It is renewed where that is due; once it is lost, or too short and not to be renewed, no write may follow."""
    store = MemoryStore()
    mine = book(store, clock, "anna@laptop").acquire("deploy v2")
    clock.sleep(LENGTH - 1.0)
    mine.assure()
    clock.sleep(LENGTH + 1.0)
    book(store, clock, "ben@desk").acquire("rollback", patience=LENGTH + 2.0)
    with pytest.raises(Held, match="lost to ben@desk"):
        mine.assure()


def test_not_assured_by_a_record_that_is_away(clock: VirtualClock) -> None:
    """What the record said a moment ago is believed, and no older than that; nor what leaves no time for a call."""
    store = Away()
    mine = book(store, clock, "anna@laptop").acquire("deploy v2")
    store.away = True
    clock.sleep(SURE)
    mine.assure()
    clock.sleep(0.1)
    with pytest.raises(Unreachable, match="away"):
        mine.assure()
    hasty = ServiceBook(
        kind=PAIR, store=MemoryStore(), service="web", clock=clock, who="anna@laptop", length=LONGEST_CALL
    )
    hasty.acquire("deploy v2")
    with pytest.raises(Unreachable, match="the lease cannot be renewed"):
        hasty.assure()


def test_a_lease_that_was_taken_is_noticed_before_the_next_write(clock: VirtualClock) -> None:
    """Whoever is wrongly taken for dead has three seconds left, not a third of a lease."""
    store = MemoryStore()
    mine = book(store, clock, "anna@laptop").acquire("deploy v2")
    document, version = store.read("web")
    store.write("web", attrs.evolve(document, lease=None), version)
    book(store, clock, "ben@desk").acquire("rollback")
    clock.sleep(SURE + 0.1)
    with pytest.raises(Held, match="lost to ben@desk"):
        mine.assure()


class Away(MemoryStore):
    """Records that can be out of reach."""

    away = False

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Write, if in reach."""
        if self.away:
            raise Unreachable("away")
        return super().write(service, document, expected)


def test_an_action_of_several_calls_ends_where_the_lease_does() -> None:
    """The hundred and first is not marked when the lease was lost during the first call."""
    pair, left = virtual(instances=101), [1]

    def sure() -> None:
        if not left:
            raise Held("lost")
        left.pop()

    done: list[str] = []
    pair.sim.faults.before.append(lambda call: done.append(call.operation))
    with pytest.raises(Held):
        pair.aws.act(Mark(tuple(pair.sim.healthy(BLUE)), MARK, "web:1"), sure)
    assert ["CreateTags"] == done


# ---- the schedule itself ----


def test_the_same_seed_is_the_same_schedule() -> None:
    """Threads or not: whose turn it is comes from the seed alone."""
    assert played(7).trace == played(7).trace


def test_time_passes_only_when_nobody_can_go_on() -> None:
    """Sleepers wake at their own time, in order, while whoever is awake goes on."""
    clock, woken = VirtualClock(0.0), []

    def until(moment: float) -> None:
        clock.time = moment

    turns = Turns(clock.now, until, random.Random(1))

    def life(name: str, seconds: float) -> None:
        for _ in range(2):
            turns.sleep(seconds)
            woken.append((clock.now(), name))

    turns.play(Actor("slow", lambda: life("slow", 3.0)), Actor("quick", lambda: life("quick", 2.0)))
    assert [(2.0, "quick"), (3.0, "slow"), (4.0, "quick"), (6.0, "slow")] == woken

"""The first line of a status: the state, one sentence, and a command that leads on; nobody is accused falsely."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.errors import Status, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.snapshot import Cleanup, State
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.telling.state import state_of
from tests.scenarios.test_closing import killed
from tests.scenarios.test_service import begun, cut, parked, passed
from tests.support.hands import edit, ours, tagged
from tests.support.values import fleet, group
from tests.support.virtual import BLUE, GREEN, Pair, virtual

RUNS = {
    "deploy": (lambda: virtual(instances=2), lambda service: service.deploy("v2"), State.DEPLOYING),
    "rollback": (parked, Service.rollback, State.ROLLING_BACK),
    "finish": (parked, Service.finish, State.FINISHING),
}


def told(pair: Pair) -> tuple[State, str, tuple[str, ...]]:
    """Return the state, the sentence and the commands of a status."""
    report = pair.service().status()
    return report.state, report.sentence, tuple(way.command for way in report.next)


def test_nothing_is_open() -> None:
    """What serves, where, and how many are healthy."""
    assert (State.IDLE, "v1 is live on web-blue, 2 of 2 healthy", ()) == told(virtual(instances=2))


def test_what_is_parked_can_come_back() -> None:
    """A release rests: back, or over for good."""
    ways = ("bluegreen rollback web", "bluegreen finish web")
    assert (State.PARKED, "v2 is live on web-green, 2 of 2 healthy", ways) == told(parked())


@pytest.mark.parametrize("goal", RUNS)
def test_beside_a_command_at_work_nobody_is_accused(goal: str) -> None:
    """At every call of a run that is on record it is under way, or just over: never cut off, down or unclear."""
    make, run, state = RUNS[goal]
    pair, seen, busy = make(), set[State](), []

    def watch(call: Call) -> None:
        if not busy and not call.dry and not call.reads:
            busy.append(True)
            seen.add(pair.service().status().state)
            busy.clear()

    pair.sim.faults.before.append(watch)
    assert Status.OK == run(pair.service()).status
    assert (True, set()) == (state in seen, seen - {state, State.IDLE, State.PARKED})


@pytest.mark.parametrize("milestone", ["moving", "moved"])
def test_what_was_cut_off_says_so_and_how_it_ends(milestone: str) -> None:
    """The first command ends the release."""
    pair = virtual(instances=2, minimum=1)
    cut(pair, passed(pair, milestone), "deploy", "v2")
    pair.run_for(120)
    state, sentence, (first, *_) = told(pair)
    assert (State.INTERRUPTED, True) == (state, sentence.startswith("the deploy of v2 was cut off "))
    done = ours(pair, first)
    assert (Status.OK, State.PARKED) == (done and done.status, told(pair)[0])


@pytest.mark.parametrize("operation", ["CreateOrUpdateTags", "EnterStandby", "UpdateAutoScalingGroup"])
def test_a_run_that_was_killed_says_so(operation: str) -> None:
    """Whatever it was about to do."""
    pair = virtual(instances=2)
    killed(pair, operation, lambda service: service.deploy("v2"))
    pair.run_for(120)
    state, sentence, ways = told(pair)
    assert (State.INTERRUPTED, True, "bluegreen resume web") == (state, "was cut off" in sentence, ways[0])


@pytest.mark.parametrize(("wait", "seconds"), [(0.0, 0.0), (120.0, 5.0)])
def test_how_fast_a_rollback_would_be(wait: float, seconds: float) -> None:
    """What drains is registered again, what is parked has to leave Standby first; both have their checks to pass."""
    pair = virtual(instances=2, drain=60.0)
    pair.service().deploy("v2")
    pair.run_for(wait)
    report = pair.service().status()
    assert pair.release.check_time + seconds == report.rollback.first_s


def test_what_still_serves_is_back_at_once() -> None:
    """Before the traffic has moved, and with nothing open there is no way back to measure."""
    pair = virtual(instances=2, minimum=1)
    cut(pair, begun(pair), "deploy", "v2")
    found = [one.service().status().rollback for one in (pair, virtual(instances=2))]
    assert [0.0, None] == [way.first_s for way in found]


def test_both_serve_is_told_with_it() -> None:
    """In the middle of the move some requests are answered by either version."""
    pair = virtual(instances=4, minimum=1)
    cut(pair, lambda: passed(pair, "moving")() and bool(pair.sim.healthy(BLUE)), "deploy", "v2")
    pair.run_for(60)
    assert "both groups serve: some requests are answered by v1, some by v2" == pair.service().status().beside


def test_none_is_healthy() -> None:
    """It is down, and the way back is named."""
    pair = parked()
    for instance in sorted(pair.sim.states(GREEN)):
        pair.sim.sicken(instance)
    pair.run_for(60)
    assert (State.DOWN, "0 of 2 instances of web-green are healthy", ("bluegreen rollback web",)) == told(pair)


def test_the_tag_says_another_version() -> None:
    """The next scale-out would launch it."""
    pair = parked()
    tagged(pair, GREEN, "v1")
    said = "web-green runs v2 but its tag says v1: the next instance would run v1"
    assert (State.UNCLEAR, said) == told(pair)[:2]


def test_a_release_that_the_record_does_not_know() -> None:
    """Its record was lost: the tags tell whose it is."""
    pair = virtual(instances=2)
    cut(pair, begun(pair), "deploy", "v2")
    pair.run_for(90)
    lost = attrs.evolve(pair, store=MemoryStore())
    state, sentence, ways = told(lost)
    assert (State.UNCLEAR, ("bluegreen adopt web",)) == (state, ways)
    assert "the groups carry a release that this record does not know: deploy of v2 by " in sentence


@pytest.mark.parametrize(("later", "late"), [(60.0, False), (3600.0, True)])
def test_a_cron_that_does_not_run_any_more_is_told(later: float, late: bool) -> None:
    """It is kept beside the record that it ran, whether it had anything to do or not."""
    pair = parked()
    for _ in range(3):
        pair.run_for(60)
        pair.service().cleanup()
    at = pair.clock.now()
    before = pair.store.read("web")
    pair.run_for(later)
    found = pair.service().status().cleanup
    deployed = pair.release.milestones["deployed"] + pair.release.terms.keep_parked
    expected = Cleanup(does="terminates the parked instances", due_at=deployed, last_run_at=at, late=late)
    assert (expected, before) == (found, pair.store.read("web"))


def test_a_clean_up_of_nothing_keeps_nothing() -> None:
    """Where there is no record there is nobody to be missed."""
    pair = virtual(instances=2)
    pair.service().cleanup()
    assert (None, None) == (pair.store.noted("web", "cleanup"), pair.service().status().cleanup)


def test_a_note_that_cannot_be_kept_or_read_ends_nothing() -> None:
    """It is only worth knowing."""
    pair = parked()

    class Deaf(MemoryStore):
        def note(self, service: str, topic: str, text: str) -> None:
            raise Unreachable("the disk is away")

        def noted(self, service: str, topic: str) -> str | None:
            raise Unreachable("the disk is away")

    store = Deaf()
    store.write("web", pair.store.read("web")[0], None)
    deaf = attrs.evolve(pair, store=store)
    assert (None, None) == (deaf.service().cleanup(), deaf.service().status().cleanup.last_run_at)


def test_the_night_is_no_fault() -> None:
    """Its owner has put the group to nothing."""
    pair = parked()
    edit(pair, GREEN, MinSize=0, MaxSize=0, DesiredCapacity=0)
    pair.run_for(120)
    assert (State.PARKED, "nothing serves while desired of web-green is 0") == told(pair)[:2]


@pytest.mark.parametrize(
    ("goal", "told"),
    [("deploy", "deploy v1 → v2 by "), ("rollback", "rollback v2 → v1 by "), ("finish", "finish of v2 by ")],
)
def test_a_run_begins_with_what_it_is_to_do(goal: str, told: str) -> None:
    """Once, and by whom, whether the release begins or was on record."""
    make, run, _ = RUNS[goal]
    pair = make()
    pair.events.clear()
    run(pair.service())
    begun = [event.reason for event in pair.events if event.kind is EventKind.BEGUN]
    assert [True] == [reason.startswith(told) for reason in begun]


def test_an_empty_pair() -> None:
    """Nothing was ever deployed."""
    assert (State.EMPTY, "both groups are empty: never deployed", ()) == told(virtual(instances=0))


@pytest.mark.parametrize(
    ("health", "state"), [("unhealthy", State.DOWN), ("unknown", State.IDLE), ("shifted", State.IDLE)]
)
def test_not_known_is_not_down(health: str, state: State) -> None:
    """What a balancer does not tell, or a zonal shift keeps from requests, is no fault of the instances."""
    live, idle = group("web-blue", "InService"), group("web-green")
    seen = fleet(live, idle, {i.id: health for i in live.instances})
    assert state is state_of(Document(service="web"), seen, "web-blue", "image", seen.at).state

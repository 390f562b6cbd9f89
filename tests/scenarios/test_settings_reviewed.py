"""What a reviewer found where settings move: each a story that lost a policy, a schedule or a rollback."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bluegreen.errors import INT, Status
from bluegreen.record.memory import MemoryStore
from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import denied
from tests.support.hands import asked, type_in
from tests.support.scaling import nothing_of, put_settings, settings_of
from tests.support.virtual import BLUE, GREEN, Pair, virtual

BY_REQUESTS = tracking("requests", 600.0)
SETTINGS = ("DescribePolicies", "DescribeScheduledActions")


def stopped_behind(pair: Pair, operation: str) -> Callable[[], int | None]:
    """Return who presses Ctrl-C when a call of ``operation`` was made."""
    made: list[str] = []
    pair.sim.faults.after.append(lambda call, *_: made.append(call.operation))
    return lambda: INT if operation in made else None


def away(call: Call) -> None:
    """Answer no question about metrics."""
    if call.operation == "GetMetricData":
        raise denied(call)


@pytest.mark.parametrize("urgent", [False, True])
def test_a_rollback_does_not_wait_for_cloudwatch(urgent) -> None:
    """Metrics that may not be read, as by an older IAM policy, keep nothing from coming back."""
    pair = virtual(instances=3, load=20.0, policies=[BY_REQUESTS], twins=True)
    pair.service().deploy("v2")
    pair.sim.faults.before.append(away)
    ended = pair.service().rollback(urgent=urgent)
    assert (Status.OK, 3) == (ended.status, len(pair.sim.healthy(BLUE)))


def test_a_boot_that_keeps_processors_busy_is_no_demand() -> None:
    """Every fresh instance is at 100 percent for its first minutes: as many as served are launched."""
    pair = virtual(instances=4, maximum=40, boot=90.0, load=100.0, policies=[tracking("cpu", 50.0)], twins=True)
    pair.sim.occupy(GREEN, 100.0)
    pair.service(progress_deadline=600.0, deadline=3600.0).deploy("v2")
    assert 4 == max(activity_sizes(pair))


def activity_sizes(pair: Pair) -> list[int]:
    """Return how many instances green was ever asked for by the tool."""
    launched = [a for a in pair.sim.groups[GREEN].activities.values() if a.description.startswith("Launching")]
    return [sum("user request" in activity.cause for activity in launched)]


def test_what_a_finish_has_moved_is_not_taken_for_twins() -> None:
    """A deployment right behind a finish, with settings described as they were: they move again, and none is lost."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    before, old = settings_of(pair.sim, BLUE), [False]
    pair.sim.read_stale(lambda call: 45.0 if old[0] and call.operation in SETTINGS else 0.0)
    pair.service().deploy("v2")
    pair.service().finish()
    old[0] = True
    patient = pair.service(progress_deadline=600.0, deadline=3600.0)
    ended = [patient.deploy("v3").status, patient.finish().status]
    old[0] = False
    assert ([Status.OK, Status.OK], before) == (ended, settings_of(pair.sim, BLUE))


def test_what_was_just_put_is_not_believed_gone() -> None:
    """Stopped behind the putting of a schedule, rolled back at once, settings seen late: nothing stays on green."""
    pair = virtual(instances=2)
    asked(pair, "PutScheduledUpdateGroupAction", BLUE, ScheduledActionName="morning", Recurrence="0 8 * * *", MinSize=2)
    pair.sim.read_stale(lambda call: 45.0 if call.operation in SETTINGS else 0.0)
    pair.run_for(120)
    pair.service(stop=stopped_behind(pair, "BatchPutScheduledUpdateGroupAction")).deploy("v2")
    ended = pair.service().rollback()
    assert (Status.OK, {}) == (ended.status, pair.sim.groups[GREEN].schedules)


def test_a_finish_does_not_take_off_what_nobody_else_has() -> None:
    """New lacks a policy, and nothing tells that it ever had it: old's stays, all stay parked, a person is asked."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    before = settings_of(pair.sim, BLUE)
    pair.service().deploy("v2")
    asked(pair, "DeletePolicy", GREEN, PolicyName="processors")
    pair.store = MemoryStore()
    pair.run_for(90)
    ended = [pair.service().adopt(), pair.service().resume(), pair.service().finish()]
    assert [Status.OK, Status.OK, Status.BLOCKED] == [one.status for one in ended]
    assert "web-blue: not removed: policy processors (it is not on web-green any more)" in ended[2].sentence
    assert (before, ["Standby"] * 2) == (settings_of(pair.sim, BLUE), list(pair.sim.states(BLUE).values()))
    type_in(pair, ended[2].hint.split("`")[1])
    told = [pair.service().resume().status, sorted(settings_of(pair.sim, GREEN)["policies"])]
    assert [Status.OK, ["fewer of {group}", "more"]] == told
    assert nothing_of(settings_of(pair.sim, BLUE))


def test_a_finish_that_another_record_takes_back_returns_all_settings() -> None:
    """Stopped when old's policies are off, its record lost, adopted, rolled back: old has what it had."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    before = settings_of(pair.sim, BLUE)
    pair.service().deploy("v2")
    pair.service(stop=stopped_behind(pair, "DeletePolicy")).finish()
    pair.store = MemoryStore()
    pair.run_for(90)
    ended = [pair.service().adopt().status, pair.service().rollback().status]
    assert ([Status.OK, Status.OK], before) == (ended, settings_of(pair.sim, BLUE))
    assert nothing_of(settings_of(pair.sim, GREEN))

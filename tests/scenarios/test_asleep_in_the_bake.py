"""The owner puts the group that serves to nothing while it bakes: no failure, and no wish for whoever serves later.

Source: convox 1458; there each clean-up waited for health that nobody wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.build import tracking
from tests.scenarios.test_alarms import put, turn
from tests.scenarios.test_asleep import DAY, NIGHT
from tests.scenarios.test_service import cut, passed
from tests.support.hands import asked, edit
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual

SLEEPING = "nothing serves while desired of web-green is 0"


def after_the_switch(pair: Pair, seconds: float, do: Callable[[], None]) -> list[float]:
    """Do something so many seconds after the switch; the list gets the time of it."""

    def due(_: object) -> bool:
        moved = pair.release is not None and pair.release.milestones.get("moved")
        return bool(moved) and pair.clock.now() > moved + seconds

    return once(pair, due, do)


def night(pair: Pair, group: str = GREEN) -> Callable[[], None]:
    """Return what puts a group to nothing."""
    return lambda: edit(pair, group, **NIGHT)


def sizes(pair: Pair, name: str) -> tuple[int, int, int]:
    """Return a group's minimum, maximum and desired capacity."""
    group = pair.sim.groups[name]
    return group.minimum, group.maximum, group.desired


@pytest.mark.parametrize("settings", [{}, {"policies": [tracking("cpu", 50.0)]}, {"idle_maximum": 3}])
def test_a_night_in_the_bake_is_no_failure(settings) -> None:
    """The bake goes on by the clock, nothing of old comes back, and the owner's sizes stay until the morning."""
    pair = virtual(instances=2, minimum=1, maximum=4, **settings)
    struck = after_the_switch(pair, 20, night(pair))
    ended = pair.service(bake=60.0).deploy("v2")
    assert (Status.OK, SLEEPING, 1) == (ended.status, ended.sentence.partition("; ")[2], len(struck))
    pair.run_for(60)
    assert ((0, 0, 0), {"Standby"}) == (sizes(pair, GREEN), set(pair.sim.states(BLUE).values()))
    edit(pair, GREEN, **DAY)
    pair.run_for(60)
    assert (2, Status.OK) == (len(pair.sim.healthy(GREEN)), pair.service().rollback().status)
    assert (1, 4, 2) == sizes(pair, BLUE)


def test_the_night_by_the_own_schedule_of_the_service() -> None:
    """The scheduled action that came along to new is as much its owner's wish as a change by hand."""
    pair = virtual(instances=2)
    at = datetime.fromtimestamp(pair.clock.now() + 400, UTC)
    action = {"ScheduledActionName": "night", "Recurrence": f"{at.minute} {at.hour} * * *", **NIGHT}
    asked(pair, "PutScheduledUpdateGroupAction", BLUE, **action)
    ended = pair.service(bake=600.0).deploy("v2")
    assert (Status.OK, SLEEPING, (0, 0, 0)) == (ended.status, ended.sentence.partition("; ")[2], sizes(pair, GREEN))
    assert [] == pair.sim.healthy(BLUE)


def test_a_rollback_at_night_brings_back_the_service_as_it_was() -> None:
    """The sizes of the night are not what the owner wishes of the side that a person wants to serve."""
    pair = virtual(instances=2, minimum=1, maximum=4, idle_maximum=3)
    pair.service().deploy("v2")
    edit(pair, GREEN, **NIGHT)
    pair.run_for(60)
    assert (Status.OK, (1, 4, 2)) == (pair.service().rollback().status, sizes(pair, BLUE))


def test_cron_turns_nothing_back_because_of_the_night() -> None:
    """A run that was cut off in its bake is carried on to its end, and the next ticks are silent."""
    pair = virtual(instances=2)
    cut(pair, passed(pair, "moved"), "deploy", "v2", bake=60.0)
    edit(pair, GREEN, **NIGHT)
    pair.run_for(90)
    ended = pair.service().cleanup()
    assert ended is not None
    assert (Status.OK, SLEEPING, None) == (ended.status, ended.sentence.partition("; ")[2], pair.service().cleanup())
    assert ((0, 0, 0), []) == (sizes(pair, GREEN), pair.sim.healthy(BLUE))


def test_what_is_woken_within_the_bake_has_the_time_to_boot() -> None:
    """A while of nothing within the bake, and the boots after it, are no loss of what served before."""
    pair = virtual(instances=2, boot=20.0)
    after_the_switch(pair, 0, night(pair))
    woken = after_the_switch(pair, 60, lambda: edit(pair, GREEN, **DAY))
    ended = pair.service(bake=200.0).deploy("v2")
    assert (Status.OK, 1, 2, []) == (ended.status, len(woken), len(pair.sim.healthy(GREEN)), pair.sim.healthy(BLUE))


def test_an_alarm_that_misses_instances_at_night_turns_nothing_back() -> None:
    """Where nothing is wanted, "no healthy host" says nothing of the image."""
    pair = virtual(instances=2)
    put(pair, "no-host")
    turn(pair, "no-host", "OK")
    after_the_switch(pair, 0, night(pair))
    after_the_switch(pair, 10, lambda: turn(pair, "no-host", "ALARM"))
    ended = pair.service(bake=60.0, alarms=("no-host",)).deploy("v2")
    assert (Status.OK, SLEEPING) == (ended.status, ended.sentence.partition("; ")[2])


def test_nor_does_it_in_the_morning_before_anything_serves() -> None:
    """It fires until the first instance is healthy, and that is for no fault of the image."""
    pair = virtual(instances=2, boot=20.0)
    put(pair, "no-host")
    turn(pair, "no-host", "OK")
    after_the_switch(pair, 0, night(pair))
    after_the_switch(pair, 10, lambda: turn(pair, "no-host", "ALARM"))
    after_the_switch(pair, 60, lambda: edit(pair, GREEN, **DAY))
    after_the_switch(pair, 70, lambda: turn(pair, "no-host", "OK"))
    ended = pair.service(bake=120.0, alarms=("no-host",)).deploy("v2")
    assert (Status.OK, 2) == (ended.status, len(pair.sim.healthy(GREEN)))


def test_the_night_in_the_bake_of_a_first_release() -> None:
    """It has nothing parked that could serve, so that it is over."""
    pair = virtual(instances=0, maximum=4)
    after_the_switch(pair, 0, night(pair, BLUE))
    ended = pair.service(bake=30.0).deploy("v1", capacity=2)
    assert (Status.OK, None, (0, 0, 0)) == (ended.status, pair.release, sizes(pair, BLUE))
    assert "nothing serves while desired of web-blue is 0" in ended.sentence

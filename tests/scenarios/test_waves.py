"""A pace of small waves takes its time: the deadline that is derived counts each of them."""

from __future__ import annotations

from bluegreen.errors import Status
from bluegreen.flow.limits import Pace
from tests.support.virtual import GREEN, virtual
from tests.support.watching import Watch, colours_serving


def test_ten_waves_are_not_taken_back_in_steady_progress() -> None:
    """Ten instances at 100/110 come up one by one, each in two minutes: longer than three launches take."""
    pair = virtual(instances=10, maximum=20, boot=130.0)
    watch, began = Watch(pair, 10), pair.clock.now()
    service = pair.service(pace=Pace(100, 110), deadline=None, progress_deadline=None, look_every=10.0)
    ended = service.deploy("v2")
    assert (Status.OK, [], [GREEN]) == (ended.status, watch.broken, colours_serving(pair))
    assert (True, 10) == (pair.clock.now() - began > 1200.0, len(pair.sim.healthy(GREEN)))

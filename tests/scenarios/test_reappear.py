"""Old instances that appear again after the switch: how many at once is one time, and what is the second."""

from __future__ import annotations

import pytest

from bluegreen.errors import Status
from tests.support.hands import asked, edit
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over


def rest(pair: Pair) -> bool:
    """Whether all of old is in Standby."""
    return set(pair.sim.states(BLUE).values()) == {"Standby"}


def bring_back(pair: Pair, count: int) -> None:
    """Bring back parked instances as a person does, twenty at most in one call."""
    parked = [i for i, state in pair.sim.states(BLUE).items() if state == "Standby"][:count]
    edit(pair, BLUE, MaxSize=100)
    for some in (parked[:20], parked[20:]):
        if some:
            asked(pair, "ExitStandby", BLUE, InstanceIds=some)


@pytest.mark.parametrize(("pause", "drain"), [(0.0, 0.0), (4.0, 20.0)])
def test_more_than_one_call_takes_are_one_time(pause, drain) -> None:
    """Twenty-five are brought back by hand in two calls, seconds apart: they are parked again, and all is well."""
    pair = virtual(instances=25, maximum=30, drain=drain)
    watch = Watch(pair, 25)

    def both() -> None:
        bring_back(pair, 20)
        pair.sim.world.later(pause, lambda _: bring_back(pair, 5))

    once(pair, lambda call: call.reads and rest(pair), both)
    ended = pair.service(bake=90.0, progress_deadline=300.0, deadline=2000.0).deploy("v2")
    assert (Status.OK, [], [GREEN]) == (ended.status, watch.broken, colours_serving(pair))
    assert (True, Status.OK, {}) == (rest(pair), pair.service().finish().status, left_over(pair))

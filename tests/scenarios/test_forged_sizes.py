"""A record that is forged in form makes no group larger, and puts nothing to rest, where nobody asks."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.targets.pair.model.release import DEPLOY, ROLLBACK, Bounds, Release
from tests.scenarios.test_strange_records import rewrite
from tests.support.hands import tagged
from tests.support.values import evolved
from tests.support.virtual import BLUE, GREEN, Pair, told_once, virtual
from tests.support.watching import Watch

MANY = Bounds(40, 50)
RESTS = frozenset({"Launch", "AlarmNotification"})


def both(release: Release, **changes: Any) -> dict[str, Any]:
    """Return what makes the picture of both sides another one."""
    sides = {side: attrs.evolve(getattr(release.picture, side), **changes) for side in ("old", "new")}
    return {"picture": attrs.evolve(release.picture, **sides)}


FORGED: dict[str, Any] = {
    "the bounds of the service": lambda _: {"bounds": MANY},
    "the bounds of both": lambda _: {"bounds": MANY, "idle": MANY, "capacity": 50},
    "what it was like": lambda one: both(one, min=40, max=50, desired=45),
    "what rests": lambda one: both(one, suspended=RESTS),
}


AT = (DEPLOY, ROLLBACK, "back")


@told_once
def cut_off(at: str) -> Pair:
    """Return a pair whose release was cut off: before old instances were parked, on the way back, or behind it."""
    pair = virtual(instances=2)
    tagged(pair, GREEN, "v2")
    door = "moving" if at == DEPLOY else "moved"
    pair.service(stop=lambda: 15 if pair.release and pair.release.passed(door) else None).deploy("v2")
    if at == ROLLBACK:
        pair.service(stop=lambda: 15 if pair.sim.healthy(BLUE) else None).rollback()
    if at == "back":
        pair.service(stop=lambda: 15 if pair.release and pair.release.passed("back") else None).rollback()
    return pair


def most(pair: Pair) -> int:
    """Return how many instances either group has at most, by its own minimum and now."""
    return max(max(len(pair.sim.states(name)), pair.sim.groups[name].minimum) for name in (BLUE, GREEN))


def resting(pair: Pair) -> set[str]:
    """Return which of the processes rest that nobody put to rest."""
    return {"Launch"} & {one for name in (BLUE, GREEN) for one in pair.sim.groups[name].suspended}


@pytest.mark.parametrize("at", AT)
@pytest.mark.parametrize("what", FORGED)
def test_a_clean_up_makes_nothing_larger(what: str, at: str) -> None:
    """Two serve before it and behind it, and no group is asked for more; a person is told, or all is as it was."""
    pair = cut_off(at)
    release = pair.release
    assert release is not None
    watch = Watch(pair, 2)
    rewrite(pair, release=evolved(release, hold=None, **FORGED[what](release)))
    told = [pair.service().cleanup() for _ in range(2)]
    pair.run_for(120)
    assert ([], True, set()) == (watch.broken, most(pair) <= 2, resting(pair))
    assert told[0] is not None
    assert told[0].status in (Status.BLOCKED, Status.OK, Status.ROLLED_BACK)


@pytest.mark.parametrize("at", AT)
def test_a_clean_up_carries_on_what_is_as_it_says(at: str) -> None:
    """Nothing of it holds up a release whose record is right."""
    pair = cut_off(at)
    assert pair.release is not None
    rewrite(pair, release=attrs.evolve(pair.release, hold=None))
    told = pair.service().cleanup()
    assert told is not None
    assert Status.OK == told.status, told

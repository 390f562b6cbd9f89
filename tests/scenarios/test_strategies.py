"""Strategies over a virtual pair: how many answer, and how many run, while the new version takes over."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.flow.limits import Pace, Share
from tests.support.virtual import BLUE, GREEN, Pair, virtual

RATHER = {"bake": 0.0, "look_every": 5.0}


def counts(pair: Pair) -> tuple[list[int], list[int]]:
    """Return lists that fill, at each event, with how many are healthy, and how many are in service or launching."""
    healthy: list[int] = []
    running: list[int] = []

    def look() -> None:
        healthy.append(len({*pair.sim.healthy(BLUE), *pair.sim.healthy(GREEN)}))
        members = [one for name in (BLUE, GREEN) for one in pair.sim.groups[name].members.values()]
        running.append(sum(one.state in ("Pending", "InService") for one in members))

    pair.sim.on_event(look)
    return healthy, running


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ({"strategy": "blue-green"}, 4, 8),
        ({"strategy": "rolling"}, 4, 5),
        ({"strategy": "rolling", "max_surge": Share(2)}, 4, 6),
        ({"strategy": "rolling", "max_surge": Share(0), "max_unavailable": Share(1)}, 3, 4),
        ({"max_surge": Share(50, percent=True), "max_unavailable": Share(50, percent=True)}, 2, 6),
        ({"strategy": "recreate"}, 0, 4),
    ],
)
def test_a_strategy_keeps_its_limits(said: dict[str, Any], least: int, most: int) -> None:
    """Never fewer healthy, nor more that run, than it allows; it comes to both, and all of new serves at the end."""
    pair = virtual(instances=4, maximum=12)
    healthy, running = counts(pair)
    ended = pair.service(**RATHER, **said).deploy("v2")
    assert (Status.OK, least, most) == (ended.status, min(healthy), max(running))
    assert (4, 4) == (len(pair.sim.healthy(GREEN)), len(pair.sim.groups[BLUE].members))


def test_after_recreate_the_way_back_is_warm() -> None:
    """What went first is parked: a rollback launches none."""
    pair = virtual(instances=4, maximum=12)
    service = pair.service(**RATHER, strategy="recreate")
    service.deploy("v2")
    launched = len(pair.sim.groups[BLUE].members)
    assert (Status.OK, 4) == (service.rollback().status, len(pair.sim.healthy(BLUE)))
    assert launched == len(pair.sim.groups[BLUE].members)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, ""),
        ({"strategy": "rolling"}, ""),
        ({"pace": Pace(0, 100)}, ""),
        ({"max_unavailable": Share(3)}, ""),
        ({"max_unavailable": Share(4)}, "web-blue: 4 instances to Standby first, so that nothing serves for about "),
        ({"strategy": "recreate"}, "web-blue: 4 instances to Standby first, so that nothing serves for about "),
    ],
)
def test_what_leaves_nothing_serving_is_told_before(said: dict[str, Any], told: str) -> None:
    """With how long that is; of a pace, that says it itself, nothing is."""
    found = virtual(instances=4, maximum=12).service(**said).outage()
    assert (told, bool(told)) == (found[: len(told)], bool(found))


def test_limits_on_record_under_the_configured_ones_are_said_again() -> None:
    """Whoever may write the record can write them there."""
    pair = virtual(instances=4, maximum=12)
    said = {"strategy": "rolling", "max_unavailable": Share(2)}
    pair.service(**RATHER, **said, stop=lambda: 15 if pair.release and pair.release.begun else None).deploy("v2")
    with pytest.raises(Refused, match=r"fewer may serve \(surge 25%, unavailable 2\) than is configured") as caught:
        pair.service(**RATHER).resume()
    assert "`bluegreen resume --strategy rolling --max-unavailable 2 web`" in caught.value.hint

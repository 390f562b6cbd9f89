"""Killed before and after each call that copies or removes scaling settings: they end on exactly one side, whole."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.simulator.core.calls import Call
from tests.support.copies import Copies
from tests.support.scaling import nothing_of, put_settings, settings_of
from tests.support.story import Crash, unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

SIZE = 2
WRITES = ("ScalingPolicy", "DeletePolicy", "Alarm", "Scheduled", "TagResource")
"""What the names of the calls have in them that write settings."""


def moving() -> Pair:
    """Return a pair whose live side alone has policies of all kinds, alarms and scheduled actions."""
    pair = virtual(instances=SIZE)
    put_settings(pair.sim)
    return pair


def writes_settings(call: Call) -> bool:
    """Whether a call changes a setting."""
    return not call.reads and any(word in call.operation for word in WRITES)


def outcomes(verb: str, side: str, then: tuple[str, ...]) -> dict[int, dict[str, Any]]:
    """Return what is wrong after ``verb`` was killed at a write of settings and ``then``, by the write's number."""
    pair = moving()
    before, watch = pair.picture(), Watch(pair, SIZE)
    if verb != "deploy":
        pair.service().deploy("v2")
    copies = Copies(Crash)
    hooks = getattr(pair.sim.faults, side)

    def told() -> None:
        hooks.append(lambda call, *_: copies.point() if writes_settings(call) else None)
        try:
            _ = pair.service().deploy("v2") if verb == "deploy" else getattr(pair.service(), verb)()
        finally:
            hooks.clear()

    def goes_on() -> dict[str, Any]:
        pair.run_for(90)
        for following in then:
            if pair.release is not None:
                getattr(pair.service(), following)()
        pair.run_for(60)
        found = {
            "floor": watch.broken,
            "picture": unlike(before, pair.picture()),
            **left_over(pair),
            **misplaced(pair, before),
        }
        return {key: value for key, value in found.items() if value}

    return copies.play(told, goes_on)


def misplaced(pair: Pair, before: dict[str, Any]) -> dict[str, Any]:
    """Return which settings are not where they belong: all on the one side that serves, none on the other."""
    (serving,) = colours_serving(pair)
    other = GREEN if serving == BLUE else BLUE
    whole = settings_of(pair.sim, serving) == before[BLUE]["Scaling"]
    alarms = pair.sim.call("cloudwatch", "DescribeAlarms", {})["MetricAlarms"]
    return {
        "not whole": [] if whole else [serving],
        "left": [] if nothing_of(settings_of(pair.sim, other)) else [other],
        "alarms": [] if len(alarms) == 4 else sorted(row["AlarmName"] for row in alarms),
    }


STORIES = [
    ("deploy", ("resume", "finish")),
    ("deploy", ("rollback",)),
    ("deploy", ("cleanup", "finish")),
    ("finish", ("resume",)),
    ("finish", ("rollback",)),
    ("finish", ("cleanup",)),
    ("rollback", ("resume",)),
    ("rollback", ("cleanup",)),
]


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(("verb", "then"), STORIES, ids=["-".join([verb, *then]) for verb, then in STORIES])
def test_killed_at_every_write_of_settings(verb, then, side) -> None:
    """Whichever write is the last one, the settings end on the side that serves, whole, and nowhere else."""
    found = outcomes(verb, side, then)
    assert ({}, True) == ({number: wrong for number, wrong in found.items() if wrong}, len(found) >= 4)

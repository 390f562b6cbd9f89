"""Killed before and after every call that it makes, the tool leaves a pair that serves and can be brought back."""

from __future__ import annotations

import os
from typing import Any

import pytest

from bluegreen.targets.pair.model.release import FINISH, ROLLBACK
from tests.support.copies import Copies
from tests.support.story import Crash, unlike
from tests.support.virtual import virtual
from tests.support.watching import Watch, colours_serving, left_over

SIZE = 3
GOALS = {"rollback": ROLLBACK, "finish": FINISH}
"""What is on record of a verb; one that was lost before is typed again."""
ONE = {"balancers": ("target-group",), "bridge": "completes"}
TWO = {"balancers": ("classic", "target-group"), "bridge": "deregisters"}


def outcomes(verb: str, side: str, then: tuple[str, ...], **settings: Any) -> dict[int, dict[str, Any]]:
    """Return what is wrong after ``verb`` was killed at a call and the verbs ``then``, by the call's number."""
    pair = virtual(instances=SIZE, **settings)
    before, watch = pair.picture(), Watch(pair, SIZE)
    if verb != "deploy":
        pair.service().deploy("v2")
    copies = Copies(Crash, left=(pair, watch))
    hooks = getattr(pair.sim.faults, side)

    def told() -> None:
        hooks.append(copies.point)
        try:
            service = pair.service()
            _ = service.deploy("v2") if verb == "deploy" else getattr(service, verb)()
        finally:
            hooks.clear()

    def goes_on() -> dict[str, Any]:
        unrecorded = pair.release is not None and pair.release.goal != GOALS.get(verb, pair.release.goal)
        for following in (verb, *then) if unrecorded else then:
            if pair.release is not None:
                getattr(pair.service(), following)()
        if pair.release is not None and pair.release.instead_of:
            pair.service().finish()  # the finish was over but for its record, and the rollback a deployment
        pair.run_for(60)
        found = {"floor": watch.broken, "picture": unlike(before, pair.picture()), **left_over(pair)}
        found["colours"] = [] if len(colours_serving(pair)) == 1 else colours_serving(pair)
        return {key: value for key, value in found.items() if value}

    return copies.play(told, goes_on)


STORIES = [
    ("deploy", ("rollback",)),
    ("deploy", ("resume", "finish")),
    ("rollback", ("resume",)),
    ("finish", ("rollback",)),
    ("finish", ("cleanup",)),
]


@pytest.mark.parametrize("settings", [ONE, TWO], ids=["one-balancer", "two-balancers"])
@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(("verb", "then"), STORIES, ids=["-".join([verb, *then]) for verb, then in STORIES])
def test_killed_at_every_call(verb, then, side, settings) -> None:
    """Whichever call is the last one, what is done next ends clean: the picture is back and nothing is left over."""
    found = outcomes(verb, side, then, **settings)
    assert ({}, True) == ({number: wrong for number, wrong in found.items() if wrong}, len(found) > 30)


def test_points_share_an_end_where_the_same_is_left_behind() -> None:
    """A point before which nothing has changed since the last one is not played again; one after a change is."""
    left = ["as it was"]
    copies = Copies(Crash, left)

    def told() -> None:
        copies.point()
        copies.point()
        left.append("changed")
        copies.point()

    first, second, third = copies.play(told, os.getpid).values()
    assert (True, False) == (first == second, first == third)

"""Killed before and after every call that it makes, the tool leaves a pair that serves and can be brought back."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.pair.release import FINISH
from bluegreen.simulator.faults import at
from tests.building.story import Crash, unlike
from tests.building.virtual import Pair, virtual
from tests.building.watching import Watch, colours_serving, left_over

SIZE = 3
ONE = {"balancers": ("target-group",), "bridge": "completes"}
TWO = {"balancers": ("classic", "target-group"), "bridge": "deregisters"}


def _crash(_: object) -> Crash:
    return Crash()


def killed(pair: Pair, verb: str, number: int, side: str) -> bool:
    """Run ``verb`` and kill it before or after its call ``number``; return whether it made so many."""
    hooks = getattr(pair.sim.faults, side)
    hooks.append(at(pair.sim.calls + number, _crash))
    try:
        service = pair.service()
        _ = service.deploy("v2") if verb == "deploy" else getattr(service, verb)()
    except Crash:
        return True
    finally:
        hooks.clear()
    return False


def outcome(verb: str, number: int, side: str, then: tuple[str, ...], **settings: Any) -> dict[str, Any] | None:
    """Return what is wrong after a killed ``verb`` and the verbs ``then``; ``None`` when it ended before the kill."""
    pair = virtual(instances=SIZE, **settings)
    before, watch = pair.picture(), Watch(pair, SIZE)
    if verb != "deploy":
        pair.service().deploy("v2")
    if not killed(pair, verb, number, side):
        return None
    unrecorded = verb == "finish" and pair.release is not None and pair.release.goal != FINISH
    for following in (verb, *then) if unrecorded else then:
        if pair.release is not None:
            getattr(pair.service(), following)()
    pair.run_for(60)
    found = {"floor": watch.broken, "picture": unlike(before, pair.picture()), **left_over(pair)}
    found["colours"] = [] if len(colours_serving(pair)) == 1 else colours_serving(pair)
    return {key: value for key, value in found.items() if value}


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
    wrong, number = {}, 0
    while (found := outcome(verb, number := number + 1, side, then, **settings)) is not None:
        if found:
            wrong[number] = found
    assert (wrong, number > 30) == ({}, True)

"""What a hard reading of the rules found, each as the story in which it was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.faults import Call, internal_failure
from tests.building.virtual import GREEN, Pair, virtual
from tests.building.watching import colours_serving


def during(pair: Pair, when: Callable[[Call], bool], do: Callable[[], Any]) -> None:
    """Let ``do`` happen once, just before the first call for which ``when`` holds."""
    done: list[float] = []

    def hook(call: Call) -> None:
        if not done and when(call):
            done.append(pair.clock.now())
            do()

    pair.sim.faults.before.append(hook)


def passed(pair: Pair, milestone: str) -> bool:
    """Whether the open release has reached ``milestone``."""
    return pair.release is not None and pair.release.passed(milestone)


@pytest.mark.parametrize("progress", [None, 60.0])
def test_a_bake_longer_than_the_progress_deadline_ends_in_a_deployment(progress) -> None:
    """The bake is a planned wait: when it is over, the hand-over is not late."""
    pair = virtual(instances=3)
    ended = pair.service(bake=600.0, progress_deadline=progress).deploy("v2")
    assert (ended.status, colours_serving(pair), pair.sim.image_of_group(GREEN)) == (Status.OK, [GREEN], "v2")


def test_a_silence_of_aws_is_no_lack_of_progress() -> None:
    """What nobody could see for two minutes is not held against a deployment."""
    pair = virtual(instances=3, boot=20.0)

    def silent(call: Call) -> None:
        if pair.clock.now() < late and passed(pair, "moving"):
            raise internal_failure(call)

    late = pair.clock.now() + 180.0
    pair.sim.faults.before.append(silent)
    ended = pair.service().deploy("v2")
    assert (ended.status, colours_serving(pair)) == (Status.OK, [GREEN])

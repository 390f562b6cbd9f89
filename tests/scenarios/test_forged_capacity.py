"""A record that is forged in form takes no capacity away unasked: how many are healthy is AWS's to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.pair.release import ROLLBACK, Pace
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.building.watching import Watch
from tests.scenarios.test_strange_records import rewrite

OPEN = {"moving": 1.0, "moved": 2.0, "deployed": 3.0}


def target_groups(pair: Pair) -> tuple[str, ...]:
    """Return the ARNs of all target groups."""
    return tuple(row["TargetGroupArn"] for row in pair.sim.call("elbv2", "DescribeTargetGroups", {})["TargetGroups"])


FORGED: dict[str, Callable[[Pair], dict[str, Any]]] = {
    "no pace": lambda pair: {"pace": Pace(0, 1000)},
    "all are leaving": lambda pair: {"leaving": frozenset(pair.sim.states(GREEN))},
    "no balancer counts": lambda pair: {"without": target_groups(pair)},
    "nothing ever served, and in a hurry": lambda pair: {"urgent": True, "best": {}, "after_wave": {}},
    "it is the first": lambda pair: {"first": True, "best": {}, "after_wave": {}},
}


def forged(kind: str, *, over: bool) -> tuple[Pair, Watch]:
    """Return a pair that serves v2, and whose record says that v1 is back, and something else that is not so."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    if over:
        pair.service().finish()
    pair.run_for(120)
    watch = Watch(pair, 2)
    said = {"goal": ROLLBACK, "mark": (), "milestones": {**({} if over else OPEN), "back": 4.0}}
    rewrite(pair, release=attrs.evolve(release, **said, **FORGED[kind](pair)))  # type: ignore[arg-type]
    return pair, watch


def healthy(pair: Pair) -> int:
    """Return how many instances of both groups are healthy in truth."""
    return len({*pair.sim.healthy(BLUE), *pair.sim.healthy(GREEN)})


@pytest.mark.parametrize("over", [True, False], ids=["nothing open", "at rest"])
@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_rollback_takes_nothing_away_unasked(kind: str, over: bool) -> None:
    """What two serve before a clean-up two serve behind it, at every moment, and a person is told."""
    pair, watch = forged(kind, over=over)
    told = [pair.service().cleanup() for _ in range(2)]
    pair.run_for(120)
    assert ([], 2) == (watch.broken, healthy(pair))
    assert {Status.BLOCKED} == {one and one.status for one in told}


def test_the_reason_names_what_would_be_lost() -> None:
    """Who reads the end of the run learns what was not done, and why."""
    pair, _ = forged("nothing ever served, and in a hurry", over=True)
    told = pair.service().cleanup()
    assert told is not None
    assert "only 0 healthy would be left in web-0 of the 2 there, and nobody has asked for this run" in told.sentence

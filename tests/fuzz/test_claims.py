"""A record forged member by member, valid in form: what is none of the service's stays as it is, whatever is run."""

from __future__ import annotations

import contextlib
import random
from typing import Any

from bluegreen.errors import BluegreenError
from bluegreen.pair.release import DEPLOY, FINISH, ROLLBACK, Release
from tests.building.hands import lone, marked
from tests.building.virtual import BLUE, GREEN
from tests.fuzz.inputs import TRIED
from tests.scenarios.test_claims import DUE, PAGER, claimed, resting, sides, strangers
from tests.scenarios.test_strange_records import FOREIGN, forge

VERBS = ("cleanup", "resume", "rollback")
MOVED = {"moving": 1.0, "moved": 2.0}
DOORS: tuple[dict[str, float], ...] = ({}, MOVED, {**MOVED, "deployed": 3.0, "retiring": 4.0})


def forged(release: Release, ids: tuple[str, ...], dice: random.Random) -> dict[str, Any]:
    """Return a change of the record that its reader takes."""
    alarm = dice.choice((PAGER, f"{FOREIGN} is busy", f"{GREEN} is busy", f"{BLUE} is busy"))
    return dice.choice(
        (
            claimed(release, alarm, AlarmActions=["arn:aws:sns:us-east-1:123456789012:x"]),
            {"retire": ids},
            {"retire": ids, "goal": FINISH, "milestones": DOORS[2]},
            {"goal": dice.choice((DEPLOY, FINISH, ROLLBACK)), "milestones": DOORS[2], "mark": ()},
            {"milestones": dice.choice(DOORS[:2]), "mark": ()},
            {"image": "v9"},
            sides(release, "old", image="v9"),
            {"way": "twins"},
        )
    )


def test_what_is_not_the_service_s_is_left_alone() -> None:
    """Other groups, their alarms, and instances of nobody, marked by whoever may tag."""
    dice, wrong = random.Random(1), []
    for _ in range(max(2, TRIED // 100)):
        pair = resting()
        free, release = lone(pair), pair.release
        assert release is not None
        marked(pair, [free], release.id)
        change = forged(release, (free, *pair.sim.states(FOREIGN)), dice)
        before, verb = strangers(pair), dice.choice(VERBS)
        forge(pair, **change)
        pair.run_for(DUE)
        with contextlib.suppress(BluegreenError):
            getattr(pair.service(), verb)()
        if before != strangers(pair) or free not in pair.sim.orphans():
            wrong.append((verb, change))
    assert [] == wrong

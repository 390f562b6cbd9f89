"""throttling, 500, 503, time-outs at 1, 5, 20, 50 %

Throttling alone, 500 and 503 alone, time-outs alone (before the effect and after it, at once or up to eleven seconds
later) or all of them, as the seed chooses. With every fourth seed half as many writes of the record fail as well,
before or after they are kept: then a command may end with 69, or meet the lease that it could not give back (75).
"""

from __future__ import annotations

import random
from typing import Any

from attrs import define

from bluegreen.errors import Unreachable
from bluegreen.record.document import Document
from tests.battery.rows import Scale
from tests.battery.stage import OK, Stage, Told, opened
from tests.battery.telling import Watching
from tests.battery.troubles import KINDS, Busy

MUST = "always safe; completes up to 20 %"
RATES = (1, 5, 20, 50)
COMPLETES = 20
MIXTURES = (("throttled",), ("500", "503"), ("connect", "read"), tuple(KINDS))
TOOL = {"look_every": 2.0, "progress_deadline": 300.0, "deadline": 1800.0}


@define
class BusyRecord:
    """Lets writes of the record fail, or their replies be lost."""

    rate: float
    dice: random.Random

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Let a write fail."""
        if isinstance(what, Document) and self.dice.random() < self.rate / 4:
            stage.note("lost", "record", side)
            raise Unreachable("the record did not answer")


def cases(scale: Scale) -> list[str]:
    """Return a seed for each rate."""
    return [f"{rate}-{seed}" for rate in RATES for seed in scale.seeds(1000)]


def run(key: str, watch: Watching = None) -> list[str]:
    """Deploy, then roll back or finish, while AWS is busy; then end what is open while it is not."""
    rate, seed = map(int, key.split("-"))
    dice = random.Random(seed)
    size, balancers = dice.choice((1, 2, 2, 3)), dice.choice(("tg", "tg", "classic", "both"))
    bridge = dice.choice(("completes", "deregisters"))
    stage = opened(watch, seed=seed, size=size, balancers=balancers, bridge=bridge, tool=TOOL)
    busy = Busy(rate / 100, dice.choice(MIXTURES), stage.pair.clock, dice)
    stage.pair.sim.faults.before.append(busy.before)
    stage.pair.sim.faults.after.append(busy.after)
    if seed % 4 == 3:
        stage.judge.lossy = True
        stage.strikes.append(BusyRecord(rate / 100, dice))
    wrong = incomplete(rate, stage.run("deploy", "v2"), stage)
    then = dice.choice(("rollback", "finish"))
    if stage.release is not None:
        wrong += incomplete(rate, stage.run(then), stage)
    stage.calm()
    goal = {"rollback": "v1", "finish": "v2"}[then]
    images = (goal,) if rate <= COMPLETES and not stage.judge.lossy else ("v1", "v2")
    return wrong + stage_ends(stage) + stage.verdict(*images)


def incomplete(rate: int, told: Told, stage: Stage) -> list[str]:
    """Return what is wrong when a verb did not complete that should."""
    allowed = {OK, 69, 75} if stage.judge.lossy else {OK}
    wrong = rate <= COMPLETES and told.status not in allowed
    return [f"{told.verb} ended with {told.status}: {told.sentence}"] if wrong else []


def stage_ends(stage: Stage) -> list[str]:
    """Carry on what is open, and finish what then rests: each at the first attempt, since AWS is well again."""
    wrong = []
    for verb in ("resume", "finish"):
        if stage.release is not None and (told := stage.patiently(verb)).status not in (0, 3):
            wrong.append(f"{verb}, with AWS well again, ended with {told.status}: {told.sentence}")
    return wrong

"""throttling, 500, 503, time-outs at 1, 5, 20, 50 %

Throttling alone, 500 and 503 alone, time-outs alone (before the effect and after it, at once or up to eleven seconds
later) or all of them, as the seed chooses.
"""

from __future__ import annotations

import random

from tests.battery.rows import Scale
from tests.battery.stage import OK, Stage, Told, opened
from tests.battery.telling import Watching
from tests.battery.troubles import KINDS, Busy

MUST = "always safe; completes up to 20 %"
RATES = (1, 5, 20, 50)
COMPLETES = 20
MIXTURES = (("throttled",), ("500", "503"), ("connect", "read"), tuple(KINDS))
TOOL = {"look_every": 2.0, "progress_deadline": 300.0, "deadline": 1800.0}


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
    told = stage.run("deploy", "v2")
    wrong = incomplete(rate, told)
    then = dice.choice(("rollback", "finish"))
    if stage.release is not None:
        wrong += incomplete(rate, stage.run(then))
    stage.calm()
    goal = {"rollback": "v1", "finish": "v2"}[then]
    images = (goal,) if rate <= COMPLETES else ("v1", "v2")
    return wrong + stage_ends(stage) + stage.verdict(*images)


def incomplete(rate: int, told: Told) -> list[str]:
    """Return what is wrong when a verb did not complete that should."""
    wrong = rate <= COMPLETES and told.status != OK
    return [f"{told.verb} ended with {told.status}: {told.sentence}"] if wrong else []


def stage_ends(stage: Stage) -> list[str]:
    """Carry on what is open, and finish what then rests: each at the first attempt, since AWS is well again."""
    wrong = []
    for verb in ("resume", "finish"):
        if stage.release is not None and (told := stage.patiently(verb)).status not in (0, 3):
            wrong.append(f"{verb}, with AWS well again, ended with {told.status}: {told.sentence}")
    return wrong

"""stale reads up to 60 s

Each read is as old as the seed says, anew for each, or the same for a while. What an exit status says is not held
against it while reads are stale; that everything is in its place is, once they are not.
"""

from __future__ import annotations

import random

from attrs import define

from bluegreen.simulator.core.calls import Call
from tests.battery.row_05_busy import stage_ends
from tests.battery.rows import Scale
from tests.battery.stage import Stage, opened
from tests.battery.telling import Watching

MUST = "always safe"
OLDEST = 60.0
TOOL = {"look_every": 3.0, "progress_deadline": 400.0, "deadline": 4000.0}


@define
class Stale:
    """How old each answer is: up to ``oldest`` seconds, a new age with the chance ``anew``."""

    oldest: float
    anew: float
    dice: random.Random
    age: float = 0.0

    def __call__(self, _: Call) -> float:
        """Return the age of the next answer in seconds."""
        if self.dice.random() < self.anew:
            self.age = self.dice.uniform(0.0, self.oldest)
        return self.age


def cases(scale: Scale) -> list[str]:
    """Return the seeds."""
    return [str(seed) for seed in scale.seeds(1000)]


def run(key: str, watch: Watching = None) -> list[str]:
    """Deploy, then roll back or finish, on old answers; then end what is open on fresh ones."""
    dice = random.Random(int(key))
    size, balancers = dice.choice((1, 2, 2, 3)), dice.choice(("tg", "tg", "classic", "both"))
    stage = opened(watch, seed=int(key), size=size, balancers=balancers, tool=TOOL)
    stage.judge.trusting = stage.judge.strict = False
    stage.pair.sim.read_stale(Stale(dice.choice((5.0, 20.0, OLDEST)), dice.choice((0.1, 1.0)), dice))
    stage.run("deploy", "v2")
    if stage.release is not None:
        stage.run(dice.choice(("rollback", "finish", "finish")))
    return freshly_ended(stage) + stage.verdict("v1", "v2")


def freshly_ended(stage: Stage) -> list[str]:
    """Let AWS be up to date again, and carry on what is open."""
    stage.calm()
    stage.judge.trusting = stage.judge.strict = True
    stage.pair.run_for(60)
    return stage_ends(stage)

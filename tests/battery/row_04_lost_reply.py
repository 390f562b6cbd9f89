"""the reply of a write is lost

Of every write to AWS (its effect is there, a time-out is all that comes back, at once or eleven seconds later), and of
every write of the record. Behind two balancers the service has policies, alarms and schedules that move with it.
"""

from __future__ import annotations

import functools
from typing import Any

from attrs import define

from bluegreen.errors import Unreachable
from bluegreen.record.document import Document
from tests.battery.row_01_crash import VERBS
from tests.battery.rows import Scale
from tests.battery.stage import Stage, opened, told_once
from tests.battery.telling import Watching
from tests.battery.troubles import read_timed_out

MUST = "no effect twice"
SHAPES = {"tg": 2, "both": 3, "classic": 1}
WAYS = {"once": 1, "thrice": 3}
SLOW = 11.0


@define
class LostReply:
    """Loses the reply of write number ``first`` and of the ``count`` - 1 after it."""

    first: int
    count: int
    slow: float

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Let the reply of a write be lost."""
        wrote = isinstance(what, Document) or not what.reads
        if side == "after" and wrote and self.first <= stage.writes < self.first + self.count:
            stage.pair.clock.sleep(self.slow)
            stage.note("lost", getattr(what, "operation", "record"))
            raise Unreachable("the record did not answer") if isinstance(what, Document) else read_timed_out(what)


def cases(scale: Scale) -> list[str]:
    """Return every write of every verb."""
    keys = [
        f"{verb}-{shape}-{number}-{way}-{speed}"
        for verb in VERBS
        for shape in SHAPES
        for number in range(1, writes(verb, shape) + 1)
        for way in WAYS
        for speed in ("fast", "slow")
    ]
    return scale.some(keys, 80)


def run(key: str, watch: Watching = None) -> list[str]:
    """Lose replies, then carry on."""
    verb, shape, number, way, speed = key.split("-")
    stage = ready(verb, shape, watch)
    stage.strikes.append(LostReply(int(number), WAYS[way], SLOW if speed == "slow" else 0.0))
    told = stage.run(verb, *(("v2",) if verb == "deploy" else ()))
    stage.calm()
    wrong = [] if told.status in (0, 69) else [f"{verb} ended with {told.status}: {told.sentence}"]
    stage.end("resume", "finish")
    goal = {"rollback": "v1"}.get(verb, "v2")
    return wrong + stage.verdict(*((goal,) if number != "1" else ("v1", "v2")))  # the first write takes the lease


@told_once
def ready(verb: str, shape: str, watch: Watching = None) -> Stage:
    """Return a stage on which ``verb`` is the next thing to do."""
    tool = {"progress_deadline": 120.0, "deadline": 900.0}
    stage = opened(watch, size=SHAPES[shape], balancers=shape, tool=tool, scaling=shape == "both")
    return stage.prepare(verb)


@functools.cache
def writes(verb: str, shape: str) -> int:
    """Return how many writes an undisturbed ``verb`` makes."""
    stage = ready(verb, shape)
    stage.run(verb, *(("v2",) if verb == "deploy" else ()))
    return stage.writes

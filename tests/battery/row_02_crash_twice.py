"""a second crash within the recovery

Every pair of distinct points. A call that only reads changes nothing: a crash before or after it leaves the same pair
and the same record as the crash after the write before it, and what AWS does by itself meanwhile (it boots, it drains)
goes on after the crash as it would have without. So the points are the crashes after each write, of AWS's state or of
the record; with them every pair of calls, before and after, has its equal. Row 1 has each reading call by itself.
"""

from __future__ import annotations

import functools

from tests.battery.row_01_crash import BALANCERS, THEN, VERBS, go, ready, recover
from tests.battery.rows import Scale
from tests.battery.stage import Stage
from tests.battery.telling import Watching

MUST = "100 %"


def cases(scale: Scale) -> list[str]:
    """Return every first point; what a worker spreads them to are the second ones."""
    keys = [
        f"{verb}-{balancers}-{number}-{then}"
        for verb in VERBS
        for balancers in BALANCERS
        for number in range(1, writes(verb, balancers) + 1)
        for then in THEN
    ]
    return [f"{key}-few" for key in scale.some(keys, 16)] if not scale.full else keys


def spread(key: str) -> list[str]:
    """Return every second point behind a first one; two of them where few are wanted."""
    verb, balancers, number, then, *few = key.split("-")
    first = "-".join((verb, balancers, number, then))
    count = recovery_writes(first)
    chosen = range(1, count + 1) if not few else sorted({count // 3 + 1, 2 * count // 3 + 1})
    return [f"{first}-{second}" for second in chosen]


def run(key: str, watch: Watching = None) -> list[str]:
    """Kill the verb, then what recovers it, then recover."""
    first, _, second = key.rpartition("-")
    then = first.rpartition("-")[2]
    stage = killed(first, watch) if watch else snapshot(first).branch()
    stage.lingers = int(second) % 2 == 0
    stage.crash, stage.crash_writes = ("after", int(second)), True
    recover_once(stage, then)
    recover(stage, then)
    return stage.verdict("v1", "v2")


def killed(first: str, watch: Watching = None) -> Stage:
    """Return the stage after the first crash."""
    verb, balancers, number, _ = first.split("-")
    stage = ready(verb, balancers, watch)
    stage.lingers = False
    stage.crash, stage.crash_writes = ("after", int(number)), True
    go(stage, verb)
    return stage


@functools.lru_cache(maxsize=8)
def snapshot(first: str) -> Stage:
    """Return the stage after the first crash, to be branched."""
    return killed(first)


def recover_once(stage: Stage, then: str) -> None:
    """Recover by one run, in which the second crash is."""
    stage.run("cleanup" if then == "cron" else then)


@functools.cache
def writes(verb: str, balancers: str) -> int:
    """Return how many writes an undisturbed ``verb`` makes."""
    stage = ready(verb, balancers)
    go(stage, verb)
    return stage.writes


def recovery_writes(first: str) -> int:
    """Return how many writes the recovery makes; at least one case is run."""
    stage = snapshot(first).branch()
    recover_once(stage, first.rpartition("-")[2])
    return max(1, stage.writes)

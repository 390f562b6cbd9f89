"""the same seed twice

Random stories, every other one with trouble in it, are told here and in another process that hashes otherwise.
"""

from __future__ import annotations

from tests.battery.again import digest, elsewhere
from tests.battery.rows import Scale
from tests.battery.telling import Watching
from tests.support.story import story

MUST = "the same trace"


def cases(scale: Scale) -> list[str]:
    """Return the seeds."""
    return [str(seed) for seed in scale.seeds(1000)]


def run(key: str, watch: Watching = None) -> list[str]:
    """Tell the story twice, and compare all calls and all events."""
    if watch:
        for line in story(int(key), troubled=int(key) % 2 == 1).trace:
            print(line)
    return [] if digest(int(key)) == elsewhere(int(key)) else ["another trace the second time"]

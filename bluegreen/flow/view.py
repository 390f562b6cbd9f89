"""What every look carries, whatever it looks at."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from bluegreen.flow.answers import Answer


@frozen
class Seen:
    """An earlier look of this run, and what the plan alone (no guards) answered to it."""

    view: Any
    answer: Answer


@frozen(kw_only=True)
class View:
    """One observation, with the release and the time.

    ``taken`` and ``now`` are POSIX seconds before and after the observation; ``past`` holds the looks before this one
    in this run, newest first; ``rested`` is when this run last waited by plan, or last saw AWS again after a long
    silence: patience begins anew then. ``memory`` is what the plan has made of all looks of this run.
    """

    fleet: Any
    release: Any
    taken: float
    now: float
    past: tuple[Seen, ...] = ()
    rested: float = 0.0
    memory: Any = None

    @property
    def unsure(self) -> bool:
        """Whether something that counts was not told: no time runs against a release meanwhile."""
        return False

"""Where a release stands: derived from its goal and the milestones that it has passed, never stored. Pure."""

from __future__ import annotations

from collections.abc import Container
from enum import Enum

from bluegreen.flow.release import DEPLOY, FINISH, FINISHED, RESTORED, ROLLBACK


class Phase(Enum):
    """Where a release stands: one of the sections of its goal's plan, or behind the last one."""

    COMING = "new comes up beside old"
    MOVING = "the traffic moves to new"
    BAKING = "new serves alone, and is watched"
    DEPLOYED = "new serves alone, the old instances are parked"
    FINISHING = "new is to be seen to hold before anything is retired"
    RETIRING = "the parked instances are retired"
    FINISHED = "the old instances are gone"
    RETURNING = "old comes back beside new"
    RESTORING = "old serves alone again, and all is put back as it was"
    RESTORED = "all is as it was before"

    @property
    def is_before_switch(self) -> bool:
        """Whether a deployment has not moved the traffic yet: old may serve, alone or beside new."""
        return self in (Phase.COMING, Phase.MOVING)

    @property
    def is_behind_switch(self) -> bool:
        """Whether new is the side that serves, and is to stay it."""
        return self in (Phase.BAKING, Phase.DEPLOYED, Phase.FINISHING, Phase.RETIRING, Phase.FINISHED)

    @property
    def is_shared(self) -> bool:
        """Whether both sides may share the load."""
        return self.is_before_switch or self is Phase.RETURNING


SECTIONS = {
    ROLLBACK: (Phase.RETURNING, ((RESTORED, Phase.RESTORED), ("back", Phase.RESTORING))),
    FINISH: (Phase.FINISHING, ((FINISHED, Phase.FINISHED), ("retiring", Phase.RETIRING))),
    DEPLOY: (
        Phase.COMING,
        (("deployed", Phase.DEPLOYED), ("moved", Phase.BAKING), ("moving", Phase.MOVING)),
    ),
}
"""The first section of each goal's plan, and what lies behind its doors, the last one first."""


def phase_of(goal: str, passed: Container[str]) -> Phase:
    """Return where a release stands that has passed these milestones on the way to its goal."""
    first, doors = SECTIONS.get(goal, SECTIONS[DEPLOY])
    for door, phase in doors:
        if door in passed:
            return phase
    return first

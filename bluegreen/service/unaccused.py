"""A look that a command has overtaken: who is at work is told, and nothing of what is seen is called a fault."""

from __future__ import annotations

import attrs

from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.flow.snapshot import Snapshot, State
from bluegreen.sentences.status import overtaken, under_way

ACCUSING = frozenset({State.DOWN, State.UNCLEAR, State.INTERRUPTED, State.EMPTY})
"""States that say that something is wrong, or missing."""
BUSY = {DEPLOY: State.DEPLOYING, ROLLBACK: State.ROLLING_BACK, FINISH: State.FINISHING}


def unaccused(seen: Snapshot) -> Snapshot:
    """Return a snapshot whose record is another one than its look's, without what may be the doing of a command."""
    innocent = attrs.evolve(seen, troubles=(), missing="", beside="")
    if seen.state not in ACCUSING:
        return innocent
    release = seen.release
    if release is None or release.deployed_at is not None:
        return attrs.evolve(innocent, state=State.UNKNOWN, sentence=overtaken(), next=())
    at = release.stage
    step = None if at is None else (at.index, at.of, at.name)
    sentence = under_way(release.goal, release.before, release.to, seen.at - release.begun_at, step)
    return attrs.evolve(innocent, state=BUSY[release.goal], sentence=sentence, next=())

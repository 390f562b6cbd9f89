"""That a clean-up has run, and when: kept beside the record, and shown with what it is to do."""

from __future__ import annotations

import contextlib

import attrs

from bluegreen.errors import BluegreenError
from bluegreen.flow.release import Release
from bluegreen.flow.snapshot import Snapshot
from bluegreen.record.document import Document
from bluegreen.record.sweeps import Sweeps, sweeps, swept
from bluegreen.targets.seam.session import Session


def note_sweep(session: Session, document: Document[Release]) -> None:
    """Keep that a clean-up runs, where there is a record; that it cannot be kept ends nothing."""
    if document.epoch:
        with contextlib.suppress(BluegreenError):
            swept(session.store, session.name, session.clock.now())


def with_sweeps(session: Session, seen: Snapshot) -> Snapshot:
    """Return a snapshot with when a clean-up ran last, as far as that can be read."""
    if seen.cleanup is None:
        return seen
    known = Sweeps()
    with contextlib.suppress(BluegreenError):
        known = sweeps(session.store, session.name, seen.at)
    cleanup = attrs.evolve(seen.cleanup, last_run_at=known.last, late=known.is_late(seen.at))
    return attrs.evolve(seen, cleanup=cleanup)

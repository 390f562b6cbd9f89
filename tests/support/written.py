"""Any action as its own function makes it due, for tests that begin with the action."""

from __future__ import annotations

from typing import Any

from bluegreen.flow.answers import Due
from bluegreen.targets.pair.model.actions import EnterStandby, ExitStandby, Flip, Register, Resize, Resume, Suspend
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.plans import due

WHY = "for a test"


def made_due(look: Look, action: Any) -> Due:
    """Return ``action`` with the release as it is to be on record before."""
    match action:
        case Resize(group, low, top):
            return due.resize(look, group, WHY, min=low, max=top)
        case EnterStandby(group, ids):
            return due.enter_standby(look, group, ids, WHY)
        case ExitStandby(group, ids):
            return due.exit_standby(look, group, ids, WHY)
        case Register(balancer, ids):
            return due.register(look, balancer, ids, WHY)
        case Suspend(group, processes):
            return due.suspend(look, group, processes, WHY)
        case Resume(group, processes):
            return due.resume(look, group, processes, WHY)
        case Flip(on, off):
            return due.flip(look, on, off, WHY)
    return due.plainly(look, action, WHY)

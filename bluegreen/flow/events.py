"""What the engine tells its listeners."""

from __future__ import annotations

import enum

from attrs import field, frozen

from bluegreen.flow.snapshot import Snapshot
from bluegreen.words import clean


class Kind(enum.StrEnum):
    """What kind of thing happened."""

    BEGUN = "begun"
    WARNED = "warned"
    WAITING = "waiting"
    ACTING = "acting"
    REFUSED = "refused"
    RECORDED = "recorded"
    REACHED = "reached"
    TURNED = "turned"
    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    BLOCKED = "blocked"
    STOPPED = "stopped"
    DONE = "done"


@frozen(kw_only=True)
class Event:
    """One thing that happened, at POSIX second ``at``, with a sentence and the figures of the look behind it.

    ``release`` and ``goal`` name the release; ``action`` is the action's text when there is one; ``fleet`` is what
    listeners are told of the look.
    """

    at: float
    kind: Kind
    reason: str = field(converter=clean)
    service: str = field(default="", converter=clean)
    release: str = ""
    goal: str = ""
    action: str = field(default="", converter=clean)
    milestone: str = ""
    fleet: Snapshot | None = None

"""What the engine tells its listeners."""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import cached_property

from attrs import field, frozen

from bluegreen.flow.causes import Ailment
from bluegreen.flow.snapshot import Snapshot, Stage
from bluegreen.words import clean


class EventKind(enum.StrEnum):
    """What kind of thing happened."""

    BEGUN = "begun"
    WARNED = "warned"
    WAITING = "waiting"
    ACTING = "acting"
    REFUSED = "refused"
    RECORDED = "recorded"
    REACHED = "reached"
    CAUSE = "cause"
    TURNED = "turned"
    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    BLOCKED = "blocked"
    STOPPED = "stopped"
    DONE = "done"


@frozen(kw_only=True)
class Event:
    """One thing that happened, at POSIX second ``at``, with a sentence and the figures of the look behind it.

    ``release`` and ``goal`` name the release; ``action`` is the action's text when there is one; ``agreed`` and
    ``gist`` are as in a :class:`~bluegreen.flow.answers.Waiting`; ``cause`` is why something is
    not healthy; ``stage`` is the furthest one that the run has come to; ``fleet`` is what listeners are told of the
    look, or what makes that of it: few who listen to what is waited for again ask for it.
    """

    at: float
    kind: EventKind
    reason: str = field(converter=clean)
    service: str = field(default="", converter=clean)
    release: str = ""
    goal: str = ""
    action: str = field(default="", converter=clean)
    milestone: str = ""
    agreed: tuple[int, int] | None = None
    gist: str = ""
    cause: Ailment | None = None
    stage: Stage | None = None
    _shown: Snapshot | Callable[[], Snapshot | None] | None = field(default=None, alias="fleet", eq=False, repr=False)

    @cached_property
    def fleet(self) -> Snapshot | None:
        """Both sides as the look showed them."""
        return self._shown() if callable(self._shown) else self._shown

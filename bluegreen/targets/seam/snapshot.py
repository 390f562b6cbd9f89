"""What ``status`` reports of a service: what serves, what is kept, what is missing, how fast a rollback would be."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import frozen


class State(StrEnum):
    """How a service is; others may come."""

    IDLE = "idle"
    PARKED = "parked"
    DEPLOYING = "deploying"
    ROLLING_BACK = "rolling-back"
    FINISHING = "finishing"
    GATE = "gate"
    INTERRUPTED = "interrupted"
    DOWN = "down"
    UNCLEAR = "unclear"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Report:
    """A service at one moment. ``missing`` is what an open release still lacks; ``troubles`` are faults seen.

    ``at_work`` says who is at work, ``locked`` who has locked the service by hand, ``waits`` who stopped the release so
    that cron leaves it alone. ``underway`` names the open release, and says whether it was interrupted. ``state`` is
    how the service is in a word, ``sentence`` in a sentence, ``beside`` what is worth knowing with it, ``next`` are the
    commands that lead on, the likeliest first. ``back_in`` is after how many seconds of a rollback the first
    instance of what ran before would serve, where one is kept for that.
    """

    service: str
    live: str | None
    idle: str | None
    image: str | None
    groups: tuple[dict[str, Any], ...]
    parked: int
    rollback: str
    release: dict[str, Any] | None = None
    missing: str = ""
    at_work: str = ""
    locked: str = ""
    waits: str = ""
    troubles: tuple[str, ...] = ()
    underway: str = ""
    state: State = State.UNKNOWN
    sentence: str = ""
    beside: str = ""
    next: tuple[str, ...] = ()
    back_in: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "service": self.service,
            "live": self.live,
            "idle": self.idle,
            "image": self.image,
            "groups": list(self.groups),
            "parked": self.parked,
            "rollback": self.rollback,
            "release": self.release,
            "missing": self.missing,
            "at_work": self.at_work,
            "locked": self.locked,
            "waits": self.waits,
            "troubles": list(self.troubles),
            "underway": self.underway,
            "state": str(self.state),
            "sentence": self.sentence,
            "beside": self.beside,
            "next": [command.split() for command in self.next],
            "back_in": self.back_in,
        }

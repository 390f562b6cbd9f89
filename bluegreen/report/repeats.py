"""Lets news through, and what repeats itself only now and then."""

from __future__ import annotations

from attrs import define, field

from bluegreen.flow.events import Event, EventKind

_PATIENCE = 2.0
"""Seconds after which it is worth saying that several looks do not agree yet."""


@define
class Repeats:
    """Tells whether an event is worth saying: a new one at once, the same one again after ``again`` seconds.

    That a turn was recorded is no news after the turn. Two sentences are the same when their gist is.
    """

    again: float = 30.0
    _turned: str = ""
    _told: dict[tuple[str, str, str], float] = field(factory=dict)

    def passes(self, event: Event) -> bool:
        """Whether ``event`` should be told."""
        if event.kind is EventKind.RECORDED and event.reason == self._turned:
            return False
        if event.kind in (EventKind.REACHED, EventKind.TURNED):
            self._told.clear()
            self._turned = event.reason if event.kind is EventKind.TURNED else ""
        key = (event.service, f"{event.kind} {event.action}", event.gist or event.reason)
        told = self._told.get(key)
        if told is None and event.agreed is not None:
            self._told[key] = event.at - self.again + _PATIENCE
            return False
        if told is not None and 0 <= event.at - told < self.again:
            return False
        self._told[key] = event.at
        return True

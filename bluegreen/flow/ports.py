"""What the engine is handed: the world, the book, the plan and the listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from attrs import frozen

from bluegreen.errors import BluegreenError, Status
from bluegreen.flow.answers import Answer, Failed
from bluegreen.flow.events import Event
from bluegreen.flow.snapshot import Snapshot

Guard = Callable[[Answer, Any], Answer]
Listener = Callable[[Event], None]


NEXT_LOOK = "the next look says what is true"
"""What helps against most refusals: nothing that a person does."""


class ActionRefused(BluegreenError):
    """The world answered an action with an error; the next look says what is true."""

    status = Status.BLOCKED


class Withheld(ActionRefused):
    """The action was not sent, for what was seen at that moment: no older look explains that."""


class World(Protocol):
    """What is observed and acted on."""

    def observe(self, release: Any) -> Any:
        """Return the fleet as it is now; raise ``Unreachable`` rather than guess, ``Denied`` without permission."""

    def more(self, fleet: Any, question: Any) -> Any:
        """Return the same fleet with the answers to ``question`` on it, its ``known`` grown; raise as above."""

    def act(self, action: Any) -> None:
        """Do one action, once; raise :class:`ActionRefused`, ``Unreachable`` or ``Denied``."""


class Book(Protocol):
    """The record of one service, written under its lease."""

    def save(self, release: Any) -> None:
        """Make ``release`` what the record says, durably; raise ``Held`` when the lease is not ours any more."""

    def renew(self) -> float:
        """Renew the lease when that is due and return the seconds it still lasts; raise ``Held`` if it is lost."""


@frozen(kw_only=True)
class Plan:
    """Everything the engine knows of what it carries out.

    ``look`` builds a look from a :class:`~bluegreen.flow.view.View`'s fields; ``missing`` answers it; ``guards``
    make answers more careful; ``learn`` returns the release with what the look shows for the first time, the progress
    that it raises included; ``reach`` the release after a milestone; ``turn`` the release that undoes a failed
    one, or ``None``; ``summary`` is what listeners are told of a look; ``remember`` folds each look of a run into what
    the next ones may ask for, beginning with ``None``: it is kept in the run, and not on record.
    """

    look: Callable[..., Any]
    missing: Callable[[Any], Answer]
    guards: tuple[Guard, ...]
    turn: Callable[[Any, Failed], Any | None]
    summary: Callable[[Any], Snapshot | None] = lambda look: None
    learn: Callable[[Any], Any] = lambda look: look.release
    reach: Callable[[Any, str], Any] = lambda look, milestone: look.release.reach(milestone, look.now)
    remember: Callable[[Any, Any], Any] = lambda memory, look: memory

"""What the engine is handed: the world, the book, the plan and the listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from bluegreen.errors import BluegreenError, Status
from bluegreen.flow.answers import A, Action, Answer, Failed, Q, R
from bluegreen.flow.causes import Ailment
from bluegreen.flow.events import Event
from bluegreen.flow.release import Hold, Release
from bluegreen.flow.snapshot import Snapshot
from bluegreen.flow.view import Observed, Seen, View

A_contra = TypeVar("A_contra", bound=Action, contravariant=True)
F = TypeVar("F", bound=Observed)
F_contra = TypeVar("F_contra", bound=Observed, contravariant=True)
L = TypeVar("L", bound=View)
Q_contra = TypeVar("Q_contra", contravariant=True)
R_contra = TypeVar("R_contra", bound=Release, contravariant=True)

Listener = Callable[[Event], None]


NEXT_LOOK = "the next look says what is true"
"""What helps against most refusals: nothing that a person does."""


class ActionRefused(BluegreenError):
    """The world answered an action with an error; the next look says what is true. ``code`` is what AWS calls it."""

    status = Status.BLOCKED
    code = ""


class Withheld(ActionRefused):
    """The action was not sent, for what was seen at that moment: no older look explains that."""


class World(Protocol[R_contra, F, A_contra, Q_contra]):
    """What is observed and acted on."""

    def observe(self, release: R_contra) -> F:
        """Return the fleet as it is now; raise ``Unreachable`` rather than guess, ``Denied`` without permission."""

    def more(self, fleet: F, question: Q_contra) -> F:
        """Return the same fleet with the answers to ``question`` on it, its ``known`` grown; raise as above."""

    def act(self, action: A_contra) -> None:
        """Do one action, once; raise :class:`ActionRefused`, ``Unreachable`` or ``Denied``."""


class Book(Protocol[R_contra]):
    """The record of one service, written under its lease."""

    def save(self, release: R_contra) -> None:
        """Make ``release`` what the record says, durably; raise ``Held`` when the lease is not ours any more."""

    def renew(self) -> float:
        """Renew the lease when that is due and return the seconds it still lasts; raise ``Held`` if it is lost."""


class HoldingBook(Book[R_contra], Protocol[R_contra]):
    """A book that says besides that cron is to leave the release alone."""

    def hold(self, hold: Hold) -> None:
        """Let the record say that what was saved last is held."""


class Looking(Protocol[R_contra, F_contra, L]):
    """Builds a target's look."""

    def __call__(
        self,
        *,
        fleet: F_contra,
        release: R_contra,
        taken: float,
        now: float,
        past: tuple[Seen[L], ...],
        rested: float,
    ) -> L:
        """Return the look with these members of a :class:`~bluegreen.flow.view.View`."""


def _forget(before: L | None, look: L) -> L:
    """Nothing of the looks before is needed."""
    return look


def _nothing_ails(look: View) -> tuple[Ailment, ...]:
    """Nothing is known of why something is not healthy."""
    return ()


def _nothing_told(look: View) -> None:
    """Listeners are told sentences alone."""


def _whatever_there_is(look: View) -> None:
    """Nothing is known of what there is."""


def _no_stages(release: Release) -> tuple[str, ...]:
    """The plan has none."""
    return ()


@frozen(kw_only=True)
class Plan(Generic[R, F, L, A, Q]):
    """Everything the engine knows of what it carries out.

    It is of a target's own release, fleet, look, actions and questions. ``look`` builds a look from a
    :class:`~bluegreen.flow.view.View`'s fields, and ``seen`` is the fleet in it; ``missing`` answers it; ``guards``
    make answers more careful; ``turn`` returns the release that undoes a failed one, or ``None``; ``summary`` what
    listeners are told of a look; ``ailing`` why what is waited for is not healthy, ``None`` where that is not known;
    ``there`` the ids of all that there is, ``None`` where that is not known; ``stages`` the names of the stages on the
    way to a release's goal;
    ``learn`` the release with what the look shows for the first time, the progress that it raises included, where looks
    teach anything; ``remember`` a look with what the one before it in this run, if any, was to remember: it is kept in
    the run, and not on record.
    """

    look: Looking[R, F, L]
    seen: Callable[[L], F]
    missing: Callable[[L], Answer[A, R, Q]]
    guards: tuple[Callable[[Answer[A, R, Q], L], Answer[A, R, Q]], ...]
    turn: Callable[[L, Failed], R | None]
    summary: Callable[[L], Snapshot | None] = _nothing_told
    ailing: Callable[[L], tuple[Ailment, ...] | None] = _nothing_ails
    there: Callable[[L], frozenset[str] | None] = _whatever_there_is
    stages: Callable[[R], tuple[str, ...]] = _no_stages
    learn: Callable[[L], R] | None = None
    remember: Callable[[L | None, L], L] = _forget

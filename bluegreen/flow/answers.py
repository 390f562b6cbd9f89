"""What a step, or a whole plan, can answer to a look.

Every answer but :class:`Done` carries a ``reason``: one sentence that is the wait condition, the progress line,
the time-out message and the text that a test expects.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from attrs import field, frozen

from bluegreen.flow.release import Release
from bluegreen.sentences.forms import because
from bluegreen.words import clean


class Action(Protocol):
    """What the engine knows of a target's actions: whether one may be repeated, and what people read of it."""

    @property
    def relative(self) -> bool:
        """Whether it has an effect each time, so that it is sent once and answered by a look."""

    def __str__(self) -> str: ...


A = TypeVar("A", bound=Action)
A_co = TypeVar("A_co", bound=Action, covariant=True)
Q = TypeVar("Q")
Q_co = TypeVar("Q_co", covariant=True)
R = TypeVar("R", bound=Release)
R_co = TypeVar("R_co", bound=Release, covariant=True)


@frozen
class Staged:
    """What every answer has: the ``stage`` that its step belongs to. People are told of it, nothing is decided by it.

    A plan fills it in, but where a step that spans two stages says itself in which one its answer is.
    """

    stage: str = field(default="", kw_only=True, eq=False, repr=False)


@frozen
class Done(Staged):
    """Nothing is missing."""

    reason: str = field(default="nothing is missing", converter=clean)


@frozen
class Due(Staged, Generic[A_co, R_co]):
    """This one ``action`` is due now; ``why`` says what it is for, or what is missing.

    ``record`` is the release as it must be on record before the action is sent. ``hint`` is what a person can do
    instead where AWS refuses the action for good. ``act`` is what the action does, as people read it.
    """

    action: A_co
    why: str = field(converter=clean)
    record: R_co
    hint: str = field(default="", converter=clean)
    act: str = field(converter=clean)

    @act.default
    def _as_it_says(self) -> str:
        return str(self.action)

    @property
    def reason(self) -> str:
        """What is done, and why in brackets behind it."""
        return because(self.act, self.why)


@frozen
class Recorded(Staged, Generic[R_co]):
    """The record must say ``release`` before anything else is done, after ``agreeing`` equal looks."""

    release: R_co
    reason: str = field(converter=clean)
    agreeing: int = 1


@frozen
class Reached(Staged):
    """All steps before ``milestone`` hold: a one-way door, believed only after several equal looks."""

    milestone: str
    reason: str = field(converter=clean)


@frozen
class Unseen(Staged, Generic[Q_co]):
    """A step needs a fact that the look was not asked for: ``question`` says which, in the target's own terms.

    It is asked, the answer comes onto the same look, and the plan answers again: unasked is never read as empty.
    """

    question: Q_co
    reason: str = field(converter=clean)


@frozen
class Waiting(Staged):
    """Nothing to do but look again.

    ``until`` is set (POSIX seconds) when the wait is planned, as in a bake: such a wait is not a lack of progress.
    ``grace`` is how many seconds longer than the progress deadline it may take, as for connections that drain.
    ``hint`` is what a person can do should it wait in vain. ``agreed`` is how many looks in a row say that something is
    so, of how many that have to, where that is what is waited for. ``gist`` is the same sentence without the time that
    passes meanwhile: who has read it once need not read it at each look.
    """

    reason: str = field(converter=clean)
    until: float | None = None
    grace: float = 0.0
    hint: str = field(default="", converter=clean)
    agreed: tuple[int, int] | None = None
    gist: str = ""


@frozen
class Unsure(Staged):
    """Whether the step holds is not known: AWS does not tell. Nothing is concluded from that, and no deadline runs.

    It is waited for as a silent AWS is; where it lasts too long the run ends as unreachable, with ``hint``.
    """

    reason: str = field(converter=clean)
    hint: str = field(default="", converter=clean)


@frozen
class Paused(Staged):
    """A gate waits for a person."""

    reason: str = field(converter=clean)
    gate: str


@frozen
class Failed(Staged):
    """The goal cannot be reached; a deployment turns into a rollback.

    ``at_once`` when the evidence does not need several looks (a deadline that has passed). ``hint`` is what a person
    can do where there is nothing to go back to.
    """

    reason: str = field(converter=clean)
    at_once: bool = False
    hint: str = field(default="", converter=clean)


@frozen
class Blocked(Staged):
    """Something is wrong that needs a human; ``hint`` is the next command to use."""

    reason: str = field(converter=clean)
    hint: str = field(converter=clean)


Answer = Done | Due[A, R] | Recorded[R] | Reached | Unseen[Q] | Waiting | Unsure | Paused | Failed | Blocked

AnyAnswer = Answer[Action, Release, object]
"""An answer of whatever target."""

DONE = Done()

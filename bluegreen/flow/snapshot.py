"""What people are shown of a service, of whatever kind it is: one value that every painter paints, and none adds to.

``status``, its JSON and the picture of a run are painted from it. Times are POSIX seconds, durations seconds. What is
``None`` is not known, or not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from bluegreen.flow.causes import Ailment


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


class Symbol(StrEnum):
    """What a member does for the traffic; others may come."""

    SERVING = "serving"
    UNHEALTHY = "unhealthy"
    SHIFTED = "shifted"
    JOINING = "joining"
    STARTING = "starting"
    PARKING = "parking"
    PARKED = "parked"
    LEAVING = "leaving"


class Role(StrEnum):
    """What a side is in the open release: the one that it brings up, or the one that served before."""

    OLD = "old"
    NEW = "new"


@frozen(kw_only=True)
class Member:
    """One of a side's: its ``id``, the ``state`` that its platform calls it, and the worst that is said of its health.

    ``since`` is when that showed first, ``reasons`` are why it is not healthy, as far as is told.
    """

    id: str
    state: str
    symbol: Symbol
    health: str = ""
    since: float | None = None
    reasons: tuple[Ailment, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether it can be counted on."""
        return self.symbol is Symbol.SERVING


@frozen(kw_only=True)
class Side:
    """What serves, or is to: ``live`` says that it does, ``image`` is the version that its next members run.

    ``scales`` says that its own scaling is at work; ``suspended`` are the processes of it that are not. ``healthy``
    counts members that are healthy wherever they are to be.
    """

    name: str
    min: int
    max: int
    desired: int
    image: str | None
    scales: bool
    healthy: int = 0
    live: bool = False
    role: Role | None = None
    suspended: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()


@frozen(kw_only=True)
class Figures:
    """In members: the ``demand``, how many must serve (``None`` where no release says that), and how many do."""

    demand: int
    needed: int | None
    healthy: int


@frozen(kw_only=True)
class Stage:
    """Where a run is: the ``index``-th of so many stages, by its name; ``names`` are those of all."""

    name: str
    index: int
    of: int
    names: tuple[str, ...] = ()


@frozen(kw_only=True)
class Interruption:
    """Why nobody carries the open release on: it was ``cut-off``, ``stopped``, or waits at a ``gate``.

    ``by`` is who stopped it, ``why`` what was said to that.
    """

    kind: str
    since: float
    by: str = ""
    why: str = ""
    gate: str = ""


@frozen(kw_only=True)
class OpenRelease:
    """The open release: its goal, from which image (``before``) to which, whose it is, and where it stands.

    ``deployed_at`` is since when what it has brought up serves alone, and the release rests.
    """

    id: str
    goal: str
    before: str | None
    to: str
    by: str
    begun_at: float
    phase: str
    milestones: Mapping[str, float] = field(factory=dict)
    reason: str = ""
    stage: Stage | None = None
    interrupted: Interruption | None = None
    deadline_at: float | None = None
    deployed_at: float | None = None


@frozen(kw_only=True)
class WayBack:
    """What a rollback would do: ``kind`` in a word (``warm``, ``partly``, ``cold``, ``blocked``, ``none``; others may
    come), ``sentence`` in words.

    ``to`` is what would serve, ``ready`` how many ``of`` those that are kept are alive, and can come back. ``first_s``
    is after how many seconds the first one serves, ``all_s`` all that are needed, ``basis`` on what each term of that
    rests. ``unchecked`` is why it is not known whether they are alive, ``details`` tells what is known of them,
    ``explained`` what the prediction rests on, and what it cannot tell.
    """

    kind: str
    sentence: str
    to: str | None = None
    ready: int = 0
    of: int = 0
    first_s: float | None = None
    all_s: float | None = None
    basis: Mapping[str, str] = field(factory=dict)
    unchecked: str = ""
    details: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()


@frozen(kw_only=True)
class Kept:
    """A member that is kept for a rollback: whether it is ``alive``, and what is known of what it runs on.

    ``machine`` is the state of that as its platform calls it, since then; ``checks`` what the platform's checks of it
    say; ``member`` that it is one of its side's still.
    """

    id: str
    alive: bool | None
    machine: str | None = None
    checks: str | None = None
    since: float | None = None
    member: bool = True


@frozen(kw_only=True)
class Cleanup:
    """What cron does with the open release (``does``, in words), once it is due, and when it ran last.

    ``acts`` says that it does anything.

    ``late`` says that it has not run for several times its usual distance.
    """

    does: str = ""
    acts: bool = True
    due_at: float | None = None
    last_run_at: float | None = None
    late: bool = False


@frozen(kw_only=True)
class AtWork:
    """Who holds the lease, and for what; ``in_force`` says that they are plainly at work, ``gone`` that their process
    is known not to be there any more.
    """

    who: str
    pid: int
    why: str
    taken_at: float
    renewed_at: float
    in_force: bool
    gone: bool = False


@frozen(kw_only=True)
class Lock:
    """Who has locked the service by hand."""

    who: str
    why: str
    since: float


@frozen
class Way:
    """A ``command`` that leads on, and what it ``does``, where that is worth saying."""

    command: str
    does: str = ""


@frozen(kw_only=True)
class Snapshot:
    """A service at one moment: how it is in a word (``state``) and in a sentence, and all that is shown of it.

    ``beside`` is worth knowing with the sentence. ``missing`` is what the open release still lacks, ``troubles`` are
    faults seen, ``next`` the commands that lead on, the likeliest first.
    """

    service: str
    at: float
    state: State
    sides: tuple[Side, ...] = ()
    figures: Figures | None = None
    region: str = ""
    sentence: str = ""
    beside: str = ""
    release: OpenRelease | None = None
    missing: str = ""
    rollback: WayBack | None = None
    parked: tuple[Kept, ...] = ()
    cleanup: Cleanup | None = None
    lease: AtWork | None = None
    lock: Lock | None = None
    troubles: tuple[str, ...] = ()
    next: tuple[Way, ...] = ()

    @property
    def live(self) -> tuple[Side, ...]:
        """The sides that serve."""
        return tuple(side for side in self.sides if side.live)

"""What service may ask of any target, and what a target is made from. Whatever is behind it, service does not know.

A :class:`Target` is made for one command. The verbs, the lease, the record and the order in which things are asked are
service's; what is seen, what it means, and what may be done is the target's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from typing import Any, Generic, Protocol, TypeVar

import attrs
from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.flow.engine import Outcome
from bluegreen.flow.kinds import RecordKind
from bluegreen.flow.ports import F, HoldingBook
from bluegreen.flow.release import FINISH, ROLLBACK, Release
from bluegreen.flow.snapshot import Snapshot
from bluegreen.record.book import ServiceBook
from bluegreen.record.document import Document
from bluegreen.sentences.forms import of
from bluegreen.sentences.verbs import is_the_first, no_balancers, nothing_to_take_in, one_side_alone
from bluegreen.targets.seam.answered import Parked
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.finding import Finding
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.why import Cause, Console, Link, Why
from bluegreen.targets.seam.wish import Wish

Place = tuple[str, str]
"""An account and a region; both empty where they are not known."""

Survey = TypeVar("Survey")
R = TypeVar("R", bound=Release)


class How(Enum):
    """Why a release is carried on: this command has begun it, a person asked for it, or for the way back, or cron."""

    BEGUN = auto()
    ASKED = auto()
    BACK = auto()
    UNASKED = auto()


def nothing_more() -> None:
    """Nothing is to be done once the release is on record."""


@frozen(kw_only=True)
class Begun(Generic[R]):
    """A release that is begun, and everything that is worth knowing before it."""

    release: R
    findings: tuple[Finding, ...] = ()


class Carrier(Protocol[R, F]):
    """What carries a release on: the flow's engine, over the target's own world, by its own plan."""

    def run(self, release: R) -> Outcome[R, F]:
        """Carry a release on to an end; raise ``Unreachable``, ``Denied`` or ``Held`` when it cannot go on."""


@frozen(kw_only=True)
class Course(Generic[R, F]):
    """How a release is carried on: from ``release``, by ``engine``, what becomes of it written into ``book``.

    ``recorded`` is called once it is on record, before anything is done for it.
    """

    release: R
    engine: Carrier[R, F]
    book: HoldingBook[R]
    recorded: Callable[[], None] = nothing_more


@frozen
class Checked:
    """What speaks against a deployment; ``serves`` is the image that does, where one may be deployed now."""

    findings: tuple[Finding, ...] = ()
    serves: str | None = None


@frozen(kw_only=True)
class Adoptable(Generic[R]):
    """A release that can be taken into the record; a person is asked about ``ids``, which ``question`` names."""

    release: R
    ids: frozenset[str] = frozenset()
    question: str = ""


class Target(ABC, Generic[R, F, Survey]):
    """What one service runs on, during one command.

    It has releases, looks and deeper looks of its own.
    """

    session: Session

    # ---- whose it is, and whether its record is believed ----

    @property
    def place(self) -> Place:
        """The account and the region in which it was seen by now."""
        return ("", "")

    @abstractmethod
    def recognise(self, document: Document[R]) -> None:
        """Raise ``Refused``, with both facts, when a record is not of this target; asked before anything is looked at.

        Looks are held against the record from now on.
        """

    def believed(self, book: ServiceBook[R], *, back: bool = False, urgent: bool = False) -> R | Ended | None:
        """Return the open release as far as its record is believed, or ``None``; how it ended where it is not at all.

        ``back`` says that a person asks for the way back, which may not wait for that; ``urgent``, that it must not
        wait for anything. What the record says by then may be somebody else's.
        """
        return book.document.release

    def is_unbegun(self, release: R) -> bool:
        """Whether a release on record has changed nothing and nothing tells of it; asked behind :meth:`believed`.

        It is closed then, and not carried on.
        """
        return False

    def is_past_return(self, release: R) -> bool:
        """Whether a finish has gone so far that a rollback ends it first; asked behind :meth:`believed`."""
        return False

    # ---- with no release open ----

    @abstractmethod
    def survey(self, document: Document[R], *, back: bool = False) -> Survey:
        """Return a deeper look that no earlier release's end is missing from; raise ``Refused`` for a stranger's.

        ``back`` says that an image of before is to be deployed, on the record's word.
        """

    def survey_without(self, resting: R) -> Survey:
        """Return a deeper look as it would be with nothing kept of a release that rests."""
        raise NotImplementedError

    @abstractmethod
    def serves(self, survey: Survey, document: Document[R], image: str) -> Ended | None:
        """Return, as seen, that ``image`` is what serves already; ``None`` where it is not."""

    def outage(self) -> str:
        """Return for how long nothing would serve in a deployment that begins now; nothing where something does."""
        return ""

    @abstractmethod
    def begin(self, survey: Survey, wish: Wish) -> Begun[R]:
        """Return the release of a wish; raise ``Refused`` with every reason against it."""

    def nothing(self, document: Document[R], done: Ended | None) -> Ended | None:
        """Return ``done``, that there is nothing to do, where that is so, else what there is.

        Raise ``Refused`` for a release that this record does not know. Without ``done`` a new release is about to
        begin: ``None`` where nothing is in its way.
        """
        return done

    # ---- with a release open ----

    @abstractmethod
    def course(self, book: ServiceBook[R], release: R, how: How, *, urgent: bool = False) -> Course[R, F]:
        """Return how a release is carried on; raise ``Refused`` where a person has to say something again first."""

    def stages(self, release: R) -> tuple[str, ...]:
        """Return the names of the stages on the way to a release's goal, where it has any: people are told of them."""
        return ()

    def then(self, book: ServiceBook[R], outcome: Outcome[R, F]) -> Course[R, F] | None:
        """Return how a release is carried on that has come to its goal, where another one follows by itself."""
        return None

    def back(self, release: R, *, urgent: bool = False) -> R:
        """Return the release as it is to be taken back; raise ``Refused`` where there is nothing to go back to."""
        if not release.can_go_back:
            raise Refused(
                of(self.session.name, is_the_first(release.image)),
                f"`bluegreen resume {self.session.name}`",
            )
        return release.toward(ROLLBACK, self.session.clock.now())

    def finishing(self, release: R, *, keep: bool | None = None, unserved: bool = False) -> R:
        """Return the release as it is to be finished: with ``keep`` what it keeps runs on, where that is said.

        ``unserved`` is as in :meth:`needs_yet`.
        """
        return release.toward(FINISH, self.session.clock.now())

    @abstractmethod
    def told(self, asked: str, outcome: Outcome[R, F], *, over: bool = False) -> Ended:
        """Return how a run ended for the one who asked for a goal; what was ``over`` before is said as it is seen."""

    def ways_on(self, release: R, carries: str = "carries on") -> str:
        """Return what can be done with a release that is not over."""
        return (
            f"`bluegreen resume {self.session.name}` {carries}, `bluegreen rollback {self.session.name}` takes it back"
        )

    def left(self, outcome: Outcome[R, F]) -> Mapping[str, str]:
        """Return what tells the end of a release from the moments before it; on record with it."""
        return {}

    # ---- what is kept for a rollback ----

    def rests(self, release: R, done: Ended) -> Ended:
        """Return ``done`` where a release that rests stands as it should, else what is wrong."""
        return done

    def kept(self, release: R) -> Parked:
        """Return what an open release keeps: what a person is asked about before it goes."""
        return Parked()

    def needs_yet(self, release: R, *, unserved: bool = False) -> Ended | None:
        """Return why what a release keeps may not go yet; ``None`` where it may.

        ``unserved`` says that a person knows that nothing else serves.
        """
        return None

    # ---- cron ----

    def is_due(self, document: Document[R]) -> bool:
        """Whether a clean-up has anything to do, found out without the lease; what is held is not carried on."""
        return document.release is not None and document.release.hold is None

    def unasked(self, book: ServiceBook[R], release: R) -> R | Ended | None:
        """Return an open release as cron carries it on; how it ended where it does not; ``None``: nothing is due."""
        return attrs.evolve(release, progressed_at=self.session.clock.now())

    def tidy(self, book: ServiceBook[R]) -> Ended | None:
        """Remove what past releases have left; ``None`` where there was nothing."""
        return None

    def rotten(self, document: Document[R]) -> Ended | None:
        """Return what has become of what a release that rests keeps for a rollback; ``None`` while all is well."""
        return None

    # ---- what can be seen ----

    @abstractmethod
    def look(self, document: Document[R]) -> F:
        """Take the look that a snapshot is made from."""

    @abstractmethod
    def snapshot(self, document: Document[R], look: F) -> Snapshot:
        """Return what serves, what is missing, and how fast a rollback would be, from the record and such a look."""

    def why(self, document: Document[R], instance: str = "", since: Mapping[str, float] | None = None) -> Why:
        """Return why instances are not healthy, or one ``instance``, from the record and a look.

        ``since`` says of some when that showed first (POSIX seconds), by their ids.
        """
        return Why(service=self.session.name, cause=Cause(link=Link.UNKNOWN, sentence="nothing is known of instances"))

    def console(self, instance: str) -> Console:
        """Return the end of what an instance has written to its console, or why that is not known."""
        return Console(instance=instance, untold="there is no console")

    def check(self, document: Document[R]) -> Checked:
        """Return what is refused or warned of now: before a deployment, or beside the open release."""
        return Checked()

    def compare(self, document: Document[R]) -> Any:
        """Return both sides, side by side."""
        name = self.session.name
        raise Refused(of(name, one_side_alone()), f"`bluegreen check {name}` looks at it")

    # ---- by hand ----

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Do without the load balancers called ``names``; return how many instances are healthy in each."""
        raise Refused(of(self.session.name, no_balancers()), "leave --without out")

    def adoptable(self, document: Document[R]) -> Adoptable[R]:
        """Return the release that AWS tells of and the record does not know; raise ``Refused`` where there is none."""
        name = self.session.name
        raise Refused(of(name, nothing_to_take_in()), f"`bluegreen status {name}` shows how it stands")

    def adopt(self, book: ServiceBook[R], found: Adoptable[R]) -> tuple[str, ...]:
        """Write in AWS whose the release is now; return what a person is to know, beside how it goes on."""
        return ()

    def closed(self, book: ServiceBook[R], release: R) -> tuple[str, ...]:
        """Let AWS say, where it can, that a release is closed on record; return what a person is to know of that."""
        return ()

    def remains(self, release: R) -> tuple[str, ...]:
        """Return what a release that was closed on record alone may have left, with the command for each."""
        return ()


AnyTarget = Target[Any, Any, Any]
"""One of whatever kind: what it has answered is handed back to none but itself."""


@frozen(kw_only=True)
class Kind:
    """A kind of target: what a record has to know of it, and how one is made for a session."""

    record: RecordKind[Release]
    build: Callable[[Session], AnyTarget]

    @property
    def name(self) -> str:
        """What it is called on record."""
        return self.record.name

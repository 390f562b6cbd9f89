"""What is at hand while one command works on one service: its settings, its record, the time, and who is told."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from attrs import define, field

from bluegreen import arguments
from bluegreen.clock import Clock
from bluegreen.errors import Interrupted
from bluegreen.flow.answers import A, Q, R
from bluegreen.flow.engine import HEARTBEAT, Engine
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.ports import Book, F, L, Listener, Plan, World
from bluegreen.flow.release import DEPLOY, Release
from bluegreen.flow.requests import Nobody
from bluegreen.flow.snapshot import Stage
from bluegreen.flow.telling import tell
from bluegreen.record.book import ServiceBook
from bluegreen.record.document import Document
from bluegreen.record.history import History
from bluegreen.record.process import Process, this_process
from bluegreen.record.sound import NAME
from bluegreen.record.store import Store
from bluegreen.sentences.forms import of
from bluegreen.sentences.verbs import stopped_before
from bluegreen.settings.service import ServiceSettings
from bluegreen.words import fit


def _kept(who: str) -> str:
    """Return a name as a record keeps it: what is sealed of it must read the same in the record."""
    return fit(arguments.text("who", who), NAME)


@define(kw_only=True)
class Session:
    """One command on a configured service; ``who`` is ``user@host``, ``stop`` returns a signal number once one came.

    ``patience`` is how many seconds somebody else's lease, or a lock, is waited for. ``attended`` says that a person
    is there: what SIGINT stops is left to them, and otherwise to cron. ``process`` holds the lease, ``book`` is what
    is written under it.
    """

    settings: ServiceSettings
    store: Store
    clock: Clock
    who: str = field(default="", converter=_kept)
    listeners: tuple[Listener, ...] = ()
    stop: Callable[[], int | None] = lambda: None
    identify: Callable[[], str] = field(factory=lambda: lambda: secrets.token_hex(2))
    patience: float = 0.0
    attended: bool = True
    process: Process = field(factory=this_process)
    book: ServiceBook[Release] | None = field(default=None, init=False)
    history: History = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Raise ``Usage`` for a part that cannot do its work."""
        arguments.kind("settings", self.settings, ServiceSettings)
        arguments.able("store", self.store, "read", "write", "append")
        arguments.able("clock", self.clock, "now", "monotonic", "sleep")
        for listener in arguments.kind("listeners", self.listeners, tuple):
            arguments.called("listeners", listener)
        arguments.called("stop", self.stop)
        arguments.called("identify", self.identify)
        arguments.seconds("patience", self.patience)
        arguments.flag("attended", self.attended)
        self.history = History(self.store, self.settings.name)

    @property
    def name(self) -> str:
        """The service's name in the configuration."""
        return self.settings.name

    @property
    def all_listeners(self) -> tuple[Listener, ...]:
        """The history, which belongs to the record, and whoever else is told."""
        return (self.history, *self.listeners)

    def new_id(self) -> str:
        """Return an id for a release that begins now: the service's name, the date, and something of our own."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self.clock.now()))
        return f"{self.name}:{stamp}-{self.identify()}"

    def read(self) -> Document[Release]:
        """Return the record as it is now, whoever's it is; an empty one where there is none."""
        document, _ = self.store.read(self.name)
        return document or Document(service=self.name)

    # ---- the person, and who else is told ----

    def tell(self, kind: EventKind, sentence: str, release: Release | None = None, stage: Stage | None = None) -> None:
        """Tell all listeners what happened, of a release or before there is one."""
        name, goal = ("", DEPLOY) if release is None else (release.id, release.goal)
        event = Event(
            at=self.clock.now(), kind=kind, reason=sentence, service=self.name, release=name, goal=goal, stage=stage
        )
        tell(self.all_listeners, event)

    def heed(self) -> None:
        """Raise ``Interrupted`` when somebody asked to stop."""
        if signal := self.stop():
            raise Interrupted(signal, of(self.name, stopped_before()))

    # ---- the engine, and waiting outside of it ----

    def engine(self, world: World[R, F, A, Q], book: Book[R], plan: Plan[R, F, L, A, Q]) -> Engine[R, F, L, A, Q]:
        """Return what carries a release on by ``plan``, at the pace of this command; all its listeners are told."""
        return Engine(
            world=world,
            book=book,
            plan=plan,
            clock=self.clock,
            interval=self.settings.look_every,
            listeners=self.all_listeners,
            stop=self.stop,
            desk=Nobody() if self.book is None else self.book,
        )

    def pause(self, seconds: float) -> None:
        """Sleep, the lease kept alive; raise ``Interrupted`` when somebody asked to stop."""
        while seconds > 0:
            self.meanwhile()
            self.clock.sleep(min(seconds, HEARTBEAT))
            seconds -= HEARTBEAT
        self.heed()

    def pause_between_looks(self) -> None:
        """Sleep as long as between two looks of a run."""
        self.pause(self.settings.look_every)

    def meanwhile(self) -> None:
        """Keep the lease alive while somebody else is waited for; raise ``Interrupted`` when somebody asked to stop."""
        self.heed()
        if self.book is not None:
            self.book.renew()

    def wait(self, sentence: str) -> None:
        """Say what is waited for before a release begins; raise ``Interrupted`` when somebody asked to stop."""
        self.heed()
        self.tell(EventKind.WAITING, sentence)

    def wait_a_second(self, sentence: str) -> None:
        """Say what is waited for, and wait for a second."""
        self.wait(sentence)
        self.pause(1.0)

"""What every verb needs: the service's settings, its record, its pair, and how it is said what is waited for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping

from attrs import define, field

from bluegreen.clock import Clock
from bluegreen.errors import Interrupted, Unreachable
from bluegreen.flow.engine import HEARTBEAT
from bluegreen.flow.events import Event, Kind
from bluegreen.flow.ports import Listener, Plan
from bluegreen.flow.telling import tell
from bluegreen.record.document import of_kind
from bluegreen.record.history import History
from bluegreen.record.store import Store
from bluegreen.service.adopting import refuse_stranger, strangers
from bluegreen.service.asking_again import AskedAgain
from bluegreen.service.cloud import Cloud
from bluegreen.service.ground import HomeGround, refuse_foreign
from bluegreen.service.hearing import apart
from bluegreen.service.image_check import Images, registries
from bluegreen.settings.configuration import ServiceSettings
from bluegreen.targets.pair.fitness.begin import Asked
from bluegreen.targets.pair.fitness.check import set_aside
from bluegreen.targets.pair.model.fleet import HEALTHY, Fleet, Question, Survey, called
from bluegreen.targets.pair.model.release import DEPLOY, Release
from bluegreen.targets.pair.model.sound import PAIR
from bluegreen.targets.pair.plans.plan import build_plan
from bluegreen.targets.pair.records import Document, ServiceBook
from bluegreen.words import they


@define(kw_only=True)
class Session:
    """A configured service; ``who`` is ``user@host``, ``stop`` returns a signal number once one has come.

    ``patience`` is how many seconds somebody else's lease, or a lock, is waited for. ``without`` are the ids of the
    balancers that a person has set aside for this run (:meth:`set_aside`). ``attended`` says that a person is there:
    what SIGINT stops is left to them, and otherwise to cron.
    """

    settings: ServiceSettings
    store: Store
    aws: Cloud
    clock: Clock
    who: str = ""
    listeners: tuple[Listener, ...] = ()
    stop: Callable[[], int | None] = lambda: None
    identify: Callable[[], str] = field(factory=lambda: lambda: secrets.token_hex(2))
    plan: Plan = field(factory=build_plan)
    patience: float = 0.0
    attended: bool = True
    without: tuple[str, ...] = ()
    images: Images = field(factory=registries)
    _history: History = field(init=False)
    _ground: HomeGround = field(init=False)
    _leased_book: ServiceBook | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._history = History(self.store, self.settings.name)
        self.listeners = apart(self.listeners)
        cloud = self.aws
        while isinstance(cloud, AskedAgain | HomeGround):
            cloud = cloud.cloud
        self._ground = HomeGround(cloud, self.settings.name)
        self.aws = AskedAgain(self._ground, self._wait_a_second)

    @property
    def name(self) -> str:
        """The service's name in the configuration."""
        return self.settings.name

    @property
    def _names(self) -> tuple[str, str]:
        return (self.settings.blue, self.settings.green)

    @property
    def _listeners(self) -> tuple[Listener, ...]:
        return (self._history, *self.listeners)

    def _document(self) -> Document:
        """Return the record as it is now; an empty one where there is none. One of other groups is ``Refused``."""
        found, _ = self.store.read(self.name)
        document = Document(service=self.name) if found is None else of_kind(found, PAIR)
        self._recognise(document)
        return document

    def _recognise(self, document: Document) -> None:
        """Raise ``Refused`` unless a record is of this service and its pair; looks are held against it from now on."""
        refuse_foreign(document, self.settings)
        self._ground.known = (document.account, document.region)

    def _book(self, recognise: Callable[[Document], None] | None = None) -> ServiceBook:
        return ServiceBook(
            store=self.store,
            kind=PAIR,
            service=self.name,
            clock=self.clock,
            who=self.who,
            recognise=recognise or self._recognise,
            place=lambda: self._ground.seen,
        )

    def _leased(self, why: str, recognise: Callable[[Document], None] | None = None) -> ServiceBook:
        self._leased_book = None
        self._leased_book = self._book(recognise).acquire(why, self.patience, self._wait)
        return self._leased_book

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Do without the balancers called ``names``; return how many instances are healthy in each, by its name.

        Raise ``Refused`` for a name that is none of the pair's.
        """
        fleet = self._patiently(Question(self._names, patchy=True))
        self.without = set_aside(fleet.groups.values(), names)
        return {called(one): list(fleet.health.get(one, {}).values()).count(HEALTHY) for one in self.without}

    def _survey(self) -> Survey:
        """Take a deeper look; raise ``Unreachable`` when a balancer that is not set aside does not answer."""
        survey = self.aws.survey(self._names, self.settings.alarms, self._ask_again, self.name)
        if silent := survey.fleet.silent - set(self.without):
            told = they(sorted(map(called, silent)), "does not", "do not")
            raise Unreachable(f"{self.name}: {told} answer", "try again in a minute; nothing was changed")
        return survey

    def _patiently(self, question: Question) -> Fleet:
        """Take a look before the engine runs, which would look again by itself: a busy AWS is waited for."""
        return self.aws.ask(question, self._ask_again)

    def _fleet_of_ours(self, document: Document) -> Fleet:
        """Return the pair as it is; raise ``Refused`` when its tags tell of a release that no record here knows."""
        fleet = self._patiently(Question(self._names))
        self._refuse_stranger(document, fleet)
        return fleet

    def _refuse_stranger(self, document: Document, fleet: Fleet) -> None:
        """Raise ``Refused`` for another record's release; warn of tags that no release of this service can have."""
        for warning in strangers(fleet, self.name):
            self._tell(Kind.WARNED, warning)
        refuse_stranger(document, fleet)

    def _asked(self, image: str, capacity: int | None) -> Asked:
        settings, now = self.settings, self.clock.now()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        return Asked(
            id=f"{self.name}:{stamp}-{self.identify()}",
            service=self.name,
            image=image,
            blue=settings.blue,
            green=settings.green,
            now=now,
            by=self.who,
            tag_key=settings.image_tag_key,
            bake=settings.bake,
            keep_parked=settings.keep_parked,
            progress=settings.progress_deadline,
            deadline=settings.deadline,
            capacity=capacity,
            pace=settings.pace,
            alarms=settings.alarms,
            stabilization=settings.stabilization,
            healthy_for=settings.healthy_for,
            without=self.without,
        )

    def _pause(self, seconds: float) -> None:
        """Sleep outside the engine, the lease kept alive; raise ``Interrupted`` when somebody asked to stop."""
        while seconds > 0:
            self._meanwhile()
            self.clock.sleep(min(seconds, HEARTBEAT))
            seconds -= HEARTBEAT
        self._heed()

    def _meanwhile(self) -> None:
        """Keep the lease alive while somebody else is waited for; raise ``Interrupted`` when somebody asked to stop."""
        self._heed()
        if self._leased_book is not None:
            self._leased_book.renew()

    def _ask_again(self, seconds: float) -> None:
        """Wait before AWS is asked once more for what it did not answer."""
        self._tell(Kind.WAITING, "AWS is busy or does not answer; asking again")
        self._pause(seconds)

    def _heed(self) -> None:
        if signal := self.stop():
            raise Interrupted(signal, f"{self.name}: stopped before anything was written")

    def _wait(self, sentence: str) -> None:
        """Say what is waited for before a release begins; raise ``Interrupted`` when somebody asked to stop."""
        self._heed()
        self._tell(Kind.WAITING, sentence)

    def _wait_a_second(self, sentence: str) -> None:
        self._wait(sentence)
        self._pause(1.0)

    def _tell(self, kind: Kind, sentence: str, release: Release | None = None) -> None:
        name, goal = ("", DEPLOY) if release is None else (release.id, release.goal)
        event = Event(at=self.clock.now(), kind=kind, reason=sentence, service=self.name, release=name, goal=goal)
        tell(self._listeners, event)

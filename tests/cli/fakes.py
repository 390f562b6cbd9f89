"""A command line without AWS: what the service layer answers is given, what it was asked is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import define, field

from bluegreen.cli.main import main
from bluegreen.cli.wiring import kinds
from bluegreen.clock import Clock, SystemClock
from bluegreen.errors import Misconfigured, Status
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.snapshot import Way, WayBack
from bluegreen.flow.usual import Usual
from bluegreen.record.history import Entry
from bluegreen.record.memory import MemoryStore
from bluegreen.service import Ended, Parked, Snapshot, Why
from bluegreen.settings import kind
from bluegreen.settings.configuration import Configuration
from bluegreen.targets.pair.fitness.diff import Comparison
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.settings import ServiceSettings
from bluegreen.targets.seam.finding import Finding
from tests.support.snapshots import side, snapshot

WEB = ServiceSettings(name="web", blue="web-blue", green="web-green")
API = ServiceSettings(name="api", blue="api-blue", green="api-green")
TWO = Configuration("file:state", {"web": WEB, "api": API})
SERVES = Ended(Status.OK, "web: v2 serves")


def report(service: str = "web", **changes: Any) -> Snapshot:
    """Return a status."""
    live = side("web-green", "v2", "ssss", min=2, max=8, live=True)
    warm = WayBack(kind="warm", sentence="≈ 25 s to all 4 instances of v1", to="v1", ready=4, of=4, first_s=25.0)
    plain: dict[str, Any] = {
        "sides": (live,),
        "sentence": "v2 is live on web-green, 4 of 4 healthy",
        "release": None,
        "cleanup": None,
        "rollback": warm,
        "next": (Way("bluegreen rollback web"),),
    }
    return snapshot(service, **{**plain, **changes})


@define
class FakeService:
    """Answers each verb with what ``answers`` has for it: a value, an error, or something to call."""

    name: str
    answers: Mapping[str, Any]
    asked: list[tuple[Any, ...]]
    listeners: tuple[Callable[[Event], None], ...] = ()
    stop: Callable[[], int | None] = lambda: None

    def deploy(
        self,
        image: str,
        *,
        capacity: int | None = None,
        finish_first: bool = False,
        again: bool = False,
        answered: Parked | None = None,
    ) -> Ended:
        """Answer a deploy."""
        answer: Ended = self._answer(
            "deploy", image, capacity, finish_first, *(["again"] if again else []), *_if_any(answered)
        )
        return answer

    def rollback(self, *, urgent: bool = False, to: str | None = None) -> Ended:
        """Answer a rollback."""
        answer: Ended = self._answer("rollback", urgent, *([to] if to else []))
        return answer

    def finish(self, *, keep: bool = False, answered: Parked | None = None) -> Ended:
        """Answer a finish."""
        answer: Ended = self._answer("finish", keep, *_if_any(answered))
        return answer

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Answer how many instances are healthy in balancers that are set aside."""
        answer: Mapping[str, int] = self._answer("set_aside", *names)
        return answer

    def resume(self) -> Ended:
        """Answer a resume."""
        answer: Ended = self._answer("resume")
        return answer

    def cleanup(self) -> Ended | None:
        """Answer a cleanup."""
        answer: Ended | None = self._answer("cleanup")
        return answer

    def status(self) -> Snapshot:
        """Answer a status."""
        answer: Snapshot = self._answer("status")
        return answer

    def why(self, instance: str = "", *, release: str = "", console: bool = False) -> Why:
        """Answer why instances are not healthy."""
        answer: Why = self._answer("why", *filter(None, [instance, release, console]))
        return answer

    def history(self) -> tuple[Entry, ...]:
        """Answer which releases are on record; nobody need know that it was asked."""
        found: tuple[Entry, ...] = self.answers.get("history", ())
        return found

    def events(self, entry: Entry) -> tuple[dict[str, Any], ...]:
        """Answer what happened in one."""
        found: tuple[dict[str, Any], ...] = self.answers.get("events", ())
        return found

    def usual(self, goal: str) -> Usual:
        """Answer that nothing is known."""
        return Usual()

    def told(self, release: str) -> tuple[dict[str, Any], ...]:
        """Answer what has happened so far."""
        found: tuple[dict[str, Any], ...] = self.answers.get("told", ())
        return found

    def check(self) -> tuple[Finding, ...]:
        """Answer a check."""
        answer: tuple[Finding, ...] = self._answer("check")
        return answer

    def diff(self) -> Comparison:
        """Answer a comparison."""
        answer: Comparison = self._answer("diff")
        return answer

    def closable(self) -> Release | None:
        """Answer which release `close` would end."""
        return self.open_release()

    def close(self, why: str, *, answered: Release | None = None) -> Ended:
        """Answer a close."""
        answer: Ended = self._answer("close", why, *([] if answered is None else [answered.id]))
        return answer

    def adopt(self, *, answered: frozenset[str] | None = None) -> Ended:
        """Answer an adoption."""
        answer: Ended = self._answer("adopt", *(() if answered is None else (answered,)))
        return answer

    def parked(self) -> Parked:
        """Answer how many are parked."""
        return Parked("web:1", "v2", self._answer("parked"), bool(self.answers.get("unserved")))

    def outage(self) -> str:
        """Answer for how long nothing would serve; nobody need know that it was asked."""
        return str(self.answers.get("outage", ""))

    def open_release(self) -> Release | None:
        """Answer which release is open; nobody need know that it was asked."""
        found: Release | None = self.answers.get("open_release")
        return found

    def tell(self, kind: EventKind, reason: str, **more: Any) -> None:
        """Tell the listeners something."""
        for listener in self.listeners:
            listener(Event(at=1_700_000_000.0, kind=kind, reason=reason, service=self.name, **more))

    def _answer(self, verb: str, *words: Any) -> Any:
        self.asked.append((self.name, verb, *words))
        answer = self.answers.get(f"{self.name} {verb}", self.answers.get(verb, SERVES))
        if isinstance(answer, BaseException):
            raise answer
        return answer(self) if callable(answer) else answer


def _if_any(answered: Parked | None) -> tuple[Parked, ...]:
    return () if answered is None else (answered,)


@define
class FakeWiring:
    """The wiring that tests hand in; ``reply`` is the person's answer, ``None`` when there is nobody."""

    answers: Mapping[str, Any] = field(factory=dict)
    found: Configuration | Misconfigured = TWO
    reply: bool | None = None
    clock: Clock = field(factory=SystemClock)
    asked: list[tuple[Any, ...]] = field(factory=list)
    questions: list[str] = field(factory=list)
    opened: list[tuple[ServiceSettings, str]] = field(factory=list)
    records: MemoryStore = field(factory=MemoryStore)
    patience: float = 0.0
    region: str = ""
    profiles: list[str] = field(factory=list)

    kinds: tuple[kind.SettingsKind, ...] = field(factory=kinds)

    def default_region(self) -> str:
        """Return the region of AWS's own configuration."""
        return self.region

    def take_profile(self, name: str) -> None:
        """Take a profile."""
        self.profiles.append(name)

    def configuration(self, path: str | None) -> Configuration:
        """Return the configuration."""
        if isinstance(self.found, Misconfigured):
            raise self.found
        return self.found

    def names_service(self, service: str, path: str | None) -> bool:
        """Whether the configuration has the service."""
        return not isinstance(self.found, Misconfigured) and service in self.found.services

    def has_file(self) -> bool:
        """Whether there is a file."""
        return not isinstance(self.found, Misconfigured)

    def store(self, state: str) -> MemoryStore:
        """Return the records."""
        return self.records

    def service(
        self, settings: ServiceSettings, state: str, listeners: Any, stop: Any, patience: float = 0.0
    ) -> FakeService:
        """Return the service layer."""
        self.opened.append((settings, state))
        self.patience = patience
        return FakeService(settings.name, self.answers, self.asked, listeners, stop)

    def interactive(self) -> bool:
        """Whether there is somebody."""
        return self.reply is not None

    def confirm(self, question: str) -> bool:
        """Reply."""
        self.questions.append(question)
        return bool(self.reply)


def run(wiring: FakeWiring, *words: str) -> int:
    """Run the command line."""
    return main(words, wiring=wiring)  # type: ignore[arg-type]


def interrupt(
    number: int, times: int = 1, ended: Ended = SERVES, begun: Mapping[str, str] | None = None
) -> Callable[[FakeService], Ended]:
    """Return an answer in whose middle this process gets a signal; ``begun`` is the release that was under way, if any.

    ``begun`` has what an event tells of it.
    """

    def answer(service: FakeService) -> Ended:
        service.tell(EventKind.WAITING, "web is held by anna" if begun is None else "1 of 2", **(begun or {}))
        for _ in range(times):
            os.kill(os.getpid(), number)
        service.tell(EventKind.STOPPED, f"the engine was told {service.stop()}")
        return ended

    return answer

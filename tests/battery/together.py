"""Several operators, each on a machine of its own, with one record, one pair and one virtual time.

Each is a thread; the turn is handed over at every call to AWS, every touch of the record and every sleep, by a seed.
An operator may be stopped (it does not run while time passes) or killed at a *point*: a ``look`` or another read of
AWS, a ``dry`` run, a ``write``, a touch of the ``store``, a ``sleep``, an ``event``, or a glance at the ``clock``.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field, frozen

from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError
from bluegreen.flow.events import Event
from bluegreen.record.document import Document
from bluegreen.record.process import Process
from bluegreen.record.store import Version
from bluegreen.service import Ended, Service, Session
from bluegreen.simulator import build
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.at_work.pair import kind_of
from bluegreen.targets.pair.aws.adapter import Aws
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.settings import ServiceSettings
from tests.battery.judge import Judge
from tests.battery.ledger import Ledger
from tests.battery.stage import BALANCERS, KILLED, Crash
from tests.battery.telling import Watching
from tests.battery.troubles import puts_seals
from tests.battery.turns import Actor, Turns
from tests.support.virtual import BLUE, GREEN, Pair, switchboard

READS = ("Describe", "Get", "List")
TOOL = {"look_every": 2.0, "bake": 0.0, "keep_parked": 600.0, "progress_deadline": 60.0, "deadline": 600.0}
ROUNDING = 1e-3


@frozen
class Done:
    """One verb and how it ended: ``release`` is what was open then, ``at_work`` who held the lease or the lock.

    ``first`` counts the touches of the record, by anybody, before this verb's first one; ``writes`` its AWS writes.
    """

    who: str
    verb: str
    status: int | None
    sentence: str
    first: int
    writes: int
    release: Release | None
    at_work: tuple[str, ...]


@define(eq=False)
class Room:
    """Where operators meet: the pair, the record, the judge, and whose turn it is.

    ``touches`` counts how often the record was read or written. ``stirred`` is when the lease on record was written
    last. ``releases`` holds, for each release on record, who began it, and when it was asked for and begun, in touches.
    """

    pair: Pair
    ledger: Ledger
    judge: Judge
    seed: int
    turns: Turns
    watch: Watching = None
    settings: dict[str, Any] = field(factory=lambda: dict(TOOL))
    trace: list[tuple[Any, ...]] = field(factory=list)
    done: list[Done] = field(factory=list)
    operators: dict[str, Operator] = field(factory=dict)
    touches: int = 0
    stirred: float = 0.0
    releases: dict[str, Begun] = field(factory=dict)

    @property
    def now(self) -> float:
        """The true time."""
        return self.pair.clock.now()

    @property
    def document(self) -> Document:
        """The record."""
        document, _ = self.ledger.read("web")
        return document or Document(service="web")

    def operator(self, who: str, **more: Any) -> Operator:
        """Return somebody on a machine of their own."""
        made = Operator(self, who, number=len(self.operators) + 1, **more)
        self.operators[who] = made
        return made

    def play(self, *lives: tuple[Operator, Callable[[], None]], at: Mapping[str, float] | None = None) -> None:
        """Let operators live, from ``at`` seconds on."""
        actors = [Actor(one.who, life, self.now + (at or {}).get(one.who, 0.0)) for one, life in lives]
        self.turns.play(*actors)
        for actor in actors:
            if actor.failed:
                self.judge.watch.note(f"{actor.name} died: {actor.failed}")

    def tidy(self, who: str = "tidy@end", tries: int = 6) -> None:
        """Let somebody with patience end whatever is open."""
        one = self.operator(who, patience=900.0)

        def life() -> None:
            one.run("unlock")
            for _ in range(tries):
                for verb in ("resume", "finish"):
                    if self.document.release is not None:
                        one.run(verb)

        self.play((one, life))

    def verdict(self, *images: str) -> list[str]:
        """Return everything that was wrong."""
        return self.judge.verdict(images)

    def note(self, *what: Any) -> None:
        """Add a line to the trace."""
        line = (round(self.now - 1.7e9, 3), *what)
        self.trace.append(line)
        if self.watch is not None:
            self.watch(line)

    def attach(self) -> None:
        """Listen to the simulator and to the record."""
        self.pair.sim.faults.before.append(self._called)
        self.ledger.before, self.ledger.after = self._writing, self._written

    def running(self) -> Operator | None:
        """Return whose turn it is."""
        current = self.turns.current
        return None if current is None else self.operators[current.name]

    def _called(self, call: Call) -> None:
        one = self.running()
        if one is None or call.reads:
            return
        one.writes += not puts_seals(call)
        self.note("call", one.who, call.operation, call.parameters)
        self.judge.holder, self.judge.renewed = one.holder, one.renewed
        self.judge.write(call)

    def _writing(self, document: Document) -> None:
        """Nobody takes a lease that is alive."""
        before, one = self.document.lease, self.running()
        if before is None or one is None or document.lease is None or document.lease.holder == before.holder:
            return
        if document.epoch == self.document.epoch + 1 and self.now - self.stirred < before.length - ROUNDING:
            self.judge.watch.note(f"{one.who} took the lease of {before.who}, who stirred at {self.stirred:.0f}")

    def _written(self, document: Document) -> None:
        one = self.running()
        if one is None:
            return
        self.stirred = self.now
        if document.lease is not None and document.lease.who == one.who:
            if one.holder != document.lease.holder:
                one.taken_at = self.now
            one.holder, one.renewed = document.lease.holder, self.now
        release = document.release
        self.note("record", one.who, document.epoch, release and (release.id, release.goal, *release.milestones))
        if release is not None and release.id not in self.releases:
            self.releases[release.id] = Begun(one.who, release.image, one.first, self.touches)


@frozen
class Begun:
    """A release: whose, of what, when it was asked for and when it was begun, in touches of the record."""

    who: str
    image: str
    asked: int
    begun: int


@frozen
class Stop:
    """How long somebody was stopped; whether it had the lease, and ``lost`` it meanwhile; its AWS writes before that.

    ``release`` is what was open when it was stopped.
    """

    seconds: float
    held: bool
    lost: bool
    writes: int
    release: Release | None


@define(eq=False)
class Operator:
    """Somebody who runs verbs on a machine whose date is ``ahead`` by so many seconds.

    ``stop`` is (kind, number, seconds): at that point of its next verb the process is stopped for so long; ``crash``
    is (kind, number): there it is killed.
    """

    room: Room
    who: str
    number: int = 0
    ahead: float = 0.0
    patience: float = 0.0
    stop: tuple[str, int, float] | None = None
    crash: tuple[str, int] | None = None
    signal: int | None = None
    points: Counter[str] = field(factory=Counter)
    holder: str = ""
    renewed: float = 0.0
    taken_at: float = 0.0
    first: int = -1
    writes: int = 0
    stopped: Stop | None = None
    dead: bool = False

    def run(self, verb: str, *words: Any, **flags: Any) -> Done:
        """Run a verb as a process of its own."""
        self.points.clear()
        self.holder, self.first, self.writes, self.dead = "", -1, 0, False
        self.room.note("run", self.who, verb, *words)
        status, sentence = self._ended(verb, words, flags)
        self.crash = self.stop = None
        room = self.room
        lease, freeze = room.document.lease, room.document.freeze
        at_work = tuple(one.who for one in (lease, freeze) if one is not None)
        done = Done(self.who, verb, status, sentence, self.first, self.writes, room.document.release, at_work)
        room.done.append(done)
        room.note("told", self.who, verb, status, sentence)
        room.judge.holder, room.judge.renewed = self.holder, self.renewed
        if verb not in ("lock", "unlock", "pause") and not sentence.endswith("nothing is under way"):
            room.judge.ended(verb, status, killed=sentence == KILLED)
        return done

    def wait(self, seconds: float) -> None:
        """Let time pass between two verbs."""
        self.room.turns.sleep(seconds)

    def point(self, kind: str) -> None:
        """Be at a point: killed, stopped, or on with it."""
        if self.dead:
            raise Crash
        self.points[kind] += 1
        here = (kind, self.points[kind])
        if self.crash == here:
            self.dead = True
            self.room.note("killed", self.who, *here)
            raise Crash
        if self.stop is not None and self.stop[:2] == here:
            self._be_stopped(self.stop[2])

    def _be_stopped(self, seconds: float) -> None:
        room = self.room
        before = room.document
        held = before.lease is not None and before.lease.holder == self.holder
        room.note("stopped", self.who, *(self.stop or ()))
        room.turns.sleep(seconds)
        self.stopped = Stop(seconds, held, held and room.document.epoch > before.epoch, self.writes, before.release)
        room.note("continued", self.who)

    def call(self, service: str, operation: str, parameters: Any) -> Any:
        """Ask AWS."""
        dry = bool(parameters.get("DryRun"))
        self.point("dry" if dry else "look" if operation.startswith(READS) else "write")
        self.room.turns.offer()
        return self.room.pair.sim.call(service, operation, parameters)

    def touch(self) -> None:
        """Be about to read or write the record."""
        self.point("store")
        self.room.turns.offer()
        self.room.touches += 1
        self.first = self.room.touches if self.first < 0 else self.first

    def _ended(self, verb: str, words: tuple[Any, ...], flags: Mapping[str, Any]) -> tuple[int | None, str]:
        try:
            ended: Ended | None = getattr(self.service(), verb)(*words, **flags)
        except BluegreenError as error:
            return int(error.status), f"{type(error).__name__}: {error.message}"
        except Crash:
            return None, KILLED
        return (None, "nothing was due") if ended is None else (int(ended.status), ended.sentence)

    def service(self) -> Service:
        """Return the service as a fresh process of this machine builds it."""
        clock = OwnClock(self)
        session = Session(
            process=Process(f"machine {self.number}", 100 + self.number, "1"),
            settings=ServiceSettings(name="web", blue=BLUE, green=GREEN, **self.room.settings),
            store=OwnStore(self),
            clock=clock,
            who=self.who,
            listeners=(self._heard,),
            stop=lambda: self.signal,
            identify=self.room.pair._identify,
            patience=self.patience,
        )
        return Service(session, kind_of(Aws(OwnClients(self), clock, parallel=1)))

    def _heard(self, event: Event) -> None:
        self.room.note("event", self.who, event.kind.value, event.reason, event.action or event.milestone)
        self.point("event")


@frozen
class OwnClock:
    """The clock of one machine."""

    operator: Operator

    def now(self) -> float:
        """Return its date."""
        self.operator.point("clock")
        return self.operator.room.now + self.operator.ahead

    def monotonic(self) -> float:
        """Return seconds since it was started."""
        self.operator.point("clock")
        return self.operator.room.pair.clock.monotonic() - 1.6e9 + 1e6 * self.operator.number

    def sleep(self, seconds: float) -> None:
        """Sleep, while others go on."""
        self.operator.point("sleep")
        self.operator.room.turns.sleep(seconds)


@frozen
class OwnClients:
    """The AWS clients of one operator."""

    operator: Operator

    def client(self, service: str) -> Any:
        """Return the process's client, asking as this operator from now on."""
        board = switchboard()
        board.call = self.operator.call
        return board.client(service)


@frozen
class OwnStore:
    """The common record, as one operator touches it."""

    operator: Operator

    @property
    def _ledger(self) -> Ledger:
        self.operator.touch()
        return self.operator.room.ledger

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Read."""
        return self._ledger.read(service)

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Write."""
        return self._ledger.write(service, document, expected)

    def services(self) -> tuple[str, ...]:
        """Return the names."""
        return self._ledger.services()

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Append to the events."""
        self._ledger.append(service, release, line, durable=durable)

    def events(self, service: str, release: str) -> tuple[str, ...]:
        """Return the events."""
        return self._ledger.events(service, release)

    def forget(self, service: str, release: str) -> None:
        """Forget the events."""
        self._ledger.forget(service, release)

    def note(self, service: str, topic: str, text: str) -> None:
        """Keep a note."""
        self._ledger.note(service, topic, text)

    def noted(self, service: str, topic: str) -> str | None:
        """Return a note."""
        return self._ledger.noted(service, topic)


def met(watch: Watching = None, *, seed: int = 0, size: int = 2, restless: float = 1.0, **settings: Any) -> Room:
    """Return a room with a pair whose blue side serves v1 with ``size`` instances."""
    random.seed(f"together {seed}")
    clock, ledger = VirtualClock(), Ledger()
    balancers = BALANCERS[settings.pop("balancers", "tg")]
    sim = build.pair(clock, seed=seed, instances=size, balancers=balancers, **settings)
    pair = Pair(sim, clock, ledger)

    def pass_until(moment: float) -> None:
        pair.run_for(moment - clock.now())
        clock.time = max(clock.time, moment)

    turns = Turns(clock.now, pass_until, random.Random(f"{seed}"), restless)
    room = Room(pair, ledger, Judge(pair, ledger, size), seed, turns, watch)
    room.attach()
    return room

"""A pair with a judge, on which verbs run as processes that may be killed at any point."""

from __future__ import annotations

import copy
import functools
import random
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ParamSpec

import attrs
from attrs import define, field, frozen

from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError, Held, Status
from bluegreen.flow.events import Event
from bluegreen.flow.ports import Plan
from bluegreen.record.document import Document
from bluegreen.service import Ended
from bluegreen.simulator import build
from bluegreen.simulator.core.calls import Call, Result
from bluegreen.targets.pair.model.release import Release
from tests.battery.judge import Judge
from tests.battery.ledger import Ledger
from tests.battery.telling import Watching
from tests.support.scaling import put_settings
from tests.support.virtual import Pair

plan_in_use: ContextVar[Plan | None] = ContextVar("plan_in_use", default=None)
"""The plan that runs carry out instead of the tool's own, where a row takes something out of it."""

ALONE, TWO = ("target-group",), ("classic", "target-group")
BALANCERS = {
    "tg": ALONE,
    "classic": ("classic",),
    "nlb": ("nlb",),
    "both": TWO,
    "pair": ("target-group", "target-group"),
}
"""What a row calls the balancers before both groups."""
LEASE = 61.0
"""Seconds after which the lease of a dead run is out."""

PATIENCE = 12
KILLED = "killed"
Line = tuple[Any, ...]
P = ParamSpec("P")


class Crash(BaseException):
    """The process is gone: nothing of it runs any more."""


@frozen
class Told:
    """How one verb ended: its exit status, ``None`` for a killed one or where nothing was due, and a sentence."""

    verb: str
    status: int | None
    sentence: str


@define
class Stage:
    """One pair, what is done with it, and what happened.

    ``crash`` is (side, number): the process is killed before or after its point of that number. A *point* is a call
    to AWS or a write of the record, counted from 1 for each run; ``crash_writes`` counts those alone that change
    something. ``lingers`` says whether the lease of a killed run stays behind, as that of another machine does.
    """

    pair: Pair
    ledger: Ledger
    judge: Judge
    seed: int
    settings: dict[str, Any]
    watch: Watching = None
    trace: list[Line] = field(factory=list)
    told: list[Told] = field(factory=list)
    strikes: list[Callable[[Stage, str, Any], None]] = field(factory=list)
    crash: tuple[str, int] | None = None
    crash_writes: bool = False
    lingers: bool = True
    points: int = 0
    writes: int = 0
    running: bool = False
    dead: bool = False
    runs: int = 0

    # ---- what a row does ----

    def run(self, verb: str, *words: Any, stop: Callable[[], int | None] = lambda: None, **flags: Any) -> Told:
        """Run a verb as a process of its own, and return how it ended."""
        self._begin(verb)
        service = self.pair.service(stop=stop, plan=plan_in_use.get(), **self.settings)
        service.session.listeners = (self._heard,)
        try:
            ended = getattr(service, verb)(*words, **flags)
            told = Told(verb, *_how(ended))
        except BluegreenError as error:
            told = Told(verb, int(error.status), f"{type(error).__name__}: {error.message}")
        except Crash:
            told = Told(verb, None, KILLED)
        self._end(told)
        return told

    def prepare(self, verb: str) -> Stage:
        """Let ``verb`` be the next thing to do: there is something to roll back, to finish or to clean up."""
        if verb != "deploy":
            self.run("deploy", "v2")
        if verb == "cleanup":
            self.pair.run_for(601)
        return self

    def patiently(self, verb: str, *words: Any, **flags: Any) -> Told:
        """Run a verb again and again while a dead run's lease is in the way."""
        for _ in range(PATIENCE):
            told = self.run(verb, *words, **flags)
            if told.status != int(Held.status):
                break
            self.pair.run_for(LEASE / 4)
        return told

    def end(self, *verbs: str, patience: int = 5) -> None:
        """Run ``verbs`` in turn until no release is open."""
        for _ in range(patience):
            for verb in verbs:
                if self.release is None:
                    return
                if self.patiently(verb).status:
                    self.pair.run_for(30)

    def cron(self, hours: float = 2.0, every: float = 60.0) -> None:
        """Clean up every minute until nothing is open, as cron would."""
        end = self.now + hours * 3600
        while self.now < end:
            self.run("cleanup")
            if self.release is None and self.lease is None:
                return
            self.pair.run_for(every)

    def calm(self) -> None:
        """Let nothing go wrong from now on."""
        faults = self.pair.sim.faults
        faults.before[:], faults.after[:] = [self._before], [self._after]
        self.pair.sim.launches.failures.clear()
        self.pair.sim.launches.capacity = faults.stale = None
        faults.denied.clear()
        self.strikes.clear()

    def branch(self) -> Stage:
        """Return a copy that goes its own way from here."""
        memo: dict[int, Any] = {id(self.watch): self.watch}
        for kept in (self.trace, self.told):
            memo[id(kept)] = list(kept)
        return copy.deepcopy(self, memo)

    def verdict(self, *images: str) -> list[str]:
        """Return everything that was wrong, at any moment or now that it is over."""
        return self.judge.verdict(images)

    # ---- what a row asks ----

    @property
    def now(self) -> float:
        """The time."""
        return self.pair.clock.now()

    @property
    def release(self) -> Release | None:
        """The release that the record has open."""
        return self.pair.release

    @property
    def lease(self) -> Any:
        """The lease on record, run out or not."""
        document, _ = self.ledger.read("web")
        return None if document is None else document.lease

    # ---- how it works ----

    def attach(self) -> None:
        """Listen to the simulator, to the record and to the engine."""
        self.pair.sim.faults.before.append(self._before)
        self.pair.sim.faults.after.append(self._after)
        self.ledger.before, self.ledger.after = self._write, self._written

    def note(self, kind: str, *what: Any) -> None:
        """Add a line to the trace."""
        line = (round(self.now - 1.7e9, 3), kind, *what)
        self.trace.append(line)
        if self.watch is not None:
            self.watch(line)

    def _begin(self, verb: str) -> None:
        self.runs += 1
        random.seed(f"{self.seed} {self.runs}")
        self.points = self.writes = 0
        self.running, self.dead = True, False
        self.judge.begin()
        self.note("run", verb)

    def _end(self, told: Told) -> None:
        self.running, self.crash = False, None
        if told.sentence == KILLED and not self.lingers:
            self._forget_lease()
        self.dead = False
        self.told.append(told)
        self.note("told", told.verb, told.status, told.sentence)
        self.judge.ended(told.verb, told.status, killed=told.sentence == KILLED)

    def _forget_lease(self) -> None:
        document, version = self.ledger.read("web")
        if document is not None and document.lease is not None:
            MemoryWrite(self.ledger).put(attrs.evolve(document, lease=None), version)

    def _before(self, call: Call) -> None:
        if not self.running:
            return
        self._alive()
        self.note("call", call.operation, call.parameters)
        if not call.reads:
            self.judge.write(call)
        self._point("before", call, not call.reads)

    def _after(self, call: Call, _: Result) -> None:
        if self.running:
            self._point("after", call, not call.reads)

    def _write(self, document: Document) -> None:
        if self.running:
            self._alive()
            self._point("before", document, True)

    def _written(self, document: Document) -> None:
        self.note("record", _short(document))
        if self.running:
            self.judge.recorded(document)
            self._point("after", document, True)

    def _alive(self) -> None:
        if self.dead:
            raise Crash

    def _point(self, side: str, what: Any, changes: bool) -> None:
        if side == "before":
            self.points += 1
            self.writes += changes
        number = (self.writes if changes else 0) if self.crash_writes else self.points
        if self.crash == (side, number):
            self.dead = True
            self.note(KILLED, side, number)
            raise Crash
        for strike in list(self.strikes):
            strike(self, side, what)

    def _heard(self, event: Event) -> None:
        self.note("event", event.kind.value, event.reason, event.action or event.milestone)


@frozen
class MemoryWrite:
    """Writes past the hooks."""

    ledger: Ledger

    def put(self, document: Document, version: str | None) -> None:
        """Keep ``document``."""
        before, after = self.ledger.before, self.ledger.after
        self.ledger.before = self.ledger.after = lambda _: None
        self.ledger.write("web", document, version)
        self.ledger.before, self.ledger.after = before, after


def _how(ended: Ended | None) -> tuple[int | None, str]:
    return (None, "nothing was due") if ended is None else (int(ended.status), ended.sentence)


def _short(document: Document) -> Any:
    release = document.release
    open_one = None if release is None else (release.id, release.goal, *release.milestones)
    return document.epoch, open_one, len(document.history), document.lease is not None


def opened(
    watch: Watching = None,
    *,
    seed: int = 0,
    size: int = 2,
    balancers: str = "tg",
    tool: dict[str, Any] | None = None,
    scaling: bool = False,
    **settings: Any,
) -> Stage:
    """Return a stage whose blue side serves v1 with ``size`` instances, where ``scaling`` with settings that move.

    ``tool`` are the service's settings, ``settings`` those of :class:`bluegreen.simulator.build.Pair`.
    """
    clock, ledger = VirtualClock(), Ledger()
    sim = build.pair(clock, seed=seed, instances=size, balancers=BALANCERS[balancers], **settings)
    if scaling:
        put_settings(sim)
    pair = Pair(sim, clock, ledger)
    stage = Stage(pair, ledger, Judge(pair, ledger, size), seed, {"look_every": 2.0, **(tool or {})}, watch)
    stage.attach()
    return stage


def told_once(ready: Callable[P, Stage]) -> Callable[P, Stage]:
    """Let what comes before a case be told once for each way in a process, and each case go its own way from there.

    Told anew is one that somebody watches, and one that carries out another plan.
    """
    once = functools.cache(ready)

    @functools.wraps(ready)
    def branched(*way: P.args, **ways: P.kwargs) -> Stage:
        watched = any(map(callable, (*way, *ways.values())))
        return ready(*way, **ways) if watched or plan_in_use.get() is not None else once(*way, **ways).branch()

    return branched


OK, ROLLED_BACK = int(Status.OK), int(Status.ROLLED_BACK)

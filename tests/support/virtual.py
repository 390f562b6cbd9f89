"""A whole pair in virtual time: the tool that users run, clients as boto3's, and the simulator behind them."""

from __future__ import annotations

import copy
import functools
import os
import random
import threading
from collections.abc import Callable
from typing import Any, ParamSpec

import attrs
from attrs import define, field, frozen

from bluegreen.aws.settings import config
from bluegreen.clock import VirtualClock
from bluegreen.flow.events import Event
from bluegreen.flow.ports import Plan
from bluegreen.flow.telling import prompt
from bluegreen.record.memory import MemoryStore
from bluegreen.record.process import Process, this_process
from bluegreen.service import Service, Session
from bluegreen.simulator.build import pair
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.at_work.pair import kind_of
from bluegreen.targets.pair.aws.adapter import Aws
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.plans.plan import build_plan
from bluegreen.targets.pair.settings import ServiceSettings
from tests.support.bare import Bare
from tests.support.scaling import settings_of

P = ParamSpec("P")
BLUE, GREEN = "web-blue", "web-green"
PROOF = 6.0
"""Seconds in which any balancer of these worlds has noticed a dead instance; nothing here is shown late."""
LIVED_IN = ("min", "max", "suspended", "tags", "balancers", "policies", "schedules")


@define
class Switchboard:
    """Clients, made once per process, that ask whichever simulator is plugged in."""

    call: Callable[..., Any] = lambda *_: {}
    clients: dict[str, Any] = field(factory=dict)

    def client(self, service: str) -> Any:
        """Return the client of ``service``."""
        if service not in self.clients:
            import boto3

            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
            client = boto3.client(service, config=config(), **keys)  # type: ignore[call-overload]
            self.clients[service] = Bare(client, lambda *request: self.call(*request))
        return self.clients[service]


@functools.cache
def switchboard() -> Switchboard:
    """Return this process's clients."""
    return Switchboard()


@functools.cache
def process(_: int) -> Process:
    """Return this process, by its number: it is found out once, though each command of a story asks for it."""
    return this_process()


@define
class Plugged:
    """One simulator's clients: plugging happens with each use, so that several pairs live side by side."""

    sim: Simulator

    def client(self, service: str) -> Any:
        """Return the shared client, asking this simulator from now on."""
        board = switchboard()
        board.call = self.sim.call
        return board.client(service)


@prompt
@frozen
class Heard:
    """Keeps what the tool says, at once: without the thread of its own that whoever may be slow is told in."""

    events: list[Event]

    def __call__(self, event: Event) -> None:
        self.events.append(event)


def configured(service: Service, **changes: Any) -> Service:
    """Return a service as it would be with other settings."""
    session = attrs.evolve(service.session, settings=attrs.evolve(service.session.settings, **changes))
    return Service(session, service.kind)


@define
class Pair:
    """A simulated pair, its record and what the tool said."""

    sim: Simulator
    clock: VirtualClock
    store: MemoryStore = field(factory=MemoryStore)
    events: list[Event] = field(factory=list)
    names: int = 0

    def service(
        self, stop: Callable[[], int | None] = lambda: None, plan: Plan | None = None, **settings: Any
    ) -> Service:
        """Return the service as a fresh process would build it."""
        chosen = {"bake": 0.0, "keep_parked": 600.0, "progress_deadline": 60.0, "deadline": 600.0, **settings}
        chosen.setdefault("healthy_for", PROOF)
        session = Session(
            settings=ServiceSettings(name="web", blue=BLUE, green=GREEN, **chosen),
            store=self.store,
            clock=self.clock,
            who="test@here",
            listeners=(Heard(self.events),),
            stop=stop,
            identify=self._identify,
            process=process(os.getpid()),
        )
        return Service(session, kind_of(self.aws, plan or build_plan()))

    @property
    def aws(self) -> Aws:
        """The adapter over this pair's AWS, which asks for one thing after the other."""
        return Aws(Plugged(self.sim), self.clock, parallel=1)

    def branch(self) -> Pair:
        """Return another pair that is as this one is now, and goes its own way: far cheaper than one built anew."""
        return copy.deepcopy(self, {id(self.store._lock): threading.Lock()})

    def _identify(self) -> str:
        self.names += 1
        return f"{self.names:04x}"

    @property
    def release(self) -> Release | None:
        """The release that the record has open."""
        document, _ = self.store.read("web")
        return None if document is None else document.release

    def run_for(self, seconds: float) -> None:
        """Let time pass, event by event."""
        end = self.clock.now() + seconds
        while (due := self.sim.next_event_at()) < end:
            self.clock.time = max(self.clock.time, due)
            self.sim.advance()
        self.clock.time = end
        self.sim.advance()

    def picture(self) -> dict[str, dict[str, Any]]:
        """Return everything of both groups that a cycle must leave as it was, as ``Describe*`` shows it."""
        groups = self.sim.call("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"]
        names = {group["AutoScalingGroupName"]: settled(group) for group in groups}
        return {name: {**group, "Scaling": settings_of(self.sim, name)} for name, group in names.items()}

    def images(self, group: str) -> set[str | None]:
        """Return the images that the group's instances in service run."""
        return {self.sim.image_of(i) for i, state in self.sim.states(group).items() if state == "InService"}


def settled(group: dict[str, Any]) -> dict[str, Any]:
    """Return a group's settings without its name, image, desired capacity and instances (docs/rules.md, rule 12)."""
    left_out = {"AutoScalingGroupName", "AutoScalingGroupARN", "CreatedTime", "Instances", "DesiredCapacity"}
    kept = {key: value for key, value in group.items() if key not in left_out}
    kept["Tags"] = sorted((t["Key"], t["PropagateAtLaunch"]) for t in group["Tags"])
    kept["SuspendedProcesses"] = sorted(p["ProcessName"] for p in group["SuspendedProcesses"])
    return kept


def virtual(seed: int = 0, **settings: Any) -> Pair:
    """Return a pair whose blue side serves v1; ``settings`` are those of ``simulator.build.pair``."""
    random.seed(seed)
    clock = VirtualClock()
    return Pair(pair(clock, seed=seed, **settings), clock)


def told_once(tell: Callable[P, Pair]) -> Callable[P, Pair]:
    """Let what comes before a case be told once for each way in a process; each case goes its own way from there.

    Nothing that ``tell`` leaves in the simulator's hooks may know the pair: a copy would tell the first one.
    """

    @functools.cache
    def once(*way: P.args, **ways: P.kwargs) -> tuple[Pair, Any]:
        return tell(*way, **ways), random.getstate()

    @functools.wraps(tell)
    def branched(*way: P.args, **ways: P.kwargs) -> Pair:
        pair, dice = once(*way, **ways)
        random.setstate(dice)
        return pair.branch()

    return branched

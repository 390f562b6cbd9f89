"""The simulator's body made of real things: processes on loopback addresses behind a real Envoy."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from signal import SIGKILL, SIGUSR1

from attrs import Factory, define, evolve, field, frozen

from bluegreen.errors import Unreachable
from bluegreen.sandbox import addresses
from bluegreen.sandbox.deaths import Death
from bluegreen.sandbox.envoy import Endpoint, Host
from bluegreen.sandbox.front import Front
from bluegreen.sandbox.loop import LoopThread
from bluegreen.sandbox.metadata import MetadataService, facts
from bluegreen.sandbox.meter import Meter
from bluegreen.sandbox.probe import met
from bluegreen.sandbox.processes import Processes
from bluegreen.sandbox.targets import Target
from bluegreen.simulator.core.body import NOBODY, HealthCheck

LOOK_EVERY = 0.05
STALE_AFTER = 2.0
CUT_AFTER = 0.2
PROBE_EVERY = 0.5


@frozen
class Times:
    """How long instances take to boot, how often balancers check, how long CloudWatch's minutes are, in seconds.

    ``crash`` is how long after its first passed check a version that crashes dies.
    """

    boot: float = 2.0
    interval: float = 0.5
    minute: float = 60.0
    crash: float = 1.0

    @property
    def told(self) -> float:
        """Return the interval as AWS's API can say it: whole seconds."""
        return float(max(1, math.ceil(self.interval)))


@define(eq=False)
class RealBody:
    """Gives the simulator's instances processes and its balancers an Envoy; see ``simulator.core.body.Body``."""

    processes: Processes
    front: Front
    loop: LoopThread
    region: str
    times: Times = Times()
    environment: Mapping[str, str] = Factory(dict)
    port: int = field(factory=addresses.choose_port)
    places: dict[str, str] = field(factory=dict, init=False)
    _walk: Iterator[str] = field(init=False)
    _metadata: dict[str, Future[asyncio.Server]] = field(factory=dict, init=False)
    _targets: dict[str, dict[str, Target]] = field(factory=dict, init=False)
    _checks: dict[str, HealthCheck] = field(factory=dict, init=False)
    _meters: dict[str, Meter] = field(factory=dict, init=False)
    _failing: dict[str, dict[str, float]] = field(factory=dict, init=False)
    _probes: dict[tuple[str, str], tuple[float, Future[str]]] = field(factory=dict, init=False)
    _met: dict[tuple[str, str], str] = field(factory=dict, init=False)
    _answered: float = field(default=0.0, init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False)
    _stop: threading.Event = field(factory=threading.Event, init=False)

    def __attrs_post_init__(self) -> None:
        self._walk = addresses.walk(self.port)

    def start(self) -> None:
        """Begin to watch what Envoy sees."""
        threading.Thread(target=self._watch, name="sandbox-checks", daemon=True).start()

    def stop(self) -> None:
        """Stop watching; the processes are the supervisor's to end."""
        self._stop.set()

    def launch(self, instance_id: str, group: str, address: str) -> None:
        """Fork the instance's process, and open its metadata service on the same loopback address."""
        with self._lock:
            if instance_id in self.places:
                return
            place, listening = self._settle()
            self.places[instance_id] = place
            service = MetadataService(facts(instance_id, self.region, place))
            self._metadata[instance_id] = self.loop.serve(listening, service)
            self.processes.machine(self._specification(instance_id, place))

    def terminate(self, instance_id: str) -> None:
        """Kill the process at once, and close its metadata service."""
        with self._lock:
            self.processes.kill(instance_id)
            server = self._metadata.pop(instance_id, None)
            if server:
                self.loop.close(server)

    def configure(self, balancer: str, check: HealthCheck) -> None:
        """Let ``balancer`` exist, and check in this way from now on; see :class:`Times` for the interval."""
        if check.interval == self.times.told:
            check = evolve(check, interval=self.times.interval)
        with self._lock:
            self._checks[balancer] = check
            self._meters.setdefault(balancer, Meter(self.times.minute))
            self.front.configure(balancer, check)
            for target in self._targets.setdefault(balancer, {}).values():
                target.check = check

    def forget(self, balancer: str) -> None:
        """Let ``balancer`` be gone."""
        with self._lock:
            self._targets.pop(balancer, None)
            self.front.forget(balancer)

    def register(self, balancer: str, instance_id: str, port: int = 0) -> None:
        """Let ``balancer`` check the instance, on its one port; a draining one comes back, as a new one."""
        with self._lock:
            targets = self._targets.get(balancer)
            if targets is None or instance_id not in self.places:
                return
            known = targets.get(instance_id)
            if known is None or known.draining:
                targets[instance_id] = Target(self._checks[balancer], time.monotonic())
                self._assign(balancer)

    def drain(self, balancer: str, instance_id: str) -> None:
        """Send it no new requests; those under way go on."""
        with self._lock:
            target = self._targets.get(balancer, {}).get(instance_id)
            if target and not target.draining:
                target.draining = True
                self._assign(balancer)

    def deregister(self, balancer: str, instance_id: str) -> None:
        """Take it from ``balancer``, and cut what is still under way once Envoy sends it nothing new.

        What a balancer has by then, this one again or another, is left alone: those requests are new ones.
        """
        with self._lock:
            if self._targets.get(balancer, {}).pop(instance_id, None):
                self._assign(balancer)
                timer = threading.Timer(CUT_AFTER, self._cut, (instance_id,))
                timer.daemon = True
                timer.start()

    def live(self) -> None:
        """Processes live by themselves."""

    def health(self, balancer: str, port: int = 0) -> Mapping[str, bool | None]:
        """Return what Envoy's checks said a moment ago; all undecided when Envoy does not answer."""
        with self._lock:
            stale = time.monotonic() > self._answered + STALE_AFTER
            targets = self._targets.get(balancer, {})
            return {name: None if stale else target.verdict() for name, target in targets.items()}

    def met(self, balancer: str, instance_id: str, port: int = 0) -> str:
        """Return what a check that fails met a moment ago; nobody where that is not known yet."""
        with self._lock:
            return self._met.get((balancer, instance_id), NOBODY)

    def passes(self, balancer: str, instance_id: str) -> bool:
        """Say whether Envoy's own single checks pass, whatever the balancer's thresholds make of it."""
        with self._lock:
            target = self._targets.get(balancer, {}).get(instance_id)
            return target is not None and target.passing_since is not None

    def deaths(self) -> list[Death]:
        """Return the instances that ended by themselves, or were made to with another signal than SIGKILL."""
        with self._lock:
            ended = self.processes.ended
            return [self._death(name) for name in self.places if ended.get(name, -SIGKILL) != -SIGKILL]

    def _death(self, name: str) -> Death:
        known = {balancer: rows[name] for balancer, rows in self._failing.items() if name in rows}
        return Death(name, f"{self.places[name]}:{self.port}", self.processes.ended_at[name], known)

    def balancers(self) -> set[str]:
        """Return every balancer that ever existed."""
        with self._lock:
            return set(self._meters)

    def rate(self, balancer: str, middle: float) -> float:
        """Return how many requests a second ``balancer`` forwarded in the minute around a POSIX time."""
        with self._lock:
            return self._meters[balancer].rate(middle)

    def next_change(self) -> float:
        """Return 0.0: processes change when they like."""
        return 0.0

    def url(self, balancer: str) -> str:
        """Return where ``balancer`` takes requests."""
        return f"http://{self.front.address(balancer)}"

    def _cut(self, instance_id: str) -> None:
        with self._lock:
            if not any(instance_id in targets for targets in self._targets.values()):
                self.processes.kill(instance_id, SIGUSR1)

    def _settle(self) -> tuple[str, socket.socket]:
        """Return an address, with its metadata port taken: whoever is quicker keeps an address."""
        for place in self._walk:
            with contextlib.suppress(OSError):
                return place, socket.create_server((place, addresses.METADATA_PORT), backlog=16)
        raise Unreachable("no loopback address is left for an instance", "see who listens on 0.0.0.0")

    def _specification(self, instance_id: str, place: str) -> dict[str, object]:
        metadata = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{place}:{addresses.METADATA_PORT}"}
        return {
            "instance_id": instance_id,
            "address": place,
            "port": self.port,
            "boot": self.times.boot,
            "crash": self.times.crash,
            "started": time.monotonic(),
            "environment": {**self.environment, **metadata},
        }

    def _assign(self, balancer: str) -> None:
        """Write what Envoy is to know; one that drains is left out where none is healthy: see :func:`in_file`."""
        rows = in_file(self._targets[balancer])
        self.front.assign(balancer, [Endpoint(self.places[name], self.port, row.status) for name, row in rows.items()])

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            asked = time.monotonic()
            seen = self.front.seen()
            if seen is not None:
                self._take_in(seen, asked)
                self._count(seen, time.time())

    def _count(self, seen: Mapping[str, Mapping[str, Host]], now: float) -> None:
        with self._lock:
            for balancer, meter in self._meters.items():
                meter.see({name: host.requests for name, host in seen.get(balancer, {}).items()}, now)

    def _take_in(self, seen: Mapping[str, Mapping[str, Host]], asked: float) -> None:
        with self._lock:
            self._answered = asked
            for balancer, targets in self._targets.items():
                before = [(name, target.status) for name, target in in_file(targets).items()]
                for name, target in targets.items():
                    host = seen.get(balancer, {}).get(self.places[name])
                    target.see(host.passes if host else None, asked)
                    self._note(balancer, name, host)
                if before != [(name, target.status) for name, target in in_file(targets).items()]:
                    self._assign(balancer)

    def _note(self, balancer: str, name: str, host: Host | None) -> None:
        """Remember since when Envoy's checks of a target have been failing."""
        failing = self._failing.setdefault(balancer, {})
        if host is not None and host.passes:
            failing.pop(name, None)
        elif host is not None and host.passes is False:
            failing.setdefault(name, time.time())
            self._probe(balancer, name)

    def _probe(self, balancer: str, name: str) -> None:
        """Ask a target that fails its checks how it does, one question at a time, and one a second."""
        now = time.monotonic()
        begun, probe = self._probes.get((balancer, name), (-math.inf, None))
        if probe is not None and probe.done():
            self._met[balancer, name] = NOBODY if probe.cancelled() or probe.exception() else probe.result()
        if now - begun >= PROBE_EVERY and (probe is None or probe.done()):
            work = met(self.places[name], self.port, self.front.number(balancer))
            self._probes[balancer, name] = now, self.loop.run(work)


def in_file(targets: Mapping[str, Target]) -> dict[str, Target]:
    """Return the targets that Envoy is to know: all, but none that drains while no other one is healthy.

    To fail open, Envoy sends to whatever is in its file; a target group sends nothing new to what drains.
    """
    well = any(target.verdict() and not target.draining for target in targets.values())
    return {name: target for name, target in targets.items() if well or not target.draining}

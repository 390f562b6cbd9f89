"""A sandbox on which one case follows another, and what an independent look must find there between two of them.

A process has one, made when it is first asked for, given up when nobody asked for a while or when a case spoiled it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from attrs import define, field
from botocore.config import Config

from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.processes import python_path, stranger_free
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import MARK
from tests.battery.explained import unexplained
from tests.battery.processes import PIPE, Run, start
from tests.support.records import KINDS

BLUE, GREEN = PAIR = ("web-blue", "web-green")
USUAL = {"deploy": 4.0, "rollback": 2.5, "finish": 2.0}
"""About how long the verbs take, in seconds; what is seen takes its place."""

QUICK = {"bake": "300ms", "healthy_for": "100ms", "progress_deadline": "60s"}
"""What the sandbox sets otherwise for people: nothing crashes here."""
DRAIN = 2.0
IDLE = 3.0
"""Seconds after which a sandbox that nobody uses is given up."""


@define(eq=False)
class Ground:
    """A sandbox with ``bluegreen.toml`` in ``folder``; ``strange`` lists writes that the record did not explain.

    ``writes`` has the monotonic time of each write to AWS. ``state`` is where the record is; the sandbox's own folder
    if empty. What is asked of the record here, and what ``strange`` lists, is about a record in a folder only.
    ``leased`` is whether a write needs a lease on record: not when its process was made to leave in the middle.
    """

    box: Sandbox
    folder: Path
    state: str = ""
    environment: dict[str, str] = field(init=False)
    before: dict[str, Any] = field(init=False)
    store: FileStore = field(init=False)
    usual: dict[str, float] = field(factory=lambda: dict(USUAL))
    strange: list[str] = field(factory=list)
    writes: list[float] = field(factory=list)
    leased: bool = True
    images: int = 1

    def __attrs_post_init__(self) -> None:
        file = self.box.write_configuration(self.folder, **QUICK)
        text = file.read_text()
        records = self.state.removeprefix("file:") or str(self.box.processes.folder / "records")
        file.write_text(re.sub("(?m)^state = .*$", f'state = "{self.state or f"file:{records}"}"', text))
        self.store = FileStore(Path(records), KINDS)
        self.environment = {**stranger_free(os.environ), **self.box.environment(), **python_path()}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.before = self.picture()
        self.box.simulator.faults.before.append(self._called)

    # ---- what is done ----

    def run(self, *argv: str, shape: str = PIPE, **environment: str) -> Run:
        """Start ``bluegreen`` with ``argv``."""
        return start(argv, self.folder, {**self.environment, **environment}, shape)

    def done(self, *argv: str) -> Run:
        """Run ``bluegreen`` undisturbed to its end."""
        run = self.run(*argv, "--output", "json")
        run.end()
        return run

    def learn(self, run: Run) -> None:
        """Remember how long an undisturbed verb took."""
        verb = run.argv[0]
        self.usual[verb] = 0.5 * (self.usual[verb] + run.took)

    def next_image(self) -> str:
        """Return an image that was never used here."""
        self.images += 1
        return f"v{self.images}"

    # ---- what is seen ----

    @property
    def document(self) -> Document:
        """The record as it is on the disk."""
        document, _ = self.store.read("web")
        return document or Document(service="web")

    def client(self, service: str) -> Any:
        """Return a boto3 client of the sandbox."""
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20)
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        return boto3.client(service, endpoint_url=self.box.endpoint, region_name=self.box.region, config=config, **keys)

    def groups(self) -> dict[str, dict[str, Any]]:
        """Return both groups as AWS describes them."""
        answer = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=list(PAIR))
        return {group["AutoScalingGroupName"]: group for group in answer["AutoScalingGroups"]}

    def health(self) -> dict[str, str]:
        """Return instance → state in the target group."""
        answer = self.client("elbv2").describe_target_health(TargetGroupArn=self.box.balancers()[0])
        return {row["Target"]["Id"]: row["TargetHealth"]["State"] for row in answer["TargetHealthDescriptions"]}

    def machines(self) -> dict[str, dict[str, str]]:
        """Return instance → tags of what EC2 says is running."""
        running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        answer = self.client("ec2").describe_instances(Filters=running)
        rows = [row for reservation in answer["Reservations"] for row in reservation["Instances"]]
        return {row["InstanceId"]: {tag["Key"]: tag["Value"] for tag in row.get("Tags", [])} for row in rows}

    def picture(self) -> dict[str, Any]:
        """Return what belongs to the service and not to a colour."""
        return {name: _settings(group) for name, group in self.groups().items()}

    def _called(self, call: Call) -> None:
        if call.reads:
            return
        self.writes.append(time.monotonic())
        document = self.document
        bare = self.leased and document.lease is None
        if sentence := "a write without a lease" if bare else unexplained(call, document, self.box.simulator):
            self.strange.append(f"{call.action}: {sentence}")

    # ---- what must be ----

    def settled(self, image: str, patience: float = 8.0) -> list[str]:
        """Return what is wrong, given ``patience`` seconds: ``image`` must serve, and nothing else be left."""
        end = time.monotonic() + patience
        while (found := self._unsettled(image)) and time.monotonic() < end:
            time.sleep(0.1)
        return [*found, *self._record_wrong(), *self._told_wrong(image)]

    def _unsettled(self, image: str) -> list[str]:
        groups, health, machines = self.groups(), self.health(), self.machines()
        serving = [name for name in PAIR if any(i["InstanceId"] in health for i in groups[name]["Instances"])]
        if len(serving) != 1:
            return [f"{' and '.join(serving) or 'nobody'} serves"]
        return [*_serving_wrong(groups[serving[0]], health, image), *_left(groups, health, machines, serving[0])] + [
            f"left different: {name} {settings}"
            for name, settings in self.picture().items()
            if self.before not in (self.picture(), _swapped(self.picture()))
        ]

    def _record_wrong(self) -> Iterator[str]:
        document, files = self.document, {path.name for path in self.store.directory.glob("*")}
        if document.release is not None:
            yield f"the {document.release.goal} of {document.release.image} is still open"
        if document.lease is not None:
            yield f"the lease is not free: {document.lease.why}"
        if strange := files - {"web.json", "web.lock", "web.events"}:
            yield f"left beside the record: {sorted(strange)}"

    def _told_wrong(self, image: str) -> Iterator[str]:
        """What ``status`` says otherwise than AWS."""
        run = self.done("status", "web")
        if run.status != 0:
            yield f"status ended with {run.status}: {run.said}"
            return
        (told,) = run.events[-1]["services"]
        groups, health = self.groups(), self.health()
        (live,) = [name for name in PAIR if groups[name]["Instances"]]
        wanted = {"state": "idle", "live": [live], "parked": [], "release": None, "lease": None, "troubles": []}
        wanted["groups"] = [_described(groups[name], health) for name in sorted(PAIR, key=lambda name: name != live)]
        told["groups"] = [_of_those(group, wanted["groups"][0]) for group in told["groups"]]
        for key, value in wanted.items():
            if told[key] != value:
                yield f"status says {key} {told[key]}, AWS says {value}"


def _of_those(group: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a group, and of its instances, what AWS tells, too."""
    rows = [{key: row[key] for key in ("id", "state", "health")} for row in group["instances"]]
    return {**{key: group[key] for key in wanted}, "instances": rows}


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    suspended = sorted(process["ProcessName"] for process in group["SuspendedProcesses"])
    return {"min": group["MinSize"], "max": group["MaxSize"], "suspended": suspended, "tags": sorted(_tags(group))}


def _tags(group: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in group["Tags"]}


def _swapped(picture: Mapping[str, Any]) -> dict[str, Any]:
    return {BLUE: picture[GREEN], GREEN: picture[BLUE]}


def _serving_wrong(live: Mapping[str, Any], health: Mapping[str, str], image: str) -> Iterator[str]:
    """What is wrong with the group that serves."""
    states = {i["InstanceId"]: (i["LifecycleState"], health.get(i["InstanceId"])) for i in live["Instances"]}
    if set(states.values()) != {("InService", "healthy")} or len(states) != live["DesiredCapacity"]:
        yield f"{live['AutoScalingGroupName']} wants {live['DesiredCapacity']}: {states}"
    if (named := _tags(live)["image"]) != image:
        yield f"{live['AutoScalingGroupName']} serves {named}, not {image}"


def _left(
    groups: Mapping[str, Any], health: Mapping[str, str], machines: Mapping[str, Any], live: str
) -> Iterator[str]:
    """What should not be there."""
    members = {i["InstanceId"] for i in groups[live]["Instances"]}
    if strange := set(machines) - members:
        yield f"runs outside of {live}: {sorted(strange)}"
    if strange := set(health) - members:
        yield f"in the load balancer, and not in {live}: {sorted(strange)}"
    if marked := [machine for machine, tags in machines.items() if MARK in tags]:
        yield f"still marked: {marked}"
    for name, group in groups.items():
        if name != live and group["Instances"]:
            yield f"{name} still has {[i['LifecycleState'] for i in group['Instances']]}"
        if told := [key for key in _tags(group) if key.startswith("bluegreen:")]:
            yield f"{name} still has the tags {told}"


def _described(group: Mapping[str, Any], health: Mapping[str, str]) -> dict[str, Any]:
    """Return what AWS says of a group in the words of ``status``."""
    rows = [(i["InstanceId"], i["LifecycleState"], health.get(i["InstanceId"], "unused")) for i in group["Instances"]]
    return {
        "name": group["AutoScalingGroupName"],
        "image": _tags(group).get("image"),
        "min": group["MinSize"],
        "max": group["MaxSize"],
        "desired": group["DesiredCapacity"],
        "suspended": sorted(process["ProcessName"] for process in group["SuspendedProcesses"]),
        "healthy": sum(state == "InService" and verdict == "healthy" for _, state, verdict in rows),
        "instances": [{"id": name, "state": state, "health": verdict} for name, state, verdict in rows],
    }


# ---- one for each process ----


@contextlib.contextmanager
def opened(state: str = "") -> Iterator[Ground]:
    """Yield a ground of one's own, with two instances of v1; nothing is left of it.

    It drains for longer than the longest request of the load lasts, as everybody's balancer has to.
    """
    with (
        Sandbox(instances=2, boot=0.4, drain=DRAIN, interval=0.1) as box,
        tempfile.TemporaryDirectory(prefix="bluegreen-battery-") as folder,
    ):
        yield Ground(box, Path(folder), state)


@define(eq=False)
class Keeper:
    """Keeps one ground from one case to the next."""

    _kept: contextlib.ExitStack = field(factory=contextlib.ExitStack)
    _ground: Ground | None = None
    _lock: threading.RLock = field(factory=threading.RLock)
    _timer: threading.Timer | None = None

    @contextlib.contextmanager
    def lent(self) -> Iterator[Ground]:
        """Yield the ground; it is given up when an error comes, and when nobody has come back for a while."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._ground is None:
                self._ground = self._kept.enter_context(opened())
            try:
                yield self._ground
            except BaseException:
                self.close()
                raise
            self._timer = threading.Timer(IDLE, self.close)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Give the ground up; a case that is on it is waited for."""
        with self._lock:
            self._ground = None
            self._kept.close()


KEEPER = Keeper()
atexit.register(KEEPER.close)

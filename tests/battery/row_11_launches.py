"""no capacity, quota, bad template, bad image, image that dies after the switch, alarm in the bake

Each before any instance comes up, and with room for some; on each size and kind of balancer.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from bluegreen.simulator.ec2.faults import NO_CAPACITY, NO_IMAGE, NO_QUOTA
from tests.battery.rows import Scale
from tests.battery.stage import BALANCERS, ROLLED_BACK, Stage, opened
from tests.battery.telling import Watching
from tests.battery.trials import alarm, at_door, once
from tests.support.virtual import BLUE, GREEN, Pair

MUST = "old keeps or regains the traffic, before the progress deadline"
SIZES = (1, 2, 3, 5)
PROGRESS = 90.0
CRASHES_AFTER = 45.0
BAKE = 120.0
FOREVER = {"capacity": NO_CAPACITY, "quota": NO_QUOTA, "template": NO_IMAGE}
REASONS = {
    "capacity": "InsufficientInstanceCapacity",
    "quota": "vCPU",
    "template": "does not exist",
    "image": "healthy",
    "crash": "healthy",
    "alarm": "alarm web-5xx is in ALARM",
}


@define
class Regained:
    """Notes how long fewer than ``needed`` instances served after the switch."""

    needed: int
    worst: float = 0.0
    since: float | None = None

    def look(self, stage: Stage) -> None:
        """See who serves."""
        if stage.judge.watch.healthy >= self.needed:
            self.since = None
            return
        self.since = stage.now if self.since is None else self.since
        self.worst = max(self.worst, stage.now - self.since)

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """See who serves, at each call."""
        self.look(stage)


def cases(scale: Scale) -> list[str]:
    """Return each fault on each size and kind of balancer."""
    keys = [
        f"{fault}-{room}-{size}-{balancers}-{seed}"
        for fault in REASONS
        for size in SIZES
        for room in (("none", "some") if fault in FOREVER and size > 1 else ("none",))
        for balancers in BALANCERS
        for seed in range(4)
    ]
    return scale.some(keys, 60)


def run(key: str, watch: Watching = None) -> list[str]:
    """Deploy what cannot come up or does not last; it must be taken back, and say why."""
    fault, room, size, balancers, seed = key.split("-")
    stage = ready(fault, int(size), balancers, int(seed), watch)
    if fault == "alarm":
        at_door(stage, "moved", lambda one: fires_later(one, 10.0 * (int(seed) + 1)))
    if fault in FOREVER:
        refuse(stage, fault, int(size) // 2 if room == "some" else 0)
    regained = Regained(int(size))
    stage.strikes.append(regained)
    began = stage.now
    told = stage.run("deploy", {"image": "bad-2", "crash": "crash-2"}.get(fault, "v2"))
    return wrong(stage, fault, told, stage.now - began, regained.worst) + stage.verdict("v1")


def wrong(stage: Stage, fault: str, told: Any, took: float, worst: float) -> list[str]:
    """Return what is wrong with how the deployment ended."""
    found = []
    if told.status != ROLLED_BACK:
        found.append(f"ended with {told.status}: {told.sentence}")
    if REASONS[fault] not in told.sentence:
        found.append(f"the reason does not name {REASONS[fault]}: {told.sentence}")
    if worst > PROGRESS:
        found.append(f"{worst:.0f} s with too few instances")
    if fault not in ("crash", "alarm") and took > 2 * PROGRESS + 60:
        found.append(f"it took {took:.0f} s")
    return found


def ready(fault: str, size: int, balancers: str, seed: int, watch: Watching = None) -> Stage:
    """Return a stage, on which instances that crash by themselves are no fault of the tool's."""
    tool = {"look_every": 2.0, "progress_deadline": PROGRESS, "deadline": 900.0, "bake": BAKE}
    checks = {"HealthCheckType": "ELB" if seed % 2 else "EC2", "HealthCheckGracePeriod": 60}
    if fault == "alarm":
        tool["alarms"] = ("web-5xx",)
    stage = opened(watch, seed=seed, size=size, balancers=balancers, tool=tool, **checks)
    alarm(stage, "OK")
    if fault == "crash":
        stage.pair.sim.body.crash_after = CRASHES_AFTER  # type: ignore[attr-defined]
        stage.judge.watch.excused = crashed
    return stage


def fires_later(stage: Stage, seconds: float) -> None:
    """Let the alarm fire so many seconds from now."""
    at = stage.now + seconds
    once(stage, lambda *_: stage.now > at, lambda one: alarm(one, "ALARM"))


def refuse(stage: Stage, fault: str, room: int) -> None:
    """Let all launches but the first ``room`` ones fail; what old has to replace, it can."""
    if room == 0:
        stage.pair.sim.fail_launches(GREEN, FOREVER[fault])
        return
    stage.strikes.append(Shut(room, FOREVER[fault]))


@define
class Shut:
    """Lets launches fail once ``room`` new instances exist."""

    room: int
    message: str

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Let the rest of the launches fail, right before they are asked for."""
        if side == "before" and getattr(what, "operation", "") == "UpdateAutoScalingGroup":
            stage.pair.sim.launches.failures.setdefault(GREEN, Later(self.room, self.message))  # type: ignore[arg-type]


@define
class Later:
    """A launch failure that lets the first ``room`` launches through."""

    room: int
    message: str

    def strikes(self, _: float) -> bool:
        """Whether this launch fails."""
        self.room -= 1
        return self.room < 0


def crashed(pair: Pair) -> int:
    """Return how many instances ran an image that crashes: those are not the tool's doing."""
    images = pair.sim.body.images.values()  # type: ignore[attr-defined]
    serving = len(pair.sim.healthy(BLUE))
    return 0 if serving else sum((image or "").startswith("crash-") for image in images)

"""Seconds with autoscaling off in one deployment, beside two ways that people use, watched in the sandbox."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bluegreen.sandbox import Sandbox
from bluegreen.simulator import tracking
from tests.naive.trial import BLUE, CALM, GREEN, Fleet, bluegreen

SCALING = ["AlarmNotification", "ScheduledActions"]
FROZEN = [*SCALING, "AZRebalance"]
TARGET = 3000.0
"""Requests per target and minute, for a policy that has nothing to do; it is there to be at work, or not."""


@define
class Observer:
    """Notes at every change in the sandbox which groups have both alarms and schedules at work."""

    box: Sandbox
    found: list[tuple[float, frozenset[str]]] = field(factory=list)

    def look(self) -> None:
        groups = self.box.simulator.groups.values()
        armed = frozenset(group.name for group in groups if not group.suspends(*SCALING))
        if not self.found or self.found[-1][1] != armed:
            self.found.append((time.monotonic(), armed))

    def lasted(self, count: int, begin: float, end: float) -> float:
        """Return for how many seconds between two times so many groups were at work."""
        ends = [at for at, _ in self.found[1:]] + [end]
        spans = [(at, until) for (at, armed), until in zip(self.found, ends, strict=True) if len(armed) == count]
        return sum(max(0.0, min(until, end) - max(at, begin)) for at, until in spans)


@define
class Trial:
    """One deployment of v2 in a sandbox of its own."""

    fleet: Fleet
    folder: Path
    bake: float

    def bluegreen(self) -> None:
        """The command line."""
        pace = ("--bake", f"{self.bake:g}s", "--progress-deadline", "600s")
        bluegreen(self.fleet, self.folder, "deploy", "web", "v2", *pace)

    def freezing(self) -> None:
        """Freeze the live group first, resume on the new one last."""
        self._processes("suspend", BLUE, FROZEN)
        self._bring_up()
        self._park()
        time.sleep(self.bake)
        self._processes("resume", GREEN, SCALING)

    def suspending(self) -> None:
        """Suspend the live group's scaling only while its instances move to Standby."""
        self._bring_up()
        self._processes("suspend", BLUE, SCALING)
        self._park()
        self._processes("resume", GREEN, SCALING)
        time.sleep(self.bake)

    def _bring_up(self) -> None:
        self.fleet.launch()
        patience = self.fleet.box.boot + 60
        self.fleet.until(lambda: len(self.fleet.healthy(GREEN)) == self.fleet.box.instances, patience)

    def _park(self) -> None:
        old = self.fleet.members(BLUE)
        group = {"AutoScalingGroupName": BLUE}
        self.fleet.scaling.update_auto_scaling_group(**group, MinSize=0)
        self.fleet.scaling.enter_standby(**group, InstanceIds=old, ShouldDecrementDesiredCapacity=True)
        patience = self.fleet.box.drain + 60
        self.fleet.until(lambda: len(self.fleet.members(BLUE, "Standby")) == len(old), patience)

    def _processes(self, verb: str, group: str, names: Sequence[str]) -> None:
        change = getattr(self.fleet.scaling, f"{verb}_processes")
        change(AutoScalingGroupName=group, ScalingProcesses=list(names))


@frozen
class Found:
    """One deployment: its seconds, those with no group at work and those with both, and the requests that it lost."""

    took: float
    off: float
    both: float
    sent: int
    lost: int


WAYS: dict[str, Callable[[Trial], None]] = {
    "bluegreen": Trial.bluegreen,
    "freezing": Trial.freezing,
    "suspending": Trial.suspending,
}


def measured(way: Callable[[Trial], None], bake: float, settings: dict[str, Any]) -> Found:
    """Deploy once in ``way``, under load, in a sandbox of its own."""
    policies = [tracking("requests", TARGET)]
    with tempfile.TemporaryDirectory() as folder, Sandbox(policies=policies, **settings) as box:
        observer, load = Observer(box), box.load(rate=60)
        observer.look()
        box.simulator.on_event(observer.look)
        time.sleep(CALM)
        begin = time.monotonic()
        way(Trial(Fleet(box), Path(folder), bake))
        end = time.monotonic()
        count = load.stop()
        off, both = observer.lasted(0, begin, end), observer.lasted(2, begin, end)
    return Found(end - begin, off, both, count.sent, count.failed)


def row(name: str, found: Sequence[Found]) -> str:
    """Return a way's line: medians, and what all of its deployments lost."""
    took, off, both = (statistics.median(getattr(each, key) for each in found) for key in ("took", "off", "both"))
    most = max(each.off for each in found)
    lost = f"{sum(each.lost for each in found)} of {sum(each.sent for each in found)}"
    return f"  {name:<14}{took:8.2f} s{off:9.2f} s{most:9.2f} s{100 * off / took:8.0f} %{both:9.3f} s{lost:>14}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="deployments in each way (3)")
    parser.add_argument("--instances", type=int, default=3, help="how many serve (3)")
    parser.add_argument("--boot", type=float, default=2.0, help="seconds (2)")
    parser.add_argument("--drain", type=int, default=5, help="seconds (5)")
    parser.add_argument("--interval", type=float, default=0.5, help="seconds between health checks (0.5)")
    parser.add_argument("--bake", type=float, default=1.0, help="seconds (1)")
    return parser.parse_args()


def main() -> None:
    settings = vars(arguments())
    times, bake = settings.pop("times"), settings.pop("bake")
    told = ", ".join(f"{key} {settings[key]:g} s" for key in ("boot", "drain", "interval"))
    found: dict[str, list[Found]] = {name: [] for name in WAYS}
    for _ in range(times):
        for name, way in WAYS.items():
            found[name].append(measured(way, bake, settings))
    print(f"Sandbox on this machine, not AWS: {settings['instances']} instances, {told}, bake {bake:g} s.")
    print(
        "Off: neither group has both AlarmNotification and ScheduledActions at work. Medians of",
        times,
        "deployments each.",
    )
    print(f"  {'':<14}{'it took':>10}{'off':>11}{'at most':>11}{'of it':>10}{'both on':>11}{'lost':>14}")
    for name in WAYS:
        print(row(name, found[name]))
    print(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

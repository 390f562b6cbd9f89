"""Seconds that deploy and rollback take beyond boot, health checks, proof and drain, measured in the sandbox."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.processes import python_path, stranger_free

WITHIN = 0.5
DEPLOY, AFTER, DURING, WHOLE = (
    "deploy",
    "rollback after the drain, until old serves alone",
    "rollback 0.5 s after the switch, until old serves alone",
    "rollback after the drain, until all is as before",
)


@frozen
class Run:
    """One command: POSIX seconds of its start and end, and of each milestone."""

    began: float
    ended: float
    milestones: dict[str, float]

    def until(self, milestone: str) -> float:
        """Return the seconds from the command's start to ``milestone``."""
        return self.milestones[milestone] - self.began


@define
class Bench:
    """One sandbox and what was measured in it: seconds, by name."""

    box: Sandbox
    folder: Path
    found: dict[str, list[float]] = field(factory=lambda: defaultdict(list))
    images: int = 1

    def cycle(self) -> None:
        """Deploy, roll back after the drain; deploy, roll back within it."""
        deployed = self.deploy()
        self.found[DEPLOY].append(deployed.ended - deployed.began)
        self.await_parked()
        back = self.run("rollback", "web")
        self.found[AFTER].append(back.until("back"))
        self.found[WHOLE].append(back.ended - back.began)
        deployed = self.deploy()
        self.found[DEPLOY].append(deployed.ended - deployed.began)
        time.sleep(max(0.0, deployed.milestones["moved"] + WITHIN - time.time()))
        self.found[DURING].append(self.run("rollback", "web").until("back"))

    def deploy(self) -> Run:
        """Deploy another version, without a bake."""
        self.images += 1
        return self.run("deploy", "web", f"v{self.images}", "--bake", "0s", "--progress-deadline", "60s")

    def run(self, *argv: str) -> Run:
        """Run the command line; whatever does not end well ends the measurement."""
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-P", "-m", "bluegreen", *argv, "--output", "json"],
            cwd=self.folder,
            env={**stranger_free(os.environ), **self.box.environment(), **python_path()},
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            sys.exit(f"{' '.join(argv)} ended with {done.returncode}: {done.stderr}{done.stdout[-500:]}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return Run(began, time.time(), {e["milestone"]: e["at"] for e in lines if e.get("kind") == "reached"})

    def await_parked(self) -> None:
        """Wait until every old instance has been drained and stands in Standby."""
        end = time.monotonic() + self.box.drain + 20
        while any(state != "Standby" for state in self.box.simulator.states("web-blue").values()):
            if time.monotonic() > end:
                sys.exit("the old instances did not reach Standby")
            time.sleep(0.1)

    def floors(self) -> dict[str, float]:
        """Return what nobody can hurry, in seconds."""
        needed = self.box.threshold if self.box.balancer == "classic" else 1
        checks = needed * self.box.interval
        proven = self.box.boot + checks + self.box.timing.proof
        return {DEPLOY: proven, AFTER: checks, DURING: checks, WHOLE: checks + self.box.drain}


@contextlib.contextmanager
def bench(**settings: Any) -> Iterator[Bench]:
    """Yield a bench with a sandbox of its own."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(**settings) as box:
        box.write_configuration(Path(folder))
        yield Bench(box, Path(folder))


def report(title: str, measured: Bench) -> None:
    """Print a line for each measurement: the floor, what it took, and both their difference and their ratio."""
    print(f"\n{title:<57} floor     min  median     max   above  ratio")
    for name, floor in measured.floors().items():
        took = measured.found[name]
        middle = statistics.median(took)
        figures = "".join(f"{value:6.2f} s" for value in (floor, min(took), middle, max(took), middle - floor))
        print(f"  {name:<54}{figures}{middle / floor:6.1f}x")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--balancer", choices=("target-group", "classic"), help="one only; both if not given")
    parser.add_argument("--times", type=int, default=3, help="cycles on each balancer (3)")
    parser.add_argument("--instances", type=int, default=3, help="how many serve (3)")
    parser.add_argument("--boot", type=float, default=2.0, help="seconds (2)")
    parser.add_argument("--drain", type=float, default=10.0, help="seconds (10)")
    parser.add_argument("--interval", type=float, default=0.5, help="seconds between health checks (0.5)")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    settings = {name: getattr(given, name) for name in ("instances", "boot", "drain", "interval")}
    print(f"In a sandbox on this machine, not AWS; {given.times} cycles on each balancer, {settings}.")
    for balancer in [given.balancer] if given.balancer else ["target-group", "classic"]:
        with bench(balancer=balancer, **settings) as measured:
            for _ in range(given.times):
                measured.cycle()
        report(balancer, measured)
        print(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

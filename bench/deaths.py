"""A hundred thousand requests through two balancers that disagree, while versions come, go, fail and die."""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import define, field, frozen

from bluegreen.demo.ledger import silent
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.processes import python_path, stranger_free
from bluegreen.sandbox.traffic import Sent, Traffic

CALM = 2.0
"""Seconds of load before the first command and after the last, longer than the longest request."""
DIES = "deploy crash-…"


@frozen
class Act:
    """One command, what it is called in the table, and how it must end."""

    name: str
    argv: tuple[str, ...]
    status: int = 0


@frozen
class Played:
    """An act as it went, in POSIX seconds."""

    act: Act
    began: float
    ended: float
    status: int


def story(number: int, impatience: float) -> Sequence[Act]:
    """Return one round; the images of each round are others."""
    impatient = ("--progress-deadline", f"{impatience:g}s")
    return (
        Act("deploy v…", ("deploy", "web", f"v{number}")),
        Act("rollback", ("rollback", "web")),
        Act("deploy late-…", ("deploy", "web", f"late-{number}")),
        Act("finish", ("finish", "web", "--yes")),
        Act("deploy half-…", ("deploy", "web", f"half-{number}", *impatient), 3),
        Act(DIES, ("deploy", "web", f"crash-{number}", *impatient), 3),
        Act("cleanup", ("cleanup", "web")),
    )


@define
class Bench:
    """A sandbox, a load on each of its balancers, and what was played."""

    box: Sandbox
    folder: Path
    loads: Sequence[Traffic]
    played: list[Played] = field(factory=list)

    def play(self, wanted: int, impatience: float) -> None:
        """Play whole rounds until so many requests were sent; stop after an act that ended otherwise than it must."""
        time.sleep(CALM)
        for act in itertools.chain.from_iterable(self._rounds(wanted, impatience)):
            self.played.append(self._run(act))
            if self.played[-1].status != act.status:
                break
        time.sleep(CALM)

    def _rounds(self, wanted: int, impatience: float) -> Iterator[Sequence[Act]]:
        for number in itertools.count(2):
            yield story(number, impatience)
            sent = sum(load.count().sent for load in self.loads)
            print(f"  round {number - 1}: {sent} requests sent", flush=True)
            if sent >= wanted:
                return

    def _run(self, act: Act) -> Played:
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-P", "-m", "bluegreen", *act.argv],
            cwd=self.folder,
            env={**stranger_free(os.environ), **self.box.environment(), **python_path()},
            capture_output=True,
            text=True,
        )
        if done.returncode != act.status:
            print(f"{' '.join(act.argv)} ended with {done.returncode}, not {act.status}:\n{done.stderr}")
        return Played(act, began, time.time(), done.returncode)


@frozen
class Line:
    """What became of the requests that one balancer was sent in all acts of a name."""

    sent: int
    lost: int
    cut: int
    silent: int
    longest: float
    reasons: tuple[str, ...]


def line(played: Sequence[Played], name: str, requests: Iterable[Sent]) -> Line:
    """Return a line; a request belongs to the act in which it was sent."""
    shares = [[r for r in requests if p.began <= r.at < p.ended] for p in played if p.act.name == name]
    found = [request for share in shares for request in share]
    return Line(
        len(found),
        sum(request.lost for request in found),
        sum(request.cut for request in found),
        sum(silent(share, share[0].at) for share in shares if share),
        max((request.took for request in found), default=0.0),
        tuple(f"{request.reason} at {request.target or 'no target'}" for request in found if request.lost),
    )


def report(bench: Bench, requests: Sequence[Sequence[Sent]]) -> bool:
    """Print the table, and return whether everything was as promised."""
    names = list(dict.fromkeys(played.act.name for played in bench.played))
    well = all(played.status == played.act.status for played in bench.played)
    print(f"\n  {'':<16}{'balancer':>10}{'sent':>9}{'lost':>7}{'cut':>7}{'silent':>8}{'longest':>10}  exit")
    for name in names:
        statuses = ", ".join(map(str, sorted({p.status for p in bench.played if p.act.name == name})))
        for number, each in enumerate(requests):
            row = line(bench.played, name, each)
            well &= not row.lost and not row.silent and (name == DIES or not row.cut)
            figures = f"{row.sent:9}{row.lost:7}{row.cut:7}{row.silent:8}{row.longest:8.2f} s"
            print(f"  {name:<16}{number:>10}{figures}  {statuses}")
            for reason in row.reasons[:5]:
                print(f"      lost: {reason}")
    return well & sums(bench, requests)


def sums(bench: Bench, requests: Sequence[Sequence[Sent]]) -> bool:
    """Print what holds for the whole, what was sent between the acts included; return whether nothing was lost."""
    every = [request for each in requests for request in each]
    deaths = bench.box.body.deaths()
    late = [known - death.at for death in deaths for known in death.known.values()]
    lost, cut = sum(request.lost for request in every), sum(request.cut for request in every)
    print(
        f"\n{len(every)} requests: {lost} lost, {cut} cut with one of {len(deaths)} instances that died by themselves;"
    )
    print(f"their balancers knew {min(late, default=0.0):.2f} to {max(late, default=0.0):.2f} s later.")
    return not lost and bool(cut)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="sent in all, at least (100000)")
    parser.add_argument("--rate", type=float, default=130, help="requests a second through each balancer (130)")
    parser.add_argument("--balancers", default="target-group,target-group", help="their kinds (two target groups)")
    parser.add_argument("--instances", type=int, default=3, help="how many serve (3)")
    parser.add_argument("--boot", type=float, default=1.5, help="seconds (1.5)")
    parser.add_argument("--drain", type=int, default=2, help="seconds (2)")
    parser.add_argument("--interval", type=float, default=0.25, help="seconds between health checks (0.25)")
    parser.add_argument("--impatience", type=float, default=12.0, help="seconds until a bad version is given up (12)")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    first, *beside = given.balancers.split(",")
    times = {name: getattr(given, name) for name in ("instances", "boot", "drain", "interval")}
    print(f"In a sandbox on this machine, not AWS: {given.balancers}; {times}.")
    with tempfile.TemporaryDirectory() as folder, Sandbox(balancer=first, beside=beside, **times) as box:
        box.write_configuration(Path(folder), progress_deadline="60s")
        loads = [box.load(given.rate, balancer=number) for number in range(1 + len(beside))]
        bench = Bench(box, Path(folder), loads)
        bench.play(given.requests, given.impatience)
        for load in loads:
            load.stop()
        well = report(bench, [load.requests() for load in loads])
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())

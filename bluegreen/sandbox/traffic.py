"""Load that runs beside a sandbox, and what its report says so far."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from bluegreen.errors import Unreachable
from bluegreen.sandbox.deaths import Death, unforeseen
from bluegreen.sandbox.processes import Processes


@frozen
class Count:
    """What became of the requests of a stretch of time."""

    sent: int = 0
    ok: int = 0
    failed: int = 0
    versions: Counter[str] = field(factory=Counter)
    reasons: Counter[str] = field(factory=Counter)


@frozen
class Sent:
    """One request: when it was sent (POSIX seconds), how long it took, who answered, or else why it failed.

    ``target`` is what the balancer had chosen for one that failed; ``cut`` is whether that had died and the balancer
    could not know yet (see ``deaths``). What failed and was not cut is lost.
    """

    at: float
    took: float
    version: str
    reason: str = ""
    target: str = ""
    cut: bool = False

    @property
    def lost(self) -> bool:
        """Whether it failed for no other reason than how the instances were exchanged."""
        return bool(self.reason) and not self.cut


@define(eq=False)
class Traffic:
    """A load generator in a process of its own; ``path`` is its report, a JSON object a line.

    ``balancer`` is the key of the one that it sends to, ``deaths`` says which instances have died by themselves.
    """

    processes: Processes
    name: str
    path: Path
    balancer: str = ""
    deaths: Callable[[], Sequence[Death]] = lambda: ()
    _last: list[dict[str, Any]] = field(factory=list, init=False)

    def seconds(self) -> list[dict[str, Any]]:
        """Return what was reported so far, an object for each second; kept after the sandbox has gone."""
        if self.path.exists():
            whole, _, _ = self.path.read_text().rpartition("\n")
            self._last = [json.loads(line) for line in whole.split("\n") if line.startswith("{")]
        return self._last

    def count(self, since: float = 0.0, until: float = float("inf")) -> Count:
        """Return the counts of the seconds that were reported between two POSIX times."""
        return total(row for row in self.seconds() if since <= row["at"] < until)

    def requests(self) -> list[Sent]:
        """Return every request that was answered or lost so far."""
        deaths = self.deaths()
        return [self._judged(Sent(*request), deaths) for row in self.seconds() for request in row["each"]]

    def failures(self) -> list[Sent]:
        """Return every request that failed so far."""
        deaths = self.deaths()
        failed = (Sent(*request) for row in self.seconds() for request in row["each"] if request[3])
        return [self._judged(request, deaths) for request in failed]

    def _judged(self, request: Sent, deaths: Sequence[Death]) -> Sent:
        ended = request.at + request.took
        if request.reason and unforeseen(request.target, request.at, ended, self.balancer, deaths):
            return evolve(request, cut=True)
        return request

    def stop(self, patience: float = 20.0) -> Count:
        """Send nothing more, wait for the missing answers, and return all counts."""
        self.processes.kill(self.name, signal.SIGTERM)
        if not self.processes.wait(self.name, patience):
            raise Unreachable(
                f"the load did not end within {patience:g} s",
                "start the sandbox again; see whether the machine is busy",
            )
        return self.count()


def total(rows: Iterable[dict[str, Any]]) -> Count:
    """Return the sum of reported seconds."""
    rows = list(rows)
    versions: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for row in rows:
        versions.update(row["versions"])
        reasons.update(failure["reason"] for failure in row["failures"])
    sent, ok, failed = (sum(row[name] for row in rows) for name in ("sent", "ok", "failed"))
    return Count(sent, ok, failed, versions, reasons)

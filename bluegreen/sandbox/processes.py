"""The sandbox's end of the supervisor's pipe: start a process, kill it, know when it ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from bluegreen.errors import Unreachable

_PACKAGES = str(Path(__file__).parents[2])


def python_path() -> dict[str, str]:
    """Return the environment in which a child finds this very package, wherever it runs from."""
    others = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [_PACKAGES, others]))}


def stranger_free(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the user's own AWS settings and proxies: instances know nothing of them."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }


@define(eq=False)
class Processes:
    """The processes of one sandbox. They live in the supervisor's care, and die with this process at the latest.

    ``ended`` has the exit status of each that has ended (a signal's number is negative), ``ended_at`` when, in POSIX
    seconds.
    """

    folder: Path
    processes: dict[str, int] = field(factory=dict, init=False)
    ended: dict[str, int] = field(factory=dict, init=False)
    ended_at: dict[str, float] = field(factory=dict, init=False)
    _supervisor: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _ready: threading.Event = field(factory=threading.Event, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def start(self) -> None:
        """Start the supervisor; returns when it obeys."""
        self._supervisor = subprocess.Popen(
            [sys.executable, "-P", "-m", "bluegreen.sandbox.supervisor", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**stranger_free(os.environ), **python_path()},
            start_new_session=True,
        )
        threading.Thread(target=self._hear, name="sandbox-supervisor", daemon=True).start()
        if not self._ready.wait(20):
            raise Unreachable(
                "the sandbox's supervisor did not start", "start the sandbox again; see whether the machine is busy"
            )

    def machine(self, specification: Mapping[str, Any]) -> None:
        """Fork an instance; ``specification`` holds the fields of ``Machine``."""
        name = str(specification["instance_id"])
        self._order(do="machine", name=name, log=f"{name}.log", machine=dict(specification))

    def program(self, name: str, argv: Sequence[str], log: str) -> None:
        """Start a program; what it writes goes to the file ``log`` in the run folder."""
        self._order(do="program", name=name, log=log, argv=list(argv), environment=python_path())

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to the process group called ``name``; unknown names are ignored."""
        self._order(do="kill", name=name, signal=int(number))

    def wait(self, name: str, seconds: float) -> bool:
        """Wait until the process ``name`` has ended; say whether it has."""
        end = time.monotonic() + seconds
        while name not in self.ended and time.monotonic() < end:
            time.sleep(0.01)
        return name in self.ended

    def stop(self) -> None:
        """End the pipe, and wait until the supervisor has killed everything and removed the run folder."""
        supervisor = self._supervisor
        if supervisor is None or supervisor.stdin is None:
            return
        with self._lock:
            supervisor.stdin.close()
        try:
            supervisor.wait(10)
        except subprocess.TimeoutExpired:
            supervisor.kill()

    def _order(self, **order: Any) -> None:
        supervisor = self._supervisor
        with self._lock:
            if supervisor is None or supervisor.stdin is None or supervisor.stdin.closed:
                return
            try:
                supervisor.stdin.write(json.dumps(order).encode() + b"\n")
                supervisor.stdin.flush()
            except BrokenPipeError as error:
                raise Unreachable("the sandbox's supervisor is gone", "start the sandbox again") from error

    def _hear(self) -> None:
        assert self._supervisor is not None
        assert self._supervisor.stdout is not None
        for line in self._supervisor.stdout:
            words = json.loads(line)
            if "ready" in words:
                self.processes["supervisor"] = words["ready"]
                self._ready.set()
            elif "started" in words:
                self.processes[words["started"]] = words["process"]
            else:
                self.ended_at[words["ended"]] = words["at"]
                self.ended[words["ended"]] = words["status"]
        self.ended["supervisor"] = self._supervisor.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

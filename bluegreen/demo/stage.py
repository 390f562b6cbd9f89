"""Plays the story: the real command line, a process for each act, while load runs through the sandbox."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from attrs import define

from bluegreen.demo.ledger import Played
from bluegreen.demo.scene import Observer, Scene
from bluegreen.demo.story import LINGER, USUAL, Act, Times
from bluegreen.errors import Unreachable
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.processes import python_path, stranger_free

TICK = 0.25
PATIENCE = 90.0
"""Seconds after which an act is ended; it counts as failed then."""

_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[\d:]+Z ")


class Show(Protocol):
    """Whoever watches: a terminal's picture, or lines."""

    def begin(self, act: Act) -> None:
        """Take note that ``act`` is played now."""

    def say(self, sentence: str) -> None:
        """Take note of what the tool said."""

    def see(self, scene: Scene) -> None:
        """Take note of what the groups look like."""

    def end(self, played: Played) -> None:
        """Take note of how an act ended."""


@define
class Stage:
    """A sandbox under load, the folder with its configuration, and who watches."""

    box: Sandbox
    folder: Path
    times: Times
    observer: Observer
    show: Show

    def play(self, acts: Sequence[Act]) -> list[Played]:
        """Play one act after the other; stop after one that ended otherwise than it should."""
        played: list[Played] = []
        for act in (each.given(self.patience(played)) for each in acts):
            self.show.begin(act)
            played.append(self._act(act))
            self.show.end(played[-1])
            if played[-1].status != act.status:
                break
        return played

    def patience(self, played: Sequence[Played]) -> float:
        """Return the seconds for which a bad version is waited for: longer where good ones took longer than usual."""
        deploys = [each for each in played if "proof" in each.act.needs]
        slow = min((each.ended - each.began - each.act.least(self.times) for each in deploys), default=0.0)
        return self.times.patience + max(0.0, slow - USUAL)

    def _act(self, act: Act) -> Played:
        began = time.time()
        status = self._command(act) if act.argv else self._linger()
        return Played(act, began, time.time(), status)

    def _linger(self) -> int:
        end = time.monotonic() + LINGER
        while time.monotonic() < end:
            self._look()
            time.sleep(TICK)
        return 0

    def _command(self, act: Act) -> int | None:
        with self._started(act.argv) as process:
            said = _listen(process)
            end = time.monotonic() + PATIENCE
            while process.poll() is None and time.monotonic() < end:
                self._tell(said)
                self._look()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(TICK)
            status = process.poll()
        self._tell(said)
        return status

    @contextlib.contextmanager
    def _started(self, argv: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "bluegreen", *argv],
            cwd=self.folder,
            env={**stranger_free(os.environ), **self.box.environment(), **python_path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            _end(process)

    def _look(self) -> None:
        if broken := self.box.broken() or next(iter(self.box.faults), ""):
            raise Unreachable(broken, "run the demonstration again")
        self.show.see(self.observer.scene())

    def _tell(self, said: queue.SimpleQueue[str]) -> None:
        while not said.empty():
            self.show.say(_STAMP.sub("", said.get()))


def _listen(process: subprocess.Popen[str]) -> queue.SimpleQueue[str]:
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(process.stdout, said), name="demo-ear", daemon=True).start()
    return said


def _pump(stream: IO[str], said: queue.SimpleQueue[str]) -> None:
    for line in stream:
        said.put(line.rstrip())


def _end(process: subprocess.Popen[str]) -> None:
    """Let a command that still runs stop at a safe point, and end it when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""Real processes of ``bluegreen``: read line by line, and struck at a moment."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

LAUNCH = """
import fcntl, os, signal, sys, termios
shape, *argv = sys.argv[1:]
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
if shape == "terminal":
    fcntl.ioctl(0, termios.TIOCSCTTY)
for number in (1, 2):
    if shape == "devfull":
        os.dup2(os.open("/dev/full", os.O_WRONLY), number)
    if shape == "shut":
        os.close(number)
os.execv(sys.executable, [sys.executable, "-P", "-m", "bluegreen", *argv])
"""
"""Begins ``bluegreen`` with signals as a shell leaves them, whatever is ignored here, and with its shape's outputs."""

PIPE, TERMINAL, SHUT, DEVFULL = "pipe", "terminal", "shut", "devfull"
"""What stdout and stderr are: a pipe that is read, a terminal, closed from the beginning, a disk that is full."""

LONGEST = 150.0
"""Seconds after which a process counts as stuck."""

SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT, "hup": signal.SIGHUP}


@define(eq=False, kw_only=True)
class Run:
    """One process; ``said`` is what it wrote to stdout and stderr so far. Times are monotonic seconds."""

    argv: Sequence[str]
    process: subprocess.Popen[bytes]
    shape: str = PIPE
    said: str = ""
    begun: float = field(factory=time.monotonic)
    struck: float = 0.0
    ended: float = 0.0
    _end: int = -1

    @property
    def status(self) -> int:
        """Its exit status as a shell shows it: 128 and the number of the signal that ended it."""
        number = self.process.returncode
        return 128 - number if number < 0 else number

    @property
    def took(self) -> float:
        """How long it lasted after it was struck, or in all, in seconds."""
        return self.ended - (self.struck or self.begun)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it told as JSON so far."""
        return [json.loads(line) for line in self.said.split("\n")[:-1] if line.startswith("{")]

    @property
    def result(self) -> dict[str, Any]:
        """How it said that it ended; empty when it did not."""
        found = [event for event in self.events if event["schema"].startswith("bluegreen.result/")]
        return found[-1] if found else {}

    @property
    def over(self) -> bool:
        """Whether the process has ended."""
        if self.process.poll() is None:
            return False
        self.ended = self.ended or time.monotonic()
        return True

    def announced(self) -> int:
        """Return how many writes to AWS it has announced."""
        return sum(event.get("kind") == "acting" for event in self.events)

    def passed(self, milestone: str) -> bool:
        """Whether it has told that it reached ``milestone``."""
        return any(event.get("milestone") == milestone for event in self.events)

    def until(self, holds: Callable[[], bool], seconds: float = LONGEST) -> bool:
        """Read along until ``holds``, or until the process has ended; return whether it holds and still runs."""
        end = time.monotonic() + seconds
        while not self.over and not holds():
            self._read(0.02)
            if time.monotonic() > end:
                return False
        return not self.over

    def strike(self, kind: str, gap: float = 0.0) -> None:
        """Let ``kind`` happen to it now; ``gap`` is the time between two signals in seconds, or where a disk ends."""
        self.struck = time.monotonic()
        match kind:
            case "twice":
                self.process.send_signal(signal.SIGINT)
                time.sleep(gap)
                self.process.send_signal(signal.SIGINT)
            case "stopped":
                self.process.send_signal(signal.SIGSTOP)
                time.sleep(gap)
                self.process.send_signal(signal.SIGCONT)
            case "gone":
                self._leave()
            case "hangup":
                self._leave()
            case "typed":
                os.write(self._end, b"\x03")
            case "full":
                fill_the_disk(self.process.pid, int(gap * 1000))
            case _:
                self.process.send_signal(SIGNALS[kind])

    def end(self, seconds: float = LONGEST) -> int:
        """Wait for its end and return its status; raise ``TimeoutError`` when it is stuck."""
        if not self.over and self.until(lambda: False, seconds):
            self.process.kill()
            self.process.wait()
            raise TimeoutError(f"{' '.join(self.argv)} did not end within {seconds:.0f} s: {self.said[-500:]}")
        self._read(0.0)
        self._leave()
        return self.status

    def _read(self, seconds: float) -> None:
        """Read what there is; wait for it for ``seconds`` at most."""
        while self._end >= 0 and select.select([self._end], [], [], seconds)[0]:
            data = b""
            with contextlib.suppress(OSError):  # a terminal whose other side is gone
                data = os.read(self._end, 65536)
            self.said += data.decode(errors="replace").replace("\r\n", "\n")
            if not data:
                self._leave()
            seconds = 0.0
        if self._end < 0 and seconds:
            time.sleep(seconds)

    def _leave(self) -> None:
        """Read no more: the pipe is broken now, the terminal gone."""
        if self._end >= 0:
            os.close(self._end)
            self._end = -1


def start(argv: Sequence[str], folder: Path, environment: Mapping[str, str], shape: str = PIPE) -> Run:
    """Start ``bluegreen`` with ``argv`` in ``folder``, in a session of its own."""
    ours, theirs = pty.openpty() if shape == TERMINAL else os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LAUNCH, shape, *argv],
        cwd=folder,
        env={**environment, "TERM": "xterm"},
        stdin=theirs if shape == TERMINAL else subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return Run(argv=argv, process=process, shape=shape, end=ours)


def end_all(*runs: Run) -> tuple[int, ...]:
    """Read along until all of them have ended, and return their statuses."""
    while not all(run.over for run in runs):
        for run in runs:
            run.until(lambda: False, 0.01)
    return tuple(run.end() for run in runs)


def fill_the_disk(process: int, room: int = 0) -> None:
    """Let no file of ``process`` grow beyond ``room`` bytes: to it the disk is full (EFBIG), to nobody else."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))


def left_running(run: Run) -> bool:
    """Whether anything of its session is left."""
    try:
        os.killpg(run.process.pid, 0)
    except ProcessLookupError:
        return False
    return True

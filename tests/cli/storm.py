"""Processes of ``bluegreen`` that get signals at any instant, while somebody reads what they say, slowly or not yet."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from attrs import define, field, frozen

from bluegreen.record.file import FileStore
from tests.support.records import KINDS

ROOT = Path(__file__).parents[2]
LONGEST = 1.8
"""Seconds, about those of a whole run on a machine that has nothing else to do."""

NUMBERS = {"int": signal.SIGINT, "term": signal.SIGTERM, "hup": signal.SIGHUP}
READERS = ("at once", "slowly", "later")
LAUNCH = """
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-P", "-m", "tests.cli.noisy", *sys.argv[1:]])
"""
"""Begins with signals as a shell leaves them, whatever is ignored here."""


@frozen
class Blow:
    """A signal ``after`` so many seconds, again after ``gap`` if that is not 0; ``reader`` says how it is read.

    A Ctrl-C counts from the first line that is said: before it is Python that starts, and answers it by itself.
    """

    name: str
    after: float
    gap: float
    reader: str
    terminal: bool
    output: str

    @property
    def number(self) -> int:
        """The signal's number."""
        return NUMBERS[self.name]


def narrow_pipe() -> tuple[int, int]:
    """Return a pipe in which there is room for one page: whoever writes much mostly waits."""
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    return ours, theirs


def drawn(dice: random.Random) -> Blow:
    """Return a blow at any instant."""
    return Blow(
        name=dice.choice(sorted(NUMBERS)),
        after=dice.uniform(0.0, LONGEST),
        gap=dice.choice((0.0, 0.0, dice.uniform(0.0, 0.1))),
        reader=dice.choice(READERS),
        terminal=dice.random() < 0.25,
        output=dice.choice(("text", "text", "json")),
    )


@define
class Struck:
    """A process that was struck; ``said`` is what it wrote to stderr."""

    blow: Blow
    folder: Path
    said: bytes = b""
    status: int = 0
    _first: threading.Event = field(factory=threading.Event)
    _struck: threading.Event = field(factory=threading.Event)

    def run(self) -> Struck:
        """Let it happen."""
        ours, theirs = pty.openpty() if self.blow.terminal else narrow_pipe()
        words = (str(self.folder), "--output", self.blow.output, "deploy", "web", "v2")
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LAUNCH, *words],
            cwd=self.folder,
            env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": str(self.folder), "TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "out").open("wb"),
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        reader = threading.Thread(target=self._read, args=(ours,))
        reader.start()
        self._strike(process)
        self.status = process.wait(60)
        reader.join()
        return self

    def faults(self) -> list[str]:
        """Return what is wrong with how it ended."""
        number = self.blow.number
        ends = (0, -number, 130 if number == signal.SIGINT else 143)
        found = [] if self.status in ends else [f"status {self.status}"]
        found += ["a traceback"] if b"Traceback" in self.said or b"Exception ignored" in self.said else []
        found += [] if self._kept() else ["its record is broken"]
        return [f"{fault} after {self.blow}: {self.said[-3000:].decode(errors='replace')}" for fault in found]

    def _kept(self) -> bool:
        store = FileStore(self.folder / "state", KINDS)
        document, _ = store.read("web")
        releases = [] if document is None else [*document.history, document.release]
        for release in filter(None, releases):
            store.events("web", release.id)
        half_written = list(self.folder.glob("state/.*.new"))
        return not half_written or self.blow.gap > 0 or self.status < 0

    def _strike(self, process: subprocess.Popen[bytes]) -> None:
        if self.blow.name == "int":
            self._first.wait(30)
        for seconds in (self.blow.after, self.blow.gap):
            if seconds:
                time.sleep(seconds)
                process.send_signal(self.blow.number)
        self._struck.set()

    def _read(self, handle: int) -> None:
        with contextlib.suppress(OSError):  # a terminal whose other side is gone
            while data := os.read(handle, 1000 if self.blow.reader == "slowly" else 65536):
                self.said += data
                self._first.set()
                if self.blow.reader == "slowly":
                    time.sleep(0.01)
                if self.blow.reader == "later" and not self._struck.is_set():
                    self._struck.wait()
                    time.sleep(0.3)
        os.close(handle)

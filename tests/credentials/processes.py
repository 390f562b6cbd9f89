"""Real processes of the command line, with a home of their own, with and without a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

from attrs import field, frozen

ROOT = Path(__file__).parents[2]


@frozen
class Place:
    """A home for processes, and their variables."""

    home: Path
    more: dict[str, str] = field(factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables: nothing of this machine's AWS, no metadata service, an empty home."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "ap-northeast-2",
            "AWS_DEFAULT_REGION": "ap-northeast-2",
            **self.more,
            **more,
        }

    def run(self, *words: str, piped: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command line without a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "bluegreen", *words],
            input=piped,
            capture_output=True,
            text=True,
            env=self.environment(**more),
            cwd=self.home,
            check=False,
            timeout=60,
        )


def on_terminal(place: Place, *words: str, typed: tuple[str, ...] = (), **more: str) -> tuple[int, str]:
    """Run the command line on a terminal, type a line whenever it has asked, and return its status and the screen."""
    process, screen = pty.fork()
    if process == 0:
        os.chdir(place.home)
        arguments = [sys.executable, "-m", "bluegreen", *words]
        os.execve(sys.executable, arguments, place.environment(**more))
    seen, lines = "", list(typed)
    while True:
        ready, _, _ = select.select([screen], [], [], 30)
        chunk = _read(screen) if ready else b""
        if not chunk:
            break
        seen += chunk.decode()
        if lines and seen.endswith(": "):
            os.write(screen, lines.pop(0).encode() + b"\n")
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), seen


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:
        return b""

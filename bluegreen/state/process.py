"""Which process holds a lease, and whether it is still alive, as far as this machine can tell.

A process is named by its machine's boot, its process namespace, its number and its start, so that neither a reboot,
nor a container, nor a number used again is taken for it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from pathlib import Path

from attrs import frozen


@frozen
class Process:
    """A process; ``host`` and ``started`` are opaque texts that are compared and nothing else."""

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """Return the process that asks."""
    return Process(_host(), os.getpid(), _started(os.getpid()) or "")


def known_dead(process: Process) -> bool:
    """Whether ``process`` ran here and has ended; false when that cannot be told."""
    if not process.started or process.host != _host():
        return False
    return _started(process.pid) != process.started


def _host() -> str:
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(parts)


def _started(pid: int) -> str | None:
    """Return when ``pid`` began, or ``None`` when there is no such process (proc(5): field 22 of ``stat``)."""
    if not Path("/proc/self/stat").exists():
        return _started_by_ps(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _started_by_ps(pid: int) -> str | None:
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None

"""Which process holds a lease, and whether it is still alive, as far as this machine can tell.

A process is named by its machine's boot, its process namespace, its number and its start, so that neither a reboot,
nor a container, nor a number used again is taken for it. Only Linux tells all of these; elsewhere nobody is known to be
dead, and a lease runs out.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from attrs import frozen

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_REAPED = "reaped"


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
    if not process.started or process.host != _host() or not _BOOT.exists():
        return False
    if _gone(process.pid):
        return True
    started = _started(process.pid)
    return started is not None and started != process.started


def _host() -> str:
    parts = [socket.gethostname()]
    try:
        parts.append(_BOOT.read_text().strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    except OSError:
        pass
    return " ".join(parts)


def _gone(pid: int) -> bool:
    """Whether there is no process of this number (kill(2): ESRCH); one of another user's is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _started(pid: int) -> str | None:
    """Return when ``pid`` began, ``None`` when that cannot be read (proc(5): field 22 of ``stat``).

    One that has ended and was not waited for yet began at another time than any that lives.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return _REAPED if fields[0] in "ZX" else fields[19]

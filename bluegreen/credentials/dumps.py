"""No core dump of a process that holds secrets: neither a file, nor a pipe to a program of the system's."""

from __future__ import annotations

import contextlib

PR_SET_DUMPABLE = 4


def undumpable() -> None:
    """Let nothing of this process be dumped, nor of those that it starts to a file.

    A program that the kernel pipes dumps to gets them whatever the limit says (core(5)), but none of a process that is
    not dumpable (prctl(2)), which nobody else without privileges can look into either. Where a system knows neither,
    nothing is done.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)

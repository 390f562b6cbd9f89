"""In every Python process of the test: tells what processes are started, and with what; crashes where it is told to.

``CANARY_WATCH`` names the file that it writes to. ``CANARY_CRASH`` is ``EVENT|NEEDLE|FILE``: at that audit event,
with that word among its arguments, an error is raised that quotes the content of FILE.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

WATCHED = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}
BUSY: list[str] = []


def tell(event: str, arguments: tuple[Any, ...]) -> None:
    """Write down a start: the arguments, and all variables."""
    given = next((one for one in arguments if isinstance(one, dict)), None)
    started = {"event": event, "what": repr(arguments), "environment": dict(os.environ if given is None else given)}
    with open(os.environ["CANARY_WATCH"], "a", encoding="utf-8") as file:
        file.write(repr(started) + "\n")


def crash(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail once, in words that no error should have."""
    kind, needle, place = os.environ["CANARY_CRASH"].split("|")
    if event == kind and needle in repr(arguments):
        words = Path(place).read_text(encoding="utf-8")
        del os.environ["CANARY_CRASH"]
        raise RuntimeError(f"crashed at {event} with {words}")


def hear(event: str, arguments: tuple[Any, ...]) -> None:
    """Be told of everything that happens in this process (sys.addaudithook)."""
    if BUSY:
        return
    BUSY.append(event)
    try:
        if event in WATCHED:
            tell(event, arguments)
        if "CANARY_CRASH" in os.environ:
            crash(event, arguments)
    finally:
        BUSY.clear()


if "CANARY_WATCH" in os.environ:
    sys.addaudithook(hear)

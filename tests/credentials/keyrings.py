"""Keyrings for real processes, named to the library by ``PYTHON_KEYRING_BACKEND``.

One is held in the memory of the test's own process and asked through a socket; the others cannot be had.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

PLACE = "BLUEGREEN_TEST_KEYRING"


class Served(KeyringBackend):
    """Asks the test's process; tells it, too, with which arguments and variables it was started."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        found: str | None = self._ask("get", service)
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask("put", service, password)

    def delete_password(self, service: str, username: str) -> None:
        self._ask("remove", service)

    def _ask(self, verb: str, service: str, secret: str = "") -> Any:
        arguments = Path("/proc/self/cmdline").read_text(encoding="utf-8")
        started = {"arguments": arguments, "environment": dict(os.environ)}
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(os.environ[PLACE])
            line.sendall(json.dumps([verb, service, secret, started]).encode() + b"\n")
            return json.loads(line.makefile().readline())


class Hanging(Served):
    """A desktop that asks a question which nobody answers."""

    def _ask(self, verb: str, service: str, secret: str = "") -> Any:
        time.sleep(3600)


class Slow(Served):
    """A desktop whose question is answered after a while."""

    def _ask(self, verb: str, service: str, secret: str = "") -> Any:
        time.sleep(1.5)
        return super()._ask(verb, service, secret)


class Locked(Served):
    """A keyring that nobody has unlocked."""

    def _ask(self, verb: str, service: str, secret: str = "") -> Any:
        raise KeyringLocked(f"{service} {secret}")


class Broken(Served):
    """A keyring that fails, and quotes what it was given."""

    def _ask(self, verb: str, service: str, secret: str = "") -> Any:
        raise RuntimeError(f"{service} {secret}")


class Forgetful(Served):
    """A keyring that takes everything and keeps nothing."""

    def _ask(self, verb: str, service: str, secret: str = "") -> Any:
        return None


@define
class Memory:
    """What the served keyring holds, and what its callers were started with."""

    place: str
    held: dict[str, str] = field(factory=dict)
    callers: list[Any] = field(factory=list)

    def environment(self) -> dict[str, str]:
        """Return the variables with which a process uses this keyring."""
        return {"PYTHON_KEYRING_BACKEND": f"{__name__}.Served", PLACE: self.place}

    def answer(self, verb: str, service: str, secret: str, started: Any) -> str | None:
        """Do as a keyring does."""
        self.callers.append(started)
        if verb == "put":
            self.held[service] = secret
        return self.held.pop(service, None) if verb == "remove" else self.held.get(service)


@contextmanager
def serving(place: Path) -> Iterator[Memory]:
    """Serve a keyring at a socket."""
    memory = Memory(str(place))
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(memory.place)
        door.listen(16)
        threading.Thread(target=_serve, args=(door, memory), daemon=True).start()
        yield memory
        door.shutdown(socket.SHUT_RDWR)


def _serve(door: socket.socket, memory: Memory) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line:
            asked = json.loads(line.makefile().readline())
            line.sendall(json.dumps(memory.answer(*asked)).encode() + b"\n")

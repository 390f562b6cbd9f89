"""The ``bluegreen.toml`` with which a sandbox is deployed to, and the lines to paste in another terminal.

The file names its sandbox, so that it is of no use against AWS, and is locked (flock) as long as that one lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.files import any_folder, read_all, write_all

LONGEST = 2**20
MARK = "# Written by `bluegreen sandbox`; safe to delete."
SHOWN = 0.5
"""Seconds that pass at most until everybody sees what Envoy's checks have found, on a busy machine."""


ANSWERS = 0.5
"""Seconds in which an address on this machine accepts a connection."""


@frozen
class Timing:
    """How long the sandbox's instances take, in seconds."""

    boot: float
    interval: float
    threshold: int

    @property
    def patience(self) -> float:
        """Return how long a deployment may stand still: 4 times boot and checks, at least 14 s: machines are shared."""
        return max(14.0, 4.0 * (self.boot + self.interval * self.threshold))

    @property
    def notice(self) -> float:
        """Return how long a balancer needs to notice that an instance died: its connections are refused at once."""
        return self.interval * self.threshold

    @property
    def crash(self) -> float:
        """Return how long after its first passed check an instance of ``crash-…`` dies, unless told otherwise."""
        return self.notice

    @property
    def proof(self) -> float:
        """Return how long a new instance must stay healthy: whatever dies as ``crash-…`` does is seen dead by then."""
        return self.crash + self.notice + SHOWN


def text(records: Path, region: str, timing: Timing, endpoint: str, **changes: str) -> str:
    """Return the configuration of the sandbox at ``endpoint``; the record is kept in the folder ``records``.

    ``changes`` replace what is set here. The bake is as long as the proof: what dies in its beginning, as ``crash-…``
    does, is seen dead before its end.
    """
    settings = {
        "blue": "web-blue",
        "green": "web-green",
        "region": region,
        "image_tag_key": "image",
        "healthy_for": f"{timing.proof:g}s",
        "bake": f"{timing.proof:g}s",
        "keep_parked": "1h",
        "deadline": f"{max(120, round(timing.patience * 10))}s",
        "progress_deadline": f"{timing.patience:.0f}s",
        "stabilization": "5s",
        "look_every": "50ms",
        **changes,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    top = [MARK, f"sandbox = {json.dumps(endpoint)}", f"state = {json.dumps(f'file:{records}')}"]
    return "\n".join([*top, "", "[services.web]", *lines, ""])


@frozen
class Claim:
    """The file of one sandbox, which nobody else's sandbox writes until this is closed."""

    file: Path
    handle: int

    def write(self, body: str) -> Path:
        """Write the configuration and return the file's path."""
        os.ftruncate(self.handle, 0)
        os.lseek(self.handle, 0, os.SEEK_SET)
        write_all(self.handle, body.encode())
        return self.file

    def close(self) -> None:
        """Let the next sandbox have the file."""
        os.close(self.handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def claim(path: Path) -> Claim:
    """Take the file to write for ``path`` (a folder: ``bluegreen.toml`` in it), made where there is none.

    Raise ``Refused`` for somebody else's, and for that of a sandbox that lives.
    """
    file = _file(path)
    try:
        with any_folder(file.parent, 0o644) as folder, folder.opened(file.name, os.O_RDWR | os.O_CREAT) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            before = read_all(handle, LONGEST, file)
            if before and not before.startswith(MARK.encode()):
                raise Refused(f"{file} was not written by the sandbox and stays as it is", "choose another --directory")
            if address := _answers(before):
                sentence = f"{file} names a sandbox, and {address} answers: it lives"
                raise Refused(
                    sentence, "end that one, or choose another --directory; where it is none, remove the file"
                )
            return Claim(file, os.dup(handle))
    except BlockingIOError as error:
        raise Refused(f"{file} belongs to a living sandbox", "end that one, or choose another --directory") from error
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}", "choose another --directory") from error


def _answers(body: bytes) -> str:
    """Return the address that a sandbox's file names, where anything listens at it; otherwise nothing.

    The lock is the file's own: whatever puts another file in its place, as many editors do, leaves that without one.
    """
    named = re.search(r'^sandbox = "(http://(127\.[\d.]{5,11}):(\d{1,5}))"', body.decode(errors="replace"), re.M | re.A)
    if named is None:
        return ""
    with contextlib.suppress(OSError, OverflowError), socket.create_connection((named[2], int(named[3])), ANSWERS):
        return named[1]
    return ""


def look(path: Path) -> None:
    """Raise ``Refused`` when :func:`claim` would; nothing is made."""
    if os.path.lexists(file := _file(path)):
        claim(file).close()


def _file(path: Path) -> Path:
    return (path / "bluegreen.toml" if path.is_dir() else path).absolute()


def exports(environment: Mapping[str, str]) -> list[str]:
    """Return one shell line for each variable."""
    return [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]

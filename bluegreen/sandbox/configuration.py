"""The ``bluegreen.toml`` with which a sandbox is deployed to, and the lines to paste in another terminal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from bluegreen.errors import Refused

MARK = "# Written by `bluegreen sandbox`; safe to delete."
SHOWN = 0.5
"""Seconds that pass at most until everybody sees what Envoy's checks have found, on a busy machine."""


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


def text(records: Path, region: str, timing: Timing, **changes: str) -> str:
    """Return the configuration; the record is kept in the folder ``records``, ``changes`` replace what is set here.

    The bake is as long as the proof: what dies in its beginning, as ``crash-…`` does, is seen dead before its end.
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
        "settle": "5s",
        "look_every": "50ms",
        **changes,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    return "\n".join([MARK, f"state = {json.dumps(f'file:{records}')}", "", "[services.web]", *lines, ""])


def place(path: Path) -> Path:
    """Return the file to write for ``path`` (a folder: ``bluegreen.toml`` in it); refuses somebody else's."""
    file = (path / "bluegreen.toml" if path.is_dir() else path).absolute()
    if file.exists() and not file.read_text(errors="replace").startswith(MARK):
        raise Refused(f"{file} was not written by the sandbox and stays as it is", "choose another --directory")
    return file


def write(path: Path, records: Path, region: str, timing: Timing, **changes: str) -> Path:
    """Write the configuration to :func:`place` and return the file's path."""
    file = place(path)
    file.write_text(text(records, region, timing, **changes))
    return file


def exports(environment: Mapping[str, str]) -> list[str]:
    """Return one shell line for each variable."""
    return [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]

"""The ``bluegreen.toml`` with which a sandbox is deployed to, and the lines to paste in another terminal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from bluegreen.errors import Refused

MARK = "# Written by `bluegreen sandbox`; safe to delete."


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


def text(records: Path, region: str, timing: Timing) -> str:
    """Return the configuration; the record is kept in the folder ``records``."""
    return f"""{MARK}
state = {json.dumps(f"file:{records}")}

[services.web]
blue = "web-blue"
green = "web-green"
region = {json.dumps(region)}
image_tag_key = "image"
bake = "1s"
keep_parked = "1h"
deadline = "{max(120, round(timing.patience * 10))}s"
progress_deadline = "{timing.patience:.0f}s"
settle = "5s"
look_every = "50ms"
"""


def place(path: Path) -> Path:
    """Return the file to write for ``path`` (a folder: ``bluegreen.toml`` in it); refuses somebody else's."""
    file = (path / "bluegreen.toml" if path.is_dir() else path).absolute()
    if file.exists() and not file.read_text(errors="replace").startswith(MARK):
        raise Refused(f"{file} was not written by the sandbox and stays as it is", "choose another --directory")
    return file


def write(path: Path, records: Path, region: str, timing: Timing) -> Path:
    """Write the configuration to :func:`place` and return the file's path."""
    file = place(path)
    file.write_text(text(records, region, timing))
    return file


def exports(environment: Mapping[str, str]) -> list[str]:
    """Return one shell line for each variable."""
    return [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]

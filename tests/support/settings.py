"""``bluegreen.toml`` as the command line reads it, with every kind of target that there is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bluegreen.cli.wiring import kinds
from bluegreen.settings import configuration
from bluegreen.settings.configuration import Configuration


def parse(text: str, path: Path) -> Configuration:
    """Return what a text says; raise ``Misconfigured`` with every fault."""
    return configuration.parse(text, path, kinds())


def load(explicit: str | None, environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Configuration:
    """Read the file that is named, or found."""
    return configuration.load(explicit, kinds(), environ, directory)

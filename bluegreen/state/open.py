"""From the setting ``state`` to a store."""

from __future__ import annotations

import os
from pathlib import Path

from bluegreen.errors import Misconfigured
from bluegreen.state.store import Store

SUPPORTED = 'what is supported: "file:DIRECTORY", for example "file:~/.local/state/bluegreen"'


def open_store(url: str) -> Store:
    """Return the store that ``url`` names; raise ``Misconfigured`` when it names none. Nothing is written yet."""
    scheme, colon, rest = url.partition(":")
    if colon and scheme == "file" and rest:
        from bluegreen.state.file import FileStore

        return FileStore(_directory(rest))
    if scheme == "s3":
        raise Misconfigured(f'state = "{url}": records in S3 are not supported yet', SUPPORTED)
    raise Misconfigured(f'state = "{url}" is not a place for records', SUPPORTED)


def _directory(text: str) -> Path:
    path = "/" + text.lstrip("/") if text.startswith("//") else text
    return Path(os.path.abspath(os.path.expanduser(path)))

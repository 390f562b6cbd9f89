"""The version that an instance was born with, kept across a reboot: the group's tag may have changed since.

The file names the instance, so that an image of a disk that holds one says nothing to another instance. It is no
secret (0644), and it is replaced as a whole: whoever is killed leaves the old one or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from bluegreen.errors import Misconfigured
from bluegreen.image import valid

SCHEMA = "bluegreen.image-cache/1"
LONGEST = 65536


def load(path: Path) -> dict[str, Any] | None:
    """Return what was kept, ``None`` when there is nothing; raise ValueError for a file that is no such thing."""
    try:
        with path.open("rb") as file:
            kept = json.loads(file.read(LONGEST))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(f"the cache {path} cannot be read: {error.strerror}", "see to its permissions") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(kept, dict) or kept.get("schema") != SCHEMA or not _formed(kept):
        raise ValueError(f"no {SCHEMA}")
    return kept


def _formed(kept: dict[str, Any]) -> bool:
    version, region, group = (kept.get(name) for name in ("version", "region", "group"))
    return isinstance(version, str) and valid(version) and isinstance(region, str) and isinstance(group, str | None)


def keep(path: Path, fields: dict[str, Any]) -> None:
    """Write ``fields``, durably and at once; makes the folder; raise Misconfigured when that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps({"schema": SCHEMA, **fields}).encode() + b"\n")
    except OSError as error:
        hint = "name a file on a disk that this user may write"
        raise Misconfigured(f"the cache {path} cannot be written: {error.strerror}", hint) from error


def _replace(path: Path, data: bytes) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(handle, 0o644)
            os.fsync(handle)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

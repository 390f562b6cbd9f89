"""The version that an instance was born with, kept across a reboot: the group's tag may have changed since.

The file names the instance, so that an image of a disk that holds one says nothing to another instance. It is no
secret (0644), and it is replaced as a whole: whoever is killed leaves the old one or the new one. Only a regular file
of one's own is believed or replaced, in a folder from which nobody else can take it (:mod:`bluegreen.files`).
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from bluegreen.errors import Misconfigured
from bluegreen.files import Unfit, any_folder, make_folders, refuse_loose
from bluegreen.image import valid
from bluegreen.instance.metadata import REGION
from bluegreen.words import is_plain

SCHEMA = "bluegreen.image-cache/1"
LONGEST = 65536
MODE = 0o644


def load(path: Path) -> dict[str, Any] | None:
    """Return what was kept, ``None`` when there is nothing; raise ValueError for a file that is no such thing."""
    try:
        body = _body(path)
        kept = None if body is None else json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if body is None:
        return None
    if not isinstance(kept, dict) or kept.get("schema") != SCHEMA or not _formed(kept):
        raise ValueError(f"no {SCHEMA}")
    return kept


def _body(path: Path) -> bytes | None:
    try:
        with any_folder(path.parent, MODE) as folder:
            refuse_loose(folder)
            return folder.read(path.name, LONGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(f"the cache {path} cannot be read: {error.strerror}", "see to its permissions") from error
    except Unfit as error:
        raise Misconfigured(f"the cache cannot be read: {error.message}", error.hint) from error


def _formed(kept: dict[str, Any]) -> bool:
    version, region, group = (kept.get(name) for name in ("version", "region", "group"))
    if not isinstance(version, str) or not isinstance(region, str) or not isinstance(group, str | None):
        return False
    return valid(version) and bool(REGION.fullmatch(region)) and is_plain(group or "")


def keep(path: Path, fields: dict[str, Any]) -> None:
    """Write ``fields``, durably and at once; makes the folder; raise Misconfigured when that is not possible."""
    body = json.dumps({"schema": SCHEMA, **fields}).encode() + b"\n"
    try:
        make_folders(path.parent, 0o755)
        with any_folder(path.parent, MODE) as folder:
            refuse_loose(folder)
            folder.replace(path.name, body, f".{path.name}-{secrets.token_hex(8)}")
    except OSError as error:
        hint = "name a file on a disk that this user may write"
        raise Misconfigured(f"the cache {path} cannot be written: {error.strerror}", hint) from error
    except Unfit as error:
        raise Misconfigured(f"the cache cannot be written: {error.message}", error.hint) from error

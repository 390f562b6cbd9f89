"""From the setting ``state`` to a store."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bluegreen.errors import Misconfigured
from bluegreen.files import Homeless, at_home
from bluegreen.flow.kinds import Kinds
from bluegreen.ranges import printable
from bluegreen.record.store import Store
from bluegreen.words import shown

LONGEST = 1024
"""Characters of the place of the records."""

SUPPORTED = (
    'what is supported: "file:DIRECTORY", for example "file:~/.local/state/bluegreen", '
    'and "s3://BUCKET/PREFIX", for example "s3://our-records/bluegreen"'
)

_OF_RECORDS = "such as `--state file:/var/lib/bluegreen`: every run of a service needs the same"

_BUCKET = re.compile(r"(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]", re.ASCII)
_RESERVED = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()=-]+(?:/[A-Za-z0-9!_.*'()=-]+)*", re.ASCII)
_LONGEST_PREFIX = 400  # of the 1024 bytes of a key


def open_store(url: str, kinds: Kinds) -> Store:
    """Return the store that ``url`` names; raise ``Misconfigured`` when it names none. Nothing is written yet.

    Its records tell of releases of ``kinds``.
    """
    if url and not printable(url, LONGEST):
        raise Misconfigured(f"state = {shown(url)} is not a place for records", SUPPORTED)
    scheme, colon, rest = url.partition(":")
    if colon and scheme == "file" and rest:
        from bluegreen.record.file import FileStore

        return FileStore(_directory(rest), kinds)
    if colon and scheme == "s3":
        return _in_bucket(url, kinds)
    raise Misconfigured(f'state = "{url}" is not a place for records', SUPPORTED)


def _directory(text: str) -> Path:
    path = "/" + text.lstrip("/") if text.startswith("//") else text
    try:
        return Path(os.path.abspath(at_home(path)))
    except Homeless as error:
        raise Misconfigured(f'state = "file:{text}": {error.message}', f"{error.hint}, {_OF_RECORDS}") from error
    except OSError as error:
        raise Misconfigured(
            f'state = "file:{text}": the working directory: {error.strerror}', f"write the whole path, {_OF_RECORDS}"
        ) from error


def _in_bucket(url: str, kinds: Kinds) -> Store:
    from bluegreen.record.bucket import Bucket
    from bluegreen.record.s3 import S3Store

    name, _, prefix = url.removeprefix("s3://").partition("/")
    prefix = prefix.removesuffix("/")
    if trouble := _unfit(name, prefix):
        raise Misconfigured(f'state = "{url}": {trouble}', SUPPORTED)
    return S3Store(Bucket(name, f"{prefix}/" if prefix else ""), kinds)


def _unfit(name: str, prefix: str) -> str:
    """Return what is wrong with the place, or nothing [S3 User Guide, "general purpose bucket naming rules"]."""
    if not _BUCKET.fullmatch(name) or name.endswith(_RESERVED):
        return f'"{name}" is no name of a general purpose bucket'
    if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
        return f'"{prefix}" is no prefix: letters, digits and ! - _ . * \' ( ) =, with single slashes between'
    return "" if len(prefix) <= _LONGEST_PREFIX else f"the prefix is longer than {_LONGEST_PREFIX} characters"

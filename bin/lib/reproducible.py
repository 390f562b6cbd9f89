"""setuptools' build backend, but a wheel is the same whatever the umask, the checkout's modes and the time.

Modes and times are those of the files on the disk otherwise, so that a wheel that root built under a careful umask
could be read by root alone, and no two could be compared.
"""

from __future__ import annotations

import os
import zipfile
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

MODE = 0o100644
TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip archive can say."""


def build_wheel(folder: str, settings: Any = None, metadata: Any = None) -> str:
    """Build the wheel as setuptools does, and write it anew with the same mode and time for every file."""
    name = build_meta.build_wheel(folder, settings, metadata)
    path = os.path.join(folder, name)
    with zipfile.ZipFile(path) as built, zipfile.ZipFile(path + ".new", "w") as fresh:
        for one in sorted(built.namelist(), key=lambda entry: (".dist-info/" in entry, entry)):
            fresh.writestr(_plain(one), built.read(one), zipfile.ZIP_DEFLATED)
    os.replace(path + ".new", path)
    return name


def _plain(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, TIME)
    entry.external_attr = MODE << 16
    entry.create_system = 3
    return entry

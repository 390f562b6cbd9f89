"""A keyring in memory, and a home for the processes that use it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.secrets.keyrings import Memory, serving
from tests.secrets.processes import Place


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A keyring that is empty; its socket's path is short, as the kernel wants it."""
    with tempfile.TemporaryDirectory(prefix="bg-") as folder, serving(Path(folder) / "keyring") as served:
        yield served


@pytest.fixture
def place(tmp_path: Path, memory: Memory) -> Place:
    """A home whose processes use that keyring."""
    home = tmp_path / "home"
    home.mkdir()
    return Place(home, memory.environment())

"""A keyring in memory, a home for the processes that use it, and an AWS that tells whose keys it saw."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.credentials.front import Front, fronting
from tests.credentials.keyrings import Memory, serving
from tests.credentials.processes import Place


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


@pytest.fixture(scope="session")
def _front() -> Iterator[Front]:
    pytest.importorskip("moto")
    with fronting() as front:
        yield front


@pytest.fixture
def front(_front: Front) -> Front:
    """An AWS that nobody has called yet."""
    _front.signers()
    return _front

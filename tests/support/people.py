"""Other users of this machine, for what they may put in our way: numbers of root's giving, without entries anywhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ANN, BOB, MALLORY = 61001, 61002, 61003
TEAM = 61900

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be several users")


@pytest.fixture
def ground() -> Iterator[Path]:
    """Return a folder that every user can get into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="bluegreen-ground-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def shared(folder: Path) -> Path:
    """Make ``folder`` as docs/configuration.md says: ``install -d -m 2770 -g GROUP``."""
    folder.mkdir()
    os.chown(folder, 0, TEAM)
    folder.chmod(0o2770)
    return folder


def doing(user: int, act: Callable[[], object], *groups: int) -> str:
    """Return ``act``'s result, or its error with its sentence, as text; another user does it, in a process."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.setgroups(groups)
        os.setgid(user)
        os.setuid(user)
        try:
            said = str(act())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said

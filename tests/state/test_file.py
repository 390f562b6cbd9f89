"""The directory of records: private, whole at every instant, and clear about what is wrong with the place."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from bluegreen.errors import Denied, Unreachable
from bluegreen.state.document import Document
from bluegreen.state.file import FileStore
from bluegreen.state.store import Conflict

ROUNDS = 20
EMPTY = Document(service="web")


def _compete(directory: Path, barrier: Barrier, won: multiprocessing.Queue[int]) -> None:
    store = FileStore(directory)
    for number in range(ROUNDS):
        barrier.wait()
        _, version = store.read("web")
        barrier.wait()
        try:
            store.write("web", EMPTY, version)
            won.put(number)
        except Conflict:
            continue


def test_one_winner_among_processes(tmp_path: Path) -> None:
    """Of several processes that write over the same version exactly one succeeds, in every round."""
    context = multiprocessing.get_context("spawn")
    barrier, won = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_compete, args=(tmp_path, barrier, won)) for _ in range(4)]
    for process in processes:
        process.start()
    rounds = sorted(won.get(timeout=60) for _ in range(ROUNDS))
    for process in processes:
        process.join(60)
    assert (list(range(ROUNDS)), True) == (rounds, won.empty())


def test_private(tmp_path: Path) -> None:
    """Only the owner reads what is kept, whatever the umask."""
    before = os.umask(0)
    try:
        FileStore(tmp_path / "state").write("web", EMPTY, None)
    finally:
        os.umask(before)
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (tmp_path / "state").iterdir()}
    assert ("0o700", {"web.json": "0o600", "web.lock": "0o600"}) == (
        oct(stat.S_IMODE((tmp_path / "state").stat().st_mode)),
        modes,
    )


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A place that is not a directory is named, with the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable) as caught:
        FileStore(tmp_path / "file" / "state").write("web", EMPTY, None)
    assert f"cannot write the records in {tmp_path}/file/state: Not a directory" == caught.value.message


@pytest.mark.skipif(os.getuid() == 0, reason="everything is allowed to root")
def test_a_place_without_permission(tmp_path: Path) -> None:
    """A directory that is not ours to write to is a missing permission."""
    tmp_path.chmod(0o500)
    with pytest.raises(Denied) as caught:
        FileStore(tmp_path).write("web", EMPTY, None)
    assert f"cannot write the records in {tmp_path}: Permission denied" == caught.value.message


def test_no_room_keeps_the_old(tmp_path: Path) -> None:
    """When the new record does not fit, the old one stays whole and the sentence says why."""
    store = FileStore(tmp_path)
    version = store.write("web", EMPTY, None)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
    try:
        with pytest.raises(Unreachable) as caught:
            store.write("web", Document(service="web", epoch=1), version)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (f"cannot write the records in {tmp_path}: File too large", (EMPTY, version)) == (
        caught.value.message,
        store.read("web"),
    )


KILLED = """
import sys
from pathlib import Path
from bluegreen.state.document import Document
from bluegreen.state.file import FileStore
store, version = FileStore(Path(sys.argv[1])), None
_, version = store.read("web")
for epoch in range(10**9):
    version = store.write("web", Document(service="web", epoch=epoch), version)
    print(flush=True)
"""


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """Whoever is killed while writing leaves a whole record, and the next one can write."""
    for number in range(5):
        writer = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.003 * number)
        writer.kill()
        writer.communicate()
        store = FileStore(tmp_path)
        document, version = store.read("web")
        assert document is not None
        store.write("web", document, version)
    assert {"web.json", "web.lock"} == {path.name for path in tmp_path.iterdir()}

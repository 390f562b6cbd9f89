"""The directory of records: private, whole at every instant, and clear about what is wrong with the place."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen.errors import Denied, Unreachable, Unrecorded
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore, explained
from tests.support.records import KINDS

EMPTY = Document(service="web")
RELEASE = "web:1"


def test_private(tmp_path: Path) -> None:
    """Only the owner reads what is kept, whatever the umask."""
    before = os.umask(0)
    try:
        store = FileStore(tmp_path / "state", KINDS)
        store.write("web", EMPTY, None)
        store.append("web", RELEASE, "{}")
    finally:
        os.umask(before)
    found = {str(path.relative_to(tmp_path)): oct(stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.rglob("*")}
    assert {
        "state": "0o700",
        "state/web.json": "0o600",
        "state/web.lock": "0o600",
        "state/web.events": "0o700",
        "state/web.events/web%3A1.jsonl": "0o600",
    } == found


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A place that is not a directory is named, with the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(Unrecorded) as caught:
        FileStore(tmp_path / "file" / "state", KINDS).write("web", EMPTY, None)
    assert f"cannot write the records in {tmp_path}/file/state: Not a directory" == caught.value.message


@pytest.mark.skipif(os.getuid() == 0, reason="everything is allowed to root")
def test_a_place_without_permission(tmp_path: Path) -> None:
    """A directory that is not ours to write to is a missing permission."""
    tmp_path.chmod(0o500)
    with pytest.raises(Denied) as caught:
        FileStore(tmp_path, KINDS).write("web", EMPTY, None)
    assert f"cannot write the records in {tmp_path}: Permission denied" == caught.value.message


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow longer than ``size`` bytes."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)


def test_no_room_keeps_the_old(tmp_path: Path) -> None:
    """When the new record does not fit, the old one stays whole, nothing is left over, and the sentence says why."""
    store = FileStore(tmp_path, KINDS)
    version = store.write("web", EMPTY, None)
    with files_of_at_most(10), pytest.raises(Unrecorded) as caught:
        store.write("web", Document(service="web", epoch=1), version)
    assert (
        f"cannot write the records in {tmp_path}: File too large",
        "make room there, or choose another place with `state` or --state",
        (EMPTY, version),
        {"web.json", "web.lock"},
    ) == (caught.value.message, caught.value.hint, store.read("web"), {path.name for path in tmp_path.iterdir()})


def test_no_room_for_an_event(tmp_path: Path) -> None:
    """A line that does not fit leaves nothing of itself, and the next one that does stands right after the last."""
    store = FileStore(tmp_path, KINDS)
    store.write("web", EMPTY, None)
    store.append("web", RELEASE, "first")
    with files_of_at_most(10), pytest.raises(Unrecorded):
        store.append("web", RELEASE, "too long")
    size = store.events_path("web", RELEASE).stat().st_size
    store.append("web", RELEASE, "second")
    assert (6, ("first", "second")) == (size, store.events("web", RELEASE))


FULL = """
import os, sys
from pathlib import Path
from bluegreen.errors import Unrecorded
from bluegreen.record.document import Document
from bluegreen.flow.kinds import Kinds
from bluegreen.record.file import FileStore
place = Path(sys.argv[1])
store = FileStore(place, Kinds(()))
version = store.write("web", Document(service="web"), None)
store.append("web", "r", "first")
with open(place / "filler", "wb", buffering=0) as filler:
    try:
        while True:
            filler.write(bytes(4096))
    except OSError:
        pass
told = []
for act in (
    lambda: store.write("web", Document(service="web", epoch=1), version),
    lambda: store.append("web", "r", 5000 * "x"),
    lambda: store.append("web", "another", "x"),
):
    try:
        act()
    except Unrecorded as error:
        told.append(error.message)
(place / "filler").unlink()
store.append("web", "r", "second")
print((told, store.read("web") == (Document(service="web"), version), store.events("web", "r")))
print(sorted(path.name for path in place.iterdir()))
"""


def test_a_full_disk(tmp_path: Path) -> None:
    """On a disk that is full nothing is lost and nothing left over; with room again everything goes on."""
    mount = f'mount -t tmpfs -o size=64k,mode=700 none {tmp_path} && exec {sys.executable} -c "$0" {tmp_path}'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no disk of one's own to fill")
    done = subprocess.run([*command, mount, FULL], capture_output=True, text=True, check=False)
    told = [f"cannot write the records in {tmp_path}: No space left on device"] * 3
    assert f"{(told, True, ('first', 'second'))}\n['web.events', 'web.json', 'web.lock']\n" == done.stdout, done.stderr


@pytest.mark.parametrize("append", [False, True])
def test_a_folder_that_went_away(tmp_path: Path, append: bool) -> None:
    """A directory that is gone is not made anew: the record that was there is missed, and that is said."""
    store = FileStore(tmp_path / "state", KINDS)
    version = store.write("web", EMPTY, None)
    shutil.rmtree(tmp_path / "state")
    with pytest.raises(Unrecorded) as caught:
        store.append("web", RELEASE, "x") if append else store.write("web", EMPTY, version)
    assert (
        f"cannot write the records in {tmp_path}/state: No such file or directory",
        "see that the folder is there and can be written to, or choose another place with `state` or --state",
        False,
    ) == (caught.value.message, caught.value.hint, (tmp_path / "state").exists())


@pytest.mark.parametrize(
    ("number", "writing", "reading"),
    [
        *((code, Unrecorded, Unreachable) for code in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)),
        *((code, Unrecorded, Unreachable) for code in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.EROFS)),
        *((code, Denied, Denied) for code in (errno.EACCES, errno.EPERM)),
        *((code, Unreachable, Unreachable) for code in (errno.ETIMEDOUT, errno.EAGAIN, errno.ENOLCK)),
    ],
)
def test_what_an_error_means(number: int, writing: type, reading: type) -> None:
    """What waiting does not help is told from what may pass, and both from a missing permission."""
    found = [type(explained(Path("/x"), verb, OSError(number, "why"))) for verb in ("write", "read")]
    assert [writing, reading] == found


def test_a_torn_line(tmp_path: Path) -> None:
    """Wherever a crash cut the last line, the ones before it are read, and the next one follows them."""
    for cut in range(1, len("torn")):
        store, release = FileStore(tmp_path, KINDS), str(cut)
        store.write(release, EMPTY, None)
        store.append(release, release, "whole")
        with store.events_path(release, release).open("a") as file:
            file.write("torn"[:cut])
        torn = store.events(release, release)
        store.append(release, release, "next")
        assert (("whole",), ("whole", "next")) == (torn, store.events(release, release))


KILLED = """
import sys
from pathlib import Path
from bluegreen.record.document import Document
from bluegreen.flow.kinds import Kinds
from bluegreen.record.file import FileStore
store, version = FileStore(Path(sys.argv[1]), Kinds(())), None
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
        store = FileStore(tmp_path, KINDS)
        document, version = store.read("web")
        assert document is not None
        store.write("web", document, version)
    assert {"web.json", "web.lock"} == {path.name for path in tmp_path.iterdir()}


def test_a_folder_of_a_group_is_shared(tmp_path: Path) -> None:
    """Where the group may write to the folder, it may read and write what is in it; nobody else may."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    store = FileStore(shared, KINDS)
    store.write("web", Document(service="web"), None)
    store.append("web", "web:1", "{}")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in shared.rglob("*")}
    assert {"web.json": 0o660, "web.lock": 0o660, "web.events": 0o2770, "web%3A1.jsonl": 0o660} == modes


def test_a_lock_that_somebody_keeps_is_not_waited_for_long(tmp_path: Path) -> None:
    """A writer that was stopped in the middle does not hang everybody else: it is said, and tried again later."""
    store = FileStore(tmp_path, KINDS)
    version = store.write("web", Document(service="web"), None)
    handle = os.open(tmp_path / "web.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(Unreachable, match="somebody keeps them locked"):
        store.write("web", Document(service="web"), version)
    os.close(handle)
    assert store.write("web", Document(service="web"), version)

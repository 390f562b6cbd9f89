"""What another user puts where the records are: nothing is followed, waited for, changed or believed."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bluegreen.errors import BluegreenError, Refused, Status
from bluegreen.files import Folder, Unfit, folder
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from tests.support.people import ANN, BOB, MALLORY, TEAM, doing, ground, root_only, shared
from tests.support.records import KINDS

__all__ = ["ground"]

EMPTY = Document(service="web")
RELEASE = "web:1"
EVENTS = "web.events/web%3A1.jsonl"
Act = Callable[[FileStore], object]

ACTS: dict[str, tuple[str, Act]] = {
    "lock": ("web.lock", lambda store: store.write("web", Document(service="web", epoch=1), store.read("web")[1])),
    "record": ("web.json", lambda store: store.read("web")),
    "event": (EVENTS, lambda store: store.append("web", RELEASE, "{}")),
    "history": (EVENTS, lambda store: store.events("web", RELEASE)),
    "folder": ("web.events", lambda store: store.append("web", RELEASE, "{}")),
    "listing": ("web.events", lambda store: store.events("web", RELEASE)),
    "pruning": ("web.events", lambda store: store.forget("web", RELEASE)),
}
EVERY = pytest.mark.parametrize("act", ACTS)


def kept(folder: Path) -> FileStore:
    """Return a store that holds a record and an event."""
    store = FileStore(folder, KINDS)
    store.write("web", EMPTY, None)
    store.append("web", RELEASE, "{}")
    return store


def remove(path: Path) -> None:
    """Remove a file, or a folder with what is in it."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def refused(store: FileStore, act: str) -> str:
    """Do one act; return the sentence of its refusal, which is one line, with a way out."""
    with pytest.raises(BluegreenError) as caught:
        ACTS[act][1](store)
    error = caught.value
    assert (True, True, True) == (
        error.status in (Status.BLOCKED, Status.UNREACHABLE),
        bool(error.hint),
        "\n" not in error.message,
    )
    return error.message


@EVERY
@pytest.mark.parametrize("dangling", [False, True])
def test_no_link_is_followed(tmp_path: Path, act: str, dangling: bool) -> None:
    """What a link points to keeps its mode and its bytes, whichever file the link takes the place of."""
    store, mine, path = kept(tmp_path / "state"), tmp_path / "mine", tmp_path / "state" / ACTS[act][0]
    remove(path)
    path.symlink_to(mine)
    if not dangling:
        mine.write_text("secret, and no newline")
        mine.chmod(0o600)
    assert f"{path} is a symbolic link, not a" in refused(store, act)
    if dangling:
        assert not mine.exists()
    else:
        assert ("secret, and no newline", 0o600) == (mine.read_text(), stat.S_IMODE(mine.stat().st_mode))


@EVERY
def test_no_pipe_is_waited_for(tmp_path: Path, act: str) -> None:
    """A FIFO that nobody writes to, and nobody reads from, is a sentence at once."""
    store, path = kept(tmp_path), tmp_path / ACTS[act][0]
    remove(path)
    os.mkfifo(path)
    assert f"{path} is a named pipe, not a" in refused(store, act)


@root_only
@EVERY
def test_no_device_is_opened(tmp_path: Path, act: str) -> None:
    """A device that gives bytes for ever gives none."""
    store, path = kept(tmp_path), tmp_path / ACTS[act][0]
    remove(path)
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    assert f"{path} is a device, not a" in refused(store, act)


@pytest.mark.parametrize("act", ["lock", "record", "event", "history"])
def test_no_folder_is_taken_for_a_file(tmp_path: Path, act: str) -> None:
    """A directory in a file's place is named."""
    store, path = kept(tmp_path), tmp_path / ACTS[act][0]
    remove(path)
    path.mkdir()
    assert f"{path} is a directory, not a file" == refused(store, act)


@pytest.mark.parametrize("act", ["lock", "record", "event", "history"])
def test_no_second_name_is_written_to(tmp_path: Path, act: str) -> None:
    """A hard link to another file of the operator's changes nothing of that file."""
    store, mine, path = kept(tmp_path / "state"), tmp_path / "mine", tmp_path / "state" / ACTS[act][0]
    remove(path)
    mine.write_text("secret, and no newline")
    mine.chmod(0o600)
    path.hardlink_to(mine)
    assert f"{path} has 2 names" in refused(store, act)
    assert ("secret, and no newline", 0o600) == (mine.read_text(), stat.S_IMODE(mine.stat().st_mode))


@root_only
@EVERY
def test_what_belongs_to_another_user_is_refused(tmp_path: Path, act: str) -> None:
    """Whoever owns a file, or a folder, can put into it what they like: it is refused with the owner's name."""
    store, path = kept(tmp_path), tmp_path / ACTS[act][0]
    os.chown(path, MALLORY, MALLORY)
    assert f"{path} belongs to user {MALLORY}, not to you" == refused(store, act)


@EVERY
def test_what_everybody_may_write_is_refused(tmp_path: Path, act: str) -> None:
    """A mode that lets everybody write is not believed either."""
    store, path = kept(tmp_path), tmp_path / ACTS[act][0]
    path.chmod(0o777)
    assert f"everybody may write to {path}" == refused(store, act)


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_directory_that_everybody_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    """Nothing is read from such a place, and nothing kept there."""
    store, folder = kept(tmp_path), tmp_path
    folder.chmod(mode)
    with pytest.raises(Refused, match="everybody may write to"):
        store.read("web")
    with pytest.raises(Refused, match="everybody may write to"):
        store.write("other", Document(service="other"), None)
    with pytest.raises(Refused, match="everybody may write to"):
        store.services()


@root_only
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    """The owner's name and the way out are said, as git does with safe.directory."""
    store = kept(tmp_path)
    os.chown(tmp_path, MALLORY, -1)
    with pytest.raises(Refused, match=f"belongs to user {MALLORY}, not to you") as caught:
        store.read("web")
    assert f"`chown root {tmp_path}`" in caught.value.hint


@root_only
def test_a_group_that_may_write_without_being_asked_to_share_is_refused(tmp_path: Path) -> None:
    """Sharing is said with the set-group-ID bit, as documented; without it the group's right is an oversight."""
    store = kept(tmp_path)
    os.chown(tmp_path, -1, TEAM)
    tmp_path.chmod(0o770)
    with pytest.raises(Refused, match=f"group {TEAM} may write to") as caught:
        store.read("web")
    assert "chmod 2770" in caught.value.hint


def test_an_endless_record_is_not_read(tmp_path: Path) -> None:
    """A record of a gigabyte, which costs whoever planted it nothing, is refused before it fills the memory."""
    store = kept(tmp_path)
    os.truncate(store.path("web"), 2**30)
    assert "is longer than" in refused(store, "record")


def test_endless_events_are_not_read(tmp_path: Path) -> None:
    """The same for the events, whether they are read or added to."""
    store = kept(tmp_path)
    os.truncate(store.events_path("web", RELEASE), 2**30)
    assert "is longer than" in refused(store, "history")
    assert "no lines" in refused(store, "event")


def test_only_what_was_just_made_gets_a_mode(tmp_path: Path) -> None:
    """A mode that somebody has chosen stays."""
    store = kept(tmp_path)
    (tmp_path / "web.lock").chmod(0o400 | 0o200 | 0o040)
    ACTS["lock"][1](store)
    assert 0o640 == stat.S_IMODE((tmp_path / "web.lock").stat().st_mode)


def test_the_folders_above_are_private_too(tmp_path: Path) -> None:
    """Whatever the umask, nobody else may write to a folder that was made on the way."""
    before = os.umask(0)
    try:
        FileStore(tmp_path / "a" / "b" / "c", KINDS).write("web", EMPTY, None)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/b/c")]
    assert [0o700] * 3 == modes


def test_a_lock_that_was_exchanged_is_none(tmp_path: Path) -> None:
    """Whoever waits for a lock that is removed meanwhile goes for the new one: of two only one may write at a time."""
    store, lock = kept(tmp_path), tmp_path / "web.lock"
    with lock.open() as old, (tmp_path / "new").open("w") as new:
        fcntl.flock(old, fcntl.LOCK_EX)
        fcntl.flock(new, fcntl.LOCK_EX)
        writer = threading.Thread(target=lambda: ACTS["lock"][1](store))
        writer.start()
        writer.join(0.3)
        (tmp_path / "new").chmod(0o600)
        (tmp_path / "new").rename(lock)
        fcntl.flock(old, fcntl.LOCK_UN)
        writer.join(0.5)
        waits = writer.is_alive()
        fcntl.flock(new, fcntl.LOCK_UN)
    writer.join()
    found, _ = store.read("web")
    assert (True, 1) == (waits, found and found.epoch)


class Late(Folder):
    """A folder whose files are exchanged between the look at a name and its opening: what is looked at is gone."""

    def _look(self, name: str, *, missing: bool = False) -> None:
        pass


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR | os.O_CREAT])
def test_what_was_exchanged_since_it_was_looked_at_is_not_opened(tmp_path: Path, flags: int) -> None:
    """The opening itself follows no link and waits for nobody, and what came of it is looked at again."""
    (tmp_path / "mine").write_text("x")
    (tmp_path / "link").symlink_to("mine")
    (tmp_path / "second").hardlink_to(tmp_path / "mine")
    os.mkfifo(tmp_path / "pipe")
    with folder(tmp_path) as found:
        late = Late(found.path, found.handle, found.mode)
        for name, error in (("link", OSError), ("pipe", Unfit), ("second", Unfit)):
            with pytest.raises(error), late.opened(name, flags):
                raise AssertionError(f"{name} was opened")


# ---- the shared directory ----


def written(folder: Path, epoch: int) -> str:
    """Write the next record and an event; return what is there then."""
    store = FileStore(folder, KINDS)
    store.write("web", Document(service="web", epoch=epoch), store.read("web")[1])
    store.append("web", RELEASE, f'"{epoch}"')
    found = store.read("web")[0]
    return f"{found.epoch if found else None} {store.events('web', RELEASE)}"


@root_only
def test_a_directory_made_as_documented_is_shared(ground: Path) -> None:
    """Two members and root take turns; the folder is root's, and each file whoever's made it."""
    folder = shared(ground / "shared")
    said = [doing(user, lambda n=n: written(folder, n), TEAM) for n, user in enumerate((ANN, BOB, ANN), 1)]  # type: ignore[misc]
    assert ["1 ('\"1\"',)", "2 ('\"1\"', '\"2\"')", "3 ('\"1\"', '\"2\"', '\"3\"')"] == said
    assert written(folder, 4).startswith("4 ")


@root_only
def test_a_member_cannot_aim_at_the_operator(ground: Path) -> None:
    """Who is in the group gets nothing done as another member: not with the lock, not with the events."""
    folder = shared(ground / "shared")
    doing(ANN, lambda: written(folder, 1), TEAM)
    mine = ground / "authorized_keys"
    mine.write_text("ssh-rsa mine")
    mine.chmod(0o600)
    os.chown(mine, ANN, ANN)

    def aim() -> None:
        for path in (folder / "web.lock", folder / EVENTS):
            path.unlink()
            path.symlink_to(mine)

    assert "None" == doing(BOB, aim, TEAM)
    assert "is a symbolic link" in doing(ANN, lambda: FileStore(folder, KINDS).append("web", RELEASE, "x"), TEAM)
    assert "is a symbolic link" in doing(ANN, lambda: written(folder, 2), TEAM)
    assert ("ssh-rsa mine", 0o600) == (mine.read_text(), stat.S_IMODE(mine.stat().st_mode))


@root_only
@EVERY
def test_in_a_shared_directory_too_a_stranger_is_one(ground: Path, act: str) -> None:
    """Somebody who is known, and known not to be of the group, owns nothing there that is believed."""
    folder = shared(ground / "shared")
    doing(ANN, lambda: kept(folder), TEAM)
    os.chown(folder / ACTS[act][0], 65534, -1)
    assert "belongs to nobody" in doing(ANN, lambda: ACTS[act][1](FileStore(folder, KINDS)), TEAM)


@root_only
def test_a_private_group_is_nobody_else(ground: Path) -> None:
    """Another user's folder is not believed because it says that it is shared with that user's own group."""
    folder = ground / "trap"
    folder.mkdir()
    os.chown(folder, MALLORY, MALLORY)
    folder.chmod(0o2777 & ~0o002)
    assert f"belongs to user {MALLORY}" in doing(ANN, lambda: FileStore(folder, KINDS).read("web"), TEAM)

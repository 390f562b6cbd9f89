"""The file that keeps an instance's version, where somebody else has been first: it is not believed, nor replaced."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bluegreen.clock import VirtualClock
from bluegreen.errors import Misconfigured
from bluegreen.instance.finding import Asked, Found, Surroundings, find
from tests.support.people import ANN, MALLORY, doing, ground, root_only

from .fakes import Group, Known, client

__all__ = ["ground"]

STRANGE = 61_234
"""A group that nobody is in."""
REFRESH = pytest.mark.parametrize("refresh", [False, True])


def look(cache: Path, version: str = "v1", *, refresh: bool = False) -> Found:
    """Find the version on an instance whose group's tag says ``version``."""
    here = Surroundings(Known(), VirtualClock(), lambda _: client(Group(version)))
    return find(Asked(cache=cache, refresh=refresh), here)


def refused(cache: Path, *, refresh: bool) -> str:
    """Return the sentence with which the cache is refused."""
    with pytest.raises(Misconfigured) as caught:
        look(cache, refresh=refresh)
    return caught.value.message


@REFRESH
def test_a_pipe_is_not_waited_for(tmp_path: Path, refresh: bool) -> None:
    """A FIFO in the cache's place is said at once, and stays."""
    os.mkfifo(tmp_path / "image.json")
    assert f"{tmp_path}/image.json is a named pipe, not a file" in refused(tmp_path / "image.json", refresh=refresh)
    assert stat.S_ISFIFO((tmp_path / "image.json").stat().st_mode)


@root_only
@REFRESH
def test_a_device_stays_one(tmp_path: Path, refresh: bool) -> None:
    """As root, ``--cache /dev/null`` does not replace the machine's null device."""
    null = tmp_path / "null"
    os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    assert f"{null} is a device, not a file" in refused(null, refresh=refresh)
    assert stat.S_ISCHR(null.stat().st_mode)
    assert [null] == list(tmp_path.iterdir())


@REFRESH
def test_a_link_stays_one(tmp_path: Path, refresh: bool) -> None:
    """A link in the cache's place is neither followed nor replaced."""
    other, kept = tmp_path / "other", tmp_path / "image.json"
    other.write_text("mine")
    kept.symlink_to(other)
    assert f"{kept} is a symbolic link, not a file" in refused(kept, refresh=refresh)
    assert ("mine", True) == (other.read_text(), kept.is_symlink())


@root_only
@REFRESH
def test_what_another_user_planted_is_not_believed(ground: Path, refresh: bool) -> None:
    """In a folder for everybody, such as /tmp, another user's file names no version for root."""
    folder = ground / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    kept = folder / "image.json"
    assert "v666" in doing(MALLORY, lambda: look(kept, "v666"))
    assert f"{kept} belongs to user {MALLORY}, not to you" in refused(kept, refresh=refresh)
    assert MALLORY == kept.stat().st_uid


@root_only
def test_a_folder_for_everybody_holds_files_of_ones_own(ground: Path) -> None:
    """What one keeps there oneself is believed, by oneself."""
    folder = ground / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    assert "v1" in doing(ANN, lambda: look(folder / "image.json", "v1"))
    assert "cached=True" in doing(ANN, lambda: look(folder / "image.json", "v2"))


@REFRESH
@pytest.mark.parametrize(("mode", "who"), [(0o777, "everybody"), (0o772, "everybody"), (0o775, "the group ")])
def test_a_folder_from_which_others_can_take_it_is_not_used(tmp_path: Path, mode: int, who: str, refresh: bool) -> None:
    """Without the sticky bit whoever may write to a folder may put another file into the cache's place."""
    folder = tmp_path / "open"
    folder.mkdir()
    os.chown(folder, -1, STRANGE if os.geteuid() == 0 else os.getegid())
    if mode == 0o775 and os.geteuid() != 0:
        pytest.skip("only root can give a folder to another group")
    folder.chmod(mode)
    told = refused(folder / "image.json", refresh=refresh)
    assert (True, True) == (who in told, f"may write to {folder}" in told)
    assert [] == list(folder.iterdir())


@root_only
@REFRESH
def test_a_folder_of_another_user_is_not_used(ground: Path, refresh: bool) -> None:
    """Its owner may do with it what they like, sticky or not."""
    folder = ground / "theirs"
    folder.mkdir()
    os.chown(folder, MALLORY, -1)
    for mode in (0o755, 0o1777):
        folder.chmod(mode)
        told = refused(folder / "image.json", refresh=refresh)
        assert f"{folder} belongs to user {MALLORY}, not to you" in told


def test_what_everybody_may_write_is_not_believed(tmp_path: Path) -> None:
    """A file of one's own that others may write to says nothing."""
    look(tmp_path / "image.json")
    (tmp_path / "image.json").chmod(0o666)
    assert f"everybody may write to {tmp_path}/image.json" in refused(tmp_path / "image.json", refresh=False)


def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    """A gigabyte of nothing is refused before it is in memory."""
    (tmp_path / "image.json").touch(0o644)
    os.truncate(tmp_path / "image.json", 2**30)
    assert "is longer than" in refused(tmp_path / "image.json", refresh=False)


def test_folders_are_made_for_oneself_alone(tmp_path: Path) -> None:
    """Whatever the umask, nobody else may write to a folder that is made for the cache."""
    before = os.umask(0)
    try:
        look(tmp_path / "a" / "b" / "image.json")
    finally:
        os.umask(before)
    assert [0o755] * 2 == [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b")]

"""Symbolic links on the way to a directory: one's own are followed, another user's lead nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bluegreen.errors import BluegreenError
from bluegreen.files import folder
from bluegreen.instance.cache import keep, load
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from bluegreen.sandbox.configuration import claim
from tests.support.people import ANN, MALLORY, TEAM, doing, ground, root_only, shared
from tests.support.records import KINDS

__all__ = ["ground"]

FIELDS = {"version": "v1", "region": "us-east-1", "group": "web-blue"}
EMPTY = Document(service="web")

WAYS: dict[str, Callable[[Path], object]] = {
    "a record written": lambda place: FileStore(place, KINDS).write("web", EMPTY, None),
    "a record read": lambda place: FileStore(place, KINDS).read("web"),
    "an event": lambda place: FileStore(place, KINDS).append("web", "web:1", "{}"),
    "a listing": lambda place: FileStore(place, KINDS).services(),
    "a cache kept": lambda place: keep(place / "image.json", FIELDS),
    "a cache read": lambda place: load(place / "image.json"),
    "a sandbox's file": lambda place: claim(place),
}
EVERY = pytest.mark.parametrize("way", WAYS)


def led(place: Path, where: Path, whose: int) -> Path:
    """Make ``place`` a symbolic link to ``where``, of another user's."""
    place.symlink_to(where)
    os.chown(place, whose, whose, follow_symlinks=False)
    return place


@root_only
@EVERY
@pytest.mark.parametrize("below", ["", "deeper/still"])
@pytest.mark.parametrize("mode", [0o1777, 0o777, 0o2770])
def test_another_users_link_leads_nowhere(ground: Path, way: str, below: str, mode: int) -> None:
    """As root, in a directory like /tmp or in a shared one: what it leads to is neither read, changed nor added to."""
    mine, above = ground / "mine", ground / "above"
    mine.mkdir()
    (mine / "image.json").write_text("mine")
    above.mkdir()
    above.chmod(mode)
    link = led(above / "bg", mine, MALLORY)
    with pytest.raises(BluegreenError) as caught:
        WAYS[way](link / below)
    told = f"{link} is a symbolic link that belongs to user {MALLORY}: it is not followed"
    assert (True, True) == (told in caught.value.message, bool(caught.value.hint))
    assert ("mine", ["image.json"]) == ((mine / "image.json").read_text(), os.listdir(mine))


@root_only
def test_so_it_is_for_every_user(ground: Path) -> None:
    """Ann follows root's link and her own, and not a third one's; nor a member's in a directory that they share."""
    state = ground / "state"
    state.mkdir(mode=0o700)
    os.chown(state, ANN, ANN)
    team, said = shared(ground / "team"), []
    for number, (above, whose) in enumerate(((ground, 0), (ground, ANN), (ground, MALLORY), (team, MALLORY))):
        link = led(above / str(number), state, whose)
        said.append(doing(ANN, lambda link=link: FileStore(link, KINDS).services(), TEAM).partition(" is ")[0])  # type: ignore[misc]
    assert ["()", "()", f"Unfit: {ground}/2", f"Unfit: {team}/3"] == said


@root_only
@EVERY
def test_a_whole_path_needs_no_working_directory(ground: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another user, in a directory of root's that nobody else may enter, as after ``sudo -u`` (or ``runuser``)."""
    (ground / "closed").mkdir(mode=0o700)
    (state := ground / "state").mkdir(mode=0o700)
    os.chown(state, ANN, ANN)
    monkeypatch.chdir(ground / "closed")
    told = doing(ANN, lambda: WAYS[way](state))
    assert ("", False) == (told if "Error" in told or "denied" in told else "", told.startswith("Unfit"))


def test_ones_own_links_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative and absolute ones, on the way and at its end, out of the working directory as well."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    Path("one").symlink_to("two")
    Path("two").symlink_to(tmp_path / "real")
    Path("real/up").symlink_to("../real")
    FileStore(Path("one/up/../one/up/new/state"), KINDS).write("web", EMPTY, None)
    assert EMPTY == FileStore(tmp_path / "real" / "new" / "state", KINDS).read("web")[0]


def test_a_link_to_itself_has_an_end(tmp_path: Path) -> None:
    """So says the system, too."""
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OSError, match="symbolic links"), folder(tmp_path / "round"):
        raise AssertionError("it was opened")


@root_only
def test_a_directory_that_one_may_go_through_need_not_be_readable(ground: Path) -> None:
    """Others may pass it, and not list it, as many a home."""
    state = ground / "home" / "state"
    state.mkdir(parents=True)
    os.chown(state, ANN, ANN)
    (ground / "home").chmod(0o711)
    assert "()" == doing(ANN, lambda: FileStore(state, KINDS).services())

"""Places for a configuration that cannot be looked at: a directory one may not enter, no home, one that is gone.

They are ordinary: ``sudo -u`` and ``runuser`` keep the working directory and HOME, a container's user has no entry in
the table of users, and whoever works in /tmp works among links that anybody may have made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bluegreen.cli.wiring import Wiring
from bluegreen.errors import Misconfigured
from bluegreen.settings.file import is_there, locate, names_service
from tests.support.people import ANN, doing, ground, root_only
from tests.support.settings import load

__all__ = ["ground"]

PAIR = '[services.web]\nblue = "a"\ngreen = "b"\n'
LONG = "x" * 5000


def linked_to_itself(folder: Path) -> Mapping[str, str]:
    """Make a link that nobody can follow where the file is looked for first."""
    folder.mkdir()
    (folder / "bluegreen.toml").symlink_to(folder / "bluegreen.toml")
    return {}


UNSEEN: dict[str, Callable[[Path], Mapping[str, str]]] = {
    "a link to itself": linked_to_itself,
    "a long name": lambda folder: {"XDG_CONFIG_HOME": f"/{LONG}"},
    "nobody's home": lambda folder: {"XDG_CONFIG_HOME": "~nosuch/x"},
}


@pytest.mark.parametrize("way", UNSEEN)
def test_without_a_better_one_it_is_told(tmp_path: Path, way: str) -> None:
    """One sentence names the place and says why; what needs no file goes on without one."""
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "none"), **UNSEEN[way](tmp_path / "here")}
    with pytest.raises(Misconfigured) as caught:
        load(None, environ, tmp_path / "here")
    why = {"a link": "symbolic links)", "a long": "xxx... (File name too long)", "nobody": "no user nosuch)"}
    assert (True, True, True, False) == (
        caught.value.message.startswith(f"there is no bluegreen.toml; looked for {tmp_path}/here/bluegreen.toml"),
        next(text for key, text in why.items() if way.startswith(key)) in caught.value.message,
        "--config FILE" in caught.value.hint and len(caught.value.message) < 1000,
        is_there(environ, tmp_path / "here"),
    )


@pytest.mark.parametrize("way", UNSEEN)
def test_a_better_one_is_read(tmp_path: Path, way: str) -> None:
    """One that is named, and one at the other of the two places."""
    here, named = tmp_path / "here", tmp_path / "named.toml"
    environ = {"XDG_CONFIG_HOME": str(tmp_path), **UNSEEN[way](here)}

    other = tmp_path / "bluegreen" / "bluegreen.toml" if way == "a link to itself" else here / "bluegreen.toml"
    for file in (named, other):
        file.parent.mkdir(exist_ok=True)
        file.write_text(PAIR)
    found = [locate(None, {**environ, **more}, here) for more in ({}, {"BLUEGREEN_CONFIG": str(named)})]
    assert [other, named] == found


@pytest.mark.parametrize("named", ["~nosuch/x", "~nosuch", f"/{LONG}", "no\0name"])
def test_a_named_one_is_needed(tmp_path: Path, named: str) -> None:
    """Whoever names a file wants no other, not even that of the flags, which may keep its record elsewhere."""
    (tmp_path / "bluegreen.toml").write_text(PAIR)
    for explicit, environ in ((named, {}), (None, {"BLUEGREEN_CONFIG": named})):
        with pytest.raises(Misconfigured):
            load(explicit, environ, tmp_path)
    assert (True, False) == (is_there({"BLUEGREEN_CONFIG": named}, tmp_path), names_service("web", named))


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is named, and one's own settings, are read; and where there are none it is said."""
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    (tmp_path / "named.toml").write_text(PAIR)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    with pytest.raises(Misconfigured, match=r"there is no bluegreen\.toml; looked for bluegreen\.toml, /"):
        locate(None, environ)
    (own := tmp_path / "settings" / "bluegreen" / "bluegreen.toml").parent.mkdir(parents=True)
    own.write_text(PAIR)
    named = locate(None, {**environ, "BLUEGREEN_CONFIG": str(tmp_path / "named.toml")})
    assert (own, tmp_path / "named.toml") == (locate(None, environ), named)


@root_only
def test_as_another_user_in_roots_directory(ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the directory, nor root's home, nor a link into it ends what does not need them."""
    (closed := ground / "closed").mkdir(mode=0o700)
    (ground / "linked").mkdir()
    (ground / "linked" / "bluegreen.toml").symlink_to(closed / "x")
    (own := ground / "own" / ".config" / "bluegreen" / "bluegreen.toml").parent.mkdir(parents=True)
    own.write_text(PAIR)
    for name in ("XDG_CONFIG_HOME", "BLUEGREEN_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def told(directory: Path, home: Path | None) -> str:
        monkeypatch.chdir(directory)
        monkeypatch.delenv("HOME", raising=False) if home is None else monkeypatch.setenv("HOME", str(home))
        wiring = Wiring()
        return doing(ANN, lambda: (wiring.has_file(), wiring.names_service("web", None), locate(None)))

    away = f"Misconfigured: there is no bluegreen.toml; looked for {closed}/bluegreen.toml (Permission denied), "
    homeless = f"~/.config/bluegreen/bluegreen.toml (user {ANN} has no home, and HOME is not set)"
    assert [
        f"(True, True, {own!r})",
        f"(True, True, {own!r})",
        f"{away}{closed}/.config/bluegreen/bluegreen.toml (Permission denied)",
        f"{away}{homeless}",
    ] == [
        told(closed, ground / "own"),
        told(ground / "linked", ground / "own"),
        *(told(closed, home) for home in (closed, None)),
    ]

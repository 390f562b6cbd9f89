"""Whose ``bluegreen.toml`` is believed: one's own, root's, and one that a person has named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bluegreen.errors import Misconfigured, Refused
from bluegreen.sandbox.configuration import Timing, claim, text
from tests.support.people import ANN, MALLORY, doing, ground, root_only
from tests.support.settings import load

__all__ = ["ground"]

PAIR = '[services.web]\nblue = "a"\ngreen = "b"\n'
API = "http://127.0.0.1:34041"
SANDBOX = text(Path("/run/records"), "eu-west-1", Timing(2.0, 0.5, 2), API)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder with a good ``bluegreen.toml``."""
    (tmp_path / "bluegreen.toml").write_text(PAIR)
    (tmp_path / "bluegreen.toml").chmod(0o644)
    return tmp_path


def refused(folder: Path, environ: Mapping[str, str] | None = None, explicit: str | None = None) -> Misconfigured:
    """Return why nothing is read in ``folder``."""
    with pytest.raises(Misconfigured) as caught:
        load(explicit, environ or {"XDG_CONFIG_HOME": str(folder / "none")}, folder)
    return caught.value


@root_only
def test_another_users_file_is_not_believed_because_it_lies_here(here: Path) -> None:
    """It is refused with the owner's name, and naming it is the way out."""
    file = here / "bluegreen.toml"
    os.chown(file, MALLORY, MALLORY)
    error = refused(here)
    assert (f"{file} belongs to user {MALLORY}, not to you", True) == (error.message, f"--config {file}" in error.hint)
    assert ["web"] == list(load(str(file), {}, here).services)
    assert ["web"] == list(load(None, {"BLUEGREEN_CONFIG": str(file)}, here).services)


@root_only
def test_so_it_is_for_every_user(ground: Path) -> None:
    """An ordinary user believes root's file and their own, and no third one's."""
    file = ground / "bluegreen.toml"
    file.write_text(PAIR)
    file.chmod(0o644)
    said = []
    for owner in (0, ANN, MALLORY):
        os.chown(file, owner, owner)
        said.append("web-blue" if "blue='a'" in (told := doing(ANN, lambda: load(None, {}, ground))) else told)
    assert ["web-blue", "web-blue", f"Misconfigured: {file} belongs to user {MALLORY}, not to you"] == said


@root_only
def test_another_users_link_is_not_followed(here: Path) -> None:
    """A link to a file of one's own says which file that is; another user may not say so."""
    (here / "bluegreen.toml").rename(here / "mine.toml")
    (here / "bluegreen.toml").symlink_to(here / "mine.toml")
    assert ["web"] == list(load(None, {}, here).services)
    os.chown(here / "bluegreen.toml", MALLORY, MALLORY, follow_symlinks=False)
    assert f"{here}/bluegreen.toml belongs to user {MALLORY}, not to you" == refused(here).message


@root_only
def test_a_link_to_another_users_file_is_that_file(here: Path) -> None:
    """A link of one's own does not vouch for what it points to."""
    (here / "bluegreen.toml").rename(here / "theirs.toml")
    (here / "bluegreen.toml").symlink_to(here / "theirs.toml")
    os.chown(here / "theirs.toml", MALLORY, MALLORY)
    assert f"{here}/bluegreen.toml belongs to user {MALLORY}, not to you" == refused(here).message


@pytest.mark.parametrize("named", [False, True])
def test_what_everybody_may_write_is_never_believed(here: Path, named: bool) -> None:
    """Not even when it is named: whoever named it knew nothing of what is in it by now."""
    file = here / "bluegreen.toml"
    file.chmod(0o666)
    assert f"everybody may write to {file}" == refused(here, explicit=str(file) if named else None).message


@root_only
def test_what_a_group_may_write_is_believed_when_it_is_named(here: Path) -> None:
    """A team's file is one that somebody has named."""
    file = here / "bluegreen.toml"
    os.chown(file, -1, 61900)
    file.chmod(0o664)
    assert f"the group 61900 may write to {file}" == refused(here).message
    assert ["web"] == list(load(str(file), {}, here).services)


@pytest.mark.parametrize("kind", ["pipe", "endless"])
def test_a_named_file_has_an_end(tmp_path: Path, kind: str) -> None:
    """A pipe is not waited for, and a gigabyte not read."""
    file = tmp_path / "named"
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.touch(0o600)
        os.truncate(file, 2**30)
    sentence = "is a named pipe, not a file" if kind == "pipe" else "is longer than"
    assert sentence in refused(tmp_path, {"BLUEGREEN_CONFIG": str(file)}).message


@pytest.mark.parametrize("named", [".", "/dev/null"])
def test_what_is_named_and_is_no_file_is_a_slip(here: Path, named: str) -> None:
    """Whoever has named a folder needs the file in it: nobody has put anything there."""
    expected = "`--config` and BLUEGREEN_CONFIG name the file itself, such as bluegreen.toml"
    assert [expected] * 2 == [refused(here, explicit=named).hint, refused(here, {"BLUEGREEN_CONFIG": named}).hint]


def test_a_named_file_wins_over_one_that_lies_here(here: Path, tmp_path: Path) -> None:
    """``$BLUEGREEN_CONFIG`` says what is meant; what a folder holds says nothing against it."""
    named = tmp_path / "named.toml"
    named.write_text(PAIR.replace("web", "api"))
    assert ["api"] == list(load(None, {"BLUEGREEN_CONFIG": str(named)}, here).services)
    assert "cannot be read: No such file" in refused(here, {"BLUEGREEN_CONFIG": str(tmp_path / "gone")}).message


# ---- the sandbox's ----

ENDPOINTS: list[tuple[Mapping[str, str], bool]] = [
    ({"AWS_ENDPOINT_URL": API}, True),
    ({"AWS_ENDPOINT_URL": API, "AWS_ENDPOINT_URL_S3": API}, True),
    ({}, False),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, False),
    ({"AWS_ENDPOINT_URL": API, "AWS_ENDPOINT_URL_AUTO_SCALING": "https://autoscaling.eu-west-1.amazonaws.com"}, False),
    ({"AWS_ENDPOINT_URL": API, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, False),
]


@pytest.mark.parametrize(("environ", "believed"), ENDPOINTS)
@pytest.mark.parametrize("named", [False, True])
def test_a_sandboxs_file_is_for_that_sandbox_alone(
    tmp_path: Path, environ: Mapping[str, str], believed: bool, named: bool
) -> None:
    """What a sandbox left is of no use against AWS: it is read only where every call goes to that sandbox."""
    file = tmp_path / "bluegreen.toml"
    file.write_text(SANDBOX)
    explicit = str(file) if named else None
    if believed:
        assert ["web"] == list(load(explicit, environ, tmp_path).services)
    else:
        error = refused(tmp_path, environ, explicit)
        assert (True, True) == (f"{file} is a sandbox's" in error.message, API in error.message)


@pytest.mark.parametrize("variable", [None, "", "false", "true"])
@pytest.mark.parametrize("profile", ["default", "shop"])
def test_a_profile_that_ignores_addresses_sends_nothing_to_a_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str, variable: str | None
) -> None:
    """``ignore_configured_endpoint_urls`` in ~/.aws/config, of the profile that is used, unless the variable says."""
    (tmp_path / "bluegreen.toml").write_text(SANDBOX)
    section = "default" if profile == "default" else f"profile {profile}"
    (tmp_path / "config").write_text(f"[{section}]\nignore_configured_endpoint_urls = True\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", profile)
    monkeypatch.setenv("AWS_ENDPOINT_URL", API)
    if variable is not None:
        monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", variable)
    if variable in ("", "false"):
        assert ["web"] == list(load(None, directory=tmp_path).services)
    else:
        with pytest.raises(Misconfigured, match=f"ignores AWS_ENDPOINT_URL, which is {API}"):
            load(None, directory=tmp_path)


@pytest.mark.parametrize("value", ["5", "[]", '""'])
def test_a_mark_that_says_nothing_is_a_fault(tmp_path: Path, value: str) -> None:
    """A key ``sandbox`` that is no address is refused as any other fault, with its line."""
    (tmp_path / "bluegreen.toml").write_text(f"sandbox = {value}\n{PAIR}")
    assert "bluegreen.toml:1: sandbox:" in refused(tmp_path, {"AWS_ENDPOINT_URL": ""}).message


def test_a_living_sandboxs_file_is_left_alone(tmp_path: Path) -> None:
    """A second sandbox in the same directory is refused while the first one lives, and then writes it anew."""
    with claim(tmp_path) as first:
        first.write(SANDBOX)
        with pytest.raises(Refused, match="living sandbox") as caught:
            claim(tmp_path)
        assert "--directory" in caught.value.hint
        assert SANDBOX == first.file.read_text()
    with claim(tmp_path) as second:
        second.write("short")
        assert "short" == second.file.read_text()


@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_in_the_sandboxs_place_is_not_followed(tmp_path: Path, dangling: bool) -> None:
    """What it points to is neither made nor written over."""
    other = tmp_path / "other"
    if not dangling:
        other.write_text("# Written by `bluegreen sandbox`; safe to delete.")
    (tmp_path / "bluegreen.toml").symlink_to(other)
    with pytest.raises(Refused, match="is a symbolic link"):
        claim(tmp_path)
    assert dangling != other.exists()

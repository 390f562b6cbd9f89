"""Pulling: the fixed name means the new image when all went well, and what it meant before when not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bluegreen.cli.main import main
from bluegreen.clock import VirtualClock
from bluegreen.errors import Usage
from bluegreen.instance.docker import TRIES, fixed_name, reference, repository

from .fakes import ID, FakeDocker, Group, OnInstance

Capture = pytest.CaptureFixture[str]
PLACE, NAME = "registry.example.com:5000/team/web", "web:current"
DIGEST = "sha256:" + "a" * 64
PULLED = [f"image pull --quiet {PLACE}:v2", f"image inspect --format {{{{.Id}}}} {PLACE}:v2", f"image tag {ID} {NAME}"]

HELPERLESS = 'error getting credentials - err: exec: "docker-credential-ecr-login": executable file not found in $PATH'
SOCKETS = (
    "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get",
    "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """Put a docker that records its calls first on the PATH."""
    fake = FakeDocker(tmp_path / "bin").install()
    monkeypatch.setenv("PATH", f"{fake.folder}:/usr/bin:/bin")
    return fake


def pull(*words: str, version: str = "v2", clock: VirtualClock | None = None) -> int:
    """Run ``bluegreen image --pull`` where the group's tag names ``version``."""
    wiring = OnInstance(autoscaling=Group(version), clock=clock or VirtualClock())
    return main(["image", "--pull", PLACE, "--as", NAME, *words], wiring=wiring)


def test_it_is_pulled_and_then_named_by_its_id(docker: FakeDocker, capsys: Capture) -> None:
    """The name is given last, to the very image that was pulled; the version alone is printed."""
    assert 0 == pull()
    assert PULLED == docker.calls
    assert "v2\n" == capsys.readouterr().out


def test_a_digest_follows_an_at_sign(docker: FakeDocker) -> None:
    """A tag stands after a colon, a digest after an @."""
    assert 0 == pull(version=DIGEST)
    assert f"image pull --quiet {PLACE}@{DIGEST}" == docker.calls[0]
    assert (f"{PLACE}:v1", f"{PLACE}@{DIGEST}") == (reference(PLACE, "v1"), reference(PLACE, DIGEST))


def test_what_may_pass_is_tried_again(docker: FakeDocker, capsys: Capture) -> None:
    """Two time-outs later it is there; each is said, and time passes in between."""
    docker.install(failures=2)
    clock = VirtualClock()
    begin = clock.now()
    assert 0 == pull(clock=clock)
    assert [PULLED[0], PULLED[0], *PULLED] == docker.calls
    assert 3.0 <= clock.now() - begin <= 6.0
    assert 2 == capsys.readouterr().err.count("i/o timeout; trying again")


@pytest.mark.parametrize(
    ("words", "status", "tries"),
    [
        ("Error response from daemon: dial tcp: lookup registry: i/o timeout", 69, TRIES),
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", 69, TRIES),
        ("toomanyrequests: You have reached your pull rate limit.", 69, TRIES),
        ("Error response from daemon: manifest for web:v2 not found: manifest unknown", 4, 1),
        ("no matching manifest for linux/arm64 in the manifest list entries", 4, 1),
        ("pull access denied for web, repository does not exist or may require 'docker login'", 77, 1),
        ("unauthorized: authentication required", 77, TRIES),
        ("unauthorized: your account is suspended", 77, 1),
        ("Error response from daemon: Head https://r/v2/: no basic auth credentials", 77, TRIES),
        (HELPERLESS, 78, 1),
        (SOCKETS[0], 78, 1),
        (SOCKETS[1], 78, 1),
        ("", 69, TRIES),
    ],
)
def test_a_failed_pull_names_nothing(docker: FakeDocker, capsys: Capture, words: str, status: int, tries: int) -> None:
    """Nothing is named and nothing printed; what cannot pass is not tried again."""
    docker.install(failures=99, words=words)
    assert status == pull()
    assert [PULLED[0]] * tries == docker.calls
    out, err = capsys.readouterr()
    assert ("", True) == (out, "docker image pull failed" in err)


@pytest.mark.parametrize(("words", "hint"), [(HELPERLESS, "install the credential helper"), (SOCKETS[0], "as root")])
def test_what_is_not_set_up_is_told(docker: FakeDocker, capsys: Capture, words: str, hint: str) -> None:
    """A missing credential helper and a closed socket have hints of their own."""
    docker.install(failures=99, words=words)
    pull()
    assert hint in capsys.readouterr().err.splitlines()[-1]


def test_a_reboot_needs_no_registry(docker: FakeDocker, tmp_path: Path) -> None:
    """An image that is still there is named again; one that is gone is pulled, and so is one that is asked anew."""
    cache = ["--cache", str(tmp_path / "image.json")]
    assert 0 == pull(*cache)
    docker.install(failures=0)
    assert [0, 0] == [pull(*cache), pull(*cache)]
    assert [*PULLED, *PULLED[1:], *PULLED[1:]] == docker.calls
    (docker.folder / "gone").touch()
    assert 0 == pull(*cache)
    assert [PULLED[1], *PULLED] == docker.calls[-4:]
    assert 0 == pull(*cache, "--refresh")
    assert PULLED == docker.calls[-3:]


def test_an_image_that_vanishes_is_not_named(docker: FakeDocker) -> None:
    """Something removes it between the pull and the name: a sentence, and 4."""
    script = (docker.folder / "docker").read_text().replace('rm -f "$here/gone"', ":")
    (docker.folder / "docker").write_text(script)
    (docker.folder / "gone").touch()
    assert (4, PULLED[:2]) == (pull(), docker.calls)


@pytest.mark.parametrize("found", ["", "web:v1", "sha256:12", f"{ID} {ID}", f"{ID}\n--help"])
def test_an_id_that_is_none_is_not_named(docker: FakeDocker, capsys: Capture, found: str) -> None:
    """What docker says is checked before it becomes an argument."""
    docker.install(found=found)
    assert 4 == pull()
    assert PULLED[:2] == docker.calls
    assert "" == capsys.readouterr().out


def test_a_name_that_cannot_be_given_is_a_failure(docker: FakeDocker, capsys: Capture) -> None:
    """Nothing is printed as if it were there."""
    (docker.folder / "full").touch()
    assert 69 == pull()
    assert "" == capsys.readouterr().out


def test_what_docker_says_reaches_no_terminal_raw(docker: FakeDocker, capsys: Capture) -> None:
    """A registry's words are foreign, and their last line is told whole."""
    docker.install(failures=99, words="denied \x1b[31m\x07 \u202e evil\u2028web:v1 is pulled")
    assert 77 == pull()
    assert "denied \\x1b" in (err := capsys.readouterr().err)
    assert all(c.isprintable() or c == "\n" for c in err)


def test_no_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A missing docker is a matter of configuration, in one sentence."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert 78 == pull()
    assert ("", "there is no docker on the PATH") == (
        (captured := capsys.readouterr()).out,
        captured.err.splitlines()[0],
    )


def test_a_docker_that_cannot_run(docker: FakeDocker) -> None:
    """A file that is no program is a matter of configuration too."""
    (docker.folder / "docker").write_bytes(b"\x7fELF nonsense")
    assert 78 == pull()


def test_a_hostile_version_is_never_pulled(docker: FakeDocker) -> None:
    """Docker is not called before the version is known to be one."""
    assert 4 == pull(version="v2 --privileged; id")
    assert [] == docker.calls


def test_json_comes_after_the_pull(docker: FakeDocker, capsys: Capture) -> None:
    """Nothing of docker's is on stdout."""
    assert 0 == pull("--output", "json")
    assert "v2" == json.loads(capsys.readouterr().out)["version"]
    assert PULLED == docker.calls


GOOD = ["web", "team/web", "docker.io/library/web", "localhost:5000/a_b/c.d/e--f", "[::1]:5000/web"]
GOOD += ["123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web"]
BAD = ["", "-web", "--all-tags", "Web", "web:v1", f"web@{DIGEST}", "web/", "/web", "a b", "$(id)", "web\n", "é/web"]
BAD += ["http://registry/web", "a..b", "x" * 256]


@pytest.mark.parametrize("text", GOOD)
def test_repositories(text: str) -> None:
    """What docker takes for a repository, with and without a registry."""
    assert (text, f"{text}:now") == (repository(text), fixed_name(f"{text}:now"))


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_repository(text: str) -> None:
    """Options, tags, schemes and shell's characters are refused."""
    with pytest.raises(Usage):
        repository(text)


@pytest.mark.parametrize("text", ["web", "web:", "web:-x", "web:a b", "web:a:b", "web:now\n", ":now"])
def test_what_is_no_name_with_a_tag(text: str) -> None:
    """NAME:TAG is both."""
    with pytest.raises(Usage):
        fixed_name(text)


@pytest.mark.parametrize(
    "words", [("--pull", PLACE), ("--as", NAME), ("--pull", "-x", "--as", NAME), ("--pull", PLACE, "--as", "x")]
)
def test_wrong_names_are_said_before_anything_is_asked(words: tuple[str, ...]) -> None:
    """Both or neither, and both of the right form: exit status 2."""
    wiring = OnInstance()
    assert (2, []) == (main(["image", *words], wiring=wiring), wiring.facts.asked)

"""``bluegreen sandbox up`` and the configuration it writes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bluegreen.cli.sandbox import found_by_any_shell
from bluegreen.errors import Refused
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.configuration import MARK, Timing, claim, exports, text
from bluegreen.sandbox.processes import python_path
from tests.support.records import KINDS
from tests.support.settings import parse

PROGRAM = "from bluegreen.cli.sandbox import sandbox; sandbox()"


API = "http://127.0.0.1:1"


def write(folder: Path, records: Path, region: str, timing: Timing, **changes: str) -> Path:
    """Write the file of a sandbox that does not live on."""
    with claim(folder) as claimed:
        return claimed.write(text(records, region, timing, API, **changes))


def test_the_file_of_a_living_sandbox_is_its_own_after_an_edit_too(tmp_path: Path) -> None:
    """An editor puts another file in its place, on which nobody has a lock; gone, the sandbox leaves it to the next."""
    with socket.create_server(("127.0.0.1", 0)) as living, claim(tmp_path) as claimed:
        endpoint = f"http://127.0.0.1:{living.getsockname()[1]}"
        file = claimed.write(text(tmp_path, "r", Timing(1.0, 0.5, 2), endpoint))
        edited = tmp_path / "edited"
        edited.write_bytes(file.read_bytes())
        edited.replace(file)
        with pytest.raises(Refused, match=f"names a sandbox, and {endpoint} answers"):
            claim(tmp_path)
    with claim(tmp_path) as again:
        assert file == again.file


def test_the_configuration_names_the_pair(tmp_path: Path) -> None:
    """The file is TOML, names both groups, and waits for four times what the sandbox needs."""
    file = write(tmp_path, tmp_path / "records", "ap-northeast-2", Timing(boot=4.0, interval=0.5, threshold=2))
    found = tomllib.loads(file.read_text())
    web = found["services"]["web"]
    expected = ("web-blue", "web-green", "20s", f"file:{tmp_path}/records", API)
    assert expected == (web["blue"], web["green"], web["progress_deadline"], found["state"], found["sandbox"])


@pytest.mark.parametrize(("interval", "expected"), [(0.1, 0.9), (0.25, 1.5), (0.5, 2.5)])
def test_proof_and_bake_are_derived_from_the_checks(tmp_path: Path, interval: float, expected: float) -> None:
    """Both are longer than it takes for a version that crashes to die and for its balancer to notice."""
    timing = Timing(boot=1.0, interval=interval, threshold=2)
    web = parse(text(tmp_path, "ap-northeast-2", timing, API), tmp_path).services["web"]
    assert (expected, expected) == (web.healthy_for, web.bake)
    assert timing.crash + timing.notice < expected


@pytest.mark.parametrize(
    ("kinds", "asked", "expected"),
    [
        (["target-group"], None, 1.0),
        (["classic"], None, 1.5),
        (["target-group", "classic"], None, 1.5),
        (["classic"], 4.0, 4.0),
    ],
)
def test_a_version_that_crashes_serves_first(kinds: list[str], asked: float | None, expected: float) -> None:
    """It dies as long after it is healthy as its balancer needs to notice; a classic one asks for a second check."""
    box = Sandbox(balancer=kinds[0], beside=kinds[1:], interval=0.5, crash=asked)
    assert expected == box._times().crash


def test_what_is_asked_for_takes_the_place_of_what_is_derived(tmp_path: Path) -> None:
    """The rest stays as the sandbox derives it."""
    timing = Timing(boot=1.0, interval=0.1, threshold=2)
    file = write(tmp_path, tmp_path, "ap-northeast-2", timing, bake="0s", progress_deadline="45s")
    web = parse(file.read_text(), file).services["web"]
    expected = (0.0, 45.0, 0.9, "web-blue")
    assert expected == (web.bake, web.progress_deadline, web.healthy_for, web.blue)


def test_it_replaces_only_its_own(tmp_path: Path) -> None:
    """Its own file is written again, somebody else's is refused and left alone."""
    timing = Timing(boot=2.0, interval=0.5, threshold=2)
    write(tmp_path, tmp_path, "a", timing)
    file = write(tmp_path, tmp_path, "b", timing)
    assert MARK in file.read_text()
    file.write_text("mine")
    with pytest.raises(Refused):
        write(tmp_path, tmp_path, "c", timing)
    expected = "mine"
    assert expected == file.read_text()


def test_export_lines_are_quoted() -> None:
    """A value with a blank survives the shell."""
    expected = ["export A='x y'"]
    assert expected == exports({"A": "x y"})


@pytest.mark.sandbox
def test_up_says_where_it_is_and_ends_on_interrupt(tmp_path: Path) -> None:
    """It prints its addresses and export lines, writes the configuration, and Ctrl-C ends it with status 0.

    The record goes with it: the next sandbox in the same directory must not meet one that tells of another fleet.
    """
    arguments = ["up", "--instances", "1", "--boot", "0.8", "--interval", "0.2", "--directory", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **python_path()},
    )
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    configuration = tmp_path / "bluegreen.toml"
    records = FileStore(Path(tomllib.loads(configuration.read_text())["state"].removeprefix("file:")), KINDS)
    records.write("web", Document(service="web"), None)
    assert records.path("web").exists()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in said
    expected = ([configuration], False)
    assert expected == (list(tmp_path.iterdir()), records.directory.parent.exists())


def test_a_missing_extra_is_one_sentence(tmp_path: Path) -> None:
    """Without moto the command says what to install, and exits 78."""
    program = "import sys; sys.modules['moto'] = None; from bluegreen.__main__ import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "sandbox", "up"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **python_path()},
    )
    assert "pip install '.[sandbox]'" in done.stderr
    assert "Traceback" not in done.stderr
    expected = 78
    assert expected == done.returncode


def test_off_an_instance_the_image_command_says_so(tmp_path: Path) -> None:
    """Where no metadata service answers, ``bluegreen image`` says where to run it, and exits 69."""
    done = subprocess.run(
        [sys.executable, "-m", "bluegreen", "image"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **python_path(), "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"},
    )
    assert "EC2 instance" in done.stderr
    expected = (69, "")
    assert expected == (done.returncode, done.stdout)


def test_what_is_pasted_finds_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout no shell knows `bluegreen`: the block says where it is, and changes nothing that a shell knows."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    script = "\n".join([*found_by_any_shell(), "command -v bluegreen", "command -v env"])
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    here = Path(__file__).parents[2] / "bin" / "bluegreen"
    assert [str(here), "/usr/bin/env"] == done.stdout.splitlines()

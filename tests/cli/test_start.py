"""How a real start behaves: help for every command, quick, and indifferent to who listens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bluegreen.cli.lazy import COMMANDS
from tests.cli.fakes import FakeWiring, run

HEAVY = {"boto3", "botocore", "rich", "moto", "cattrs", "bluegreen.service", "bluegreen.settings.configuration"}
ROOT = Path(__file__).parents[2]
FULL = "the answer could not be written to stdout: No space left on device\n"


def start(*words: str, code: str = "-m bluegreen", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, with an empty home and no AWS."""
    command = [sys.executable, *code.split(" ", 1), *words]
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", **more}
    return subprocess.run(command, capture_output=True, text=True, env=environ, cwd="/", check=False, timeout=60)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command in the table has a help text that says how it is used."""
    assert 0 == run(FakeWiring(), command, "--help")
    assert capsys.readouterr().out.startswith(f"Usage: bluegreen {command} ")


def test_table_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """The help lists every command with one line; without any word it is shown as well, as a wrong use."""
    assert (0, 2) == (run(FakeWiring(), "--help"), run(FakeWiring()))
    captured = capsys.readouterr()
    assert [True] * len(COMMANDS) == [
        f"\n  {name} " in captured.out and f"\n  {name} " in captured.err for name in COMMANDS
    ]


@pytest.mark.parametrize("command", ["login", "logout", "sandbox"])
def test_tables_of_commands_within_one(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line says all that it has to say."""
    assert 0 == run(FakeWiring(), command, "--help")
    assert [] == [line for line in capsys.readouterr().out.splitlines()[1:] if line.endswith("...")]


def test_help_imports_little() -> None:
    """The help loads click and nothing else that takes time."""
    code = "import sys, bluegreen.cli.main as m; m.main(['--help']); print(*sys.modules, file=sys.stderr)"
    loaded = set(start(code=f"-c {code}").stderr.split())
    assert ("click" in loaded, set()) == (True, loaded & HEAVY)


def test_first_line_before_anything_heavy(tmp_path: Path) -> None:
    """What is about to happen is said before AWS's library, or all that may stand in a configuration, is imported."""
    code = (
        "import sys, bluegreen.cli.main as m, bluegreen.report.streams as s\n"
        "s.SafeStream.line = lambda self, text: (print(text, *sys.modules), sys.exit())\n"
        "m.main(['deploy', 'web', 'v2'])"
    )
    (file := tmp_path / "bluegreen.toml").write_text("[services.web]\n", encoding="utf-8")
    words = start(code=f"-c {code}", BLUEGREEN_CONFIG=str(file)).stdout.split()
    assert (["checking", "web"], set()) == (words[:2], set(words) & HEAVY)


@pytest.mark.slow
def test_version() -> None:
    """The version is one line of data."""
    done = start("--version")
    assert (0, True, "") == (done.returncode, done.stdout.startswith("bluegreen "), done.stderr)


def test_without_a_file() -> None:
    """Somebody who has just installed it is told what to write."""
    done = start("deploy", "web", "v2")
    assert (78, True) == (done.returncode, 'blue = "web-blue"' in done.stderr)


@pytest.mark.parametrize("stream", ["1", "2"])
@pytest.mark.parametrize("words", ["--help", "deploy web v2", "status web --output json"])
def test_nobody_listens(stream: str, words: str) -> None:
    """A reader that is gone changes nothing but what is read: no traceback, and the exit status stays."""
    expected = start(*words.split()).returncode
    script = f'{{ sleep 0.3; "{sys.executable}" -m bluegreen {words}; echo $? >&3; }} {stream}>&1 | true'
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    if stream == "2":
        script = f'{{ sleep 0.3; "{sys.executable}" -m bluegreen {words}; echo $? >&3; }} 2>&1 >/dev/null | true'
    done = subprocess.run(
        ["sh", "-c", f"exec 3>&1; {script}"], capture_output=True, text=True, env=environ, cwd="/", check=False
    )
    assert (str(expected), False) == (
        done.stdout.strip(),
        "Traceback" in done.stderr or "Exception ignored" in done.stderr,
    )


def test_closed_from_the_start() -> None:
    """Started with its streams closed, as some daemons do, it does its work all the same."""
    script = f'"{sys.executable}" -m bluegreen deploy web v2 >&- 2>&-'
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    assert 78 == subprocess.run(["sh", "-c", script], env=environ, cwd="/", check=False).returncode


def inside(answers: str, *words: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line over a service that answers so, in a process of its own."""
    code = f"import sys\nfrom tests.cli.fakes import *\nsys.exit(run(FakeWiring({answers}), *{words!r}))"
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    return subprocess.run([sys.executable, "-c", code], text=True, env=environ, cwd=ROOT, check=False, **streams)


def test_an_answer_that_cannot_be_written() -> None:
    """The disk is full, or whatever stdout is: who reads an empty file must not take it for an answer."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = inside("{'status': report()}", "status", "web", stdout=full, stderr=subprocess.PIPE)
    assert (74, FULL) == (done.returncode, done.stderr.splitlines(keepends=True)[-1])


@pytest.mark.parametrize("words", ["--help", "--version", "deploy --help"])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_help_that_cannot_be_written(words: str, buffered: str) -> None:
    """It is an answer like any other, also that of a command that ends a run with a status of its own."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "PYTHONUNBUFFERED": buffered}
        command = [sys.executable, "-m", "bluegreen", *words.split()]
        done = subprocess.run(
            command, text=True, env=environ, cwd="/", check=False, stdout=full, stderr=subprocess.PIPE
        )
    assert (74, FULL) == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    ("answers", "words", "status"),
    [
        ("{'check': [Finding('refused', 'no', '')]}", ("check", "web"), 74),
        ("{'check': [Finding('refused', 'no', '')]}", ("check", "web", "--output", "json"), 74),
        ("{'status': Misconfigured('no')}", ("status", "web", "--output", "json"), 78),
    ],
)
def test_a_judgement_that_cannot_be_written(answers: str, words: tuple[str, ...], status: int) -> None:
    """What was found is lost, and 4 alone says nothing; what ends with an error of its own says so beside it."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = inside(answers, *words, stdout=full, stderr=subprocess.PIPE)
    assert (status, FULL) == (done.returncode, done.stderr.splitlines(keepends=True)[-1])


@pytest.mark.parametrize("same", [True, False])
def test_the_end_stands_in_a_log(same: bool) -> None:
    """`deploy … | tee log` keeps how it ended; where both streams are one pipe it stands there once."""
    pipe = subprocess.STDOUT if same else subprocess.PIPE
    done = inside("", "deploy", "web", "v2", stdout=subprocess.PIPE, stderr=pipe)
    talk = ["checking web", "web: v2 serves"]
    assert (talk if same else talk[1:]) == done.stdout.splitlines()


@pytest.mark.parametrize("same", [True, False])
def test_what_was_not_done_is_told_where_it_is_read(same: bool) -> None:
    """Where stdout goes elsewhere, as cron's does, stderr has it as well; in one log it stands once."""
    pipe = subprocess.STDOUT if same else subprocess.PIPE
    done = inside("{'deploy': Misconfigured('no', 'look')}", "deploy", "web", "v2", stdout=subprocess.PIPE, stderr=pipe)
    both = ["checking web", "web: no", "  look"]
    said = (done.stdout.splitlines(), (done.stderr or "").splitlines())
    assert ((both, []) if same else (["web: no"], both)) == said

"""Ten thousand hostile tag values, through the real command and the documented user data, under real bash.

The command runs in this process (its Auto Scaling answers with the value); what it printed and how it ended is then
what ``bluegreen`` does in a bash that runs the page's user data once for each value. The same user data is also run
with a tool that is broken and prints every value raw: not even then is anything executed.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from bluegreen.cli.main import main

from .fakes import FakeDocker, Group, OnInstance
from .page import script, user_data

MANY = 10_000
PLACE = "registry.example.com/web"
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
BITS = (
    *("v1", "1.2.3", "_", "latest", "sha256:", "0" * 64, "a" * 60, "A" * 128, ".", "-", "--", "/", ":", "@", "~", "="),
    *("$(touch canary)", "`touch canary`", ";touch canary;", "|touch canary|", "&touch canary&", "\ntouch canary\n"),
    *("'; touch canary; '", '"; touch canary; "', "$(touch${IFS}canary)", "<(touch canary)", ">canary", ">>canary"),
    *("$((a[$(touch canary)]))", "${x:=`touch canary`}", "a[$(touch canary)]", "() { :; }; touch canary", "!touch"),
    *(
        "--privileged",
        "-v",
        "--help",
        "-rf",
        "--output=json",
        "-e",
        "-n",
        "%s%n",
        "$'\\n'",
        "\\",
        "\\\\",
        "*",
        "?",
        "[a",
    ),
    *(
        "{a,b}",
        "$IFS",
        "$0",
        "$@",
        "#",
        "\n",
        "\r",
        "\t",
        " ",
        "\x00",
        "\x07",
        "\x08",
        "\x1b[31m",
        "\x1b]0;t\x07",
        "\x7f",
    ),
    *(
        "\x9b2J",
        "\u202e",
        "\u200b",
        "\u2028",
        "ｖ１",
        "ѵ1",
        "١",
        "é",
        "e\u0301",
        "ﬀ",
        "\ufeff",
        "\U000e0041",
        "&lt;",
        "</Value>",
    ),
    *("<Value>v2</Value>", "]]>", "<!--", "'", '"', "''", '""', "\udcff"),
)


def drawn(seed: int) -> list[str]:
    """Return different texts of at most 256 characters (AWS's limit); one in twenty or so is a version."""
    dice = random.Random(seed)
    found = dict.fromkeys(BITS)
    while len(found) < MANY:
        if dice.random() < 0.05:
            text = "".join(dice.choices("abcXYZ019_.-", k=dice.randint(1, 140)))
        else:
            text = "".join(dice.choices(BITS, k=dice.randint(1, 6)))[:256]
        found[text] = None
    return list(found)


def is_version(text: str) -> bool:
    """Say whether ``text`` is a version, by other means than the code's."""
    if text.startswith("sha256:"):
        return len(text) == 71 and set(text[7:]) <= set("0123456789abcdef")
    return 0 < len(text) <= 128 and set(text) <= PLAIN and text[0] not in ".-"


@pytest.fixture(scope="module")
def values() -> list[str]:
    """Return the ten thousand."""
    return drawn(5)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, the working directory, in which a canary would appear."""
    folder = tmp_path / "disk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(value: str, *words: str) -> tuple[int, str, str]:
    """Run ``bluegreen image`` where the group's tag is ``value``; return its status and what it wrote."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["image", *words], wiring=OnInstance(autoscaling=Group(value)))
    return status, out.getvalue(), err.getvalue()


def raw(text: str) -> str:
    """Return ``text`` as bash can hold it: without NUL."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


BASH = """
docker() {{ printf '%s\\0' "$#" "$@" >&3; }}
aws() {{ docker "$@"; }}
bluegreen() {{ printf '%s' "$answer"; return "$status"; }}
while IFS= read -r -d '' answer && IFS= read -r -d '' status; do
    ( . "{block}" ) 3>&3
    printf '%s\\0' end "$?" >&3
done 3>"{record}"
"""


def under_bash(block: str, answers: Sequence[tuple[str, int]], beside: Path) -> list[tuple[list[list[str]], int]]:
    """Run a block of the page for each answer of ``bluegreen``; return the calls of docker and aws, and the status."""
    (beside / "block").write_text(block, encoding="utf-8")
    program = BASH.format(block=beside / "block", record=beside / "record")
    data = b"".join(f"{answer}\0{status}\0".encode() for answer, status in answers)
    done = subprocess.run(["bash", "-c", program], input=data, capture_output=True, check=True)
    assert set(done.stdout.decode()) <= {*PLAIN, ":", "\n"}
    assert b"" == done.stderr
    return list(_recorded(iter((beside / "record").read_bytes().decode().split("\0")[:-1])))


def _recorded(words: Iterator[str]) -> Iterator[tuple[list[list[str]], int]]:
    calls: list[list[str]] = []
    for word in words:
        if word == "end":
            yield calls, int(next(words))
            calls = []
        else:
            calls.append([next(words) for _ in range(int(word))])


@pytest.mark.slow
def test_the_command_prints_versions_alone(
    values: list[str], disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ten thousand values only versions reach stdout and docker; stderr shows nothing that a terminal obeys."""
    docker = FakeDocker(tmp_path / "bin").install()
    monkeypatch.setenv("PATH", f"{docker.folder}{os.pathsep}{os.defpath}")
    for value in values:
        status, out, err = run(value, "--pull", PLACE, "--as", "web:current")
        expected = (0, f"{value}\n") if is_version(value) else (4, "")
        assert expected == (status, out)
        assert err.replace("\n", "").replace("…", "").isascii()
        assert err.replace("\n", "").isprintable()
    good = [value for value in values if is_version(value)]
    assert 300 < len(good) < 1000
    pulled = [call.removeprefix("image pull --quiet ") for call in docker.calls if " pull " in call]
    assert [f"{PLACE}{'@' if ':' in value else ':'}{value}" for value in good] == pulled
    assert [] == list(disk.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(("number", "many"), [(0, 1000), (1, MANY), (2, 1000)])
def test_user_data_executes_nothing(values: list[str], disk: Path, tmp_path: Path, number: int, many: int) -> None:
    """What the real command answered, for each value: refused values end the script before docker is called."""
    answers = [(out, status) for status, out, _ in map(run, values[:many])]
    ends = under_bash(user_data()[number], answers, tmp_path)
    assert many == len(ends)
    for value, (calls, status) in zip(values, ends, strict=False):
        assert ((0, True) if is_version(value) else (4, False)) == (status, bool(calls))
    assert [] == list(disk.iterdir())


@pytest.mark.slow
def test_not_even_with_a_tool_that_prints_anything(values: list[str], disk: Path, tmp_path: Path) -> None:
    """Were every value printed raw, it would be the end of one argument of docker's, and nothing more."""
    answers = [(raw(value), 0) for value in values]
    for (answer, _), (calls, status) in zip(answers, under_bash(user_data()[1], answers, tmp_path), strict=True):
        image = f"registry.example.com/web:{answer}".rstrip("\n")
        assert ([["run", "--detach", "--restart", "always", "--publish", "8080:8080", image]], 0) == (calls, status)
    assert [] == list(disk.iterdir())


SHELL = """
. "{script}"
set +e
ask() {{ printf '%s' "$xml"; }}
group=web-blue
while IFS= read -r -d '' xml; do
    version=
    find_version && valid "$version" && printf '%s\\0' "$version" || printf '\\0'
done
"""


@pytest.mark.slow
def test_plain_shell_prints_versions_alone(values: list[str], disk: Path, tmp_path: Path) -> None:
    """The same values as AWS's XML would bring them, through the page's own reading and check."""
    (tmp_path / "functions").write_text(script(), encoding="utf-8")
    page = "<Tags>\n<member>\n<Key>image</Key>\n<Value>{}</Value>\n</member>\n</Tags>\n"
    data = b"".join(page.format(escape(raw(value))).encode() + b"\0" for value in values)
    program = SHELL.format(script=tmp_path / "functions")
    done = subprocess.run(["bash", "-c", program], input=data, capture_output=True, check=True)
    assert b"" == done.stderr
    expected = [raw(value) if is_version(raw(value)) else "" for value in values]
    printed = done.stdout.decode().split("\0")[:-1]
    assert expected == printed
    assert [] == list(disk.iterdir())


@pytest.mark.slow
def test_careless_user_data_would_be_caught(values: list[str], disk: Path, tmp_path: Path) -> None:
    """The values are hostile indeed: user data that evaluates what a broken tool prints lets the canary appear."""
    careless = 'version=$(bluegreen image)\neval "docker run web:$version" >/dev/null 2>&1 || true\n'
    answers = [(raw(value), 0) for value in values if "touch canary" in value and "\n" not in value][:50]
    under_bash(careless, answers, tmp_path)
    assert (disk / "canary").exists()

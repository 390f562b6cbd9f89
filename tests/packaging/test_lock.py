"""The lock files hold what is asked for, and say nothing of where packages come from."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "requirements"
LOCKS = sorted(path.name for path in FOLDER.glob("*.txt") if path.name != "constraints.txt")


def metadata() -> configparser.ConfigParser:
    """Return ``setup.cfg``."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def requirements(text: str) -> list[Requirement]:
    """Return the requirements of a block of ``setup.cfg``, without its comments."""
    return [Requirement(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def text_of(lock: str) -> str:
    """Return a file of ``requirements``."""
    return (FOLDER / lock).read_text(encoding="utf-8")


def blocks(lock: str) -> dict[str, list[str]]:
    """Return each requirement of the lock with its hashes."""
    entries = re.split(r"^(?=[A-Za-z0-9])", text_of(lock), flags=re.MULTILINE)[1:]
    return {entry.split(" \\\n")[0]: re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry) for entry in entries}


def locked(lock: str) -> dict[str, set[Version]]:
    """Return the versions that the lock has of each package."""
    versions: dict[str, set[Version]] = {}
    for requirement in map(Requirement, blocks(lock)):
        (specifier,) = requirement.specifier
        assert "==" == specifier.operator
        versions.setdefault(canonicalize_name(requirement.name), set()).add(Version(specifier.version))
    return versions


def missing(lock: str, text: str) -> list[str]:
    """Return what is asked for and not in the lock in a version that fits."""
    versions = locked(lock)
    return [
        str(wanted)
        for wanted in requirements(text)
        if not any(version in wanted.specifier for version in versions.get(canonicalize_name(wanted.name), ()))
    ]


@pytest.mark.parametrize(
    ("part", "lock"),
    [("runtime", "dev.txt"), ("sandbox", "dev.txt"), ("test", "dev.txt"), ("dev", "dev.txt"), ("docs", "docs.txt")],
)
def test_lock_has_what_the_metadata_asks_for(part: str, lock: str) -> None:
    """Every requirement of the tool and of its extras is in the lock, in a version that fits."""
    config = metadata()
    text = config["options"]["install_requires"] if part == "runtime" else config["options.extras_require"][part]
    assert [] == missing(lock, text)


def test_lock_has_the_clients_of_other_people() -> None:
    """Every program that ``bin/foreign`` starts is in its lock, in a version that fits."""
    assert [] == missing("foreign.txt", text_of("foreign.in"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_hashes(lock: str) -> None:
    """pip refuses to install what has no hash, so each entry carries at least one."""
    assert [] == [name for name, hashes in blocks(lock).items() if not hashes]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_index(lock: str) -> None:
    """Packages come from where the machine's own configuration says."""
    assert [] == re.findall(r"^\s*(?:--(?!hash)\S+|-[a-z]\b.*|.*://.*)$", text_of(lock), flags=re.MULTILINE)


def test_constraints_are_obeyed() -> None:
    """The versions that were chosen by hand are those of the lock."""
    chosen = requirements(text_of("constraints.txt"))
    versions = locked("dev.txt")
    assert {str(wanted.specifier) for wanted in chosen} == {
        f"=={version}" for wanted in chosen for version in versions[canonicalize_name(wanted.name)]
    }

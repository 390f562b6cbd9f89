"""The commands in ``bin/`` make their own environment: of a small stand-in checkout, without the network.

The stand-in has the real scripts, an empty lock file and a package that brings its own build backend.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# One worker makes the environment that the others are copies of.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("commands")]

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "bluegreen-0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, "bluegreen-0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("bluegreen.pth", os.getcwd())
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: bluegreen\\nVersion: 0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/RECORD", "")
    return "bluegreen-0-py3-none-any.whl"
"""


@pytest.fixture(scope="module")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the running Python as ``python3``, to stand first on the PATH."""
    folder = tmp_path_factory.mktemp("pythons")
    (folder / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    return folder


COPYING = """#!/bin/sh
case "$*" in
"-I -m venv "*) cp -RP "{made}" "$4" ;;
*) exec "{python}" "$@" ;;
esac
"""


@pytest.fixture(scope="module")
def quick(pythons: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a folder for who does not ask how an environment is made: it is a copy of one that was made before.

    Most of what ``python -m venv`` takes is to compile the pip that it puts there.
    """
    folder = tmp_path_factory.mktemp("quick")
    subprocess.run([pythons / "python3", "-I", "-m", "venv", folder / "made"], check=True)
    (folder / "python3").write_text(COPYING.format(made=folder / "made", python=pythons / "python3"), encoding="utf-8")
    (folder / "python3").chmod(0o755)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Lay out the stand-in, in a folder whose name has a space in it."""
    root = tmp_path / "check out"
    shutil.copytree(ROOT / "bin", root / "bin")
    for name, text in {
        "requirements/dev.txt": "# nothing\n",
        "setup.cfg": "",
        "pyproject.toml": PYPROJECT,
        "backend.py": BACKEND,
        "bluegreen/__main__.py": "import sys\nprint(*sys.argv[1:], sep='|')\n",
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def start(checkout: Path, pythons: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start the tool from somewhere else, with hardly anything in the environment, not even HOME."""
    return subprocess.Popen(
        [checkout / "bin" / "bluegreen", *words],
        cwd=checkout.parent,
        env={"PATH": f"{pythons}{os.pathsep}{os.defpath}", **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return the exit status, the data and the talk of a command."""
    data, talk = process.communicate(timeout=120)
    return process.returncode, data, talk


def test_second_start_is_silent(checkout: Path, pythons: Path, tmp_path: Path) -> None:
    """The first start makes the environment and says so; the second, here through a link, finds it made."""
    status, data, talk = end(start(checkout, pythons, "two words", "*"))
    assert (0, "two words|*\n", True) == (status, data, talk.startswith("Making .venv with Python 3.")), talk
    (tmp_path / "elsewhere" / "bin").mkdir(parents=True)
    (tmp_path / "elsewhere" / "bin" / "bluegreen").symlink_to(checkout / "bin" / "bluegreen")
    assert (0, "again\n", "") == end(start(tmp_path / "elsewhere", pythons, "again"))


def test_half_made_environment_is_made_again(checkout: Path, quick: Path) -> None:
    """What a killed start left behind is not taken for an environment."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".venv" / "left-over").touch()
    status, data, talk = end(start(checkout, quick, "x"))
    assert (0, "x\n", False) == (status, data, (checkout / ".venv" / "left-over").exists()), talk


def test_new_lock_makes_it_anew(checkout: Path, quick: Path) -> None:
    """Another lock file means other packages; new metadata means only that the checkout is installed again."""
    end(start(checkout, quick))
    (checkout / "setup.cfg").write_text("# new\n", encoding="utf-8")
    assert (0, "x\n", "Installing the checkout itself.\n") == end(start(checkout, quick, "x"))
    (checkout / "requirements" / "dev.txt").write_text("# something else\n", encoding="utf-8")
    status, data, talk = end(start(checkout, quick, "x"))
    assert (0, "x\n", True) == (status, data, talk.startswith("Making .venv")), talk


def test_two_at_once(checkout: Path, quick: Path) -> None:
    """Of two first starts one makes the environment and both go on with it."""
    ends = [end(process) for process in [start(checkout, quick, "a"), start(checkout, quick, "b")]]
    assert [(0, "a\n"), (0, "b\n")] == [done[:2] for done in ends], ends
    assert 1 == sum("Making .venv" in talk for _, _, talk in ends)


def test_failed_installation_is_tried_again(checkout: Path, quick: Path) -> None:
    """A lock file that cannot be installed stops the start with one sentence; nothing half made is used later."""
    lock = checkout / "requirements" / "dev.txt"
    lock.write_text("not-there==1 --hash=sha256:" + 64 * "0" + "\n", encoding="utf-8")
    status, data, talk = end(start(checkout, quick, "x", PIP_NO_INDEX="1"))
    assert (1, "", True) == (status, data, "The packages could not be installed" in talk), talk
    lock.write_text("# nothing\n", encoding="utf-8")
    assert (0, "x\n") == end(start(checkout, quick, "x"))[:2]


SDIST = """
import os, pathlib
pathlib.Path(os.environ["RAN"]).touch()
raise SystemExit(1)
"""


def test_nothing_is_built_from_source(checkout: Path, quick: Path, tmp_path: Path) -> None:
    """Wheels of the lock file only: a package that comes as source would run its author's program on this machine."""
    package, files = tmp_path / "evil-1.tar.gz", {"pyproject.toml": PYPROJECT, "backend.py": SDIST, "PKG-INFO": ""}
    with tarfile.open(package, "w:gz") as archive:
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
            archive.add(tmp_path / name, f"evil-1/{name}")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    (checkout / "requirements" / "dev.txt").write_text(f"evil==1 --hash=sha256:{digest}\n", encoding="utf-8")
    ran = tmp_path / "ran"
    status, data, talk = end(start(checkout, quick, "x", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path), RAN=str(ran)))
    assert (1, "", True, False) == (status, data, "could not be installed" in talk, ran.exists()), talk


TOOLS = {
    # A Debian without python3-venv: no ensurepip, and no pip.
    "python3": """#!/bin/sh
case "$*" in
*"-m venv --without-pip"*) ;;
*"-m venv"*) [ -e "$TOOLS/installed" ] || { echo "ensurepip is not available"; exit 1; } ;;
*"-m pip"*) exit 1 ;;
esac
exec "$PYTHON" "$@"
""",
    "pip": "#!/bin/sh\nexit 1\n",
    "pip3": "#!/bin/sh\nexit 1\n",
    "id": "#!/bin/sh\necho 0\n",
    "apt-get": """#!/bin/sh
echo "$@" >>"$TOOLS/asked"
[ "$DEBIAN_FRONTEND" = noninteractive ] && touch "$TOOLS/installed"
""",
}


@pytest.fixture
def debian(tmp_path: Path) -> Path:
    """Return a folder of commands, to stand first on the PATH, as on a Debian that lacks python3-venv."""
    folder = tmp_path / "debian"
    folder.mkdir()
    for name, text in TOOLS.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def on(debian: Path, checkout: Path, pythons: Path, **more: str) -> tuple[int, str, str, list[str]]:
    """Start the tool there; return how it ended and what apt-get was asked."""
    python = str(pythons / "python3")
    status, data, talk = end(start(checkout, debian, "x", TOOLS=str(debian), PYTHON=python, **more))
    asked = debian / "asked"
    return status, data, talk, asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []


def test_a_system_package_is_announced(checkout: Path, pythons: Path, debian: Path) -> None:
    """As root, what is about to be installed into the system is said first, why, and how to keep it from that."""
    status, data, talk, asked = on(debian, checkout, pythons)
    assert (0, "x\n", ["install -y python3-venv"]) == (status, data, asked), talk
    for words in ("apt-get install python3-venv", "no ensurepip", "BLUEGREEN_SYSTEM_PACKAGES=never"):
        assert words in talk


def test_it_can_be_kept_from_the_system(checkout: Path, pythons: Path, debian: Path) -> None:
    """With that variable nothing is installed into the system, and the start ends with what to install."""
    status, data, talk, asked = on(debian, checkout, pythons, BLUEGREEN_SYSTEM_PACKAGES="never")
    assert (1, "", []) == (status, data, asked), talk
    assert "Install python3-venv" in talk


def test_no_python(checkout: Path, tmp_path: Path) -> None:
    """Without a new enough Python there is one clear sentence."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "readlink", "dirname", "cat", "cksum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(str(shutil.which("false")))
    done = subprocess.run(
        [tools / "sh", checkout / "bin" / "bluegreen"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (1, "No Python 3.11 or newer was found. Install one, and have python3 on the PATH.\n") == (
        done.returncode,
        done.stderr,
    )

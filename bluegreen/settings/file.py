"""``bluegreen.toml`` as a file: where it is looked for, and its plain TOML; quick to import, and read in bounded time.

What may stand in it is said by :mod:`bluegreen.settings.configuration`.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bluegreen.errors import BluegreenError, Misconfigured
from bluegreen.files import Foreign, Unfit, read_file

FILE = "bluegreen.toml"
VARIABLE = "BLUEGREEN_CONFIG"
MINIMAL = """\
[services.web]
blue = "web-blue"       # the names of the two Auto Scaling groups
green = "web-green\""""

NAMES = "a service's name has letters, digits, '_', '.' and '-' only"
_SERVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.A)

LARGEST = 256_000
"""Bytes of a file; a hundred services have a fifth of that."""
DOTS = 400
"""Dots on one line: the time that a dotted key takes grows with the square of its parts (tomllib of Python 3.11)."""


WORK = 5_000_000
"""What all dotted keys may take together, each its dots times those of the way to it (some 13 million a second)."""


def read(
    explicit: str | None, environ: Mapping[str, str] = os.environ, directory: Path | None = None
) -> tuple[str, Path]:
    """Return the text of the file that ``explicit`` names, or of the one that is found, and its path.

    Raise ``Misconfigured`` where there is none, or none to be believed.
    """
    path = locate(explicit, environ, directory)
    return _text(path, vouched=explicit is not None or bool(environ.get(VARIABLE))), path


def names_service(service: str, explicit: str | None) -> bool:
    """Whether the file has a table for ``service``, whatever is wrong with it; no where it cannot be read."""
    try:
        tables = plain(*read(explicit)).get("services")
    except BluegreenError:
        return False
    return isinstance(tables, dict) and service in tables


def is_service_name(text: str) -> bool:
    """Whether a service can be called so; its name is in the ids of its releases, in tags and in names of files."""
    return _SERVICE.fullmatch(text) is not None


def locate(explicit: str | None, environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Path:
    """Return the file to read; raise ``Misconfigured``, saying where was looked and what to write, without one."""
    if explicit is not None:
        return Path(explicit).expanduser()
    places = list(_places(environ, directory))
    for place, demanded in places:
        if demanded or place.is_file():
            return place
    looked = ", ".join(str(place) for place, _ in places)
    raise Misconfigured(
        f"there is no {FILE}; looked for {looked}",
        ("write one, or name the pair with --blue and --green; this is enough for a start:", "", *MINIMAL.split("\n")),
    )


def _places(environ: Mapping[str, str], directory: Path | None) -> Iterator[tuple[Path, bool]]:
    if named := environ.get(VARIABLE):
        yield Path(named).expanduser(), True
    yield (directory or Path.cwd()) / FILE, False
    yield Path(environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "bluegreen" / FILE, False


def _text(path: Path, *, vouched: bool) -> str:
    try:
        return read_file(path, LARGEST, vouched=vouched).decode()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except Unfit as error:
        named = f"; or say that you mean it: `--config {shlex.quote(str(path))}`" if isinstance(error, Foreign) else ""
        if vouched and not path.is_file():
            hint = f"`--config` and {VARIABLE} name the file itself, such as {FILE}"
        else:
            hint = error.hint + ("" if vouched else named)
        raise Misconfigured(error.message, hint) from error


def plain(text: str, path: Path) -> dict[str, Any]:
    """Return what the TOML says, found out in bounded time; raise ``Misconfigured`` when it is none."""
    if len(text) > LARGEST:
        raise Misconfigured(f"{path} has more than {LARGEST:,} bytes, which no configuration needs")
    above = work = 0
    for number, line in enumerate(text.split("\n"), 1):
        dots = line.count(".")
        if dots > DOTS:
            raise Misconfigured(f"{path}:{number}: there are more than {DOTS} dots on one line")
        above = max(above, dots) if line.lstrip().startswith("[") else above
        work += dots * (dots + above)
        if work > WORK:
            raise Misconfigured(f"{path}:{number}: up to here there are more dots than any configuration needs")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Misconfigured(f"{path} is nested too deeply", "put the TOML right and try again") from None
    except ValueError as error:
        raise Misconfigured(f"{path}: {error}", "put the TOML right and try again") from error

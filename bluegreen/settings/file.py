"""``bluegreen.toml`` as a file: where it is looked for, and its plain TOML; quick to import, and read in bounded time.

What may stand in it is said by :mod:`bluegreen.settings.configuration`.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bluegreen.errors import BluegreenError, Misconfigured
from bluegreen.files import Foreign, Homeless, Unfit, at_home, read_file

FILE = "bluegreen.toml"
VARIABLE = "BLUEGREEN_CONFIG"
MINIMAL = """\
[services.web]
blue = "web-blue"       # the names of the two Auto Scaling groups
green = "web-green\""""

NAMES = "a service's name has letters, digits, '_', '.' and '-' only"
_SERVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.A)

LONGEST = 200
"""Characters that are shown of a place that cannot be looked at."""
OUT_OF_REACH = (errno.EACCES, errno.ENAMETOOLONG, errno.ELOOP)
"""Why a place is passed by: whoever asks, in this environment, will never see a file there."""

LARGEST = 256_000
"""Bytes of a file; a hundred services have a fifth of that."""
DOTS = 400
"""Dots on one line: the time that a dotted key takes grows with the square of its parts (tomllib of Python 3.11)."""


WORK = 5_000_000
"""What all dotted keys may take together, each its dots times those of the way to it (some 13 million a second)."""


_ENOUGH = (
    "write one, or name one with `--config FILE`, or the pair with --blue and --green; this is enough for a start:"
)


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
    """Return the file to read; raise ``Misconfigured``, saying where was looked and what to write, without one.

    A place that nobody can look at, being who they are and where, is passed by for the next one.
    """
    named = environ.get(VARIABLE) or None if explicit is None else explicit
    if named is not None:
        return at_home(named)
    looked = []
    for text in _places(environ, directory):
        if isinstance(seen := _seen(text), Path):
            return seen
        looked.append(seen)
    raise Misconfigured(f"there is no {FILE}; looked for {', '.join(looked)}", (_ENOUGH, "", *MINIMAL.split("\n")))


def is_there(environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> bool:
    """Whether there is a file to read, however wrong; one that the variable names is meant to be."""
    try:
        return bool(environ.get(VARIABLE)) or bool(locate(None, environ, directory))
    except Misconfigured:
        return False


def _places(environ: Mapping[str, str], directory: Path | None) -> Iterator[str]:
    yield str((directory or _here()) / FILE)
    yield f"{environ.get('XDG_CONFIG_HOME') or '~/.config'}/bluegreen/{FILE}"


def _here() -> Path:
    """Return the working directory, by no name where it has none any more."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


def _seen(text: str) -> Path | str:
    """Return the file at a place, or what is to be said of the place where there is none.

    What may be there counts as there, so that reading it says what is the matter; but not what one may not look at.
    """
    place = text
    try:
        place = str(at_home(text))
        there = stat.S_ISREG(os.stat(place).st_mode)
    except Homeless as error:
        return _told(place, error.why)
    except OSError as error:
        if error.errno in OUT_OF_REACH:
            return _told(place, os.strerror(error.errno))
        there = error.errno not in (errno.ENOENT, errno.ENOTDIR)
    return Path(place) if there else place


def _told(place: str, why: str) -> str:
    return f"{place if len(place) <= LONGEST else place[:LONGEST] + '...'} ({why})"


def _text(path: Path, *, vouched: bool) -> str:
    try:
        return read_file(path, LARGEST, vouched=vouched).decode()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Misconfigured(
            f"{path} cannot be read: {why}", "see who may read it, and that it is text in UTF-8"
        ) from error
    except Unfit as error:
        named = f"; or say that you mean it: `--config {shlex.quote(str(path))}`" if isinstance(error, Foreign) else ""
        if vouched and not os.path.isfile(path):
            hint = f"`--config` and {VARIABLE} name the file itself, such as {FILE}"
        else:
            hint = error.hint + ("" if vouched else named)
        raise Misconfigured(error.message, hint) from error


OTHER = "see whether it is the file that you mean"


def plain(text: str, path: Path) -> dict[str, Any]:
    """Return what the TOML says, found out in bounded time; raise ``Misconfigured`` when it is none."""
    if len(text) > LARGEST:
        raise Misconfigured(f"{path} has more than {LARGEST:,} bytes, which no configuration needs", OTHER)
    above = work = 0
    for number, line in enumerate(text.split("\n"), 1):
        dots = line.count(".")
        if dots > DOTS:
            raise Misconfigured(f"{path}:{number}: there are more than {DOTS} dots on one line", OTHER)
        above = max(above, dots) if line.lstrip().startswith("[") else above
        work += dots * (dots + above)
        if work > WORK:
            raise Misconfigured(f"{path}:{number}: up to here there are more dots than any configuration needs", OTHER)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise Misconfigured(f"{path} is nested too deeply", "put the TOML right and try again") from None
    except ValueError as error:
        raise Misconfigured(f"{path}: {error}", "put the TOML right and try again") from error

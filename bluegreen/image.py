"""What an image version is: an OCI tag or digest. Asked by ``Service.deploy``, the command line and the instance.

Source: OCI distribution specification 1.1, "Pulling manifests" (tags), and OCI image specification 1.1,
"Descriptors" (digests; the registered algorithms are sha256 and sha512, in lower-case hexadecimal digits).
"""

from __future__ import annotations

import re

from bluegreen.errors import Refused, Usage
from bluegreen.words import shown as quoted

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}", re.ASCII)
_ALGORITHM = re.compile(r"(sha|md)-?\d+", re.ASCII | re.IGNORECASE)
FORM = "an image tag of up to 128 letters, digits, '_', '.', '-', or a digest such as sha256:… (64 hex digits)"
LONGEST = 80


def valid(value: str) -> bool:
    """Say whether ``value`` is an image tag or a digest, and nothing else."""
    return bool(_TAG.fullmatch(value) or _DIGEST.fullmatch(value))


def typed(value: str | None) -> str:
    """Return a version as it stands in a command; ``IMAGE`` for what is none, which a record or a tag can hold."""
    return value if value is not None and valid(value) else "IMAGE"


def digest(value: str) -> bool:
    """Say whether ``value`` is a digest, which a reference takes after an ``@``."""
    return bool(_DIGEST.fullmatch(value))


SUCH_AS = "give a version as the registry has it, such as v2 or 2026.11.1"


def wanted(value: object, command: str = "") -> str:
    """Return an image version that somebody asks for; raise Usage when it is none.

    ``command`` is what was typed before it.
    """
    if not isinstance(value, str) or not valid(value):
        if isinstance(value, str) and (alone := _without_a_name(value)):
            way = f"`{command} {alone}`" if command else alone
            raise Usage(f"{value!r:.60} is not an image version, but a name with one", f"give the version alone: {way}")
        said = f"{value!r:.60}" if isinstance(value, str) else quoted(value)
        raise Usage(f"{said} is not an image version, which is {FORM}", SUCH_AS)
    return value


def _without_a_name(value: str) -> str:
    """Return the version in ``NAME:TAG`` or ``NAME@DIGEST``; nothing where there is none, as in half a digest."""
    name, *rest = re.split("[:@]", value, maxsplit=1)
    return "".join(alone for alone in rest if valid(alone) and not _ALGORITHM.fullmatch(name))


def checked(value: str, whence: str) -> str:
    """Return ``value``; raise Refused, naming ``whence`` it came, when it is no image version."""
    if not valid(value):
        raise Refused(f"{whence} is no image version: {shown(value)}", f"a version is {FORM}")
    return value


def shown(value: str) -> str:
    """Return a foreign text quoted, in printable ASCII, cut to a length that fits a line."""
    text = ascii(value[:LONGEST])
    return text if len(value) <= LONGEST else f"{text}... ({len(value)} characters)"

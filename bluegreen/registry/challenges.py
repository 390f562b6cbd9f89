"""What a registry asks for in ``WWW-Authenticate`` (RFC 9110, 11.6.1): schemes, each with its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LONGEST = 8192
_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_PIECE = re.compile(rf"""({_TOKEN})(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?""", re.A)


def challenges(header: str) -> Mapping[str, Mapping[str, str]]:
    """Return each scheme that is offered, in lower case, with its parameters; of two of a kind the first."""
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for name, quoted, bare in _PIECE.findall(header[:_LONGEST]):
        if quoted or bare:
            current.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or bare)
        else:
            current = {}
            found.setdefault(name.lower(), current)
    return found

"""Whether the keyring may be asked: where a person is, or where somebody said so.

A keyring answers a locked door with a question on a desktop. Under cron there is nobody to answer it, so that
without a terminal nothing is asked unless ``BLUEGREEN_KEYRING`` says ``always``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from bluegreen.errors import Misconfigured

VARIABLE = "BLUEGREEN_KEYRING"
ALWAYS, NEVER = "always", "never"


def may_ask(environ: Mapping[str, str] = os.environ, *, named: bool = False) -> bool:
    """Whether to ask the keyring; ``named``: the command itself says so, and only ``never`` speaks against it."""
    said = environ.get(VARIABLE, "")
    if said not in ("", ALWAYS, NEVER):
        raise Misconfigured(f"{VARIABLE} is neither {ALWAYS} nor {NEVER}", "unset it: then the terminal decides")
    return said == ALWAYS or (said != NEVER and (named or _terminal(sys.stdin) or _terminal(sys.stderr)))


def _terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False

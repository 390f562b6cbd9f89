"""JSON as other programs read it: RFC 8259 knows no ``NaN`` and no ``Infinity``, which Python reads and writes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any


def one_line(value: object, otherwise: Callable[[Any], Any] | None = None) -> str:
    """Return ``value`` as one line of JSON in plain ASCII; a number that JSON has none for is ``null``.

    ``otherwise`` makes something of what JSON does not know. Raise what ``json.dumps`` does for the rest.
    """
    try:
        return json.dumps(value, default=otherwise, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), default=otherwise, allow_nan=False)


def read(text: str) -> object:
    """Return what a line of JSON says, ``None`` for a number that is none or too large to be one.

    Raise ``ValueError`` for what is no JSON, and ``RecursionError`` for what is nested too deeply.
    """
    return json.loads(text, parse_constant=lambda _: None, parse_float=lambda number: _finite(float(number)))


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    return list(map(_finite, value)) if isinstance(value, list | tuple) else value

"""What a caller of the library hands in: looked at once, where it comes in; wrong is ``Usage``, naming the argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from types import UnionType
from typing import Any

from bluegreen.errors import Usage
from bluegreen.words import shown

LARGEST = 10_000
"""Instances that anybody could mean."""
LONGEST_TEXT = 1000


def wrong(name: str, value: object, wanted: str) -> Usage:
    """Return the error for an argument, which is shown in printable ASCII."""
    return Usage(f"{name}: {shown(value)} is not {wanted}")


def flag(name: str, value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise wrong(name, value, "True or False")
    return value


def count(name: str, value: object) -> int:
    """Return a number of instances: a whole one, at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
        raise wrong(name, value, f"a whole number from 1 to {LARGEST}")
    return value


def seconds(name: str, value: object) -> float:
    """Return a time in seconds: a number that is neither negative nor without end."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong(name, value, "a number of seconds")
    try:
        fits = math.isfinite(value) and value >= 0
    except OverflowError:
        fits = False
    if not fits:
        raise wrong(name, value, "a number of seconds")
    return value


def text(name: str, value: object) -> str:
    """Return a text of a length that people write."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise wrong(name, value, f"a text of at most {LONGEST_TEXT} characters")
    return value


def texts(name: str, value: object) -> tuple[str, ...]:
    """Return several texts; one text alone is not several of one letter."""
    if isinstance(value, str | bytes) or not isinstance(value, Collection):
        raise wrong(name, value, "a list of texts")
    return tuple(text(name, one) for one in value)


def kind(name: str, value: object, wanted: type | UnionType) -> Any:
    """Return a value of one class, or of several."""
    if not isinstance(value, wanted):
        raise wrong(name, value, f"a {getattr(wanted, '__name__', wanted)}")
    return value


def able(name: str, value: object, *methods: str) -> Any:
    """Return an object that has these methods; a class has none."""
    if isinstance(value, type) or not all(callable(getattr(value, method, None)) for method in methods):
        raise wrong(name, value, f"able to {', '.join(methods)}")
    return value


def called(name: str, value: object) -> Callable[..., Any]:
    """Return what can be called."""
    if not callable(value):
        raise wrong(name, value, "something to call")
    return value


def maybe(check: Callable[[str, object], Any], name: str, value: object) -> Any:
    """Return ``None``, or what ``check`` returns."""
    return None if value is None else check(name, value)

"""Documents as plain values and back: each value has to be of its own kind, nothing is converted by guessing."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, get_args

from cattrs import Converter

LARGEST = 8_000_000
"""Bytes of a record; one of ten thousand instances has a tenth of that."""

DEEPEST = 40
"""Levels of lists and objects within each other; AWS's settings have ten."""

INTEGERS = 2**53
"""Integers beyond this are not the same in every reader of JSON."""

_TIME = "$time"


def too_deep(value: Any) -> bool:
    """Whether more than ``DEEPEST`` lists and objects stand within each other."""
    level = [value]
    for _ in range(DEEPEST):
        level = [item for one in level for item in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> tuple[Any, ...]:
    if isinstance(value, dict):
        return tuple(value.values())
    return tuple(value) if isinstance(value, list) else ()


@functools.cache
def converter() -> Converter:
    """Return what makes documents plain, and reads them from plain values; whatever it raises, they are none."""
    made = Converter(forbid_extra_keys=True, prefer_attrib_converters=True)
    made.register_unstructure_hook(float, lambda value: value if math.isfinite(value) else str(value))
    for kind, hook in ((float, _float_in), (int, _int_in), (str, _str_in), (bool, _bool_in)):
        made.register_structure_hook(kind, hook)
    made.register_unstructure_hook_func(_is_plain, _plain_out)
    made.register_structure_hook_func(_is_plain, lambda value, _: _plain_in(checked(value, dict)))
    made.register_unstructure_hook_func(_is_set, sorted)
    made.register_structure_hook_func(_is_set, lambda value, _: frozenset(map(_str, checked(value, list))))
    made.register_structure_hook_factory(_is_tuple, lambda kind: _tuples(made, kind))
    return made


def _tuples(made: Converter, kind: Any) -> Callable[[Any, Any], tuple[Any, ...]]:
    member = get_args(kind)[0]
    return lambda value, _: tuple(made.structure(item, member) for item in checked(value, list))


def checked(value: Any, kind: type) -> Any:
    """Return a plain value that is of ``kind``; raise ``TypeError`` for any other."""
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} is no {kind.__name__}")
    return value


def _float_in(value: Any, _: Any) -> float:
    if value == "inf":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{type(value).__name__} is no number")
    return float(value)


def _int_in(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > INTEGERS:
        raise TypeError("no integer of moderate size")
    return value


def _str_in(value: Any, _: Any) -> str:
    return _str(value)


def _str(value: Any) -> str:
    text: str = checked(value, str)
    text.encode()  # half of a surrogate pair is no text
    return text


def _bool_in(value: Any, _: Any) -> bool:
    return bool(checked(value, bool))


def _is_plain(kind: Any) -> bool:
    return bool(kind == Mapping[str, object])


def _is_set(kind: Any) -> bool:
    return getattr(kind, "__origin__", kind) is frozenset


def _is_tuple(kind: Any) -> bool:
    return getattr(kind, "__origin__", kind) is tuple


def _plain_out(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _plain_out(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain_out(item) for item in value]
        case datetime():
            return {_TIME: value.isoformat()}
        case _:
            return value


def _plain_in(value: Any) -> Any:
    match value:
        case {"$time": str(text), **rest} if not rest:
            return _moment(text)
        case dict():
            return {_str(key): _plain_in(item) for key, item in value.items()}
        case list():
            return [_plain_in(item) for item in value]
        case str():
            return _str(value)
        case float() if not math.isfinite(value):
            raise ValueError("no finite number")
        case int() if abs(value) > INTEGERS:
            raise ValueError("no integer of moderate size")
        case _:
            return value


def _moment(text: str) -> datetime:
    """Return a moment of AWS's, which always says its zone, and is none at the ends of the calendar."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise ValueError("no moment")
    return moment

"""How much is tried, and what is put in the place of a member of a valid document."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TRIED = int(os.environ.get("BLUEGREEN_FUZZ", "300"))
"""Inputs of each kind: a few hundred in the suite, more by hand (``BLUEGREEN_FUZZ=5000``)."""


def tried(few: int) -> settings:
    """Return how hypothesis goes about it: ``few`` inputs in the suite, always the same; by hand as many as are asked.

    An input that fails is made as small as can be.
    """
    by_hand = "BLUEGREEN_FUZZ" in os.environ
    return settings(
        max_examples=TRIED if by_hand else few,
        derandomize=not by_hand,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


HOSTILE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    7,
    1.5,
    -0.001,
    1e308,
    2**31,
    2**63,
    -(2**70),
    10**400,
    float("nan"),
    float("inf"),
    float("-inf"),
    "inf",
    "nan",
    "",
    "x",
    "web-blue",
    "finish",
    "moved",
    "\ud800",
    "a\x1b[31mb\r\n0 web: deployed",
    "\u202eevil",
    "\x00",
    "i-0123456789abcdef0",
    "web:29990101-000000-0001",
    "*" * 5000,
    [],
    {},
    [[]],
    [None],
    ["x"],
    ["x", 1, None],
    {"x": 1},
    {"x": {"x": []}},
    {"$time": "2026-01-01"},
    {"$time": "0001-01-01T00:00:00+00:00"},
    {"$time": "9999-12-31T23:59:59-14:00"},
    {"$time": 3},
)

Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each member, however deep."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


hostile: st.SearchStrategy[Any] = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=9), st.integers(), st.floats())
"""What stands in the place of a member, or is its name."""


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """Draw a copy in which one member is another one: replaced, removed, added, or taken from elsewhere in it.

    A text may be another one throughout, wherever it stands in values and names.
    """
    made = copy.deepcopy(value)
    where = list(places(made))
    if not where:
        return draw(hostile)
    path = draw(st.sampled_from(where))
    holder = _at(made, path[:-1])
    match draw(st.integers(0, 7)):
        case 0:
            del holder[path[-1]]
        case 1 if isinstance(holder, dict):
            holder[str(draw(hostile))[:40]] = draw(hostile)
        case 2:
            holder[path[-1]] = copy.deepcopy(_at(made, draw(st.sampled_from(where))))
        case 3 if texts := sorted({found for one in where if isinstance(found := _at(made, one), str)}):
            return _renamed(made, draw(st.sampled_from(texts)), draw(st.just("another") | hostile.map(str))[:40])
        case _:
            holder[path[-1]] = draw(hostile)
    return made


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """Draw a value that is good but for one member, as often as one of which little is left."""
    for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2, 3, 4, 5]))):
        value = draw(mutated(value))
    return value


def _renamed(value: Any, old: str, new: str) -> Any:
    match value:
        case dict():
            return {_renamed(key, old, new): _renamed(inner, old, new) for key, inner in value.items()}
        case list():
            return [_renamed(inner, old, new) for inner in value]
        case str() if old:
            return value.replace(old, new)
    return value


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def said_badly(words: str, most: int = 20_000) -> str:
    """Return what is wrong with words that a person reads: a character that a terminal obeys, or no end."""
    obeyed = sorted({c for c in words if not c.isprintable() and c != "\n"})
    return f"unprintable {obeyed!r}: {words[:300]!r}" if obeyed else "too long" if len(words) > most else ""

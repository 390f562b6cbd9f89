"""How much is tried, and what is put in the place of a member of a valid document."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from typing import Any

TRIED = int(os.environ.get("BLUEGREEN_FUZZ", "300"))
"""Inputs of each kind: a few hundred in the suite, more by hand (``BLUEGREEN_FUZZ=20000``)."""

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


def mutated(value: Any, dice: random.Random) -> Any:
    """Return a copy in which one member is another one: replaced, removed, added, or taken from elsewhere in it."""
    made = copy.deepcopy(value)
    path = dice.choice(list(places(made)))
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    match dice.randrange(8):
        case 0:
            del holder[path[-1]]
        case 1 if isinstance(holder, dict):
            holder[str(dice.choice(HOSTILE))[:40]] = dice.choice(HOSTILE)
        case 2:
            other = made
            for key in dice.choice(list(places(made))):
                other = other[key]
            holder[path[-1]] = copy.deepcopy(other)
        case _:
            holder[path[-1]] = dice.choice(HOSTILE)
    return made

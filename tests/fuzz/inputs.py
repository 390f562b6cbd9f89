"""How much is tried, and what is put in the place of a member of a valid document."""

from __future__ import annotations

import copy
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
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

OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of what controls, formats, separates lines, or is half a character."""

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
def mutated(draw: st.DrawFn, value: Any, names: Sequence[str] = ()) -> Any:
    """Draw a copy in which one member is another one: replaced, removed, added, or taken from elsewhere in it.

    Or one text is another one wherever it stands (:func:`renamed`).
    """
    made = copy.deepcopy(value)
    where = list(places(made))
    if not where:
        return draw(hostile)
    path = draw(st.sampled_from(where))
    holder = _at(made, path[:-1])
    match draw(st.integers(0, 8)):
        case 0:
            del holder[path[-1]]
        case 1 if isinstance(holder, dict):
            holder[str(draw(hostile))[:40]] = draw(hostile)
        case 2:
            holder[path[-1]] = copy.deepcopy(_at(made, draw(st.sampled_from(where))))
        case 3 | 4 if words(made):
            return draw(renamed(made, names))
        case _:
            holder[path[-1]] = draw(hostile)
    return made


@st.composite
def renamed(draw: st.DrawFn, value: Any, names: Sequence[str] = ()) -> Any:
    """Draw a copy that agrees with itself: one text of it is another one wherever it stands.

    What stands in several places, as the name of a group does, is drawn as often as all others; what takes its place
    is one of ``names`` that are there in the world, one of its own form, or hostile.
    """
    found = words(value)
    often = sorted(word for word, count in found.items() if count > 1)
    old = draw(st.sampled_from(often) if often and draw(st.booleans()) else st.sampled_from(sorted(found)))
    new = draw(st.one_of(st.just(alike(old)), st.sampled_from([*names, "another"]), hostile.map(str)))
    return exchanged(value, old, new[:60], alone=draw(st.booleans()))


def words(value: Any) -> dict[str, int]:
    """Return the texts that values are, and how often each one stands in all texts, names of members among them."""
    own, texts = set(), []
    for path in places(value):
        if isinstance(path[-1], str):
            texts.append(path[-1])
        if isinstance(found := _at(value, path), str) and found:
            texts.append(found)
            own.add(found)
    whole = "\0".join(texts)
    return {word: whole.count(word) for word in own}


def alike(text: str) -> str:
    """Return another text of the same form: each digit is another one, each letter as well."""
    made = re.sub("[a-z]", lambda found: "b" if found[0] == "a" else "a", text)
    return re.sub("[0-9]", lambda found: "2" if found[0] == "1" else "1", made)


@st.composite
def changed(draw: st.DrawFn, value: Any, names: Sequence[str] = ()) -> Any:
    """Draw a value that is good but for one member, as often as one of which little is left."""
    for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2, 3, 4, 5]))):
        value = draw(mutated(value, names))
    return value


def exchanged(value: Any, old: str, new: str, *, alone: bool = False) -> Any:
    """Return ``value`` with another text for one, in values and names; ``alone``: not where it is part of a word."""
    word = re.escape(old)
    return _replaced(value, re.compile(rf"(?<![\w-]){word}(?![\w-])" if alone else word), new)


def _replaced(value: Any, old: re.Pattern[str], new: str) -> Any:
    match value:
        case dict():
            return {old.sub(lambda _: new, key): _replaced(inner, old, new) for key, inner in value.items()}
        case list():
            return [_replaced(inner, old, new) for inner in value]
        case str():
            return old.sub(lambda _: new, value)
    return value


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def said_badly(words: str, most: int = 20_000) -> str:
    """Return what is wrong with words that a person reads: a character that a terminal obeys, or no end."""
    obeyed = sorted({c for c in words if unicodedata.category(c) in OBEYED and c != "\n"})
    return f"obeyed {obeyed!r}: {words[:300]!r}" if obeyed else "too long" if len(words) > most else ""

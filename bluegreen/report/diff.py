"""Both groups of a pair side by side, as text for 80 columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from bluegreen.report.text import clean, wrapped

WIDTH = 80
WIDEST_NAME = 38
WIDEST_VALUE = 18
GAP = "  "

HEADINGS = {
    "refused": "refused: no deployment begins while they differ like this",
    "noted": "noted: nothing is refused for these, but they change with the side that serves",
    "natural": "by nature: a live and an idle group differ in these",
}


class Difference(Protocol):
    """One thing that differs; ``level`` is one of :data:`HEADINGS`, ``None`` stands where a side has nothing."""

    @property
    def topic(self) -> str:
        """What it belongs to."""

    @property
    def detail(self) -> str:
        """What of the topic it is, or nothing."""

    @property
    def blue(self) -> object:
        """Blue's value."""

    @property
    def green(self) -> object:
        """Green's value."""

    @property
    def level(self) -> str:
        """How much it matters."""

    @property
    def matters(self) -> bool:
        """Whether a deployment is refused for it."""

    @property
    def why(self) -> str:
        """Why it is at that level, or nothing."""


class Comparison(Protocol):
    """Both groups side by side; ``live`` is the one that serves, ``release`` says what is open, if anything."""

    @property
    def blue(self) -> str:
        """Blue's name."""

    @property
    def green(self) -> str:
        """Green's name."""

    @property
    def live(self) -> str | None:
        """The one that serves, ``None`` when that is not clear."""

    @property
    def release(self) -> str:
        """What is open."""

    @property
    def matters(self) -> bool:
        """Whether a deployment is refused for any of it."""

    @property
    def differences(self) -> Sequence[Difference]:
        """What differs, what matters most first."""

    @property
    def unknown(self) -> Mapping[str, str]:
        """The topics that could not be compared, with why."""

    @property
    def same(self) -> Sequence[str]:
        """The topics in which both are the same."""


def diff_value(comparison: Comparison) -> dict[str, Any]:
    """Return ``comparison`` as plain values."""
    names = ("topic", "detail", "blue", "green", "level", "matters", "why")
    return {
        "blue": comparison.blue,
        "green": comparison.green,
        "live": comparison.live,
        "release": comparison.release,
        "matters": comparison.matters,
        "differences": [{name: getattr(one, name) for name in names} for one in comparison.differences],
        "unknown": dict(comparison.unknown),
        "same": list(comparison.same),
    }


def diff_text(service: str, comparison: Comparison) -> str:
    """Return who is blue and who green, then what differs under how much it matters, then what is the same."""
    lines = [f"{clean(service)}: {_sides(comparison)}"]
    lines += [f"{GAP}{clean(comparison.release)} is open"] if comparison.release else []
    for level, found in groupby(comparison.differences, key=lambda one: one.level):
        lines += ["", HEADINGS[level], *_rows(tuple(found))]
    for topic, why in comparison.unknown.items():
        lines += ["", *_wrapped("not known: ", f"{clean(topic)}: {clean(why)}")]
    lines += ["", *_wrapped("the same: ", ", ".join(map(clean, comparison.same)) or "nothing")]
    return "\n".join(lines)


def _sides(comparison: Comparison) -> str:
    names = (comparison.blue, comparison.green)
    if comparison.live is None:
        return f"blue is {clean(names[0])}, green is {clean(names[1])}; it is not clear which one serves"
    states = ("live" if name == comparison.live else "idle" for name in names)
    blue, green = (f"{clean(name)} ({state})" for name, state in zip(names, states, strict=True))
    return f"blue is {blue}, green is {green}"


def _rows(found: Sequence[Difference]) -> Iterator[str]:
    """Yield a line with both values for each difference, or three where they do not fit beside each other.

    A reason stands once, below the last of those that have it.
    """
    told = [(_name(one), _said(one.blue), _said(one.green)) for one in found]
    first, second = _widths([row for row in told if _fits(*row)])
    if first:
        yield f"{GAP}{'':{first}}{GAP}{'blue':{second}}{GAP}green"
    reasons = [one.why for one in found]
    for why, following, (name, blue, green) in zip(reasons, [*reasons[1:], ""], told, strict=True):
        if _fits(name, blue, green):
            yield f"{GAP}{name:{first}}{GAP}{blue:{second}}{GAP}{green}"
        else:
            yield from (f"{GAP}{name}", f"{GAP * 2}blue   {blue}", f"{GAP * 2}green  {green}")
        if why != following:
            yield from _wrapped(GAP * 3, clean(why))


def _fits(name: str, blue: str, green: str) -> bool:
    return len(name) <= WIDEST_NAME and max(len(blue), len(green)) <= WIDEST_VALUE


def _widths(rows: Sequence[tuple[str, str, str]]) -> tuple[int, int]:
    """Return how wide names and blue's values are, those of nothing at least as wide as the heading."""
    return max((len(name) for name, _, _ in rows), default=0), max((4, *(len(blue) for _, blue, _ in rows)))


def _name(one: Difference) -> str:
    return clean(f"{one.topic}: {one.detail}" if one.detail else one.topic)


def _said(value: object) -> str:
    """Return a value on one line: words as they are, lists of words with commas, everything else as JSON."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return clean(", ".join(value)) or "none"
    return clean(value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)) or '""'


def _wrapped(indent: str, text: str) -> Iterable[str]:
    return wrapped(text, WIDTH, indent, " " * len(indent), whole=True)

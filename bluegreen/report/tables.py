"""Tables of cells for a terminal: no line reaches the last column, and what matters least falls away first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WIDEST = 100
"""Columns that are used at most: beyond them nobody reads a line with one look."""
NARROW = 60
"""Columns below which only what matters most is shown."""


def table(
    heads: Sequence[str],
    rows: Iterable[tuple[str, Sequence[str]]],
    width: int = WIDEST,
    expendable: Iterable[str] = (),
    gone: Iterable[str] = (),
) -> list[str]:
    """Return a line for the heads and one for each row, which is a sign of one column and its cells.

    Of ``expendable`` columns one after the other falls away, until every line is shorter than ``width``; in a narrow
    terminal the heads do, too. ``gone`` are columns that are left out in any case.
    """
    every = [*rows] if width < NARROW else [(" ", heads), *rows]
    kept = [number for number, head in enumerate(heads) if head not in set(gone)]
    left = [head for head in expendable if heads.index(head) in kept]
    while max(map(len, lines := _lines(every, kept))) >= width and left:
        kept.remove(heads.index(left.pop(0)))
    return lines


def _lines(every: Sequence[tuple[str, Sequence[str]]], kept: Sequence[int]) -> list[str]:
    widths = {column: max(len(cells[column]) for _, cells in every) for column in kept}
    return [f"{sign} {'  '.join(cells[one].ljust(widths[one]) for one in kept)}".rstrip() for sign, cells in every]

"""How figures, times and foreign texts are written; quick to import."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime

from bluegreen.sentences.forms import duration as duration
from bluegreen.words import clean as clean
from bluegreen.words import clean_lines as clean_lines


def timestamp(at: float) -> str:
    """Return the POSIX second ``at`` in ISO 8601, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


ESCAPED = 3
"""Columns that a line grows by when what begins it is written out."""


def wrapped(text: str, width: int, first: str = "", rest: str = "", *, whole: bool = False) -> list[str]:
    """Return ``text`` in lines of at most ``width``, the first behind ``first``; if ``whole``, no word of it is cut.

    Each line is clean by itself: what is harmless in the middle of a sentence may begin a line of it.
    """

    def broken(columns: int) -> list[str]:
        return textwrap.wrap(
            clean(text),
            columns,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=not whole,
            break_on_hyphens=False,
        )

    lines = broken(width)
    told = list(map(clean, lines))
    return told if told == lines else list(map(clean, broken(width - ESCAPED)))

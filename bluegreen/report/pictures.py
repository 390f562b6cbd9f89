"""Pictures on a terminal: their texts are words, never markup, links or commands to the terminal."""

from __future__ import annotations

from typing import IO, cast

from rich.console import Console
from rich.text import Text

from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean


def console(stream: SafeStream, width: int | None = None) -> Console:
    """Return Rich's console over ``stream``; a plain string on it is nothing but that string."""
    return Console(file=cast(IO[str], stream), width=width, markup=False, emoji=False, highlight=False)


def words(text: str, style: str = "") -> Text:
    """Return ``text`` on one line, whatever is in it written out."""
    return Text(clean(text), style)

"""What a reader's terminal is told beside words: colours, and signs that it may not have."""

from __future__ import annotations

import os
from collections.abc import Mapping

from attrs import field, frozen

from bluegreen.report.streams import PLAIN, SafeStream
from bluegreen.report.text import clean

CODES = {
    "bold green": "1;32",
    "bold red": "1;31",
    "green": "32",
    "red": "31",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
    "dim": "2",
}
"""Styles by their names, as ECMA-48 has them (SGR)."""


def is_coloured(stream: SafeStream) -> bool:
    """Whether colours go to a stream: ``NO_COLOR`` and ``FORCE_COLOR`` go before what it is (no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


@frozen(kw_only=True)
class Ink:
    """How texts are put on a screen: in ``colours`` or not, with signs that every encoding has (``plain``) or not.

    ``names`` are the styles of groups by their names.
    """

    colours: bool = False
    plain: bool = False
    names: Mapping[str, str] = field(factory=dict)

    def says(self, text: str) -> str:
        """Return a foreign text, or one of ours, on one line."""
        told = clean(text)
        return told.translate(PLAIN) if self.plain else told

    def paints(self, text: str, style: str) -> str:
        """Return ``text`` in a style; it takes no more columns for that."""
        code = CODES.get(style) if self.colours else None
        return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


WITHOUT = Ink()
"""No colours, all signs."""


def ink_of(stream: SafeStream, names: Mapping[str, str] | None = None) -> Ink:
    """Return the ink for what reads a stream."""
    return Ink(colours=is_coloured(stream), plain=stream.is_plain, names=names or {})

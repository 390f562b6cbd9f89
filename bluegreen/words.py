"""How words from outside become fit for a sentence; imports nothing of the package, and is quick to import."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that a terminal obeys, that separate lines, or that are half of one."""


def is_plain(text: str) -> bool:
    """Whether no character of ``text`` is obeyed by anybody. What a newer Unicode has assigned is one like others."""
    if text.isascii() and text.isprintable():
        return True
    return not any(unicodedata.category(character) in OBEYED for character in text)


def clean(text: str) -> str:
    """Return ``text`` with control and formatting characters written out, so that it is one line that nobody obeys.

    So is what this Python's Unicode does not know: another one may know it for such a character.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def fit(text: str, most: int) -> str:
    """Return ``text`` clean, and cut to ``most`` characters."""
    return clean(text[:most])[:most]


def clean_lines(text: str) -> str:
    """Return ``text`` like :func:`clean`, its line breaks kept."""
    return "\n".join(clean(line) for line in text.split("\n"))


def sentences(words: str | Iterable[str]) -> str:
    """Return one sentence, or each of several on a line of its own, all of them clean."""
    return clean(words) if isinstance(words, str) else "\n".join(map(clean, words))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in (*OBEYED, "Cn"):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"

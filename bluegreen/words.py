"""How words from outside become fit for a sentence; imports nothing of the package, and is quick to import."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def clean(text: str) -> str:
    """Return ``text`` with control and formatting characters written out, so that it is one line that nobody obeys."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def clean_lines(text: str) -> str:
    """Return ``text`` like :func:`clean`, its line breaks kept."""
    return "\n".join(clean(line) for line in text.split("\n"))


def sentences(words: str | Iterable[str]) -> str:
    """Return one sentence, or each of several on a line of its own, all of them clean."""
    return clean(words) if isinstance(words, str) else "\n".join(map(clean, words))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"

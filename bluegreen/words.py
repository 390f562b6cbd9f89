"""How words from outside become fit for a sentence, and how a word fits a number.

Imports nothing of the package, and is quick to import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sized

OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that a terminal obeys, that separate lines, or that are half of one."""

_TO_AN_AGENT = re.compile(r"#(?=#[a-z]*\[)|^\s*:(?=:[a-z-]+(?: |::))", re.I)
"""How a line begins, or what stands anywhere in one, that an agent of continuous integration takes for a command.

Azure DevOps (logging commands): ``##vso[…]``, ``##[…]``; TeamCity (service messages): ``##teamcity[…]``; GitHub Actions
(workflow commands): ``::set-output name=…::``.
"""


def is_plain(text: str) -> bool:
    """Whether no character of ``text`` is obeyed by anybody. What a newer Unicode has assigned is one like others."""
    if text.isprintable():
        return True
    return not any(unicodedata.category(character) in OBEYED for character in text)


def clean(text: str) -> str:
    """Return ``text`` with control and formatting characters written out, so that it is one line that nobody obeys.

    So is what this Python's Unicode does not know: another one may know it for such a character; and what an agent of
    continuous integration that reads along would take for a command.
    """
    if not text.isprintable():
        text = "".join(_visible(character) for character in text)
    return _TO_AN_AGENT.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", text)


def as_word(text: str) -> str:
    """Return a word from outside for a sentence: no backquote is in it, which would begin a command of our own."""
    return text.replace("`", "\\x60")


def fit(text: str, most: int) -> str:
    """Return a foreign ``text`` clean, without backquotes, and cut to ``most`` characters."""
    return as_word(clean(text[:most]))[:most]


def clean_lines(text: str) -> str:
    """Return ``text`` like :func:`clean`, its line breaks kept."""
    return "\n".join(clean(line) for line in text.split("\n"))


def sentences(words: str | Iterable[str]) -> str:
    """Return one sentence, or each of several on a line of its own, all of them clean."""
    return clean(words) if isinstance(words, str) else "\n".join(map(clean, words))


def shown(value: object) -> str:
    """Return a foreign value in printable ASCII, cut to fit a line; also one that Python itself cannot show."""
    try:
        text = ascii(value if not isinstance(value, str) else value[:60])
    except (ValueError, RecursionError):  # an integer of thousands of digits; a list in a list, and so on
        text = f"a large {type(value).__name__}"
    except Exception:  # raised by the value's own __repr__
        text = f"a {type(value).__name__}"
    text = as_word(text)
    return text if len(text) <= 64 else f"{text[:63]}..."


def plural(count: int, what: str) -> str:
    """Return ``"1 instance"`` or ``"2 instances"``."""
    return f"{count} {what}{fits(count, '', 's')}"


def are(count: int, what: str) -> str:
    """Return ``"1 instance is"`` or ``"2 instances are"``: how a sentence begins."""
    return f"{plural(count, what)} {fits(count, 'is', 'are')}"


def the(what: str, names: Collection[str]) -> str:
    """Return ``"the alarm a"`` or ``"the alarms a, b"``."""
    return f"the {what}{fits(names, '', 's')} {', '.join(map(as_word, names))}"


def they(names: Collection[str], one: str, many: str) -> str:
    """Return ``"a is"`` or ``"a, b are"``: the names, and the verb for ``one`` or for ``many``."""
    return f"{', '.join(map(as_word, names))} {fits(names, one, many)}"


def fits(several: Sized | int, one: str, many: str) -> str:
    """Return the word for ``one`` or that for ``many``, as there are ``several``."""
    return one if (several if isinstance(several, int) else len(several)) == 1 else many


def _visible(character: str) -> str:
    if unicodedata.category(character) not in (*OBEYED, "Cn"):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"

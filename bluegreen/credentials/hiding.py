"""What keeps secrets out of sentences: errors of other libraries quote addresses and headers.

Known are AWS's own variables, whatever was read from the keyring or from a person since the start, and what AWS's
library signed with (:mod:`bluegreen.aws.sessions`).
"""

from __future__ import annotations

import base64
import functools
import html
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from html.entities import html5
from urllib.parse import quote, urlsplit

HIDDEN = "[hidden]"
SHORTEST = 8
"""Characters below which a piece is no secret that could be told from a word."""
VARIABLES = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)

_BASE = {"hex": 16, "number": 10, "unit": 16, "byte": 16, "percent": 16}
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""A character that takes no room, or ends a line."""
_DISGUISE = re.compile(
    r"&(?:amp;)*#(?:[xX]0*(?P<hex>[0-9a-fA-F]{1,6})|0*(?P<number>[0-9]{1,7}));?"
    r"|&(?:amp;)*(?P<name>[A-Za-z]{2,24});"
    r"|\\{1,8}(?:u(?P<unit>[0-9a-fA-F]{4})|x(?P<byte>[0-9a-fA-F]{2})|(?P<itself>[/+=&<>\"']))"
    r"|%(?:25)*(?P<percent>[0-9a-fA-F]{2})"
    r"|=?\r?\n[ \t]{0,8}"
    rf"|{_UNSEEN.pattern}"
)
"""A character in an entity, an escape or a percent code, however often that was quoted; a fold; or one nobody sees.

Each alternative looks at a bounded number of characters, or at ones that none of the others begins with.
"""
DEEPEST = 4
"""Codings, one in another, through which a text is read."""

_URL_SAFE = str.maketrans("+/", "-_")

_known: set[str] = set()


def remember(secret: str) -> str:
    """Return ``secret``, which no sentence shows from now on."""
    if secret not in _known:
        _known.update(_pieces(secret))
    return secret


def hide(text: str) -> str:
    """Return ``text`` without the secrets that are known."""
    given = {piece for name in VARIABLES for piece in _pieces(os.environ.get(name, ""))}
    pieces = sorted(_known | given, key=len, reverse=True)
    for piece in pieces:
        text = text.replace(piece, HIDDEN)
    return _undisguised(text, pieces) if _DISGUISE.search(text) else text


def _undisguised(text: str, pieces: Sequence[str]) -> str:
    """Return ``text`` without secrets that are spelled in other codings, or broken by a fold or by what nobody sees."""
    read, at, end = text, list(range(len(text))), list(range(1, len(text) + 1))
    hidden = bytearray(len(text))
    first: set[int] = set()
    for _ in range(DEEPEST):
        before, (read, begins, ends) = read, _read(read)
        at, end = [at[one] for one in begins], [end[one - 1] for one in ends]
        for start, stop in _found(read, pieces):
            hidden[at[start] : end[stop]] = b"\1" * (end[stop] - at[start])
            first.add(at[start])
        if read == before:
            break
    return "".join(HIDDEN if n in first else "" if hidden[n] else text[n] for n in range(len(text)))


def _found(read: str, pieces: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where each piece begins, and its last character."""
    for piece in pieces:
        start = read.find(piece)
        while start >= 0:
            yield start, start + len(piece) - 1
            start = read.find(piece, start + len(piece))


def _read(text: str) -> tuple[str, list[int], list[int]]:
    """Return ``text`` as it reads, and where each of its characters begins and ends in it."""
    read: list[tuple[str, int, int]] = []
    before = 0
    for found in _DISGUISE.finditer(text):
        read += [(text[at], at, at + 1) for at in range(before, found.start())]
        read += [(one, found.start(), found.end()) for one in _meant(found) if not _UNSEEN.fullmatch(one)]
        before = found.end()
    read += [(text[at], at, at + 1) for at in range(before, len(text))]
    return "".join(one for one, _, _ in read), [at for _, at, _ in read], [end for _, _, end in read]


def _meant(disguise: re.Match[str]) -> str:
    """Return the character that a code stands for; nothing for a fold, and where it is beyond all characters."""
    coding = disguise.lastgroup
    if coding is None:
        return ""
    if coding == "itself":
        return disguise[coding]
    if coding == "name":
        return html5.get(f"{disguise[coding]};", disguise[0])
    code = int(disguise[coding], _BASE[coding])
    return chr(code) if 0 < code <= sys.maxunicode else ""


def for_others() -> dict[str, str]:
    """Return the environment for a process that is started: without AWS's keys, which are for this one alone."""
    return {name: value for name, value in os.environ.items() if name not in (*VARIABLES, "AWS_ACCESS_KEY_ID")}


@functools.cache
def _pieces(secret: str) -> frozenset[str]:
    """Return what others may quote: a secret's words, and of an address what is after the host; in each coding."""
    words = {word for word in secret.split() if len(word) >= SHORTEST}
    words |= {tail for word in words if len(tail := _tail(word)) >= SHORTEST}
    return frozenset(code for word in words for code in _coded(word))


def _coded(word: str) -> set[str]:
    """Return a word as it stands in a query, in JSON, in HTML, in hexadecimal and, wherever it begins, in base64."""
    body = word.encode("utf-8", "surrogatepass")
    found = {word, quote(body, safe=""), quote(body), body.hex(), body.hex().upper()}
    found |= {html.escape(word), html.escape(word).replace("&#x27;", "&#39;")}
    found |= {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), one) for one in tuple(found) if "%" in one}
    for quoted in (json.dumps(word), json.dumps(word, ensure_ascii=False)):
        found |= {quoted[1:-1], quoted[1:-1].replace("/", r"\/")}
    inside = {core for start in range(3) if len(core := _base64(body, start)) >= SHORTEST}
    inside |= {core.translate(_URL_SAFE) for core in inside}
    return found | inside | {quote(core, safe="") for core in inside}


def _base64(body: bytes, start: int) -> str:
    """Return the characters that are ``body``'s alone, where it begins ``start`` bytes (0 to 2) into a triple."""
    end = (start + len(body)) * 8 // 6
    return base64.b64encode(bytes(start) + body).decode("ascii")[-(-start * 8 // 6) : end]


def _tail(word: str) -> str:
    try:
        address = urlsplit(word)
    except ValueError:
        return ""
    return address._replace(scheme="", netloc="", fragment="").geturl() if address.scheme and address.netloc else ""

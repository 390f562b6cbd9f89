"""What keeps secrets out of sentences: errors of other libraries quote addresses and headers.

Known are AWS's own variables, whatever was read from the keyring or from a person since the start, and what AWS's
library signed with (:mod:`bluegreen.sdk.sessions`).
"""

from __future__ import annotations

import base64
import functools
import html
import json
import os
import re
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
    for piece in sorted(_known | given, key=len, reverse=True):
        text = text.replace(piece, HIDDEN)
    return text


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

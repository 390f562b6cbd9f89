"""What keeps secrets out of sentences: errors of other libraries quote addresses and headers.

Known are AWS's own variables, whatever was read from the keyring or from a person since the start, and what AWS's
library signed with (:mod:`bluegreen.sdk.sessions`).
"""

from __future__ import annotations

import functools
import os
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
    """Return what others may quote: a secret's words, of an address what is after the host; both as in a query, too."""
    words = {word for word in secret.split() if len(word) >= SHORTEST}
    words |= {tail for word in words if len(tail := _tail(word)) >= SHORTEST}
    return frozenset(words | {quote(word, safe="") for word in words})


def _tail(word: str) -> str:
    try:
        address = urlsplit(word)
    except ValueError:
        return ""
    return address._replace(scheme="", netloc="", fragment="").geturl() if address.scheme and address.netloc else ""

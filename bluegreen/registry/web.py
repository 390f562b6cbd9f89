"""One question over HTTP: short time-outs, proxies as everywhere, redirects that take no credential along."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from attrs import frozen

from bluegreen.aws.errors import clean
from bluegreen.errors import Unreachable
from bluegreen.registry.reference import HTTP, HTTPS, on_this_machine

CONNECT_TIMEOUT, READ_TIMEOUT = 3.0, 5.0
"""Seconds."""

REDIRECTS = 5
MOST = 1_000_000
"""Bytes of an answer that are read: a token, or what is wrong."""

HINT = "look at the network (proxy, VPN), and at `repository`"
_MOVED = frozenset((301, 302, 303, 307, 308))


@frozen
class Answer:
    """What came back; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def json_in(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in a body; an empty one when there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@frozen
class Web:
    """Asks; ``plain`` allows HTTP without TLS."""

    plain: bool = False

    def ask(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer, redirects followed; raise ``Unreachable`` when there is none."""
        first = url
        for _ in range(REDIRECTS + 1):
            self._insist(url, first)
            answer = _asked(method, url, headers)
            if answer.status not in _MOVED or "location" not in answer.headers:
                return answer
            before, url = url, _joined(url, answer.headers["location"])
            if origin(url) != origin(before):
                headers = {name: value for name, value in headers.items() if name != "Authorization"}
        raise Unreachable(f"{host_of(url)} redirects again and again", HINT)

    def _insist(self, url: str, first: str) -> None:
        allowed = (HTTP, HTTPS) if self.plain else (HTTPS,)
        if _split(url).scheme not in allowed:
            raise without_tls(url)
        if _is_local(url) and not _is_local(first):
            raise Unreachable(f"the registry leads to {host_of(url)}, this machine, which is not followed", HINT)


def without_tls(url: str) -> Unreachable:
    """Return what to say of an address where everybody could read along."""
    return Unreachable(f"the registry leads to {host_of(url)} without TLS, which is not followed", HINT)


def _is_local(url: str) -> bool:
    return on_this_machine(_split(url).hostname or "")


def safe_for_secrets(url: str) -> bool:
    """Say whether nobody on the way can read what is sent there."""
    parts = _split(url)
    return parts.scheme == HTTPS or (parts.scheme == HTTP and on_this_machine(parts.hostname or ""))


def host_of(url: str) -> str:
    """Return the host of an address, fit for a screen, without what may stand before it."""
    return clean(_split(url).netloc.rpartition("@")[2], 100)


def _split(url: str) -> SplitResult:
    """Return an address's parts; empty ones where urllib3 may read another host (it ends one at a backslash)."""
    try:
        if "\\" in url or " " in url or not url.isprintable():
            raise ValueError("no address")
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def origin(url: str) -> tuple[str, str, int | None]:
    """Return an address's scheme, host and port: what a secret is given for."""
    parts = _split(url)
    try:
        return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == HTTPS else 80)
    except ValueError:
        return parts.scheme, parts.netloc, None


def _asked(method: str, url: str, headers: Mapping[str, str]) -> Answer:
    import urllib3
    from urllib3.exceptions import HTTPError

    patience = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
    how = {"redirect": False, "retries": False, "preload_content": False, "timeout": patience}
    try:
        with _manager(url) as manager:
            reply = manager.request(method, url, headers={**headers, "Accept-Encoding": "identity"}, **how)
            return Answer(
                reply.status, {name.lower(): value for name, value in reply.headers.items()}, _body(reply), url
            )
    except (HTTPError, OSError, ValueError) as error:
        raise Unreachable(f"{host_of(url)} does not answer: {_words(error)}", HINT) from None


def _body(reply: Any) -> bytes:
    """Return an answer's beginning, decoded once at most and within the bound, whatever it says of its coding."""
    body = b""
    for piece in reply.stream(65536, decode_content=False):
        body += piece
        if len(body) > MOST:
            break
    return _decoded(body[:MOST], reply.headers.get("content-encoding", "").strip().lower())


def _decoded(body: bytes, coding: str) -> bytes:
    """We ask for no coding; gzip is understood since some answer with what they keep."""
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip"):
        raise ValueError("a coding that was not asked for")
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MOST)
    except zlib.error as error:
        raise ValueError("no gzip") from error


def _manager(url: str) -> Any:
    """Return where connections come from: through the proxy that the environment names for this address, or not."""
    import urllib3

    proxy = _proxy(_split(url))
    if proxy is None:
        return urllib3.PoolManager()
    parts = urlsplit(proxy)
    who = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else None
    return urllib3.ProxyManager(proxy, proxy_headers=urllib3.make_headers(proxy_basic_auth=who))


def _proxy(parts: SplitResult) -> str | None:
    from urllib.request import getproxies, proxy_bypass

    if on_this_machine(parts.hostname or "") or proxy_bypass(parts.netloc):
        return None
    known = getproxies()
    found = known.get(parts.scheme) or known.get("all")
    return found if not found or "://" in found else f"{HTTP}://{found}"


def _words(error: Exception) -> str:
    """Say what happened in words of our own: the library's name addresses, and a proxy's may hold a password."""
    from urllib3 import exceptions as known

    if isinstance(error, known.ProxyError):
        return "the proxy cannot be reached, or refuses"
    if isinstance(error, known.SSLError):
        return f"TLS fails: {clean(str(error), 200)}"
    if isinstance(error, getattr(known, "NameResolutionError", ())):
        return "its name is not known"
    if isinstance(error, known.NewConnectionError):
        return "no connection"
    if isinstance(error, known.TimeoutError):
        return "nothing came in time"
    return f"the connection broke off ({type(error).__name__})"

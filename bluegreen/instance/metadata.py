"""A small client of the EC2 instance metadata service, version 2 (a token first, then the facts).

``http.client`` knows no proxies, which is what is wanted: 169.254.169.254 must never be asked through one.
Source: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import urllib.parse
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from bluegreen.clock import Clock, SystemClock
from bluegreen.credentials.hiding import remember
from bluegreen.errors import Misconfigured, Refused, Unreachable
from bluegreen.image import shown

ENDPOINTS = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
ENDPOINT, MODE, DISABLED = (
    f"AWS_EC2_METADATA_{name}" for name in ("SERVICE_ENDPOINT", "SERVICE_ENDPOINT_MODE", "DISABLED")
)
TOKEN_SECONDS = 300
TIMEOUT = 1.5
TRIES = 3
PATIENCE = 120.0
PAUSE = 0.3
LONGEST = 65536
WHERE = "run this on an EC2 instance whose metadata service is switched on"
HOPS = (
    "inside a container this is what a hop limit of 1 looks like: allow 2 "
    "(aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2), "
    "or give the container the host's network"
)
_INSTANCE = re.compile(r"i-[0-9A-Za-z]{1,40}", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}", re.ASCII)
REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+", re.ASCII)


class _Silent(OSError):
    """The connection was taken, and no whole answer came in ``limit`` seconds."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.limit = limit


class _Stream(io.RawIOBase):
    """What comes out of ``source`` before ``end`` on the system's clock: head and body have one time together."""

    def __init__(self, source: socket.socket, end: float) -> None:
        self._source, self._end = source, end

    def makefile(self, _: str) -> io.BufferedReader:
        """Return a reader, as an HTTP response asks a socket for one."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Whether this can be read: it can."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there; raise ``TimeoutError`` once the time is over, however little came at a time."""
        left = self._end - SystemClock().monotonic()
        if left <= 0:
            raise TimeoutError
        self._source.settimeout(left)
        return self._source.recv_into(buffer)


def endpoint_from(environment: Mapping[str, str]) -> str:
    """Return the metadata service's address as AWS's own variables say it; raise Misconfigured for nonsense.

    An address of one's own goes before the mode, as in AWS's libraries (botocore 1.44.5, ``IMDSFetcher``).
    """
    if environment.get(DISABLED, "").lower() == "true":
        raise Misconfigured(f"{DISABLED} switches the metadata service off", f"unset {DISABLED}")
    mode = environment.get(MODE, "").lower() or "ipv4"
    if mode not in ENDPOINTS:
        raise Misconfigured(f"{MODE} is {shown(mode)}", "IPv4 and IPv6 are understood")
    return _address(environment.get(ENDPOINT) or ENDPOINTS[mode])


def _address(text: str) -> str:
    try:
        url = urllib.parse.urlsplit(text)
        fits = url.scheme == "http" and bool(url.hostname) and (url.port or 80) > 0 and text.isascii()
    except ValueError:
        fits = False
    if not fits or not text.isprintable() or " " in text:
        raise Misconfigured(f"{ENDPOINT} is {shown(text)}, no address", f"such as {ENDPOINTS['ipv4']}")
    return text.rstrip("/")


@frozen
class Metadata:
    """The metadata service at ``endpoint``.

    A connection, and then a whole answer, may take ``timeout`` seconds each. Three tries are made, but none is begun
    when ``patience`` (seconds from the start, for all questions) is over: then each question is asked once.
    """

    endpoint: str = ENDPOINTS["ipv4"]
    timeout: float = TIMEOUT
    clock: Clock = field(factory=SystemClock)
    patience: float = PATIENCE
    _end: float = field(init=False)
    _token: list[str] = field(factory=list, init=False, repr=False)

    @_end.default
    def _in_time(self) -> float:
        return self.clock.monotonic() + self.patience

    def instance(self) -> str:
        """Return this instance's id."""
        return self._formed("instance-id", _INSTANCE)

    def region(self) -> str:
        """Return the region this instance is in."""
        return self._formed("placement/region", REGION)

    def tag(self, key: str) -> str | None:
        """Return the instance's own tag as it was at its launch, or ``None``: no such tag, or not switched on.

        Tags in the metadata are off by default, and a key with a space or a slash is never there (EC2 user guide,
        "View tags for your EC2 instances using instance metadata").
        """
        return self.find(f"tags/instance/{urllib.parse.quote(key, safe='')}")

    def find(self, path: str) -> str | None:
        """Return ``/latest/meta-data/<path>`` as text, ``None`` when there is none; raise Unreachable."""
        status, text = self._ask("GET", f"/latest/meta-data/{path}", {"X-aws-ec2-metadata-token": self.token()})
        if status == http.HTTPStatus.NOT_FOUND:
            return None
        return self._fine(status, text, f"GET {path}")

    def token(self) -> str:
        """Return the session's token, asking for one the first time."""
        if not self._token:
            seconds = {"X-aws-ec2-metadata-token-ttl-seconds": str(TOKEN_SECONDS), "Content-Length": "0"}
            status, text = self._ask("PUT", "/latest/api/token", seconds)
            self._token.append(self._sendable(self._fine(status, text, "PUT api/token")))
        return self._token[0]

    def _formed(self, path: str, form: re.Pattern[str]) -> str:
        text = self.find(path) or ""
        if not form.fullmatch(text):
            raise Refused(f"the metadata service at {self.endpoint} says {shown(text)} for {path}", WHERE)
        return text

    def _sendable(self, token: str) -> str:
        """Return a token that can stand in a header; a sentence does not quote it."""
        if not _TOKEN.fullmatch(token):
            raise Unreachable(f"the metadata service at {self.endpoint} hands out no token", WHERE)
        return remember(token)

    def _fine(self, status: int, text: str, asked: str) -> str:
        if status == http.HTTPStatus.OK:
            return text
        hint = WHERE + (" (403: it is switched off, or the request came through a proxy)" if status == 403 else "")
        raise Unreachable(f"the metadata service at {self.endpoint} answered {status} to {asked}", hint)

    def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Return what is answered; what may pass (silence, 429, 5xx) is asked for again."""
        limit = self.timeout
        for left in reversed(range(TRIES)):
            try:
                status, text = self._exchange(method, path, headers, limit)
                if self._over(left) or (status < 500 and status != http.HTTPStatus.TOO_MANY_REQUESTS):
                    break
            except (OSError, http.client.HTTPException, ValueError) as error:
                if self._over(left):
                    raise self._unanswered(error) from error
            self.clock.sleep(PAUSE)
            limit = max(0.1, min(self.timeout, self._end - self.clock.monotonic()))
        return status, text

    def _over(self, left: int) -> bool:
        return left == 0 or self._end - self.clock.monotonic() <= PAUSE

    def _unanswered(self, error: Exception) -> Unreachable:
        if isinstance(error, _Silent):
            silence = f"took the connection, and then gave no whole answer in {error.limit:.2g} s"
            return Unreachable(f"the metadata service at {self.endpoint} {silence}", HOPS)
        if isinstance(error, TimeoutError):
            return Unreachable(f"nothing answers at the metadata service's address {self.endpoint}", f"{WHERE}; {HOPS}")
        reason = str(error) or type(error).__name__
        return Unreachable(f"the metadata service at {self.endpoint} did not answer: {reason}", WHERE)

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], limit: float) -> tuple[int, str]:
        url = urllib.parse.urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=limit)
        try:
            connection.connect()
            try:
                connection.request(method, url.path + path, headers=dict(headers))
                return _answer(connection.sock, method, limit)
            except TimeoutError as error:
                raise _Silent(limit) from error
        finally:
            connection.close()


def _answer(source: socket.socket, method: str, limit: float) -> tuple[int, str]:
    """Return status and text of what comes within ``limit`` seconds; raise ``TimeoutError``."""
    stream: Any = _Stream(source, SystemClock().monotonic() + limit)
    with http.client.HTTPResponse(stream, method=method) as answer:
        answer.begin()
        return answer.status, answer.read(LONGEST).decode("utf-8", "replace")

"""A small HTTP/1.1 server for loopback: keep-alive, no delay, one request at a time per connection.

It serves the sandbox's API, the metadata service and the instances. It is no server for the open internet.
"""

from __future__ import annotations

import asyncio
import http
import inspect
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from xml.sax.saxutils import escape

from attrs import Factory, define, field, frozen

HEAD = 64 * 1024
BODY = 8 * 1024 * 1024
"""Bytes of a request's head and of its body; larger ones are answered with 431 and 413."""


@frozen
class Request:
    """A request as it came: ``target`` is the path with the query, header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """Return what follows the question mark."""
        return self.target.partition("?")[2]


@frozen
class Response:
    """An answer; the length is added when it is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)


Handler = Callable[[Request], Response | Awaitable[Response]]


def encode(response: Response, keep: bool, with_body: bool = True) -> bytes:
    """Return the bytes of ``response``; a HEAD request's answer keeps the length that it names itself."""
    try:
        phrase = http.HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    named = {name.lower() for name in response.headers}
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if "content-length" not in named:
        lines.append(f"Content-Length: {len(response.body)}")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n")
    return "\r\n".join(lines).encode("latin-1") + (response.body if with_body else b"")


def broken(error: Exception) -> Response:
    """Return what is answered when the handler itself fails, in S3's form: the only other one who would tell."""
    reason = escape(f"The sandbox failed: {type(error).__name__}: {error}")
    body = f"<Error><Code>InternalError</Code><Message>{reason}</Message></Error>"
    return Response(500, body.encode(), {"Content-Type": "application/xml"})


@define(eq=False)
class Connection(asyncio.Protocol):
    """One client's connection; requests that come early wait in the buffer, and what does not fit in there unread."""

    handler: Handler
    open: set[Connection] = Factory(set)
    busy: bool = False
    _buffer: bytearray = field(factory=bytearray, init=False)
    _head: Request | None = field(default=None, init=False)
    _missing: int = field(default=0, init=False)
    _transport: asyncio.Transport = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(factory=set, init=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and stop working for nobody."""
        self.open.discard(self)
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        """Collect what came, and answer when a request is whole."""
        self._buffer += data
        self._advance()
        if self.busy and len(self._buffer) > HEAD:
            self._transport.pause_reading()

    def reset(self) -> None:
        """Cut the connection so that the other side sees a reset."""
        linger = struct.pack("ii", 1, 0)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    def _advance(self) -> None:
        while not self.busy and not self._transport.is_closing():
            if self._head is None and not self._read_head():
                return
            if len(self._buffer) < self._missing:
                return
            self._answer()

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD)
        if end < 0:
            if len(self._buffer) >= HEAD:
                self._refuse(431)
            return False
        text = self._buffer[:end].decode("latin-1")
        del self._buffer[: end + 4]
        try:
            self._head, self._missing = _parse(text)
        except ValueError:
            return self._refuse(400)
        if self._missing > BODY:
            return self._refuse(413)
        if self._head.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _refuse(self, status: int) -> bool:
        self._buffer.clear()
        self._send(Response(status), keep=False)
        return False

    def _answer(self) -> None:
        assert self._head is not None
        body = bytes(self._buffer[: self._missing])
        del self._buffer[: self._missing]
        request = Request(self._head.method, self._head.target, self._head.headers, body)
        self._head = None
        try:
            answer = self.handler(request)
        except Exception as error:
            answer = broken(error)
        if inspect.isawaitable(answer):
            self._later(request, answer)
        else:
            self._reply(request, answer)

    def _later(self, request: Request, answer: Awaitable[Response]) -> None:
        async def finish() -> None:
            try:
                response = await answer
            except Exception as error:
                response = broken(error)
            self._reply(request, response)
            self.busy = False
            self._transport.resume_reading()
            self._advance()

        self.busy = True
        task = asyncio.get_running_loop().create_task(finish())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _reply(self, request: Request, response: Response) -> None:
        keep = request.headers.get("connection", "").lower() != "close"
        self._send(response, keep, request.method != "HEAD")

    def _send(self, response: Response, keep: bool, with_body: bool = True) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(encode(response, keep, with_body))
        if not keep:
            self._transport.close()


def _parse(text: str) -> tuple[Request, int]:
    """Return a request without its body, and the body's length; raises ValueError for what is not HTTP/1.1."""
    first, *rest = text.split("\r\n")
    method, target, version = first.split(" ")
    pairs = (line.partition(":") for line in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = headers.get("content-length") or "0"
    if not version.startswith("HTTP/1.") or "transfer-encoding" in headers or not re.fullmatch("[0-9]{1,18}", length):
        raise ValueError(first)
    return Request(method, target, headers), int(length)

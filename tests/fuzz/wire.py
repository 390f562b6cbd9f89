"""A server that answers with whatever bytes it is told to, request by request."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from attrs import define, field
from hypothesis import strategies as st

STATUS_LINES = (
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 404 Not Found",
    b"HTTP/1.1 401 Unauthorized",
    b"HTTP/1.1 403 Forbidden",
    b"HTTP/1.1 307 Temporary Redirect",
    b"HTTP/1.1 429 Too Many Requests",
    b"HTTP/1.1 500 Internal Server Error",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.1 999999 \x1b[2J",
    b"HTTP/9.9 200",
    b"\x1b[31mSSH-2.0",
    b"",
)
HEADERS = (
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: \xb2",
    b"Transfer-Encoding: chunked",
    b"Content-Encoding: gzip",
    b"Content-Encoding: \x1b[31mbr",
    b"Location: http://127.0.0.1:1/",
    b"Location: //[::1\x1b",
    b"Location: file:///etc/passwd",
    b"X: " + b"y" * 70000,
    b"\x00: \x00",
    b"no colon",
    b"Content-Type: \x1b[2J",
)


@define
class Wire:
    """Answers the requests that come with ``answers``, one after the other, the last one for all that follow."""

    host: str = ""
    answers: list[bytes] = field(factory=lambda: [b""])
    heard: list[bytes] = field(factory=list)

    def tell(self, *answers: bytes) -> None:
        """Answer so from now on."""
        self.answers, self.heard = list(answers), []

    def serve(self, listening: socket.socket) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(2.0)
                self.heard.append(connection.recv(65536))
                connection.sendall(self.answers[min(len(self.heard), len(self.answers)) - 1])
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)


@contextlib.contextmanager
def wired() -> Iterator[Wire]:
    """Run such a server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        wire = Wire(f"127.0.0.1:{listening.getsockname()[1]}")
        worker = threading.Thread(target=wire.serve, args=(listening,), daemon=True)
        worker.start()
        yield wire
        listening.shutdown(socket.SHUT_RDWR)
        worker.join(3.0)


def http(body: bytes, *headers: bytes, status: bytes = STATUS_LINES[0]) -> bytes:
    """Return an answer in HTTP, which is good unless it is told otherwise."""
    length = b"" if any(one.lower().startswith((b"content-l", b"transfer")) for one in headers) else _length(body)
    return b"\r\n".join([status, *headers, length, b"Connection: close", b"", body])


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


@st.composite
def replies(draw: st.DrawFn, bodies: st.SearchStrategy[bytes], *usual: bytes) -> bytes:
    """Draw an answer of which one thing is odd, as often as several are; ``usual`` are headers of a good one."""
    odd = draw(st.sampled_from([{0}, {1}, {2}, {3}, {0, 1, 2}, set()]))
    status = draw(st.sampled_from(STATUS_LINES)) if 0 in odd else STATUS_LINES[0]
    headers = draw(st.lists(st.sampled_from(HEADERS), max_size=2)) if 1 in odd else []
    body = draw(bodies) if 2 in odd or not usual else b"{}"
    answer = http(body, *usual, *headers, status=status)
    return answer[: draw(st.integers(0, len(answer)))] if 3 in odd else answer

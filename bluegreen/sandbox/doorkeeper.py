"""Who may ask what listens on loopback: programs on this machine, and no web page in somebody's browser.

A page can send requests to any address, this machine's, too; and a name of its own can lead here (DNS rebinding). A
browser says who sends it (``Origin``, ``Sec-Fetch-Site``: Fetch standard, W3C Fetch Metadata), and the ``Host`` that it
asked for; programs that speak AWS's API say neither of the first two.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable

from attrs import frozen

from bluegreen.sandbox.http import Handler, Request, Response

BROWSERS = ("origin", "sec-fetch-site")


@frozen
class Doorkeeper:
    """Lets through to ``handler`` what was sent to ``host`` (``address:port``) by a program; answers 403 otherwise."""

    handler: Handler
    host: str

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Answer one request."""
        if request.headers.get("host") != self.host:
            return _forbidden(f"ask for {self.host}")
        if any(name in request.headers for name in BROWSERS):
            return _forbidden("no web page may ask")
        return self.handler(request)


def guarded(listening: socket.socket, handler: Handler) -> Doorkeeper:
    """Return ``handler`` for what is sent to the very address that ``listening`` is bound to."""
    address, port = listening.getsockname()[:2]
    return Doorkeeper(handler, f"[{address}]:{port}" if ":" in address else f"{address}:{port}")


def _forbidden(why: str) -> Response:
    return Response(403, f"This is a sandbox on this machine: {why}.\n".encode(), {"Content-Type": "text/plain"})

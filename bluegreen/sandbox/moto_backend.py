"""moto's own back end, in-process, for the services that the simulator does not know (ECR, S3, STS).

It is a WSGI application; it runs in a worker thread, so that the simulator's answers do not wait for it, and answers
one request at a time: moto looks at an object and then replaces it, so that of two conditional writes at once both
would succeed (moto 5.2.5, s3/responses.py, put_object).
moto is imported by the first request: most sandboxes never ask.
"""

from __future__ import annotations

import asyncio
import functools
import io
import threading
import urllib.parse
from typing import Any

from bluegreen.sandbox.codec import signed_for
from bluegreen.sandbox.http import Request, Response

_ONE_AT_A_TIME = threading.Lock()

EMPTY = {"DescribePullThroughCacheRules": b'{"pullThroughCacheRules": []}'}
"""What moto does not know of a service that it knows, and is answered as if there were none (moto 5.2.5)."""


@functools.cache
def application(service: str) -> Any:
    """Return moto's WSGI application for one service."""
    from moto.moto_server.werkzeug_app import create_backend_app

    create: Any = create_backend_app
    return create(service)


async def answer(request: Request) -> Response:
    """Answer ``request`` with moto's back end for the service that it is signed for."""
    service, operation = signed_for(request)[0], request.headers.get("x-amz-target", "").rpartition(".")[2]
    if operation in EMPTY:
        return Response(200, EMPTY[operation], {"Content-Type": "application/x-amz-json-1.1"})
    return await asyncio.get_running_loop().run_in_executor(None, _run, service, request)


def _run(service: str, request: Request) -> Response:
    status: list[Any] = []

    def start(line: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        status[:] = [int(line.split(" ")[0]), {name: value for name, value in headers if name.lower() != "connection"}]

    with _ONE_AT_A_TIME:
        chunks = application(service)(_environment(request), start)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
    return Response(status[0], body, status[1])


def _environment(request: Request) -> dict[str, Any]:
    host, _, port = request.headers.get("host", "127.0.0.1:80").partition(":")
    headers = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in request.headers.items()}
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": urllib.parse.unquote(request.path, "latin-1"),
        "RAW_URI": request.target,
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }

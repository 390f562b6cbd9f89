"""An asyncio loop in a thread of its own, for the servers that live inside the sandbox's process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from attrs import define, field

from bluegreen.sandbox.doorkeeper import guarded
from bluegreen.sandbox.http import Connection, Handler

Answer = TypeVar("Answer")


@define(eq=False)
class LoopThread:
    """Serves handlers on sockets; every method may be called from any thread and returns quickly."""

    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.new_event_loop, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-http", daemon=True)
        self._thread.start()

    def serve(self, listening: socket.socket, handler: Handler) -> Future[asyncio.Server]:
        """Answer what programs on this machine send to ``listening`` (already bound) with ``handler``."""
        return asyncio.run_coroutine_threadsafe(_server(listening, guarded(listening, handler)), self._loop)

    def run(self, work: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        """Begin to do some work in the thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self, server: Future[asyncio.Server]) -> None:
        """Stop a server of :meth:`serve`."""
        self._loop.call_soon_threadsafe(lambda: server.result().close() if server.done() else server.cancel())

    def stop(self) -> None:
        """Stop all servers and the thread."""
        if self._thread and self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self._loop.close()


async def _server(listening: socket.socket, handler: Handler) -> asyncio.Server:
    connections: set[Connection] = set()
    loop: Any = asyncio.get_running_loop()
    server: asyncio.Server = await loop.create_server(lambda: Connection(handler, connections), sock=listening)
    return server


async def _cancel_all() -> None:
    me = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not me]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()

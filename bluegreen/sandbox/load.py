"""Load at a fixed rate: ``python -m bluegreen.sandbox.load http://127.0.0.1:PORT --rate 150``.

Requests leave on time whether or not earlier ones were answered (an open loop: a closed one sends less when
answers are slow, and more when they are errors). Most are short; some are held for up to 1.2 s, because short
requests hide a missing drain. Nothing is tried again: a lost request is a failure, with its reason and time.

It writes a JSON object a line, one for each second and one at the end (``"done": true``). ``each`` lists the
requests answered or lost in that second: when each was sent (POSIX seconds), how long it took, the version that
answered, or else why it failed and which target the balancer had chosen for it (nothing where it chose none).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from bluegreen.sandbox.headers import TARGET

LONGEST = 1.2


@frozen
class Mix:
    """What is sent: ``rate`` a second, the shares that are long and that open a connection of their own."""

    rate: float = 150.0
    long: float = 0.05
    fresh: float = 0.1
    timeout: float = 15.0


@define
class Tally:
    """What happened since the last line."""

    sent: int = 0
    ok: int = 0
    slowest: float = 0.0
    late: float = 0.0
    versions: Counter[str] = field(factory=Counter)
    instances: Counter[str] = field(factory=Counter)
    failures: list[dict[str, Any]] = field(factory=list)
    each: list[tuple[float, float, str, str, str]] = field(factory=list)

    def line(self, **more: Any) -> dict[str, Any]:
        """Return the counts as one object."""
        return {
            **more,
            "sent": self.sent,
            "ok": self.ok,
            "failed": len(self.failures),
            "slowest": round(self.slowest, 3),
            "late": round(self.late, 3),
            "versions": dict(self.versions),
            "instances": dict(self.instances),
            "failures": self.failures,
            "each": self.each,
        }


@define(eq=False)
class Load:
    """Sends requests to ``host``:``port`` and counts what becomes of them."""

    host: str
    port: int
    mix: Mix = Mix()
    tally: Tally = field(factory=Tally, init=False)
    under_way: set[asyncio.Task[None]] = field(factory=set, init=False)
    stopped: asyncio.Event = field(factory=asyncio.Event, init=False)
    _idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(factory=list, init=False)
    _random: random.Random = field(factory=lambda: random.Random(1), init=False)

    async def run(self, seconds: float) -> None:
        """Send for ``seconds`` (0: until stopped), then wait for the answers that are still missing."""
        begin = time.monotonic()
        reporter = asyncio.create_task(self._report())
        number = 0
        while not self.stopped.is_set() and (not seconds or number < seconds * self.mix.rate):
            due = begin + number / self.mix.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.tally.late = max(self.tally.late, time.monotonic() - due)
            self._send()
            number += 1
        await asyncio.gather(*self.under_way)
        reporter.cancel()
        say(self.tally.line(at=time.time(), under_way=0, done=True))

    def _send(self) -> None:
        long = self._random.random() < self.mix.long
        hold = self._random.uniform(0.2, LONGEST) if long else 0.0
        task = asyncio.create_task(self._one(hold, self._random.random() < self.mix.fresh))
        self.tally.sent += 1
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def _one(self, hold: float, fresh: bool) -> None:
        begin = time.monotonic()
        try:
            async with asyncio.timeout(self.mix.timeout):
                status, headers, body = await self._exchange(hold, fresh)
            reason = "" if status == 200 else f"{status} {body.decode('utf-8', 'replace')[:80].strip()}"
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            headers, reason = {}, f"{type(error).__name__}: {error}"
        took = time.monotonic() - begin
        version = headers.get("x-image", "?")
        self.tally.slowest = max(self.tally.slowest, took)
        target = _target(headers) if reason else ""
        self.tally.each.append(
            (round(time.time() - took, 3), round(took, 3), "" if reason else version, reason, target)
        )
        if reason:
            self.tally.failures.append({"at": time.time(), "took": round(took, 3), "hold": hold, "reason": reason})
            return
        self.tally.ok += 1
        self.tally.versions[version] += 1
        self.tally.instances[headers.get("x-instance", "?")] += 1

    async def _exchange(self, hold: float, fresh: bool) -> tuple[int, dict[str, str], bytes]:
        pooled = bool(self._idle) and not fresh
        reader, writer = self._idle.pop() if pooled else await asyncio.open_connection(self.host, self.port)
        try:
            target = f"/?hold={hold:.3f}" if hold else "/"
            ending = "close" if fresh else "keep-alive"
            writer.write(f"GET {target} HTTP/1.1\r\nHost: {self.host}\r\nConnection: {ending}\r\n\r\n".encode())
            answer = await _read(reader)
        except BaseException:
            writer.transport.abort()
            raise
        if fresh or answer[1].get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append((reader, writer))
        return answer

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            tally, self.tally = self.tally, Tally()
            say(tally.line(at=time.time(), under_way=len(self.under_way)))


def _target(headers: Mapping[str, str]) -> str:
    """Return which target the balancer chose; Envoy writes a dash where it found none."""
    return headers.get(TARGET, "").strip("-")


async def _read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.rstrip().split("\r\n")
    pairs = (line.partition(":") for line in rest)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(first.split(" ")[1]), headers, body


def say(line: dict[str, Any]) -> None:
    """Write one line of the report."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _main(host: str, port: int, mix: Mix, seconds: float) -> None:
    load = Load(host, port, mix)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, load.stopped.set)
    await load.run(seconds)


def main() -> None:
    """Read the arguments and send."""
    parser = argparse.ArgumentParser(description="Send load at a fixed rate and count what becomes of it.")
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=Mix().rate, help="requests a second")
    parser.add_argument("--long", type=float, default=Mix().long, help="the share that lasts up to 1.2 s")
    parser.add_argument("--seconds", type=float, default=0.0, help="0: until interrupted")
    given = parser.parse_args()
    url = urllib.parse.urlsplit(given.url)
    if url.hostname is None or given.rate <= 0:
        parser.error("an address such as http://127.0.0.1:8000 and a rate above 0 are needed")
    asyncio.run(_main(url.hostname, url.port or 80, Mix(given.rate, given.long), given.seconds))


if __name__ == "__main__":
    main()

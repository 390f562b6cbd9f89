"""boto3's clients, each made when it is first used; importing boto3 waits until then as well."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field

from bluegreen.aws.errors import no_region, set_up

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config

CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 8.0
LONGEST_CALL = CONNECT_TIMEOUT + READ_TIMEOUT
"""Seconds that one call lasts at most: a lease must outlive it."""
CONNECTIONS = 16


class Clients(Protocol):
    """Where the adapter finds boto3's clients."""

    def client(self, service: str) -> Any:
        """Return the client of ``service`` (boto3's name), the same one each time, from any thread."""


@define
class BotoClients:
    """Clients of one session. ``region`` and ``profile``: empty means AWS's own configuration.

    ``AWS_REGION`` is read here, since botocore reads ``AWS_DEFAULT_REGION`` alone (botocore 1.44.5, configprovider).
    """

    region: str = ""
    profile: str = ""
    _clients: dict[str, Any] = field(factory=dict, init=False)
    _session: Session | None = field(default=None, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def client(self, service: str) -> Any:
        """Return the client; raise ``Misconfigured`` without a region, with an unknown profile or a wrong address."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        from botocore.exceptions import BotoCoreError

        try:
            session = self._session = self._session or self._open()
            return session.client(service, config=config())  # type: ignore[call-overload]
        except (BotoCoreError, ValueError) as error:
            raise set_up(error) or error from error

    def _open(self) -> Session:
        from boto3.session import Session

        region = self.region or os.environ.get("AWS_REGION") or None
        session = Session(region_name=region, profile_name=self.profile or None)
        if not session.region_name:
            raise no_region()
        return session


def config() -> Config:
    """Return how botocore behaves: one attempt (the engine's loop is the retry) and short time-outs."""
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        tcp_keepalive=True,
        max_pool_connections=CONNECTIONS,
        user_agent_extra=f"bluegreen/{_version()}",
    )


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("bluegreen")
    except PackageNotFoundError:
        return "0"

"""boto3's clients, each made when it is first used; importing boto3 waits until then as well."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field

from bluegreen.aws.errors import no_region, unmade
from bluegreen.aws.regions import refuse_unknown, whence
from bluegreen.aws.settings import config, region

if TYPE_CHECKING:
    from boto3.session import Session


class Clients(Protocol):
    """Where the adapter finds boto3's clients."""

    def client(self, service: str) -> Any:
        """Return the client of ``service`` (boto3's name), the same one each time, from any thread."""


@define
class BotoClients:
    """Clients of one session. ``region`` and ``profile``: empty means AWS's own configuration."""

    region: str = ""
    profile: str = ""
    _clients: dict[str, Any] = field(factory=dict, init=False)
    _session: Session | None = field(default=None, init=False)
    _heard: bool = field(default=False, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def client(self, service: str) -> Any:
        """Return the client; raise ``Misconfigured`` without a region, with an unknown profile or a wrong address.

        So does its first call, where the region's endpoint has no address and botocore knows no such region.
        """
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        from botocore.exceptions import BotoCoreError

        try:
            session = self._session = self._session or self._open()
            client = session.client(service, config=config())  # type: ignore[call-overload]
        except (BotoCoreError, ValueError, OSError) as error:
            raise unmade(error) or error from error
        client.meta.events.register("after-call", self._answered)
        client.meta.events.register("after-call-error", self._unanswered)
        return client

    def _answered(self, **_: Any) -> None:
        self._heard = True

    def _unanswered(self, exception: Exception, **_: Any) -> None:
        """Look at an error: once AWS has answered, the region is right, and a name that is lost comes back."""
        if not self._heard and self._session is not None:
            refuse_unknown(self._session, whence(self.region), exception)

    def _open(self) -> Session:
        from botocore.session import get_session

        from bluegreen.aws.sessions import open_session

        core = get_session()
        core.set_default_client_config(config())  # for what gets credentials, too (botocore: AssumeRoleProvider)
        session = open_session(core, region_name=self.region or region(), profile_name=self.profile or None)
        if not session.region_name:
            raise no_region()
        return session

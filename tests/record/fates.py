"""What may happen to a request on its way to S3 and back: injected through botocore's public events."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from attrs import define, field
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from bluegreen.clock import VirtualClock
from bluegreen.record.bucket import Bucket, connect
from bluegreen.record.s3 import S3Store
from tests.support.records import KINDS


class Raw(io.BytesIO):
    """A body as urllib3 hands it to botocore."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield all of it."""
        yield self.read()


def answer(request: Any, status: int, code: str, message: str = "", **headers: str) -> AWSResponse:
    """Return an error as S3 words it."""
    body = f"<Error><Code>{code}</Code><Message>{message or code}</Message></Error>".encode()
    return AWSResponse(request.url, status, {key.replace("_", "-"): text for key, text in headers.items()}, Raw(body))


@define
class Fates:
    """Deals a fate to each request of an operation, first come first served; without one it goes through.

    A fate is ``lost`` (it never arrives), ``unheard`` (it arrives and the answer does not), or an HTTP status with
    S3's error code and its message.
    """

    client: Any
    waiting: dict[str, list[Any]] = field(factory=dict)
    sent: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        """Listen to every request."""
        self.client.meta.events.register("before-send.s3.*", self.meet)

    def deal(self, operation: str, *fates: Any) -> None:
        """Let the next requests of ``operation`` meet these fates; ``None`` goes through."""
        self.waiting.setdefault(operation, []).extend(fates)

    def meet(self, request: Any, event_name: str, **_: Any) -> Any:
        """Answer in S3's place, or let it answer."""
        operation = event_name.rpartition(".")[2]
        self.sent.append(operation)
        fate = self.waiting[operation].pop(0) if self.waiting.get(operation) else None
        if callable(fate):
            fate = fate()
        if fate == "lost":
            raise ConnectionClosedError(endpoint_url=request.url)
        if fate == "unheard":
            self.client._endpoint.http_session.send(request)
            raise ReadTimeoutError(endpoint_url=request.url)
        return None if fate is None else answer(request, *fate)


def fated(bucket: str, client: Any = None) -> tuple[S3Store, Fates]:
    """Return a store whose time is virtual, and what deals its requests' fates."""
    made = client or connect()
    return S3Store(Bucket(bucket, "team/", VirtualClock(), lambda: made), KINDS), Fates(made)

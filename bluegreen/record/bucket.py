"""The objects under one prefix of an S3 bucket: a handful of calls, tried again for a while, and what went wrong.

Every call may be sent again without harm: reads and removals anyway, a write because it is conditional or because the
object has no other writer. So a throttled call or a broken connection is tried again here, for a few seconds; whoever
keeps a record hears only of what lasts longer.
"""

from __future__ import annotations

import random
import shlex
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import define, field

from bluegreen.aws.answers import need
from bluegreen.aws.errors import Reply, asked_of, forbidden, later, lost, reply, set_up, unmade
from bluegreen.aws.settings import config, default_region, region
from bluegreen.clock import Clock, SystemClock
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.record.plain import LARGEST

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

T = TypeVar("T")
Condition = tuple[Literal["IfMatch", "IfNoneMatch"], str]

GET, PUT, LIST = "s3:GetObject", "s3:PutObject", "s3:ListBucket"

READ_TIMEOUT = 4.0
"""Seconds for an answer: a record is small, and its lease lasts for 40."""

PATIENCE = 3.0
"""Seconds after which a call is not sent again: a lease must outlive them and the two calls that may follow."""

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
_LATER = ("ConditionalRequestConflict", "OperationAborted", "SlowDown")
_WRONG_PLACE = ("InvalidBucketName", "PermanentRedirect", "AuthorizationHeaderMalformed")


class Missing(Exception):
    """There is no object of this name."""


class Changed(Exception):
    """The object is not, or not any more, the one that the condition asked for."""


@define
class Bucket:
    """The objects of ``name`` whose keys begin with ``prefix``; ``client`` is boto3's, made when it is first used."""

    name: str
    prefix: str
    clock: Clock = field(factory=SystemClock, eq=False, repr=False)
    make: Callable[[], S3Client] = field(factory=lambda: connect, eq=False, repr=False)
    _client: S3Client | None = field(default=None, init=False, eq=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, eq=False, repr=False)

    def get(self, key: str, *, patience: float = PATIENCE) -> tuple[bytes, str]:
        """Return the object, its first ``LARGEST`` bytes and one more at most, and its ETag; raise :class:`Missing`."""

        def send(client: S3Client) -> tuple[bytes, str]:
            found = client.get_object(Bucket=self.name, Key=self.prefix + key)
            return _bounded(need(found, "Body", GET)), need(found, "ETag", GET)

        return self._ask(GET, send, patience)

    def put(
        self, key: str, body: bytes, kind: str, condition: Condition | None = None, *, patience: float = PATIENCE
    ) -> str:
        """Keep ``body`` and return its ETag; raise :class:`Changed` or :class:`Missing`.

        ``Unreachable`` and ``Changed`` leave open whether an attempt before the last one landed.
        """
        asked: Any = dict([condition] if condition else [])

        def send(client: S3Client) -> str:
            kept = client.put_object(Bucket=self.name, Key=self.prefix + key, Body=body, ContentType=kind, **asked)
            return str(need(kept, "ETag", PUT))

        return self._ask(PUT, send, patience)

    def names(self, folder: str = "") -> tuple[str, ...]:
        """Return the keys in ``folder``, without those of folders in it, sorted; ``folder`` ends with a slash."""
        start = self.prefix + folder

        def send(client: S3Client) -> tuple[str, ...]:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=start, Delimiter="/")
            keys = (need(found, "Key", LIST) for page in pages for found in _rows(page))
            return tuple(sorted(key.removeprefix(self.prefix) for key in keys))

        return self._ask(LIST, send)

    def remove(self, key: str) -> None:
        """Remove the object, if there is one."""
        self._ask("s3:DeleteObject", lambda client: client.delete_object(Bucket=self.name, Key=self.prefix + key))

    def _ask(self, action: str, send: Callable[[S3Client], T], patience: float = PATIENCE) -> T:
        """Send, and send again while S3 is busy or silent and ``patience`` lasts."""
        end = self.clock.monotonic() + patience
        for pause in _PAUSES:
            try:
                return self._once(action, send)
            except Unreachable:
                if self.clock.monotonic() + pause > end:
                    raise
                self.clock.sleep(random.uniform(pause / 2, pause))
        return self._once(action, send)

    def _once(self, action: str, send: Callable[[S3Client], T]) -> T:
        try:
            return send(self._connected())
        except BluegreenError:
            raise
        except Exception as error:
            ours = self._explained(error, action)
            if ours is None:
                raise
            raise ours from error

    def _connected(self) -> S3Client:
        with self._lock:
            self._client = self._client or self.make()
            return self._client

    def _explained(self, error: Exception, action: str) -> Exception | None:
        from botocore.exceptions import ClientError, FlexibleChecksumError

        if isinstance(error, ClientError):
            return self._answered(reply(error), action)
        if isinstance(error, FlexibleChecksumError):
            return Unreachable(f"S3's answer to {action} came damaged: {error}", "try again")
        return set_up(error) or lost(error, action)

    def _answered(self, answer: Reply, action: str) -> Exception:
        if answer.status == 412:
            return Changed(self.name)
        if answer.code == "NoSuchKey":
            return Missing(self.name)
        if answer.busy or answer.code in _LATER:
            what, hint = asked_of(answer, action), later(answer, "try again in a minute")
            return Unreachable(f"S3 cannot do {what} just now: {answer.words}", hint)
        return self._misplaced(answer) or _denied(answer, action) or self._refused(answer, action)

    def _misplaced(self, answer: Reply) -> Misconfigured | None:
        if answer.code == "NoSuchBucket":
            where = f" --region {place}" if (place := default_region()) else ""
            make = f"`aws s3 mb {shlex.quote(f's3://{self.name}')}{where}`"
            hint = f"make it ({make}), or name another one in `state`; look at the account, too (AWS_PROFILE)"
            return Misconfigured(f"There is no S3 bucket {self.name}.", hint)
        if answer.code in _WRONG_PLACE:
            hint = "name a general purpose bucket in `state`, and its region in AWS_REGION"
            return Misconfigured(f"S3 does not find the bucket {self.name}: {answer.words}", hint)
        if answer.code == "NotImplemented":
            hint = "name a general purpose bucket of AWS's own S3 in `state`"
            return Misconfigured(f"The S3 of the bucket {self.name} has no conditional writes: {answer.words}", hint)
        return None

    def _refused(self, answer: Reply, action: str) -> Refused:
        return Refused(f"S3 refuses {action} in the bucket {self.name}: {answer.words}", "look at `state`")


def _denied(answer: Reply, action: str) -> BluegreenError | None:
    """Return our error for a denial; S3 denies what is absent, too, to whoever may not list the bucket."""
    error = forbidden(answer, action)
    if not isinstance(error, Denied) or answer.status != 403:
        return error
    more = {
        "s3:GetObject": "; without s3:ListBucket on the bucket S3 says the same of a record that is not there yet",
        "s3:PutObject": "; writing over a record needs s3:GetObject as well",
    }
    return Denied(error.message, error.hint + more.get(action, ""))


def _bounded(stream: Any) -> bytes:
    """Return what is in ``stream`` up to a bound; at its end botocore compares length and checksum."""
    body = b""
    while chunk := stream.read(LARGEST + 1 - len(body)):
        body += chunk
    return body


def _rows(page: Any) -> Iterator[Any]:
    """Yield a page's objects; S3 leaves the list out where there is none, and says where there is more."""
    if page.get("IsTruncated"):
        need(page, "NextContinuationToken", LIST)
    yield from need(page, "Contents", LIST) if page.get("KeyCount") else page.get("Contents") or ()


def connect() -> S3Client:
    """Return a client of its own session; raise ``Misconfigured`` for an unknown profile or a wrong address.

    The library follows a bucket to another region than the configured one, and at an address of one's own
    (``AWS_ENDPOINT_URL``) it puts the bucket into the path, so that no DNS has to know it (botocore 1.44.5, args).
    """
    from botocore.exceptions import BotoCoreError
    from botocore.session import get_session

    from bluegreen.aws.sessions import open_session

    try:
        return open_session(get_session(), region_name=region()).client("s3", config=config(READ_TIMEOUT))
    except (BotoCoreError, ValueError, OSError) as error:
        raise unmade(error) or error from error

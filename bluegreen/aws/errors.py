"""What botocore raises, as our own errors: one sentence, one hint.

A *write* that AWS answered with no is :class:`~bluegreen.flow.ports.ActionRefused`, one that it answered with "later"
is :class:`Busy`: either way the next look says what is true. A *read* that was not answered is ``Unreachable``:
nothing is decided on missing data. The codes are in :mod:`bluegreen.aws.codes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from bluegreen.aws.codes import BUSY, EXPIRED, FORBIDDEN, MISSING, NOT_DONE, PROTECTION, SKEWED, UNKNOWN_KEYS
from bluegreen.aws.requests import ELB, ELBV2, Call
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.flow.ports import ActionRefused

LONGEST = 400
"""Characters of AWS's own words that are passed on."""

PERMISSIONS = "docs/permissions.md"

_DENIAL = re.compile(r"not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>\S+))?")
_CAUSE = re.compile(r"because ([^.]*?)(?:\.|$| Encoded)")


class Busy(Unreachable):
    """AWS cannot do it just now (throttled, contended, a 5xx): the same action may well be taken in a few seconds.

    No ``ActionRefused``: the engine counts those and gives up after a few, while this is waited out.
    """


class Protected(ActionRefused):
    """EC2 refuses to terminate an instance that is protected from termination, and with it a whole zone's call."""


@frozen
class Reply:
    """An error that AWS answered; ``message`` is safe to print, ``status`` is HTTP's."""

    code: str
    message: str
    status: int

    @property
    def busy(self) -> bool:
        """Whether the same call may be answered in a few seconds."""
        return self.code not in NOT_DONE and (self.code in BUSY or self.status >= 500)

    @property
    def words(self) -> str:
        """AWS's message, or its code where it sent none."""
        return self.message or self.code or f"HTTP {self.status}"


def permission(call: Call) -> str:
    """Return the IAM action of a call, such as ``autoscaling:EnterStandby``; both ELB APIs share one prefix."""
    prefix = "elasticloadbalancing" if call.service in (ELB, ELBV2) else call.service
    return f"{prefix}:{call.operation}"


def clean(text: str, longest: int = LONGEST) -> str:
    """Return AWS's text on one line, its control characters spelled out, at most ``longest`` characters."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def reply(response: Mapping[str, Any]) -> Reply:
    """Read the error of a ``ClientError``'s response."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    code = str(error.get("Code", "")).removeprefix("Client.").removeprefix("Server.")
    message = re.sub(r"\s*Encoded authorization failure message: \S+", "", str(error.get("Message") or ""))
    return Reply(clean(code, 100), clean(message), int(metadata.get("HTTPStatusCode", 400)))


def translate(error: Exception, call: Call, *, writes: bool) -> BluegreenError | None:
    """Return our error for what ``call`` raised, or ``None`` for what is no answer of AWS's but a bug of ours."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        answer = reply(error.response)
        return _forbidden(answer, call) or (_write(answer, call) if writes else _read(answer, call))
    return set_up(error) or lost(error, call)


def _forbidden(answer: Reply, call: Call) -> BluegreenError | None:
    if answer.code in FORBIDDEN:
        return _denied(answer, call)
    if answer.code in EXPIRED:
        return Denied("The AWS credentials have expired.", "get new ones (for instance `aws sso login`)")
    if answer.code in UNKNOWN_KEYS:
        return Denied(
            f"AWS does not know these credentials: {answer.words}",
            "look which ones are used (`aws sts get-caller-identity`), at AWS_PROFILE and at the machine's clock",
        )
    if answer.code in SKEWED:
        return Denied(
            f"AWS rejects the request's signature: {answer.words}",
            "set this machine's clock, then look at the secret key",
        )
    return _denied(answer, call) if answer.status in (401, 403) and not answer.busy else None


def _denied(answer: Reply, call: Call) -> Denied:
    found, cause = _DENIAL.search(answer.message), _CAUSE.search(answer.message)
    action = found["action"] if found else permission(call)
    resource = (found["resource"] or "").rstrip(".,") if found else ""
    where = f" on {resource}" if resource and resource != "*" else ""
    why = f": {cause[1]}" if cause else f": {answer.words}" if not found else ""
    return Denied(
        f"AWS does not permit {action}{where}{why}",
        f"allow {action} in the IAM policy; {PERMISSIONS} lists everything that is used",
    )


def _write(answer: Reply, call: Call) -> BluegreenError:
    if answer.busy:
        return Busy(f"AWS cannot do {permission(call)} just now: {answer.words}", "nothing to do: it is tried again")
    kind = Protected if (call.operation, answer.code) == PROTECTION else ActionRefused
    return kind(f"AWS refuses {permission(call)}: {answer.words}", "the next look says what is true")


def _read(answer: Reply, call: Call) -> BluegreenError:
    if answer.busy:
        return Busy(f"AWS does not answer {permission(call)} just now: {answer.words}", "try again in a minute")
    if answer.code in MISSING:
        return Refused(
            f"A balancer that a group is attached to does not exist: {answer.words}",
            "attach both groups to the same, existing balancers",
        )
    return Refused(f"AWS refuses {permission(call)}: {answer.words}", "look at the configuration, the region first")


def lost(error: Exception, call: Call) -> BluegreenError | None:
    """Return ``Unreachable`` for a connection that failed, timed out or brought no answer of AWS's, else ``None``."""
    from botocore import exceptions as known
    from botocore.parsers import ResponseParserError

    silent = (known.HTTPClientError, known.ConnectionError, known.IncompleteReadError, known.ConnectTimeoutError)
    if isinstance(error, (*silent, ResponseParserError, known.MetadataRetrievalError, OSError)):
        hint = "look at the network (proxy, VPN, captive portal), then try again"
        return Unreachable(f"AWS did not answer {permission(call)}: {clean(str(error))}", hint)
    return None


def set_up(error: Exception) -> BluegreenError | None:
    """Return our error for missing or stale credentials, profiles and regions, else ``None``."""
    from botocore import exceptions as known

    words = clean(str(error))
    if isinstance(error, known.ProfileNotFound):
        return Misconfigured(words, "name an existing profile in AWS_PROFILE (`aws configure list-profiles`)")
    if isinstance(error, (known.NoRegionError, known.InvalidRegionError)):
        return no_region(words)
    if isinstance(error, (known.NoCredentialsError, known.PartialCredentialsError)):
        hint = "set AWS_PROFILE, or log in (`aws sso login`, `aws configure`)"
        return Misconfigured(f"There are no AWS credentials: {words}", hint)
    if isinstance(error, _stale()):
        return Denied(f"The AWS credentials cannot be had: {words}", "log in again (for instance `aws sso login`)")
    if isinstance(error, (known.ConfigParseError, known.ConfigNotFound, known.UnknownEndpointError, ValueError)):
        return Misconfigured(f"AWS's own configuration is wrong: {words}", "look at ~/.aws/config and AWS_ENDPOINT_URL")
    return None


def _stale() -> tuple[type[Exception], ...]:
    from botocore import exceptions as known

    names = ("CredentialRetrievalError", "TokenRetrievalError", "NoAuthTokenError", "SSOError", "LoginError")
    return tuple(getattr(known, name) for name in names if hasattr(known, name))  # LoginError is from 2025 on


def no_region(words: str = "") -> Misconfigured:
    """Return the error for a region that is not set, or is none."""
    return Misconfigured(
        words or "No AWS region is set.", "set `region` of the service in bluegreen.toml, or the variable AWS_REGION"
    )

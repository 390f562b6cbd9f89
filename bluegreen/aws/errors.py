"""What botocore raises, as our own errors, where it is the same for every service.

The codes are in :mod:`bluegreen.aws.codes`; what a particular call's refusal means is said by who makes the call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from bluegreen.aws.codes import BUSY, EXPIRED, FORBIDDEN, NOT_DONE, SKEWED, UNKNOWN_KEYS, UNPROVEN
from bluegreen.credentials.asking import ALWAYS, VARIABLE, may_ask
from bluegreen.credentials.hiding import hide
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Unreachable

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

MOST = 100_000
"""Characters of a text that are read at all."""
LONGEST = 400
"""Characters of AWS's own words that are passed on."""

PERMISSIONS = "docs/permissions.md"

_TRUST = "look at the role's trust policy: its principal, and its conditions"
_AGAIN = "log in again (for instance `aws sso login`)"
EXCHANGES = {
    "AssumeRole": f"{_TRUST}; and at whether sts:AssumeRole is allowed here",
    "AssumeRoleWithWebIdentity": f"{_TRUST} on the token's `sub` and `aud`; then at AWS_ROLE_ARN",
    "AssumeRoleWithSAML": f"{_TRUST} on the assertion",
    "GetRoleCredentials": f"look at the profile's account and role name, or {_AGAIN}",
    "CreateToken": _AGAIN,
    "CreateOAuth2Token": _AGAIN,
}
"""Operations that get credentials (botocore 1.44.5: what its providers call), and what helps where they refuse."""

TOKENS = {
    "AssumeRoleWithWebIdentity": (
        "web identity token",
        "let a new one be written to AWS_WEB_IDENTITY_TOKEN_FILE: by a new job of the CI system, or by the cluster",
    ),
    "AssumeRoleWithSAML": ("assertion", "log in at the identity provider again"),
}
"""What such an operation is handed, which may have expired (STS API reference, errors), and who makes a new one."""
NO_PROVIDER = "No OpenIDConnect provider found"
"""What STS says behind the same code where the account knows no such provider: it will not a moment later either."""

_NAMED = "look at credential_process in ~/.aws/config, and at the variables that name a file, such as SSLKEYLOGFILE"

_ENCODED = re.compile(r"(?:(?<!\s)\s+)?Encoded authorization failure message: \S+")
_DENIAL = re.compile(r"not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>\S+))?")
_CAUSE = re.compile(r"because ([^.]*?)(?:\.|$| Encoded)")


@frozen
class Reply:
    """An error that AWS answered; ``message`` is safe to print, ``status`` is HTTP's.

    ``operation`` is the one that answered: the call itself, or one that gets credentials for it.
    """

    code: str
    message: str
    status: int
    operation: str = ""

    @property
    def busy(self) -> bool:
        """Whether the same call may be answered in a few seconds."""
        never = self.code in NOT_DONE or (self.code == UNPROVEN and NO_PROVIDER in self.message)
        return not never and (self.code in BUSY or self.status >= 500)

    @property
    def words(self) -> str:
        """AWS's message, or its code where it sent none."""
        return self.message or self.code or f"HTTP {self.status}"


def clean(text: str, longest: int = LONGEST) -> str:
    """Return AWS's text on one line, its control characters spelled out, at most ``longest`` characters."""
    whole = text if len(text) <= MOST else text[:MOST].rsplit(None, 1)[0]  # no half of a secret
    line = " ".join(hide(whole).split()).replace("`", "\\x60")  # it begins no command of our own
    if not line.isprintable():
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def reply(answered: ClientError) -> Reply:
    """Read what AWS answered."""
    error, metadata = answered.response.get("Error", {}), answered.response.get("ResponseMetadata", {})
    code = str(error.get("Code", "")).removeprefix("Client.").removeprefix("Server.")
    message = _ENCODED.sub("", str(error.get("Message") or ""))
    status = int(metadata.get("HTTPStatusCode", 400))
    return Reply(clean(code, 100), clean(message), status, str(answered.operation_name))


def forbidden(answer: Reply, action: str) -> BluegreenError | None:
    """Return our error when ``answer`` denies the IAM ``action`` or the credentials, else ``None``."""
    if answer.code in EXPIRED and answer.operation in TOKENS:
        what, renew = TOKENS[answer.operation]
        return Denied(f"The {what} for {answer.operation} has expired: {answer.words}", renew)
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
    if answer.operation in EXCHANGES and not answer.busy:
        return _no_credentials(answer)
    if answer.code in FORBIDDEN:
        return _denied(answer, action)
    return _denied(answer, action) if answer.status in (401, 403) and not answer.busy else None


def asked_of(answer: Reply, action: str) -> str:
    """Return what was not answered: ``action``, or the exchange by which credentials are got for it."""
    return f"sts:{answer.operation}" if answer.operation in TOKENS or answer.operation == "AssumeRole" else action


def later(answer: Reply, hint: str) -> str:
    """Return ``hint``, and what helps where credentials are to be got and that lasts."""
    return f"{hint}; if it lasts, {EXCHANGES[answer.operation]}" if answer.operation in EXCHANGES else hint


def _no_credentials(answer: Reply) -> Denied:
    """Return the error for credentials that are not handed out: what the call itself may do has nothing to do with it.

    Source: STS API reference, "Errors" of AssumeRoleWithWebIdentity; IAM user guide, "Troubleshoot IAM roles".
    """
    return Denied(f"AWS hands out no credentials ({answer.operation}): {answer.words}", EXCHANGES[answer.operation])


def _denied(answer: Reply, asked: str) -> Denied:
    found, cause = _DENIAL.search(answer.message), _CAUSE.search(answer.message)
    action = found["action"] if found else asked
    resource = (found["resource"] or "").rstrip(".,") if found else ""
    where = f" on {resource}" if resource and resource != "*" else ""
    why = f": {cause[1]}" if cause else f": {answer.words}" if not found else ""
    return Denied(
        f"AWS does not permit {action}{where}{why}",
        f"allow {action} in the IAM policy; {PERMISSIONS} lists everything that is used",
    )


def lost(error: Exception, action: str) -> BluegreenError | None:
    """Return ``Unreachable`` for a connection that failed, timed out or brought no answer of AWS's, else ``None``.

    ``action`` is the IAM action of the call.
    """
    from botocore import exceptions as known
    from botocore.parsers import ResponseParserError

    silent = (known.HTTPClientError, known.ConnectionError, known.IncompleteReadError, known.PaginationError)
    if isinstance(error, (*silent, ResponseParserError, known.MetadataRetrievalError, OSError)):
        network = "look at the network (proxy, VPN, captive portal), then try again"
        hint = _NAMED if _names_a_file(error) else network
        return Unreachable(f"AWS did not answer {action}: {clean(str(error))}", hint)
    return None


def _names_a_file(error: Exception) -> bool:
    """Whether the system says no to a file or a program, which no error of a connection names.

    A profile's ``credential_process`` is run, and ``SSLKEYLOGFILE`` opened, without a look at the system's errors
    (botocore 1.44.5, credentials and httpsession).
    """
    return isinstance(error, OSError) and error.filename is not None


def set_up(error: Exception) -> BluegreenError | None:
    """Return our error for missing or stale credentials, profiles and regions, else ``None``."""
    from botocore import exceptions as known

    words = clean(str(error))
    if isinstance(error, known.ProfileNotFound):
        return Misconfigured(words, "name an existing profile in AWS_PROFILE (`aws configure list-profiles`)")
    if isinstance(error, (known.NoRegionError, known.InvalidRegionError)):
        return no_region(words)
    if isinstance(error, (known.NoCredentialsError, known.PartialCredentialsError)):
        hint = "set AWS_PROFILE, or log in (`aws sso login`, `aws configure`, `bluegreen login aws`)"
        unasked = "" if may_ask() else f"; the keyring is not asked here, unless {VARIABLE}={ALWAYS}"
        return Misconfigured(f"There are no AWS credentials: {words}", hint + unasked)
    if isinstance(error, _stale()):
        return Denied(f"The AWS credentials cannot be had: {words}", _AGAIN)
    if isinstance(error, EOFError):
        hint = f"do it on a terminal, or where no code is needed; {_AGAIN}"
        return Denied("The AWS credentials need an MFA code, and nobody can be asked here.", hint)
    if isinstance(error, (*_wrong(), ValueError)):
        return Misconfigured(f"AWS's own configuration is wrong: {words}", "look at ~/.aws/config and AWS_ENDPOINT_URL")
    return None


def unmade(error: Exception) -> BluegreenError | None:
    """Return our error for a client that cannot be made, else ``None``: a file that is missing then stays so."""
    if _names_a_file(error):
        return Misconfigured(f"A file or program that is named for AWS cannot be used: {clean(str(error))}", _NAMED)
    return set_up(error)


STALE = (
    "CredentialRetrievalError",
    "TokenRetrievalError",
    "NoAuthTokenError",
    "SSOError",
    "LoginError",
    "RefreshWithMFAUnsupportedError",
)
"""What botocore raises for a login that has ended: of a process, single sign-on, ``aws login``, or with a code."""

WRONG = (
    "ConfigParseError",
    "ConfigNotFound",
    "InvalidConfigError",
    "UnknownEndpointError",
    "UnknownCredentialError",
    "UnknownTokenProviderError",
    "UnknownRegionError",
    "BaseEndpointResolverError",
    "EndpointProviderError",
    "MissingDependencyException",
    "InvalidDefaultsMode",
    "InvalidChecksumConfigError",
    "InvalidEndpointConfigurationError",
    "InvalidIMDSEndpointError",
    "InvalidIMDSEndpointModeError",
    "InvalidMaxRetryAttemptsError",
    "InvalidProxiesConfigError",
    "InvalidRetryConfigurationError",
    "InvalidRetryModeError",
    "InvalidS3AddressingStyleError",
    "InvalidS3UsEast1RegionalEndpointConfigError",
    "InvalidSTSRegionalEndpointsConfigError",
    "UnsupportedSignatureVersionError",
)
"""What it raises for ``~/.aws/config`` or a variable that makes no sense."""


def _stale() -> tuple[type[Exception], ...]:
    return _named(STALE)


def _wrong() -> tuple[type[Exception], ...]:
    return _named(WRONG)


def _named(names: tuple[str, ...]) -> tuple[type[Exception], ...]:
    from botocore import exceptions as known

    return tuple(getattr(known, name) for name in names if hasattr(known, name))  # some are newer than others


def no_region(words: str = "") -> Misconfigured:
    """Return the error for a region that is not set, or is none."""
    return Misconfigured(
        words or "No AWS region is set.",
        "say --region, or set `region` of the service in bluegreen.toml, or AWS_REGION",
    )

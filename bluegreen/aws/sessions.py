"""A session of AWS's library, whose chain of credentials has one link more at its end: the keyring.

Whatever credentials it finds, whichever way, are hidden from then on: a server may quote what it was sent.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any

from bluegreen.aws.errors import clean
from bluegreen.credentials.hiding import remember
from bluegreen.errors import Misconfigured

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.credentials import Credentials
    from botocore.session import Session as Core

METHOD = "bluegreen-keyring"
_EXCHANGES = ("sts", "sso", "sso-oidc", "signin")
"""Services whose calls carry secrets as parameters (botocore 1.44.5: what its credential providers call)."""
_TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
_TOKEN_FILES = ("AWS_WEB_IDENTITY_TOKEN_FILE", _TOKEN_FILE)
_LONGEST_TOKEN = 65536


def open_session(core: Core, **settings: Any) -> Session:
    """Return boto3's session over ``core``; the keyring is asked when nothing else in the chain has credentials."""
    from boto3.session import Session

    hide_credentials(core)
    session = Session(botocore_session=core, **settings)
    core.get_component("credential_provider").providers.append(_provider(session.profile_name))
    return session


def hide_credentials(core: Core) -> None:
    """Let no sentence show what requests of ``core``'s clients are signed with, nor what credentials are had for.

    botocore's public events: ``before-sign`` comes before each request is signed, those that get credentials (STS, SSO)
    included, and ``before-parameter-build`` before each call.

    Raise ``Misconfigured`` for a variable that names no file to read a token from: a pipe would be waited for.
    """
    _refuse_pipes()
    core.register("before-sign", _hide_signer)
    for service in _EXCHANGES:
        core.register(f"before-parameter-build.{service}", _hide_tokens)
    if path := os.environ.get(_TOKEN_FILE):
        with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
            remember(file.read(_LONGEST_TOKEN))


def _refuse_pipes() -> None:
    for name in _TOKEN_FILES:
        if (path := os.environ.get(name)) and os.path.exists(path) and not os.path.isfile(path):
            hint = "name a file: it is read again whenever credentials have run out"
            raise Misconfigured(f"{name} names no file: {clean(path)}", hint)


def _hide_signer(request_signer: Any = None, **_: Any) -> None:
    """A signer keeps its credentials to itself (botocore 1.44.5): they are read there, or not at all."""
    found: Any = getattr(request_signer, "_credentials", None)
    frozen = found.get_frozen_credentials() if hasattr(found, "get_frozen_credentials") else found
    for name in ("secret_key", "token"):
        if isinstance(secret := getattr(frozen, name, None), str):
            remember(secret)


def _hide_tokens(params: Any = None, **_: Any) -> None:
    """Remember what is exchanged for credentials: the token of a login in a browser, or of a workload."""
    for name, value in (params or {}).items():
        if isinstance(value, str) and name.lower().endswith(("token", "secret", "assertion", "code", "verifier")):
            remember(value)


def _provider(profile: str) -> Any:
    from botocore.credentials import CredentialProvider

    class Keyring(CredentialProvider):
        """The last link: a provider of botocore's, which returns ``None`` where it knows nothing."""

        METHOD = METHOD
        CANONICAL_NAME = METHOD

        def load(self) -> Credentials | None:
            """Return the profile's keys."""
            return _load(profile)

    return Keyring()


_asked: dict[str, Credentials | None] = {}
_lock = threading.Lock()


def _load(profile: str) -> Credentials | None:
    """Return the profile's keys; asked once in a process, since each session of it asks."""
    with _lock:
        if profile not in _asked:
            _asked[profile] = _read(profile)
        return _asked[profile]


def _read(profile: str) -> Credentials | None:
    from botocore.credentials import Credentials

    from bluegreen.credentials.entries import aws
    from bluegreen.credentials.vault import NoKeyring

    try:
        keys = aws(profile)
    except NoKeyring:
        return None
    return None if keys is None else Credentials(keys.id, keys.secret, method=METHOD)

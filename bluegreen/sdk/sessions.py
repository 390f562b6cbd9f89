"""A session of AWS's library, whose chain of credentials has one link more at its end: the keyring."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.credentials import Credentials
    from botocore.session import Session as Core

METHOD = "bluegreen-keyring"


def open_session(core: Core, **wishes: Any) -> Session:
    """Return boto3's session over ``core``; the keyring is asked when nothing else in the chain has credentials."""
    from boto3.session import Session

    session = Session(botocore_session=core, **wishes)
    core.get_component("credential_provider").providers.append(_provider(session.profile_name))
    return session


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

    from bluegreen.secrets.entries import aws
    from bluegreen.secrets.vault import NoKeyring

    try:
        keys = aws(profile)
    except NoKeyring:
        return None
    return None if keys is None else Credentials(keys.id, keys.secret, method=METHOD)

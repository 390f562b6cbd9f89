"""How AWS's library behaves: said explicitly, since its defaults change and can blind a call for minutes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bluegreen.calls import CONNECT_TIMEOUT, READ_TIMEOUT

if TYPE_CHECKING:
    from botocore.config import Config

CONNECTIONS = 16


def region() -> str | None:
    """Return ``AWS_REGION``, since botocore reads ``AWS_DEFAULT_REGION`` alone (botocore 1.44.5, configprovider)."""
    return os.environ.get("AWS_REGION") or None


def default_region() -> str:
    """Return the region that a session has which is not told one; nothing where there is none, or no such profile."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import get_session

    try:
        return region() or str(get_session().get_config_variable("region") or "")
    except BotoCoreError:
        return ""


IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
"""The variable that goes before what a profile says of it (botocore 1.44.5, configprovider)."""


def profile_ignores_endpoints() -> bool:
    """Whether AWS's own configuration, of the profile that is used, lets no configured address of an endpoint count.

    Where there is no such profile, nothing is called at all.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.session import get_session

    try:
        return bool(get_session().get_config_variable(IGNORE.removeprefix("AWS_").lower()))
    except BotoCoreError:
        return False


def config(read_timeout: float = READ_TIMEOUT) -> Config:
    """Return how botocore behaves: one attempt (the engine's loop is the retry) and short time-outs, in seconds.

    Raise ``ValueError`` for a time-out that would outlast the longest call.
    """
    if read_timeout > READ_TIMEOUT:
        raise ValueError(f"{read_timeout:g} s outlast the longest call")
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=read_timeout,
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

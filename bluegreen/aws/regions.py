"""A region that botocore does not know: perhaps mistyped, perhaps newer than it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bluegreen.aws.settings import region as asked_for
from bluegreen.errors import Misconfigured

if TYPE_CHECKING:
    from boto3.session import Session

VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


def whence(explicit: str) -> str:
    """Return what says which region it is, where ``explicit`` is the one that the service's settings name, if any."""
    if explicit:
        return "`region` in bluegreen.toml, or --region"
    told = VARIABLES[0] if asked_for() else next((name for name in VARIABLES if os.environ.get(name)), "")
    return told or "`region` of the profile in ~/.aws/config"


def refuse_unknown(session: Session, source: str, error: Exception) -> None:
    """Raise ``Misconfigured`` when ``error`` is that the region's endpoint has no address, and botocore knows no such.

    ``source`` is what says which region it is.

    Either alone says nothing: a new region is newer than this botocore, and without a network no name has an address.
    """
    host, region = _unresolved(error), session.region_name
    if f".{region}." in host and region not in set(_known(session)):
        from botocore import __version__

        raise Misconfigured(
            f"There is no AWS region {region} that botocore {__version__} knows, and {host} has no address.",
            f"put the region right ({source}); if it is right, look at the network",
        ) from error


def _known(session: Session) -> Iterator[str]:
    for partition in session.get_available_partitions():
        yield from session.get_available_regions("ec2", partition)


def _unresolved(error: Exception) -> str:
    """Return the host of a call whose name could not be resolved, or nothing."""
    from urllib.parse import urlsplit

    from botocore.exceptions import EndpointConnectionError

    if not isinstance(error, EndpointConnectionError):
        return ""
    cause: Any = error.kwargs.get("error")
    while cause is not None and not isinstance(cause, socket.gaierror):
        cause = cause.__cause__ or cause.__context__
    return "" if cause is None else urlsplit(str(error.kwargs.get("endpoint_url"))).hostname or ""

"""The one AWS client of an instance: botocore's for Auto Scaling, with the instance role's credentials."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bluegreen.errors import BluegreenError, Denied, Refused, Unreachable
from bluegreen.sdk.errors import forbidden, lost, reply, set_up
from bluegreen.sdk.settings import config

CREDENTIAL_TRIES = 3
ROUTE = (
    "the instance needs a way to Auto Scaling's API: a route to the internet, "
    "or the VPC endpoint com.amazonaws.REGION.autoscaling"
)
ROLE = "give the instance an instance profile whose role has the permissions of docs/permissions.md"


class Busy(Unreachable):
    """AWS asks to come back later: mostly because too many ask at once."""


def autoscaling(region: str, metadata: str) -> Any:
    """Return botocore's client; the credentials at ``metadata`` (its address) are never asked for through a proxy."""
    from botocore.session import get_session

    try:
        session = get_session()
        session.set_config_variable("metadata_service_num_attempts", CREDENTIAL_TRIES)
        session.set_default_client_config(config())
        with _direct(metadata):
            session.get_credentials()
        return session.create_client("autoscaling", region_name=region, config=config())
    except Exception as error:
        raise readable(error, "autoscaling:DescribeAutoScalingInstances") or error from error


@contextmanager
def _direct(address: str) -> Iterator[None]:
    """Let nothing go to ``address`` through a proxy meanwhile.

    botocore asks the metadata service for credentials through ``HTTP_PROXY`` (1.44.5: ``IMDSFetcher`` takes the
    proxies of the environment when it is made).
    """
    before = os.environ.get("no_proxy")
    host = urllib.parse.urlsplit(address).netloc
    os.environ["no_proxy"] = ",".join(filter(None, [before or os.environ.get("NO_PROXY"), host]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["no_proxy"]
        else:
            os.environ["no_proxy"] = before


def readable(error: Exception, action: str) -> BluegreenError | None:
    """Return botocore's ``error`` in the call of the IAM ``action`` as one of ours; Unreachable is what may pass."""
    from botocore.exceptions import ClientError, NoCredentialsError

    if isinstance(error, ClientError):
        answer = reply(error.response)
        if answer.busy:
            return Busy(f"Auto Scaling is busy: {answer.words} ({action})", "try again, with a longer --wait")
        return forbidden(answer, action) or Refused(f"Auto Scaling refused {action}: {answer.words}")
    if isinstance(error, NoCredentialsError):
        return Denied("this instance has no AWS credentials", ROLE)
    if silence := lost(error, action):
        return Unreachable(silence.message, ROUTE)
    return set_up(error)

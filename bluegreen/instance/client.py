"""The one AWS client of an instance: botocore's for Auto Scaling, with the instance role's credentials."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define

from bluegreen.aws.errors import forbidden, lost, reply, set_up, unmade
from bluegreen.aws.sessions import hide_credentials
from bluegreen.aws.settings import config
from bluegreen.errors import BluegreenError, Denied, Refused, Unreachable

CREDENTIAL_TRIES = 3
ROUTE = (
    "the instance needs a way to Auto Scaling's API: a route to the internet, "
    "or the VPC endpoint com.amazonaws.REGION.autoscaling"
)
ROLE = "give the instance an instance profile whose role has the permissions of docs/permissions.md"


class Busy(Unreachable):
    """AWS asks to come back later: mostly because too many ask at once."""


class NoRole(Denied):
    """The instance has no credentials, or none yet: an instance profile may come some seconds after the boot."""


@define
class Patient:
    """Auto Scaling, connected at the first call, and at each further one while ``connect`` fails."""

    connect: Callable[[], Any]
    _client: Any = None

    def describe_auto_scaling_instances(self, **parameters: Any) -> Any:
        """Ask which groups instances belong to."""
        return self._connected().describe_auto_scaling_instances(**parameters)

    def describe_tags(self, **parameters: Any) -> Any:
        """Ask for tags of groups."""
        return self._connected().describe_tags(**parameters)

    def _connected(self) -> Any:
        if self._client is None:
            self._client = self.connect()
        return self._client


def autoscaling(region: str, metadata: str) -> Any:
    """Return botocore's client; raise ``NoRole`` without credentials.

    These, at ``metadata`` (its address), are never asked for through a proxy.
    """
    from botocore.session import get_session

    try:
        session = get_session()
        hide_credentials(session)
        session.set_config_variable("metadata_service_num_attempts", CREDENTIAL_TRIES)
        session.set_default_client_config(config())
        with _direct(metadata):
            found = session.get_credentials()
        if found is None:
            raise NoRole("this instance has no AWS credentials", ROLE)
        return session.create_client("autoscaling", region_name=region, config=config())
    except BluegreenError:
        raise
    except Exception as error:
        wrong = unmade(error) if isinstance(error, OSError) else None
        raise wrong or readable(error, "autoscaling:DescribeAutoScalingInstances") or error from error


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
        answer = reply(error)
        if answer.busy:
            return Busy(f"Auto Scaling is busy: {answer.words} ({action})", "try again, with a longer --wait")
        return forbidden(answer, action) or Refused(
            f"Auto Scaling refused {action}: {answer.words}", "put right what AWS says, then try again"
        )
    if isinstance(error, NoCredentialsError):
        return NoRole("this instance has no AWS credentials", ROLE)
    if silence := lost(error, action):
        return Unreachable(silence.message, ROUTE)
    return set_up(error)

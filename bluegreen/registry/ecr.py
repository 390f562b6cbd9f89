"""Amazon's registry, asked through its API: one call, with the permission ``ecr:DescribeImages``.

The region and the account are those of the repository's name, which need not be the groups'. Which of the region's
addresses is called (IPv6, FIPS) says AWS's own configuration, as for every other service.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from attrs import frozen

from bluegreen.errors import BluegreenError, Misconfigured, Refused, Unreachable
from bluegreen.registry.reference import Repository
from bluegreen.sdk.errors import clean, forbidden, lost, reply, set_up

PERMISSION = "ecr:DescribeImages"

_HOST = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z]{2,}(?:-[a-z0-9]+)+)"
    r"\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn))",
    re.A,
)
_MISSING = frozenset(("ImageNotFoundException", "RepositoryNotFoundException"))

Connect = Callable[[str], Any]
"""Returns boto3's client of ECR for a region."""


@frozen
class Ecr:
    """A repository of an account, in a region."""

    account: str
    region: str
    name: str
    connect: Connect

    def holds(self, version: str) -> bool:
        """Say whether the version, a tag or a digest, is there; raise our error when that is not known."""
        key = "imageDigest" if ":" in version else "imageTag"
        try:
            self.connect(self.region).describe_images(
                registryId=self.account, repositoryName=self.name, imageIds=[{key: version}]
            )
        except Exception as error:
            return self._missing(error)
        return True

    def _missing(self, error: Exception) -> bool:
        """Return ``False`` for the answer that nothing is there; raise everything else."""
        from botocore.exceptions import ClientError

        if isinstance(error, BluegreenError):
            raise error
        if isinstance(error, ClientError):
            if reply(error.response).code in _MISSING:
                return False
            raise _answered(error) from error
        raise _unanswered(error) or error from error


def in_ecr(repository: Repository, connect: Connect) -> Ecr | None:
    """Return the repository as ECR knows it, or ``None`` when it is in another registry."""
    found = _HOST.fullmatch(repository.host)
    return Ecr(found["account"], found["region"], repository.name, connect) if found else None


def _answered(error: Any) -> BluegreenError:
    answer = reply(error.response)
    if denied := forbidden(answer, PERMISSION):
        return denied
    if answer.busy:
        return Unreachable(f"AWS does not answer {PERMISSION} just now: {answer.words}", "try again in a minute")
    return Refused(f"AWS refuses {PERMISSION}: {answer.words}", "look at `repository`")


def _unanswered(error: Exception) -> BluegreenError | None:
    from botocore.exceptions import ParamValidationError

    if isinstance(error, ParamValidationError):
        return Misconfigured(f"ECR knows no such name: {clean(str(error))}", "look at `repository`")
    return set_up(error) or lost(error, PERMISSION)

"""Amazon's registry, asked through its API: ``ecr:DescribeImages``, and what makes a no uncertain.

A pull-through cache knows nothing of an image before its first ``docker pull``, which fetches it. So a no is believed
only where no rule of such a cache fits the repository's name (ECR user guide, "Sync an upstream registry").

The region and the account are those of the repository's name, which need not be the groups'. Which of the region's
addresses is called (IPv6, FIPS) says AWS's own configuration, as for every other service.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from attrs import frozen

from bluegreen.aws.answers import HINT, Incomplete, need
from bluegreen.aws.errors import asked_of, clean, forbidden, later, lost, reply, set_up
from bluegreen.errors import BluegreenError, Misconfigured, Refused, Unreachable
from bluegreen.registry.reference import Repository

PERMISSION = "ecr:DescribeImages"
RULES_PERMISSION = "ecr:DescribePullThroughCacheRules"
_EVERYTHING = "ROOT"
"""The prefix that stands for all names."""

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
            client = self.connect(self.region)
            answer = client.describe_images(
                registryId=self.account, repositoryName=self.name, imageIds=[{key: version}]
            )
            if not need(answer, "imageDetails", PERMISSION):
                raise Incomplete(
                    f"AWS's answer to {PERMISSION} neither has the image nor says that there is none", HINT
                )
        except Exception as error:
            if not _says_missing(error):
                raise _problem(error, PERMISSION) from error
        else:
            return True
        if self._cached(client):
            sentence = f"{self.name} is a pull-through cache of ECR's, which fetches an image when it is first pulled"
            raise Refused(sentence, "pull it once, then ECR knows it")
        return False

    def _cached(self, client: Any) -> bool:
        """Say whether a rule of a pull-through cache fits the name; raise our error when that is not known."""
        try:
            pages = client.get_paginator("describe_pull_through_cache_rules").paginate(registryId=self.account)
            rules = (rule for page in pages for rule in need(page, "pullThroughCacheRules", RULES_PERMISSION))
            prefixes = [str(need(rule, "ecrRepositoryPrefix", RULES_PERMISSION)) for rule in rules]
        except Exception as error:
            raise _problem(error, RULES_PERMISSION) from error
        return any(prefix == _EVERYTHING or self.name.startswith(f"{prefix.rstrip('/')}/") for prefix in prefixes)


def in_ecr(repository: Repository, connect: Connect) -> Ecr | None:
    """Return the repository as ECR knows it, or ``None`` when it is in another registry."""
    found = _HOST.fullmatch(repository.host)
    return Ecr(found["account"], found["region"], repository.name, connect) if found else None


def _says_missing(error: Exception) -> bool:
    from botocore.exceptions import ClientError

    return isinstance(error, ClientError) and reply(error).code in _MISSING


def _problem(error: Exception, permission: str) -> Exception:
    """Return what happened in the call of the IAM action ``permission`` as one of ours where it is known."""
    from botocore.exceptions import ClientError, ParamValidationError

    if isinstance(error, BluegreenError):
        return error
    if isinstance(error, ClientError):
        return _answered(error, permission)
    if isinstance(error, ParamValidationError):
        return Misconfigured(f"ECR knows no such name: {clean(str(error))}", "look at `repository`")
    return set_up(error) or lost(error, permission) or error


def _answered(error: Any, permission: str) -> BluegreenError:
    answer = reply(error)
    if denied := forbidden(answer, permission):
        return denied
    if answer.busy:
        what, hint = asked_of(answer, permission), later(answer, "try again in a minute")
        return Unreachable(f"AWS does not answer {what} just now: {answer.words}", hint)
    return Refused(f"AWS refuses {permission}: {answer.words}", "look at `repository`")

"""Amazon's registry: real boto3 clients, answered by moto or by a list of errors, and what is documented of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from bluegreen.aws.clients import BotoClients
from bluegreen.aws.inprocess import Reply, answer
from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.registry.ecr import PERMISSION, RULES_PERMISSION
from bluegreen.registry.registries import Registries
from tests.registry.land import MANIFEST

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
ACCOUNT, REGION = "123456789012", "ap-northeast-2"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set credentials that nobody checks, and a region that is not the repository's."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def connect(region: str) -> Any:
    """Return the client that the tool itself makes."""
    return BotoClients(region=region).client("ecr")


def looked(version: str, name: str = "web", connect: Callable[[str], Any] = connect, host: str = HOST) -> bool:
    """Return what the tool says of an image in ECR."""
    return Registries(connect=connect, clock=VirtualClock()).holds(f"{host}/{name}", version)


def without_rules(region: str) -> Any:
    """Return the same client where the account has no rule of a cache, for which moto has no answer."""
    client = connect(region)
    call = "before-call.ecr.DescribePullThroughCacheRules"
    client.meta.events.register(call, lambda **_: (Reply(200), rules()))
    return client


def rules(*prefixes: str) -> dict[str, Any]:
    """Return ECR's answer that these are the prefixes of pull-through caches."""
    return {"pullThroughCacheRules": [{"ecrRepositoryPrefix": prefix} for prefix in prefixes]}


@pytest.fixture
def digest() -> Iterator[str]:
    """Put web:v1 into moto's ECR, and return its digest."""
    from moto import mock_aws

    with mock_aws():
        client = connect(REGION)
        client.create_repository(repositoryName="web")
        config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + "1" * 64, "size": 2}
        body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []})
        found = client.put_image(
            repositoryName="web", imageManifest=body, imageManifestMediaType=MANIFEST, imageTag="v1"
        )
        yield found["image"]["imageId"]["imageDigest"]


def test_what_is_there_is_found(digest: str) -> None:
    """A tag and a digest are found in the repository's own region; another tag, digest, name and region are not."""
    other = f"sha256:{hashlib.sha256(b'other').hexdigest()}"
    asked = [("v1", "web"), (digest, "web"), ("v2", "web"), (other, "web"), ("v1", "web2")]
    assert [True, True, False, False, False] == [looked(*words, without_rules) for words in asked]
    assert not looked("v1", connect=without_rules, host=HOST.replace(REGION, "us-east-1"))


@define
class Answers:
    """Answers each call of a real client with the next reply, the last one for ever."""

    replies: list[dict[str, Any] | Exception]
    calls: list[tuple[str, str, dict[str, Any]]] = field(factory=list)
    regions: list[str] = field(factory=list)

    def connect(self, region: str) -> Any:
        """Return a client that is answered here."""
        self.regions.append(region)
        return answer(connect(region), self._call)

    def _call(self, service: str, operation: str, parameters: Any) -> dict[str, Any]:
        self.calls.append((service, operation, dict(parameters)))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


class AwsError(Exception):
    """An error of AWS's."""

    def __init__(self, code: str, message: str = "", http_status: int = 400) -> None:
        self.code, self.message, self.http_status = code, message, http_status


def test_it_is_asked_for_one_image_of_one_account() -> None:
    """The call names account, repository and version, and goes to the repository's region."""
    answers = Answers([{"imageDetails": [{"imageTags": ["v1"]}]}])
    assert looked("v1", "team/web", answers.connect)
    wanted = {"registryId": ACCOUNT, "repositoryName": "team/web", "imageIds": [{"imageTag": "v1"}]}
    assert ([("ecr", "DescribeImages", wanted)], [REGION]) == (answers.calls, answers.regions)


DENIAL = f"User: arn:aws:iam::1:user/x is not authorized to perform: {PERMISSION} on resource: arn:aws:ecr:r:1:y/w"


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (
            AwsError("AccessDeniedException", DENIAL),
            Denied,
            f"AWS does not permit {PERMISSION} on arn:aws:ecr:r:1:y/w",
        ),
        (AwsError("ExpiredTokenException"), Denied, "have expired"),
        (AwsError("ThrottlingException", "Rate exceeded"), Unreachable, "just now: Rate exceeded"),
        (AwsError("ServerException", "oh", 500), Unreachable, "just now: oh"),
        (AwsError("InvalidParameterException", "Invalid parameter"), Refused, f"AWS refuses {PERMISSION}: Invalid"),
        (ConnectionResetError("gone"), Unreachable, f"AWS did not answer {PERMISSION}"),
    ],
)
def test_what_is_not_known(error: Exception, kind: type[BluegreenError], sentence: str) -> None:
    """Every other error leaves it open whether the image is there, and says why."""
    with pytest.raises(kind, match=re.escape(sentence)):
        looked("v1", connect=Answers([error]).connect)


def test_a_throttled_call_is_sent_again() -> None:
    """One throttled call delays the look and does not end it."""
    answers = Answers([AwsError("ThrottlingException"), AwsError("ImageNotFoundException"), rules()])
    assert (False, 3) == (looked("v1", connect=answers.connect), len(answers.calls))


@pytest.mark.parametrize("code", ["ImageNotFoundException", "RepositoryNotFoundException"])
@pytest.mark.parametrize("prefix", ["hub", "hub/", "hub/library", "ROOT"])
def test_a_pull_through_cache_is_not_believed(code: str, prefix: str) -> None:
    """What `docker pull` would fetch is not known, rather than missing, whichever page the rule is on."""
    answers = Answers([AwsError(code), {**rules("quay"), "nextToken": "2"}, rules(prefix)])
    with pytest.raises(Refused, match="hub/library/nginx is a pull-through cache") as caught:
        looked("v1", "hub/library/nginx", answers.connect)
    assert "pull it once, then ECR knows it" == caught.value.hint


def test_other_rules_leave_a_no_a_no() -> None:
    """A rule for names that merely begin alike says nothing of this one; the repository's account is asked."""
    answers = Answers([AwsError("ImageNotFoundException"), rules("we", "web", "web/app/x")])
    assert not looked("v1", "web-app/x", answers.connect)
    assert ("ecr", "DescribePullThroughCacheRules", {"registryId": ACCOUNT}) == answers.calls[-1]


def test_rules_that_may_not_be_seen() -> None:
    """Who may not see the rules does not know that the image is missing."""
    answers = Answers([AwsError("ImageNotFoundException"), AwsError("AccessDeniedException", "no")])
    with pytest.raises(Denied, match=f"AWS does not permit {RULES_PERMISSION}"):
        looked("v1", connect=answers.connect)


def test_a_name_that_is_none() -> None:
    """A name that ECR cannot have is a sentence."""
    with pytest.raises(Misconfigured, match="ECR knows no such name"):
        looked("v1", "w")


def test_the_documented_permissions_are_those_of_the_calls() -> None:
    """Nothing is missing, and nothing too much is asked for."""
    answers = Answers([AwsError("ImageNotFoundException"), rules()])
    looked("v1", connect=answers.connect)
    _, _, section = PAGE.read_text().partition("## For the image's repository")
    look, rule = json.loads(re.findall(r"```json\n(.*?)```", section, re.DOTALL)[0])["Statement"]
    called = [f"{service}:{operation}" for service, operation, _ in answers.calls]
    assert (called, "arn:aws:ecr:REGION:ACCOUNT:repository/NAME", "*") == (
        look["Action"] + rule["Action"],
        look["Resource"],
        rule["Resource"],
    )

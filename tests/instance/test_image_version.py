"""Which image version an instance is to run: the value's form, the group's tag, and the waits."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.errors import Denied, Misconfigured, Refused, Status, Unreachable
from bluegreen.instance.metadata import Metadata
from bluegreen.instance.version import Lookup, valid

INSTANCE = "i-0123456789abcdef0"


@define
class AutoScaling:
    """Answers what an instance asks; ``listed_after`` calls it knows the instance."""

    tags: dict[str, str] = field(factory=dict)
    listed_after: int = 0
    error: Exception | None = None
    calls: list[str] = field(factory=list)

    def describe_auto_scaling_instances(self, InstanceIds: list[str]) -> dict[str, Any]:
        """Answer as AWS does: an unknown instance is an empty list."""
        self.calls.append("instances")
        if self.error:
            raise self.error
        rows = [{"InstanceId": name, "AutoScalingGroupName": "web-blue"} for name in InstanceIds]
        return {"AutoScalingInstances": rows if len(self.calls) > self.listed_after else []}

    def describe_tags(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:
        """Answer with all tags: the caller must not rely on the filter alone."""
        rows = [{"ResourceId": "web-blue", "Key": key, "Value": value} for key, value in self.tags.items()]
        return {"Tags": [*rows, {"ResourceId": "web-green", "Key": "image", "Value": "v9"}]}


def lookup(service: AutoScaling, wait: float = 120.0) -> Lookup:
    """Return a look-up over ``service`` whose time is virtual and whose jitter is none."""
    return Lookup(service, VirtualClock(), wait, lambda low, high: high)


def refusal(code: str) -> ClientError:
    """Return AWS's error ``code`` as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeAutoScalingInstances")


@pytest.mark.parametrize("value", ["v1", "1.2.3", "_x", "a" * 128, "sha256:" + "0" * 64])
def test_a_tag_or_a_digest_is_a_version(value: str) -> None:
    """Image tags and sha256 digests are accepted."""
    expected = True
    assert expected == valid(value)


@pytest.mark.parametrize("value", ["", ".x", "-rf", "a" * 129, "v1\n", "v 1", "vé", "v١", "$(id)", "sha256:ab", "a:b"])
def test_what_is_no_version_is_refused(value: str) -> None:
    """Nothing that a shell or a registry would read otherwise passes."""
    expected = False
    assert expected == valid(value)


@given(st.text())
def test_what_passes_is_harmless_in_a_shell(value: str) -> None:
    """Whatever is accepted consists of harmless ASCII only."""
    harmless = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:")
    assert set(value) <= harmless or not valid(value)


def test_the_version_is_the_tag_of_the_own_group() -> None:
    """Another group's tag is not read even when AWS answers with it."""
    expected = "v2"
    assert expected == lookup(AutoScaling({"image": "v2"})).tag("web-blue", "image")


def test_an_instance_that_is_not_listed_yet_is_asked_for_again() -> None:
    """An empty answer is no error: it is asked again until the instance is listed."""
    service = AutoScaling(listed_after=4)
    assert lookup(service).group(INSTANCE) == "web-blue"
    expected = 5
    assert expected == len(service.calls)


def test_an_instance_in_no_group_is_refused_after_the_wait() -> None:
    """The wait ends, in time, with a sentence that says what to do."""
    look = lookup(AutoScaling(listed_after=10**6), wait=120.0)
    begin = look.clock.monotonic()
    with pytest.raises(Refused, match="in no Auto Scaling group") as caught:
        look.group(INSTANCE)
    assert look.clock.monotonic() - begin <= 120.0
    assert "--wait" in caught.value.hint


def test_no_wait_asks_once() -> None:
    """``--wait 0`` asks once."""
    service = AutoScaling(listed_after=10**6)
    with pytest.raises(Refused):
        lookup(service, wait=0.0).group(INSTANCE)
    expected = ["instances"]
    assert expected == service.calls


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (refusal("AccessDenied"), Denied, Status.DENIED),
        (refusal("Throttling"), Unreachable, Status.UNREACHABLE),
        (EndpointConnectionError(endpoint_url="http://x"), Unreachable, Status.UNREACHABLE),
        (refusal("ValidationError"), Refused, Status.BLOCKED),
    ],
)
def test_errors_keep_their_meaning(error: Exception, kind: type[Exception], status: Status) -> None:
    """A missing permission is said at once, what may pass is waited for, and each has its exit status."""
    with pytest.raises(kind) as caught:
        lookup(AutoScaling(error=error)).group(INSTANCE)
    expected = status
    assert expected == getattr(caught.value, "status", None)


def test_throttling_is_waited_for() -> None:
    """While AWS throttles, the question is asked again, slower and slower."""
    service = AutoScaling(error=refusal("Throttling"))
    with pytest.raises(Unreachable):
        lookup(service, wait=60.0).group(INSTANCE)
    assert 5 <= len(service.calls) <= 12


def test_a_group_without_the_tag_is_misconfigured() -> None:
    """A missing tag names the group and the key."""
    with pytest.raises(Misconfigured, match="'image'"):
        lookup(AutoScaling({"other": "v2"})).tag("web-blue", "image")


def test_a_tag_that_is_no_version_is_not_printed_as_one() -> None:
    """A value that is no image version is refused."""
    with pytest.raises(Misconfigured, match="no image version"):
        lookup(AutoScaling({"image": "v1; reboot"})).tag("web-blue", "image")


def test_no_metadata_service_is_said_in_one_sentence() -> None:
    """Off EC2 the message says where to run it, and comes quickly."""
    with pytest.raises(Unreachable, match="did not answer") as caught:
        Metadata("http://127.0.0.1:9", timeout=1.0).get("instance-id")
    assert "EC2 instance" in caught.value.hint

"""The group of an instance and the group's tag: what is believed, what is waited for, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from bluegreen.clock import VirtualClock
from bluegreen.errors import Denied, Misconfigured, Refused, Status, Unreachable
from bluegreen.instance.lookup import Lookup

INSTANCE = "i-0123456789abcdef0"


@define
class AutoScaling:
    """Answers what an instance asks; ``listed_after`` calls it knows the instance; fails ``failures`` times."""

    tags: dict[str, str] = field(factory=dict)
    listed_after: int = 0
    name: str = "web-blue"
    error: Exception | None = None
    failures: int = 10**6
    calls: list[str] = field(factory=list)

    def describe_auto_scaling_instances(self, InstanceIds: list[str]) -> dict[str, Any]:
        """Answer as AWS does: an unknown instance is an empty list."""
        self._fail("instances")
        rows = [{"InstanceId": name, "AutoScalingGroupName": self.name} for name in InstanceIds]
        return {"AutoScalingInstances": rows if len(self.calls) > self.listed_after else []}

    def describe_tags(self, Filters: list[dict[str, Any]], NextToken: str = "") -> dict[str, Any]:
        """Answer with all tags, on the second page: the caller must rely on neither filter nor page."""
        self._fail("tags")
        if not NextToken:
            return {"Tags": [{"ResourceId": "web-green", "Key": "image", "Value": "v9"}], "NextToken": "further"}
        return {"Tags": [{"ResourceId": "web-blue", "Key": key, "Value": value} for key, value in self.tags.items()]}

    def _fail(self, call: str) -> None:
        self.calls.append(call)
        if self.error and len(self.calls) <= self.failures:
            raise self.error


def lookup(service: AutoScaling, wait: float = 120.0) -> Lookup:
    """Return a look-up over ``service`` whose time is virtual and whose jitter is none."""
    return Lookup(service, VirtualClock(), wait, lambda low, high: high)


def refusal(code: str) -> ClientError:
    """Return AWS's error ``code`` as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeAutoScalingInstances")


def test_the_version_is_the_tag_of_the_own_group() -> None:
    """Another group's tag is not read even when AWS answers with it, and further pages are."""
    expected = "v2"
    assert expected == lookup(AutoScaling({"image": "v2"})).tag("web-blue", "image")


def test_an_instance_that_is_not_listed_yet_is_asked_for_again() -> None:
    """An empty answer is no error: it is asked again until the instance is listed."""
    service = AutoScaling(listed_after=4)
    assert "web-blue" == lookup(service).group(INSTANCE)
    assert 5 == len(service.calls)


def test_an_instance_in_no_group_is_refused_after_the_wait() -> None:
    """The wait ends, exactly in time, with a sentence that says what to do."""
    look = lookup(AutoScaling(listed_after=10**6), wait=120.0)
    begin = look.clock.monotonic()
    with pytest.raises(Refused, match="in no Auto Scaling group") as caught:
        look.group(INSTANCE)
    assert 120.0 == look.clock.monotonic() - begin
    assert "--wait" in caught.value.hint


@pytest.mark.parametrize("name", ["\x1b[2J\n", "web\nblue", "\u202eweb"])
def test_a_group_whose_name_a_terminal_obeys_is_refused(name: str) -> None:
    """AWS takes line ends and more in a name (botocore model); no pair of ours can have it, nor is it kept or shown."""
    with pytest.raises(Refused, match="is in a group whose name is no plain text") as caught:
        lookup(AutoScaling(name=name)).group(INSTANCE)
    assert (True, True) == (caught.value.message.isprintable(), "another group" in caught.value.hint)


def test_no_wait_asks_once() -> None:
    """``--wait 0`` asks once."""
    service = AutoScaling(listed_after=10**6)
    with pytest.raises(Refused):
        lookup(service, wait=0.0).group(INSTANCE)
    assert ["instances"] == service.calls


@pytest.mark.parametrize(
    ("error", "kind", "status", "calls"),
    [
        (refusal("AccessDenied"), Denied, Status.DENIED, 1),
        (refusal("UnauthorizedOperation"), Denied, Status.DENIED, 1),
        (NoCredentialsError(), Denied, Status.DENIED, 19),
        (refusal("ValidationError"), Refused, Status.BLOCKED, 1),
        (refusal("Throttling"), Unreachable, Status.UNREACHABLE, 5),
        (EndpointConnectionError(endpoint_url="http://x"), Unreachable, Status.UNREACHABLE, 19),
    ],
)
def test_errors_keep_their_meaning(error: Exception, kind: type[Exception], status: Status, calls: int) -> None:
    """A missing permission is said at once, what may pass or come is waited for, and each has its exit status."""
    service = AutoScaling(error=error)
    with pytest.raises(kind) as caught:
        lookup(service).group(INSTANCE)
    assert (status, calls) == (getattr(caught.value, "status", None), len(service.calls))


@pytest.mark.parametrize("error", [refusal("Throttling"), EndpointConnectionError(endpoint_url="http://x")])
def test_the_tag_is_waited_for_as_well(error: Exception) -> None:
    """What is throttled or lost in the second call is asked again too."""
    assert "v2" == lookup(AutoScaling({"image": "v2"}, error=error, failures=2)).tag("web-blue", "image")


def test_one_wait_is_for_both_calls() -> None:
    """The second call has what the first one left of the wait."""
    look = lookup(AutoScaling(error=refusal("Throttling"), failures=3), wait=120.0)
    begin = look.clock.monotonic()
    look.group(INSTANCE)
    assert 98.0 == look.clock.monotonic() - begin
    look.autoscaling.failures = 10**6
    with pytest.raises(Unreachable):
        look.tag("web-blue", "image")
    assert 120.0 == look.clock.monotonic() - begin


def test_a_group_without_the_tag_is_misconfigured() -> None:
    """A missing tag names the group and the key."""
    with pytest.raises(Misconfigured, match="web-blue has no tag 'image'"):
        lookup(AutoScaling({"other": "v2"})).tag("web-blue", "image")

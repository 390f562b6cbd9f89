"""Which group does this instance belong to, and what does that group's tag say: two calls to Auto Scaling.

A young instance may not be listed yet: the answer is empty, not an error (botocore model,
DescribeAutoScalingInstances: unknown ids are ignored). Its role may have no credentials yet, either.
At a fleet's start every instance asks at once, and all share the account's one rate limit, with the deployment that
started them (Auto Scaling API reference: welcome).
So whoever is throttled tries once more soon, in case that was chance, and then somewhere in a span so long that a
thousand instances at once leave the bucket to others (measured in ``tests/instance/test_herd.py``).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from bluegreen.aws.answers import need
from bluegreen.clock import Clock
from bluegreen.errors import BluegreenError, Misconfigured, Refused, Unreachable
from bluegreen.image import shown
from bluegreen.instance.client import Busy, NoRole, readable
from bluegreen.words import is_plain

MEMBERS, TAGS = "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeTags"
PAGES = 20
"""Pages of tags that are read: one tag of one group is asked for."""
WAIT = 120.0
SOON = (1.0, 2.0, 4.0, 8.0)
"""Seconds within which an instance that is not listed, or not answered, asks again: one after the other."""
SPREAD = (2.0, 48.0)
"""The same for one that is throttled."""


@frozen
class Lookup:
    """Asks Auto Scaling, for ``wait`` seconds in all; ``jitter`` draws a pause between two bounds."""

    autoscaling: Any
    clock: Clock
    wait: float = WAIT
    jitter: Callable[[float, float], float] = field(default=random.uniform)
    _end: float = field(init=False)

    @_end.default
    def _in_time(self) -> float:
        return self.clock.monotonic() + self.wait

    def group(self, instance: str) -> str:
        """Return the name of the instance's group; raise Refused when it has none after the wait, or an odd one."""
        return self._patiently(lambda: self._listed(instance))

    def tag(self, group: str, key: str) -> str:
        """Return the value of the group's tag; raise Misconfigured when it has none."""
        return self._patiently(lambda: self._tagged(group, key))

    def _patiently(self, ask: Callable[[], str]) -> str:
        """Return what ``ask`` answers; what may pass is asked again until the wait is over."""
        for count in itertools.count():
            try:
                return ask()
            except (_Unlisted, NoRole, Unreachable) as problem:
                left = self._end - self.clock.monotonic()
                if left <= 0:
                    raise
                spans = SPREAD if isinstance(problem, Busy) else SOON
                pause = self.jitter(0.0, spans[min(count, len(spans) - 1)])
            self.clock.sleep(min(pause, left))
        raise AssertionError("never reached")

    def _listed(self, instance: str) -> str:
        answer = self._call("DescribeAutoScalingInstances", InstanceIds=[instance])
        for row in need(answer, "AutoScalingInstances", MEMBERS):
            if need(row, "InstanceId", MEMBERS) == instance:
                return _plain(str(need(row, "AutoScalingGroupName", MEMBERS)), instance)
        missing = f"instance {instance} is in no Auto Scaling group (asked for {self.wait:g} s)"
        raise _Unlisted(missing, "launch it from the group, or ask again later with a longer --wait")

    def _tagged(self, group: str, key: str) -> str:
        filters = [{"Name": "auto-scaling-group", "Values": [group]}, {"Name": "key", "Values": [key]}]
        further: dict[str, Any] = {}
        for _ in range(PAGES):
            page = self._call("DescribeTags", Filters=filters, **further)
            for tag in need(page, "Tags", TAGS):
                if need(tag, "ResourceId", TAGS) == group and need(tag, "Key", TAGS) == key:
                    return str(need(tag, "Value", TAGS, blank=True))
            if not page.get("NextToken"):
                break
            further = {"NextToken": page["NextToken"]}
        else:
            raise Unreachable(f"AWS's list of {TAGS} has no end", "try again in a minute")
        hint = f"deploy to the service, or set the tag on the group {group}"
        raise Misconfigured(f"the group {group} has no tag {key!r}", hint)

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.autoscaling, METHODS[operation])(**parameters)
        except BluegreenError:
            raise
        except Exception as error:
            problem: BluegreenError | None = readable(error, f"autoscaling:{operation}")
            raise problem or error from error
        return answer


def _plain(group: str, instance: str) -> str:
    """Return a group's name; raise Refused where it could not be shown, or kept, as it is.

    AWS takes tabs and line ends in it (botocore model, CreateAutoScalingGroup).
    """
    if not is_plain(group):
        hint = "a group cannot be renamed: launch it from another group"
        raise Refused(f"instance {instance} is in a group whose name is no plain text: {shown(group)}", hint)
    return group


METHODS = {
    "DescribeAutoScalingInstances": "describe_auto_scaling_instances",
    "DescribeTags": "describe_tags",
}
"""All that an instance asks of Auto Scaling; the permissions that are documented are compared with it."""


class _Unlisted(Refused):
    """The instance is in no group, or in none yet."""

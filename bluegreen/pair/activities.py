"""What a group's scaling activities say about why instances do not come up.

The texts are those of the Auto Scaling user guide's troubleshooting pages and of public reports; a Failed activity
alone is not terminal, since Auto Scaling tries again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bluegreen.pair.fleet import Activity, Group
from bluegreen.pair.look import Look

NEVER = (
    r"AMI ID .* does not exist",
    r"InvalidAMIID",
    r"security group .* does not exist",
    r"key pair .* does not exist",
    r"requested configuration is currently not supported",
    r"architecture",
    r"is not supported in your requested Availability Zone",
    r"Invalid device name",
    r"must use a valid fully-formed launch template",
    r"not authorized to use launch template",
    r"Client\.InternalError: Client error on launch",
    r"target groups? not found",
    r"Cannot find Load Balancer",
    r"account is currently blocked",
)
SPACE = (
    r"VcpuLimitExceeded",
    r"more vCPU capacity than your current vCPU limit",
    r"Max spot instance count exceeded",
    r"InsufficientFreeAddressesInSubnet",
    r"not enough free addresses",
    r"InstanceLimitExceeded",
    r"reached your quota",
)
CAPACITY = (r"sufficient .* capacity", r"InsufficientInstanceCapacity", r"UnfulfillableCapacity", r"no Spot capacity")
ENDED = ("Failed", "Cancelled", "Successful")
BROKEN = (
    r"taken out of service in response to an ELB .*health check",
    r"taken out of service in response to an EC2 instance status check failure",
)


MEMBER = re.compile(r"(?:Launching a new|Terminating|Detaching|Moving) EC2 instance[^:.]*: (i-[\w-]+)", re.A)
"""What AWS writes of an instance that is a member, or was (Auto Scaling user guide: verify a scaling activity)."""

MARGIN = 3600.0
"""Seconds that the clock of the machine that began a release may be ahead of AWS's, at most, for what was told then."""


def members_told(activities: Iterable[Activity], group: str) -> frozenset[str]:
    """Return the instances of which AWS tells that they were members of ``group``; it remembers six weeks."""
    ours = (a for a in activities if a.group == group and a.status not in ("Failed", "Cancelled"))
    return frozenset(found[1] for one in ours if (found := MEMBER.match(one.description)))


def _matches(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def kind_of(activity: Activity) -> str:
    """Return ``never``, ``space``, ``broken`` or ``"" `` (not a failure, or one that is tried again)."""
    if _matches(BROKEN, activity.cause):
        return "broken"
    if activity.status not in ("Failed", "Cancelled"):
        return ""
    if _matches(NEVER, activity.message):
        return "never"
    return "space" if _matches(SPACE, activity.message) else ""


def launch_failure(look: Look) -> str | None:
    """Return why new's launches cannot succeed, in one sentence, or ``None`` while they still may."""
    since = look.release.launched_at
    ours = [a for a in look.fleet.activities if a.group == look.new.name and a.started >= since]
    if never := [a for a in ours if kind_of(a) == "never"]:
        return f"{look.new.name} cannot launch: {never[0].message}"
    if broken := [a for a in ours if kind_of(a) == "broken"]:
        return f"{look.new.name} loses its new instances: {broken[0].cause}"
    space = [a for a in ours if kind_of(a) == "space"]
    if len(space) >= 2 and not look.new.arriving:
        return f"{look.new.name} has no room to launch: {space[0].message}"
    return None


def lacking_room(look: Look, group: Group) -> str:
    """Return AWS's words on the newest launch of ``group`` when it failed for want of capacity, quota or addresses."""
    ended = [a for a in look.fleet.activities if a.group == group.name and a.status in ENDED]
    newest = max(ended, key=lambda activity: activity.started, default=None)
    return newest.message if newest is not None and _matches((*SPACE, *CAPACITY), newest.message) else ""


def newest_failure(look: Look) -> str:
    """Return AWS's words on new's newest launch as the end of a sentence, if that failed; otherwise nothing."""
    ours = [a for a in look.fleet.activities if a.group == look.new.name and a.started >= look.release.launched_at]
    ended = [a for a in ours if a.status in ENDED]
    newest = max(ended, key=lambda activity: activity.started, default=None)
    if newest is None or newest.status == "Successful" or not newest.message:
        return ""
    return f"; the newest launch failed: {newest.message}"

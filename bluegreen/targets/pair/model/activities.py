"""What a group's scaling activities say about why instances do not come up.

The texts are those of the Auto Scaling user guide's pages "Troubleshoot ... launch failures", "AMI issues", "Load
balancer issues", "Launch templates" and "Health checks", and of public reports. A Failed activity alone is not
terminal, since Auto Scaling tries again; the same failure of three attempts in a row is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile

from bluegreen.targets.pair.model.fleet import Activity, Group
from bluegreen.targets.pair.model.look import Look

NEVER = (
    r"\b(AMI|image|subnet)s? IDs? .*does not exist",
    r"\b(security group|key pair|launch template|snapshot|placement group)s?\b.*does not exist",
    r"Invalid(AMI|Subnet|LaunchTemplate)(ID|Id|Name)\.",
    r"requested configuration is currently not supported",
    r"architecture",
    r"virtualization type",
    r"is not supported in your requested Availability Zone",
    r"requested Availability Zone is no longer supported",
    r"Invalid device name",
    r"for parameter virtualName is invalid",
    r"block device mappings not supported",
    r"Placement groups may not be used",
    r"not eligible for Free Tier",
    r"must use a valid fully-formed launch template",
    r"not authorized to use launch template",
    r"Client\.InternalError: Client error on launch",
    r"InvalidKMSKey",
    r"inaccessible (AWS )?KMS key",
    r"target groups? not found",
    r"Cannot find Load Balancer",
    r"no ACTIVE Load Balancer",
    r"EC2 instance \S+ is (not )?in VPC",
    r"AutoScalingGroup .* not found",
    r"account is currently blocked",
    r"not subscribed to this service",
    r"need to accept terms and subscribe",
)
SPACE = (
    r"VcpuLimitExceeded",
    r"more vCPU capacity than your current vCPU limit",
    r"more instances .*than your current instance limit",
    r"instance\(s\) are already running",
    r"Max spot instance count exceeded",
    r"InsufficientFreeAddressesInSubnet",
    r"not enough free addresses",
    r"InstanceLimitExceeded",
    r"reached your quota",
)
CAPACITY = (
    r"sufficient .*capacity",
    r"InsufficientInstanceCapacity",
    r"UnfulfillableCapacity",
    r"no Spot capacity",
    r"lower than the minimum required Spot",
)
COMING = (r"is pending, and cannot be run",)
"""What waiting mends: an AMI that is made just now."""

LAUNCH = "Launching"
"""How the description of a launch begins (user guide, "Verify a scaling activity")."""

FAILED = ("Failed", "Cancelled")
ENDED = (*FAILED, "Successful")
BROKEN = (r"taken out of service in response to an? ELB .*health check",)
"""What says of a new instance that its image does not do."""
IMPAIRED = (r"taken out of service in response to an? EC2 instance status checks? failure",)
"""What one bad host does, too: its group launches another one elsewhere."""
ATTEMPTS = 3
"""Equal failures in a row, none successful in between, after which the next one will fail as well."""
APART = 10.0
"""Seconds between two attempts at least: what fails side by side is one, and AWS tries again a minute later."""


MEMBER = re.compile(r"(?:Launching a new|Terminating|Detaching|Moving) EC2 instance[^:.]*: (i-[\w-]+)", re.A)
"""What AWS writes of an instance that is a member, or was (Auto Scaling user guide: verify a scaling activity)."""

MARGIN = 2 * 86400.0
"""Seconds by which the clock of the machine that began a release may be ahead: what AWS told then is asked for, too.

A whole day is seen where a date was set by hand; AWS remembers six weeks.
"""


def members_told(activities: Iterable[Activity], group: str) -> frozenset[str]:
    """Return the instances of which AWS tells that they were members of ``group``; it remembers six weeks."""
    ours = (a for a in activities if a.group == group and a.status not in FAILED)
    return frozenset(found[1] for one in ours if (found := MEMBER.match(one.description)))


READ = 2000
"""Characters of a text that are looked through: AWS says first what it is about."""


KNOWN = 2000
"""Texts that are remembered: each look brings those of all activities again."""


def _matches(patterns: tuple[str, ...], text: str) -> bool:
    return _found(patterns, text[:READ])


@lru_cache(KNOWN)
def _found(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def kind_of(activity: Activity) -> str:
    """Return ``never``, ``space``, ``broken``, ``impaired`` or ``"" `` (no failure, or one that is tried again)."""
    for kind, patterns in (("broken", BROKEN), ("impaired", IMPAIRED)):
        if _matches(patterns, activity.cause):
            return kind
    if activity.status not in FAILED:
        return ""
    if _matches(NEVER, activity.message):
        return "never"
    return "space" if _matches(SPACE, activity.message) else ""


def lacks_space(activity: Activity) -> bool:
    """Whether AWS says of a launch that it failed for want of capacity, quota or addresses."""
    return _matches((*SPACE, *CAPACITY), activity.message)


def launch_failure(look: Look) -> str | None:
    """Return why new does not come up, in one sentence, or ``None`` while it still may."""
    told = _told(look, look.new)
    if broken := [a for a in told if kind_of(a) == "broken"]:
        return f"{look.new.name} loses what it launches: {broken[0].cause}"
    if _attempts(impaired := _impaired(told)) >= ATTEMPTS:
        return f"{look.new.name} loses what it launches, {ATTEMPTS} times in a row: {impaired[0].cause}"
    return cannot_launch(look, look.new)


def cannot_launch(look: Look, group: Group) -> str | None:
    """Return why a group's launches cannot succeed, in one sentence, or ``None`` while they still may, or just did."""
    failed = failed_launches(_told(look, group))
    if never := [a for a in failed if kind_of(a) == "never"]:
        return f"{group.name} cannot launch: {never[0].message}"
    space = [a for a in failed if kind_of(a) == "space"]
    if len(space) >= 2 and not group.arriving:
        return f"{group.name} has no room to launch: {space[0].message}"
    if again := again_and_again(failed):
        return f"{group.name} cannot launch, {ATTEMPTS} times in a row: {again.message or again.cause}"
    return None


def _impaired(activities: Iterable[Activity]) -> list[Activity]:
    """Return the ends of impaired instances since a launch that lasted, newest first."""
    told = sorted(activities, key=lambda activity: activity.started, reverse=True)
    lost = {member_of(one) for one in told if kind_of(one) == "impaired"} - {""}
    lasting = (one for one in told if _is_launch(one) and one.status == "Successful" and member_of(one) not in lost)
    since = max((one.started for one in lasting), default=float("-inf"))
    return [one for one in told if kind_of(one) == "impaired" and one.started > since]


def member_of(activity: Activity) -> str:
    """Return the instance that an activity is about, or nothing."""
    found = MEMBER.match(activity.description)
    return found[1] if found else ""


def failed_launches(activities: Iterable[Activity]) -> list[Activity]:
    """Return the launches that have failed since one succeeded last, newest first.

    A launch that is still under way, however slow, says nothing.
    """
    ended = sorted(filter(_is_launch, activities), key=lambda activity: activity.started, reverse=True)
    return list(takewhile(lambda activity: activity.status != "Successful", ended))


def again_and_again(failed: list[Activity]) -> Activity | None:
    """Return the newest of a row of equal failures, if it is long enough to go on for ever.

    What AWS has no room for is waited for, and what is in the making.
    """
    row = list(takewhile(lambda one: _sort_of(one) == _sort_of(failed[0]), failed))
    awaited = bool(row) and _matches((*SPACE, *CAPACITY, *COMING), row[0].message)
    return row[0] if not awaited and _attempts(row) >= ATTEMPTS else None


def _is_launch(activity: Activity) -> bool:
    return activity.status in ENDED and activity.description.startswith(LAUNCH)


def _sort_of(activity: Activity) -> str:
    """Return what equal failures have in common: their words without ids, numbers and what is encoded.

    Launches that were cancelled are all alike: what held them let them go, by a result or by a time-out.
    """
    if activity.status == "Cancelled":
        return activity.status
    return _words_of(activity.message[:READ])


@lru_cache(KNOWN)
def _words_of(message: str) -> str:
    words = message.partition("Encoded authorization")[0].split()
    return " ".join(word.lower() for word in words if not re.search(r"\d", word))


def _attempts(row: list[Activity]) -> int:
    """Return how many of the failures in a row, newest first, began after another one was over."""
    count, ended, began = 0, float("-inf"), float("-inf")
    for one in reversed(row):
        if one.started >= max(ended, began + APART):
            count, ended, began = count + 1, one.ended, one.started
    return count


def lacking_room(look: Look, group: Group) -> str:
    """Return AWS's words on the newest launch of ``group`` when it failed for want of capacity, quota or addresses."""
    newest = _newest(_told(look, group))
    return newest.message if newest is not None and lacks_space(newest) else ""


def newest_failure(look: Look, group: Group) -> str:
    """Return AWS's words on a group's newest launch as the end of a sentence, if that failed; otherwise nothing."""
    if _launched_nothing(look, group):
        return ""
    since = look.release.launched_at if group.name == look.release.new else 0.0
    newest = _newest(a for a in look.fleet.told(group.name) if a.started >= since)
    if newest is None or newest.status == "Successful" or not newest.message:
        return ""
    return f"; the newest launch failed: {newest.message}"


def _told(look: Look, group: Group) -> list[Activity]:
    """Return what happened to a group since new was launched, or, of old, since something has progressed last.

    What failed before says nothing against what a person has put right meanwhile.
    """
    if _launched_nothing(look, group):
        return []
    since = look.release.launched_at if group.name == look.release.new else look.release.progressed_at
    return [a for a in look.fleet.told(group.name) if a.started >= since]


def _launched_nothing(look: Look, group: Group) -> bool:
    """Whether the release has launched nothing of a group yet: what AWS tells of it is older."""
    return group.name == look.release.new and not look.release.launched_at


def _newest(activities: Iterable[Activity]) -> Activity | None:
    """Return the newest launch that is over."""
    return max(filter(_is_launch, activities), key=lambda activity: activity.started, default=None)

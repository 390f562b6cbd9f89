"""What may be done to a pair: data, one verb each.

``aws/requests.py`` beside this room turns each into one AWS call. ``relative`` actions have an effect each time they
are carried out, so they are sent once and answered by a look; all others are absolute and may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import field, frozen

from bluegreen.targets.pair.model.fleet import Balancer
from bluegreen.targets.pair.model.twins import Settings

BATCH = 19
"""Instances per call: sources differ between 19 and 20 for EnterStandby and ExitStandby."""

Ids = tuple[str, ...]


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


@frozen
class Suspend:
    """Suspend ``processes`` of a group (``SuspendProcesses``)."""

    group: str
    processes: tuple[str, ...] = field(converter=_sorted)
    relative: ClassVar[bool] = False


@frozen
class Resume:
    """Resume ``processes`` of a group (``ResumeProcesses``)."""

    group: str
    processes: tuple[str, ...] = field(converter=_sorted)
    relative: ClassVar[bool] = False


@frozen
class Flip:
    """Resume processes of the one group, then suspend processes of the other: one side at work follows the other.

    One action, so that nobody stops between the two calls.
    """

    on: Resume
    off: Suspend
    relative: ClassVar[bool] = False


@frozen
class Resize:
    """Set a group's minimum and maximum; ``None`` leaves a bound alone. Desired capacity is never written.

    Raising the minimum above desired launches, lowering the maximum below it empties (botocore model,
    UpdateAutoScalingGroup).
    """

    group: str
    min: int | None = None
    max: int | None = None
    relative: ClassVar[bool] = False


@frozen
class TagGroup:
    """Write a tag of a group (``CreateOrUpdateTags``)."""

    group: str
    key: str
    value: str
    propagate: bool = True
    relative: ClassVar[bool] = False


@frozen
class UntagGroup:
    """Remove a tag of a group (``DeleteTags``)."""

    group: str
    key: str
    relative: ClassVar[bool] = False


@frozen
class WriteReleaseTags:
    """Write tags of groups that tell of the release, ``(group, key, value)`` each; instances do not get them."""

    tags: tuple[tuple[str, str, str], ...]
    relative: ClassVar[bool] = False


@frozen
class RemoveReleaseTags:
    """Remove tags of groups that told of a release, ``(group, key)`` each."""

    tags: tuple[tuple[str, str], ...]
    relative: ClassVar[bool] = False


@frozen
class EnterStandby:
    """Move instances out of the balancers into Standby, decrementing desired capacity."""

    group: str
    ids: Ids
    relative: ClassVar[bool] = True


@frozen
class ExitStandby:
    """Bring instances in Standby back into service; desired capacity grows by as many."""

    group: str
    ids: Ids
    relative: ClassVar[bool] = True


@frozen
class Detach:
    """Detach instances in Standby; desired capacity stays (``ShouldDecrementDesiredCapacity`` false).

    ``terminated`` says that they are to be terminated next: what AWS would not permit is not detached.
    """

    group: str
    ids: Ids
    terminated: bool = True
    relative: ClassVar[bool] = True


@frozen
class Terminate:
    """Terminate detached EC2 instances."""

    ids: Ids
    relative: ClassVar[bool] = False


@frozen
class Mark:
    """Tag EC2 instances with ``key=value``."""

    ids: Ids
    key: str
    value: str
    relative: ClassVar[bool] = False


@frozen
class Unmark:
    """Remove the tag ``key`` from EC2 instances."""

    ids: Ids
    key: str
    relative: ClassVar[bool] = False


@frozen
class Register:
    """Register instances in a balancer again (``RegisterTargets``, ``RegisterInstancesWithLoadBalancer``)."""

    balancer: Balancer
    ids: Ids
    relative: ClassVar[bool] = False


@frozen
class Unprotect:
    """Take the scale-in protection off members of a group (``SetInstanceProtection``, ≤ 50 ids)."""

    group: str
    ids: Ids
    relative: ClassVar[bool] = False


@frozen
class PutPolicies:
    """Put scaling policies onto a group (``PutScalingPolicy``, whole ones: an update drops what is left out)."""

    group: str
    policies: Settings
    relative: ClassVar[bool] = False


@frozen
class PutAlarms:
    """Put CloudWatch alarms of a group, with their tags where they are new (``PutMetricAlarm``, three a second)."""

    group: str
    alarms: Settings
    relative: ClassVar[bool] = False


@frozen
class PutSchedules:
    """Put scheduled actions onto a group (``BatchPutScheduledUpdateGroupAction``, ≤ 50)."""

    group: str
    schedules: Settings
    relative: ClassVar[bool] = False


@frozen
class RemovePolicies:
    """Take scaling policies off a group (``DeletePolicy``; target tracking's alarms go with them)."""

    group: str
    names: tuple[str, ...]
    relative: ClassVar[bool] = False


@frozen
class RemoveAlarms:
    """Delete CloudWatch alarms of a group (``DeleteAlarms``, one by one: an unknown one would keep the others)."""

    group: str
    names: tuple[str, ...]
    relative: ClassVar[bool] = False


@frozen
class RemoveSchedules:
    """Take scheduled actions off a group (``BatchDeleteScheduledAction``, ≤ 50)."""

    group: str
    names: tuple[str, ...]
    relative: ClassVar[bool] = False


Action = (
    Suspend
    | Resume
    | Flip
    | Resize
    | TagGroup
    | UntagGroup
    | WriteReleaseTags
    | RemoveReleaseTags
    | EnterStandby
    | ExitStandby
    | Detach
    | Terminate
    | Mark
    | Unmark
    | Register
    | Unprotect
    | PutPolicies
    | PutAlarms
    | PutSchedules
    | RemovePolicies
    | RemoveAlarms
    | RemoveSchedules
)

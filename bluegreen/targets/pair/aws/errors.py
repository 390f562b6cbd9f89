"""What botocore raises, as our own errors: one sentence, one hint.

A *write* that AWS answered with no is :class:`~bluegreen.flow.ports.ActionRefused`, one that it answered with "later"
is :class:`Busy`: either way the next look says what is true. A *read* that was not answered is ``Unreachable``:
nothing is decided on missing data. What is the same for every service is in :mod:`bluegreen.aws.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.aws.codes import MISSING, PROTECTION, UNREGISTRABLE
from bluegreen.aws.errors import Reply, asked_of, clean, forbidden, later, lost, reply, set_up
from bluegreen.errors import BluegreenError, Refused, Unreachable
from bluegreen.flow.ports import NEXT_LOOK, ActionRefused
from bluegreen.targets.pair.aws.requests import DELETE_SCHEDULES, ELB, ELBV2, Call

REMOVALS = frozenset({"DeletePolicy", "DeleteAlarms", DELETE_SCHEDULES})
FAILED = ("FailedScheduledUpdateGroupActions", "FailedScheduledActions")


class Busy(Unreachable):
    """AWS cannot do it just now (throttled, contended, a 5xx): the same action may well be taken in a few seconds.

    No ``ActionRefused``: the engine counts those and gives up after a few, while this is waited out.
    """


class NoBalancer(Refused):
    """A balancer that a group is attached to does not exist."""


class Protected(ActionRefused):
    """EC2 refuses to terminate an instance that is protected from termination, and with it a whole zone's call."""


class NotRunning(ActionRefused):
    """What is to be registered does not run, or is not known: the whole call is refused for it (botocore models)."""


class Gone(ActionRefused):
    """What was to be removed is not there any more: as it was to be."""


def permission(call: Call) -> str:
    """Return the IAM action of a call, such as ``autoscaling:EnterStandby``; both ELB APIs share one prefix."""
    prefix = "elasticloadbalancing" if call.service in (ELB, ELBV2) else call.service
    return f"{prefix}:{call.operation}"


def translate(error: Exception, call: Call, *, writes: bool) -> BluegreenError | None:
    """Return our error for what ``call`` raised, or ``None`` for what is no answer of AWS's but a bug of ours."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        answer = reply(error)
        return forbidden(answer, permission(call)) or (_write(answer, call) if writes else _read(answer, call))
    return set_up(error) or lost(error, permission(call))


def _write(answer: Reply, call: Call) -> BluegreenError:
    if answer.busy:
        what = asked_of(answer, permission(call))
        return Busy(f"AWS cannot do {what} just now: {answer.words}", later(answer, "nothing to do: it is tried again"))
    kind = Protected if (call.operation, answer.code) == PROTECTION else _kind(call, answer.code, answer.words)
    refused = kind(f"AWS refuses {permission(call)}: {answer.words}", NEXT_LOOK)
    refused.code = clean(answer.code)
    return refused


def _kind(call: Call, code: str, words: str) -> type[ActionRefused]:
    if UNREGISTRABLE.get((call.operation, code), "?") in words:
        return NotRunning
    return (
        Gone if call.operation in REMOVALS and (code == "ResourceNotFound" or "not found" in words) else ActionRefused
    )


def refuse_failed(call: Call, answer: Mapping[str, Any]) -> None:
    """Raise ``ActionRefused`` for what a batch says, in a good answer, to have failed (botocore model)."""
    failed = [row for key in FAILED for row in answer.get(key) or ()]
    if lasting := [row for row in failed if not _is_gone(call, row)]:
        first, more = lasting[0], f" (and {len(lasting) - 1} more)" if len(lasting) > 1 else ""
        words = clean(f"{first.get('ErrorMessage') or first.get('ErrorCode')}")
        raise ActionRefused(
            f"AWS refuses {permission(call)} of {clean(str(first.get('ScheduledActionName')), 255)}: {words}{more}",
            NEXT_LOOK,
        )


def _is_gone(call: Call, row: Mapping[str, Any]) -> bool:
    return _kind(call, str(row.get("ErrorCode")), str(row.get("ErrorMessage"))) is Gone


def _read(answer: Reply, call: Call) -> BluegreenError:
    if answer.busy:
        what = asked_of(answer, permission(call))
        return Busy(f"AWS does not answer {what} just now: {answer.words}", later(answer, "try again in a minute"))
    if answer.code in MISSING:
        return NoBalancer(
            f"A balancer that a group is attached to does not exist: {answer.words}",
            "attach both groups to the same, existing balancers",
        )
    return Refused(f"AWS refuses {permission(call)}: {answer.words}", "look at the configuration, the region first")

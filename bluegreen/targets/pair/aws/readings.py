"""What AWS answers, as a :class:`~bluegreen.targets.pair.model.fleet.Fleet`. Pure.

Shapes and states are those of the botocore 1.44.5 models; descriptions those of the ELB model and user guides.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from bluegreen.aws.answers import need
from bluegreen.aws.errors import clean
from bluegreen.errors import NoGroup
from bluegreen.targets.pair.model.fleet import (
    CLASSIC,
    HEALTHY,
    SHIFTED,
    TARGET_GROUP,
    UNHEALTHY,
    UNKNOWN,
    Activity,
    Balancer,
    Group,
    Instance,
    Machine,
    Reason,
    Tag,
)
from bluegreen.targets.pair.model.twins import ACTIONS

Row = Mapping[str, Any]

GROUPS = "autoscaling:DescribeAutoScalingGroups"
TARGETS_ASKED = "elasticloadbalancing:DescribeTargetHealth"
CLASSICS_ASKED = "elasticloadbalancing:DescribeInstanceHealth"
ALARMS_ASKED = "cloudwatch:DescribeAlarms"
MACHINES = "ec2:DescribeInstances"
STATUSES = "ec2:DescribeInstanceStatus"
ACTIVITIES = "autoscaling:DescribeScalingActivities"
"""What was asked, by its IAM action, for a sentence on what an answer lacks."""

ARN = re.compile(r"arn:aws[a-z-]*:autoscaling:([a-z0-9-]+):(\d{12}):autoScalingGroup:.+", re.A)
"""A group's: its partition (``aws``, ``aws-cn``, ``aws-us-gov``), region and account (AWS reference: ARNs)."""
WORD = re.compile(r"[A-Za-z:]{1,40}", re.A)
LATTICE = "vpc-lattice"
INITIAL = "initial"
DRAINING = "draining"
WORST_FIRST = (UNKNOWN, UNHEALTHY, DRAINING, INITIAL, SHIFTED, HEALTHY)

CODE, TEXT = 60, 300
"""Characters of a reason's code and text that are kept."""


@frozen
class Verdict:
    """What a balancer says of an instance, in :class:`Fleet`'s word for it, and why where that is not healthy."""

    state: str
    reason: Reason | None = None


TARGETS = {
    "initial": INITIAL,
    "healthy": HEALTHY,
    "unhealthy": UNHEALTHY,
    "unhealthy.draining": UNHEALTHY,
    "draining": DRAINING,
    "unavailable": UNKNOWN,
}
NO_LISTENER = "Target.NotInUse"
UNUSED = {NO_LISTENER: UNHEALTHY, "Target.IpUnusable": UNHEALTHY}
"""Reasons of ``unused`` that are not "not registered": registered, but no listener or zone leads there.

Such a target gets no request and never turns healthy, and yet the group's members are behind this balancer: they
read as ``unhealthy``. Every other ``unused`` (``Target.NotRegistered``, and ``Target.InvalidState`` of one that is
stopped or terminated) is absent.
"""

LEAVING = "Target.DeregistrationInProgress"
"""The reason of a target that is being taken out; ``unhealthy.draining`` alone is a sick one that stays (NLB guide)."""

NO_OVERRIDE = "no_override"
ACTIVE = "zonal_shift_active"
UNTOLD = "zonal_shift_delegated_to_dns"
OVERRIDES = (NO_OVERRIDE, UNTOLD)
"""Overrides that say nothing of a target (network balancers' guide, zonal shift).

With the second one this answer does not tell whether there is a shift: Application Recovery Controller does. Where
there is one, DNS leads nobody to the zone, whichever group a target there is of.
"""

INTERNAL = "Elb.InternalError"
"""The reason of a verdict that says something of the balancer itself, and nothing of the target (botocore model)."""

CLASSICS = {"InService": HEALTHY, "OutOfService": UNHEALTHY}
DESCRIBED: Mapping[str, str | None] = {
    "deregistration currently in progress": DRAINING,
    "not currently registered": None,
    "a transient error occurred": UNKNOWN,
    "loadbalancer is not configured to route traffic to": UNHEALTHY,
    "disable availability zone is currently in progress": UNHEALTHY,
    "in stopped state": UNHEALTHY,
    "in terminated state": UNHEALTHY,
    "has failed at least the unhealthythreshold": UNHEALTHY,
    "has not passed the configured healthythreshold": INITIAL,
    "registration is still in progress": INITIAL,
    "in pending state": INITIAL,
}
"""What each description of a classic balancer says of an instance, ``None``: not registered.

The list is that of the botocore model (elb, InstanceState); "N/A" says nothing, and the state stands. Of several that
are told at once the first here counts. What has not passed its checks yet has just come: it has to pass as many as the
threshold says.
"""

SIZES = frozenset({"MinSize", "MaxSize", "DesiredCapacity", "PredictedCapacity", "WarmPoolSize", "Instances"})
IDENTITY = frozenset({"AutoScalingGroupName", "AutoScalingGroupARN", "CreatedTime", "Status", "AvailabilityZoneIds"})
READ = frozenset({"SuspendedProcesses", "Tags", "HealthCheckType", "HealthCheckGracePeriod"})
BALANCERS = frozenset({"LoadBalancerNames", "TargetGroupARNs", "TrafficSources"})
NO_SETTINGS = SIZES | IDENTITY | READ | BALANCERS
"""Members of AutoScalingGroup that are a group's own, or read into fields of their own (zones by their names)."""


def groups(
    rows: Iterable[Row],
    names: Iterable[str],
    region: Callable[[], str],
    before: dict[str, tuple[Row, Group]] | None = None,
) -> dict[str, Group]:
    """Return the groups by name, in the order of ``names``; raise ``NoGroup`` naming those not in ``region``.

    Most looks of a run see nothing new: one that is, word for word, as it was ``before`` is not read once more.
    """
    known = {} if before is None else before
    found = {one.name: one for one in (_group(row, known) for row in rows)}
    names = tuple(names)
    missing = [name for name in names if name not in found]
    if missing:
        raise NoGroup(
            f"There is no Auto Scaling group {' and no '.join(missing)} in {region()}, in this account.",
            "look at the names and at the region (bluegreen.toml, --region); `aws sts get-caller-identity` says which "
            "account this is (AWS_PROFILE)",
        )
    return {name: found[name] for name in names}


def _group(row: Row, known: dict[str, tuple[Row, Group]]) -> Group:
    name = row.get("AutoScalingGroupName") or ""
    before, found = known.get(name, (None, None))
    if found is None or before != row:
        found = group(row)
        known[name] = (row, found)
    return found


def group(row: Row) -> Group:
    """Read one row of DescribeAutoScalingGroups; ``Status`` is there only while it is being deleted."""
    found = ARN.fullmatch(row.get("AutoScalingGroupARN") or "")
    region, account = found.groups() if found else ("", "")
    return Group(
        name=need(row, "AutoScalingGroupName", GROUPS),
        min=need(row, "MinSize", GROUPS),
        max=need(row, "MaxSize", GROUPS),
        desired=need(row, "DesiredCapacity", GROUPS),
        instances=tuple(map(_instance, need(row, "Instances", GROUPS))),
        suspended=frozenset(need(one, "ProcessName", GROUPS) for one in need(row, "SuspendedProcesses", GROUPS)),
        tags=dict(map(_tag, need(row, "Tags", GROUPS))),
        balancers=attachments(row),
        health_check=row.get("HealthCheckType", "EC2"),
        grace=row.get("HealthCheckGracePeriod") or 0,
        warm_pool=bool(row.get("WarmPoolConfiguration") or row.get("WarmPoolSize")),
        deleting=bool(row.get("Status")),
        settings={key: value for key, value in row.items() if key not in NO_SETTINGS and value not in (None, "", [])},
        account=account,
        region=region,
    )


def _instance(row: Row) -> Instance:
    return Instance(
        id=need(row, "InstanceId", GROUPS),
        state=_plain_word(need(row, "LifecycleState", GROUPS)),
        zone=row.get("AvailabilityZone", ""),
        protected=need(row, "ProtectedFromScaleIn", GROUPS),
    )


def _plain_word(text: str) -> str:
    """Return a state as AWS writes them, which is safe to print as it is; anything else is made so."""
    return text if WORD.fullmatch(text) else clean(text, 40)


def _tag(row: Row) -> tuple[str, Tag]:
    value = need(row, "Value", GROUPS, blank=True)
    return need(row, "Key", GROUPS), Tag(value, need(row, "PropagateAtLaunch", GROUPS))


def attachments(row: Row) -> frozenset[Balancer]:
    """Return the union of a group's three lists of attachments: none of them alone is complete (botocore model).

    VPC Lattice is kept under a kind of its own: it has no health here, so nothing behind it ever counts as healthy,
    and a survey refuses it.
    """
    classic = {Balancer(CLASSIC, name) for name in need(row, "LoadBalancerNames", GROUPS)}
    targets = {Balancer(TARGET_GROUP, arn) for arn in need(row, "TargetGroupARNs", GROUPS)}
    return frozenset(classic | targets | {_source(source) for source in need(row, "TrafficSources", GROUPS)})


def _source(row: Row) -> Balancer:
    identifier: str = need(row, "Identifier", GROUPS)
    kinds = {"elb": CLASSIC, "elbv2": TARGET_GROUP, "vpc-lattice": LATTICE}
    return Balancer(kinds.get(row.get("Type") or _guess(identifier), LATTICE), identifier)


def _guess(identifier: str) -> str:
    if not identifier.startswith("arn:"):
        return "elb"
    return "elbv2" if ":elasticloadbalancing:" in identifier else LATTICE


def told_by(balancer: Balancer, answer: Row) -> list[Row]:
    """Return what ``balancer`` says, row by row."""
    targets = ("TargetHealthDescriptions", TARGETS_ASKED)
    rows: list[Row] = need(answer, *(("InstanceStates", CLASSICS_ASKED) if balancer.kind == CLASSIC else targets))
    return rows


def verdicts(balancer: Balancer, rows: Iterable[Row]) -> dict[str, Verdict]:
    """Return what ``balancer`` says of each instance that is registered there; of one on several ports the worst."""
    if balancer.kind == CLASSIC:
        return _worst((need(row, "InstanceId", CLASSICS_ASKED), classic(row), row, "ReasonCode") for row in rows)
    return _worst(map(_of_a_target, rows))


def _of_a_target(row: Row) -> tuple[str, str | None, Row, str]:
    instance = need(need(row, "Target", TARGETS_ASKED), "Id", TARGETS_ASKED)
    told = row.get("TargetHealth") or {}
    return instance, overridden(target(told), row), told, "Reason"


def _worst(states: Iterable[tuple[str, str | None, Row, str]]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    reasons: dict[tuple[str, str], Reason] = {}
    for instance, state, told, code in states:  # one row per (Id, Port) in a target group
        known = found.get(instance)
        if state is not None and (known is None or WORST_FIRST.index(state) < WORST_FIRST.index(known.state)):
            found[instance] = Verdict(state, None if state == HEALTHY else _reason(told, code, reasons))
    return found


def _reason(told: Row, code: str, known: dict[tuple[str, str], Reason]) -> Reason:
    """Return why, made safe to print: of many instances that wait for the same, once."""
    words = str(told.get(code) or ""), str(told.get("Description") or "")
    if words not in known:
        known[words] = Reason(clean(words[0], CODE), clean(words[1], TEXT))
    return known[words]


def classic(row: Row) -> str | None:
    """Return the state of an instance in a classic balancer; ``None``: not registered.

    While draining, a classic balancer reports ``InService`` with "Instance deregistration currently in progress."
    (classic balancers' guide, configure connection draining): what is described goes before the state, and one in
    service of which nothing is described is not known.
    """
    description = str(row.get("Description") or "").lower()
    if not description and row.get("State") == "InService":
        return UNKNOWN
    for words, state in DESCRIBED.items():
        if words in description:
            return state
    return CLASSICS.get(row.get("State", ""), UNKNOWN)


def carries_nothing(balancer: Balancer, rows: Iterable[Row]) -> bool:
    """Whether a target group says of all targets that do not leave that no listener or enabled zone leads to them."""
    if balancer.kind != TARGET_GROUP:
        return False
    told = [row.get("TargetHealth") or {} for row in rows]
    return {row.get("Reason", "") for row in told if row.get("State") != "draining"} == {NO_LISTENER}


def target(row: Row) -> str | None:
    """Return the state of a ``TargetHealth``; ``None``: not registered. A state nobody knows is ``unknown``.

    So is ``unused`` for no reason that is told.
    """
    state, reason = row.get("State", ""), row.get("Reason") or ""
    if reason == INTERNAL or (state == "unused" and not reason):
        return UNKNOWN
    if reason == LEAVING:
        return DRAINING
    return UNUSED.get(reason) if state == "unused" else TARGETS.get(state, UNKNOWN)


def overridden(state: str | None, row: Row) -> str | None:
    """Return what a target's state comes to under its ``AdministrativeOverride``.

    While a zonal shift is active no target of that zone gets a new request, healthy or not (ELB guides, zonal shift).
    What is at its first checks, or leaves, does so all the same. An override that is not known makes none healthy.
    """
    override = (row.get("AdministrativeOverride") or {}).get("State", NO_OVERRIDE)
    if override == ACTIVE and state in (HEALTHY, UNHEALTHY):
        return SHIFTED
    return UNKNOWN if state == HEALTHY and override not in (*OVERRIDES, ACTIVE) else state


def alarms(rows: Iterable[Row]) -> dict[str, str]:
    """Return the state of each alarm by its name."""
    return {need(row, "AlarmName", ALARMS_ASKED): need(row, "StateValue", ALARMS_ASKED) for row in rows}


def turned(rows: Iterable[Row]) -> dict[str, float]:
    """Return since when each alarm has its state, by its name, in POSIX seconds; nothing where that is not told.

    ``StateTransitionedTimestamp`` is when the state last became another one (botocore model: MetricAlarm).
    """
    key = "StateTransitionedTimestamp"
    return {need(row, "AlarmName", ALARMS_ASKED): posix(row[key]) for row in rows if row.get(key)}


def acting(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """Return what each alarm does in any of its states, ARNs all, by its name."""
    return {
        need(row, "AlarmName", ALARMS_ASKED): tuple(arn for key in ACTIONS for arn in row.get(key) or ())
        for row in rows
    }


def machines(reservations: Iterable[Row]) -> tuple[Machine, ...]:
    """Read the ``Reservations`` of DescribeInstances."""
    return tuple(_machine(row) for reservation in reservations for row in need(reservation, "Instances", MACHINES))


def _machine(row: Row) -> Machine:
    """Read a row of DescribeInstances, which has no ``Tags`` where there are none (public reports)."""
    tags = {need(tag, "Key", MACHINES): tag.get("Value") or "" for tag in row.get("Tags") or ()}
    launched = posix(row["LaunchTime"]) if row.get("LaunchTime") else 0.0
    state = (row.get("State") or {}).get("Name") or UNKNOWN
    changed = _changed(str(row.get("StateTransitionReason") or ""))
    return Machine(need(row, "InstanceId", MACHINES), state, tags, launched, changed)


CHANGED = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) GMT\)$")
"""How a reason says when an instance was stopped or terminated (public reports); it may be empty (botocore model)."""


def _changed(reason: str) -> float:
    found = CHANGED.search(reason)
    with contextlib.suppress(ValueError):
        return datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp() if found else 0.0
    return 0.0


ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""How a console sets colours and moves (ECMA-48, control sequences)."""
CONSOLE_LINE = 300
"""Characters of a line of a console that are shown."""


def console(answer: Row, most: int) -> tuple[str, ...]:
    """Return the last lines of a serial console, ``most`` at most, without colours; what else is in them is foreign."""
    lines = ESCAPES.sub("", str(answer.get("Output") or "")).replace("\r", "\n").split("\n")
    return tuple(line.expandtabs().rstrip()[:CONSOLE_LINE] for line in [one for one in lines if one.strip()][-most:])


CHECKS = ("impaired", "insufficient-data", "initializing", "not-applicable", "ok")
"""What a status check says, the worst first; others may come."""


def checks(rows: Iterable[Row]) -> dict[str, str]:
    """Return the worst that EC2's status checks say of each instance in ``InstanceStatuses``, as far as they tell."""
    told = {}
    for row in rows:
        words = [(row.get(one) or {}).get("Status") for one in ("InstanceStatus", "SystemStatus")]
        known = sorted((str(word) for word in words if word), key=_badness)
        if row.get("InstanceId") and known:
            told[str(row["InstanceId"])] = known[0]
    return told


def _badness(word: str) -> int:
    return CHECKS.index(word) if word in CHECKS else 1


def activities(rows: Iterable[Row], over: dict[str, tuple[Row, Activity]] | None = None) -> tuple[Activity, ...]:
    """Read the ``Activities`` of DescribeScalingActivities; their texts are made safe to print.

    They explain, and make a failure known sooner: one that does not say what it is says nothing, and nothing waits.
    A run reads the same ones with each look, in the end thousands: those that are ``over``, word for word as they were
    read before, are not read once more.
    """
    needed = ("ActivityId", "AutoScalingGroupName", "StatusCode", "StartTime")
    known = {} if over is None else over
    return tuple(_read(row, known) for row in rows if all(row.get(name) for name in needed))


def _read(row: Row, over: dict[str, tuple[Row, Activity]]) -> Activity:
    before, found = over.get(row["ActivityId"], (None, None))
    if found is None or before != row:
        found = _activity(row)
        if row.get("EndTime"):
            over[row["ActivityId"]] = (row, found)
    return found


def _activity(row: Row) -> Activity:
    return Activity(
        id=row["ActivityId"],
        group=row["AutoScalingGroupName"],
        status=row["StatusCode"],
        started=posix(row["StartTime"]),
        description=clean(row.get("Description") or ""),
        cause=clean(row.get("Cause") or "", 1023),
        message=clean(row.get("StatusMessage") or ""),
        ended=posix(row["EndTime"]) if row.get("EndTime") else 0.0,
    )


def posix(moment: datetime) -> float:
    """Return POSIX seconds of a timestamp, which boto3 always makes aware."""
    return moment.timestamp()


def aws_time(answer: Row) -> float | None:
    """Return AWS's clock from an answer's ``Date`` header (whole seconds, POSIX), or ``None`` without one."""
    date = ((answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}).get("date")
    if date is None:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None

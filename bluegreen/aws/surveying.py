"""What a survey reads beyond a look: scaling settings, balancers' checks, boot time, what cannot be served. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bluegreen.aws.readings import LATTICE, Row, attachments, posix
from bluegreen.errors import Refused
from bluegreen.pair.fleet import CLASSIC, TARGET_GROUP, Balancer, BalancerFacts

REFRESHING = frozenset(("Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"))
"""States of an instance refresh that still acts (botocore model, InstanceRefreshStatus)."""
NEWEST = 5
APPLICATION = ("HTTP", "HTTPS")
"""Protocols of an application balancer's target groups; all others take as long as a network balancer's (botocore)."""
DEREGISTRATION_DELAY = 300.0
"""Seconds; the default of ``deregistration_delay.timeout_seconds`` (ELB guides)."""


def refuse_unfit(row: Row) -> None:
    """Raise ``Refused`` for a group whose sizes or balancers are none that this tool understands."""
    for unfit, hint in _unfit(row):
        raise Refused(f"The group {row['AutoScalingGroupName']} {unfit}", hint)


def _unfit(row: Row) -> Iterable[tuple[str, str]]:
    lattice = sorted(found.id for found in attachments(row) if found.kind == LATTICE)
    if lattice:
        hint = "use classic load balancers or target groups of instances"
        yield f"is attached to {lattice[0]} (VPC Lattice, or unknown), whose health is not read.", hint
    if row.get("DesiredCapacityType", "units") != "units":
        yield f"counts its capacity in {row['DesiredCapacityType']}, not in instances.", "use plain units"
    if _weighted(row):
        yield "gives its instances weights, so that its sizes are not numbers of instances.", "remove the weights"
    if row.get("Operator"):
        yield f"is managed by {row['Operator'].get('Principal', 'another AWS service')}.", "deploy with that service"


def _weighted(row: Row) -> bool:
    template = (row.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    kinds = [*(row.get("Instances") or ()), *(template.get("Overrides") or ())]
    return any(kind.get("WeightedCapacity", "1") != "1" for kind in kinds)


def refreshing(rows: Iterable[Row]) -> bool:
    """Whether any row of DescribeInstanceRefreshes still acts."""
    return any(row.get("Status") in REFRESHING for row in rows)


def facts(balancer: Balancer, described: Row, attributes: Row) -> BalancerFacts:
    """Return how a balancer checks and drains, in seconds, from its description and its attributes."""
    return (_classic if balancer.kind == CLASSIC else _target_group)(balancer, described, attributes)


def _classic(balancer: Balancer, described: Row, attributes: Row) -> BalancerFacts:
    check = described["HealthCheck"]
    draining = (attributes.get("LoadBalancerAttributes") or {}).get("ConnectionDraining") or {}
    drain = draining.get("Timeout", DEREGISTRATION_DELAY) if draining.get("Enabled") else 0
    return BalancerFacts(
        balancer,
        interval=float(check["Interval"]),
        healthy_threshold=int(check["HealthyThreshold"]),
        drain=float(drain),
        unhealthy_threshold=int(check["UnhealthyThreshold"]),
        timeout=float(check["Timeout"]),
    )


def _target_group(balancer: Balancer, described: Row, attributes: Row) -> BalancerFacts:
    if described.get("TargetType", "instance") != "instance":
        raise Refused(
            f"The target group {balancer.id} takes {described['TargetType']} targets, not instances.",
            "use a target group of instances",
        )
    written = {row["Key"]: row.get("Value", "") for row in attributes.get("Attributes") or ()}
    return BalancerFacts(
        balancer,
        interval=float(described.get("HealthCheckIntervalSeconds", 30)),
        healthy_threshold=int(described.get("HealthyThresholdCount", 5)),
        drain=_seconds(written.get("deregistration_delay.timeout_seconds")),
        in_use=bool(described.get("LoadBalancerArns")) and described.get("HealthCheckEnabled", True),
        unhealthy_threshold=int(described.get("UnhealthyThresholdCount", 2)),
        timeout=float(described.get("HealthCheckTimeoutSeconds", 5)),
        network=described.get("Protocol", "HTTP") not in APPLICATION,
    )


def _seconds(text: str | None) -> float:
    try:
        return float(text or DEREGISTRATION_DELAY)
    except ValueError:
        return DEREGISTRATION_DELAY


def described(balancer: Balancer, answer: Row) -> Mapping[str, Any]:
    """Return the one row about ``balancer``; raise ``Refused`` when there is none."""
    key = {CLASSIC: "LoadBalancerDescriptions", TARGET_GROUP: "TargetGroups"}[balancer.kind]
    for row in answer.get(key) or ():
        found: Mapping[str, Any] = row
        return found
    raise Refused(f"The balancer {balancer.id} does not exist.", "attach both groups to existing balancers")


def boot(activities: Iterable[Row]) -> float | None:
    """Return the longest of the newest successful launches in seconds, launch hooks included; ``None`` without one."""
    launches = [row for row in activities if _launched(row)]
    newest = sorted(launches, key=lambda row: posix(row["StartTime"]), reverse=True)[:NEWEST]
    return max((posix(row["EndTime"]) - posix(row["StartTime"]) for row in newest), default=None)


def _launched(row: Row) -> bool:
    begins = str(row.get("Description") or "").startswith("Launching")
    return begins and row.get("StatusCode") == "Successful" and bool(row.get("EndTime"))

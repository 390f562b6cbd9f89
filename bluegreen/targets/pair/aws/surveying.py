"""What a survey reads beyond a look: scaling settings, balancers' checks, boot time, what cannot be served. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bluegreen.aws.answers import need
from bluegreen.aws.errors import clean
from bluegreen.errors import Refused
from bluegreen.targets.pair.aws.readings import LATTICE, Row, attachments, posix
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer, BalancerFacts, HealthCheck
from bluegreen.targets.pair.sentences import answers

REFRESHED = frozenset(("Successful", "Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"))
"""States of an instance refresh that acts no more (botocore model, InstanceRefreshStatus)."""
REFRESHES = "autoscaling:DescribeInstanceRefreshes"
LISTENERS, CLASSIC_ATTRIBUTES, TARGET_GROUPS, TARGET_ATTRIBUTES = (
    f"elasticloadbalancing:Describe{name}"
    for name in ("LoadBalancers", "LoadBalancerAttributes", "TargetGroups", "TargetGroupAttributes")
)
SECONDS = re.compile(r"\d{1,6}", re.A)
NEWEST = 5
APPLICATION = ("HTTP", "HTTPS")
"""Protocols of an application balancer's target groups; all others take as long as a network balancer's (botocore)."""
DEREGISTRATION_DELAY = 300.0
"""Seconds; the default of ``deregistration_delay.timeout_seconds`` (ELB guides)."""


def refuse_unfit(row: Row) -> None:
    """Raise ``Refused`` for a group whose sizes or balancers are none that this tool understands."""
    for unfit, hint in _unfit(row, row["AutoScalingGroupName"]):
        raise Refused(unfit, hint)


def _unfit(row: Row, name: str) -> Iterable[tuple[str, str]]:
    lattice = sorted(found.id for found in attachments(row) if found.kind == LATTICE)
    if lattice:
        hint = "use classic load balancers or target groups of instances"
        yield answers.behind_lattice(name, lattice[0]), hint
    if row.get("DesiredCapacityType", "units") != "units":
        yield answers.counts_otherwise(name, row["DesiredCapacityType"]), "use plain units"
    if _weighted(row):
        yield answers.has_weights(name), "remove the weights"
    if row.get("Operator"):
        yield (
            answers.is_managed(name, row["Operator"].get("Principal", "another AWS service")),
            "deploy with that service",
        )


def _weighted(row: Row) -> bool:
    template = (row.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    kinds = [*(row.get("Instances") or ()), *(template.get("Overrides") or ())]
    return any(kind.get("WeightedCapacity", "1") != "1" for kind in kinds)


def refreshing(rows: Iterable[Row]) -> bool:
    """Whether any row of DescribeInstanceRefreshes still acts; one in a state that nobody knows does."""
    return any(need(row, "Status", REFRESHES) not in REFRESHED for row in rows)


def facts(balancer: Balancer, described: Row, attributes: Row) -> BalancerFacts:
    """Return how a balancer checks and drains, in seconds, from its description and its attributes."""
    return (_classic if balancer.kind == CLASSIC else _target_group)(balancer, described, attributes)


def _classic(balancer: Balancer, described: Row, attributes: Row) -> BalancerFacts:
    check = need(described, "HealthCheck", LISTENERS)
    told = need(attributes, "LoadBalancerAttributes", CLASSIC_ATTRIBUTES)
    draining = need(told, "ConnectionDraining", CLASSIC_ATTRIBUTES)
    drain = draining.get("Timeout", DEREGISTRATION_DELAY) if need(draining, "Enabled", CLASSIC_ATTRIBUTES) else 0
    return BalancerFacts(
        balancer,
        interval=float(need(check, "Interval", LISTENERS)),
        healthy_threshold=int(need(check, "HealthyThreshold", LISTENERS)),
        drain=float(drain),
        unhealthy_threshold=int(need(check, "UnhealthyThreshold", LISTENERS)),
        timeout=float(need(check, "Timeout", LISTENERS)),
    )


def _target_group(balancer: Balancer, described: Row, attributes: Row) -> BalancerFacts:
    if (kind := need(described, "TargetType", TARGET_GROUPS)) != "instance":
        raise Refused(
            answers.no_instances(balancer.id, clean(kind, 40)),
            "use a target group of instances",
        )
    rows = need(attributes, "Attributes", TARGET_ATTRIBUTES)
    written = {row.get("Key"): row.get("Value") for row in rows}
    return BalancerFacts(
        balancer,
        interval=float(need(described, "HealthCheckIntervalSeconds", TARGET_GROUPS)),
        healthy_threshold=int(need(described, "HealthyThresholdCount", TARGET_GROUPS)),
        drain=_seconds(written.get("deregistration_delay.timeout_seconds")),
        in_use=bool(need(described, "LoadBalancerArns", TARGET_GROUPS)) and described.get("HealthCheckEnabled", True),
        unhealthy_threshold=int(need(described, "UnhealthyThresholdCount", TARGET_GROUPS)),
        timeout=float(need(described, "HealthCheckTimeoutSeconds", TARGET_GROUPS)),
        network=need(described, "Protocol", TARGET_GROUPS) not in APPLICATION,
    )


def _seconds(text: str | None) -> float:
    return float(text) if text and SECONDS.fullmatch(text) else DEREGISTRATION_DELAY


def described(balancer: Balancer, answer: Row) -> Mapping[str, Any]:
    """Return the one row about ``balancer``; raise ``Refused`` when there is none."""
    named = {CLASSIC: ("LoadBalancerDescriptions", LISTENERS), TARGET_GROUP: ("TargetGroups", TARGET_GROUPS)}
    for row in need(answer, *named[balancer.kind]):
        found: Mapping[str, Any] = row
        return found
    raise Refused(answers.no_such_balancer(balancer.id), "attach both groups to existing balancers")


TRAFFIC_PORT = "traffic-port"
"""The port of a check that is the one on which a target gets its requests (ELB reference: TargetGroup)."""
WORD = 80
"""Characters of what a check is told by."""


def health_check(balancer: Balancer, row: Row) -> HealthCheck | None:
    """Return what a balancer asks its instances, from its description; ``None`` where that does not tell."""
    if balancer.kind == CLASSIC:
        check = row.get("HealthCheck") or {}
        return _asked(check.get("Target"), check.get("Interval"), "")
    port = row.get("Port") if row.get("HealthCheckPort") == TRAFFIC_PORT else row.get("HealthCheckPort")
    protocol, path = str(row.get("HealthCheckProtocol") or ""), str(row.get("HealthCheckPath") or "/")
    matcher = row.get("Matcher") or {}
    asked = f"GET :{port}{path}" if protocol in APPLICATION else f"{protocol} :{port}"
    wants = str(matcher.get("HttpCode") or matcher.get("GrpcCode") or "")
    return _asked(asked, row.get("HealthCheckIntervalSeconds"), wants)


def _asked(asks: object, every: object, wants: str) -> HealthCheck | None:
    if not asks or not isinstance(every, int | float):
        return None
    return HealthCheck(clean(str(asks), WORD), float(every), clean(wants, WORD))


def boot(activities: Iterable[Row]) -> float | None:
    """Return the longest of the newest successful launches in seconds, launch hooks included; ``None`` without one."""
    launches = [row for row in activities if _launched(row)]
    newest = sorted(launches, key=lambda row: posix(row["StartTime"]), reverse=True)[:NEWEST]
    return max((posix(row["EndTime"]) - posix(row["StartTime"]) for row in newest), default=None)


def _launched(row: Row) -> bool:
    begins = str(row.get("Description") or "").startswith("Launching")
    return begins and row.get("StatusCode") == "Successful" and bool(row.get("StartTime") and row.get("EndTime"))

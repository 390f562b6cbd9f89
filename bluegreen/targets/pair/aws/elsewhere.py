"""Whether any balancer of this account and region has an instance registered, whosever balancer it is."""

from __future__ import annotations

from collections.abc import Iterable

from bluegreen.errors import BluegreenError
from bluegreen.targets.pair.aws import queries
from bluegreen.targets.pair.aws.readings import Row
from bluegreen.targets.pair.aws.sender import Sender
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer

NAMELESS = "a balancer whose name AWS does not tell"
MOST = 50
"""Target groups that are asked: each is a call, of which the account has ten a second (ELB API throttling)."""


def registered(sender: Sender, ids: Iterable[str], *, draining: bool = True) -> dict[str, Balancer]:
    """Return those of ``ids`` that a balancer lists, each with that balancer; ``draining`` ones, too, where asked for.

    AWS has no question for that. What it does not answer, and what it would take too many calls to find out, is left
    open: the balancers of the pair itself are part of every look.
    """
    wanted = frozenset(ids)
    return {**_in_classic(sender, wanted), **_in_target_groups(sender, wanted, draining)}


def _in_classic(sender: Sender, wanted: frozenset[str]) -> dict[str, Balancer]:
    try:
        rows = sender.rows([queries.classic_balancers()], "LoadBalancerDescriptions")
    except BluegreenError:
        return {}
    found = ((one.get("InstanceId"), row) for row in rows for one in row.get("Instances") or ())
    return {i: Balancer(CLASSIC, row.get("LoadBalancerName") or NAMELESS) for i, row in found if i in wanted}


def _in_target_groups(sender: Sender, wanted: frozenset[str], draining: bool) -> dict[str, Balancer]:
    try:
        rows = [row for row in sender.rows([queries.target_groups()], "TargetGroups") if _takes_instances(row)]
        arns = [row["TargetGroupArn"] for row in rows if row.get("TargetGroupArn")]
        told = sender.each(lambda arn: _targets(sender, arn, draining), arns) if len(arns) <= MOST else []
    except BluegreenError:
        return {}
    found = ((one, arn) for arn, targets in zip(arns, told, strict=False) for one in targets)
    return {one: Balancer(TARGET_GROUP, arn) for one, arn in found if one in wanted}


def _takes_instances(row: Row) -> bool:
    return bool(row.get("TargetType", "instance") == "instance")


def _targets(sender: Sender, arn: str, draining: bool) -> frozenset[str]:
    rows = sender.rows([queries.targets(arn)], "TargetHealthDescriptions")
    there = (row for row in rows if draining or (row.get("TargetHealth") or {}).get("State") != "draining")
    return frozenset((row.get("Target") or {}).get("Id", "") for row in there)

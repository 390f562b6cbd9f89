"""What AWS says that this tool cannot serve, or that speaks against an act at the last moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, few
from bluegreen.targets.pair.sentences.acts import BLUE, IDS
from bluegreen.words import fits


@example(BLUE, "svc-0123")
def behind_lattice(group: str, balancer: str) -> str:
    """A group gets requests from a kind of balancer that is not read."""
    return f"{group} is attached to {balancer} (VPC Lattice, or unknown), whose health is not read"


@example(BLUE, "vcpu")
def counts_otherwise(group: str, units: str) -> str:
    """A group's sizes are no numbers of instances."""
    return f"{group} counts its capacity in {units}, not in instances"


@example(BLUE)
def has_weights(group: str) -> str:
    """The same, of a mixed instances policy."""
    return f"{group} gives its instances weights, so that its sizes are not numbers of instances"


@example(BLUE, "eks.amazonaws.com")
def is_managed(group: str, by: str) -> str:
    """Another service of AWS's owns a group."""
    return f"{group} is managed by {by}"


@example("web-tg", "ip")
def no_instances(balancer: str, kind: str) -> str:
    """A target group's targets are no instances."""
    return f"the target group {balancer} takes {kind} targets, not instances"


@example("web-tg")
def no_such_balancer(balancer: str) -> str:
    """What a group is attached to is not there."""
    return f"the balancer {balancer} does not exist"


@example("autoscaling:DescribeAutoScalingGroups")
def no_end(permission: str) -> str:
    """A page of a list names itself as the next one."""
    return f"AWS's list of {permission} has no end"


@example(IDS[:1])
def still_members(ids: Collection[str]) -> str:
    """Instances would be terminated that a group has."""
    return because(f"not terminated: {few(ids)}", f"AWS says that an Auto Scaling group has {fits(ids, 'it', 'them')}")


@example({IDS[0]: "web-tg"})
def still_registered(balancers: Mapping[str, str]) -> str:
    """Instances would be terminated that may get requests."""
    where = ", ".join(f"{instance} is registered in {balancer}" for instance, balancer in balancers.items())
    return f"not terminated: {where}"

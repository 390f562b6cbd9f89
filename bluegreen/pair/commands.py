"""What a person types to put a pair right by hand: commands of the AWS command line, for hints.

Only a person may choose between two groups, or end what no record explains; the command is spelled out all the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from bluegreen.pair.actions import BATCH
from bluegreen.pair.fleet import CLASSIC, TARGET_GROUP, Balancer, Group, Instance


def autoscaling(verb: str, group: Group, *words: str) -> str:
    """Return ``aws autoscaling VERB`` on a group, in backquotes."""
    return _on(verb, group.name, *words)


def _on(verb: str, group: str, *words: str) -> str:
    return f"`{shlex.join(['aws', 'autoscaling', verb, '--auto-scaling-group-name', group, *words])}`"


def resume(group: str, processes: Iterable[str]) -> str:
    """Let suspended processes of a group work again."""
    return _on("resume-processes", group, "--scaling-processes", *sorted(processes))


def suspend(group: str, processes: Iterable[str]) -> str:
    """Let processes of a group rest."""
    return _on("suspend-processes", group, "--scaling-processes", *sorted(processes))


def emptied(group: Group) -> str:
    """Let a group's members go, drained, by its own scale-in; protected ones would stay, so they are freed first."""
    empty = autoscaling("update-auto-scaling-group", group, "--min-size", "0", "--desired-capacity", "0")
    if protected := [i for i in group.in_service if i.protected]:
        free = ("--no-protected-from-scale-in", "--instance-ids", *_some(protected))
        return f"{autoscaling('set-instance-protection', group, *free)}, then {empty}"
    return empty


def returned(group: Group) -> str:
    """Bring a group's parked instances back into service; its maximum must have room for them."""
    ids = _some(group.parked)
    back = autoscaling("exit-standby", group, "--instance-ids", *ids)
    if group.desired + len(ids) <= group.max:
        return back
    room = autoscaling("update-auto-scaling-group", group, "--max-size", str(group.desired + len(group.parked)))
    return f"{room}, then {back}"


def let_go(group: Group) -> str:
    """Take a group's parked instances out of it, and end them."""
    ids = _some(group.parked)
    return f"{detached(group.name, ids)}, then {ended(ids)}"


def ended_in_group(instances: Iterable[Instance]) -> str:
    """End members by their group's own way, each with a command; no other is launched where the group wants none."""
    words = ["aws", "autoscaling", "terminate-instance-in-auto-scaling-group", "--instance-id"]
    each = (shlex.join([*words, i, "--no-should-decrement-desired-capacity"]) for i in _some(instances))
    return ", then ".join(f"`{command}`" for command in each)


def ended(ids: Iterable[str]) -> str:
    """Terminate EC2 instances."""
    return f"`{shlex.join(['aws', 'ec2', 'terminate-instances', '--instance-ids', *ids])}`"


def alarms_gone(names: Iterable[str]) -> str:
    """Delete CloudWatch alarms."""
    return f"`{shlex.join(['aws', 'cloudwatch', 'delete-alarms', '--alarm-names', *names])}`"


def unmarked(ids: Iterable[str], key: str) -> str:
    """Take a tag off EC2 instances."""
    return f"`{shlex.join(['aws', 'ec2', 'delete-tags', '--resources', *ids, '--tags', f'Key={key}'])}`"


def tagged(group: str, key: str, value: str, propagate: bool) -> str:
    """Write a group's tag."""
    parts = (f"ResourceId={group}", "ResourceType=auto-scaling-group", f"Key={key}", f"Value={value}")
    tag = ",".join((*parts, f"PropagateAtLaunch={str(propagate).lower()}"))
    return f"`{shlex.join(['aws', 'autoscaling', 'create-or-update-tags', '--tags', tag])}`"


def untagged(group: str, *keys: str) -> str:
    """Take tags off a group."""
    tags = [f"ResourceId={group},ResourceType=auto-scaling-group,Key={key}" for key in keys]
    return f"`{shlex.join(['aws', 'autoscaling', 'delete-tags', '--tags', *tags])}`"


def registered(balancer: Balancer, ids: Iterable[str]) -> str:
    """Register instances in a balancer."""
    if balancer.kind == CLASSIC:
        words = ["elb", "register-instances-with-load-balancer", "--load-balancer-name", balancer.id, "--instances"]
        return f"`{shlex.join(['aws', *words, *ids])}`"
    targets = [f"Id={i}" for i in ids]
    return f"`{shlex.join(['aws', 'elbv2', 'register-targets', '--target-group-arn', balancer.id, '--targets'])} " + (
        f"{shlex.join(targets)}`"
    )


def attached(group: Group, balancer: Balancer) -> str:
    """Attach a group to a balancer."""
    return _attachment("attach", group, balancer)


def unattached(group: Group, balancer: Balancer) -> str:
    """Take a group off a balancer."""
    return _attachment("detach", group, balancer)


def _attachment(verb: str, group: Group, balancer: Balancer) -> str:
    if balancer.kind == TARGET_GROUP:
        return autoscaling(f"{verb}-load-balancer-target-groups", group, "--target-group-arns", balancer.id)
    return autoscaling(f"{verb}-load-balancers", group, "--load-balancer-names", balancer.id)


def _some(instances: Iterable[Instance]) -> tuple[str, ...]:
    """As many ids as one call takes; the command is to be repeated for the rest."""
    return tuple(i.id for i in instances)[:BATCH]


# ---- where only a group's name is known, of which nobody has looked ----


def batches(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield as many ids as one call takes, until all are told."""
    left = sorted(ids)
    while left:
        yield tuple(left[:BATCH])
        del left[:BATCH]


def resized(group: str, least: int, most: int | None = None) -> str:
    """Set a group's minimum, and its maximum where one is given."""
    maximum = () if most is None else ("--max-size", str(most))
    return _on("update-auto-scaling-group", group, "--min-size", str(least), *maximum)


def unparked(group: str, ids: Iterable[str]) -> str:
    """Bring instances back out of Standby."""
    return _on("exit-standby", group, "--instance-ids", *ids)


def detached(group: str, ids: Iterable[str]) -> str:
    """Take instances out of their group, which wants no others for those in Standby."""
    return _on("detach-instances", group, "--instance-ids", *ids, "--no-should-decrement-desired-capacity")


def policy_removed(group: str, name: str) -> str:
    """Remove a scaling policy."""
    return _on("delete-policy", group, "--policy-name", name)


def schedule_removed(group: str, name: str) -> str:
    """Remove a scheduled action."""
    return _on("delete-scheduled-action", group, "--scheduled-action-name", name)


def alarm_removed(_: str, name: str) -> str:
    """Remove a CloudWatch alarm."""
    return f"`{shlex.join(['aws', 'cloudwatch', 'delete-alarms', '--alarm-names', name])}`"

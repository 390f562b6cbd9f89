"""What a person types to put a pair right by hand: commands of the AWS command line, for hints.

Only a person may choose between two groups, or end what no record explains; the command is spelled out all the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from bluegreen.pair.actions import BATCH
from bluegreen.pair.fleet import CLASSIC, Balancer, Group, Instance


def autoscaling(verb: str, group: Group, *words: str) -> str:
    """Return ``aws autoscaling VERB`` on a group, in backquotes."""
    return f"`{shlex.join(['aws', 'autoscaling', verb, '--auto-scaling-group-name', group.name, *words])}`"


def resume(group: Group, processes: Iterable[str]) -> str:
    """Let suspended processes of a group work again."""
    return autoscaling("resume-processes", group, "--scaling-processes", *sorted(processes))


def suspend(group: Group, processes: Iterable[str]) -> str:
    """Let processes of a group rest."""
    return autoscaling("suspend-processes", group, "--scaling-processes", *sorted(processes))


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
    detach = autoscaling("detach-instances", group, "--instance-ids", *ids, "--no-should-decrement-desired-capacity")
    return f"{detach}, then {ended(ids)}"


def ended(ids: Iterable[str]) -> str:
    """Terminate EC2 instances."""
    return f"`{shlex.join(['aws', 'ec2', 'terminate-instances', '--instance-ids', *ids])}`"


def unmarked(ids: Iterable[str], key: str) -> str:
    """Take a tag off EC2 instances."""
    return f"`{shlex.join(['aws', 'ec2', 'delete-tags', '--resources', *ids, '--tags', f'Key={key}'])}`"


def tagged(group: str, key: str, value: str, propagate: bool) -> str:
    """Write a group's tag."""
    parts = (f"ResourceId={group}", "ResourceType=auto-scaling-group", f"Key={key}", f"Value={value}")
    tag = ",".join((*parts, f"PropagateAtLaunch={str(propagate).lower()}"))
    return f"`{shlex.join(['aws', 'autoscaling', 'create-or-update-tags', '--tags', tag])}`"


def untagged(group: str, key: str) -> str:
    """Take a tag off a group."""
    tag = f"ResourceId={group},ResourceType=auto-scaling-group,Key={key}"
    return f"`{shlex.join(['aws', 'autoscaling', 'delete-tags', '--tags', tag])}`"


def registered(balancer: Balancer, ids: Iterable[str]) -> str:
    """Register instances in a balancer."""
    if balancer.kind == CLASSIC:
        words = ["elb", "register-instances-with-load-balancer", "--load-balancer-name", balancer.id, "--instances"]
        return f"`{shlex.join(['aws', *words, *ids])}`"
    targets = [f"Id={i}" for i in ids]
    return f"`{shlex.join(['aws', 'elbv2', 'register-targets', '--target-group-arn', balancer.id, '--targets'])} " + (
        f"{shlex.join(targets)}`"
    )


def _some(instances: Iterable[Instance]) -> tuple[str, ...]:
    """As many ids as one call takes; the command is to be repeated for the rest."""
    return tuple(i.id for i in instances)[:BATCH]

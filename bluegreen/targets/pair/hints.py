"""What a person types to put a pair right by hand: commands of the AWS command line, for hints.

Only a person may choose between two groups, or end what no record explains; the command is spelled out all the same.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from bluegreen.targets.pair.model.actions import BATCH
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer, Group, Instance
from bluegreen.words import clean, is_plain

_ITEM = re.compile(r"(?!-|\[|\{|fileb?:|https?:)[^`]+")
"""What the AWS command line takes for one value of several, and not for an option, for JSON or for a file to read."""
_VALUE = re.compile(r"[\w .:/@+-]*")
"""What can be a value in its shorthand, ``Key=…,Value=…``, without quotes."""


def autoscaling(verb: str, group: Group, *words: str) -> str:
    """Return ``aws autoscaling VERB`` on a group, in backquotes."""
    return _on(verb, group.name, *words)


def _on(verb: str, group: str, *words: str) -> str:
    return _aws("autoscaling", verb, *_one("--auto-scaling-group-name", group), *words)


def _aws(*words: str) -> str:
    return f"`{' '.join(map(_quoted, ('aws', *words)))}`"


def _quoted(word: str) -> str:
    """Return a word for a shell; in it stands no backquote, which ends a command in a sentence, and nothing unseen."""
    if "`" not in word and is_plain(word) and clean(word) == word:
        return shlex.quote(word)
    escaped = "".join(map(_escaped, word)).replace("##", "#\\x23")  # so that it can stay as it is in a sentence
    return f"$'{escaped}'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character != "`" and is_plain(character):
        return character
    return f"\\x{ord(character):02x}" if character.isascii() else f"\\U{ord(character):08x}"


def _one(option: str, value: str) -> tuple[str, ...]:
    """Return an option and its value, which may begin as an option does."""
    return (f"{option}={value}",) if value.startswith("-") else (option, value)


def _several(option: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return an option and its values: as JSON where one would be read as something else."""
    values = tuple(values)
    if all(_ITEM.fullmatch(value) and is_plain(value) for value in values):
        return (option, *values)
    return (_json(option, values),)


def _rows(option: str, rows: Iterable[Mapping[str, str | bool]]) -> tuple[str, ...]:
    """Return an option and the structures that it takes, in shorthand where that can say them."""
    rows = tuple(rows)
    if all(_VALUE.fullmatch(value) for row in rows for value in row.values() if isinstance(value, str)):
        return (option, *(",".join(f"{key}={_word(value)}" for key, value in row.items()) for row in rows))
    return (_json(option, rows),)


def _word(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _json(option: str, value: object) -> str:
    return f"{option}={json.dumps(value)}"


def resume(group: str, processes: Iterable[str]) -> str:
    """Let suspended processes of a group work again."""
    return _on("resume-processes", group, *_several("--scaling-processes", sorted(processes)))


def suspend(group: str, processes: Iterable[str]) -> str:
    """Let processes of a group rest."""
    return _on("suspend-processes", group, *_several("--scaling-processes", sorted(processes)))


def emptied(group: Group) -> str:
    """Let a group's members go, drained, by its own scale-in; protected ones would stay, so they are freed first."""
    empty = autoscaling("update-auto-scaling-group", group, "--min-size", "0", "--desired-capacity", "0")
    if protected := [i for i in group.in_service if i.protected]:
        free = ("--no-protected-from-scale-in", *_several("--instance-ids", _some(protected)))
        return f"{autoscaling('set-instance-protection', group, *free)}, then {empty}"
    return empty


def returned(group: Group) -> str:
    """Bring a group's parked instances back into service; its maximum must have room for them."""
    ids = _some(group.parked)
    back = autoscaling("exit-standby", group, *_several("--instance-ids", ids))
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
    words = ("autoscaling", "terminate-instance-in-auto-scaling-group")
    each = (_one("--instance-id", i) for i in _some(instances))
    return ", then ".join(_aws(*words, *one, "--no-should-decrement-desired-capacity") for one in each)


def released(group: Group, hook: str, result: str, instances: Iterable[Instance]) -> str:
    """End what a lifecycle hook holds, each with a command: its action is completed with ``result``."""
    named = (*_one("--lifecycle-hook-name", hook), "--lifecycle-action-result", result)
    each = (_one("--instance-id", i) for i in _some(instances))
    return ", then ".join(autoscaling("complete-lifecycle-action", group, *named, *one) for one in each)


def hooks_shown(group: Group) -> str:
    """Show a group's lifecycle hooks."""
    return autoscaling("describe-lifecycle-hooks", group)


def ended(ids: Iterable[str]) -> str:
    """Terminate EC2 instances."""
    return _aws("ec2", "terminate-instances", *_several("--instance-ids", ids))


def alarms_gone(names: Iterable[str]) -> str:
    """Delete CloudWatch alarms."""
    return _aws("cloudwatch", "delete-alarms", *_several("--alarm-names", names))


def unmarked(ids: Iterable[str], key: str) -> str:
    """Take a tag off EC2 instances."""
    return _aws("ec2", "delete-tags", *_several("--resources", ids), *_rows("--tags", [{"Key": key}]))


def tagged(group: str, key: str, value: str, propagate: bool) -> str:
    """Write a group's tag."""
    tag: Mapping[str, str | bool] = {**_tag(group, key), "Value": value, "PropagateAtLaunch": propagate}
    return _aws("autoscaling", "create-or-update-tags", *_rows("--tags", [tag]))


def untagged(group: str, *keys: str) -> str:
    """Take tags off a group."""
    return _aws("autoscaling", "delete-tags", *_rows("--tags", (_tag(group, key) for key in keys)))


def _tag(group: str, key: str) -> Mapping[str, str]:
    return {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key}


def registered(balancer: Balancer, ids: Iterable[str]) -> str:
    """Register instances in a balancer."""
    if balancer.kind == CLASSIC:
        return _aws("elb", "register-instances-with-load-balancer", *_members(balancer, ids))
    return _aws("elbv2", "register-targets", *_members(balancer, ids))


def deregistered(balancer: Balancer, ids: Iterable[str]) -> str:
    """Take instances out of a balancer."""
    if balancer.kind == CLASSIC:
        return _aws("elb", "deregister-instances-from-load-balancer", *_members(balancer, ids))
    return _aws("elbv2", "deregister-targets", *_members(balancer, ids))


def awaited(balancer: Balancer, ids: Iterable[str]) -> str:
    """Wait until instances are healthy in a balancer, for ten minutes at most (botocore: waiters of both)."""
    if balancer.kind == CLASSIC:
        return _aws("elb", "wait", "instance-in-service", *_members(balancer, ids))
    return _aws("elbv2", "wait", "target-in-service", *_members(balancer, ids))


def _members(balancer: Balancer, ids: Iterable[str]) -> tuple[str, ...]:
    """Return the options that name instances of a balancer."""
    if balancer.kind == CLASSIC:
        return (*_one("--load-balancer-name", balancer.id), *_several("--instances", ids))
    return (*_one("--target-group-arn", balancer.id), *_rows("--targets", ({"Id": i} for i in ids)))


def attached(group: Group, balancer: Balancer) -> str:
    """Attach a group to a balancer."""
    return _attachment("attach", group, balancer)


def unattached(group: Group, balancer: Balancer) -> str:
    """Take a group off a balancer."""
    return _attachment("detach", group, balancer)


def _attachment(verb: str, group: Group, balancer: Balancer) -> str:
    if balancer.kind == TARGET_GROUP:
        return autoscaling(
            f"{verb}-load-balancer-target-groups", group, *_several("--target-group-arns", [balancer.id])
        )
    return autoscaling(f"{verb}-load-balancers", group, *_several("--load-balancer-names", [balancer.id]))


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


def resized(group: str, least: int, most: int, desired: int | None = None) -> str:
    """Set a group's sizes, its desired capacity where one is given."""
    wanted = () if desired is None else ("--desired-capacity", str(desired))
    return _on("update-auto-scaling-group", group, "--min-size", str(least), "--max-size", str(most), *wanted)


def widened(group: str, most: int) -> str:
    """Set a group's maximum."""
    return _on("update-auto-scaling-group", group, "--max-size", str(most))


def unparked(group: str, ids: Iterable[str]) -> str:
    """Bring instances back out of Standby."""
    return _on("exit-standby", group, *_several("--instance-ids", ids))


def detached(group: str, ids: Iterable[str]) -> str:
    """Take instances out of their group, which wants no others for those in Standby."""
    return _on("detach-instances", group, *_several("--instance-ids", ids), "--no-should-decrement-desired-capacity")


def policy_removed(group: str, name: str) -> str:
    """Remove a scaling policy."""
    return _on("delete-policy", group, *_one("--policy-name", name))


def schedule_removed(group: str, name: str) -> str:
    """Remove a scheduled action."""
    return _on("delete-scheduled-action", group, *_one("--scheduled-action-name", name))


def alarm_removed(_: str, name: str) -> str:
    """Remove a CloudWatch alarm."""
    return alarms_gone([name])

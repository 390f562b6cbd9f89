"""Whether two groups have the same scaling settings, but for what is a group's own."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.pair.fleet import Scaling

OWN_TO_A_GROUP = frozenset(
    {"AutoScalingGroupName", "PolicyARN", "Alarms", "ScheduledActionARN", "Time", "StartTime", "ResponseMetadata"}
)


def are_twins(ours: Scaling, theirs: Scaling, names: tuple[str, str]) -> bool:
    """Whether both groups (``names``, ours first) have the same settings, but for the group's own name in them."""
    pairs = ((ours.policies, theirs.policies, "PolicyName"), (ours.schedules, theirs.schedules, "ScheduledActionName"))
    return all(
        _alike(_in_order(one, key, names[0]), _in_order(other, key, names[1]), names) for one, other, key in pairs
    )


def _in_order(settings: tuple[Mapping[str, object], ...], key: str, group: str) -> list[Mapping[str, object]]:
    kept = ({name: value for name, value in one.items() if name not in OWN_TO_A_GROUP} for one in settings)
    return sorted(kept, key=lambda one: name_of(one, key).replace(group, ""))


def _alike(one: object, other: object, names: tuple[str, str]) -> bool:
    match one, other:
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(_alike(one[key], other[key], names) for key in one)
        case ((list() | tuple()), (list() | tuple())):
            return len(one) == len(other) and all(_alike(a, b, names) for a, b in zip(one, other, strict=True))
        case str(), str():
            return other in (one, one.replace(*names))
    return one == other


def difference(ours: Scaling, theirs: Scaling) -> str:
    """Return in which policies and schedules both differ."""

    def names(scaling: Scaling) -> set[str]:
        policies = {name_of(p, "PolicyName") for p in scaling.policies}
        return policies | {name_of(s, "ScheduledActionName") for s in scaling.schedules}

    lacking = sorted(names(ours) ^ names(theirs))
    return ", ".join(lacking) if lacking else "the same names, other values"


def name_of(setting: Mapping[str, object], key: str) -> str:
    """Return the text that stands under ``key``."""
    return str(setting.get(key, ""))

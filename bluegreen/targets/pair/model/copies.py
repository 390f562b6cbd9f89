"""What a group's policies, alarms and scheduled actions are on the other group of its pair. Pure.

Every field that AWS lets anybody write is kept as it is, whichever there are; rewritten are the names, the dimension
``AutoScalingGroupName`` and metric math that names the group, and the policies that an alarm acts through. Target
tracking makes its alarms itself (Auto Scaling user guide), so that they are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs
from attrs import frozen

from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.twins import (
    ACTIONS,
    ALARM,
    DIMENSION,
    EXPRESSIONS,
    POLICY,
    SCHEDULE,
    Names,
    Setting,
    Settings,
    actions_of,
    alarms_of,
    is_policy,
    name_of,
    owned_alarms,
)

KNOWN_BY = frozenset(
    {"AutoScalingGroupName", "PolicyARN", "Alarms", "AlarmArn", "StateValue", "ScheduledActionARN", "Time"}
)
"""What AWS says of a setting beside what can be written."""

PUT_ONCE = frozenset({"Tags"})
"""What is written with a new setting and ignored with a known one (botocore model, PutMetricAlarm)."""


@frozen
class Copies:
    """What is to be put onto the other group, each as its write takes it, the group's name left out."""

    policies: Settings = ()
    alarms: Settings = ()
    schedules: Settings = ()


def copies(ours: Scaling, theirs: Scaling, names: Names, now: float) -> Copies:
    """Return what ``ours`` is on the other group, ``theirs`` being what that one has by now.

    An alarm acts through policies, whose ARNs are known once they are there: before that it is no copy yet. A
    scheduled action whose time has passed at ``now`` (POSIX seconds) is none any more.
    """
    arns = _arns(ours, theirs, names)
    alarms = owned_alarms(ours)
    return Copies(
        policies=tuple(_policy(policy, names) for policy in ours.policies),
        alarms=tuple(_alarm(alarm, names, arns) for alarm in alarms if _acts_through(alarm) <= arns.keys()),
        schedules=tuple(_schedule(one, names, now) for one in ours.schedules if not _over(one, now)),
    )


def _kept(setting: Setting) -> dict[str, object]:
    return {key: value for key, value in setting.items() if key not in KNOWN_BY and value not in (None, "", [], ())}


def _policy(policy: Setting, names: Names) -> Setting:
    return {**_rewritten(_kept(policy), names), POLICY: names.rename(name_of(policy, POLICY))}


def _alarm(alarm: Setting, names: Names, arns: Mapping[str, str]) -> Setting:
    actions = {key: [arns.get(one, one) for one in actions_of(alarm, key)] for key in ACTIONS if alarm.get(key)}
    return {**_rewritten(_kept(alarm), names), **actions, ALARM: names.counterpart(name_of(alarm, ALARM))}


def _schedule(schedule: Setting, names: Names, now: float) -> Setting:
    kept = _kept(schedule)
    if not _ahead(schedule.get("StartTime"), now):
        kept.pop("StartTime", None)  # of a recurring one: AWS refuses a time that has passed (botocore model)
    return {**kept, SCHEDULE: names.rename(name_of(schedule, SCHEDULE))}


def _over(schedule: Setting, now: float) -> bool:
    """Whether a scheduled action will never run again."""
    ended = "EndTime" in schedule and not _ahead(schedule["EndTime"], now)
    return ended or not (schedule.get("Recurrence") or _ahead(schedule.get("StartTime"), now))


def _ahead(moment: object, now: float) -> bool:
    return isinstance(moment, datetime) and moment.timestamp() > now


def _rewritten(setting: Mapping[str, object], names: Names) -> dict[str, Any]:
    return {key: _rewrite(key, value, names) for key, value in setting.items()}


def _rewrite(key: str, value: object, names: Names) -> object:
    match value:
        case {"Name": "AutoScalingGroupName", "Value": str(group), **more}:
            return {"Name": DIMENSION, "Value": _other_group(group, names), **more}
        case Mapping():
            return _rewritten(value, names)
        case list() | tuple():
            return [_rewrite(key, item, names) for item in value]
        case str() if key in EXPRESSIONS:
            return names.swap_quoted(value)
    return value


def _other_group(group: str, names: Names) -> str:
    return {names.ours: names.theirs, names.theirs: names.ours}.get(group, group)


def _arns(ours: Scaling, theirs: Scaling, names: Names) -> dict[str, str]:
    """Return, by the ARN of each of our policies, the ARN of its copy, where that is there."""
    there = {name_of(policy, POLICY): name_of(policy, "PolicyARN") for policy in theirs.policies}
    copied = {name_of(policy, "PolicyARN"): names.rename(name_of(policy, POLICY)) for policy in ours.policies}
    return {arn: there[name] for arn, name in copied.items() if name in there}


def _acts_through(alarm: Setting) -> set[str]:
    return {action for key in ACTIONS for action in actions_of(alarm, key) if is_policy(action)}


def with_what_left(ours: Scaling, theirs: Scaling, names: Names) -> Scaling:
    """Return our settings with those that the other group has and we have no more, under the names they had here.

    They are known by the ARNs that they have there, so that alarms still name the policies that they act through.
    """
    back = Names(names.theirs, names.ours)
    here = named(ours)
    policies = ({**one, **_rewritten(one, back), POLICY: back.rename(name_of(one, POLICY))} for one in theirs.policies)
    alarms = (
        {**one, **_rewritten(one, back), ALARM: back.counterpart(name_of(one, ALARM))} for one in owned_alarms(theirs)
    )
    schedules = ({**one, SCHEDULE: back.rename(name_of(one, SCHEDULE))} for one in theirs.schedules)
    return Scaling(
        policies=(*ours.policies, *(_calling(one, back) for one in policies if one[POLICY] not in here.policies)),
        schedules=(*ours.schedules, *(one for one in schedules if one[SCHEDULE] not in here.schedules)),
        alarms=(*ours.alarms, *(one for one in alarms if one[ALARM] not in here.alarms)),
    )


def _calling(policy: Setting, back: Names) -> Setting:
    """Return a policy with the names that its alarms had here."""
    return {**policy, "Alarms": [{ALARM: back.counterpart(name)} for name in alarms_of(policy)]}


# ---- what is there and what is not ----


def lacking(wanted: Iterable[Setting], there: Iterable[Setting], key: str) -> Settings:
    """Return which of ``wanted`` are not there, or not as they are to be."""
    found = {name_of(one, key): one for one in there}
    return tuple(one for one in wanted if unlike(one, found.get(name_of(one, key))))


def unlike(wanted: Setting, there: Setting | None) -> tuple[str, ...]:
    """Return the fields in which a setting is not as it is to be; ``it`` where it is not there.

    What a write would not change is left out: somebody's tags on a copy would have it put again for ever.
    """
    if there is None:
        return ("it",)
    kept = _kept(there)
    if wanted.get("Recurrence"):
        wanted, kept = ({k: v for k, v in one.items() if k != "StartTime"} for one in (wanted, kept))
    same = Names("\0", "\0").alike
    fields = sorted((wanted.keys() | kept.keys()) - PUT_ONCE)
    return tuple(key for key in fields if not same(wanted.get(key), kept.get(key)))


def alike(ours: Scaling, theirs: Scaling) -> bool:
    """Whether both are called alike and would be written alike, as two looks at one group."""
    kinds = (
        (ours.policies, theirs.policies, POLICY),
        (owned_alarms(ours), owned_alarms(theirs), ALARM),
        (ours.schedules, theirs.schedules, SCHEDULE),
    )
    same = named(ours) == named(theirs)
    return same and not any(lacking(map(_kept, some), others, key) for some, others, key in kinds)


def upcoming(scaling: Scaling, now: float) -> Scaling:
    """Return the settings without scheduled actions that will never run again after ``now`` (POSIX seconds)."""
    return attrs.evolve(scaling, schedules=tuple(one for one in scaling.schedules if not _over(one, now)))


def with_tags(scaling: Scaling, known: Iterable[Setting]) -> Scaling:
    """Return the settings with the tags that their alarms are known to have had: a look asks for none."""
    tags = {name_of(alarm, ALARM): alarm["Tags"] for alarm in known if "Tags" in alarm}
    alarms = (
        {**alarm, "Tags": tags[name]} if (name := name_of(alarm, ALARM)) in tags else alarm for alarm in scaling.alarms
    )
    return attrs.evolve(scaling, alarms=tuple(alarms))


@frozen
class Named:
    """Settings by their names alone, ``alarms`` those that are the owner's."""

    policies: frozenset[str] = frozenset()
    alarms: frozenset[str] = frozenset()
    schedules: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """All names, those of different kinds told apart by what they are."""
        kinds = (("policy", self.policies), ("alarm", self.alarms), ("scheduled action", self.schedules))
        return frozenset(f"{kind} {name}" for kind, names in kinds for name in names)

    def __or__(self, other: Named) -> Named:
        return Named(self.policies | other.policies, self.alarms | other.alarms, self.schedules | other.schedules)

    def __sub__(self, other: Named) -> Named:
        return Named(self.policies - other.policies, self.alarms - other.alarms, self.schedules - other.schedules)

    def __and__(self, other: Named) -> Named:
        return Named(self.policies & other.policies, self.alarms & other.alarms, self.schedules & other.schedules)


NO_NAMES = Named()


def named(scaling: Scaling, names: Names | None = None) -> Named:
    """Return what settings are called; with ``names``, what they are called on the other group."""
    if not (scaling.policies or scaling.alarms or scaling.schedules):
        return NO_NAMES
    rename, counterpart = (names.rename, names.counterpart) if names else (str, str)
    return Named(
        frozenset(rename(name_of(policy, POLICY)) for policy in scaling.policies),
        frozenset(counterpart(name_of(alarm, ALARM)) for alarm in owned_alarms(scaling)),
        frozenset(rename(name_of(schedule, SCHEDULE)) for schedule in scaling.schedules),
    )


def only(wanted: Copies, kept: Named) -> Copies:
    """Return those copies that are called like ``kept``."""
    return Copies(
        policies=tuple(one for one in wanted.policies if name_of(one, POLICY) in kept.policies),
        alarms=tuple(one for one in wanted.alarms if name_of(one, ALARM) in kept.alarms),
        schedules=tuple(one for one in wanted.schedules if name_of(one, SCHEDULE) in kept.schedules),
    )


# ---- what cannot be moved ----


def shared_alarms(scaling: Scaling) -> dict[str, str]:
    """Return the alarms that act through policies of other groups, too, each with one of those ARNs."""
    own = {name_of(policy, "PolicyARN") for policy in scaling.policies}
    strange = {name_of(alarm, ALARM): sorted(_acts_through(alarm) - own) for alarm in owned_alarms(scaling)}
    return {name: arns[0] for name, arns in strange.items() if arns}

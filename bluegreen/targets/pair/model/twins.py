"""Whether two groups have the same scaling settings, but for what is a group's own, or whether one has none to share.

Settings are compared as AWS describes them. The order of a list means nothing in them, and a group's name may stand
for the other one's wherever it occurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from bluegreen.targets.pair.model.fleet import FIRING, Scaling
from bluegreen.targets.pair.model.release import MOVE, TWINS

Setting = Mapping[str, object]
Settings = tuple[Setting, ...]
"""Policies, alarms or scheduled actions, as AWS describes them, or with the fields that a write takes."""

POLICY, ALARM, SCHEDULE = "PolicyName", "AlarmName", "ScheduledActionName"
"""What the three kinds of settings are called by."""

OWN_TO_A_GROUP = frozenset(
    {"AutoScalingGroupName", "PolicyARN", "Alarms", "ScheduledActionARN", "Time", "StartTime", "ResponseMetadata"}
)
OWN_TO_AN_ALARM = frozenset({ALARM, "AlarmArn", "AlarmDescription", "StateValue", "Tags"})
"""Whoever defines alarms on both groups calls, describes and tags each as they like."""

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
BY_STATE = {FIRING: "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
BY_ALARM = frozenset({"SimpleScaling", "StepScaling"})
"""Policy types whose alarms are the owner's; target tracking makes its own (Auto Scaling user guide)."""

SUFFIX = "-bluegreen"
QUOTED = r"'[^']*'|\"[^\"]*\""
WORD = r"\w./:-"
DIMENSION = "AutoScalingGroupName"
"""The dimension of a metric that names a group."""
EXPRESSIONS = frozenset({"Expression", "Query"})
"""Where metric math and PromQL stand."""
NEAR = 120.0
"""Seconds around a scheduled action in which the sides are not flipped."""


@frozen
class Names:
    """Two groups' names: what is called after the one can be called after the other.

    Where both are the same, everything keeps its name.
    """

    ours: str
    theirs: str

    def swap(self, text: str) -> str:
        """Return ``text`` with each of the two names where the other one stood."""
        if self.ours not in text and self.theirs not in text:
            return text
        longest_first = sorted((self.ours, self.theirs), key=len, reverse=True)
        other = {self.ours: self.theirs, self.theirs: self.ours}
        return re.sub("|".join(map(re.escape, longest_first)), lambda found: other[found[0]], text)

    def swap_quoted(self, text: str) -> str:
        """Return a metric's expression with each of the two names swapped where it stands in quotes, as a whole word.

        A group's name may be a part of a metric's name, or of a target group's, and it may be a metric's id.
        """
        longest_first = sorted((self.ours, self.theirs), key=len, reverse=True)
        whole = re.compile(rf"(?<![{WORD}])(?:{'|'.join(map(re.escape, longest_first))})(?![{WORD}])")
        return re.sub(QUOTED, lambda found: whole.sub(lambda name: self.swap(name[0]), found[0]), text)

    def rename(self, text: str) -> str:
        """Return ``text`` with the names swapped where that can be taken back, which is for almost any text."""
        swapped = self.swap(text)
        return swapped if self.swap(swapped) == text else text

    def counterpart(self, text: str) -> str:
        """Return another name for ``text``, and for that one ``text``: the groups' names swapped, or a suffix.

        The suffix may have a group's name in it, so that what stands before it decides. Where there is no such name,
        ``text`` keeps its own.
        """
        other = self._other(text)
        return other if self._other(other) == text else text

    def _other(self, text: str) -> str:
        stem = text
        while stem.endswith(SUFFIX):
            stem = stem.removesuffix(SUFFIX)
        if self.ours == self.theirs or self.rename(stem) != stem:
            return self.rename(text)
        put_on = (len(text) - len(stem)) // len(SUFFIX)
        return text.removesuffix(SUFFIX) if put_on % 2 else text + SUFFIX

    def alike(self, one: object, other: object) -> bool:
        """Whether two values are the same, but for the groups' names in them and the order of lists."""
        match one, other:
            case Mapping(), Mapping():
                return one.keys() == other.keys() and all(self.alike(one[key], other[key]) for key in one)
            case ((list() | tuple()), (list() | tuple())):
                return self._pair_up(one, other)
            case str(), str():
                return other in (one, self.swap(one))
        return one == other

    def _pair_up(self, ours: Iterable[object], theirs: Iterable[object]) -> bool:
        left = list(theirs)
        for one in ours:
            found = next((at for at, other in enumerate(left) if self.alike(one, other)), None)
            if found is None:
                return False
            del left[found]
        return not left


def way_of(ours: Scaling, theirs: Scaling, names: tuple[str, str]) -> str | None:
    """Return how settings get from one group to the other (``names``, ours first, which serves).

    ``MOVE`` when the idle one has none: neither may ours have any yet, and its owner puts the first in the middle of a
    release. ``TWINS`` when both have the same, ``None`` when neither is true.
    """
    if not (theirs.policies or theirs.schedules):
        return MOVE
    return TWINS if are_twins(ours, theirs, names) else None


def are_twins(ours: Scaling, theirs: Scaling, names: tuple[str, str]) -> bool:
    """Whether both groups (``names``, ours first) have the same settings, but for the group's own name in them.

    Settings that follow the other group's metrics are the same to the letter, and no twins: they have nothing to follow
    once that group serves no more.
    """
    both = Names(*names)
    if astray(ours, *names) or astray(theirs, *names[::-1]):
        return False
    return (
        both.alike(_shared(ours.policies), _shared(theirs.policies))
        and both.alike(_shared(ours.schedules), _shared(theirs.schedules))
        and both.alike(_acting(ours), _acting(theirs))
    )


def astray(scaling: Scaling, own: str, other: str) -> tuple[tuple[str, str], ...]:
    """Return kind and name of the policies and alarms of the group ``own`` that follow metrics of ``other`` alone."""
    found = ((kind, name_of(one, kind), frozenset(_followed(one, (own, other)))) for kind, one in _followers(scaling))
    return tuple((kind, name) for kind, name, followed in found if other in followed and own not in followed)


def _followers(scaling: Scaling) -> Iterator[tuple[str, Setting]]:
    """Yield what follows metrics, each with its kind: policies, and the alarms that are their owner's."""
    yield from ((POLICY, policy) for policy in scaling.policies)
    yield from ((ALARM, alarm) for alarm in owned_alarms(scaling))


def _followed(setting: object, groups: tuple[str, str]) -> Iterator[str]:
    """Yield which of ``groups`` a metric is taken of, by a dimension or by a word in quotes in an expression."""
    match setting:
        case {"Name": name, "Value": str(value)} if name == DIMENSION:
            yield value
        case Mapping():
            for key, value in setting.items():
                if key in EXPRESSIONS:
                    yield from (name for name in groups if _quotes(str(value), name))
                else:
                    yield from _followed(value, groups)
        case list() | tuple():
            for one in setting:
                yield from _followed(one, groups)


def unclear(scaling: Scaling, groups: tuple[str, str]) -> tuple[tuple[str, str, str, str], ...]:
    """Return what may follow one of ``groups`` by a dimension that its owner has named: nobody else knows what it says.

    Kind and name of the policy or alarm, the dimension, its value. Only a namespace of AWS's is known to call a group
    by ``AutoScalingGroupName``; no other begins with ``AWS/`` (botocore model, PutMetricData).
    """
    return tuple(
        (kind, name_of(one, kind), dimension, value)
        for kind, one in _followers(scaling)
        for dimension, value in dict.fromkeys(_owners_dimensions(one))
        if value in groups
    )


def _owners_dimensions(setting: object) -> Iterator[tuple[str, str]]:
    match setting:
        case {"Namespace": str(namespace)} if namespace.startswith("AWS/"):
            return
        case {"Name": str(name), "Value": str(value)} if name != DIMENSION:
            yield name, value
        case Mapping():
            for inner in setting.values():
                yield from _owners_dimensions(inner)
        case list() | tuple():
            for one in setting:
                yield from _owners_dimensions(one)


def _quotes(text: str, name: str) -> bool:
    whole = re.compile(rf"(?<![{WORD}]){re.escape(name)}(?![{WORD}])")
    return any(whole.search(quoted) for quoted in re.findall(QUOTED, text))


def _shared(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    return tuple({name: value for name, value in one.items() if name not in OWN_TO_A_GROUP} for one in settings)


def _acting(scaling: Scaling) -> tuple[Setting, ...]:
    """Return the owner's alarms as each policy sees them: what they do for other policies is not its concern."""
    return tuple(
        {**{key: value for key, value in alarm.items() if key not in OWN_TO_AN_ALARM}, **_role(alarm, policy)}
        for policy in scaling.policies
        for alarm in owned_alarms(scaling)
        if alarm[ALARM] in alarms_of(policy)
    )


def _role(alarm: Setting, policy: Setting) -> dict[str, Any]:
    """Return for what of a policy an alarm stands; actions that name no policy are kept as they are."""
    arn, found = policy.get("PolicyARN"), {}
    for key in ACTIONS:
        if actions := actions_of(alarm, key):
            others = [action for action in actions if not is_policy(action)]
            found[key] = [*others, *([name_of(policy, POLICY)] if arn in actions else [])]
    return found


def owned_alarms(scaling: Scaling) -> tuple[Setting, ...]:
    """Return the alarms that are their owner's to define: those that step and simple policies act on."""
    names = {name for policy in scaling.policies if policy.get("PolicyType") in BY_ALARM for name in alarms_of(policy)}
    return tuple(alarm for alarm in scaling.alarms if alarm[ALARM] in names)


def alarms_of(policy: Setting) -> tuple[str, ...]:
    """Return the names of the alarms that make a policy act."""
    named: Any = policy.get("Alarms") or ()
    return tuple(str(alarm[ALARM]) for alarm in named)


def firing_to_scale_in(scaling: Scaling) -> tuple[str, ...]:
    """Return the alarms whose state makes the group smaller: that they fire, mostly; some act when all is well."""
    owned = {name_of(one, ALARM) for one in owned_alarms(scaling)}
    shrinking = tuple(policy for policy in scaling.policies if _shrinks(policy))
    return tuple(
        name_of(alarm, ALARM)
        for alarm in scaling.alarms
        if (_acts(alarm, shrinking) if alarm[ALARM] in owned else _tracks_down(alarm, shrinking))
    )


def _acts(alarm: Setting, policies: tuple[Setting, ...]) -> bool:
    """Whether an owner's alarm acts through one of ``policies`` as long as it is in the state that it is in."""
    acting = actions_of(alarm, BY_STATE.get(name_of(alarm, "StateValue"), ACTIONS[0]))
    return bool(alarm.get("ActionsEnabled", True)) and any(policy.get("PolicyARN") in acting for policy in policies)


def _tracks_down(alarm: Setting, policies: tuple[Setting, ...]) -> bool:
    """Whether one of target tracking's alarms fires, and is not the one that makes the group larger."""
    low = alarm.get("StateValue") == FIRING and name_of(alarm, "ComparisonOperator").startswith("Less")
    return low and any(alarm[ALARM] in alarms_of(policy) for policy in policies)


def _shrinks(policy: Setting) -> bool:
    """Whether a policy is at work and can make its group smaller."""
    if not policy.get("Enabled", True):
        return False
    tracking: Any = policy.get("TargetTrackingConfiguration")
    if tracking is not None:
        return not tracking.get("DisableScaleIn", False)
    steps: Any = policy.get("StepAdjustments") or [policy]
    exact = policy.get("AdjustmentType") == "ExactCapacity"
    return exact or any(int(step.get("ScalingAdjustment", 0)) < 0 for step in steps)


def actions_of(alarm: Setting, key: str) -> tuple[str, ...]:
    """Return what an alarm does in one of its states, ARNs all."""
    listed: Any = alarm.get(key) or ()
    return tuple(map(str, listed))


def is_policy(arn: str) -> bool:
    """Whether an alarm's action is a scaling policy."""
    return ":scalingPolicy:" in arn


def due_times(*schedules: Setting) -> tuple[tuple[float, str], ...]:
    """Return when scheduled actions run next (POSIX seconds), and their names: AWS says it as their start (guide)."""
    starts = ((one.get("StartTime"), name_of(one, SCHEDULE)) for one in schedules)
    return tuple((start.timestamp(), name) for start, name in starts if isinstance(start, datetime))


def difference(ours: Scaling, theirs: Scaling) -> str:
    """Return in which policies and schedules both differ."""

    def names(scaling: Scaling) -> set[str]:
        policies = {name_of(p, POLICY) for p in scaling.policies}
        return policies | {name_of(s, SCHEDULE) for s in scaling.schedules}

    lacking = sorted(names(ours) ^ names(theirs))
    return ", ".join(lacking) if lacking else "the same names, other values"


def name_of(setting: Setting, key: str) -> str:
    """Return the text that stands under ``key``."""
    return str(setting.get(key, ""))

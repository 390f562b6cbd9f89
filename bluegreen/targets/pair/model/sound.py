"""What a pair's release on record may say beside what every release does: its groups, sizes, doors and settings. Pure.

Whoever can write the record, or the groups' tags, can write anything there; what is not so is refused, never repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from bluegreen.flow import sound
from bluegreen.flow.kinds import RecordKind, only
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.flow.sound import tag_value
from bluegreen.ranges import MANY, MOST, Faults, among, count, each, few, lasting, printable, sentence
from bluegreen.targets.pair.model.fleet import PROCESSES, Group
from bluegreen.targets.pair.model.release import MOVE, PLAN_VERSION, TWINS, Bounds, Past, Release, Side
from bluegreen.targets.pair.model.terms import is_group
from bluegreen.targets.pair.model.twins import ACTIONS, ALARM, POLICY, SCHEDULE, Setting
from bluegreen.words import is_plain, shown

WAYS = (TWINS, MOVE)
DOORS: Mapping[str, tuple[str, ...]] = {
    "moving": (),
    "moved": ("moving",),
    "deployed": ("moving", "moved"),
    "back": (),
    "restored": ("back",),
    "retiring": (),
    "finished": ("retiring",),
}
"""Each milestone, and those that are passed before it."""

FIGURES = {DEPLOY: 4, ROLLBACK: 6, FINISH: 4}
"""How many figures measure the progress of each goal (:func:`bluegreen.targets.pair.plans.plan.progress`)."""

LONGEST_LINGERING = 3600.0
"""Seconds for which a balancer may send connections to what has left it, far above what is known of any."""
LARGEST_SIZE = 2**31 - 1
"""What AWS takes for a size, and somebody may have set (botocore model: an Integer)."""
_INSTANCE = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?", re.A)
_PROCESS = re.compile(r"[A-Za-z]{1,40}", re.A)


# ---- grammars ----


def is_instance(text: object) -> bool:
    """Whether this is the id of an EC2 instance."""
    return isinstance(text, str) and _INSTANCE.fullmatch(text) is not None


# ---- a release ----


def release_faults(release: Release) -> Faults:
    """Yield everything that keeps a release from being believed."""
    yield from sound.release_faults(release)
    for part in (_names, _numbers, _times, _progress, _instances, _sides):
        yield from part(release)


def _names(release: Release) -> Faults:
    yield from each("the groups", (release.old, release.new), is_group, "name of a group")
    if release.old == release.new:
        yield f"old and new are both {shown(release.old)}"
    if (release.picture.old.name, release.picture.new.name) != (release.old, release.new):
        yield "the picture is not one of its two groups"
    yield from among("way", release.way, WAYS)
    yield from each("without and passed_by", (*release.without, *release.passed_by), printable, "name of a balancer")


def _numbers(release: Release) -> Faults:
    for name, bounds in (("bounds", release.bounds), ("idle", release.idle)):
        yield from _bounds(name, bounds)
    if not 1 <= release.capacity <= LARGEST_SIZE:
        yield f"capacity is not within 1 and {LARGEST_SIZE}: {shown(release.capacity)}"
    yield from count("needed", release.needed)
    if not 1 <= release.plan_version <= PLAN_VERSION:
        yield f"plan_version is not within 1 and {PLAN_VERSION}: {shown(release.plan_version)}"
    for name, many in (("without", release.without), ("passed_by", release.passed_by)):
        yield from few(name, many, MANY)


def _bounds(name: str, bounds: Bounds | Side) -> Faults:
    if not 0 <= bounds.min <= bounds.max <= LARGEST_SIZE:
        yield f"{name} is no pair of sizes: {shown(bounds.min)} to {shown(bounds.max)}"


def _times(release: Release) -> Faults:
    for name in ("drain", "check_time"):
        yield from lasting(name, getattr(release, name))
    if not 0 <= release.lingers <= LONGEST_LINGERING:
        yield f"lingers is no duration of at most an hour: {release.lingers:g}"


def _progress(release: Release) -> Faults:
    yield from each("milestones", release.milestones, lambda one: one in DOORS, "milestone")
    for door in release.milestones:
        if lacking := [one for one in DOORS.get(door, ()) if one not in release.milestones]:
            yield f"{shown(door)} was passed without {', '.join(lacking)}"
    if release.goal == FINISH and "deployed" not in release.milestones:
        yield "a finish began before the image was deployed"
    if release.progress and len(release.progress) != FIGURES.get(release.goal, 0):
        yield f"progress has {len(release.progress)} figures, and the {shown(release.goal)} is measured by others"
    yield from _figures(release)


def _figures(release: Release) -> Faults:
    sides = (release.old, release.new)
    bounds = [f"{side} {bound}" for side in sides for bound in ("min", "max")]
    processes = [f"{side} {one}" for side in sides for one in PROCESSES]
    known = [*bounds, *processes]
    for name in ("written", "unsealed"):
        yield from each(name, getattr(release, name), lambda key: key in known, "bound or process of its groups")
    yield from each("processes", release.processes, lambda key: key in PROCESSES or key in processes, "process")
    yield from each("edits", release.edits, lambda key: key in bounds, "bound of its groups")
    yield from each("best", release.best, lambda key: _of_a_side(key, sides), "balancer of its groups")
    for name in ("after_wave", "under_shift"):
        yield from each(name, getattr(release, name), printable, "name of a balancer")
    for name in ("written", "unsealed", "edits", "best", "after_wave", "under_shift"):
        yield from few(name, getattr(release, name), MANY)
    for values in (*release.written.values(), *release.unsealed.values()):
        yield from few("written", values, MANY * MANY)
        for value in values:
            yield from count("written", value, LARGEST_SIZE)
    for value in release.edits.values():
        yield from count("edits", value, LARGEST_SIZE)
    for name in ("best", "after_wave", "under_shift"):
        for value in getattr(release, name).values():
            yield from count(name, value)


def _of_a_side(key: object, sides: tuple[str, str]) -> bool:
    return any(str(key).startswith(f"{side} ") and printable(str(key)[len(side) + 1 :]) for side in sides)


def _instances(release: Release) -> Faults:
    for name in ("leaving", "returning", "reparked", "members", "retire"):
        ids = getattr(release, name)
        yield from few(name, ids, MOST)
        yield from each(name, ids, is_instance, "id of an instance")


def past_faults(past: Past) -> Faults:
    """Yield what keeps a past release from being believed, of what a pair's has beside every other."""
    yield from each("a past release", (past.old, past.new), is_group, "name of a group")


# ---- what the groups were like ----


def _sides(release: Release) -> Faults:
    for side in (release.picture.old, release.picture.new):
        yield from _bounds(f"the picture of {shown(side.name)}", side)
        yield from count("desired", side.desired, LARGEST_SIZE)
        yield from tag_value("the picture's image", side.image)
        yield from sentence("template", side.template)
        yield from few("suspended", side.suspended, 50)
        yield from each("suspended", side.suspended, _is_process, "process")
        for kind, settings in ((POLICY, side.policies), (SCHEDULE, side.schedules), (ALARM, side.alarms)):
            yield from few(kind, settings, MANY)
            for setting in settings:
                yield from _setting(kind, setting, side.name, (release.old, release.new))


def _is_process(text: object) -> bool:
    return isinstance(text, str) and _PROCESS.fullmatch(text) is not None


_MEMBERS: Mapping[str, type | tuple[type, ...]] = {
    "Enabled": bool,
    "StartTime": datetime,
    "EndTime": datetime,
    "Recurrence": str,
    "TargetTrackingConfiguration": Mapping,
    "PredictiveScalingConfiguration": Mapping,
    "PolicyType": str,
    "PolicyARN": str,
    "ScheduledActionARN": str,
    "AlarmArn": str,
    "AlarmName": str,
    "StateValue": str,
    "ComparisonOperator": str,
    "Alarms": list,
    "Dimensions": list,
    "Metrics": list,
    "StepAdjustments": list,
    "Tags": list,
    **dict.fromkeys(ACTIONS, list),
}
"""Members that are read here, and what they are in AWS's answers (botocore model)."""

_ROWS = ("Alarms", "Dimensions", "Metrics", "StepAdjustments", "Tags")


def _setting(kind: str, setting: Setting, group: str, groups: tuple[str, str]) -> Faults:
    if not printable(setting.get(kind), 256):
        yield f"a setting of {shown(group)} has no {kind}"
    if (owner := setting.get("AutoScalingGroupName", group)) not in groups:
        yield f"a setting of {shown(group)} is of {shown(owner)}"
    yield from each(f"a setting of {shown(group)}", setting, _is_member, "member")
    for key, value in setting.items():
        if key in _MEMBERS and not isinstance(value, (list, tuple) if _MEMBERS[key] is list else _MEMBERS[key]):
            yield f"{key} of a setting of {shown(group)} is {shown(value)}"
        elif key in ACTIONS:
            yield from each(key, _items(value), lambda one: printable(one, 1024), "text")
        elif key in _ROWS:
            yield from each(key, _items(value), lambda one: isinstance(one, Mapping), "structure")
    acting = [one for one in _items(setting.get("Alarms")) if isinstance(one, Mapping)]
    yield from each("Alarms", (one.get(ALARM) for one in acting), printable, "name of an alarm")
    yield from _tracking(setting.get("TargetTrackingConfiguration"))


def _is_member(key: object) -> bool:
    return isinstance(key, str) and re.fullmatch(r"[A-Za-z]{1,64}", key, re.A) is not None


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _tracking(tracking: object) -> Faults:
    if not isinstance(tracking, Mapping):
        return
    predefined = tracking.get("PredefinedMetricSpecification", {})
    label = predefined.get("ResourceLabel", "") if isinstance(predefined, Mapping) else None
    target = tracking.get("TargetValue", 1)
    sound = isinstance(target, int | float) and not isinstance(target, bool) and 1e-9 <= target <= 1e15
    if not sound or not isinstance(label, str) or not is_plain(label):
        yield "a target tracking policy follows nothing that can be followed"


# ---- where it is ----


def place_of(groups: Iterable[Group]) -> tuple[str, str]:
    """Return the account and the region of ``groups``, as their ARNs say; empty where they say nothing."""
    return next(((group.account, group.region) for group in groups if group.account), ("", ""))


PAIR = RecordKind(
    release=Release,
    past=Past,
    release_faults=only(Release, release_faults),
    past_faults=only(Past, past_faults),
)
"""What a record has to know of a pair."""

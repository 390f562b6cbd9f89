"""What a release on record may say: the range of each number, the grammar of each text, the keys of each mapping. Pure.

Whoever can write the record, or the groups' tags, can write anything there; what is not so is refused, never repaired.
The bounds are far beyond what is ever needed: they keep arithmetic, dates and AWS's parameters from failing later.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from datetime import datetime

from bluegreen.image import valid
from bluegreen.targets.pair.model.fleet import PROCESSES, Group
from bluegreen.targets.pair.model.release import (
    DEPLOY,
    FINISH,
    MOMENTS,
    MOVE,
    PLAN_VERSION,
    ROLLBACK,
    TWINS,
    Bounds,
    Hold,
    Pace,
    Release,
    Side,
)
from bluegreen.targets.pair.model.twins import ACTIONS, ALARM, POLICY, SCHEDULE, Setting
from bluegreen.words import is_plain, shown

GOALS = (DEPLOY, ROLLBACK, FINISH)
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

OURS = "bluegreen:"
"""How the tool's own tags begin."""

LATEST = 32_503_680_000.0
"""The year 3000 in POSIX seconds."""
LONGEST = 3_200_000_000.0
"""A century in seconds."""
LONGEST_LINGERING = 3600.0
"""Seconds for which a balancer may send connections to what has left it, far above what is known of any."""
MOST = 100_000
"""Instances of a group; AWS's quotas are far lower."""
LARGEST_SIZE = 2**31 - 1
"""What AWS takes for a size, and somebody may have set (botocore model: an Integer)."""
MANY = 1000
"""Members of a list that has nothing to do with instances."""
WORDS = 4000
"""Characters of a sentence."""

_ID = re.compile(r"(?P<service>.{1,100}):(?P<stamp>\d{8}-\d{6})-[0-9a-f]{4,32}", re.A)
_INSTANCE = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?", re.A)
_PROCESS = re.compile(r"[A-Za-z]{1,40}", re.A)

Faults = Iterator[str]


# ---- grammars ----


def printable(text: object, most: int = 255) -> bool:
    """Whether this is a text of 1 to ``most`` characters, none of which controls a terminal or is half of one."""
    return isinstance(text, str) and 0 < len(text) <= most and is_plain(text)


def is_group(text: object) -> bool:
    """Whether this can be the name of an Auto Scaling group: 1 to 255 characters without a colon (botocore model)."""
    return printable(text) and ":" not in str(text)


def is_tag_key(text: object) -> bool:
    """Whether an image may stand under this key of a group's tag: neither AWS's own nor one of ours."""
    return printable(text, 128) and not str(text).startswith(("aws:", OURS))


def is_instance(text: object) -> bool:
    """Whether this is the id of an EC2 instance."""
    return isinstance(text, str) and _INSTANCE.fullmatch(text) is not None


def is_release_id(text: object, service: str) -> bool:
    """Whether this is an id as releases of ``service`` have: ``SERVICE:YYYYMMDD-HHMMSS-xxxx``."""
    found = _ID.fullmatch(text) if isinstance(text, str) else None
    return found is not None and found["service"] == service and stamp(str(text)) is not None


def stamp(release_id: str) -> float | None:
    """Return when a release was begun, by its id, in POSIX seconds; ``None`` for what is no such id."""
    found = _ID.fullmatch(release_id)
    try:
        return None if found is None else datetime.fromisoformat(f"{found['stamp'].replace('-', 'T')}Z").timestamp()
    except ValueError:
        return None


# ---- ranges ----


def sentence(name: str, text: str) -> Faults:
    """Yield what is wrong with a text that people read; it may be empty."""
    if len(text) > WORDS or not is_plain(text):
        yield f"{name} is no plain text of at most {WORDS} characters"


def moment(name: str, at: float) -> Faults:
    """Yield what is wrong with POSIX seconds."""
    if not 0 <= at <= LATEST:
        yield f"{name} is no moment between 1970 and 3000: {at:g}"


def lasting(name: str, seconds: float) -> Faults:
    """Yield what is wrong with a duration."""
    if not 0 <= seconds <= LONGEST:
        yield f"{name} is no duration of at most a century: {seconds:g}"


def count(name: str, number: int, most: int = MOST) -> Faults:
    """Yield what is wrong with a number of something."""
    if not 0 <= number <= most:
        yield f"{name} is not within 0 and {most}: {shown(number)}"


def few(name: str, items: Sized, most: int) -> Faults:
    """Yield that a list is too long."""
    if len(items) > most:
        yield f"{name} has more than {most} members"


def each(name: str, items: Iterable[object], is_one: Callable[[object], bool], what: str) -> Faults:
    """Yield the first of ``items`` that is not ``what``."""
    for item in items:
        if not is_one(item):
            yield f"{name} has {shown(item)}, which is no {what}"
            return


def among(name: str, item: object, known: Iterable[object]) -> Faults:
    """Yield that ``item`` is none of those that are known."""
    if item not in (known := tuple(known)):
        yield f"{name} is {shown(item)}, not one of {', '.join(map(str, known))}"


# ---- a release ----


def release_faults(release: Release) -> Faults:
    """Yield everything that keeps a release from being believed."""
    for part in (_names, _numbers, _times, _texts, _progress, _instances, _sides):
        yield from part(release)


def _names(release: Release) -> Faults:
    if not is_release_id(release.id, release.service):
        yield f"id is no id of a release of {shown(release.service)}: {shown(release.id)}"
    yield from each("the groups", (release.old, release.new), is_group, "name of a group")
    if release.old == release.new:
        yield f"old and new are both {shown(release.old)}"
    if (release.picture.old.name, release.picture.new.name) != (release.old, release.new):
        yield "the picture is not one of its two groups"
    if not is_tag_key(release.tag_key):
        yield f"tag_key is no key of an image's tag: {shown(release.tag_key)}"
    yield from among("goal", release.goal, GOALS)
    yield from among("way", release.way, WAYS)
    if not valid(release.image):
        yield f"image is no image version: {shown(release.image)}"
    yield from each("alarms", release.alarms, printable, "name of an alarm")
    yield from each("without and passed_by", (*release.without, *release.passed_by), printable, "name of a balancer")


def tag_value(name: str, image: str | None) -> Faults:
    """Yield what is wrong with an image; a group's tag, from which it may come, can hold almost anything."""
    if image and not printable(image, 256):
        yield f"{name} is no value of a tag: {shown(image)}"


def _numbers(release: Release) -> Faults:
    yield from _pace(release.pace)
    for name, bounds in (("bounds", release.bounds), ("idle", release.idle)):
        yield from _bounds(name, bounds)
    if not 1 <= release.capacity <= LARGEST_SIZE:
        yield f"capacity is not within 1 and {LARGEST_SIZE}: {shown(release.capacity)}"
    yield from count("take", release.take)
    yield from count("needed", release.needed)
    if not 1 <= release.plan_version <= PLAN_VERSION:
        yield f"plan_version is not within 1 and {PLAN_VERSION}: {shown(release.plan_version)}"
    for name, many in (("alarms", release.alarms), ("without", release.without), ("passed_by", release.passed_by)):
        yield from few(name, many, MANY)


def _pace(pace: Pace) -> Faults:
    if not 0 <= pace.least <= 100 <= pace.most <= 1000:
        yield f"pace is no pace: {shown(pace.least)}/{shown(pace.most)}"


def _bounds(name: str, bounds: Bounds | Side) -> Faults:
    if not 0 <= bounds.min <= bounds.max <= LARGEST_SIZE:
        yield f"{name} is no pair of sizes: {shown(bounds.min)} to {shown(bounds.max)}"


def _times(release: Release) -> Faults:
    for name in MOMENTS:
        yield from moment(name, getattr(release, name))
    for name in ("bake", "keep_parked", "progress_deadline", "drain", "stabilization", "healthy_for", "check_time"):
        yield from lasting(name, getattr(release, name))
    if not 0 <= release.lingers <= LONGEST_LINGERING:
        yield f"lingers is no duration of at most an hour: {release.lingers:g}"
    if release.deadline_at != math.inf:
        yield from moment("deadline_at", release.deadline_at)
    if release.allowed != math.inf:
        yield from lasting("allowed", release.allowed)


def _texts(release: Release) -> Faults:
    yield from sentence("by", release.by)
    yield from sentence("reason", release.reason)
    yield from tag_value("instead_of", release.instead_of)
    if release.hold is not None:
        yield from _hold(release.hold)


def _hold(hold: Hold) -> Faults:
    yield from sentence("hold", f"{hold.who} {hold.why} {hold.gate}")
    yield from moment("hold", hold.since)


def _progress(release: Release) -> Faults:
    yield from each("milestones", release.milestones, lambda one: one in DOORS, "milestone")
    for door, at in release.milestones.items():
        yield from moment("milestones", at)
        if lacking := [one for one in DOORS.get(door, ()) if one not in release.milestones]:
            yield f"{shown(door)} was passed without {', '.join(lacking)}"
    if release.goal == FINISH and "deployed" not in release.milestones:
        yield "a finish began before the image was deployed"
    if release.progress and len(release.progress) != FIGURES.get(release.goal, 0):
        yield f"progress has {len(release.progress)} figures, and the {shown(release.goal)} is measured by others"
    yield from each("progress", release.progress, lambda one: abs(int(str(one))) <= MANY * MOST, "figure")
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


# ---- what the groups were like ----


def _sides(release: Release) -> Faults:
    for side in (release.picture.old, release.picture.new):
        yield from _bounds(f"the picture of {shown(side.name)}", side)
        yield from count("desired", side.desired, LARGEST_SIZE)
        yield from tag_value("the picture's image", side.image)
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

"""In what the two groups of a pair differ, and whether a deployment is refused for it. Pure.

What differs by nature is told apart from what ought to be the same: a live group has instances, an idle one has none.
Settings are compared as AWS describes them, whichever there are, but for a group's own name and ARNs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import field, frozen

from bluegreen.targets.pair.fitness.check import NEEDED, live_group
from bluegreen.targets.pair.fitness.side_by_side import NATURAL, NOTED, Difference, Sides, leaves, rows_apart
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import AUTOSCALER, SCHEDULES, Fleet, Group, Scaling, Survey, Tag
from bluegreen.targets.pair.model.terms import OURS
from bluegreen.targets.pair.model.twins import (
    ALARM,
    POLICY,
    SCHEDULE,
    Setting,
    alarms_of,
    astray,
    name_of,
    owned_alarms,
)
from bluegreen.targets.pair.sentences.unfit import differ_in
from bluegreen.targets.seam.finding import REFUSED, WARNED, Finding

RESUMED, SUSPENDED = "resumed", "suspended"
ATTACHED, NOT_ATTACHED = "attached", "not attached"

TEMPLATE = "LaunchTemplate"
LAUNCHES = frozenset({TEMPLATE, "LaunchConfigurationName"})
"""Called after its group, one is another one all the same: what it says is not read."""
WARM_POOL = "WarmPoolConfiguration"
IN_ANY_ORDER = frozenset({"AvailabilityZones", "EnabledMetrics"})
SUBNETS = "VPCZoneIdentifier"
ONLY_SHOWN = frozenset({"other tags", "suspended processes", "launch template", "launch configuration"})
"""Topics that are told elsewhere, or differ in name only as a rule."""

SETTINGS: Mapping[str, tuple[str, str]] = {
    TEMPLATE: ("launch template", "whether both say the same is not read"),
    "LaunchConfigurationName": ("launch configuration", "whether both say the same is not read"),
    "MixedInstancesPolicy": ("mixed instances", "what instances are launched from changes with the side"),
    "AvailabilityZones": ("zones", "where instances run changes with the side"),
    SUBNETS: ("subnets", "where instances run changes with the side"),
    "TerminationPolicies": ("termination policies", "which instance a scale-in takes changes with the side"),
    "DefaultCooldown": ("default cooldown", "how fast the group scales changes with the side"),
    "DefaultInstanceWarmup": ("default warm-up", "how fast the group scales changes with the side"),
    "NewInstancesProtectedFromScaleIn": ("scale-in protection", "whether instances may go changes with the side"),
}
"""AWS's names of a group's settings, in words, and why one is worth knowing; others go by AWS's name."""

TOPICS = (
    "sizes",
    "suspended processes",
    "state",
    "warm pool",
    "balancers",
    "scaling policies",
    "scheduled actions",
    "alarms",
    "lifecycle hooks",
    "notifications",
    "health check",
    "image tag",
    "other tags",
    *(words for words, _ in SETTINGS.values()),
)
"""Everything that is compared, in the order in which it is shown."""


@frozen(kw_only=True)
class Comparison:
    """Both groups side by side; ``live`` is the one that serves, ``None`` when that is not clear."""

    blue: str
    green: str
    live: str | None
    differences: tuple[Difference, ...]
    release: str = ""
    """What is open, in words: it explains sizes and suspended processes."""

    unknown: Mapping[str, str] = field(factory=dict)
    """The topics that could not be compared, with why."""

    @property
    def matters(self) -> bool:
        """Whether a deployment is refused for any of it."""
        return any(difference.matters for difference in self.differences)

    @property
    def same(self) -> tuple[str, ...]:
        """The topics in which both are the same."""
        differing = {difference.topic for difference in self.differences} | self.unknown.keys()
        return tuple(topic for topic in TOPICS if topic not in differing)


def compare(survey: Survey, names: tuple[str, str], tag_key: str, release: str = "") -> Comparison:
    """Return in what the groups ``names`` (blue first) differ; ``release`` says what is open, if anything."""
    live = _live(survey.fleet, names)
    blue, green = (survey.fleet.groups[name] for name in names)
    idle = None if live is None or release else (green if live is blue else blue)
    sides = Sides(blue, green, live, idle, survey.scaling)
    found = [
        *_sizes(sides, bool(release)),
        *_processes(sides),
        *_states(sides),
        *_balancers(sides),
        *_policies(sides),
        *_hooks(sides),
        *_notifications(sides),
        *_health_check(sides),
        *_tags(sides, tag_key),
        *_settings(sides),
    ]
    name = None if live is None else live.name
    ordered = tuple(sorted(found, key=lambda one: (_LEVELS.index(one.level), _place(one.topic))))
    unknown = {topic: why for topic, why in survey.unread.items() if topic in TOPICS}
    return Comparison(
        blue=blue.name, green=green.name, live=name, differences=ordered, release=release, unknown=unknown
    )


_LEVELS = (REFUSED, NOTED, NATURAL)


def noted(survey: Survey, names: tuple[str, str], tag_key: str) -> Iterator[Finding]:
    """Yield a warning for each topic in which what serves changes with the side; ``diff`` shows every field."""
    found = [one for one in compare(survey, names, tag_key).differences if one.level == NOTED]
    for topic in dict.fromkeys(one.topic for one in found if one.topic not in ONLY_SHOWN):
        rows = [one for one in found if one.topic == topic]
        details = ", ".join(one.detail for one in rows if one.detail)
        what = f"{topic} ({details})" if details else topic
        yield Finding(WARNED, differ_in(names, what, rows[0].why), "`bluegreen diff` shows all")


def _place(topic: str) -> int:
    return TOPICS.index(topic) if topic in TOPICS else len(TOPICS)


def _live(fleet: Fleet, names: tuple[str, str]) -> Group | None:
    """Return the group that serves; blue of an empty pair, whose first deployment goes there."""
    blue, green = (fleet.groups[name] for name in names)
    return live_group(fleet, names) or (None if blue.instances or green.instances else blue)


# ---- what differs by nature ----


def _sizes(sides: Sides, released: bool) -> Iterator[Difference]:
    blue, green, idle = sides.blue, sides.green, sides.idle
    rows = (
        ("minimum", blue.min, green.min, bool(idle and idle.min), "the idle group would launch instances"),
        ("maximum", blue.max, green.max, False, ""),
        ("desired", blue.desired, green.desired, bool(idle and idle.desired), "the idle group would launch instances"),
        ("instances", _members(blue), _members(green), bool(idle and _members(idle)), "the idle group has instances"),
        ("in Standby", coming(blue), coming(green), not released, "no release explains them"),
    )
    for detail, one, other, wrong, why in rows:
        if one != other or (wrong and one):
            level = REFUSED if wrong else NATURAL
            yield Difference("sizes", detail, one, other, level, why if wrong else "")


def _members(group: Group) -> int:
    return sum(not (i.leaving or i.parked or i.parking) for i in group.instances)


def _processes(sides: Sides) -> Iterator[Difference]:
    blue, green = (group.suspended for group in sides.groups)
    for process in sorted(blue | green | _must_rest(sides)):
        level, why = _process(sides, process)
        if (process in blue) != (process in green) or level == REFUSED:
            one, other = (SUSPENDED if process in side else RESUMED for side in (blue, green))
            yield Difference("suspended processes", process, one, other, level, why)


def _must_rest(sides: Sides) -> frozenset[str]:
    """The processes of the idle side that are at work and would launch instances."""
    idle = sides.idle
    scheduled = idle is not None and sides.scaling.get(idle.name, Scaling()).schedules
    return frozenset({SCHEDULES} - idle.suspended) if idle is not None and scheduled else frozenset()


def _process(sides: Sides, process: str) -> tuple[str, str]:
    if process in NEEDED:
        return REFUSED, "no release gets to its end without it"
    if process in _must_rest(sides):
        return REFUSED, "the scheduled actions of the idle group would launch instances"
    if sides.idle and process in AUTOSCALER and process not in sides.idle.suspended:
        return NOTED, "it is suspended on the live side, and will be on the other one, too"
    return NATURAL, ""


# ---- what ought to be the same, or a deployment is refused ----


def _states(sides: Sides) -> Iterator[Difference]:
    blue, green = sides.groups
    ours, theirs = sides.settings
    rows: tuple[tuple[str, str, object, object, str], ...] = (
        ("state", "being deleted", blue.deleting, green.deleting, "nothing can be deployed to it"),
        ("state", "instance refresh", ours.refreshing, theirs.refreshing, "it replaces instances meanwhile"),
        ("warm pool", "", _pool(blue), _pool(green), "its instances started under another image tag"),
    )
    for topic, detail, one, other, why in rows:
        if one != other:
            yield Difference(topic, detail, one, other, REFUSED, why)


def _pool(group: Group) -> object:
    return group.settings.get(WARM_POOL, group.warm_pool)


def _balancers(sides: Sides) -> Iterator[Difference]:
    blue, green = (group.balancers for group in sides.groups)
    for balancer in sorted(blue ^ green):
        one, other = (ATTACHED if balancer in side else NOT_ATTACHED for side in (blue, green))
        yield Difference("balancers", balancer.id, one, other, REFUSED, "both groups must be behind the same ones")


def _policies(sides: Sides) -> Iterator[Difference]:
    ours, theirs = sides.settings
    if sides.twins(ours, theirs):
        return
    level, why = sides.way
    kinds = (
        ("scaling policies", ours.policies, theirs.policies, POLICY),
        ("scheduled actions", ours.schedules, theirs.schedules, SCHEDULE),
        ("alarms", owned_alarms(ours), owned_alarms(theirs), ALARM),
    )
    rows = [(topic, *row) for topic, blue, green, key in kinds for row in rows_apart(sides, blue, green, key)]
    rows += _astray(sides)
    for topic, detail, one, other in rows or [("alarms", "what they act through", _acts(ours), _acts(theirs))]:
        yield Difference(topic, detail, one, other, level, why)


def _astray(sides: Sides) -> Iterator[tuple[str, str, object, object]]:
    """Yield what is the same to the letter, and follows the one group on both."""
    blue, green = (group.name for group in sides.groups)
    ours, theirs = sides.settings
    topics = {ALARM: "alarms", POLICY: "scaling policies"}
    yield from ((topics[kind], f"{name} follows", green, None) for kind, name in astray(ours, blue, green))
    yield from ((topics[kind], f"{name} follows", None, blue) for kind, name in astray(theirs, green, blue))


def _acts(scaling: Scaling) -> dict[str, list[str]]:
    return {name_of(policy, POLICY): sorted(alarms_of(policy)) for policy in scaling.policies}


# ---- what is worth knowing ----


def _hooks(sides: Sides) -> Iterator[Difference]:
    ours, theirs = (scaling.hooks for scaling in sides.settings)
    for detail, one, other in rows_apart(sides, ours, theirs, "LifecycleHookName"):
        yield Difference(
            "lifecycle hooks", detail, one, other, NOTED, "how instances come and go changes with the side"
        )


def _notifications(sides: Sides) -> Iterator[Difference]:
    """Yield, by topic, of which events a side sends a notification (one row each in AWS's answer)."""
    ours, theirs = (_by_topic(scaling.notifications) for scaling in sides.settings)
    for topic in sorted(ours.keys() | theirs.keys()):
        if ours.get(topic) != theirs.get(topic):
            yield Difference(
                "notifications", topic, ours.get(topic), theirs.get(topic), NOTED, "who is told changes with the side"
            )


def _by_topic(rows: tuple[Setting, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(name_of(row, "TopicARN"), []).append(name_of(row, "NotificationType"))
    return {topic: sorted(kinds) for topic, kinds in found.items()}


def _health_check(sides: Sides) -> Iterator[Difference]:
    blue, green = sides.groups
    rows = (("type", blue.health_check, green.health_check), ("grace period", blue.grace, green.grace))
    for detail, one, other in rows:
        if one != other:
            yield Difference(
                "health check", detail, one, other, NOTED, "when an instance is replaced changes with the side"
            )


def _tags(sides: Sides, tag_key: str) -> Iterator[Difference]:
    blue, green = (group.tags for group in sides.groups)
    for key in sorted(blue.keys() | green.keys()):
        one, other = _told(blue.get(key), green.get(key)), _told(green.get(key), blue.get(key))
        if key == tag_key:
            if one != other:
                yield Difference("image tag", key, one, other, NATURAL)
        elif not key.startswith(OURS) and not sides.alike(one, other):
            yield Difference(
                "other tags", key, one, other, NOTED, "what the group is tagged with changes with the side"
            )


def _told(tag: Tag | None, other: Tag | None) -> str | None:
    """Return a tag's value, and whether instances get it where that is not the same on the other side."""
    if tag is None or tag.propagate or (other is not None and not other.propagate):
        return None if tag is None else tag.value
    return f"{tag.value} (not for instances)"


def _settings(sides: Sides) -> Iterator[Difference]:
    blue, green = (group.settings for group in sides.groups)
    for key in sorted((blue.keys() | green.keys()) - {WARM_POOL}):
        topic, why = SETTINGS.get(key, (key, "what AWS calls so changes with the side"))
        one, other = (_comparable(key, settings.get(key)) for settings in (blue, green))
        rows = [("", one, other)] if key in LAUNCHES and one != other else leaves(sides, one, other)
        for path, first, second in rows:
            yield Difference(topic, path.removeprefix("."), first, second, NOTED, why)


def _comparable(key: str, value: object) -> object:
    """Return a setting without the order that means nothing, and a launch template as a person calls it."""
    if key == SUBNETS and isinstance(value, str):
        return sorted(part.strip() for part in value.split(","))
    if key in IN_ANY_ORDER and isinstance(value, list):
        return sorted(value, key=str)
    if key == TEMPLATE and isinstance(value, Mapping):
        return _template(value)
    return value


LATEST = "$Latest"
"""The version of a launch template that is whichever is the newest (Auto Scaling API, LaunchTemplateSpecification)."""


def _template(value: Mapping[str, object]) -> str:
    name = value.get("LaunchTemplateName") or value.get("LaunchTemplateId")
    return f"{name} version {value.get('Version') or '$Default'}"


def launched_from(group: Group) -> str:
    """Return the launch template of a group with its version; nothing where it has another way to launch."""
    value = group.settings.get(TEMPLATE)
    return _template(value) if isinstance(value, Mapping) else ""


def version_of(group: Group) -> str:
    """Return which version of its launch template a group launches from, as AWS has it."""
    value = group.settings.get(TEMPLATE)
    return str(value.get("Version") or "") if isinstance(value, Mapping) else ""

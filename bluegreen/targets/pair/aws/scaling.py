"""Scaling settings as AWS describes them, down to what can be written, and the metrics that they follow.

Which fields can be written is derived from botocore's service models: one that AWS adds is not lost in a copy. What
cannot be written again as it is told, since a member is left out that a write requires, is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from bluegreen.aws.answers import HINT, Incomplete, lacking, need
from bluegreen.aws.clients import Clients
from bluegreen.targets.pair.aws import queries
from bluegreen.targets.pair.aws.errors import permission
from bluegreen.targets.pair.aws.readings import Row
from bluegreen.targets.pair.aws.requests import AUTOSCALING, CLOUDWATCH
from bluegreen.targets.pair.aws.sender import Sender
from bluegreen.targets.pair.aws.surveying import refreshing
from bluegreen.targets.pair.model.copies import named
from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.more import Metric
from bluegreen.targets.pair.model.twins import ALARM, Names, alarms_of, owned_alarms


@frozen
class SettingCalls:
    """By which action settings of one sort are ``asked`` for, what ``puts`` one, and what else it is known by."""

    service: str
    asked: str
    puts: str
    known: tuple[str, ...]


POLICIES = SettingCalls(AUTOSCALING, "autoscaling:DescribePolicies", "PutScalingPolicy", ("PolicyARN", "Alarms"))
SCHEDULES = SettingCalls(
    AUTOSCALING, "autoscaling:DescribeScheduledActions", "PutScheduledUpdateGroupAction", ("ScheduledActionARN",)
)
ALARMS = SettingCalls(CLOUDWATCH, "cloudwatch:DescribeAlarms", "PutMetricAlarm", ("AlarmArn", "StateValue"))
GROUP = "AutoScalingGroupName"
HOOKS = "autoscaling:DescribeLifecycleHooks"

TYPES = {
    "StepAdjustments": "StepScaling",
    "TargetTrackingConfiguration": "TargetTrackingScaling",
    "PredictiveScalingConfiguration": "PredictiveScaling",
}
"""What a policy is by what it has; without any of these it is simple (botocore model, PutScalingPolicy)."""

BOTH_KINDS = ("MetricAlarms", "CompositeAlarms")


@frozen
class ScalingReader:
    """Reads what makes groups scale, with as few calls as there are lists."""

    clients: Clients
    sender: Sender

    def read(self, groups: tuple[str, ...], *, tagged: bool = False) -> dict[str, Scaling]:
        """Return the settings of ``groups`` by name: policies, scheduled actions, and the alarms of the policies.

        With ``tagged``, the owner's alarms come with their tags, one call each.
        """
        found = dict(zip(groups, self.sender.each(self._of, groups), strict=True))
        alarms = self._alarms(found.values())
        return {name: self._with_alarms(one, alarms, tagged) for name, one in found.items()}

    def whole(self, groups: tuple[str, str]) -> dict[str, Scaling]:
        """Return all that is compared of both groups, and the tags of the owner's alarms."""
        found, rows = self.read(groups, tagged=True), self.sender.rows
        return {
            name: evolve(
                one,
                hooks=self.hooks(name),
                refreshing=refreshing(rows([queries.refreshes(name)], "InstanceRefreshes")),
            )
            for name, one in found.items()
        }

    def hooks(self, group: str) -> tuple[Row, ...]:
        """Return a group's lifecycle hooks."""
        return tuple(map(_hook, self.sender.rows([queries.hooks(group)], "LifecycleHooks")))

    def notifications(self, groups: Iterable[str]) -> dict[str, tuple[Row, ...]]:
        """Return of which events groups send notifications, and to which topics: worth knowing, and no more."""
        rows = self.sender.rows
        return {name: rows([queries.notifications(name)], "NotificationConfigurations") for name in groups}

    def taken(self, settings: Mapping[str, Scaling]) -> frozenset[str]:
        """Return which names there are already that copies of one group's alarms would have on the other one."""
        one, other = settings
        both = ((one, other), (other, one))
        copies = {copy for ours, theirs in both for copy in named(settings[ours], Names(ours, theirs)).alarms}
        pages = [page for call in queries.alarms(tuple(sorted(copies))) for page in self.sender.read(call)]
        rows = (row for page in pages for kind in BOTH_KINDS for row in page.get(kind) or ())
        return frozenset(need(row, ALARM, ALARMS.asked) for row in rows)

    def composites(self, settings: Iterable[Scaling]) -> dict[str, str]:
        """Return the rules of all composite alarms by name, if there are alarms that they might name."""
        if not any(map(owned_alarms, settings)):
            return {}
        rows = (row for page in self.sender.read(queries.composites()) for row in page.get("CompositeAlarms") or ())
        return {need(row, ALARM, ALARMS.asked): row.get("AlarmRule", "") for row in rows}

    def metrics(self, wanted: tuple[Metric, ...], until: float) -> dict[Metric, dict[float, float]]:
        """Return values by the POSIX second at which each one's minute began; a metric without data has none."""
        found: dict[Metric, dict[float, float]] = {metric: {} for metric in wanted}
        by_id = {f"m{number}": values for number, values in enumerate(found.values())}
        for row in self.sender.rows([queries.metrics(wanted, until)], "MetricDataResults") if wanted else ():
            minutes = [moment.timestamp() for moment in row.get("Timestamps") or ()]
            by_id.get(row.get("Id", ""), {}).update(zip(minutes, row.get("Values") or (), strict=False))
        return found

    def _of(self, group: str) -> Scaling:
        policies = self.sender.rows([queries.policies(group)], "ScalingPolicies")
        schedules = self.sender.rows([queries.schedules(group)], "ScheduledUpdateGroupActions")
        return Scaling(self._trimmed(POLICIES, map(_typed, policies)), self._trimmed(SCHEDULES, schedules))

    def _alarms(self, settings: Iterable[Scaling]) -> Mapping[str, Row]:
        names = {name for one in settings for policy in one.policies for name in alarms_of(policy)}
        rows = self.sender.rows(queries.alarms(tuple(sorted(names))), "MetricAlarms")
        return {str(row[ALARM]): row for row in self._trimmed(ALARMS, rows)}

    def _with_alarms(self, settings: Scaling, alarms: Mapping[str, Row], tagged: bool) -> Scaling:
        names = sorted({name for policy in settings.policies for name in alarms_of(policy)} & alarms.keys())
        found = evolve(settings, alarms=tuple(alarms[name] for name in names))
        owned = [str(alarm[ALARM]) for alarm in owned_alarms(found)] if tagged else []
        tags = dict(zip(owned, self.sender.each(lambda name: self._tags(alarms[name]), owned), strict=True))
        return evolve(found, alarms=tuple(_tagged(alarm, tags.get(str(alarm[ALARM]))) for alarm in found.alarms))

    def _tags(self, alarm: Row) -> list[Row]:
        """Return the tags that can be copied; those of AWS itself cannot be written (CloudWatch API, Tag).

        Whether CloudWatch leaves out a list without tags is not known: it is taken for one.
        """
        call = queries.alarm_tags(str(alarm["AlarmArn"]))
        rows = [row for page in self.sender.read(call) for row in page.get("Tags") or ()]
        asked = permission(call)
        return [row for row in rows if not need(row, "Key", asked).startswith("aws:") and row.get("Value") is not None]

    def _trimmed(self, kind: SettingCalls, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Return rows with nothing that nobody can write; a schedule's ``Time`` is ``StartTime`` by its old name.

        Raise ``Unreachable`` for one that lacks what it is known by, or what a write of it requires.
        """
        rows = tuple(rows)
        if not rows:
            return ()
        shape = self.clients.client(kind.service).meta.service_model.operation_model(kind.puts).input_shape
        kept = (frozenset(shape.members) | set(kind.known)) - {"Time"}
        found = tuple({key: value for key, value in row.items() if key in kept} for row in rows)
        for row in found:
            for name in kind.known:
                need(row, name, kind.asked)
            if missing := lacking(shape, {GROUP: "known from the question", **row}):
                raise Incomplete(f"AWS's answer to {kind.asked} has no {missing}", HINT)
        return found


def _typed(policy: Row) -> Row:
    """Return a policy with its type, where that is left out; the alarms that make it act are all named."""
    for alarm in policy.get("Alarms") or ():
        need(alarm, ALARM, POLICIES.asked)
    found = next((kind for member, kind in TYPES.items() if policy.get(member)), "SimpleScaling")
    return policy if policy.get("PolicyType") else {**policy, "PolicyType": found}


def _hook(row: Row) -> Row:
    for name in ("LifecycleHookName", "LifecycleTransition"):
        need(row, name, HOOKS)
    return row


def _tagged(alarm: Mapping[str, object], tags: list[Row] | None) -> Mapping[str, object]:
    return {**alarm, "Tags": tags} if tags else alarm

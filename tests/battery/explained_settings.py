"""What the record must say before a policy, an alarm or a scheduled action is put onto a group, or taken off it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MOVE, ROLLBACK, Release

SUFFIX = "-bluegreen"
POLICY, ALARM, SCHEDULE = "PolicyName", "AlarmName", "ScheduledActionName"

SETTINGS: dict[str, tuple[bool, str]] = {
    "autoscaling:PutScalingPolicy": (True, POLICY),
    "autoscaling:BatchPutScheduledUpdateGroupAction": (True, SCHEDULE),
    "cloudwatch:PutMetricAlarm": (True, ALARM),
    "autoscaling:DeletePolicy": (False, POLICY),
    "autoscaling:BatchDeleteScheduledAction": (False, SCHEDULE),
    "cloudwatch:DeleteAlarms": (False, ALARM),
}
"""By IAM action, whether it puts something there, and what that is called by."""


def unexplained_setting(call: Call, release: Release, sim: Simulator) -> str:
    """Return what the record, or old as it is now, does not explain about a write of settings."""
    puts, kind = SETTINGS[call.action]
    asked = call.parameters
    moved = Moved(release, sim)
    if release.way != MOVE:
        return "settings are written in a release that moves none"
    if puts and kind == ALARM:
        return moved.alarm(asked)
    if kind == ALARM:
        return moved.deleted(asked["AlarmNames"])
    names = list(_names(asked, kind))
    group = asked["AutoScalingGroupName"]
    return moved.put(group, kind, names) if puts else moved.removed(group, kind, names)


def _names(asked: Mapping[str, Any], kind: str) -> Iterator[str]:
    if kind == POLICY:
        yield asked[POLICY]
    yield from (row[SCHEDULE] for row in asked.get("ScheduledUpdateGroupActions", ()))
    yield from asked.get("ScheduledActionNames", ())


@frozen
class Moved:
    """One release that moves settings, and the truth: what may be put, where, and what may be removed."""

    release: Release
    sim: Simulator

    def put(self, group: str, kind: str, names: list[str]) -> str:
        """Return what is wrong with putting policies or schedules onto ``group``."""
        return self._strange(names, self.known(group, kind), "put") or self._putting(group)

    def removed(self, group: str, kind: str, names: list[str]) -> str:
        """Return what is wrong with taking them off ``group``."""
        return self._strange(names, self.known(group, kind), "removed") or self._removing(group)

    def alarm(self, asked: Mapping[str, Any]) -> str:
        """Return what is wrong with putting an alarm: it acts for one group, from whose point of view it is named."""
        text = str(asked["AlarmActions"])
        acting = [name for name in (self.release.old, self.release.new) if f"autoScalingGroupName/{name}:" in text]
        if len(acting) != 1:
            return f"{asked[ALARM]} acts for {' and '.join(acting) or 'nobody'}"
        return self.put(acting[0], ALARM, [asked[ALARM]])

    def deleted(self, names: list[str]) -> str:
        """Return what is wrong with deleting alarms: old's in a finish, the copies in a rollback."""
        group = self.release.old if self.release.goal == FINISH else self.release.new
        return self.removed(group, ALARM, names)

    def known(self, group: str, kind: str) -> set[str]:
        """Return what settings of the service are called on ``group``."""
        old = self.release.picture.old
        rows = {POLICY: old.policies, SCHEDULE: old.schedules, ALARM: old.alarms}[kind]
        names = {str(row[kind]) for row in rows} | self._there(self.release.old, kind)
        if group == self.release.new:
            return {copy for name in names for copy in self._copies(name, kind)}
        since = {copy for name in self._there(self.release.new, kind) for copy in self._copies(name, kind)}
        return names | since

    def _copies(self, name: str, kind: str) -> set[str]:
        one, other = self.release.old, self.release.new
        if one in name or other in name:
            return {name.replace(one, "\0").replace(other, one).replace("\0", other)}
        if kind != ALARM:
            return {name}
        return {name.removesuffix(SUFFIX) if name.endswith(SUFFIX) else name + SUFFIX}

    def _there(self, group: str, kind: str) -> set[str]:
        """Return what a group has at this moment."""
        alarms, found = self.sim.alarms, self.sim.groups[group]
        if kind == ALARM:
            return {name for name, row in alarms.items() if f"autoScalingGroupName/{group}:" in str(row)}
        return set(found.policies if kind == POLICY else found.schedules)

    def _putting(self, group: str) -> str:
        release = self.release
        if group == release.new and release.goal == DEPLOY and not release.passed("moved"):
            return ""
        if group == release.old and release.goal == ROLLBACK and release.passed("retiring"):
            return ""
        return f"nothing is to be put onto {group} in this {release.goal}"

    def _removing(self, group: str) -> str:
        release = self.release
        if group == release.old and release.goal == FINISH and release.passed("retiring"):
            return ""
        if group == release.new and release.goal == ROLLBACK and release.passed("back"):
            return ""
        return f"nothing is to be taken off {group} in this {release.goal}"

    @staticmethod
    def _strange(names: list[str], known: set[str], done: str) -> str:
        strange = [name for name in names if name not in known]
        return f"{done}, and none of the service's: {', '.join(strange)}" if strange else ""

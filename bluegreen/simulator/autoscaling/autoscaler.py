"""What a group's policies do when their alarms fire: once a minute, where there is load.

Sources: Auto Scaling user guide ("Dynamic scaling": of several policies the largest capacity wins; target tracking
scales in only when all of its policies are ready; no scale-in by a policy while instances warm up; "Scaling
cooldowns"; "Suspend and resume processes"), CloudWatch user guide ("Alarm actions": for Auto Scaling, once a minute
for as long as the state lasts).
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from ..cloudwatch.alarms import ALARM_SET
from ..cloudwatch.evaluation import ALARM
from ..cloudwatch.metrics import latest
from ..cloudwatch.minutes import ALARMS_EVALUATED, evaluate, live
from ..cloudwatch.records import Record
from ..cloudwatch.state import CLOUDWATCH
from ..core.world import World
from .capacity import resize
from .launching import UNSET
from .metrics import taken_over
from .scaling import adjusted, needed, step_for
from .signals import ALARMS_RESUMED, POLICY_PUT
from .state import AUTOSCALING, SCALE_IN, Group

ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
SCALING = ("Launching", "Terminating")


@frozen
class Proposal:
    """The size that a policy wants, and the alarm that asked it."""

    size: int
    alarm: Record
    policy: Record


def act(world: World, group: Group, alarms: Iterable[Record]) -> None:
    """Let the group's policies act on ``alarms``, within its bounds; the largest proposal wins."""
    if group.suspends("AlarmNotification") or group.deleting or not group.policies:
        return
    policies = {policy["PolicyARN"]: policy for policy in group.policies.values() if policy["Enabled"]}
    proposals = [proposal for alarm in alarms for proposal in _proposals(world, group, alarm, policies)]
    if proposals:
        _grant(world, group, max(proposals, key=lambda proposal: proposal.size))


def _proposals(world: World, group: Group, alarm: Record, policies: dict[str, Record]) -> Iterable[Proposal]:
    for arn in alarm[ACTIONS[alarm["StateValue"]]] if alarm["ActionsEnabled"] else ():
        size = _wanted(world, group, policies[arn], alarm) if arn in policies else None
        if size is not None:
            yield Proposal(min(max(size, group.minimum), group.maximum), alarm, policies[arn])


def _grant(world: World, group: Group, proposal: Proposal) -> None:
    """Set the desired capacity (the sentence: public reports); what it launches warms up as its policy says."""
    if proposal.size == group.desired:
        return
    alarm, name = proposal.alarm, proposal.policy["PolicyName"]
    why = f"a monitor alarm {alarm['AlarmName']} in state {alarm['StateValue']} triggered policy {name}"
    resize(world, group, proposal.size, why)
    if proposal.policy["PolicyType"] == "SimpleScaling":
        group.cooldown = float(proposal.policy.get("Cooldown", group.settings["DefaultCooldown"]))
    else:
        group.warmup = _warmup(group, proposal.policy)


def _warmup(group: Group, policy: Record) -> float:
    """Return how long a policy's instances warm up: its own time, the group's, or the cooldown (botocore model)."""
    groups = group.settings.get("DefaultInstanceWarmup", UNSET)
    fallback = groups if groups != UNSET else group.settings["DefaultCooldown"]
    return float(policy.get("EstimatedInstanceWarmup", fallback))


def _wanted(world: World, group: Group, policy: Record, alarm: Record) -> int | None:
    """Return the size that a policy wants, ``None`` where it does not act."""
    if policy["PolicyType"] == "SimpleScaling":
        return None if _cools(world, group) else adjusted(group.desired, policy, policy["ScalingAdjustment"])
    metric = latest(world, alarm)
    if metric is None:
        return None
    if policy["PolicyType"] == "StepScaling":
        return _stepped(world, group, policy, alarm, metric)
    return _tracked(world, group, policy, alarm, metric) if policy["PolicyType"] == "TargetTrackingScaling" else None


def _cools(world: World, group: Group) -> bool:
    """Whether a simple policy must wait: an activity is under way, or the cooldown after the last is not over."""
    mine = [activity for activity in group.activities.values() if activity.description.startswith(SCALING)]
    if any(activity.end is None for activity in mine):
        return True
    last = max([group.last_scaled or 0.0, *(activity.end or 0.0 for activity in mine)])
    return world.time < last + group.cooldown


def warming(world: World, group: Group) -> int:
    """Return how many members are warming up."""
    return sum(member.warming(world.time) for member in group.members.values())


def _stepped(world: World, group: Group, policy: Record, alarm: Record, metric: float) -> int | None:
    """Return what a step gives of the warm capacity; what is warming up counts towards it, and forbids less."""
    above = alarm["ComparisonOperator"].startswith("Greater")
    adjustment = step_for(policy, metric - alarm["Threshold"], above)
    young = warming(world, group)
    size = adjusted(group.desired - young, policy, adjustment) if adjustment is not None else group.desired
    return size if size > group.desired or (size < group.desired and not young) else None


def _tracked(world: World, group: Group, policy: Record, alarm: Record, metric: float) -> int | None:
    """Return what target tracking wants: more at once, in proportion; less a part at a time, when all is ready."""
    size = needed(metric, taken_over(world, group, alarm), policy["TargetTrackingConfiguration"]["TargetValue"])
    if alarm["ComparisonOperator"].startswith("Greater"):
        return size if size > group.desired else None
    if _narrows(policy) and not warming(world, group) and _all_ready(world, group):
        size = max(size, group.desired - max(1, int(group.desired * world.options[SCALE_IN])))
        return size if size < group.desired else None
    return None


def _narrows(policy: Record) -> bool:
    """Whether a policy is at work, tracks a target, and may scale in."""
    tracking = policy.get("TargetTrackingConfiguration", {"DisableScaleIn": True})
    return policy["Enabled"] and not tracking.get("DisableScaleIn", False)


def _all_ready(world: World, group: Group) -> bool:
    """Whether the low alarm of every target tracking policy that may scale in fires."""
    lows = [policy["Alarms"][1]["AlarmName"] for policy in group.policies.values() if _narrows(policy)]
    return all(
        world[CLOUDWATCH].alarms[name]["StateValue"] == ALARM for name in lows if name in world[CLOUDWATCH].alarms
    )


@ALARMS_EVALUATED.reaction
def act_everywhere(world: World, alarms: list[Record]) -> None:
    """Let every group act, once a minute."""
    for group in world[AUTOSCALING].groups.values():
        act(world, group, alarms)


@ALARMS_RESUMED.reaction
def act_on_all(world: World, group: Group) -> None:
    """Act at once on alarms that are in breach already (user guide: suspend and resume)."""
    if live(world):
        act(world, group, list(world[CLOUDWATCH].alarms.values()))


@ALARM_SET.reaction
def act_on(world: World, alarm: Record) -> None:
    """Act on an alarm that somebody has set."""
    for group in world[AUTOSCALING].groups.values() if live(world) else ():
        act(world, group, [alarm])


@POLICY_PUT.reaction
def begin_to_track(world: World, group: Group, policy: Record) -> None:
    """Evaluate a new target tracking policy's alarms at once, and act on them."""
    alarms = [world[CLOUDWATCH].alarms[each["AlarmName"]] for each in policy["Alarms"]] if live(world) else []
    for alarm in alarms:
        evaluate(world, alarm)
    act(world, group, alarms)

"""What the record must say before a write: one small function per operation that the tool may use.

Each is handed the call's parameters and the record, and returns what is not explained, or nothing. An operation
without a row here is never explained: whoever teaches the tool a new write adds its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bluegreen.record.document import Document
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.model.fleet import AUTOSCALER, REBALANCE
from bluegreen.targets.pair.model.release import MARK, Release
from tests.battery.explained_settings import SETTINGS, unexplained_setting

Parameters = Mapping[str, Any]
Check = Callable[[Parameters, Release], str]
EXPLAINS: dict[str, Check] = {}


def explains(action: str) -> Callable[[Check], Check]:
    """Register the decorated function as the judge of ``action`` (``autoscaling:EnterStandby``)."""

    def register(check: Check) -> Check:
        EXPLAINS[action] = check
        return check

    return register


def unexplained(call: Call, document: Document | None, sim: Simulator) -> str:
    """Return what the record does not explain about a write to ``sim``, or nothing."""
    release = None if document is None else document.release
    if call.action == "ec2:TerminateInstances":
        listed = release.retire if release else ()
        return _strange(call.parameters["InstanceIds"], listed, "no release lists")
    if release is None and call.action == "autoscaling:CreateOrUpdateTags":
        return _adopting(call.parameters)
    if release is None:
        return f"{call.action} without a release on record"
    if call.action in SETTINGS:
        return unexplained_setting(call, release, sim)
    check = EXPLAINS.get(call.action)
    return f"{call.action} is none of the tool's writes" if check is None else check(call.parameters, release)


def _adopting(asked: Parameters) -> str:
    """Whoever adopts says so in the tags first, so that the record that knew the release stops."""
    ours = all(tag["Key"].startswith("bluegreen:") for tag in asked["Tags"])
    return "" if ours else f"tags without a release on record: {asked['Tags']}"


def _strange(ids: list[str], known: Any, sentence: str) -> str:
    strange = [i for i in ids if i not in known]
    return f"{sentence} {', '.join(strange)}" if strange else ""


@explains("autoscaling:UpdateAutoScalingGroup")
def _resize(asked: Parameters, release: Release) -> str:
    name = asked["AutoScalingGroupName"]
    if "DesiredCapacity" in asked:
        return f"desired capacity of {name} is written"
    for parameter, attribute in (("MinSize", "min"), ("MaxSize", "max")):
        if parameter in asked and asked[parameter] not in release.known(name, attribute):
            return f"the record does not know {attribute} {asked[parameter]} of {name}"
    return ""


@explains("autoscaling:EnterStandby")
def _enter(asked: Parameters, release: Release) -> str:
    if asked["AutoScalingGroupName"] != release.old or not asked["ShouldDecrementDesiredCapacity"]:
        return f"EnterStandby of {asked}"
    return _strange(asked["InstanceIds"], release.leaving, "nobody told to leave:")


@explains("autoscaling:ExitStandby")
def _exit(asked: Parameters, release: Release) -> str:
    return _strange(asked["InstanceIds"], release.returning, "nobody told to return:")


@explains("autoscaling:DetachInstances")
def _detach(asked: Parameters, release: Release) -> str:
    if asked["AutoScalingGroupName"] != release.old or asked["ShouldDecrementDesiredCapacity"]:
        return f"DetachInstances of {asked}"
    return _strange(asked["InstanceIds"], release.retire, "not to be retired:")


@explains("autoscaling:SuspendProcesses")
@explains("autoscaling:ResumeProcesses")
def _processes(asked: Parameters, release: Release) -> str:
    picture = release.picture.old.suspended | release.picture.new.suspended
    known = AUTOSCALER | {REBALANCE} | picture | release.processes.keys()
    return _strange(asked["ScalingProcesses"], known, "processes that are not ours:")


@explains("autoscaling:CreateOrUpdateTags")
def _tag(asked: Parameters, release: Release) -> str:
    for tag in asked["Tags"]:
        known = (release.image, release.picture.old.image, release.picture.new.image)
        if tag["Key"] == release.terms.image_tag_key and tag["Value"] not in known:
            return f"the record knows no image {tag['Value']}"
        if tag["Key"] != release.terms.image_tag_key and not tag["Key"].startswith("bluegreen:"):
            return f"the tag {tag['Key']} is not ours"
    return ""


@explains("autoscaling:DeleteTags")
def _untag(asked: Parameters, release: Release) -> str:
    ours = [t["Key"] == release.terms.image_tag_key or t["Key"].startswith("bluegreen:") for t in asked["Tags"]]
    return "" if all(ours) else f"tags that are not ours: {asked['Tags']}"


@explains("ec2:CreateTags")
def _mark(asked: Parameters, release: Release) -> str:
    if [tag["Key"] for tag in asked["Tags"]] != [MARK]:
        return f"marks that are not ours: {asked['Tags']}"
    return _strange(asked["Resources"], release.retire, "not to be retired:")


@explains("ec2:DeleteTags")
def _unmark(asked: Parameters, _: Release) -> str:
    return "" if [tag["Key"] for tag in asked["Tags"]] == [MARK] else f"marks that are not ours: {asked['Tags']}"


@explains("elasticloadbalancing:RegisterTargets")
def _register(asked: Parameters, release: Release) -> str:
    told = release.leaving | release.returning
    return _strange([target["Id"] for target in asked["Targets"]], told, "never taken out:")


@explains("elasticloadbalancing:RegisterInstancesWithLoadBalancer")
def _register_classic(asked: Parameters, release: Release) -> str:
    told = release.leaving | release.returning
    return _strange([target["InstanceId"] for target in asked["Instances"]], told, "never taken out:")


@explains("autoscaling:SetInstanceProtection")
def _unprotect(asked: Parameters, release: Release) -> str:
    fits = asked["AutoScalingGroupName"] == release.new and not asked["ProtectedFromScaleIn"]
    return "" if fits else f"SetInstanceProtection of {asked}"

"""What a user does to single members of a group: detach, attach, end, protect, declare unhealthy.

Sources: botocore model; Auto Scaling user guide ("Detach or attach instances"); sentences: public reports.
"""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid, unknown_to_the_model
from ..core.operations import operation
from ..core.paging import limit
from ..core.world import World
from ..ec2.lookup import machines_of
from ..ec2.state import EC2
from . import health, leaving
from .activities import begin
from .launching import REGISTRATION, arrive, join
from .lookup import group_named, living_group_of, member_of, members_of
from .registration import register_everywhere
from .signals import CAPACITY
from .standby import BATCH, chosen, results, sizes_forbid
from .state import Group, Member


@operation("autoscaling", "DetachInstances", "InstanceIds AutoScalingGroupName ShouldDecrementDesiredCapacity")
def detach(world: World, request: Request) -> Result:
    """Let instances leave the group and live on, drained first.

    A detached Standby instance leaves desired capacity alone; to decrement for one has no documented result other
    than a warning (user guide), so the model refuses it.
    """
    group = living_group_of(world, request)
    members = chosen(group, request, ("InService", "Standby"))
    decrement = request["ShouldDecrementDesiredCapacity"]
    if decrement and any(member.state == "Standby" for member in members):
        raise unknown_to_the_model("what DetachInstances from Standby with decrement does")
    if decrement and group.desired - len(members) < group.minimum:
        raise sizes_forbid(group, len(members), "detach")
    ids = [_detach(world, group, member, decrement) for member in members]
    return {"Activities": results(world, group, ids)}


def _detach(world: World, group: Group, member: Member, decrement: bool) -> str:
    cause = f"instance {member.id} was detached in response to a user request"
    if decrement:
        cause += f", shrinking the capacity from {group.desired} to {group.desired - 1}"
        group.desired -= 1
    return leaving.detach(world, group, member, f"{cause}.")


@operation("autoscaling", "AttachInstances", "InstanceIds AutoScalingGroupName")
def attach(world: World, request: Request) -> Result:
    """Take running instances of no group in; desired rises by as many (botocore model)."""
    group = living_group_of(world, request)
    ids = request.get("InstanceIds", [])
    limit(ids, BATCH, "instance ids")
    for machine in machines_of(world, ids):
        if machine.id in world[EC2].owners:
            raise invalid(f"Instance {machine.id} is already part of an AutoScalingGroup.")
        if machine.state != "running" or machine.zone not in group.zones:
            raise invalid(f"Instance {machine.id} is not in correct state.")
    if group.suspends("Launch"):
        raise invalid(f"The Launch process of AutoScalingGroup {group.name} is suspended.")
    if group.desired + len(ids) > group.maximum:
        raise sizes_forbid(group, len(ids), "attach")
    for instance in ids:
        _attach(world, group, instance)
    return {}


def _attach(world: World, group: Group, instance: str) -> None:
    machine = world[EC2].machines[instance]
    machine.tags["aws:autoscaling:groupName"] = group.name
    cause = (
        f"an instance was attached in response to a user request, increasing the capacity from {group.desired} to "
        f"{group.desired + 1}."
    )
    group.desired += 1
    activity = begin(
        world, group, f"Attaching an existing EC2 instance: {instance}", cause, machine.zone, "PreInService"
    )
    joining = Member(instance, machine.zone, activity=activity, type=machine.type, launched=machine.launched)
    join(world, group, joining)
    register_everywhere(world, group, instance)
    world.later(REGISTRATION, arrive, instance)


@operation(
    "autoscaling",
    "TerminateInstanceInAutoScalingGroup",
    "InstanceId InstanceIds AutoScalingGroupName ShouldDecrementDesiredCapacity",
)
def end_members(world: World, request: Request) -> Result:
    """End members by the group's own way; what it does to Standby ones is *unknown*, so they are refused."""
    several = "InstanceIds" in request
    ids = request["InstanceIds"] if several else [request["InstanceId"]]
    limit(ids, 100, "instance ids")
    group, members = _members_to_end(world, request, ids)
    decrement = request["ShouldDecrementDesiredCapacity"]
    if decrement and group.desired - len(members) < group.minimum:
        raise invalid(
            f"Currently, desiredSize equals minSize ({group.minimum}). Terminating instance without replacement will "
            "violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower "
            "group's min size."
        )
    activities = results(world, group, [_end(world, group, member, decrement) for member in members])
    return {"Activities": activities} if several else {"Activity": activities[0]}


def _members_to_end(world: World, request: Request, ids: list[str]) -> tuple[Group, list[Member]]:
    for instance in ids:
        if instance not in world[EC2].owners:
            raise invalid(f"Instance Id not found - No managed instance found for instance ID: {instance}")
    group = group_named(world, request.get("AutoScalingGroupName", world[EC2].owners[ids[0]]))
    members = members_of(group, ids)
    if any(member.state in ("Standby", "EnteringStandby") for member in members):
        raise unknown_to_the_model("what TerminateInstanceInAutoScalingGroup does to an instance in Standby")
    if any(
        member.state in ("Detaching", "Terminating", "Terminating:Wait", "Terminating:Proceed") for member in members
    ):
        raise AwsError("ScalingActivityInProgress", "An activity of the instance is in progress and blocks this action")
    return group, members


def _end(world: World, group: Group, member: Member, decrement: bool) -> str:
    cause = f"instance {member.id} was taken out of service in response to a user request"
    if decrement:
        cause += f", shrinking the capacity from {group.desired} to {group.desired - 1}"
        group.desired -= 1
    member.hooks.clear()
    if member.state == "Terminating:Retained":
        leaving.let_go(world, group, member)
        return member.activity
    return leaving.terminate(world, group, member, f"{cause}.")


@operation("autoscaling", "SetInstanceProtection", "InstanceIds AutoScalingGroupName ProtectedFromScaleIn")
def protect(world: World, request: Request) -> Result:
    """Protect members from scale-in, or no longer; 50 in a call (botocore model)."""
    group = living_group_of(world, request)
    if len(request["InstanceIds"]) > 50:
        raise AwsError("LimitExceeded", "The number of instance ids that may be passed in is limited to 50")
    members = members_of(group, request["InstanceIds"])
    for member in members:
        if member.state not in ("InService", "EnteringStandby", "Standby"):
            raise invalid(f"The instance {member.id} is not in InService or EnteringStandby or Standby.")
    for member in members:
        member.protected = request["ProtectedFromScaleIn"]
    CAPACITY.send(world, group.name)
    return {}


@operation("autoscaling", "SetInstanceHealth", "InstanceId HealthStatus ShouldRespectGracePeriod")
def set_health(world: World, request: Request) -> Result:
    """Declare a member healthy or not; an unhealthy one in service is replaced (user guide: custom health checks)."""
    found = member_of(world, request["InstanceId"])
    if found is None:
        raise invalid(f"Instance Id not found - No managed instance found for instance ID: {request['InstanceId']}")
    group, member = found
    status = request["HealthStatus"]
    if status not in ("Healthy", "Unhealthy"):
        raise invalid("Valid instance health states are: [Healthy, Unhealthy].")
    if status == "Unhealthy" and request.get("ShouldRespectGracePeriod", True) and world.time < member.grace_until:
        return {}
    if member.state == "InService":
        member.health = status
    if member.health == "Unhealthy":
        health.replace(world, group, member, health.USER)
    return {}

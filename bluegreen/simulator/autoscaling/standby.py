"""EnterStandby and ExitStandby, and what the group does between.

Sources: Auto Scaling user guide ("Temporarily remove instances"), botocore model, public reports for the sentences.
"""

from __future__ import annotations

from typing import Any

from ..core.calls import Request, Result
from ..core.errors import invalid
from ..core.operations import operation
from ..core.paging import limit
from ..core.world import World
from ..elb.balancing import DRAINED, REGISTERED_AGAIN, deregister
from ..elb.state import ELB
from .activities import begin, end, find, shown
from .launching import enter_service
from .lookup import living_group_of, member_of, members_of
from .registration import deregister_everywhere, draining
from .signals import CAPACITY
from .state import BRIDGE, STANDBY, Group, Member

BATCH = 20


def chosen(group: Group, request: Request, states: tuple[str, ...]) -> list[Member]:
    """Return the members that the request names, all in one of ``states``, or refuse the whole batch."""
    ids = request.get("InstanceIds", [])
    if not ids:
        raise invalid("At least one instance ID must be specified.")
    limit(ids, BATCH, "instance ids")
    members = members_of(group, ids)
    for member in members:
        if member.state not in states:
            raise invalid(f"The instance {member.id} is not in {' or '.join(states)}.")
    return members


def sizes_forbid(group: Group, count: int, what: str) -> Exception:
    """Return the refusal of a move that the group's sizes do not allow (the sentence: a public report, June 2025)."""
    return invalid(
        f"AutoScalingGroup {group.name} has min-size={group.minimum}, max-size={group.maximum}, and "
        f"desired-size={group.desired}. To {what} {count} instance{'s' if count > 1 else ''}, please update the "
        "AutoScalingGroup sizes appropriately."
    )


def results(world: World, group: Group, ids: list[str]) -> list[dict[str, Any]]:
    """Return the activities in AWS's shape."""
    return [shown(world, activity) for activity in (find(group, identifier) for identifier in ids) if activity]


@operation("autoscaling", "EnterStandby", "InstanceIds AutoScalingGroupName ShouldDecrementDesiredCapacity")
def enter(world: World, request: Request) -> Result:
    """Move InService instances out of service; the whole batch or nothing."""
    group = living_group_of(world, request)
    members = chosen(group, request, ("InService",))
    decrement = request["ShouldDecrementDesiredCapacity"]
    if decrement and group.desired - len(members) < group.minimum:
        raise sizes_forbid(group, len(members), "place into standby")
    ids = [_begin(world, group, member, decrement) for member in members]
    CAPACITY.send(world, group.name)
    return {"Activities": results(world, group, ids)}


def _begin(world: World, group: Group, member: Member, decrement: bool) -> str:
    cause = f"instance {member.id} was moved to standby in response to a user request"
    if decrement:
        cause += f", shrinking the capacity from {group.desired} to {group.desired - 1}"
        group.desired -= 1
    member.state = "EnteringStandby"
    member.activity = begin(world, group, f"Moving EC2 instance to Standby: {member.id}", f"{cause}.", member.zone)
    deregister_everywhere(world, group, member.id)
    world.later(world.options[STANDBY], stand_by, member.id)
    return member.activity


@DRAINED.reaction
def stand_by(world: World, instance: str) -> None:
    """Let the instance be in Standby once no balancer of its group drains it."""
    found = member_of(world, instance)
    if found is None or found[1].state != "EnteringStandby" or draining(world, found[0], instance):
        return
    group, member = found
    if member.held_until <= world.time:
        member.state = "Standby"
        end(world, group, member.activity)


@REGISTERED_AGAIN.reaction
def bridged(world: World, instance: str, balancer: str, drains_until: float) -> None:
    """Carry on when an instance that was draining is registered again: what AWS does is *unknown*.

    Either the workflow completes, or it waits out the drain and deregisters the instance once more.
    """
    found = member_of(world, instance)
    if found is None or found[1].state != "EnteringStandby":
        return
    if world.options[BRIDGE] == "completes":
        world.later(world.options[STANDBY], stand_by, instance)
        return
    found[1].held_until = max(found[1].held_until, drains_until)
    world.later(drains_until - world.time, _deregister_again, instance, balancer)


def _deregister_again(world: World, instance: str, balancer: str) -> None:
    found = member_of(world, instance)
    if found is None or found[1].state != "EnteringStandby":
        return
    if balancer in world[ELB].balancers:
        deregister(world, world[ELB].balancers[balancer], instance)
    group, member = found
    if member.held_until <= world.time:
        member.state = "Standby"
        end(world, group, member.activity)


@operation("autoscaling", "ExitStandby", "InstanceIds AutoScalingGroupName")
def leave(world: World, request: Request) -> Result:
    """Move Standby instances back: Pending, registered, InService; refused while Launch is suspended (user guide)."""
    group = living_group_of(world, request)
    members = chosen(group, request, ("Standby",))
    if group.suspends("Launch"):
        raise invalid(f"The Launch process of AutoScalingGroup {group.name} is suspended.")
    if group.desired + len(members) > group.maximum:
        raise sizes_forbid(group, len(members), "move out of standby")
    ids = [_return(world, group, member) for member in members]
    CAPACITY.send(world, group.name)
    return {"Activities": results(world, group, ids)}


def _return(world: World, group: Group, member: Member) -> str:
    cause = (
        f"instance {member.id} was moved out of standby in response to a user request, increasing the capacity "
        f"from {group.desired} to {group.desired + 1}."
    )
    group.desired += 1
    member.state, member.health = "Pending", "Healthy"
    description = f"Moving EC2 instance out of Standby: {member.id}"
    member.activity = begin(world, group, description, cause, member.zone, "PreInService")
    world.later(world.options[STANDBY], _serve_again, member.id, member.activity)
    return member.activity


def _serve_again(world: World, instance: str, activity: str) -> None:
    found = member_of(world, instance)
    if found is not None and found[1].activity == activity and found[1].state == "Pending":
        enter_service(world, *found)

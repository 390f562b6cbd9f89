"""How an instance leaves its group: terminated after draining and hooks, or detached after draining.

Sources: Auto Scaling user guide ("Instance lifecycle", "Detach instances"), ELB user guides (deregistration delay).
That the terminating hooks come after the drain is *unknown*.
"""

from __future__ import annotations

from ..core.world import World
from ..ec2 import machines
from ..ec2.state import EC2, SHUT_DOWN
from ..elb.balancing import DRAINED, REGISTERED_AGAIN
from .activities import begin, end, now_is
from .launching import wait_for_hooks
from .lookup import member_of
from .registration import deregister_everywhere, draining
from .signals import ABANDONED, CAPACITY, LET_GO
from .state import RETRY, STANDBY, Group, Member


def terminate(world: World, group: Group, member: Member, cause: str, *, because: str = "") -> str:
    """Let an instance leave by the group's own way, drained; return the activity's id."""
    member.state = "Terminating"
    description = f"Terminating EC2 instance: {member.id}"
    member.activity = begin(world, group, description, cause, member.zone, because=because)
    deregister_everywhere(world, group, member.id)
    if draining(world, group, member.id):
        now_is(group, member.activity, "WaitingForELBConnectionDraining")
    world.later(0.0, proceed, member.id)
    CAPACITY.send(world, group.name)
    return member.activity


def detach(world: World, group: Group, member: Member, cause: str) -> str:
    """Let an instance leave the group and live on; return the activity's id."""
    member.state = "Detaching"
    member.activity = begin(world, group, f"Detaching EC2 instance: {member.id}", cause, member.zone)
    deregister_everywhere(world, group, member.id)
    world.later(world.options[STANDBY], proceed, member.id)
    CAPACITY.send(world, group.name)
    return member.activity


@DRAINED.reaction
def proceed(world: World, instance: str) -> None:
    """Carry on with a leaving instance, once every balancer of its group has drained it."""
    found = member_of(world, instance)
    if found is None or draining(world, found[0], instance):
        return
    group, member = found
    if member.state == "Detaching":
        _part(world, group, member)
        world[EC2].machines[instance].tags.pop("aws:autoscaling:groupName", None)
    elif member.state == "Terminating" and not wait_for_hooks(
        world, group, member, "autoscaling:EC2_INSTANCE_TERMINATING"
    ):
        let_go(world, group, member)


@REGISTERED_AGAIN.reaction
def registered_again(world: World, instance: str, _: str, __: float) -> None:
    """Let the group's workflow see that nothing drains any more (*unknown*)."""
    proceed(world, instance)


@LET_GO.reaction
def let_go(world: World, group: Group, member: Member) -> None:
    """End the instance."""
    member.state = "Terminating:Proceed"
    machines.terminate(world, member.id, group.name)
    world.later(world.options[SHUT_DOWN], _gone, member.id, member.activity)


@ABANDONED.reaction
def abandon(world: World, group: Group, member: Member) -> None:
    """End an instance whose launch hook was abandoned; the group tries another (user guide: lifecycle hooks)."""
    message = "Instance failed to complete user's Lifecycle Action: Lifecycle Action Completed with ABANDON Result"
    end(world, group, member.activity, "Cancelled", message)
    terminate(
        world, group, member, "an instance was taken out of service in response to an abandoned lifecycle action."
    )
    group.backoff_until = world.time + world.options[RETRY]
    world.later(world.options[RETRY], _wake, group.name)


def _wake(world: World, name: str) -> None:
    CAPACITY.send(world, name)


def _gone(world: World, instance: str, activity: str) -> None:
    found = member_of(world, instance)
    if found is not None and found[1].activity == activity:
        _part(world, *found)


def _part(world: World, group: Group, member: Member) -> None:
    end(world, group, member.activity)
    del group.members[member.id]
    del world[EC2].owners[member.id]
    CAPACITY.send(world, group.name)

"""When a group holds one of its instances for unhealthy, and replaces it.

Sources: Auto Scaling user guide ("Health checks", "Health check grace period", "Suspend and resume processes",
"Verify the attachment status of your load balancer"). Standby is never checked ("Temporarily remove instances").
"""

from __future__ import annotations

from ..core.world import World
from ..ec2.machines import MACHINE_ENDED, MACHINE_IMPAIRED
from ..ec2.state import EC2
from ..elb.balancing import VERDICT
from ..elb.state import ELB
from .leaving import terminate
from .lookup import member_of
from .registration import attached
from .settings import health_checks
from .signals import ATTACHED, CHECKS_CHANGED, IN_SERVICE, RESUMED
from .state import HEALTH_LAG, Group, Member

ENDED = (
    "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or "
    "stopped."
)
STATUS = "an instance was taken out of service in response to an EC2 instance status checks failure."
OF_A_BALANCER = "an instance was taken out of service in response to an ELB system health check failure."
USER = "an instance was taken out of service in response to a user health-check."


@MACHINE_ENDED.reaction
@MACHINE_IMPAIRED.reaction
def look_later(world: World, instance: str) -> None:
    """Check the instance at the group's next look."""
    world.later(world.options[HEALTH_LAG], check, instance)


@VERDICT.reaction
def balancer_said(world: World, key: str, instance: str) -> None:
    """Take note of what a balancer's checks say of a member."""
    found = member_of(world, instance)
    if found is not None and key in found[0].balancers:
        _count_the_passed(world, found[0], key, instance)
        look_later(world, instance)


@IN_SERVICE.reaction
def joined(world: World, instance: str) -> None:
    """Check a member that came into service; a balancer may have said of it before what it says now."""
    if (found := member_of(world, instance)) is not None:
        for balancer in attached(world, found[0]):
            _count_the_passed(world, found[0], balancer.key, instance)
        look_later(world, instance)


@ATTACHED.reaction
def balancer_came(world: World, group: Group, key: str) -> None:
    """Take note of what a balancer that was attached says already of those registered there before."""
    for member in group.in_service():
        balancer_said(world, key, member.id)


def _count_the_passed(world: World, group: Group, key: str, instance: str) -> None:
    """Let the balancer be InService for the group from its first healthy member on.

    Whoever was reported as unhealthy before then counts now (user guide: attachment status).
    """
    if key not in group.passed and any(target.verdict for target in world[ELB].balancers[key].of(instance)):
        group.passed.add(key)
        look_at_all_later(world, group)


@CHECKS_CHANGED.reaction
def look_at_all_later(world: World, group: Group) -> None:
    """Check everybody at the group's next look: the checks are made again and again (user guide: health checks)."""
    for member in group.in_service():
        look_later(world, member.id)


def check(world: World, instance: str) -> bool:
    """Mark a member in service that fails a check, and replace it; return whether anything was done."""
    found = member_of(world, instance)
    if found is None or found[1].state != "InService" or found[0].suspends("HealthCheck"):
        return False
    group, member = found
    cause = _failure(world, group, member)
    if cause == OF_A_BALANCER and world.time < member.grace_until:
        world.later(member.grace_until - world.time, check, instance)
    elif cause:
        member.health = "Unhealthy"
        replace(world, group, member, cause)
    return bool(cause)


def _failure(world: World, group: Group, member: Member) -> str:
    machine = world[EC2].machines.get(member.id)
    if machine is None or not machine.running:
        return ENDED
    if machine.impaired:
        return STATUS
    if "ELB" in health_checks(group.settings) and _fails_in_a_balancer(world, group, member):
        return OF_A_BALANCER
    return ""


def _fails_in_a_balancer(world: World, group: Group, member: Member) -> bool:
    """Whether a balancer's verdict counts against it: not before any instance passed there (user guide)."""
    balancers = [balancer for balancer in attached(world, group) if balancer.key in group.passed]
    return any(target.verdict is False for balancer in balancers for target in balancer.of(member.id))


def replace(world: World, group: Group, member: Member, cause: str) -> None:
    """End an unhealthy member; the group then launches another."""
    if not group.suspends("ReplaceUnhealthy", "Terminate"):
        group.unhealthy += 1
        terminate(world, group, member, cause)


@RESUMED.reaction
def look_at_all(world: World, group: Group) -> None:
    """Act at once on what happened while processes were suspended (user guide: suspend and resume)."""
    for member in group.in_service():
        if member.health == "Unhealthy":
            replace(world, group, member, USER)
        else:
            look_later(world, member.id)

"""From a launch to service: Pending, the launch hooks' wait, registration, InService.

Sources: Auto Scaling user guide ("Instance lifecycle", "Lifecycle hooks"): a group registers an instance with its
balancers before it is InService, and does not wait for their checks.
"""

from __future__ import annotations

from ..core.errors import AwsError
from ..core.world import World
from ..ec2 import machines
from ..ec2.faults import LAUNCHES
from ..ec2.state import EC2, PENDING_SECONDS
from ..elb.state import ELB
from .activities import begin, end, now_is
from .lookup import member_of
from .registration import register_everywhere
from .signals import ABANDONED, CAPACITY, IN_SERVICE, LET_GO
from .sources import contents, resolved
from .state import RETRY, Group, Member

REGISTRATION = 0.1
HOOK_TIMEOUT = 3600
UNSET = -1


def launch_one(world: World, group: Group, zone: str, cause: str, *, because: str = "") -> bool:
    """Launch an instance in ``zone``; when that fails say so in the feed and try again later."""
    try:
        launched_from = resolved(world, group)
    except AwsError as problem:
        _fail(world, group, zone, cause, problem.message, because)
        return False
    refusal = _lost_balancer(world, group) or world.faults[LAUNCHES].refusal(
        group.name, lambda: machines.running(world), world.time
    )
    if refusal is not None:
        _fail(world, group, zone, cause, refusal, because)
        return False
    tags = {key: value for key, (value, propagate) in group.tags.items() if propagate}
    tags["aws:autoscaling:groupName"] = group.name
    machine = machines.launch(world, group.name, zone, subnet_of(world, group, zone), tags)
    machines.form(machine, contents(world, launched_from))
    description = f"Launching a new EC2 instance: {machine.id}"
    activity = begin(world, group, description, cause, zone, "PreInService", because=because)
    member = Member(machine.id, zone, template=launched_from, activity=activity)
    member.type, member.launched = machine.type, machine.launched
    member.warmup = group.warmup if group.warmup is not None else default_warmup(group)
    member.protected = bool(group.settings.get("NewInstancesProtectedFromScaleIn", False))
    join(world, group, member)
    world.later(world.options[PENDING_SECONDS], after_pending, machine.id)
    return True


def _lost_balancer(world: World, group: Group) -> str:
    """Return why nothing launches while a balancer of the group is deleted (user guide: troubleshooting)."""
    lost = next((key for key in group.balancers if key not in world[ELB].balancers), None)
    if lost is None:
        return ""
    what = "One or more target groups not found." if lost.startswith("arn:") else f"Cannot find Load Balancer {lost}."
    return f"{what} Validating load balancer configuration failed."


def _fail(world: World, group: Group, zone: str, cause: str, refusal: str, because: str) -> None:
    description = f"Launching a new EC2 instance.  Status Reason: {refusal} Launching EC2 instance failed."
    activity = begin(world, group, description, cause, zone, because=because)
    end(world, group, activity, "Failed", f"{refusal} Launching EC2 instance failed.")
    group.backoff_until = world.time + world.options[RETRY]
    world.later(world.options[RETRY], _try_again, group.name)


def _try_again(world: World, name: str) -> None:
    CAPACITY.send(world, name)


def join(world: World, group: Group, member: Member) -> None:
    """Make the instance a member of the group."""
    group.members[member.id] = member
    world[EC2].owners[member.id] = group.name


def default_warmup(group: Group) -> float:
    """Return the group's default instance warm-up in seconds; unset (-1, or not there) it is none."""
    return max(0.0, float(group.settings.get("DefaultInstanceWarmup", UNSET)))


def subnet_of(world: World, group: Group, zone: str) -> str:
    """Return the first of the group's subnets that is in ``zone``."""
    subnets = [name for name in group.settings.get("VPCZoneIdentifier", "").split(",") if name]
    return next((name for name in subnets if world[EC2].subnets.get(name) == zone), "")


def after_pending(world: World, instance: str) -> None:
    """Let the launch hooks hold a new instance, if there are any."""
    found = member_of(world, instance)
    if found is None or found[1].state != "Pending":
        return
    group, member = found
    if not wait_for_hooks(world, group, member, "autoscaling:EC2_INSTANCE_LAUNCHING"):
        enter_service(world, group, member)


def wait_for_hooks(world: World, group: Group, member: Member, transition: str) -> bool:
    """Hold the instance in ``…:Wait`` for every hook of ``transition``; False when there is none."""
    hooks = [hook for hook in group.hooks.values() if hook["LifecycleTransition"] == transition]
    if not hooks:
        return False
    member.state = f"{member.state.partition(':')[0]}:Wait"
    member.hooks = [hook["LifecycleHookName"] for hook in hooks]
    member.token = world.uuid()
    now_is(group, member.activity, "MidLifecycleAction")
    for hook in hooks:
        result = (hook["LifecycleHookName"], member.token, hook.get("DefaultResult", "ABANDON"))
        world.later(hook.get("HeartbeatTimeout", HOOK_TIMEOUT), complete_hook, member.id, *result)
    return True


def complete_hook(world: World, instance: str, hook: str, token: str, result: str) -> None:
    """End one hook's hold, by a result or by its time-out's default (Auto Scaling user guide: lifecycle hooks)."""
    found = member_of(world, instance)
    if found is None or found[1].token != token or hook not in found[1].hooks:
        return
    group, member = found
    member.hooks.remove(hook)
    if result == "ABANDON":
        member.hooks.clear()
    if member.hooks:
        return
    launching = member.state == "Pending:Wait"
    member.state = f"{member.state.partition(':')[0]}:Proceed"
    if not launching and result == "ABANDON" and _retains(group):
        member.state = "Terminating:Retained"
        end(world, group, member.activity)
        return
    if launching and result == "CONTINUE":
        enter_service(world, group, member)
    else:
        (ABANDONED if launching else LET_GO).send(world, group, member)


def _retains(group: Group) -> bool:
    """Whether an instance stays whose terminating hook was abandoned (botocore model: InstanceLifecyclePolicy)."""
    triggers = group.settings.get("InstanceLifecyclePolicy", {}).get("RetentionTriggers", {})
    return bool(triggers.get("TerminateHookAbandon") == "retain")


def enter_service(world: World, group: Group, member: Member) -> None:
    """Register the instance, and let it be InService a moment later."""
    register_everywhere(world, group, member.id)
    world.later(REGISTRATION, arrive, member.id)


def arrive(world: World, instance: str) -> None:
    """Let the instance be InService; the grace period begins (also after Standby: user guide, grace period)."""
    found = member_of(world, instance)
    if found is None or not found[1].pending:
        return
    group, member = found
    member.state, member.arrived = "InService", world.time
    member.grace_until = world.time + group.settings.get("HealthCheckGracePeriod", 0)
    end(world, group, member.activity)
    IN_SERVICE.send(world, instance)
    CAPACITY.send(world, group.name)

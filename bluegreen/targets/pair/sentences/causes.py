"""Why instances of a pair do not become healthy, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import clock, duration, of
from bluegreen.targets.pair.model.fleet import Reason
from bluegreen.targets.pair.sentences.acts import GREEN
from bluegreen.words import as_word, fit, fits, plural

SAID = 110
"""Characters of AWS's own words in the middle of a sentence."""

NOON = 1_795_953_600.0

MISMATCH, TIMED_OUT, FAILED = "Target.ResponseCodeMismatch", "Target.Timeout", "Target.FailedHealthChecks"

WORDS: Mapping[str, str] = {
    TIMED_OUT: "the application does not answer health checks in time",
    FAILED: "the instance refuses the connection, or its answer is malformed",
    "Elb.RegistrationInProgress": "the load balancer is registering it",
    "Elb.InitialHealthChecking": "the first health checks are running",
    "Target.NotInUse": "no listener leads to it, or its zone is not enabled on the load balancer",
    "Target.InvalidState": "the instance is stopped or terminated",
    "Target.IpUnusable": "a load balancer uses its address itself",
    "Target.HealthCheckDisabled": "health checks are disabled on the target group",
    "Target.NotRegistered": "it is not registered in the load balancer",
    "Target.DeregistrationInProgress": "it is being deregistered from the load balancer",
    "Elb.InternalError": "the load balancer has an internal error, which is AWS's fault",
    "ELB": "the load balancer has a trouble of its own, which is AWS's fault",
}
"""What a load balancer's code comes to (ELB reference: TargetHealth, Reason; classic guide: InstanceState)."""


@example(Reason(MISMATCH, "Health checks failed with these codes: [503]"))
@example(Reason(TIMED_OUT))
@example(Reason(FAILED))
@example(Reason("Instance", "Instance has failed at least the UnhealthyThreshold number of health checks."))
def unhealthy(reason: Reason) -> str:
    """What a load balancer's reason comes to; of a classic one it is told as AWS does."""
    if reason.code == MISMATCH:
        return f"the application answers health checks with {reason.statuses or 'a status that is not accepted'}"
    if reason.code in WORDS:
        return WORDS[reason.code]
    said = fit(reason.text or reason.code, SAID)
    return f"the load balancer says: {said}" if said else "the load balancer gives no reason"


@example("web-tg")
def not_registered(balancer: str) -> str:
    """An instance is in service, and the load balancer does not know it."""
    return f"it is not registered in {balancer}"


@example("web-tg")
def silent(balancer: str) -> str:
    """A load balancer does not answer."""
    return f"{balancer} does not say whether it is healthy"


@example(GREEN, "The AMI ID 'ami-0123' does not exist. Launching EC2 instance failed.")
def cannot_launch(group: str, said: str) -> str:
    """AWS cannot launch, and trying again does not help."""
    return of(group, f"AWS cannot launch: {fit(said, SAID)}")


@example(GREEN, "You have requested more vCPU capacity than your current vCPU limit of 32 allows.")
def no_room(group: str, said: str) -> str:
    """AWS has no room for an instance: its own, or what the account may have."""
    return of(group, f"AWS has no room: {fit(said, SAID)}")


@example(("warm-cache",))
@example(("mount-data", "warm-cache"))
@example(())
def hook_waits(names: Collection[str]) -> str:
    """A launch hook holds an instance."""
    which = f"the launch {fits(names, 'hook', 'hooks')} {', '.join(sorted(names))}" if names else "a launch hook"
    return f"nobody has completed {which}"


@example("warm-cache", 600.0, NOON, "ABANDON")
@example("warm-cache", 600.0, NOON, "CONTINUE", True)
@example("warm-cache", 600.0, None, "ABANDON")
@example("warm-cache", None, None, "")
def hook(name: str, seconds: float | None, ends: float | None, default: str, about: bool = False) -> str:
    """A launch hook, for how long it waits, when that is over as far as is known, and what becomes of the instance."""
    then = {"ABANDON": ", then the instance is terminated", "CONTINUE": ", then the instance goes on"}.get(default, "")
    if ends is not None:
        return f"{name}; ends {'at about' if about else 'by'} {clock(ends)}{then}"
    return name if seconds is None else f"{name}; it gives up after {duration(seconds)}{then}"


@example("stopped")
@example("pending")
def not_running(state: str) -> str:
    """EC2 does not run an instance, or does not yet."""
    return "EC2 has not started it yet" if state == "pending" else f"EC2 says that it is {state}"


@example()
def impaired() -> str:
    """A status check of EC2's fails."""
    return "a status check of EC2 fails"


@example()
def unknown_to_ec2() -> str:
    """EC2 does not know an instance that its group still lists."""
    return "EC2 does not know it any more"


@example(GREEN, "an instance was taken out of service in response to an ELB system health check failure.")
def replaced(group: str, said: str) -> str:
    """A group ends what it holds for unhealthy, and launches another one."""
    return of(group, f"the group replaces instances: {fit(said, SAID)}")


@example(GREEN, "image", "v1", "v2")
@example(GREEN, "image", None, "v2")
def wrong_tag(group: str, key: str, tag: str | None, image: str) -> str:
    """Instances run what the tag says, and that is not the release's version."""
    return of(
        group, f"the tag {key} {'is missing' if tag is None else f'is {as_word(tag)}'}, and the release is of {image}"
    )


@example(GREEN, 2)
def launching(group: str, count: int) -> str:
    """Desired capacity is more than there is, and no launch is known to have failed."""
    return of(group, f"{plural(count, 'instance')} still to be launched, and AWS reports no failure")


@example(GREEN)
def behind_nothing(group: str) -> str:
    """A group has no load balancer."""
    return of(group, "it is attached to no load balancer")


@example("Pending")
def unexplained(state: str) -> str:
    """Nothing that AWS shows explains it."""
    return f"nothing that AWS shows explains it: its state is {state}"


@example(6)
@example(0)
def all_healthy(count: int) -> str:
    """Nothing is wrong."""
    return f"none: {count} of {count} healthy" if count else "none: desired is 0, so no instance is expected"

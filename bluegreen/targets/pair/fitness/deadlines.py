"""How long things may take on a pair: launches, checks, the proof of health, what leaves; and the deadlines from that.

Everything in seconds, derived from a survey where nobody asked for something else. Pure.
"""

from __future__ import annotations

from attrs import frozen

from bluegreen.flow.limits import Limits
from bluegreen.targets.pair.model.fleet import Survey
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.pair.model.twins import name_of

LEAST_TOTAL = 1200.0
UNKNOWN_BOOT = 120.0
"""Seconds assumed for a boot when no launch of the pair is on record."""
SHOWN = 10.0
"""Seconds that are granted to AWS to show what a balancer has found."""
REGISTRATION = 180.0
"""Seconds granted to a network balancer to register a target, beside its checks: the guide says minutes, reports three
(aws-load-balancer-controller 1834). `progress_deadline` says otherwise.
"""
HEARTBEAT = 3600.0
"""Seconds for which a hook without a time-out of its own holds an instance (botocore model, PutLifecycleHook)."""


def physical(survey: Survey) -> float:
    """Return the seconds that a launch needs at most: hooks, boot, health checks."""
    boot = UNKNOWN_BOOT if survey.boot is None else survey.boot
    return hooks_of(survey, "LAUNCHING") + boot + check_time(survey)


def hooks_of(survey: Survey, transition: str) -> float:
    """Return the longest time-out of the pair's hooks of one kind, in seconds (AWS's default is an hour)."""
    hooks = (hook for scaling in survey.scaling.values() for hook in scaling.hooks)
    waits = (
        float(str(hook.get("HeartbeatTimeout", HEARTBEAT)))
        for hook in hooks
        if name_of(hook, "LifecycleTransition").endswith(transition)
    )
    return max(waits, default=0.0)


def ending(survey: Survey) -> float:
    """Return the seconds for which terminating hooks may hold an instance that goes."""
    return hooks_of(survey, "TERMINATING")


def check_time(survey: Survey) -> float:
    """Return the seconds that the slowest balancer needs to call a new instance healthy."""
    return max((facts.check_time for facts in survey.balancers), default=0.0)


def proof(survey: Survey, asked: float | None) -> float:
    """Return the seconds for which a new instance must stay healthy before an old one goes on its account.

    Not asked for, it is what the slowest balancer needs to call a dead instance unhealthy, and ten more for AWS to
    show it: 75 s with the defaults of an application balancer.
    """
    if asked is not None:
        return asked
    return max((facts.notice_time for facts in survey.balancers), default=0.0) + SHOWN


@frozen
class Waves:
    """How a release moves: how many ``launches`` follow one another, and how many of them have to prove themselves."""

    launches: int
    proofs: int


def waves(limits: Limits, size: int) -> Waves:
    """Return in how many waves ``size`` instances are replaced; none at all is a first release, which has one.

    New grows to the ceiling, and old shrinks to what the floor still lacks, as the plan does it.
    """
    floor, ceiling = limits.least(size), limits.most(size)
    old, new, launches, proofs = size, 0, 0, 0
    while old > 0 or new < size:
        grown = max(new, min(size, ceiling - old))
        left = min(old, max(0, floor - grown))
        if (grown, left) == (new, old):  # nothing can ever move, which is refused elsewhere
            break
        launches += grown > new
        proofs += grown > 0 and left < old
        new, old = grown, left
    return Waves(max(1, launches), proofs if size else 1)


def drain(survey: Survey) -> float:
    """Return the longest drain of the pair's balancers, in seconds."""
    return max((facts.drain for facts in survey.balancers), default=0.0)


def lingers(survey: Survey) -> float:
    """Return the seconds for which a balancer may send new connections to what has left it, beyond what it drains."""
    return max((facts.lingers for facts in survey.balancers), default=0.0)


def patience(survey: Survey) -> float:
    """Return the seconds that a launch is waited for: what is on record ends before the application answers.

    A launch activity is over when the instance is InService; how long the application takes after that is known from
    the grace period at best, where the group ends what its balancer calls unhealthy. What boots for long is called
    unhealthy meanwhile, and has to recover.
    """
    graces = (group.grace for group in survey.fleet.groups.values() if group.health_check == "ELB")
    boot = max(survey.boot or 0.0, UNKNOWN_BOOT, *graces)
    checks = max((facts.recovery_time for facts in survey.balancers), default=0.0)
    registration = REGISTRATION if any(facts.network for facts in survey.balancers) else 0.0
    return hooks_of(survey, "LAUNCHING") + boot + checks + registration


def shortest(survey: Survey, asked: Asked, size: int) -> float:
    """Return the seconds without which no deployment of ``size`` instances moves the traffic, however well it goes."""
    known = physical(survey) - (UNKNOWN_BOOT if survey.boot is None else 0.0)
    found = waves(asked.limits, size)
    return found.launches * known + found.proofs * proof(survey, asked.healthy_for)


def progress_deadline(survey: Survey, asked: float | None) -> float:
    """Return the seconds without progress after which a deployment goes back."""
    return 2 * patience(survey) + 60.0 if asked is None else asked


def total_deadline(survey: Survey, asked: Asked, size: int) -> float:
    """Return the seconds after which a deployment that has not moved the traffic goes back: 20 minutes, or more.

    Each wave may take as long as the progress deadline allows, its proof of health and a drain, so that
    what goes on steadily is not taken back; two more launches may fail on the way. ``size`` is how many instances are
    to be replaced.
    """
    if asked.deadline is not None:
        return asked.deadline
    wave = progress_deadline(survey, asked.progress_deadline) + drain(survey) + proof(survey, asked.healthy_for)
    return max(LEAST_TOTAL, waves(asked.limits, size).launches * wave + 2 * patience(survey))

"""What goes wrong on purpose: errors before and after calls, launches that fail, answers from the past.

Everything is off unless set, and everything random comes from a seed, so that a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection

from attrs import Factory, define, frozen

from .dispatch import Request, Result
from .errors import AwsError

NO_CAPACITY = (
    "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested. "
    "Our system will be working on provisioning additional capacity. InsufficientInstanceCapacity."
)
NO_IMAGE = "The AMI ID 'ami-00000000000000001' does not exist."
NO_QUOTA = (
    "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket "
    "that the specified instance type belongs to. VcpuLimitExceeded."
)


@frozen
class Call:
    """One call on the model: its number counts from 1; a dry run ``reads``, since it changes nothing."""

    number: int
    service: str
    operation: str
    parameters: Request
    reads: bool

    @property
    def action(self) -> str:
        """The call as an IAM policy names it, such as ``autoscaling:EnterStandby``."""
        prefix = "elasticloadbalancing" if self.service in ("elb", "elbv2") else self.service
        return f"{prefix}:{self.operation}"

    @property
    def dry(self) -> bool:
        """Whether the call only asks if it would be permitted."""
        return bool(self.parameters.get("DryRun", False))


@define
class LaunchFailure:
    """The next ``count`` launches (all, when ``None``) of a group fail with ``message``, until ``until``."""

    message: str = NO_CAPACITY
    count: int | None = None
    until: float = float("inf")

    def strikes(self, now: float) -> bool:
        """Whether this launch fails; counts it."""
        if now >= self.until or self.count == 0:
            return False
        if self.count is not None:
            self.count -= 1
        return True


NO_ANSWER = "no answer"
UNKNOWN = ("unavailable", "Elb.InternalError", "Unknown", NO_ANSWER)
"""How a health call may fail to tell: the state, the reason of ``unhealthy``, a classic balancer's state, an error."""


@frozen
class Blur:
    """What a health call of a balancer (key or name) answers is not known until a POSIX time, of all or of some."""

    balancer: str
    until: float
    how: str
    instances: frozenset[str] | None

    def hides(self, names: tuple[str, str], instance: str, now: float) -> bool:
        """Whether the balancer of these names does not tell how ``instance`` is."""
        concerned = self.instances is None or instance in self.instances
        return concerned and self.balancer in names and now < self.until


@define
class Faults:
    """Everything that may go wrong.

    - ``before`` runs ahead of each call and ``after`` behind it (its effect is there, the reply is not);
      whatever they raise is what the caller sees, an :class:`AwsError` or anything else.
    - ``launches`` has a failure by group; ``capacity`` says how many machines may run in all at a time.
    - ``stale`` says how many seconds old a read's answer is.
    - ``denied`` holds IAM actions (``autoscaling:EnterStandby``) that are refused.
    - ``blurs`` hides from health calls how instances are; who is sent requests does not change.
    """

    before: list[Callable[[Call], None]] = Factory(list)
    after: list[Callable[[Call, Result], None]] = Factory(list)
    launches: dict[str, LaunchFailure] = Factory(dict)
    capacity: Callable[[float], float] | None = None
    stale: Callable[[Call], float] | None = None
    denied: set[str] = Factory(set)
    blurs: list[Blur] = Factory(list)

    def fail_launches(
        self, group: str, message: str = NO_CAPACITY, count: int | None = None, until: float = float("inf")
    ) -> None:
        """Let the next launches of ``group`` fail."""
        self.launches[group] = LaunchFailure(message, count, until)

    def blur(
        self, balancer: str, *, until: float, how: str = "unavailable", instances: Collection[str] | None = None
    ) -> None:
        """Let health calls of a balancer (key or name) not tell how instances are, until a POSIX time.

        ``how`` is one of :data:`UNKNOWN`; a classic balancer has the state ``Unknown`` only, a target group has none of
        that name and says ``unavailable``; ``no answer`` fails the call itself.

        :raises ValueError: for another ``how``.
        """
        if how not in UNKNOWN:
            raise ValueError(f"{how} is none of {', '.join(UNKNOWN)}")
        self.blurs.append(Blur(balancer, until, how, frozenset(instances) if instances is not None else None))

    def hidden(self, names: tuple[str, str], instance: str, now: float) -> str:
        """Return how health calls do not tell of an instance, by the balancer's key and name; nothing: they do."""
        if not self.blurs:
            return ""
        return next((blur.how for blur in self.blurs if blur.hides(names, instance, now)), "")

    def refuses_launch(self, group: str, running: Callable[[], int], now: float) -> str | None:
        """Return why a launch fails now, or nothing; ``running`` counts the machines, where that matters."""
        failure = self.launches.get(group)
        if failure is not None and failure.strikes(now):
            return failure.message
        if self.capacity is not None and running() >= self.capacity(now):
            return NO_CAPACITY
        return None

    def meet(self, call: Call) -> None:
        """Let ``call`` meet what is in its way."""
        if call.action in self.denied:
            raise denied(call)
        for hook in self.before:
            hook(call)

    def follow(self, call: Call, result: Result) -> None:
        """Let the reply of ``call`` meet what is in its way."""
        for hook in self.after:
            hook(call, result)


def denied(call: Call) -> AwsError:
    """Return AWS's refusal of a call without permission."""
    if call.service == "ec2":
        return AwsError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
    user = "arn:aws:iam::123456789012:user/simulator"
    return AwsError("AccessDenied", f"User: {user} is not authorized to perform: {call.action}", 403)


def throttled(call: Call) -> AwsError:
    """Return the throttling error of the call's service (public reports; EC2 user guide: ec2-api-throttling)."""
    if call.service == "ec2":
        return AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
    return AwsError("Throttling", "Rate exceeded")


def internal_failure(_: Call) -> AwsError:
    """Return a failure of AWS's own."""
    return AwsError("InternalFailure", "An internal error has occurred.", 500)


def sometimes(
    probability: float, error: Callable[[Call], Exception], seed: int, only: Callable[[Call], bool] = lambda _: True
) -> Callable[..., None]:
    """Return a hook, for ``before`` or ``after``, that raises ``error`` with ``probability``."""
    dice = random.Random(seed)

    def strike(call: Call, _: Result | None = None) -> None:
        if only(call) and dice.random() < probability:
            raise error(call)

    return strike


def at(number: int, error: Callable[[Call], BaseException]) -> Callable[..., None]:
    """Return a hook, for ``before`` or ``after``, that raises ``error`` at the call of this number."""

    def strike(call: Call, _: Result | None = None) -> None:
        if call.number == number:
            raise error(call)

    return strike


@define
class TokenBucket:
    """A ``before`` hook: AWS's throttling by one bucket of ``size`` tokens that refills ``rate`` a second.

    Auto Scaling has one bucket for reads and writes of an account and Region; its size and rate are not published
    (Auto Scaling API reference: welcome), so they are the caller's.
    """

    now: Callable[[], float]
    size: float
    rate: float
    services: frozenset[str] = frozenset({"autoscaling"})
    tokens: float = Factory(lambda bucket: bucket.size, takes_self=True)
    filled: float = Factory(lambda bucket: bucket.now(), takes_self=True)

    def __call__(self, call: Call) -> None:
        """Take a token, or throttle."""
        if call.service not in self.services:
            return
        now = self.now()
        self.tokens = min(self.size, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1.0:
            raise throttled(call)
        self.tokens -= 1.0

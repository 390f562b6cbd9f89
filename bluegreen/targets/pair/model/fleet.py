"""What one observation of a pair shows, in AWS's own words.

Values only; ``targets/pair/aws/readings.py`` builds them from AWS's answers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import evolve, field, frozen

from bluegreen.targets.pair.model.more import NOTHING, Metric, More, NotAsked

CLASSIC = "classic"
TARGET_GROUP = "target-group"

FIRING = "ALARM"
"""The state of a CloudWatch alarm that fires."""
HEALTHY = "healthy"
"""The only word for "gets requests and passes its checks"; see :class:`Fleet` for the others."""
UNHEALTHY = "unhealthy"
"""Registered, and failing its checks; or no listener, or no enabled zone, leads there."""
INITIAL = "initial"
"""Registered, and at its first checks."""
SHIFTED = "shifted"
"""A zonal shift keeps all requests from it: it does not serve, and that is not its fault."""
UNKNOWN = "unknown"
"""What AWS does not tell, or tells to be unknown: neither a yes nor a no."""
UNUSED = "unused"
"""Not registered."""

ALARMS = "AlarmNotification"
SCHEDULES = "ScheduledActions"
REBALANCE = "AZRebalance"
AUTOSCALER = frozenset({ALARMS, SCHEDULES})
"""The two processes through which a group's own autoscaler works; suspended means disarmed."""
PROCESSES = AUTOSCALER | {
    REBALANCE,
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
}
"""What SuspendProcesses documents (botocore model). AWS may show others, such as RemoveFromLoadBalancerLowPriority."""
OURS = AUTOSCALER | {REBALANCE}
"""Processes that a release suspends and resumes of its own."""
THEIRS = PROCESSES - OURS
"""Processes that a release leaves alone, but for what goes over to the other side with the service at its end."""

ENDING = frozenset({"Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy"})
"""Resumed, a group may end at once what it holds for unhealthy, or has too many of (user guide: suspend and resume)."""


STATUSES = re.compile(r"\[[0-9, ]{1,40}\]")
"""The HTTP statuses in a description: "Health checks failed with these codes: [503]" (ELB guide: reason codes)."""
SHORT = 80
"""Characters of a reason in the middle of a sentence."""

LAUNCH_HELD = "Pending:Wait"
END_HELD = "Terminating:Wait"
"""The two states in which a lifecycle hook holds a member (user guide: lifecycle hooks)."""


@frozen(order=True)
class Balancer:
    """A classic balancer (by name) or a target group (by ARN) that a group is attached to."""

    kind: str
    id: str


def called(balancer: str) -> str:
    """Return what people call a balancer: a target group's name within its ARN, a classic balancer's id."""
    return balancer.split("/")[1] if balancer.startswith("arn:") and "/" in balancer else balancer


@frozen
class Tag:
    """A group's tag; ``propagate`` is AWS's ``PropagateAtLaunch``."""

    value: str
    propagate: bool = True


@frozen
class Reason:
    """Why a balancer does not call an instance healthy: AWS's code and words, cleaned; either may be empty.

    Of a target group they are ``TargetHealth``'s Reason and Description, of a classic balancer ReasonCode and
    Description (botocore model).
    """

    code: str = ""
    text: str = ""

    @property
    def statuses(self) -> str:
        """The HTTP statuses that a check met, where they are told: ``"503"``."""
        found = STATUSES.search(self.text)
        return found[0].strip("[]") if found else ""

    @property
    def short(self) -> str:
        """In a few words: a target group's code with the HTTP statuses, what a classic balancer describes."""
        if "." not in self.code:
            return (self.text or self.code).partition(".")[0][:SHORT]
        return f"{self.code} [{self.statuses}]" if self.statuses else self.code


@frozen
class Instance:
    """A member of a group; ``state`` is AWS's ``LifecycleState``, unknown states count as not ready."""

    id: str
    state: str
    zone: str = ""
    protected: bool = False

    @property
    def in_service(self) -> bool:
        """Whether the group believes that it serves."""
        return self.state == "InService"

    @property
    def arriving(self) -> bool:
        """Whether it is on its way into service (``Pending`` and its hooks)."""
        return self.state.startswith("Pending")

    @property
    def held(self) -> bool:
        """Whether a lifecycle hook of its group holds it, until that is completed or times out."""
        return self.state in (LAUNCH_HELD, END_HELD)

    @property
    def parking(self) -> bool:
        """Whether it is still being deregistered on its way to Standby."""
        return self.state == "EnteringStandby"

    @property
    def parked(self) -> bool:
        """Whether it is in Standby."""
        return self.state == "Standby"

    @property
    def lasting(self) -> bool:
        """Whether it neither serves, nor is parked, nor ends by itself: it stays until somebody ends it.

        A retained instance remains until TerminateInstanceInAutoScalingGroup; ``Quarantined`` is not used (botocore
        model), and what is ``Warmed`` belongs to a warm pool.
        """
        warmed = self.state.startswith("Warmed:") and not self.state.startswith("Warmed:Terminat")
        return self.state == "Quarantined" or self.state.endswith(":Retained") or warmed

    @property
    def leaving(self) -> bool:
        """Whether it is on its way out of the group for good, by itself."""
        return self.terminating or self.state.startswith("Detach")

    @property
    def terminating(self) -> bool:
        """Whether it ends by itself, a hook's wait included: it launches nothing and never comes back."""
        return self.state in ("Terminating", "Terminating:Wait", "Terminating:Proceed", "Terminated")


@frozen
class Group:
    """One Auto Scaling group; sizes are in instances.

    ``settings`` is what else AWS says of it, in AWS's words and shapes: how it launches, where, and how it scales.
    ``account`` and ``region`` are those of its ARN, empty where AWS did not tell it.
    """

    name: str
    min: int
    max: int
    desired: int
    instances: tuple[Instance, ...] = ()
    suspended: frozenset[str] = frozenset()
    tags: Mapping[str, Tag] = field(factory=dict)
    balancers: frozenset[Balancer] = frozenset()
    health_check: str = "EC2"
    grace: int = 0
    warm_pool: bool = False
    deleting: bool = False
    settings: Mapping[str, object] = field(factory=dict)
    account: str = ""
    region: str = ""

    @cached_property
    def balancer_ids(self) -> tuple[str, ...]:
        """The ids of its balancers, in order."""
        return tuple(balancer.id for balancer in sorted(self.balancers))

    @cached_property
    def in_service(self) -> tuple[Instance, ...]:
        """The members that the group believes to serve."""
        return tuple(i for i in self.instances if i.in_service)

    @cached_property
    def arriving(self) -> tuple[Instance, ...]:
        """The members on their way into service."""
        return tuple(i for i in self.instances if i.arriving)

    @cached_property
    def parking(self) -> tuple[Instance, ...]:
        """The members on their way into Standby."""
        return tuple(i for i in self.instances if i.parking)

    @cached_property
    def parked(self) -> tuple[Instance, ...]:
        """The members in Standby."""
        return tuple(i for i in self.instances if i.parked)

    @cached_property
    def lasting(self) -> tuple[Instance, ...]:
        """The members that are in the way until somebody ends them."""
        return tuple(i for i in self.instances if i.lasting)

    @cached_property
    def staying(self) -> tuple[Instance, ...]:
        """The members that do not end by themselves, whatever their state."""
        return tuple(i for i in self.instances if not i.terminating)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all members, whatever their state."""
        return frozenset(i.id for i in self.instances)

    def tag(self, key: str) -> str | None:
        """Return the value of the tag ``key``, or ``None``."""
        found = self.tags.get(key)
        return None if found is None else found.value


@frozen
class Machine:
    """An EC2 instance: ``state`` is AWS's name of it (``running``, ``shutting-down``, ``terminated`` …).

    ``launched``, and ``changed`` (when it came into its state), are in POSIX seconds, 0 where AWS does not tell.
    ``checks`` is the worst that EC2's status checks say (``ok``, ``initializing``, ``impaired`` …), empty where they
    are not known.
    """

    id: str
    state: str
    tags: Mapping[str, str] = field(factory=dict)
    launched: float = 0.0
    changed: float = 0.0
    checks: str = ""

    @property
    def impaired(self) -> bool:
        """Whether EC2 tells of a status check that fails."""
        return self.checks == "impaired"

    @property
    def gone(self) -> bool:
        """Whether it is terminated or about to be."""
        return self.state in ("shutting-down", "terminated")

    @property
    def running(self) -> bool:
        """Whether it runs, or is about to: a group ends what is stopped and leaves Standby (user guide)."""
        return self.state in ("pending", "running")


@frozen
class Activity:
    """One scaling activity; ``started`` and ``ended`` (0 while it is under way) in POSIX seconds of AWS's clock."""

    id: str
    group: str
    status: str
    started: float
    description: str = ""
    cause: str = ""
    message: str = ""
    ended: float = 0.0


@frozen
class Scaling:
    """A group's scaling settings as AWS returns them (see ``botocore``'s shapes), and its launch hooks' time-outs.

    ``policies``, ``schedules`` and ``alarms`` hold what can be written, and beside it what a setting is known by: its
    ARN, a policy's ``Alarms``, an alarm's ``StateValue``. ``alarms`` are those that the policies name; their ``Tags``
    are there where they were asked for.
    """

    policies: tuple[Mapping[str, object], ...] = ()
    schedules: tuple[Mapping[str, object], ...] = ()
    hooks: tuple[Mapping[str, object], ...] = ()
    refreshing: bool = False
    alarms: tuple[Mapping[str, object], ...] = ()
    notifications: tuple[Mapping[str, object], ...] = ()


@frozen
class Fleet:
    """Both groups and their balancers at one moment.

    ``health`` maps a balancer's id to the state of each instance registered there: ``healthy``, ``unhealthy``,
    ``initial``, ``draining``, ``shifted`` or ``unknown``; an instance without an entry is not registered. ``reasons``
    says of those that are not healthy why, in the balancer's own words. ``silent``
    are balancers that did not answer: nothing is known there. ``out_of_use`` are those that can carry no request: AWS
    says that they do not exist (those are ``gone``, too), or that no listener leads to any of their targets.
    ``known`` is what was asked for beyond that, whatever was found; what was not asked for is not known, and is no
    absence. ``machines`` holds EC2 instances; one that was asked for and is absent was not found. ``alarms`` has the
    state of CloudWatch alarms: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``; one that was asked for and is absent does
    not exist. ``turned`` has when each of those came into its state, where that is told (POSIX seconds, AWS's clock),
    ``acting`` what each does in any of its states (ARNs). ``scaling`` has the settings of groups, ``hooks`` the
    lifecycle hooks of a group of which a member is held by one, as far as AWS tells, ``metrics`` the values of metrics,
    by the POSIX second at which their minute began. ``at`` is AWS's clock, POSIX seconds. ``whole`` is the fleet before
    balancers were set aside, where some were. ``untold`` says why EC2 did not tell something that is only worth
    knowing, by the operation.
    """

    groups: Mapping[str, Group]
    health: Mapping[str, Mapping[str, str]] = field(factory=dict)
    reasons: Mapping[str, Mapping[str, Reason]] = field(factory=dict)
    known: More = NOTHING
    machines: Mapping[str, Machine] = field(factory=dict)
    activities: tuple[Activity, ...] = ()
    alarms: Mapping[str, str] = field(factory=dict)
    turned: Mapping[str, float] = field(factory=dict)
    acting: Mapping[str, tuple[str, ...]] = field(factory=dict)
    scaling: Mapping[str, Scaling] = field(factory=dict)
    hooks: Mapping[str, tuple[Mapping[str, object], ...]] = field(factory=dict)
    metrics: Mapping[Metric, Mapping[float, float]] = field(factory=dict)
    at: float = 0.0
    silent: frozenset[str] = frozenset()
    out_of_use: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    whole: Fleet | None = None
    untold: Mapping[str, str] = field(factory=dict)

    @property
    def asked(self) -> frozenset[str]:
        """The EC2 instances that were asked for."""
        return frozenset(self.known.machines)

    def lacks(self, more: More) -> More:
        """Return what of ``more`` was not asked for."""
        return more.beyond(self.known)

    def told(self, group: str) -> tuple[Activity, ...]:
        """Return a group's activities, as far back as they were asked for; that they were not is an error of ours."""
        if self.known.since(group) == math.inf:
            raise NotAsked(f"the activities of {group}")
        return tuple(one for one in self.activities if one.group == group)

    @property
    def as_shown(self) -> Fleet:
        """The fleet as AWS showed it, whatever was set aside."""
        whole = self.whole
        return self if whole is None else evolve(self, groups=whole.groups, silent=whole.silent, whole=None)

    def without(self, balancers: Iterable[str]) -> Fleet:
        """Return the fleet as it counts when some balancers, by their ids, are set aside: nobody is attached to them.

        Whom they list, where they tell, they still list. Where none would be left, none is set aside: who serves is
        seen in one at least.
        """
        aside = frozenset(balancers)
        attached = {one.id for group in self.groups.values() for one in group.balancers}
        if not aside or attached <= aside:
            return self
        groups = {
            name: evolve(group, balancers=frozenset(one for one in group.balancers if one.id not in aside))
            for name, group in self.groups.items()
        }
        return evolve(self, groups=groups, silent=self.silent - aside, whole=self.as_shown)

    def state(self, balancer: str, instance: str) -> str:
        """Return the instance's state in one balancer; ``unused`` where it is not registered."""
        return UNKNOWN if balancer in self.silent else self.health.get(balancer, {}).get(instance, UNUSED)

    def told_in(self, balancer: str, instances: Iterable[str]) -> list[tuple[str, str]]:
        """Return each of ``instances`` with its state in one balancer, as :meth:`state` has it."""
        if balancer in self.silent:
            return [(one, UNKNOWN) for one in instances]
        states = self.health.get(balancer, {})
        return [(one, states.get(one, UNUSED)) for one in instances]

    def states(self, group: Group, instance: str) -> tuple[str, ...]:
        """Return the instance's state in each balancer of its group; ``unused`` where it is not registered."""
        return tuple([self.state(balancer, instance) for balancer in group.balancer_ids])

    def worst(self, group: Group, instance: str) -> str:
        """Return a state other than healthy in one of its balancers, if there is one; ``unused`` without a balancer."""
        states = self.states(group, instance)
        return next((state for state in states if state != HEALTHY), HEALTHY if states else UNUSED)

    def healthy(self, group: Group, instance: str) -> bool:
        """Whether every balancer of the group sends it requests and calls it healthy; never true without one."""
        states = self.states(group, instance)
        return bool(states) and all(state == HEALTHY for state in states)

    def ails(self, group: Group, balancer: str) -> dict[str, Reason]:
        """Return why a balancer calls members in service unhealthy, by their ids, as far as it tells."""
        told = self.reasons.get(balancer, {})
        ids = (i.id for i in group.in_service if i.id in told)
        return {i: told[i] for i in ids if self.state(balancer, i) == UNHEALTHY}

    def takes_requests(self, group: Group, instance: str) -> bool:
        """Whether any balancer of the group may still send it a new request; what is not known may."""
        return any(state in (HEALTHY, UNKNOWN) for state in self.states(group, instance))

    def listed(self, instance: str) -> bool:
        """Whether any balancer lists the instance, or does not say whom it lists."""
        return bool(self.silent) or any(instance in states for states in self.health.values())

    def registered(self, group: Group) -> tuple[str, ...]:
        """Return the ids of the group's members that are registered in any balancer, healthy or not."""
        ids = sorted(group.ids)
        return tuple(i for i in ids if any(s not in ("unused", "draining") for s in self.states(group, i)))


@frozen
class Question(More):
    """What a look is asked for at first: two group names, and what it needs beyond them at any rate.

    ``lives`` are instances to look up whose state is only worth knowing: where EC2 does not tell, they were not asked
    for. So are lifecycle ``hooks``, of a group that is asked for and has a member that one holds. ``patchy``: a
    balancer that does not answer is told as silent, for a plan that knows what not to conclude from that; otherwise
    the whole look fails.
    """

    groups: tuple[str, str]
    patchy: bool = False
    lives: tuple[str, ...] = ()
    hooks: bool = False


@frozen
class HealthCheck:
    """What a balancer asks an instance, in AWS's words: ``GET :8080/health``, every so many seconds, and what it wants.

    ``wants`` is the HTTP or gRPC statuses that it accepts, empty where a connection is enough.
    """

    asks: str
    every: float
    wants: str = ""


LINGERS = 120.0


@frozen
class BalancerFacts:
    """How a balancer checks and drains: seconds, but for the two thresholds (counts)."""

    balancer: Balancer
    interval: float
    healthy_threshold: int
    drain: float
    in_use: bool = True
    unhealthy_threshold: int = 2
    timeout: float = 0.0
    network: bool = False
    """Whether it is a Network Load Balancer's target group."""

    @property
    def notice_time(self) -> float:
        """Seconds until an instance that stops to answer is called unhealthy, at most (ELB guides, health checks)."""
        return self.interval * self.unhealthy_threshold + self.timeout

    @property
    def check_time(self) -> float:
        """Seconds until a new instance that answers is called healthy, at most.

        An application balancer needs one passed check for a new target, a classic and a network balancer their whole
        threshold (ELB guides). How long the latter takes to register a target is not told, see
        :data:`~bluegreen.targets.pair.fitness.deadlines.REGISTRATION`.
        """
        whole = self.network or self.balancer.kind == CLASSIC
        return self.recovery_time if whole else self.interval

    @property
    def recovery_time(self) -> float:
        """Seconds until one that was called unhealthy is called healthy: its whole threshold, whatever its kind (ELB).

        Nobody knows how long an application boots, and one that fails its checks meanwhile is called unhealthy.
        """
        return self.interval * self.healthy_threshold

    @property
    def lingers(self) -> float:
        """Seconds for which it may send new connections to what was taken out of it, whatever its delay.

        Some two minutes for a network balancer with a delay of 0 (a report: aws/containers-roadmap 470).
        """
        return LINGERS if self.network else 0.0


@frozen
class Survey:
    """A deeper look, taken once when a release begins, and by ``check``."""

    fleet: Fleet
    scaling: Mapping[str, Scaling] = field(factory=dict)
    balancers: tuple[BalancerFacts, ...] = ()
    boot: float | None = None
    """Seconds that the live group's newest launches took, from the activities; ``None`` when none is on record."""
    denied: str = ""
    """What a dry run showed to be denied, in one sentence that names the permission."""
    taken: frozenset[str] = frozenset()
    """Names that copies of the live group's alarms would have, and alarms have already."""
    unread: Mapping[str, str] = field(factory=dict)
    """What is not known though it was asked for, and need not be: topic → why, as a sentence."""
    composites: Mapping[str, str] = field(factory=dict)
    """The rules of the composite alarms of this region by their names, where alarms are to be copied."""
    machines: tuple[Machine, ...] = ()
    """What EC2 tells of the members in service; nothing where it does not, which is only worth knowing."""

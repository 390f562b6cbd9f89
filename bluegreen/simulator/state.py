"""What the model knows: plain data that can be pickled, so that a stale read is a look at an older copy.

Times are POSIX seconds. Names follow AWS's where AWS has one.
"""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from .body import HealthCheck

PENDING = ("Pending", "Pending:Wait", "Pending:Proceed")
LEAVING = ("Terminating", "Terminating:Wait", "Terminating:Proceed")


@define
class Machine:
    """An EC2 instance, in a group or not."""

    id: str
    zone: str
    address: str
    launched: float
    state: str = "pending"
    tags: dict[str, str] = Factory(dict)
    protected: bool = False
    impaired: bool = False
    image_id: str = "ami-00000000000000001"
    type: str = "t3.micro"
    subnet: str = ""
    ended: float | None = None
    reason: str = ""

    @property
    def running(self) -> bool:
        """Whether the machine runs, or is about to."""
        return self.state in ("pending", "running")


@define
class Member:
    """An instance's membership in a group."""

    id: str
    zone: str
    state: str = "Pending"
    health: str = "Healthy"
    protected: bool = False
    template: dict[str, Any] = Factory(dict)
    type: str = "t3.micro"
    launched: float = 0.0
    grace_until: float = 0.0
    activity: str = ""
    hooks: list[str] = Factory(list)
    token: str = ""
    held_until: float = 0.0
    warmup: float = 0.0
    arrived: float = 0.0

    @property
    def pending(self) -> bool:
        """Whether the member is on its way into service."""
        return self.state in PENDING

    @property
    def counts(self) -> bool:
        """Whether the member is part of what the group holds against its desired capacity."""
        return self.state == "InService" or self.state in PENDING

    def warming(self, now: float) -> bool:
        """Whether the member counts, and is still warming up."""
        return self.counts and self.warmup > 0 and (self.pending or now < self.arrived + self.warmup)


@define
class Activity:
    """One entry of a group's activity feed."""

    id: str
    group: str
    description: str
    cause: str
    start: float
    code: str = "InProgress"
    progress: int = 50
    end: float | None = None
    message: str = ""
    zone: str = ""


@define
class Group:
    """An Auto Scaling group; ``settings`` holds what is only recorded."""

    name: str
    arn: str
    minimum: int
    maximum: int
    desired: int
    zones: list[str]
    created: float
    settings: dict[str, Any] = Factory(dict)
    tags: dict[str, tuple[str, bool]] = Factory(dict)
    members: dict[str, Member] = Factory(dict)
    suspended: dict[str, str] = Factory(dict)
    classic: list[str] = Factory(list)
    target_groups: list[str] = Factory(list)
    sources: list[tuple[str, str]] = Factory(list)
    hooks: dict[str, dict[str, Any]] = Factory(dict)
    policies: dict[str, dict[str, Any]] = Factory(dict)
    schedules: dict[str, dict[str, Any]] = Factory(dict)
    notifications: dict[str, list[str]] = Factory(dict)
    metrics: list[str] = Factory(list)
    refreshes: list[dict[str, Any]] = Factory(list)
    warm_pool: dict[str, Any] | None = None
    activities: dict[str, Activity] = Factory(dict)
    deleting: bool = False
    reconciling: float | None = None
    rebalancing: float | None = None
    backoff_until: float = 0.0
    last_scaled: float | None = None
    last_cause: str = ""
    unhealthy: int = 0
    warmup: float | None = None
    cooldown: float = 0.0
    passed: set[str] = Factory(set)

    @property
    def balancers(self) -> list[str]:
        """The keys of every balancer that the group registers its instances with, once each."""
        return list(dict.fromkeys([*self.classic, *self.target_groups, *(name for name, _ in self.sources)]))

    def suspends(self, *processes: str) -> bool:
        """Whether any of ``processes`` is suspended."""
        return any(process in self.suspended for process in processes)

    def counted(self) -> list[Member]:
        """The members held against the desired capacity."""
        return [member for member in self.members.values() if member.counts]

    def in_service(self) -> list[Member]:
        """The members in service."""
        return [member for member in self.members.values() if member.state == "InService"]


@define
class Target:
    """An instance registered with a balancer on a port; ``verdict`` is what the balancer's checks say.

    One that is ``outside``, in a zone that is not enabled for the balancer, has none, and gets no requests.
    """

    id: str
    port: int
    since: float
    serial: int
    verdict: bool | None = None
    drains_until: float | None = None
    outside: bool = False

    @property
    def draining(self) -> bool:
        """Whether the target is being deregistered."""
        return self.drains_until is not None

    @property
    def healthy(self) -> bool:
        """Whether the target is sent new requests."""
        return self.verdict is True and self.drains_until is None


@define
class Balancer:
    """A classic load balancer (``key`` is its name) or a target group (``key`` is its ARN)."""

    key: str
    name: str
    kind: str
    drain: float
    check: HealthCheck
    port: int
    created: float
    settings: dict[str, Any] = Factory(dict)
    attributes: dict[str, Any] = Factory(dict)
    targets: dict[tuple[str, int], Target] = Factory(dict)
    ports: list[int] = Factory(lambda self: [self.port], takes_self=True)

    def of(self, instance: str) -> list[Target]:
        """The rows of one instance, a row for each port."""
        keys = ((instance, port) for port in self.ports)
        return [self.targets[key] for key in keys if key in self.targets]


@define
class Harm:
    """An entry of the honesty ledger: an instance was ended although it still served, or was not drained."""

    time: float
    instance: str
    by: str
    balancer: str
    draining: bool


@define
class State:
    """Everything the model knows."""

    groups: dict[str, Group] = Factory(dict)
    machines: dict[str, Machine] = Factory(dict)
    membership: dict[str, str] = Factory(dict)
    balancers: dict[str, Balancer] = Factory(dict)
    balancer_attributes: dict[str, dict[str, str]] = Factory(dict)
    balancer_tags: dict[str, dict[str, str]] = Factory(dict)
    subnets: dict[str, str] = Factory(dict)
    load_balancers: dict[str, dict[str, Any]] = Factory(dict)
    listeners: dict[str, dict[str, Any]] = Factory(dict)
    launch_configurations: dict[str, dict[str, Any]] = Factory(dict)
    launch_templates: dict[str, dict[str, Any]] = Factory(dict)
    template_versions: dict[str, dict[int, dict[str, Any]]] = Factory(dict)
    alarms: dict[str, dict[str, Any]] = Factory(dict)
    composites: dict[str, dict[str, Any]] = Factory(dict)
    alarm_tags: dict[str, dict[str, str]] = Factory(dict)
    deleted_activities: list[Activity] = Factory(list)
    harm: list[Harm] = Factory(list)
    deaths: list[tuple[float, str]] = Factory(list)
    sicknesses: list[tuple[float, str, str]] = Factory(list)
    counter: int = 0

    def member(self, instance: str) -> tuple[Group, Member] | None:
        """Return the group and the membership of ``instance``, if it has one."""
        name = self.membership.get(instance)
        return (self.groups[name], self.groups[name].members[instance]) if name is not None else None

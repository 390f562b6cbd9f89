"""What Auto Scaling knows: groups, their members and their activities. Times are POSIX seconds."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from ..core.options import option
from ..core.state import beside, part

PENDING = ("Pending", "Pending:Wait", "Pending:Proceed")
LEAVING = ("Terminating", "Terminating:Wait", "Terminating:Proceed")

BRIDGE = option("bridge", "completes", among=("completes", "deregisters"))
"""What a standby workflow does when an instance that is still draining is registered again (*unknown*)."""
REACTION = option("reaction", 0.2)
STANDBY = option("standby", 0.2)
HEALTH_LAG = option("health_lag", 1.0)
REBALANCE = option("rebalance", 10.0)
RETRY = option("retry", 15.0)
SCALE_IN = option("scale_in", 0.1)
"""The part of a group that target tracking takes in at most in a minute (*unknown*)."""
LOW_OF_REQUESTS = option("low_of_requests", 0.9)
"""At which part of its target the low alarm of target tracking on requests per target is (*unknown*)."""


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
        if not self.sources:  # a name and an ARN are never the same
            return [*self.classic, *self.target_groups]
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
class Groups:
    """Auto Scaling's part."""

    groups: dict[str, Group] = Factory(dict)
    launch_configurations: dict[str, dict[str, Any]] = Factory(dict)
    deleted_activities: list[Activity] = Factory(list)


@define
class Occupied:
    """How busy (percent) something else than requests keeps the processors of a group at least."""

    percents: dict[str, float] = Factory(dict)


AUTOSCALING = part("autoscaling", Groups)
OCCUPIED = beside("occupied", Occupied)

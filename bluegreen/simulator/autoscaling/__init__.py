"""Auto Scaling: groups, how their members come, go and rest, and the policies and schedules that size them.

Stands on EC2, Elastic Load Balancing and CloudWatch; none of them knows it, it reacts to their signals.
"""

from ..core.services import service
from . import (  # noqa: F401  importing a module registers what it has
    activities,
    attachments,
    autoscaler,
    capacity,
    cron,
    groups,
    health,
    hooks,
    launching,
    leaving,
    lookup,
    members,
    metrics,
    metrics_collection,
    notifications,
    policies,
    policy_checks,
    processes,
    records,
    registration,
    scaling,
    schedules,
    settings,
    signals,
    sources,
    standby,
    state,
    tags,
    victims,
    views,
)

service("autoscaling")

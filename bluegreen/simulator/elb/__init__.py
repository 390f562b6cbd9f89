"""Elastic Load Balancing, both services: classic balancers, target groups, load balancers, their health and the load.

Knows EC2's instances and reports metrics to CloudWatch; of groups it knows nothing.
"""

from ..core.services import service
from . import (  # noqa: F401  importing a module registers what it has
    balancing,
    classic,
    faults,
    load,
    load_balancers,
    lookup,
    routes,
    state,
    tags,
    target_groups,
    traffic,
)

service("elb", prefix="elasticloadbalancing")
service("elbv2", prefix="elasticloadbalancing")
